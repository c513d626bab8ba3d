/// Orders of convergence of elastic waves, in space and time, and of acoustic ones of fourth order in time.
#include "support/analytic.hpp"
#include "support/modelled.hpp"
#include "support/series.hpp"
#include <lop/operators/wave/equations.hpp>

#include <algorithm>
#include <cmath>
#include <complex>
#include <doctest/doctest.h>
#include <vector>

using namespace lop;

namespace {

using namespace series;
using modelled::Shot;

/// Grid points every h metres for `half` metres on all sides of the origin, and no layer: nothing is
/// back from the edge before it is compared.
Grid unbounded(double h, double half) {
    const index_t middle = std::lround(std::ceil(half / h - 1e-9));
    const double first = -static_cast<double>(middle) * h;
    return {Shape{2 * middle + 1, 2 * middle + 1}, {h, h}, {first, first}};
}

Array<double> constant(const Grid& grid, double value) {
    Array<double> all{grid.shape()};
    std::fill_n(all.data(), all.size(), value);
    return all;
}

PropagatorOptions bare(int order) { return {.space_order = order, .boundary = {.cells = 0}}; }

// ---- acoustic, fourth order in time -----------------------------------------------------------

constexpr double c = 2000.0, r = 200.0, hertz = 10.0, peak = 0.2;  // m/s, m, Hz, s

/// Driven by the measures s, or by s[n] + (s[n+1] - 2 s[n] + s[n-1])/6: a step at angular frequency w takes
/// (w^2 + X)(1 + dt^2/12 (X - w^2)) where w^2 + X was meant, X = v^2 lap, to fourth order; off the source, where
/// X u = -w^2 u, that leaves a factor of 1 + (w dt)^2/6.
double fourth_order_error(double dt, bool corrected) {
    const int steps = static_cast<int>(std::lround(0.45 / dt));
    const auto w = analytic::ricker(hertz, peak);
    const Series s = analytic::measures(w, dt, steps);
    Series driven = s;
    for (std::size_t n = 1; corrected && n + 1 < s.size(); ++n)
        driven[n] += (s[n + 1] - 2.0 * s[n] + s[n - 1]) / 6.0;
    const Grid grid = unbounded(10, 480);
    const Acoustic<double> medium{Model<double>::from_slowness_squared(
                                      grid, constant(grid, 1.0 / (c * c)), Communicator::self()),
                                  wave::TimeOrder::four};
    const Series found = modelled::record<double>(
        medium, bare(16), {{{Point{}}, {driven}, {Point{120, 0, 160}}}}, dt, steps)[0];
    Series expected;
    for (int n = 0; n < steps; ++n) expected.push_back(analytic::wave_2d(w, c, r, n * dt));
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

}  // namespace

TEST_CASE(
    "acoustic errors in time fall as the fourth power of the step, their source's as the square") {
    double coarse = fourth_order_error(4e-3, true), coarse_source = fourth_order_error(4e-3, false);
    for (const double dt : {2e-3, 1e-3}) {
        const double fine = fourth_order_error(dt, true);
        const double fine_source = fourth_order_error(dt, false);
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
