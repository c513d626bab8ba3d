/// The blocks of a vertical stack share their domain, in kind as well.
// expect: the blocks of a stack share the space they have in common
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
#ifdef LOP_MUST_FAIL
    const ArraySpace<float> x{"x", {3}};
    const auto to_double = make_operator(
        x, ArraySpace<double>{"y", {3}}, [](const Array<float>&, Array<double>& y) { y.fill(0); },
        [](const Array<double>&, Array<float>& x) { x.fill(0); });
    const auto stack = vstack(a, to_double);
#else
    const auto stack = vstack(a, a);
#endif
    return static_cast<int>(stack.range().size());
}
