/// Tests of modelled waves against a plain code of their own and against solutions in closed form.
#include "support/analytic.hpp"
#include "support/modelled.hpp"
#include "support/public_data.hpp"
#include "support/series.hpp"
#include "support/textbook.hpp"
#include <lop/seismic/wavelet.hpp>

#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <numbers>
#include <span>
#include <string>
#include <vector>

using namespace lop;

namespace {

using namespace series;
using modelled::record;
using modelled::Shot;
using std::numbers::pi;

// ---- lop --------------------------------------------------------------------------------------

struct Setup {
    Grid grid;
    Series m;  ///< s2/m2, one per grid point
    PropagatorOptions options{};
    Interpolation interpolation = Interpolation::sinc;
    double layer_velocity = 0;  ///< m/s, of the textbook's layers; 0: the largest of m
};

template <Scalar T> WaveMedium<T> medium(const Setup& setup) {
    Array<T> m{setup.grid.shape()};
    std::transform(setup.m.begin(), setup.m.end(), m.data(),
                   [](double v) { return static_cast<T>(v); });
    return Acoustic{Model<T>::from_slowness_squared(setup.grid, m, Communicator::self())};
}

modelled::Points interpolated(const Setup& setup) {
    return {{setup.interpolation}, {setup.interpolation}};
}

template <Scalar T>
Modeling<T> modeling(const Setup& setup, const std::vector<Shot>& shots, const TimeAxis& driven,
                     const TimeAxis& recorded) {
    return modelled::modeling<T>(medium<T>(setup), setup.options, shots, driven, recorded,
                                 interpolated(setup));
}

/// Shots driven, propagated and recorded at the steps of one axis: nothing is resampled.
template <Scalar T = double>
Traces record(const Setup& setup, const std::vector<Shot>& shots, double dt, int steps) {
    return modelled::record<T>(medium<T>(setup), setup.options, shots, dt, steps,
                               interpolated(setup));
}

Setup homogeneous(double c, Grid grid, PropagatorOptions options = {}) {
    const auto size = static_cast<std::size_t>(grid.size());
    return {std::move(grid), Series(size, 1.0 / (c * c)), options};
}

// ---- the textbook's view of a set-up ----------------------------------------------------------

/// I0, the modified Bessel function of the first kind, by its power series.
double bessel_i0(double x) {
    double term = 1.0, sum = 1.0;
    for (int k = 1; term > 1e-17 * sum; ++k) {
        term *= x * x / (4.0 * k * k);
        sum += term;
    }
    return sum;
}

struct AxisTap {
    long index;
    double weight;
};

/// How a point `position` cells along an axis is read: the straight line between its neighbours, or
/// sinc(x) I0(b sqrt(1 - (x/4)^2)) / I0(b), b = 6.31, over the eight nearest (Hicks 2002),
/// scaled to the sum of one.
std::vector<AxisTap> axis_taps(double position, Interpolation interpolation) {
    const long below = std::lround(std::floor(position + 1e-9));
    const double part = position - static_cast<double>(below);
    if (part < 1e-9) return {{below, 1.0}};
    if (interpolation == Interpolation::linear) return {{below, 1.0 - part}, {below + 1, part}};
    std::vector<AxisTap> taps;
    double sum = 0.0;
    for (long j = -3; j <= 4; ++j) {
        const double x = static_cast<double>(j) - part;
        const double window = bessel_i0(6.31 * std::sqrt(1.0 - x * x / 16.0)) / bessel_i0(6.31);
        taps.push_back({below + j, std::sin(pi * x) / (pi * x) * window});
        sum += taps.back().weight;
    }
    for (AxisTap& tap : taps) tap.weight /= sum;
    return taps;
}

/// Cells that the textbook's grid has before the model's.
long cells_before(const Setup& setup, int axis) {
    const bool surface = setup.options.free_surface && axis + 1 == setup.grid.dimension();
    return setup.options.boundary.inside || surface ? 0 : setup.options.boundary.cells;
}

/// The model and its layers, in which it goes on as it is at its edge.
textbook::Acoustic textbook_problem(const Setup& setup, double dt, int steps) {
    const Pml& layer = setup.options.boundary;
    textbook::Acoustic problem;
    for (int axis = 0; axis < setup.grid.dimension(); ++axis) {
        problem.shape.push_back(setup.grid.shape()[axis] + cells_before(setup, axis) +
                                (layer.inside ? 0 : layer.cells));
        problem.spacing.push_back(setup.grid.spacing(axis));
    }
    long size = 1;
    for (long n : problem.shape) size *= n;
    for (long cell = 0; cell < size; ++cell) {
        long inside = 0, stride = 1, rest = cell;
        for (int axis = setup.grid.dimension() - 1; axis >= 0; --axis) {
            const long n = setup.grid.shape()[axis];
            const long padded = problem.shape[static_cast<std::size_t>(axis)];
            inside += stride * std::clamp(rest % padded - cells_before(setup, axis), 0L, n - 1);
            rest /= padded;
            stride *= n;
        }
        problem.m.push_back(setup.m[static_cast<std::size_t>(inside)]);
    }
    problem.dt = dt;
    problem.nt = steps;
    problem.order = setup.options.space_order;
    problem.layer = {layer.cells, layer.reflection, layer.frequency, setup.layer_velocity};
    problem.free_surface = setup.options.free_surface;
    return problem;
}

/// A point as cells of the textbook's grid. Those above a free surface count as their odd images.
textbook::Receiver taps_of(const Setup& setup, const textbook::Acoustic& problem,
                           const Point& point) {
    textbook::Receiver taps{{0, 1.0}};
    for (int axis = 0; axis < setup.grid.dimension(); ++axis) {
        const Grid& grid = setup.grid;
        const double position =
            (grid.coordinate(point, axis) - grid.origin(axis)) / grid.spacing(axis);
        const bool folds = problem.free_surface && axis + 1 == grid.dimension();
        textbook::Receiver product;
        for (const textbook::Tap& outer : taps) {
            for (auto [index, weight] : axis_taps(position, setup.interpolation)) {
                if (folds && index < 0) index = -index, weight = -weight;
                product.push_back({outer.cell * problem.shape[static_cast<std::size_t>(axis)] +
                                       index + cells_before(setup, axis),
                                   outer.weight * weight});
            }
        }
        taps = product;
    }
    return taps;
}

Traces textbook_record(const Setup& setup, const std::vector<Shot>& shots, double dt, int steps) {
    const textbook::Acoustic problem = textbook_problem(setup, dt, steps);
    Traces all;
    for (const Shot& shot : shots) {
        std::vector<textbook::Source> sources;
        std::vector<textbook::Receiver> receivers;
        for (std::size_t s = 0; s < shot.sources.size(); ++s)
            sources.push_back({taps_of(setup, problem, shot.sources[s]), shot.measures[s]});
        for (const Point& point : shot.receivers)
            receivers.push_back(taps_of(setup, problem, point));
        for (const Series& x : textbook::acoustic(problem, sources, receivers)) all.push_back(x);
    }
    return all;
}

// ---- a rough medium ---------------------------------------------------------------------------

/// Waves in all directions, a gradient with depth and a step of 400 m/s: 1800 to 2900 m/s.
double rough_velocity(double x, double y, double z) {
    const double step = z > 0.5 && x > 0.3 ? 400.0 : 0.0;
    return 2000.0 + 300.0 * z + step + 100.0 * std::sin(9.0 * x + 3.0 * z) * std::cos(5.0 * y) +
           80.0 * std::cos(11.0 * z - 4.0 * y);
}

/// x, y and z of the unit cube, stretched over the grid.
Point within(const Grid& grid, double x, double y, double z) {
    const auto along = [&](int axis, double u) {
        return grid.origin(axis) + u * (grid.last(axis) - grid.origin(axis));
    };
    const int depth = grid.dimension() - 1;
    return {along(0, x), depth == 2 ? along(1, y) : 0.0, along(depth, z)};
}

Setup rough_setup(Grid grid, PropagatorOptions options, Interpolation interpolation) {
    Setup setup{std::move(grid), {}, options, interpolation};
    const Shape& shape = setup.grid.shape();
    const bool planar = shape.rank() == 2;
    for (index_t i = 0; i < shape[0]; ++i)
        for (index_t j = 0; j < (planar ? 1 : shape[1]); ++j)
            for (index_t k = 0; k < shape[shape.rank() - 1]; ++k) {
                const auto part = [&](index_t index, int axis) {
                    return static_cast<double>(index) / static_cast<double>(shape[axis] - 1);
                };
                const double v = rough_velocity(part(i, 0), planar ? 0.0 : part(j, 1),
                                                part(k, shape.rank() - 1));
                setup.m.push_back(1.0 / (v * v));
            }
    return setup;
}

/// Two shots of two sources each, beside the grid's points, near its edges and on its corner.
std::vector<Shot> rough_shots(const Grid& grid, double dt, int steps) {
    const auto wavelet = [&](double scale, double frequency, double peak) {
        Series s = analytic::measures(analytic::ricker(frequency, peak), dt, steps);
        for (double& v : s) v *= scale;
        return s;
    };
    const auto at = [&](double x, double y, double z) { return within(grid, x, y, z); };
    return {{{at(0.413, 0.377, 0.024), at(0.52, 0.61, 0.55)},
             {wavelet(1.0, 20.0, 0.05), wavelet(-0.7, 28.0, 0.03)},
             {at(0.0, 0.0, 0.0), at(0.131, 0.82, 0.017), at(0.77, 0.48, 0.93), at(0.5, 0.5, 0.5)}},
            {{at(0.02, 0.98, 0.31), at(0.9, 0.2, 0.7)},
             {wavelet(0.4, 24.0, 0.04), wavelet(1.2, 20.0, 0.05)},
             {at(1.0, 1.0, 1.0), at(0.45, 0.41, 0.008), at(0.05, 0.95, 0.35)}}};
}

/// The largest |lop - textbook| / |textbook| of a trace.
double difference_from_textbook(const Setup& setup, double dt, int steps) {
    const std::vector<Shot> shots = rough_shots(setup.grid, dt, steps);
    const Traces found = record(setup, shots, dt, steps);
    const Traces expected = textbook_record(setup, shots, dt, steps);
    REQUIRE(found.size() == expected.size());
    double worst = 0.0;
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (norm(expected[i]) == 0.0) {  // on a free surface
            CHECK(norm(found[i]) == 0.0);
            continue;
        }
        worst = worse(worst, relative_error(found[i], expected[i]));
    }
    return worst;
}

