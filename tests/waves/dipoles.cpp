/// Waves of dipoles and readings of gradients against solutions in closed form, moments against couples of forces, and
/// strain rates against stresses.
#include "support/analytic.hpp"
#include <lop/operators/wave/equations.hpp>
#include <lop/operators/wave/modeling.hpp>

#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>
#include <iterator>
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

/// A trace at the steps of the propagation, of the measures s at the source.
template <class Medium>
Series trace(const Medium& medium, const PropagatorOptions& options, const End& source,
             const End& receiver, const Series& s = analytic::measures(pulse, dt, steps)) {
    PropagatorOptions stepped = options;
    stepped.time_step = dt;
    const TimeAxis time{std::ssize(s), dt};
    const auto end = [&](const End& e) {
        return Projection<double>{shots_at({e.at}, time, Communicator::self()), e.options};
    };
    const auto M = end(receiver) * Propagator<double>{medium, stepped} * end(source).H();
    auto q = M.domain().zeros();
    std::ranges::copy(s, q.data());
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

// ---- moments --------------------------------------------------------------------------------------

constexpr double vp = 2400, vs = 1400, rho = 2000;  // m/s, kg/m3

/// vp, vs and rho, each of them times f of its number and of the point.
template <class F> Elastic<double> solid(const Grid& grid, const F& f) {
    const auto field = [&](double value, int number) {
        Array<double> values{grid.shape()};
        for (index_t i = 0; i < values.size(); ++i) values.data()[i] = value * f(number, i);
        return values;
    };
    return {grid, field(vp, 0), field(vs, 1), field(rho, 2), Communicator::self()};
}

Elastic<double> solid(const Grid& grid) {
    return solid(grid, [](int, index_t) { return 1.0; });
}

/// `cells` cells of h metres along every axis.
Grid cube(int dimension, index_t cells, double h) {
    const index_t n = cells + 1;
    return dimension == 2 ? Grid{Shape{n, n}, {h, h}} : Grid{Shape{n, n, n}, {h, h, h}};
}

struct Moment {
    Axis force, arm;  ///< of one couple; where they differ the other has them exchanged
};

/// x, (y,) z: the axes of a grid.
std::vector<Axis> axes_of(int dimension) {
    return dimension == 2 ? std::vector{Axis::x, Axis::z} : std::vector{Axis::x, Axis::y, Axis::z};
}

std::vector<Moment> moments_of(int dimension) {
    std::vector<Moment> all;
    for (const Axis force : axes_of(dimension))
        for (const Axis arm : axes_of(dimension))
            if (force <= arm) all.push_back({force, arm});
    return all;
}

char letter(Axis axis) { return "xyz"[static_cast<int>(axis)]; }

std::string name(const Moment& moment) {
    return std::string{"moment "} + letter(moment.force) + letter(moment.arm);
}

/// `point` moved by `length` metres along an axis.
Point moved(Point point, Axis axis, double length) {
    (axis == Axis::x ? point.x : axis == Axis::y ? point.y : point.z) += length;
    return point;
}

/// What forces must have, on step with a moment that has the rate s: dt S[n], S[n] = s[0] + .. + s[n - 1], for the
/// stresses of step n, after its velocities, are the first that a moment changes.
Series integrated(const Series& s) {
    Series forces(s.size());
    for (std::size_t n = 1; n < s.size(); ++n) forces[n] = forces[n - 1] + dt * s[n - 1];
    return forces;
}

/// |m - c| / |c| of the velocity along z at the receiver, m that of a moment and c that of its couples,
///     f_i = - sum over j of d/dx_j (M_ij delta(x - x_s)).
double couple_error(const Elastic<double>& medium, const PropagatorOptions& options,
                    const Moment& moment, const Point& source, const Point& receiver,
                    Interpolation interpolation, const Series& s) {
    const End read{receiver, {interpolation, "velocity z"}};
    const Series found = trace(medium, options, {source, {interpolation, name(moment)}}, read, s);
    Series expected(s.size());
    const auto add = [&](Axis force, Axis arm) {
        const ProjectionOptions couple{interpolation, std::string{"force "} + letter(force), arm};
        const Series one = trace(medium, options, {source, couple}, read, integrated(s));
        for (std::size_t n = 0; n < one.size(); ++n) expected[n] += one[n];
    };
    add(moment.force, moment.arm);
    if (moment.force != moment.arm) add(moment.arm, moment.force);
    return difference(found, expected) / norm(expected);
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

TEST_CASE("differences of second order make a moment of two forces a cell apart, in any medium") {
    const Series full = analytic::measures(pulse, dt, steps);
    const Series s(full.begin() + 80, full.begin() + 140);
    for (const int dimension : {2, 3}) {
        constexpr double h = 10;
        // Every parameter has its own waves, a few cells long.
        const auto medium = solid(cube(dimension, 20, h), [](int number, index_t i) {
            return 1 + 0.1 * std::sin((1.3 + 0.4 * number) * static_cast<double>(i));
        });
        const double y = dimension == 3 ? 1 : 0;
        const Point node{9 * h, 8 * h * y, 10 * h}, receiver{131, 107 * y, 64};
        for (const Moment& moment : moments_of(dimension)) {
            // Where the stress lies that the moment changes: forces lie half a cell before and after it.
            Point source = node;
            if (moment.force != moment.arm)
                source = moved(moved(node, moment.force, h / 2), moment.arm, h / 2);
            const double error = couple_error(medium, {.space_order = 2, .boundary = {.cells = 4}},
                                              moment, source, receiver, Interpolation::linear, s);
            CAPTURE(name(moment));
            CHECK(error < 1e-12);
        }
    }
}

TEST_CASE("between grid points a moment makes the wave of its force couples") {
    const Series s = analytic::measures(pulse, dt, steps);
    // Four and eight points in the shortest shear wave; then as few, where volumes cost more.
    for (const auto& [dimension, h] : {std::pair{2, 14.0}, {2, 7.0}, {3, 15.0}}) {
        const double y = dimension == 3 ? 1 : 0;
        const auto medium = solid(cube(dimension, std::lround(300 / h), h));
        const Point source{121.3, 133.1 * y, 138.2}, receiver{203.7, 189.4 * y, 191.9};
        double worst = 0;
        for (const Moment& moment : moments_of(dimension)) {
            const double error = couple_error(medium, {.space_order = 16, .boundary = {.cells = 0}},
                                              moment, source, receiver, Interpolation::sinc, s);
            CAPTURE(name(moment));
            CHECK(error < 0.01);  // that of the derivative of the windowed sinc, 1.1 % at most
            worst = std::max(worst, error);
        }
        MESSAGE(dimension << " dimensions, cells of " << h << " m: " << worst);
    }
}

TEST_CASE("an explosion is the sum of the moments along the axes") {
    const PropagatorOptions options{.boundary = {.cells = 4}};
    for (const int dimension : {2, 3}) {
        const double y = dimension == 3 ? 1 : 0;
        const auto medium = solid(cube(dimension, 20, 15));
        const End read{{203, 167 * y, 94}, {.quantity = "velocity z"}};
        const Point source{121, 148 * y, 155};
        const Series explosion = trace(medium, options, {source, {.quantity = "pressure"}}, read);
        Series rest = explosion;
        for (const Axis axis : axes_of(dimension)) {
            const Series one =
                trace(medium, options, {source, {.quantity = name(Moment{axis, axis})}}, read);
            for (std::size_t n = 0; n < rest.size(); ++n) rest[n] -= one[n];
        }
        CHECK(norm(rest) < 1e-13 * norm(explosion));
    }
}

TEST_CASE("strain rates are what the rates of the stresses ask for") {
    const Grid grid{Shape{101, 101}, {10, 10}};
    constexpr double mu = rho * vs * vs, lambda = rho * vp * vp - 2 * mu;
    const auto medium = solid(grid);
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
