/// What a proximal method shrinks by has a proximal operator.
// expect: has no prox(x, tau, y)
#include <lop/algebra/algebra.hpp>
#include <lop/solvers/solvers.hpp>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
    const Array<double> x{{3}};
#ifdef LOP_MUST_FAIL
    const auto y = fista(a, x, 0.1).x;
#else
    const auto y = fista(a, x, L1{0.1}).x;
#endif
    return sizeof(y) > 0;
}