// ---- a homogeneous medium ---------------------------------------------------------------------

// A Ricker wavelet of 10 Hz in 2000 m/s: a wavelength of 200 m; the shortest wave (25 Hz) of 80 m.
constexpr double c = 2000.0;  // m/s
const analytic::Pulse pulse = analytic::ricker(10.0, 0.2);

/// Grid points every `spacing` metres for at least `half` metres on all sides of the origin; no
/// layer. Waves from about the origin are not back from the edge before they are compared.
Setup unbounded(const std::vector<double>& spacing, double half, int order) {
    std::vector<index_t> shape;
    std::vector<double> origin;
    for (double h : spacing) {
        const index_t middle = std::lround(std::ceil(half / h - 1e-9));
        shape.push_back(2 * middle + 1);
        origin.push_back(-static_cast<double>(middle) * h);
    }
    return homogeneous(c, {Shape{std::span<const index_t>{shape}}, spacing, origin},
                       {.space_order = order, .boundary = {.cells = 0}});
}

/// The trace of one receiver and one source, all at the steps of the propagation.
Series trace(const Setup& setup, const Point& source, const Series& measures, const Point& receiver,
             double dt, int steps) {
    return record(setup, {{{source}, {measures}, {receiver}}}, dt, steps)[0];
}

double distance(const Point& a, const Point& b) {
    return std::hypot(a.x - b.x, a.y - b.y, a.z - b.z);
}

}  // namespace

