/// A declaration names the speeds that time step and layers follow from.
// expect: a wave equation without speeds(fastest, slowest)
#include <lop/operators/wave/equation.hpp>

using namespace lop;

constexpr wave::Physics declaration() {
    wave::Physics w{2};
    const auto v = w.parameter("v", "m/s");
    const auto u = w.field("u");
    const auto q = w.field("q", w.half(0));
    w.update(q, q + w.dt() * w.d(0, u));
    w.update(u, u + (w.dt() * v * v) * w.d(0, q));
    w.source("u", u, w.constant(1));
    w.receiver("u", u);
#ifndef LOP_MUST_FAIL
    w.speeds(v);
#endif
    return w;
}

static_assert(wave::forward_program(wave::whole(declaration())).stages.count == 2);

int main() {}
