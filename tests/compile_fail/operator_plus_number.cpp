/// A number is no operator: what NumPy broadcasts is written as a multiple of the identity.
// expect: A + c: an operator and a number do not add: shift(A, c) is A + c I
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
#ifdef LOP_MUST_FAIL
    const auto b = a + 2;
#else
    const auto b = shift(a, 2);
#endif
    return sizeof(b) > 0;
}