TEST_CASE("waves in a rough plane are those of a textbook, layers and free surface included") {
    double worst = 0.0;
    for (const int order : {2, 4, 8, 16})
        for (const bool free_surface : {false, true})
            for (const auto interpolation : {Interpolation::linear, Interpolation::sinc}) {
                CAPTURE(order);
                CAPTURE(free_surface);
                const Pml layer{.cells = 9, .reflection = 1e-4, .frequency = 12};
                const Setup setup = rough_setup({Shape{31, 27}, {10, 12}, {-50, 30}},
                                                {order, layer, free_surface}, interpolation);
                const double difference = difference_from_textbook(setup, 1.2e-3, 200);
                CHECK(difference < 1e-10);
                worst = worse(worst, difference);
            }
    MESSAGE("relative difference at most " << worst);
}

TEST_CASE("waves in a plane whose layers lie inside the model are those of a textbook") {
    for (const bool free_surface : {false, true}) {
        const Pml layer{.cells = 8, .frequency = 12, .inside = true};
        const Setup setup =
            rough_setup({Shape{41, 37}, {12, 10}}, {8, layer, free_surface}, Interpolation::linear);
        CHECK(difference_from_textbook(setup, 1.2e-3, 200) < 1e-10);
    }
}

TEST_CASE("waves in a rough volume are those of a textbook, layers and free surface included") {
    double worst = 0.0;
    for (const int order : {2, 4, 8})
        for (const bool free_surface : {false, true}) {
            CAPTURE(order);
            CAPTURE(free_surface);
            const Pml layer{.cells = 5, .reflection = 1e-3, .frequency = 12};
            const Setup setup = rough_setup(
                {Shape{17, 15, 16}, {10, 12, 11}, {0, 100, 20}}, {order, layer, free_surface},
                order == 4 ? Interpolation::linear : Interpolation::sinc);
            const double difference = difference_from_textbook(setup, 1.2e-3, 80);
            CHECK(difference < 1e-10);
            worst = worse(worst, difference);
        }
    MESSAGE("relative difference at most " << worst);
}

