/// A solver that serves as an inverse returns x, not all that it knows.
// expect: inverse(A, solver): solver(A, b) returns the vector x with A x = b
#include <lop/algebra/algebra.hpp>
#include <lop/solvers/solvers.hpp>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
#ifdef LOP_MUST_FAIL
    const auto b = inverse(a, [](const auto& op, const auto& y) { return cg(op, y); });
#else
    const auto b = inverse(a, [](const auto& op, const auto& y) { return cg(op, y).x; });
#endif
    return static_cast<int>(b.range().size());
}
