/// A wave equation of one's own: acoustic waves in a layered, anisotropic medium (VTI). Modelling, Born modelling,
/// migration and the gradients by all parameters follow from the declaration, and are proved here.
// Run: mpirun -n 2 ./your_own_physics
#include <lop/core/units.hpp>
#include <lop/operators/wave/modeling.hpp>
#include <lop/operators/wave/waves.hpp>
#include <lop/seismic/wavelet.hpp>
#include <lop/testing/dot_test.hpp>

#include <iostream>

using namespace lop;

/// w_t = (d_h s, d_z t),   s_t = v^2 ((1 + 2 epsilon) d_h w_h + sqrt(1 + 2 delta) d_z w_z) + f,
/// t_t = v^2 (sqrt(1 + 2 delta) d_h w_h + d_z w_z) + f,    h the horizontal axes, s and t the stresses along them and
/// along z (Duveneck et al. 2008, SEG Expanded Abstracts 27, 2186-2190, at constant density).
struct Vti {
    static constexpr wave::Physics declare(int dimension) {
        wave::Physics w{dimension};
        const auto v = w.parameter("v", "m/s");
        const auto epsilon = w.parameter("epsilon", "1");
        const auto delta = w.parameter("delta", "1");
        const auto s = w.field("horizontal stress");
        const auto t = w.field("vertical stress");

        wave::Rate horizontal{&w}, vertical{&w};
        for (int axis = 0; axis < dimension; ++axis) {
            const bool is_z = axis == dimension - 1;
            const auto flow = w.field("velocity", w.half(axis));
            w.update(flow, flow + w.dt() * w.d(axis, is_z ? t : s));
            (is_z ? vertical : horizontal) = (is_z ? vertical : horizontal) + w.d(axis, flow);
        }
        const auto c = w.dt() * v * v;
        const auto across = c * sqrt(1 + 2 * delta);
        w.update(s, s + (c * (1 + 2 * epsilon)) * horizontal + across * vertical);
        w.update(t, t + across * horizontal + c * vertical);

        for (const auto stress : {s, t}) {
            w.source("pressure", stress, w.dt());
            w.receiver("pressure", stress, 0.5);
            w.vanishes_at_surface(stress);
        }
        w.speeds(v * sqrt(1 + 2 * epsilon), v);
        return w;
    }
};

int main(int argc, char** argv) {
    const Session session{argc, argv};

    const Grid grid{Shape{61, 51}, {10, 10}};
    const auto filled = [&](double value) {
        Array<double> values{grid.shape()};
        values.fill(value);
        return values;
    };
    const Waves<Vti, double> medium{grid, {filled(2000), filled(0.2), filled(0.1)}};

    const TimeAxis time{.samples = 101, .interval = 4_ms};
    const Projection<double> Ps{shots_at({{200, 0, 60}, {400, 0, 60}}, time)};
    const Projection<double> Pr{
        fixed_spread(line_of_points({50, 0, 30}, {550, 0, 30}, 21), 2, time)};
    const Propagator<double> F{medium, {.free_surface = true}};
    const LinearOperator auto M = Pr * F * Ps.H();

    const auto q = point_sources<double>(Ps.points(), ricker(15_Hz));
    const LinearOperator auto J = jacobian(M, q);
    auto dm = medium.space().random(7);
    for (index_t i = 0; i < dm.size(); ++i) dm.data()[i] *= 0.01 * medium.parameters().data()[i];

    const auto taylor =
        taylor_test([&](const auto& m) { return M.at(m) * q; }, J, medium.parameters(), dm);
    for (const auto& report : {dot_test(M), dot_test(J), taylor}) {
        if (session.root()) std::cout << report.str() << '\n';
        if (!report.pass) return 1;
    }
}
