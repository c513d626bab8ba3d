/// Waves of dipoles and readings of gradients against solutions in closed form, and strain rates against stresses.
#include "support/analytic.hpp"
#include <lop/operators/wave/equations.hpp>
#include <lop/operators/wave/modeling.hpp>

#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>
#include <numbers>
#include <string>
#include <vector>

using namespace lop;

namespace {

using Series = std::vector<double>;

constexpr double c = 2000;     // m/s
constexpr double dt = 1.5e-3;  // s
constexpr int steps = 280;
const analytic::Pulse pulse = analytic::ricker(10, 0.2);  // up to 25 Hz: waves of 80 m and more

double norm(const Series& x) {
    double sum = 0;
    for (const double v : x) sum += v * v;
    return std::sqrt(sum);
}

/// |a - scale b|
double difference(const Series& a, const Series& b, double scale = 1) {
    Series rest = a;
    for (std::size_t i = 0; i < rest.size(); ++i) rest[i] -= scale * b[i];
    return norm(rest);
}

struct End {
    Point at;
    ProjectionOptions options{};
};

/// A trace at the steps of the propagation, of the pulse at the source.
template <class Medium>
Series trace(const Medium& medium, const PropagatorOptions& options, const End& source,
             const End& receiver) {
    PropagatorOptions stepped = options;
    stepped.time_step = dt;
    const TimeAxis time{steps, dt};
    const auto end = [&](const End& e) {
        return Projection<double>{shots_at({e.at}, time, Communicator::self()), e.options};
    };
    const auto M = end(receiver) * Propagator<double>{medium, stepped} * end(source).H();
    auto q = M.domain().zeros();
    std::ranges::copy(analytic::measures(pulse, dt, steps), q.data());
    const auto d = M * q;
    return {d.data(), d.data() + d.size()};
}

Acoustic<double> homogeneous(const Grid& grid) {
    Array<double> v{grid.shape()};
    v.fill(c);
    return Acoustic{Model<double>::from_velocity(grid, v, Communicator::self())};
}

/// du/dr of the wave of a point source in exact space and stepped time, by differences over 2 m of sixth order.
Series slope_along_ray(double r) {
    const Series s = analytic::measures(pulse, dt, steps);
    constexpr double h = 2;
    Series slope(static_cast<std::size_t>(steps));
    for (const auto& [j, weight] : {std::pair{1, 45.0}, {2, -9.0}, {3, 1.0}}) {
        const Series beyond = analytic::stepped_2d(s, dt, c, r + j * h, steps);
        const Series before = analytic::stepped_2d(s, dt, c, r - j * h, steps);
        for (std::size_t n = 0; n < slope.size(); ++n)
            slope[n] += weight * (beyond[n] - before[n]) / (60 * h);
    }
    return slope;
}

}  // namespace

TEST_CASE(
    "a dipole and a gradient have the analytic pattern, at four to eight points per wavelength") {
    constexpr double r = 215;
    const Series slope = slope_along_ray(r);
    for (const double h : {10.0, 15.0, 20.0}) {
        double sinc = 0, linear = 0;
        const index_t middle = std::lround(std::ceil(500 / h));
        const double edge = -static_cast<double>(middle) * h;
        const Grid grid{Shape{2 * middle + 1, 2 * middle + 1}, {h, h}, {edge, edge}};
        const auto medium = homogeneous(grid);
        const PropagatorOptions options{.space_order = 16, .boundary = {.cells = 0}};
        for (const Interpolation interpolation : {Interpolation::sinc, Interpolation::linear}) {
            double& worst = interpolation == Interpolation::sinc ? sinc : linear;
            for (const double degrees : {0.0, 35.0, 90.0, 150.0, 220.0, 300.0}) {
                // The angle from the axis z at the source, which lies between grid points.
                const double angle = degrees * std::numbers::pi / 180;
                const Point source{0.37 * h, 0, -0.21 * h};
                const Point receiver{source.x + r * std::sin(angle), 0,
                                     source.z + r * std::cos(angle)};
                const ProjectionOptions point{};  // by sinc, whose own error is below 6e-4
                const ProjectionOptions along{interpolation, "", Axis::z};
                const Series dipole = trace(medium, options, {source, along}, {receiver, point});
                const Series gradient = trace(medium, options, {source, point}, {receiver, along});
                // d/dz at the receiver is cos(angle) d/dr; at the source -cos(angle) d/dr.
                for (const double error : {difference(dipole, slope, -std::cos(angle)),
                                           difference(gradient, slope, std::cos(angle))})
                    worst = std::max(worst, error / norm(slope));
            }
        }
        MESSAGE("" << 80 / h << " points in the shortest wave: sinc " << sinc << ", linear "
                   << linear);
        CHECK(sinc < 0.005);
        CHECK(linear > 20 * sinc);
    }
}

