/// Orders of convergence, against solutions in closed form: of elastic waves and of acoustic ones of variable density.
#include "support/analytic.hpp"
#include "support/modelled.hpp"
#include "support/series.hpp"
#include <lop/operators/wave/equations.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstddef>
#include <doctest/doctest.h>
#include <string>
#include <utility>
#include <vector>

using namespace lop;

namespace {

using namespace series;
using modelled::Shot;

/// Grid points every h metres for `half` metres on all sides of the origin, and no layer: nothing is
/// back from the edge before it is compared.
Grid unbounded(double h, double half, int dimension = 2) {
    const index_t middle = std::lround(std::ceil(half / h - 1e-9)), n = 2 * middle + 1;
    const double first = -static_cast<double>(middle) * h;
    return dimension == 2 ? Grid{Shape{n, n}, {h, h}, {first, first}}
                          : Grid{Shape{n, n, n}, {h, h, h}, {first, first, first}};
}

Array<double> constant(const Grid& grid, double value) {
    Array<double> all{grid.shape()};
    std::fill_n(all.data(), all.size(), value);
    return all;
}

PropagatorOptions bare(int order) { return {.space_order = order, .boundary = {.cells = 0}}; }

// ---- acoustic, fourth order in time -----------------------------------------------------------

constexpr double c = 2000.0, r = 200.0, hertz = 10.0, peak = 0.2;  // m/s, m, Hz, s

constexpr double even_density = 1700.0;  // kg/m3

/// s[n] + (s[n+1] - 2 s[n] + s[n-1])/6: a step at angular frequency w takes (w^2 + X)(1 + dt^2/12 (X - w^2)) where
/// w^2 + X was meant, X = v^2 lap, to fourth order; off the source, where X u = -w^2 u, that leaves a factor of
/// 1 + (w dt)^2/6.
Series corrected(const Series& s) {
    Series driven = s;
    for (std::size_t n = 1; n + 1 < s.size(); ++n)
        driven[n] += (s[n + 1] - 2.0 * s[n] + s[n - 1]) / 6.0;
    return driven;
}

/// At constant density, or by the equation of variable density, whose wave is rho times as large.
WaveMedium<double> acoustic(const Grid& grid, bool density, wave::TimeOrder order) {
    const auto model = Model<double>::from_slowness_squared(grid, constant(grid, 1.0 / (c * c)),
                                                            Communicator::self());
    if (density) return AcousticDensity<double>{model, constant(grid, even_density), order};
    return Acoustic<double>{model, order};
}

/// Driven by the measures s, or by those corrected.
double fourth_order_error(bool density, double dt, bool is_corrected) {
    const int steps = static_cast<int>(std::lround(0.45 / dt));
    const auto w = analytic::ricker(hertz, peak);
    const Series s = analytic::measures(w, dt, steps);
    const auto medium = acoustic(unbounded(10, 480), density, wave::TimeOrder::four);
    const Series found = modelled::record<double>(
        medium, bare(16), {{{Point{}}, {is_corrected ? corrected(s) : s}, {Point{120, 0, 160}}}},
        dt, steps)[0];
    Series expected;
    for (int n = 0; n < steps; ++n)
        expected.push_back((density ? even_density : 1.0) * analytic::wave_2d(w, c, r, n * dt));
    return relative_error(found, expected);
}

/// A trace, every 4 ms, in a medium whose velocity and density change within a wavelength.
Series trace_of_rough(double dt) {
    const int steps = static_cast<int>(std::lround(0.448 / dt));
    const Grid grid = unbounded(10, 300);
    Array<double> v{grid.shape()}, density{grid.shape()};
    for (index_t i = 0; i < v.size(); ++i) {
        const double x = 0.17 * static_cast<double>(i / grid.shape()[1]);
        const double z = 0.23 * static_cast<double>(i % grid.shape()[1]);
        v.data()[i] = 1900.0 + 150.0 * std::sin(x + z) + 100.0 * std::cos(2.0 * x - z);
        density.data()[i] = 1700.0 + 400.0 * std::cos(x) * std::sin(2.0 * z);
    }
    const AcousticDensity<double> medium{
        Model<double>::from_velocity(grid, v, Communicator::self()), density,
        wave::TimeOrder::four};
    const Series s = analytic::measures(analytic::ricker(hertz, peak), dt, steps);
    const Series all = modelled::record<double>(
        medium, bare(8), {{{Point{}}, {corrected(s)}, {Point{120, 0, 160}}}}, dt, steps)[0];
    Series some;
    const auto every = static_cast<std::size_t>(std::lround(4e-3 / dt));
    for (std::size_t n = 0; n < all.size(); n += every) some.push_back(all[n]);
    return some;
}

/// Of variable density, in a volume, against exact space and stepped time.
double density_error_in_volume(int order, double h) {
    constexpr double dt = 1.5e-3;
    constexpr int steps = 253;
    const Series s = analytic::measures(analytic::ricker(hertz, peak), dt, steps);
    const auto medium = acoustic(unbounded(h, 360, 3), true, wave::TimeOrder::two);
    const Series found = modelled::record<double>(
        medium, bare(order), {{{Point{}}, {s}, {Point{40, 80, 80}}}}, dt, steps)[0];
    Series expected = analytic::stepped_3d(s, dt, c, 120.0, steps);
    for (double& value : expected) value *= even_density;
    return relative_error(found, expected);
}

// ---- elastic ----------------------------------------------------------------------------------

constexpr double vp = 2400.0, vs = 1500.0, rho = 2000.0;  // m/s, kg/m3

/// The velocity along z at (120, 160) m from a force along z, both half a cell below grid points. `stepped`: against
/// the wave in exact space and stepped time, in which 2 sin(w dt / 2) / dt is what w is in continuous time.
double elastic_error(int order, double h, double dt, bool stepped) {
    const int steps = static_cast<int>(std::lround(0.48 / dt));
    const Grid grid = unbounded(h, 680);
    const Elastic<double> medium{grid, constant(grid, vp), constant(grid, vs), constant(grid, rho),
                                 Communicator::self()};
    const double half = h / 2;
    const Shot shot{{Point{0, 0, half}},
                    {analytic::measures(analytic::ricker(hertz, peak), dt, steps)},
                    {Point{120, 0, 160 + half}}};
    const Series found =
        modelled::record<double>(medium, bare(order), {shot}, dt, steps,
                                 {{.quantity = "force z"}, {.quantity = "velocity z"}})[0];
    // Velocities are those half a step before: what a force drives between n and n + 1 is read at n + 1.
    const auto response = [&](double w) {
        const double rate = stepped ? 2.0 * std::sin(w * dt / 2.0) / dt : w;
        return analytic::velocity_of_force(rate, vp, vs, rho, 120, 160) *
               std::polar(1.0, w * dt / 2.0);
    };
    return relative_error(found, analytic::ricker_through(response, hertz, peak, dt, steps));
}

using Offset = std::array<double, 3>;

constexpr double early = 0.13;  // s, of the peak: a volume has no room for late ones

struct Ends {
    std::size_t force, velocity;  ///< axes
};

/// The velocity at an offset from a force, half a step before each step; `stepped` as in a plane.
Series velocity_in_volume(const Offset& at, const Ends& ends, double dt, int steps, bool stepped) {
    if (stepped)
        return analytic::ricker_through(
            [&](double w) {
                return analytic::velocity_of_force_3d(2.0 * std::sin(w * dt / 2.0) / dt, vp, vs,
                                                      rho, at, ends.velocity, ends.force) *
                       std::polar(1.0, w * dt / 2.0);
            },
            hertz, early, dt, steps);
    const auto slope = analytic::ricker_slope(hertz, early);
    Series v;
    for (int n = 0; n < steps; ++n)
        v.push_back(
            analytic::stokes(slope, vp, vs, rho, at, ends.velocity, ends.force, (n - 0.5) * dt));
    return v;
}

/// The largest relative error at three offsets, force and velocities at points of their own.
double elastic_error_in_volume(int order, double h, double dt, const Ends& ends, bool stepped) {
    const int steps = static_cast<int>(std::lround(0.36 / dt));
    const Grid grid = unbounded(h, 480, 3);
    const Elastic<double> medium{grid, constant(grid, vp), constant(grid, vs), constant(grid, rho),
                                 Communicator::self()};
    const auto point = [&](Offset at, std::size_t staggered) {
        at[staggered] += h / 2;
        return Point{at[0], at[1], at[2]};
    };
    const Point source = point({}, ends.force);
    Shot shot{{source}, {analytic::measures(analytic::ricker(hertz, early), dt, steps)}, {}};
    for (const Offset& offset : {Offset{60, 120, 60}, {120, -60, 60}, {-60, 60, 60}})
        shot.receivers.push_back(point(offset, ends.velocity));
    const auto named = [](const char* quantity, std::size_t axis) {
        return ProjectionOptions{.quantity = std::string{quantity} + "xyz"[axis]};
    };
    const Traces found =
        modelled::record<double>(medium, bare(order), {shot}, dt, steps,
                                 {named("force ", ends.force), named("velocity ", ends.velocity)});
    double worst = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
        const Point& receiver = shot.receivers[i];
        const Offset at{receiver.x - source.x, receiver.y - source.y, receiver.z - source.z};
        const Series expected = velocity_in_volume(at, ends, dt, steps, stepped);
        worst = worse(worst, relative_error(found[i], expected));
    }
    return worst;
}

}  // namespace

