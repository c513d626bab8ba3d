/// A start lies in the domain of the operator.
// expect: x0
#include <lop/algebra/algebra.hpp>
#include <lop/solvers/solvers.hpp>

using namespace lop;

int main() {
    const ArraySpace<double> space{"x", {3}};
    const Identity a{space};
    const auto x = space.random(1);
    const Array<float> y{{3}};
    static_cast<void>(y);
#ifdef LOP_MUST_FAIL
    lsqr(a, x, y);
#else
    static_cast<void>(lsqr(a, x, x));
#endif
    return 0;
}
