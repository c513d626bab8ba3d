/// Points that read derivatives or drive dipoles, and points of a finite size.
#include "small_waves.hpp"
#include <lop/core/error.hpp>
#include <lop/seismic/wavelet.hpp>

#include <doctest/doctest.h>

using namespace lop;
using namespace small_waves;

namespace {

/// A wavefield of one shot, a function of space that grows by itself with every step.
template <class F> DistributedArray<double> wavefield(const Propagator<double>& B, const F& f) {
    auto field = B.domain().zeros();
    const Grid& grid = B.medium().grid();
    const index_t size = grid.size();
    for (index_t i = 0; i < field.size(); ++i) {
        const index_t at = i % size;
        const index_t nz = grid.shape()[grid.dimension() - 1];
        const Point p{grid.origin(0) + grid.spacing(0) * static_cast<double>(at / nz), 0,
                      grid.origin(1) + grid.spacing(1) * static_cast<double>(at % nz)};
        field.data()[i] = static_cast<double>(i / size % B.steps().samples + 1) * f(p);
    }
    return field;
}

/// What each point reads at each step of a two-dimensional field without layers, one shot on each rank.
template <class F> void check_reads(const std::vector<Point>& points,
                                    const ProjectionOptions& options, const F& f,
                                    const std::vector<double>& expected) {
    const Grid grid{Shape{25, 22}, {10, 12}, {100, 50}};
    const TimeAxis steps{3, 0.001};
    const Propagator<double> F_{
        Acoustic{Model<double>::from_velocity(grid, rough<double>(grid, 1, 1800, 2200), world())},
        {.space_order = 4, .boundary = {.cells = 0}}};
    const Geometry geometry{
        std::vector<std::vector<Point>>(static_cast<std::size_t>(world().size()), points), steps,
        world()};
    const auto B = F_.bound(geometry, steps);
    const auto d = Projection<double>{geometry, options}.bound(B) * wavefield(B, f);
    for (std::size_t p = 0; p < points.size(); ++p)
        for (index_t n = 0; n < 3; ++n)
            CHECK(d.data()[static_cast<index_t>(p) * 3 + n] ==
                  doctest::Approx(static_cast<double>(n + 1) * expected[p]).epsilon(1e-12));
}

}  // namespace

TEST_CASE("a derivative of a linear field reads its slope, an aperture of two points their mean") {
    const auto slope = [](const Point& p) { return 3 + 0.25 * p.x - 2 * p.z; };
    const std::vector<Point> places{{203.7, 0, 161.1}, {210, 0, 158}};
    for (const Interpolation interpolation : {Interpolation::linear, Interpolation::sinc}) {
        check_reads(places, {interpolation, "pressure", Axis::z}, slope, {-2, -2});
        check_reads(places, {interpolation, "pressure", Axis::x}, slope, {0.25, 0.25});
    }
    const auto value = [&](double x, double z) { return slope({x, 0, z}); };
    const auto linear = Interpolation::linear;
    check_reads(places, {.interpolation = linear, .apertures = {{{{-4, 0, 0}, {10, 0, 6}}, {}}}},
                slope, {value(206.7, 164.1), value(213, 161)});
    // Given weights are taken as they are: here an array that reads a difference.
    check_reads(places,
                {.interpolation = linear, .apertures = {{{{-5, 0, 0}, {5, 0, 0}}, {-0.1, 0.1}}}},
                slope, {0.25, 0.25});
    // One aperture for each trace, and the derivative of an aperture.
    std::vector<Aperture> different;
    for (int rank = 0; rank < world().size(); ++rank) {
        different.push_back(line_aperture({0, 0, 8}, 4));
        different.push_back({{{0, 0, 3}}, {5}});
    }
    check_reads(places, {.interpolation = linear, .apertures = different}, slope,
                {value(203.7, 161.1), 5 * value(210, 161)});
    check_reads(places, {linear, "", Axis::z, different}, slope, {-2, -10});
    // The mean of a square over a line of length L is L^2/12 above that of its middle, less the midpoint rule's 1/count^2.
    const auto square = [](const Point& p) { return (p.x - 210) * (p.x - 210) / 100; };
    check_reads({{210, 0, 158}}, {linear, "", {}, {line_aperture({40, 0, 0}, 4)}}, square, {1.5});
}