TEST_CASE("another medium in the same modelling keeps the layers of the first") {
    const double dt = 1.2e-3;
    const int steps = 200;
    Setup setup =
        rough_setup({Shape{31, 27}, {10, 12}}, {.boundary = {.cells = 9}}, Interpolation::sinc);
    const std::vector<Shot> shots = rough_shots(setup.grid, dt, steps);
    setup.layer_velocity = 1.0 / std::sqrt(*std::min_element(setup.m.begin(), setup.m.end()));
    setup.options.time_step = dt;
    const auto M = modeling<double>(setup, shots, {steps, dt}, {steps, dt});
    auto m = M.medium().parameters();
    for (index_t i = 0; i < m.size(); ++i) {
        m.data()[i] *= 1.5 + 0.1 * std::sin(static_cast<double>(i));
        setup.m[static_cast<std::size_t>(i)] = m.data()[i];
    }
    CHECK(relative_error(joined(record(M.at(m), shots)),
                         joined(textbook_record(setup, shots, dt, steps))) < 1e-10);
}

TEST_CASE("errors in space fall with the order of the scheme, in two dimensions") {
    const double dt = 1.5e-3;
    const int steps = 300;
    const Series s = analytic::measures(pulse, dt, steps);
    const Series expected = analytic::stepped_2d(s, dt, c, 200.0, steps);
    const auto error = [&](int order, double h) {
        const Setup setup = unbounded({h, h}, 480, order);
        return relative_error(trace(setup, {}, s, {120, 0, 160}, dt, steps), expected);
    };
    for (const int order : {2, 4, 8}) {
        const double e10 = error(order, 10), e8 = error(order, 8), e7 = error(order, 20.0 / 3);
        const double coarse = observed_order(e10, e8, 1.25), fine = observed_order(e8, e7, 1.2);
        MESSAGE("order " << order << ": " << coarse << " from 10 to 8 m, " << fine
                         << " from 8 to 6.67 m, where the error is " << e7);
        CHECK(std::abs(coarse - order) < 0.2);
        CHECK(std::abs(fine - order) < 0.2);
        CHECK(std::abs(fine - order) < std::abs(coarse - order));
    }
    CHECK(error(16, 8) < 5e-11);
}

TEST_CASE("errors in space fall with the order of the scheme, in three dimensions") {
    const double dt = 1.5e-3;
    const int steps = 253;
    const Series s = analytic::measures(pulse, dt, steps);
    const Series expected = analytic::stepped_3d(s, dt, c, 120.0, steps);
    const auto error = [&](int order, double h) {
        const Setup setup = unbounded({h, h, h}, 360, order);
        return relative_error(trace(setup, {}, s, {40, 80, 80}, dt, steps), expected);
    };
    for (const int order : {4, 8}) {
        const double coarse = error(order, 10), fine = error(order, 8);
        const double observed = observed_order(coarse, fine, 1.25);
        MESSAGE("order " << order << ": " << observed << " from 10 to 8 m, where the error is "
                         << fine);
        CHECK(std::abs(observed - order) < 0.2);
    }
}

TEST_CASE("errors in time fall as the square of the step, in two and three dimensions") {
    const auto error = [](int dimension, double dt) {
        const bool planar = dimension == 2;
        const int steps = static_cast<int>(std::lround((planar ? 0.45 : 0.38) / dt));
        const Setup setup =
            planar ? unbounded({10, 10}, 480, 16) : unbounded({20, 20, 20}, 360, 16);
        const Point receiver = planar ? Point{120, 0, 160} : Point{40, 80, 80};
        Series expected;
        for (int n = 0; n < steps; ++n)
            expected.push_back(planar ? analytic::wave_2d(pulse, c, 200.0, n * dt)
                                      : analytic::wave_3d(pulse, c, 120.0, n * dt));
        const Series s = analytic::measures(pulse, dt, steps);
        return relative_error(trace(setup, {}, s, receiver, dt, steps), expected);
    };
    for (const int dimension : {2, 3}) {
        const Series halved = dimension == 2 ? Series{1e-3, 5e-4, 2.5e-4} : Series{2e-3, 1e-3};
        double coarse = error(dimension, 2 * halved[0]);
        for (double dt : halved) {
            const double fine = error(dimension, dt), observed = observed_order(coarse, fine, 2);
            MESSAGE(dimension << " dimensions: order " << observed << " down to " << dt
                              << " s, where the error is " << fine);
            CHECK(std::abs(observed - 2.0) < 0.05);
            coarse = fine;
        }
        CHECK(coarse < (dimension == 2 ? 1.2e-4 : 1.5e-3));
    }
}

