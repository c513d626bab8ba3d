/// Sources that fill the model: weights over its grid times a wavelet for each shot.
#include "small_waves.hpp"
#include <lop/core/error.hpp>
#include <lop/operators/wave/extended.hpp>
#include <lop/seismic/wavelet.hpp>

#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>
#include <numbers>
#include <string>

using namespace lop;
using namespace small_waves;

namespace {

template <Scalar T> WaveletProjection<T> filling(const Grid& grid, const std::string& quantity = {},
                                                 TimeAxis time = short_time) {
    const Geometry shots = scattered(grid, 1, 3, time);
    auto wavelets = point_sources<T>(shots, ricker(20));
    for (index_t i = 0; i < wavelets.size(); ++i)  // another one for each shot
        wavelets.data()[i] *= static_cast<T>(shots.first_shot() + i / time.samples + 1);
    return {grid, shots, wavelets, {.quantity = quantity}};
}

}  // namespace

TEST_CASE("sources that fill the model have exact adjoints and Jacobians") {
    for (const Case& c : cases) {
        CAPTURE(c.dimension);
        CAPTURE(c.free_surface);
        CAPTURE(c.inside);
        const auto check = [&]<class T>(T) {
            const auto F = acoustic<T>(c);
            check_exact(F, {}, filling<T>(F.medium().grid()));
            const auto E = elastic<T>(c);
            check_exact(E, {.quantity = "velocity z"}, filling<T>(E.medium().grid(), "pressure"));
            check_exact(E, {}, filling<T>(E.medium().grid(), "force x"));
        };
        check(double{});
        check(float{});
    }
}

TEST_CASE("the adjoint may come first, and on grids beyond the caches") {
    const Case large{.is_large = true};
    const auto check = [](const auto& F, const ProjectionOptions& receivers,
                          const WaveletProjection<float>& Pw) {
        const Projection<float> Pr{scattered(F.medium().grid(), 4, 7, short_time), receivers};
        const auto M = Pr * F * Pw.H();
        CHECK(norm(M.H() * M.range().random(3)) > 0);
        check_exact(F, receivers, Pw);
    };
    const auto F = acoustic<float>(large);
    check(F, {}, filling<float>(F.medium().grid()));
    const auto E = elastic<float>(large);
    check(E, {.quantity = "velocity z"}, filling<float>(E.medium().grid(), "pressure"));
}

TEST_CASE("a source over the model that is one point is that point's, near a free surface too") {
    for (const Case& c : {Case{2, true, false}, Case{3, false, true}})
        for (const index_t row : {1, 9}) {
            CAPTURE(row);
            const auto F = acoustic<double>(c);
            const Grid& grid = F.medium().grid();
            const auto Pw = filling<double>(grid);
            const Projection<double> Pr{scattered(grid, 4, 7, short_time)};
            const auto M = Pr * F * Pw.H();
            auto weights = M.domain().zeros();
            const index_t size = grid.size();
            const index_t nz = grid.shape()[c.dimension - 1];
            const index_t ny = c.dimension == 3 ? grid.shape()[1] : 1;
            for (index_t shot = 0; shot * size < weights.size(); ++shot)
                weights.data()[shot * size + (8 * ny + (c.dimension == 3 ? 7 : 0)) * nz + row] = 1;
            Point at{
                grid.origin(0) + 8 * grid.spacing(0), 0,
                grid.origin(c.dimension - 1) + static_cast<double>(row) * grid.depth_spacing()};
            if (c.dimension == 3) at.y = grid.origin(1) + 7 * grid.spacing(1);
            const Projection<double> Ps{shots_at({at, at, at}, short_time, world())};
            const auto found = M * weights;
            const auto expected = Pr * F * Ps.H() * Pw.wavelets();
            CHECK(norm(expected) > 0);
            CHECK(std::equal(found.data(), found.data() + found.size(), expected.data()));
        }
}

