/// Complex numbers are not clipped to bounds.
// expect: complex numbers have no order: a box is for real vectors
#include <lop/algebra/algebra.hpp>
#include <lop/solvers/solvers.hpp>

#include <complex>

using namespace lop;

int main() {
#ifdef LOP_MUST_FAIL
    Array<std::complex<double>> x{{3}};
#else
    Array<double> x{{3}};
#endif
    return (Box{.lower = 0}.prox(x, 1, x), 0);
}