TEST_CASE(
    "acoustic errors in time fall as the fourth power of the step, their source's as the square") {
    for (const bool density : {false, true}) {
        double coarse = fourth_order_error(density, 4e-3, true),
               coarse_source = fourth_order_error(density, 4e-3, false);
        for (const double dt : {2e-3, 1e-3}) {
            const double fine = fourth_order_error(density, dt, true);
            const double fine_source = fourth_order_error(density, dt, false);
            const double observed = observed_order(coarse, fine, 2);
            const double of_source = observed_order(coarse_source, fine_source, 2);
            MESSAGE("order " << observed << " down to " << dt << " s, where the error is " << fine
                             << "; order " << of_source << " and " << fine_source
                             << " with the source as it is");
            CHECK(std::abs(observed - 4.0) < 0.05);
            CHECK(std::abs(of_source - 2.0) < 0.1);
            coarse = fine;
            coarse_source = fine_source;
        }
        CHECK(coarse < 1e-6);
    }
}

TEST_CASE(
    "errors in time are of fourth order where velocity and density change from point to point") {
    const Series coarse = trace_of_rough(4e-3), middle = trace_of_rough(2e-3),
                 fine = trace_of_rough(1e-3);
    const double first = relative_error(coarse, middle), second = relative_error(middle, fine);
    const double observed = observed_order(first, second, 2);
    MESSAGE("order " << observed << "; from 2 to 1 ms the trace changes by " << second);
    CHECK(std::abs(observed - 4.0) < 0.1);
}

