/// Options are those of their solver.
// expect: c is neither a start nor options
#include <lop/algebra/algebra.hpp>
#include <lop/solvers/solvers.hpp>

using namespace lop;

int main() {
    const ArraySpace<double> space{"x", {3}};
    const Identity a{space};
    const auto x = space.random(1);
#ifdef LOP_MUST_FAIL
    cg(a, x, LsqrOptions{});
#else
    static_cast<void>(cg(a, x, CgOptions{}));
#endif
    return 0;
}
