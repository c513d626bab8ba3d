/// A power of an operator is a product of copies: its exponent is whole.
// expect: pow(A, n): the exponent is a whole number
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
#ifdef LOP_MUST_FAIL
    const auto b = pow(a, 0.5);
#else
    const auto b = pow(a, 2);
#endif
    return sizeof(b) > 0;
}