namespace {

/// zeta(1/2, x) of Hurwitz, by the formula of Euler and Maclaurin after 50 terms.
double hurwitz_zeta_half(double x) {
    double sum = 0.0;
    for (int k = 0; k < 50; ++k) sum += 1.0 / std::sqrt(k + x);
    const double end = 50.0 + x;
    return sum - 2.0 * std::sqrt(end) + 0.5 / std::sqrt(end) + std::pow(end, -1.5) / 24.0;
}

}  // namespace

TEST_CASE("the wave is the analytic trace of SPECFEM2D, but for the error of its quadrature" *
          needs_public_data) {
    const std::string path = public_data(
        "reference/specfem2d_acoustic_pressure_source/"
        "pressure_time_analytical_solution_acoustic_time_domain.dat");
    if (path.empty()) return;
    // The file holds p of  p_tt/c^2 - lap p = w delta / c^2,  w a Ricker wavelet of 18 Hz about
    // t = 0, at t = k interval - t0, printed from t = 0 on. It sums
    // w(t - tau)/sqrt(tau^2 - (r/c)^2)  over steps of tau a hundred times finer. With x the part
    // of a step from the singularity to the first term, that adds
    // zeta(1/2, x) sqrt(step c/(2 r)) w(t - r/c) / (2 pi)  (Navot 1961, J. Math. Phys. 40,
    // 271-276), 1.2 % of the wave. The sum is spoilt from 0.85 s on.
    const double speed = 3297.849, r = 500.0 * std::sqrt(2.0), arrival = r / speed;
    const double step = 1.0 / 999999, interval = 100 * step, t0 = 1.2 / 18.0;
    const double first = (arrival + t0) / step;
    const double excess = hurwitz_zeta_half(std::ceil(first) - first) *
                          std::sqrt(step / (2.0 * arrival)) / (2.0 * pi * speed * speed);

    // Here the wavelet is `early` samples later, to begin after time zero.
    const int early = 500, steps = 9600;
    const double peak = t0 + early * interval;
    const Series s = analytic::measures(analytic::ricker(18.0, peak), interval, steps);
    const Setup setup = homogeneous(speed, {Shape{101, 101}, {10, 10}},
                                    {.space_order = 16, .boundary = {.frequency = 18}});
    const Series u = trace(setup, {250, 0, 250}, s, {750, 0, 750}, interval, steps);

    const auto w = analytic::ricker(18.0, 0.0);
    std::ifstream file(path);
    Series found, with_excess, exact, printed;
    for (double t_printed = 0.0, p = 0.0; file >> t_printed >> p && t_printed < 0.84;) {
        const auto k = std::lround((t_printed + t0) / interval);  // times are printed as floats
        const double t = static_cast<double>(k) * interval - t0;
        found.push_back(u.at(static_cast<std::size_t>(k + early)) / (speed * speed));
        with_excess.push_back(found.back() + excess * w.value(t - arrival));
        exact.push_back(analytic::wave_2d(w, speed, r, t) / (speed * speed));
        printed.push_back(p);
    }
    REQUIRE(printed.size() == 8400);
    const double raw = relative_error(found, printed), of_file = relative_error(exact, printed);
    const double corrected = relative_error(with_excess, printed);
    MESSAGE("relative difference from the file " << raw << " (the exact wave: " << of_file
                                                 << "), less its quadrature's error " << corrected);
    MESSAGE("relative difference from the exact wave " << relative_error(found, exact));
    CHECK(relative_error(found, exact) < 5e-4);
    CHECK(corrected < 5e-4);
    CHECK(std::abs(raw - of_file) < 5e-4);
}