TEST_CASE("the fused product of a source over the model equals its three factors") {
    for (const Case& c : {Case{2, true, false}, Case{3, false, false}}) {
        const auto F = acoustic<double>(c);
        const Grid& grid = F.medium().grid();
        const TimeAxis time{8, 0.004};
        const auto Pw = filling<double>(grid, {}, time);
        const Projection<double> Pr{scattered(grid, 4, 7, time)};
        const auto M = Pr * F * Pw.H();
        static_assert(std::same_as<decltype(M), const ExtendedModeling<double>>);
        static_assert(std::same_as<decltype(Pr * (F * Pw.H())), ExtendedModeling<double>>);
        static_assert(
            std::same_as<decltype(Pw * F.H() * Pr.H()), Adjoint<ExtendedModeling<double>>>);
        static_assert(
            std::same_as<decltype(Pw * (F.H() * Pr.H())), Adjoint<ExtendedModeling<double>>>);
        const auto B = F.bound(Pr.points(), M.steps());
        const auto Pwb = Pw.bound(B);
        const auto weights = M.domain().random(1);
        const auto d = M * weights;
        CHECK(norm(d - Pr.bound(B) * (B * (Pwb.H() * weights))) <= 1e-13 * norm(d));
        // The adjoint is the wavelet times the adjoint field, summed over the steps.
        const auto image = M.H() * d;
        CHECK(norm(image - Pwb * (B.H() * (Pr.bound(B).H() * d))) <= 1e-13 * norm(image));
        lop::testing::check_reports({dot_test(Pwb), dot_test(B * Pw.H())});
        CHECK((B * Pw.H()).label() == "F * Pw.H()");
    }
}

TEST_CASE("weights along a row make the plane wave of a sheet, of its amplitude") {
    // m u_tt - u_zz = w(t) delta(z):  u = c/2 W(t - |z|/c), W the integral of w; until waves come from the ends.
    constexpr double c = 2000, f = 10, peak = 0.15;
    const Grid grid{Shape{181, 41}, {10, 10}};
    Array<double> v{grid.shape()};
    v.fill(c);
    const TimeAxis time{340, 0.001};
    const Propagator<double> F{Acoustic{Model<double>::from_velocity(grid, v, world())},
                               {.space_order = 8, .time_step = 0.001}};
    const Geometry shots = shots_at({{900, 0, 0}}, time, world());
    const auto M =
        Projection<double>{shots_at({{904, 0, 283}}, time, world())} * F *
        WaveletProjection<double>{grid, shots, point_sources<double>(shots, ricker(f, peak))}.H();
    auto weights = M.domain().zeros();
    for (index_t i = 12; i < weights.size(); i += 41) weights.data()[i] = grid.spacing(0);
    const auto d = M * weights;
    double error = 0, size = 0;
    for (index_t n = 0; n < d.size(); ++n) {
        const double t = 0.001 * static_cast<double>(n) - (283 - 120) / c - peak;
        const double expected = c / 2 * t * std::exp(-std::pow(std::numbers::pi * f * t, 2));
        error += std::pow(d.data()[n] - expected, 2);
        size += expected * expected;
    }
    if (d.size() == 0) return;  // the shot is on another rank
    MESSAGE("relative error " << std::sqrt(error / size));
    CHECK(error < 1e-6 * size);
}

TEST_CASE("J of a source over the model is the derivative by the medium") {
    const auto F = acoustic<double>({2, true, false});
    const Grid& grid = F.medium().grid();
    const TimeAxis time{50, 0.004};
    const auto Pw = filling<double>(grid, {}, time);
    const auto M = Projection<double>{scattered(grid, 4, 7, time)} * F * Pw.H();
    const auto weights = M.domain().random(2);
    const auto& m = M.medium().parameters();
    auto dm = M.medium().space().random(8);
    dm *= 0.05 / norm(dm) * norm(m);
    const auto report =
        taylor_test([&](const auto& x) { return M.at(x) * weights; }, jacobian(M, weights), m, dm);
    INFO(report.str());
    CHECK(report.pass);
}

TEST_CASE("a source over another grid, or without a wavelet for each shot, is refused") {
    const auto F = acoustic<double>({});
    const Grid grid = grid_of({});
    const Projection<double> Pr{scattered(grid, 4, 7, short_time)};
    CHECK_THROWS_WITH_AS(Pr * F * filling<double>(Grid{Shape{9, 9}, {10, 10}}).H(),
                         doctest::Contains("a source over a model of another grid"), GeometryError);
    const Geometry two = scattered(grid, 2, 3, short_time);
    CHECK_THROWS_WITH_AS(
        (WaveletProjection<double>{grid, two, point_sources<double>(two, ricker(20))}),
        doctest::Contains("2 of shot 0"), GeometryError);
    const Geometry one = scattered(grid, 1, 3, short_time);
    CHECK_THROWS_AS((WaveletProjection<double>{grid, one, point_sources<double>(two, ricker(20))}),
                    SpaceError);
    CHECK_THROWS_WITH_AS(filling<double>(grid).domain(), doctest::Contains("no wavefields"),
                         GeometryError);
    CHECK_THROWS_WITH_AS(Pr * F * filling<double>(grid, "force x").H(),
                         doctest::Contains("one that the wave equation has: pressure"),
                         ArgumentError);
}
