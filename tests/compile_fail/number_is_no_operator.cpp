/// What is no operator has no adjoint and does not stack.
// expect: no matching function for call to 'vstack(
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
#ifdef LOP_MUST_FAIL
    const auto stack = vstack(a, 2.0);
#else
    const auto stack = vstack(a, 2.0 * a);
#endif
    return static_cast<int>(stack.range().size());
}
