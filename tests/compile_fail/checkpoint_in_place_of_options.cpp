/// A checkpoint stands behind the options.
// expect: solver(A, b, c): c is neither a start nor options
#include <lop/algebra/algebra.hpp>
#include <lop/solvers/solvers.hpp>

using namespace lop;

int main() {
    const ArraySpace<double> space{"x", {3}};
    const Identity a{space};
    const auto b = space.random(1);
    const MemoryCheckpoint kept;
#ifdef LOP_MUST_FAIL
    const auto y = lsqr(a, b, kept).x;
#else
    const auto y = lsqr(a, b, {}, kept).x;
#endif
    return sizeof(y) > 0;
}
