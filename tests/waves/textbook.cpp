/// Tests of the references of the wave tests: against each other, numbers by hand and other codes.
#include "support/textbook.hpp"

#include "support/analytic.hpp"
#include "support/public_data.hpp"
#include "support/series.hpp"

#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <numbers>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace series;
using std::numbers::pi;

long product(const std::vector<long>& shape) {
    long size = 1;
    for (long n : shape) size *= n;
    return size;
}

textbook::Acoustic homogeneous(double c, std::vector<long> shape, std::vector<double> spacing) {
    const long cells = product(shape);
    return {.shape = std::move(shape),
            .spacing = std::move(spacing),
            .m = Series(cells, 1.0 / (c * c))};
}

// The set-up of the convergence tests: a Ricker wavelet of 10 Hz in 2000 m/s, a wavelength of
// 200 m; below, 4 to 12 points on the shortest wave (25 Hz). Nothing is back from the edge in time.
constexpr double c = 2000.0;  // m/s
const analytic::Pulse pulse = analytic::ricker(10.0, 0.2);

/// The trace at `offset` from a source in the middle of a grid of half width `half` (m), no layer.
Series trace_in_the_middle(const std::vector<double>& offset, const std::vector<double>& spacing,
                           double half, int order, double dt, int steps) {
    std::vector<long> shape;
    long source = 0, receiver = 0;
    for (std::size_t k = 0; k < spacing.size(); ++k) {
        const long middle = std::lround(std::ceil(half / spacing[k]));
        shape.push_back(2 * middle + 1);
        source = source * shape[k] + middle;
        receiver = receiver * shape[k] + middle + std::lround(offset[k] / spacing[k]);
    }
    textbook::Acoustic problem = homogeneous(c, shape, spacing);
    problem.dt = dt;
    problem.nt = steps;
    problem.order = order;
    problem.layer.cells = 0;
    return textbook::acoustic(problem, {{{{source}}, analytic::measures(pulse, dt, steps)}},
                              {{{receiver}}})[0];
}

/// zeta(1/2, x) of Hurwitz, by the formula of Euler and Maclaurin after 50 terms.
double hurwitz_zeta_half(double x) {
    double sum = 0.0;
    for (int k = 0; k < 50; ++k) sum += 1.0 / std::sqrt(k + x);
    const double end = 50.0 + x;
    return sum - 2.0 * std::sqrt(end) + 0.5 / std::sqrt(end) + std::pow(end, -1.5) / 24.0;
}

}  // namespace

TEST_CASE("difference weights of orders 2, 4 and 8 are the fractions of the tables") {
    const auto equal = [](const Series& found, const Series& expected) {
        REQUIRE(found.size() == expected.size());
        for (std::size_t i = 0; i < found.size(); ++i)
            CHECK(found[i] == doctest::Approx(expected[i]).epsilon(1e-15));
    };
    equal(textbook::first_difference(2), {0.0, 1.0 / 2});
    equal(textbook::first_difference(4), {0.0, 2.0 / 3, -1.0 / 12});
    equal(textbook::first_difference(8), {0.0, 4.0 / 5, -1.0 / 5, 4.0 / 105, -1.0 / 280});
    equal(textbook::second_difference(2), {-2.0, 1.0});
    equal(textbook::second_difference(4), {-5.0 / 2, 4.0 / 3, -1.0 / 12});
    equal(textbook::second_difference(8), {-205.0 / 72, 8.0 / 5, -1.0 / 5, 8.0 / 315, -1.0 / 560});
    equal(textbook::staggered_difference(2), {0.0, 1.0});
    equal(textbook::staggered_difference(4), {0.0, 9.0 / 8, -1.0 / 24});
    equal(textbook::staggered_difference(8),
          {0.0, 1225.0 / 1024, -245.0 / 3072, 49.0 / 5120, -5.0 / 7168});
}

