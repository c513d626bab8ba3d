/// A field of a wave equation has one update in a step.
// expect: a field with two updates in one step
#include <lop/operators/wave/equation.hpp>

using namespace lop;

constexpr wave::Physics declaration() {
    wave::Physics w{2};
    const auto v = w.parameter("v", "m/s");
    const auto u = w.field("u");
    const auto q = w.field("q", w.half(0));
    w.update(q, q + w.dt() * w.d(0, u));
    w.update(u, u + (w.dt() * v * v) * w.d(0, q));
#ifdef LOP_MUST_FAIL
    w.update(u, u + w.dt() * w.d(0, q));
#endif
    return w;
}

static_assert(wave::forward_program(declaration()).stages.count == 2);

int main() {}
