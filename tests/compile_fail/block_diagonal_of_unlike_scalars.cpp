/// Blocks on a diagonal share their scalars.
// expect: the blocks of a stack share one scalar type
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
#ifdef LOP_MUST_FAIL
    const Identity b{ArraySpace<float>{"x", {3}}};
#else
    const Identity b{ArraySpace<double>{"x", {3}}};
#endif
    return static_cast<int>(block_diagonal(a, b).range().size());
}
