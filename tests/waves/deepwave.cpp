/// The figures of deepwave: waves of points and of a scatterer, against their closed forms.
#include "support/analytic.hpp"
#include "support/modelled.hpp"
#include "support/series.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <doctest/doctest.h>
#include <span>
#include <tuple>
#include <vector>

using namespace lop;

namespace {

using namespace series;
using modelled::Shot;

// The set-up of deepwave's tests of its scalar and Born propagators: cells of 5 m, 1500 m/s, Ricker wavelets of 25 Hz
// that add w dt^2 v^2 to a cell: a measure of w times the volume of the cell. Two shots of two sources in the first
// rows of the middle; the record is long enough for the way across and back. Its figures are norms over all samples
// of the difference from the wave in closed form, in the unit of w. Its layers have 20 and 30 cells, these 10
// where that is enough; it halves the step of 1 ms in three dimensions.
constexpr double speed = 1500.0, spacing = 5.0, hertz = 25.0;
constexpr std::array<double, 4> peaks{0.27729, 0.13379, 0.17092, 0.27042};  // s

struct Setup {
    std::vector<index_t> shape;
    double dt = 1e-4;      ///< s, of the data
    double step = 1e-4;    ///< s, of the propagation
    bool far_side = true;  ///< where the receivers are; otherwise among the sources
    index_t layer = 10;
};

double cell_volume(const Setup& s) {
    return std::pow(spacing, static_cast<double>(s.shape.size()));
}

int steps_of(const Setup& s) {
    double across = 0.0;
    for (const index_t n : s.shape) across = std::hypot(across, static_cast<double>(n) * spacing);
    return static_cast<int>((2.0 * across / speed + 0.35 + 2.0 / hertz) / s.dt);
}

/// In the middle, in a row of the first axis.
Point in_row(const Setup& s, index_t row) {
    const auto middle = [](index_t n) { return spacing * static_cast<double>(n / 2); };
    const double x = spacing * static_cast<double>(row);
    if (s.shape.size() == 2) return {x, 0.0, middle(s.shape[1])};
    return {x, middle(s.shape[1]), middle(s.shape[2])};
}

std::vector<Shot> shots_of(const Setup& s) {
    std::vector<Shot> shots(2);
    for (index_t i = 0; i < 4; ++i) {
        Shot& shot = shots[static_cast<std::size_t>(i / 2)];
        auto measures = analytic::measures(
            analytic::ricker(hertz, peaks[static_cast<std::size_t>(i)]), s.dt, steps_of(s));
        for (double& v : measures) v *= cell_volume(s);
        shot.sources.push_back(in_row(s, i));
        shot.measures.push_back(measures);
        shot.receivers.push_back(in_row(s, s.far_side ? s.shape[0] - 1 - i : i));
    }
    return shots;
}

Modeling<double> modeling(const Setup& s, int order, const std::vector<Shot>& shots) {
    const Grid grid{Shape{std::span<const index_t>{s.shape}},
                    std::vector<double>(s.shape.size(), spacing)};
    Array<double> m{grid.shape()};
    std::fill_n(m.data(), m.size(), 1.0 / (speed * speed));
    const TimeAxis time{steps_of(s), s.dt};
    const PropagatorOptions options{.space_order = order,
                                    .boundary = {.cells = s.layer, .frequency = hertz},
                                    .time_step = s.step};
    return modelled::modeling<double>(
        Acoustic{Model<double>::from_slowness_squared(grid, m, Communicator::self())}, options,
        shots, time, time);
}

/// The traces of all receivers, each the sum of what a response of its way from every source makes.
template <class Response> Traces closed_form(const Setup& s, const std::vector<Shot>& shots,
                                             const Response& response) {
    Traces all;
    std::size_t source = 0;
    for (const Shot& shot : shots) {
        for (const Point& receiver : shot.receivers) {
            Series trace(static_cast<std::size_t>(steps_of(s)));
            for (std::size_t k = 0; k < shot.sources.size(); ++k) {
                const Series part = analytic::ricker_through(
                    [&](double w) { return response(w, shot.sources[k], receiver); }, hertz,
                    peaks[source + k], s.dt, steps_of(s), 4.0);
                for (std::size_t n = 0; n < trace.size(); ++n) trace[n] += part[n];
            }
            all.push_back(trace);
        }
        source += shot.sources.size();
    }
    return all;
}

std::complex<double> green(const Setup& s, double w, const Point& a, const Point& b) {
    const double r = std::hypot(a.x - b.x, a.y - b.y, a.z - b.z), k = w / speed;
    return s.shape.size() == 2 ? analytic::green_2d(k, r) : analytic::green_3d(k, r);
}

double direct_error(const Setup& s, int order) {
    const auto shots = shots_of(s);
    const Traces expected = closed_form(s, shots, [&](double w, const Point& a, const Point& b) {
        return cell_volume(s) * green(s, w, a, b);
    });
    const Traces found = modelled::record(modeling(s, order, shots), shots);
    return norm(minus(joined(found), joined(expected)));
}

/// 150 m/s in one cell of the middle:  m u_tt - lap u = 2 dv/v^3 u_tt  there.
double born_error(const Setup& s, int order) {
    const auto shots = shots_of(s);
    const double strength = 2.0 * 150.0 / std::pow(speed, 3);
    const Point scatterer = in_row(s, s.shape[0] / 2);
    const Traces expected = closed_form(s, shots, [&](double w, const Point& a, const Point& b) {
        const double v = cell_volume(s);
        return -strength * w * w * v * green(s, w, scatterer, b) * v * green(s, w, a, scatterer);
    });
    const auto M = modeling(s, order, shots);
    const auto J = jacobian(M, modelled::sources(M, shots));
    auto dm = J.domain().zeros();
    index_t cell = 0;
    for (const index_t n : s.shape) cell = cell * n + n / 2;
    dm.data()[cell] = -strength;
    const Traces found = modelled::traces<double>(J * dm);
    return norm(minus(joined(found), joined(expected)));
}

}  // namespace

TEST_CASE("direct waves are at least as near to the analytic ones as deepwave's") {
    for (const auto& [order, plane, volume] :
         {std::tuple{4, 1.48, 0.5}, std::tuple{8, 0.048, 0.04}}) {
        const double in_plane = direct_error({.shape = {50, 50}, .layer = 20}, order);
        const double in_volume = direct_error({.shape = {10, 10, 10}}, order);
        MESSAGE("order " << order << ": " << in_plane << " in two dimensions (deepwave " << plane
                         << "), " << in_volume << " in three (" << volume << ")");
        CHECK(in_plane < plane);
        CHECK(in_volume < volume);
    }
}

TEST_CASE("scattered waves are at least as near to the analytic ones as deepwave's") {
    for (const auto& [order, dt, plane, volume] :
         {std::tuple{4, 1e-3, 0.0025, 0.0012}, std::tuple{8, 1e-4, 0.00062, 0.00075}}) {
        const double in_plane = born_error({{50, 50}, dt, dt, false}, order);
        const double in_volume = born_error({{10, 10, 10}, dt, std::min(dt, 5e-4), false}, order);
        MESSAGE("order " << order << ": " << in_plane << " in two dimensions (deepwave " << plane
                         << "), " << in_volume << " in three (" << volume << ")");
        CHECK(in_plane < plane);
        CHECK(in_volume < volume);
    }
}