TEST_CASE(
    "dipoles, gradients and apertures have exact adjoints, near a free surface and in layers too") {
    for (const Case& c : cases) {
        CAPTURE(c.dimension);
        CAPTURE(c.free_surface);
        CAPTURE(c.inside);
        const auto check = [&]<class T>(T) {
            const auto F = acoustic<T>(c);
            const Aperture line = line_aperture({15, 0, 9}, 3);
            check_exact(F, {.derivative_along = Axis::x},
                        sources(F, {.derivative_along = Axis::z}));
            check_exact(
                F, {.interpolation = Interpolation::linear, .derivative_along = Axis::z},
                sources(F, {.interpolation = Interpolation::linear, .derivative_along = Axis::x}));
            check_exact(F, {.derivative_along = Axis::z, .apertures = {line}},
                        sources(F, {.apertures = {line}}));
        };
        check(double{});
        check(float{});
    }
}

TEST_CASE("derivatives of elastic quantities and strain rates have exact adjoints") {
    for (const Case& c : {Case{2, false, false}, Case{2, false, true}, Case{3, false, false}}) {
        CAPTURE(c.dimension);
        const auto check = [&]<class T>(T) {
            const auto F = elastic<T>(c);
            check_exact(F, {.quantity = "strain rate xz"},
                        sources(F, {.quantity = "force x", .derivative_along = Axis::z}));
            if (c.dimension == 3) return;
            check_exact(F, {.quantity = "strain rate zz"}, sources(F, {.quantity = "moment xz"}));
            check_exact(F, {.quantity = "velocity z", .derivative_along = Axis::x},
                        sources(F, {.derivative_along = Axis::x}));
        };
        check(double{});
        check(float{});
    }
}

TEST_CASE("a linear dipole is two points of opposite strength, a cell apart, per metre") {
    const auto F = acoustic<double>({});
    const Grid grid = grid_of({});
    const double h = grid.depth_spacing();
    const Point middle{170, 0, grid.origin(1) + 8.3 * h};
    const Point above{170, 0, grid.origin(1) + 8 * h}, below{170, 0, grid.origin(1) + 9 * h};
    const Projection<double> Pr{scattered(grid, 4, 7, short_time)};
    const auto run = [&](const std::vector<Point>& points, const std::vector<double>& strengths,
                         const ProjectionOptions& options) {
        const Geometry geometry{{points, points, points}, short_time, world()};
        auto q = point_sources<double>(geometry, ricker(20));
        for (index_t i = 0; i < q.size(); ++i)
            q.data()[i] *=
                strengths[static_cast<std::size_t>(i / short_time.samples) % points.size()];
        return Pr * F * Projection<double>{geometry, options}.H() * q;
    };
    const auto dipole = run({middle}, {1}, {Interpolation::linear, "", Axis::z});
    const auto pair = run({above, below}, {-1 / h, 1 / h}, {});
    CHECK(norm(dipole) > 0);
    CHECK(norm(dipole - pair) <= 1e-14 * norm(pair));
    // An aperture is the sum of its points.
    const auto wide = run({middle}, {1}, {.apertures = {{{{3, 0, 1}, {-7, 0, 2}}, {0.5, 2}}}});
    const auto apart = run({{173, 0, middle.z + 1}, {163, 0, middle.z + 2}}, {0.5, 2}, {});
    CHECK(norm(wide - apart) <= 1e-14 * norm(apart));
}

TEST_CASE("what no source or receiver can be is refused by name") {
    const auto F = acoustic<double>({});
    const Grid grid = grid_of({});
    const Geometry points = scattered(grid, 2, 7, short_time);
    const auto product = [&](const ProjectionOptions& options) {
        return Projection<double>{points, options} * F * Projection<double>{points}.H();
    };
    CHECK_THROWS_WITH_AS(product({.derivative_along = Axis::y}),
                         doctest::Contains("a derivative along y"), ArgumentError);
    CHECK_THROWS_WITH_AS(product({.apertures = {line_aperture({4000, 0, 0}, 2)}}),
                         doctest::Contains("aperture of a receiver of shot 0 outside the model"),
                         GeometryError);
    CHECK_THROWS_WITH_AS(product({.apertures = {line_aperture({0, 4, 0}, 2)}}),
                         doctest::Contains("the model has no y"), GeometryError);
    CHECK_THROWS_WITH_AS(product({.apertures = {Aperture{{{0, 0, 0}}, {1, 2}}}}),
                         doctest::Contains("1 offsets and 2 weights"), ArgumentError);
    CHECK_THROWS_WITH_AS(product({.apertures = {Aperture{}}}), doctest::Contains("0 offsets"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS(
        product({.apertures = {line_aperture({1, 0, 0}, 2), line_aperture({1, 0, 0}, 2)}}),
        doctest::Contains("one for each of the 6 traces"), ArgumentError);
    const auto E = elastic<double>({});
    CHECK_THROWS_WITH_AS(
        (Projection<double>{points, {.quantity = "strain rate xx", .derivative_along = Axis::x}} *
         E * Projection<double>{points}.H()),
        doctest::Contains("a derivative of 'strain rate xx'"), ArgumentError);
}