TEST_CASE("points between grid points hear and send the analytic wave") {
    const double dt = 1.5e-3;
    const auto error = [&](Setup setup, const Point& source, const Point& receiver,
                           Interpolation interpolation) {
        const bool planar = setup.grid.dimension() == 2;
        const int steps = planar ? 300 : 253;
        const Series s = analytic::measures(pulse, dt, steps);
        const double r = distance(source, receiver);
        setup.interpolation = interpolation;
        return relative_error(trace(setup, source, s, receiver, dt, steps),
                              planar ? analytic::stepped_2d(s, dt, c, r, steps)
                                     : analytic::stepped_3d(s, dt, c, r, steps));
    };
    struct Pair {
        Point source, receiver;
    };
    const auto compare = [&](const Setup& setup, const std::vector<Pair>& pairs, double limit) {
        double worst = 0.0, worst_linear = 0.0;
        for (const auto& [source, receiver] : pairs) {
            const double sinc = error(setup, source, receiver, Interpolation::sinc);
            const double linear = error(setup, source, receiver, Interpolation::linear);
            CHECK(sinc < limit);
            CHECK(linear > 30 * sinc);
            worst = worse(worst, sinc);
            worst_linear = worse(worst_linear, linear);
        }
        MESSAGE(setup.grid.str() << ": sinc " << worst << ", linear " << worst_linear);
    };
    // The shortest wave is eight cells long, then a little more than five.
    compare(unbounded({10, 10}, 480, 16),
            {{{5, 0, 5}, {120, 0, 160}},
             {{0, 0, 0}, {115, 0, 165}},
             {{3.3, 0, -1.7}, {122.9, 0, 158.4}},
             {{-4.1, 0, 2.2}, {-151, 0, 97}},
             {{0, 0, 4.99}, {0, 0, 190.01}}},
            6e-4);
    compare(unbounded({15, 15, 15}, 360, 16), {{{4.1, -6.2, 7.5}, {43, 81, 77}}}, 1e-3);
}

TEST_CASE("the sampling of the data does not change the wave") {
    const double dt = 1e-3;
    const Point source{150, 0, 300}, receiver{400, 0, 350};
    Setup setup = homogeneous(c, {Shape{61, 61}, {10, 10}}, {.space_order = 16});
    const auto run = [&](const TimeAxis& driven, const TimeAxis& recorded) {
        const auto M = modeling<double>(setup, {{{source}, {}, {receiver}}}, driven, recorded);
        const Geometry points = shots_at({source}, driven, Communicator::self());
        const auto d = M * point_sources<double>(points, ricker(10, 0.2));
        return Series(d.data(), d.data() + d.size());
    };
    setup.options.time_step = dt;
    const Series fine = run({801, dt}, {801, dt});
    struct Axes {
        TimeAxis driven, recorded;
    };
    const TimeAxis every_ms{801, 1e-3}, every_2{400, 2e-3}, every_4{200, 4e-3}, every_8{100, 8e-3};
    double worst = 0.0;
    for (const auto& [driven, recorded] : std::vector<Axes>{{every_4, every_4},
                                                            {every_2, every_2},
                                                            {every_8, every_8},
                                                            {every_ms, every_4},
                                                            {every_4, every_ms},
                                                            {every_2, {120, 4e-3, 0.2}},
                                                            {{200, 2e-3, 0.012}, every_4}}) {
        Series expected;
        for (index_t i = 0; i < recorded.samples; ++i) {
            const double t = recorded.start + static_cast<double>(i) * recorded.interval;
            expected.push_back(fine.at(static_cast<std::size_t>(std::lround(t / dt))));
        }
        const Series found = run(driven, recorded);
        const double error = relative_error(found, expected);
        CHECK(error < 5e-5);
        CHECK(std::abs(largest(found) / largest(expected) - 1.0) < 5e-5);
        worst = worse(worst, error);
    }
    MESSAGE("relative difference at most " << worst);
}

TEST_CASE("a step derived from the stability limit carries the wave of that step") {
    const Point source{150, 0, 300}, receiver{400, 0, 350};
    const TimeAxis time{200, 4e-3};
    const Setup setup = homogeneous(c, {Shape{61, 61}, {10, 10}}, {.space_order = 16});
    const Shot shot{{source}, {analytic::measures(pulse, time.interval, 200)}, {receiver}};
    const auto M = modeling<double>(setup, {shot}, time, time);
    const double dt = M.steps().interval;
    REQUIRE(dt == doctest::Approx(time.interval / 3).epsilon(1e-14));
    const Series u = analytic::stepped_2d(analytic::measures(pulse, dt, 600), dt, c,
                                          distance(source, receiver), 600);
    Series expected;
    for (std::size_t i = 0; i < u.size(); i += 3) expected.push_back(u[i]);
    const double error = relative_error(record(M, {shot})[0], expected);
    MESSAGE("relative error " << error);
    CHECK(error < 5e-4);
}