TEST_CASE(
    "under a free surface a dipole along z has an image of its own sign, one along x of the "
    "other") {
    const Grid half{Shape{61, 31}, {10, 10}};
    const Grid whole{Shape{61, 61}, {10, 10}, {0, -300}};
    const PropagatorOptions options{.boundary = {.cells = 0}};
    PropagatorOptions surface = options;
    surface.free_surface = true;
    const auto below = homogeneous(half), everywhere = homogeneous(whole);
    const Point receiver{353, 0, 52};
    for (const double depth : {0.0, 4.2, 17.1, 120.0})
        for (const Axis axis : {Axis::x, Axis::z})
            for (const Interpolation interpolation : {Interpolation::sinc, Interpolation::linear}) {
                CAPTURE(depth);
                const ProjectionOptions along{interpolation, "", axis};
                const double sign = axis == Axis::z ? 1 : -1;
                const Point source{296, 0, depth}, image{296, 0, -depth};
                Series expected = trace(everywhere, options, {source, along}, {receiver});
                const double size = norm(expected);
                const Series other = trace(everywhere, options, {image, along}, {receiver});
                for (std::size_t n = 0; n < other.size(); ++n) expected[n] += sign * other[n];
                CHECK(difference(trace(below, surface, {source, along}, {receiver}), expected) <
                      1e-12 * size);
                // And the same read by a gradient, of a point source at the receiver's place.
                const Series read = trace(below, surface, {receiver}, {source, along});
                CHECK(difference(read, expected) < 1e-12 * size);
            }
}

TEST_CASE("an aperture of a point each cell reads and sends the mean of the analytic wave") {
    // A line longer than the shortest wave, seen from its side and from near its end.
    const Grid grid{Shape{121, 121}, {10, 10}, {-600, -600}};
    const auto medium = homogeneous(grid);
    const PropagatorOptions options{.space_order = 16, .boundary = {.cells = 0}};
    const Point middle{3.7, 0, -2.1};
    const Series s = analytic::measures(pulse, dt, steps);
    const Aperture fine = line_aperture({100, 0, 0}, 200);
    for (const Point& other : {Point{13, 0, 201}, Point{190, 0, 60}}) {
        Series mean(s.size());
        for (const Point& offset : fine.offsets) {
            const double r = std::hypot(middle.x + offset.x - other.x, middle.z - other.z);
            const Series one = analytic::stepped_2d(s, dt, c, r, steps);
            for (std::size_t n = 0; n < mean.size(); ++n) mean[n] += one[n] / 200;
        }
        const ProjectionOptions line{.apertures = {line_aperture({100, 0, 0}, 10)}};
        const double read = difference(trace(medium, options, {other}, {middle, line}), mean);
        const double sent = difference(trace(medium, options, {middle, line}, {other}), mean);
        const double point = difference(trace(medium, options, {other}, {middle}), mean);
        MESSAGE("read " << read / norm(mean) << ", sent " << sent / norm(mean) << ", by a point "
                        << point / norm(mean));
        CHECK(read < 0.004 * norm(mean));
        CHECK(sent < 0.004 * norm(mean));
        CHECK(point > 10 * read);
    }
}

TEST_CASE("strain rates are what the rates of the stresses ask for") {
    const Grid grid{Shape{101, 101}, {10, 10}};
    const auto constant = [&](double value) {
        Array<double> values{grid.shape()};
        values.fill(value);
        return values;
    };
    constexpr double vp = 2400, vs = 1400, rho = 2000;
    constexpr double mu = rho * vs * vs, lambda = rho * vp * vp - 2 * mu;
    const Elastic<double> medium{grid, constant(vp), constant(vs), constant(rho),
                                 Communicator::self()};
    const auto read = [&](const std::string& quantity) {
        return trace(medium, {.space_order = 8}, {{453, 0, 487}, {.quantity = "force z"}},
                     {{604, 0, 561.5}, {.quantity = quantity}});
    };
    const Series xx = read("strain rate xx"), zz = read("strain rate zz"),
                 xz = read("strain rate xz");
    const auto check = [&](const std::string& stress, double of_xx, double of_zz, double of_xz) {
        const Series s = read(stress);
        Series rate, expected;
        for (std::size_t n = 1; n < s.size(); ++n) {
            rate.push_back((s[n] - s[n - 1]) / dt);
            expected.push_back(of_xx * xx[n] + of_zz * zz[n] + of_xz * xz[n]);
        }
        const double error = difference(expected, rate) / norm(rate);
        MESSAGE(stress << ": " << error);
        CHECK(error < 0.007);
    };
    check("stress xx", lambda + 2 * mu, lambda, 0);
    check("stress zz", lambda, lambda + 2 * mu, 0);
    check("stress xz", 0, 0, 2 * mu);
}