TEST_CASE("differences of order p are exact on polynomials of degree p, and no further") {
    for (int p = 2; p <= 16; p += 2) {
        const Series first = textbook::first_difference(p);
        const Series second = textbook::second_difference(p);
        const Series half = textbook::staggered_difference(p);
        for (int degree = 1; degree <= p + 2; ++degree) {
            double d1 = 0.0, d2 = 0.0, staggered = 0.0, size = 0.0;
            for (int k = 1; k <= p / 2; ++k) {
                const double x = std::pow(k / 8.0, degree), y = std::pow((k - 0.5) / 8.0, degree);
                if (degree % 2 == 1) d1 += 2 * first[k] * x * 8;
                if (degree % 2 == 1) staggered += 2 * half[k] * y * 8;
                if (degree % 2 == 0) d2 += 2 * second[k] * x * 64;
                size = std::max(size, 64 * std::abs(second[k]) * x);
            }
            CAPTURE(p);
            CAPTURE(degree);
            const double rounding = 1e-14 * (size + 1.0);
            if (degree <= p) {
                CHECK(std::abs(d1 - (degree == 1 ? 1.0 : 0.0)) < rounding);
                CHECK(std::abs(staggered - (degree == 1 ? 1.0 : 0.0)) < rounding);
                CHECK(std::abs(d2 - (degree == 2 ? 2.0 : 0.0)) < rounding);
            } else if (degree == p + 1) {
                CHECK(std::abs(d1) > rounding);
                CHECK(std::abs(staggered) > rounding);
            } else {
                CHECK(std::abs(d2) > rounding);
            }
        }
    }
}

TEST_CASE("two steps from a source, worked by hand, in two and three dimensions") {
    // c dt = 1 m, cells of 2 m x 5 m (x 4 m), order 2: with q = s / (V dt), the field is first
    // q dt^2/m at the source alone, then loses 2/h^2 of it per axis and gives 1/h^2 to a neighbour.
    for (int dimension : {2, 3}) {
        std::vector<long> shape{3, 3};
        std::vector<double> spacing{2.0, 5.0};
        if (dimension == 3) shape.push_back(3), spacing.push_back(4.0);
        textbook::Acoustic problem = homogeneous(2.0, shape, spacing);
        problem.dt = 0.5;
        problem.nt = 3;
        problem.order = 2;
        problem.layer.cells = 0;
        const long middle = product(shape) / 2, along_x = dimension == 2 ? 3 : 9,
                   along_y = along_x / 3;
        const Traces u =
            textbook::acoustic(problem, {{{{middle, 2.0}}, {3.0}}},
                               {{{middle}}, {{middle + along_x}}, {{middle - along_y}}});
        const double volume = dimension == 2 ? 10.0 : 40.0;
        const double first = 2.0 * 3.0 / (volume * 0.5) * 0.5 * 0.5 * 4.0;
        const double loss = 2.0 / 4 + 2.0 / 25 + (dimension == 3 ? 2.0 / 16 : 0.0);
        CHECK(u[0][0] == 0.0);
        CHECK(u[0][1] == doctest::Approx(first).epsilon(1e-14));
        CHECK(u[1][1] == 0.0);
        CHECK(u[0][2] == doctest::Approx(first * (2.0 - loss)).epsilon(1e-14));
        CHECK(u[1][2] == doctest::Approx(first / 4).epsilon(1e-14));
        CHECK(u[2][2] == doctest::Approx(first / 25).epsilon(1e-14));
    }
}

TEST_CASE("two steps beside a layer of one cell, worked by hand") {
    // v = 4, dt = 0.1, h = 1: sigma = -3 v ln(R)/(2 h), alpha = 0, b = exp(-sigma dt), a = b - 1.
    // The source stands one cell inside the layer on x. After its first step, of field q, in the
    // layer's cell
    //     psi = a q/2,   zeta = a q,   Lap u = q + zeta;   at the source  Lap u = -4 q - psi/2.
    textbook::Acoustic problem = homogeneous(4.0, {5, 5}, {1.0, 1.0});
    problem.dt = 0.1;
    problem.nt = 3;
    problem.order = 2;
    problem.layer = {.cells = 1, .reflection = 0.1, .frequency = 7.0};
    const double a = std::exp(-6.0 * std::log(10.0) * 0.1) - 1.0;
    const double courant = 0.16;  // (v dt / h)^2
    const Traces u = textbook::acoustic(problem, {{{{7}}, {1.0}}}, {{{7}}, {{2}}, {{12}}});
    const double q = courant / 0.1;
    CHECK(u[0][1] == doctest::Approx(q).epsilon(1e-14));
    CHECK(u[0][2] == doctest::Approx(2.0 * q - courant * (4.0 + a / 4.0) * q).epsilon(1e-14));
    CHECK(u[1][2] == doctest::Approx(courant * (1.0 + a) * q).epsilon(1e-14));
    CHECK(u[2][2] == doctest::Approx(courant * q).epsilon(1e-14));
}

