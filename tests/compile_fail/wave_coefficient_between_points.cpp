/// A coefficient of parameters has no value between the points of the grid.
// expect: a coefficient of a staggered field without at(field, expression)
#include <lop/operators/wave/equation.hpp>

using namespace lop;

constexpr wave::Physics declaration() {
    wave::Physics w{2};
    const auto v = w.parameter("v", "m/s");
    const auto u = w.field("u");
    const auto q = w.field("q", w.half(0));
    w.update(q, q + w.dt() * w.d(0, u));
#ifdef LOP_MUST_FAIL
    w.update(u, u + w.dt() * w.d(0, q));
    w.update(w.field("r", w.half(1)), (w.dt() * v) * w.d(1, u));
#else
    w.update(u, u + (w.dt() * v * v) * w.d(0, q));
#endif
    return w;
}

static_assert(wave::forward_program(declaration()).stages.count == 2);

int main() {}
