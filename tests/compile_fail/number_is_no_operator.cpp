/// What is no operator has no adjoint and does not stack.
// expect: vstack(A, B, ..): all of them are operators
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
#ifdef LOP_MUST_FAIL
    const auto stack = vstack(a, 2.0);
#else
    const auto stack = vstack(a, 2.0 * a);
#endif
    return sizeof(stack) == 0;
}