TEST_CASE("the layers return little of a wave, even along them") {
    const double dt = 2e-3;
    const int steps = 700;
    const Series s = analytic::measures(pulse, dt, steps);
    const Setup setup = homogeneous(c, {Shape{61, 61}, {10, 10}}, {.space_order = 16});
    std::vector<Point> receivers;
    for (double u : {0.0, 100.0, 200.0, 300.0, 400.0, 500.0, 600.0})
        for (double v : {0.0, 300.0, 600.0}) receivers.push_back({u, 0, v});
    const auto returned = [&](const Point& source) {
        const Traces found = record(setup, {{{source}, {s}, receivers}}, dt, steps);
        double worst = 0.0;
        for (std::size_t i = 0; i < receivers.size(); ++i) {
            const double r = distance(source, receivers[i]);
            if (r < 100.0) continue;  // beside the source a grid has no true wave
            const Series open = analytic::stepped_2d(s, dt, c, r, steps);
            worst = worse(worst, largest(minus(found[i], open)) / largest(open));
        }
        return worst;
    };
    const double across = returned({110, 0, 310}), along = returned({110, 0, 10});
    MESSAGE("returned, of the peak of the direct wave: " << across << "; along the layer "
                                                         << along);
    CHECK(across < 1e-4);
    CHECK(along < 1e-3);
}

TEST_CASE("nothing is left of a wave that has passed") {
    const double dt = 2e-3;
    const int steps = 700;
    const Setup setup = homogeneous(c, {Shape{61, 61}, {10, 10}});
    Shot shot{{{100, 0, 300}}, {analytic::measures(pulse, dt, steps)}, {}};
    for (int i = 0; i <= 60; ++i)
        for (int k = 0; k <= 60; ++k) shot.receivers.push_back({10.0 * i, 0, 10.0 * k});
    const Traces field = record(setup, {shot}, dt, steps);
    Series energy;  // kinetic, but for a constant factor
    for (std::size_t n = 1; n < field[0].size(); ++n) {
        double sum = 0.0;
        for (const Series& u : field) sum += std::pow(u[n] - u[n - 1], 2);
        energy.push_back(sum);
    }
    // The farthest corner is 0.29 s away, and the wavelet ends by 0.4 s.
    const auto left_at = [&](double t) {
        return energy.at(static_cast<std::size_t>(std::lround(t / dt))) / largest(energy);
    };
    MESSAGE("left of the energy: " << left_at(0.7) << " at 0.7 s, " << left_at(1.39)
                                   << " at 1.4 s");
    CHECK(left_at(0.7) < 1e-6);
    CHECK(left_at(1.39) < 1e-10);
}

TEST_CASE("the layers return little of a wave in three dimensions") {
    const double dt = 3e-3;
    const int steps = 200;
    const Series s = analytic::measures(pulse, dt, steps);
    const Setup setup = homogeneous(c, {Shape{25, 23, 27}, {20, 20, 20}},
                                    {.space_order = 16, .boundary = {.cells = 15}});
    const Point source{160, 240, 200};
    const std::vector<Point> receivers{{480, 440, 520}, {0, 200, 300}, {240, 0, 40}, {320, 300, 0}};
    const Traces found = record(setup, {{{source}, {s}, receivers}}, dt, steps);
    double worst = 0.0;
    for (std::size_t i = 0; i < receivers.size(); ++i) {
        const Series open = analytic::stepped_3d(s, dt, c, distance(source, receivers[i]), steps);
        worst = worse(worst, largest(minus(found[i], open)) / largest(open));
    }
    MESSAGE("returned, of the peak of the direct wave: " << worst);
    CHECK(worst < 1e-3);
}

TEST_CASE("a sponge returns little of a wave") {
    const double dt = 2e-3;
    const int steps = 400;
    const Series s = analytic::measures(pulse, dt, steps);
    const Point source{200, 0, 200};
    const std::vector<Point> receivers{{400, 0, 400}, {0, 0, 200}, {400, 0, 100}};
    for (const index_t cells : {40, 80}) {
        const Setup setup = homogeneous(c, {Shape{41, 41}, {10, 10}},
                                        {.space_order = 16, .sponge = Sponge{.cells = cells}});
        const Traces found = record(setup, {{{source}, {s}, receivers}}, dt, steps);
        double returned = 0.0;
        for (std::size_t i = 0; i < receivers.size(); ++i) {
            const Series open =
                analytic::stepped_2d(s, dt, c, distance(source, receivers[i]), steps);
            returned = worse(returned, largest(minus(found[i], open)) / largest(open));
        }
        MESSAGE("returned by " << cells << " cells, of the peak of the direct wave: " << returned);
        CHECK(returned < (cells == 40 ? 0.04 : 0.008));  // thicker is softer
    }
}

