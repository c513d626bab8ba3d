/// A watch sees the iteration and the iterate.
// expect: no matching function for call to 'cg(
#include <lop/algebra/algebra.hpp>
#include <lop/solvers/solvers.hpp>

using namespace lop;

int main() {
    const ArraySpace<double> space{"x", {3}};
    const Identity a{space};
    const auto x = space.random(1);
#ifdef LOP_MUST_FAIL
    cg(a, x, {}, [](double) {});
#else
    static_cast<void>(cg(a, x, {}, [](const Iteration&, const Array<double>&) {}));
#endif
    return 0;
}
