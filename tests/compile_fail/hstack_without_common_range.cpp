/// The blocks of a horizontal stack share their range, in kind as well.
// expect: the blocks of a stack share the space they have in common
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const ArraySpace<double> x{"x", {3}};
    const Identity a{x};
#ifdef LOP_MUST_FAIL
    const Zero b{x, ArraySpace<float>{"y", {3}}};
#else
    const Zero b{x, x};
#endif
    return sizeof(hstack(a, b)) > 0 && hstack(a, b).label().empty();
}
