/// The same with a minus.
// expect: A - c: an operator and a number do not subtract: shift(A, -c)
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
#ifdef LOP_MUST_FAIL
    const auto b = a - 2.0;
#else
    const auto b = shift(a, -2.0);
#endif
    return sizeof(b) > 0;
}