TEST_CASE("the profile of a layer is the one of its formulas, on both sides") {
    textbook::Acoustic problem = homogeneous(1500.0, {6, 7}, {5.0, 10.0});
    problem.dt = 1e-3;
    problem.free_surface = true;
    problem.layer = {.cells = 2, .reflection = 1e-4, .frequency = 8.0, .v_max = 2000.0};
    // Half way in, sigma is a quarter of its largest and alpha a half; at the end, all and nothing.
    const double sigma = 3.0 * 2000.0 * std::log(1e4) / (2.0 * 2 * 5.0), alpha = 4.0 * pi;
    const double b_half = std::exp(-(sigma / 4 + alpha) * 1e-3), b_end = std::exp(-sigma * 1e-3);
    const double a_half = sigma / 4 / (sigma / 4 + alpha) * (b_half - 1.0), a_end = b_end - 1.0;
    const textbook::Profile x = textbook::layer_profile(problem, 0);
    CHECK(largest(minus(x.a, {a_end, a_half, 0.0, 0.0, a_half, a_end})) < 1e-15);
    CHECK(largest(minus(x.b, {b_end, b_half, 0.0, 0.0, b_half, b_end})) < 1e-15);
    const textbook::Profile z = textbook::layer_profile(problem, 1);
    CHECK(largest(Series(z.a.begin(), z.a.begin() + 5)) == 0.0);
    CHECK(z.b[6] == doctest::Approx(std::exp(-sigma / 2 * 1e-3)).epsilon(1e-14));
}

TEST_CASE("a source, a receiver or a medium outside its grid is refused") {
    const textbook::Acoustic problem = homogeneous(2000.0, {50, 50}, {10.0, 10.0});
    textbook::Acoustic narrow = homogeneous(2000.0, {39, 50}, {10.0, 10.0});
    textbook::Acoustic partial = problem;
    partial.m.pop_back();
    CHECK_THROWS_AS(textbook::acoustic(problem, {{{{2500}}, {}}}, {}), std::invalid_argument);
    CHECK_THROWS_AS(textbook::acoustic(problem, {}, {{{-1}}}), std::invalid_argument);
    CHECK_THROWS_AS(textbook::acoustic(narrow, {}, {}), std::invalid_argument);
    CHECK_THROWS_AS(textbook::acoustic(partial, {}, {}), std::invalid_argument);
    CHECK_THROWS_AS(textbook::first_difference(5), std::invalid_argument);
    CHECK_THROWS_AS(analytic::stepped_2d({1.0}, 1e-3, 2000.0, 200.0, 100), std::invalid_argument);
}

TEST_CASE("a line of three-dimensional sources makes the two-dimensional wave") {
    for (double t : {0.25, 0.3, 0.35, 0.45}) {
        double sum = 0.0;
        for (int k = -2000; k <= 2000; ++k) {  // every 0.5 m along the line
            const double distance = std::hypot(200.0, 0.5 * k);
            sum += 0.5 * analytic::wave_3d(pulse, c, distance, t);
        }
        CHECK(analytic::wave_2d(pulse, c, 200.0, t) == doctest::Approx(sum).epsilon(1e-12));
    }
}