TEST_CASE("a side without layer ends in zeros, as at a free surface one row above") {
    const double dt = 1.5e-3;
    const int steps = 300;
    const Series s = analytic::measures(pulse, dt, steps);
    const PropagatorOptions sides{.space_order = 2, .boundary = {.widths = {9, 12, 0, 7}}};
    const PropagatorOptions surface{.space_order = 2,
                                    .boundary = {.widths = {9, 12, 3, 7}},  // the third is left out
                                    .free_surface = true};
    const Setup ending = homogeneous(c, {Shape{41, 31}, {10, 10}}, sides);
    const Setup covered = homogeneous(c, {Shape{41, 32}, {10, 10}, {0, -10}}, surface);
    const Series there = trace(ending, {100, 0, 50}, s, {300, 0, 10}, dt, steps);
    CHECK(relative_error(there, trace(covered, {100, 0, 50}, s, {300, 0, 10}, dt, steps)) < 1e-13);
}

TEST_CASE("a free surface is the image of the source with the other sign") {
    const double dt = 1.5e-3;
    const int steps = 400;
    const Setup setup =
        homogeneous(c, {Shape{91, 61}, {10, 10}}, {.space_order = 16, .free_surface = true});
    const Series s = analytic::measures(pulse, dt, steps);
    const auto error = [&](const Point& source, const Point& receiver) {
        const Point image{source.x, 0, -source.z};
        return relative_error(
            trace(setup, source, s, receiver, dt, steps),
            minus(analytic::stepped_2d(s, dt, c, distance(source, receiver), steps),
                  analytic::stepped_2d(s, dt, c, distance(image, receiver), steps)));
    };
    const double on_grid =
        worse(error({300, 0, 80}, {450, 0, 40}), error({300, 0, 80}, {350, 0, 250}));
    const double between = worse(error({300, 0, 84.3}, {500, 0, 13.3}),  // weights fold above it
                                 error({303, 0, 12.1}, {350, 0, 250.2}));
    MESSAGE("relative error " << on_grid << ", between grid points " << between);
    CHECK(on_grid < 1e-6);
    CHECK(between < 2e-3);
    CHECK(largest(trace(setup, {300, 0, 84.3}, s, {600, 0, 0}, dt, steps)) == 0.0);
}

TEST_CASE("single precision tells the wave of double precision") {
    const double dt = 1.2e-3;
    const int steps = 400;
    const Setup setup =
        rough_setup({Shape{81, 71}, {10, 12}}, {.free_surface = true}, Interpolation::sinc);
    const std::vector<Shot> shots = rough_shots(setup.grid, dt, steps);
    const double difference = relative_error(joined(record<float>(setup, shots, dt, steps)),
                                             joined(record<double>(setup, shots, dt, steps)));
    MESSAGE("relative difference " << difference);
    CHECK(difference < 1e-5);
}

TEST_CASE("the direct wave of JUDI's shot record is reproduced" * needs_public_data) {
    const std::string path = public_data("reference/judi_shot_record_250.segy");
    if (path.empty()) return;
    const Traces expected = textbook::read_segy_ieee(path);
    REQUIRE(expected.size() == 99);
    // 1500 m/s and unit density down to 500 m: nothing is back from there within the record. The
    // source adds w dt^2/m to its cell: a measure of its volume, 100 m2. The sponge of that model
    // begins 50 m above the source and returns what runs along it, so that only what is near the
    // source compares.
    const TimeAxis time{667, 0.75e-3};
    const Setup setup = homogeneous(1500, {Shape{101, 51}, {10, 10}},
                                    {.boundary = {.frequency = 15}, .time_step = 1.479e-3});
    Shot shot{{{250, 0, 20}},
              {analytic::measures(analytic::ricker(15, 1.0 / 15), time.interval, 667)},
              {}};
    for (double& v : shot.measures[0]) v *= 100;
    for (int i = 1; i <= 99; ++i) shot.receivers.push_back({10.0 * i, 0, 50});
    const Traces found = record(modeling<double>(setup, {shot}, time, time), {shot});
    double worst = 0.0;
    for (std::size_t i = 14; i <= 34; ++i)  // offsets up to 100 m
        worst = worse(worst, relative_error(found[i], expected[i]));
    MESSAGE("relative difference at most " << worst << " within 100 m of the source, "
                                           << relative_error(joined(found), joined(expected))
                                           << " over all");
    CHECK(worst < 1e-2);
}
