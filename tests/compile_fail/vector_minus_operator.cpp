/// Nor do they subtract, in either order.
// expect: A - x: an operator and a vector do not subtract
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
    const Array<double> x{{3}};
#ifdef LOP_MUST_FAIL
    const auto y = x - a;
#else
    const Array<double> y = x - a * x;
#endif
    return sizeof(y) > 0;
}