TEST_CASE("stepped time tends to continuous time as the square of the step") {
    for (int dimension : {2, 3}) {
        const auto error = [&](double dt, int steps) {
            const Series s = analytic::measures(pulse, dt, steps);
            const Series found = dimension == 2 ? analytic::stepped_2d(s, dt, c, 200.0, steps)
                                                : analytic::stepped_3d(s, dt, c, 200.0, steps);
            Series expected(steps);
            for (int n = 0; n < steps; ++n) {
                expected[n] = dimension == 2 ? analytic::wave_2d(pulse, c, 200.0, n * dt)
                                             : analytic::wave_3d(pulse, c, 200.0, n * dt);
            }
            return relative_error(found, expected);
        };
        const double coarse = error(1e-3, 450), fine = error(5e-4, 900);
        CHECK(fine < 6e-4);
        CHECK(observed_order(coarse, fine, 2.0) == doctest::Approx(2.0).epsilon(0.005));
    }
}

TEST_CASE(
    "the two-dimensional wave is the file of SPECFEM2D, less the error of the file's own "
    "quadrature" *
    needs_public_data) {
    const std::string path = public_data(
        "reference/specfem2d_acoustic_pressure_source/"
        "pressure_time_analytical_solution_acoustic_time_domain.dat");
    if (path.empty()) return;
    // The file sums w(t - tau)/sqrt(tau^2 - (r/c)^2) over tau = k step - t0. The leading error of
    // such a sum, begun a fraction x of a step past the singularity, is
    //     zeta(1/2, x) sqrt(step c / (2 r)) w(t - r/c)
    // (Navot 1961, J. Math. Phys. 40, 271-276). Its sum ends near 0.93 s, it is spoilt from 0.85 s.
    const double speed = 3297.849, r = 500.0 * std::sqrt(2.0), arrival = r / speed;
    const double step = 1.0 / 999999, t0 = 1.2 / 18.0;
    const double first = (arrival + t0) / step;
    const double excess =
        hurwitz_zeta_half(std::ceil(first) - first) * std::sqrt(step / (2.0 * arrival));
    const double scale = 1.0 / (speed * speed);
    const auto w = analytic::ricker(18.0, 0.0);

    std::ifstream file(path);
    Series found, summed, printed, late, late_printed;
    for (double t_printed = 0.0, p = 0.0; file >> t_printed >> p && t_printed < 0.84;) {
        const double t =
            std::round((t_printed + t0) / (100 * step)) * 100 * step - t0;  // printed as a float
        found.push_back(scale * analytic::wave_2d(w, speed, r, t));
        summed.push_back(found.back() + scale * excess * w.value(t - arrival) / (2.0 * pi));
        printed.push_back(p);
        if (t < arrival + 0.08) continue;
        late.push_back(found.back() / p);
        late_printed.push_back(1.0);
    }
    REQUIRE(printed.size() == 8400);
    const double peak = largest(printed);
    CHECK(largest(minus(summed, printed)) < 1e-7 * peak);
    CHECK(largest(minus(found, printed)) < 1.4e-2 * peak);
    CHECK(largest(minus(late, late_printed)) < 1e-6);
}

TEST_CASE("errors in space fall with the order of the scheme, in two dimensions") {
    const double dt = 1.5e-3;
    const int steps = 300;
    const Series expected =
        analytic::stepped_2d(analytic::measures(pulse, dt, steps), dt, c, 200.0, steps);
    const auto error = [&](int order, double h) {
        return relative_error(trace_in_the_middle({120.0, 160.0}, {h, h}, 480.0, order, dt, steps),
                              expected);
    };
    CHECK(observed_order(error(2, 8.0), error(2, 20.0 / 3), 1.2) ==
          doctest::Approx(2.0).epsilon(0.05));
    CHECK(observed_order(error(4, 8.0), error(4, 20.0 / 3), 1.2) ==
          doctest::Approx(4.0).epsilon(0.025));
    CHECK(observed_order(error(8, 8.0), error(8, 20.0 / 3), 1.2) ==
          doctest::Approx(8.0).epsilon(0.025));
    CHECK(error(8, 20.0 / 3) < 1e-7);
    CHECK(error(16, 8.0) < 5e-11);  // and the reference is as good as that
    CHECK(relative_error(trace_in_the_middle({120.0, 160.0}, {10.0, 8.0}, 480.0, 8, dt, steps),
                         expected) < 2e-6);
}

