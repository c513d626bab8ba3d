/// An operator stands on the left of what it is applied to.
// expect: x * A: an operator stands on the left of its vector
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
    const Array<double> x{{3}};
#ifdef LOP_MUST_FAIL
    const auto y = x * a;
#else
    const auto y = a.H() * x;
#endif
    return sizeof(y) > 0;
}