TEST_CASE("errors in space of variable density fall with the order of the scheme, in a volume") {
    for (const int order : {4, 8}) {
        const double coarse = density_error_in_volume(order, 40.0 / 3),
                     fine = density_error_in_volume(order, 10);
        const double observed = observed_order(coarse, fine, 4.0 / 3);
        MESSAGE("order " << order << ": " << observed << " from 13.3 to 10 m, where the error is "
                         << fine);
        CHECK(std::abs(observed - order) < 0.3);
    }
}

TEST_CASE("elastic errors in space fall with the order of the scheme") {
    for (const int order : {2, 4, 8}) {
        const double dt = 1.5e-3;
        const double e10 = elastic_error(order, 10, dt, true),
                     e8 = elastic_error(order, 8, dt, true);
        const double e7 = elastic_error(order, 20.0 / 3, dt, true);
        const double coarse = observed_order(e10, e8, 1.25), fine = observed_order(e8, e7, 1.2);
        MESSAGE("order " << order << ": " << coarse << " from 10 to 8 m, " << fine
                         << " from 8 to 6.67 m, where the error is " << e7);
        CHECK(std::abs(coarse - order) < 0.2);
        CHECK(std::abs(fine - order) < 0.2);
        CHECK(std::abs(fine - order) < std::abs(coarse - order));
    }
}

TEST_CASE("elastic errors in time fall as the square of the step") {
    double coarse = elastic_error(16, 10, 2e-3, false);
    for (const double dt : {1e-3, 5e-4}) {
        const double fine = elastic_error(16, 10, dt, false);
        const double observed = observed_order(coarse, fine, 2);
        MESSAGE("order " << observed << " down to " << dt << " s, where the error is " << fine);
        CHECK(std::abs(observed - 2.0) < 0.01);
        coarse = fine;
    }
    CHECK(coarse < 1.3e-3);
}

TEST_CASE("the waves of Stokes in closed form are those by frequency") {
    constexpr double dt = 2e-3;
    const auto slope = analytic::ricker_slope(hertz, peak);
    double worst = 0;
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 3; ++j) {
            const Offset at{60, 120, -70};
            Series closed_form;
            for (int n = 0; n < 250; ++n)
                closed_form.push_back(analytic::stokes(slope, vp, vs, rho, at, i, j, n * dt));
            const Series by_frequency = analytic::ricker_through(
                [&](double w) { return analytic::velocity_of_force_3d(w, vp, vs, rho, at, i, j); },
                hertz, peak, dt, 250);
            worst = worse(worst, relative_error(by_frequency, closed_form));
        }
    MESSAGE("relative difference at most " << worst);
    CHECK(worst < 1e-12);
}

TEST_CASE("in a volume elastic errors in space fall with the order of the scheme") {
    // From three to four points in the shortest shear wave.
    for (const auto& [order, limit] : {std::pair{4, 0.03}, {8, 1.5e-3}}) {
        const double coarse = elastic_error_in_volume(order, 20, 2e-3, {2, 2}, true),
                     fine = elastic_error_in_volume(order, 15, 2e-3, {2, 2}, true);
        const double observed = observed_order(coarse, fine, 4.0 / 3);
        MESSAGE("order " << order << ": " << observed << " from 20 to 15 m, where the error is "
                         << fine);
        CHECK(std::abs(observed - order) < 0.6);
        CHECK(fine < limit);
    }
    for (const Ends& ends : {Ends{0, 1}, {1, 0}}) {
        const double error = elastic_error_in_volume(8, 15, 2e-3, ends, true);
        MESSAGE("force along axis " << ends.force << ", velocity along " << ends.velocity << ": "
                                    << error);
        CHECK(error < 1e-3);
    }
}

TEST_CASE("in a volume elastic errors in time, against Stokes, fall as the square of the step") {
    const Ends ends{0, 2};
    const double coarse = elastic_error_in_volume(16, 20, 2e-3, ends, false),
                 fine = elastic_error_in_volume(16, 20, 1e-3, ends, false);
    const double observed = observed_order(coarse, fine, 2);
    MESSAGE("order " << observed << " down to 1 ms, where the error is " << fine);
    CHECK(std::abs(observed - 2.0) < 0.1);
    CHECK(fine < 4.5e-3);
}