TEST_CASE("errors in space fall with the order of the scheme, in three dimensions") {
    const double dt = 1.5e-3;
    const int steps = 253;
    const Series expected =
        analytic::stepped_3d(analytic::measures(pulse, dt, steps), dt, c, 120.0, steps);
    const auto error = [&](int order, std::vector<double> spacing) {
        return relative_error(
            trace_in_the_middle({40.0, 80.0, 80.0}, spacing, 360.0, order, dt, steps), expected);
    };
    const double h = 40.0 / 3;
    CHECK(observed_order(error(4, {20.0, 20.0, 20.0}), error(4, {h, h, h}), 1.5) ==
          doctest::Approx(4.0).epsilon(0.05));
    CHECK(error(8, {20.0, 16.0, h}) < 5.6e-4);  // that of 20 m on every axis
}

TEST_CASE("errors in time fall as the square of the step") {
    const auto error = [&](double dt) {
        const int steps = static_cast<int>(std::lround(0.45 / dt));
        Series expected(steps);
        for (int n = 0; n < steps; ++n) expected[n] = analytic::wave_2d(pulse, c, 200.0, n * dt);
        return relative_error(
            trace_in_the_middle({120.0, 160.0}, {10.0, 10.0}, 480.0, 16, dt, steps), expected);
    };
    const double coarse = error(2e-3), fine = error(1e-3);
    CHECK(fine < 2e-3);
    CHECK(observed_order(coarse, fine, 2.0) == doctest::Approx(2.0).epsilon(0.005));
}

TEST_CASE("the layer swallows the wave") {
    // 61 x 61 cells of 10 m and the layer of 20 around them; the same on a grid of far edges.
    const double dt = 2e-3;
    const int steps = 1000;
    const auto run = [&](long n, textbook::Layer layer, int nt, const textbook::Watch& watch) {
        textbook::Acoustic problem = homogeneous(c, {n, n}, {10.0, 10.0});
        problem.dt = dt;
        problem.nt = nt;
        problem.layer = layer;
        const long middle = n / 2;
        const long source = (middle - 20) * n + middle, receiver = (middle + 25) * n + middle + 28;
        return textbook::acoustic(problem, {{{{source}}, analytic::measures(pulse, dt, steps)}},
                                  {{{receiver}}}, watch)[0];
    };
    Series energy, before;
    const Series trace = run(101, {}, steps, [&](int, const Series& u) {
        energy.push_back(before.empty() ? 0.0 : std::pow(norm(minus(before, u)) / dt, 2) / (c * c));
        before = u;
    });
    CHECK(energy.back() < 1e-9 * largest(energy));

    const Series open = run(281, {.cells = 0}, 400, {});
    const Series seen(trace.begin(), trace.begin() + 400);
    MESSAGE("what the layer returns, of the direct wave: " << largest(minus(seen, open)) /
                                                                  largest(open));
    CHECK(largest(minus(seen, open)) < 1e-3 * largest(open));
}

TEST_CASE("the layer swallows the wave in three dimensions") {
    textbook::Acoustic problem = homogeneous(c, {45, 41, 43}, {20.0, 20.0, 20.0});
    problem.dt = 4e-3;
    problem.nt = 200;
    problem.layer.cells = 12;
    const long source = (22 * 41 + 20) * 43 + 18;
    Series energy;
    textbook::acoustic(problem, {{{{source}}, analytic::measures(pulse, problem.dt, 200)}}, {},
                       [&](int, const Series& u) { energy.push_back(std::pow(norm(u), 2)); });
    MESSAGE("left of the square of the field: " << energy.back() / largest(energy));
    CHECK(energy.back() < 1e-6 * largest(energy));
}

