/// Nor are they projected onto the simplex.
// expect: the simplex is a set of real vectors
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
    return (OntoSimplex{}(x), 0);
}