TEST_CASE("a free surface is a source of the other sign in its mirror") {
    const double dt = 1e-3;
    const int steps = 500;
    const Series s = analytic::measures(pulse, dt, steps);
    textbook::Acoustic problem = homogeneous(c, {91, 61}, {10.0, 8.0});
    problem.dt = dt;
    problem.nt = steps;
    problem.layer.v_max = 3000.0;
    problem.free_surface = true;
    for (long i = 0; i < 91; ++i)
        for (long j = 30; j < 61; ++j) problem.m[i * 61 + j] = 1.0 / (3000.0 * 3000.0);
    textbook::Acoustic mirrored = homogeneous(c, {91, 121}, {10.0, 8.0});
    for (long i = 0; i < 91; ++i)
        for (long j = -60; j <= 60; ++j)
            mirrored.m[i * 121 + 60 + j] = problem.m[i * 61 + std::abs(j)];
    mirrored.dt = dt;
    mirrored.nt = steps;
    mirrored.layer.v_max = 3000.0;
    const Traces below = textbook::acoustic(problem, {{{{45 * 61 + 2}}, s}},
                                            {{{60 * 61 + 1}}, {{60 * 61}}, {{50 * 61 + 20}}});
    const Traces both =
        textbook::acoustic(mirrored, {{{{45 * 121 + 62, 1.0}, {45 * 121 + 58, -1.0}}, s}},
                           {{{60 * 121 + 61}}, {{60 * 121 + 60}}, {{50 * 121 + 80}}});
    for (int r : {0, 2}) CHECK(largest(minus(below[r], both[r])) < 1e-12 * largest(both[r]));
    CHECK(largest(below[1]) == 0.0);
}

TEST_CASE("a wave and its echo from a free surface have the analytic amplitudes") {
    const double dt = 1.5e-3, h = 10.0;
    const int steps = 300;
    const Series s = analytic::measures(pulse, dt, steps);
    textbook::Acoustic problem = homogeneous(c, {121, 81}, {h, h});
    problem.dt = dt;
    problem.nt = steps;
    problem.layer.cells = 0;
    problem.free_surface = true;
    // Source 80 m deep, receiver 40 m deep and 150 m along.
    const Series found = textbook::acoustic(problem, {{{{60 * 81 + 8}}, s}}, {{{75 * 81 + 4}}})[0];
    const Series direct = analytic::stepped_2d(s, dt, c, std::hypot(150.0, 40.0), steps);
    const Series echo = analytic::stepped_2d(s, dt, c, std::hypot(150.0, 120.0), steps);
    CHECK(relative_error(found, minus(direct, echo)) < 1e-5);
}

TEST_CASE("resampling by sinc keeps samples where they are, and spreads a spike as a sinc") {
    const Series x{0.0, 1.0, -2.0, 0.5};
    CHECK(largest(minus(textbook::sinc_resample(x, 0.004, 0.004, 4), x)) < 1e-15);
    const Series spike = textbook::sinc_resample({0.0, 0.0, 1.0}, 2.0, 1.0, 6);
    CHECK(spike[3] == doctest::Approx(2.0 / pi).epsilon(1e-14));
    CHECK(spike[1] == doctest::Approx(-2.0 / (3.0 * pi)).epsilon(1e-14));
    CHECK(spike[4] == doctest::Approx(1.0).epsilon(1e-14));
}

TEST_CASE("the shot record of JUDI is reproduced" * needs_public_data) {
    const std::string path = public_data("reference/judi_shot_record_250.segy");
    if (path.empty()) return;
    const Traces expected = textbook::read_segy_ieee(path);
    const Traces found = textbook::judi_record();
    REQUIRE(expected.size() == 99);
    REQUIRE(found.size() == 99);
    Series all_found, all_expected;
    for (std::size_t r = 0; r < expected.size(); ++r) {
        all_found.insert(all_found.end(), found[r].begin(), found[r].end());
        all_expected.insert(all_expected.end(), expected[r].begin(), expected[r].end());
    }
    CHECK(norm(all_expected) == doctest::Approx(341.29102).epsilon(1e-7));
    const double error = relative_error(all_found, all_expected);
    MESSAGE("relative difference " << error);
    CHECK(error < 1e-4);
}
