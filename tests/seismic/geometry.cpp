/// Geometries: bookkeeping of shots, traces and ranks, and points that lie outside.
#include <lop/seismic/geometry.hpp>

#include <lop/core/error.hpp>

#include <doctest/doctest.h>
#include <limits>
#include <numeric>

using lop::Communicator;
using lop::Geometry;
using lop::GeometryError;
using lop::Grid;
using lop::index_t;
using lop::Partition;
using lop::Point;
using lop::Shape;
using lop::TimeAxis;

namespace {

const TimeAxis time_axis{11, 0.004};

/// Shots with 2, 0, 3, 1, 4 points.
std::vector<std::vector<Point>> unlike_shots() {
    std::vector<std::vector<Point>> shots;
    for (const index_t count : {2, 0, 3, 1, 4})
        shots.push_back(lop::line_of_points({10, 0, 5}, {50, 0, 5}, count));
    return shots;
}

}  // namespace

TEST_CASE("shots with unlike numbers of points are counted one behind the other") {
    const Geometry g{unlike_shots(), time_axis};
    CHECK(g.shot_count() == 5);
    CHECK(g.trace_count() == 10);
    const index_t firsts[] = {0, 2, 2, 5, 6};
    for (index_t s = 0; s < 5; ++s) CHECK(g.first_trace(s) == firsts[s]);
    CHECK(g.points(2).size() == 3);
    CHECK(g.points(2)[1] == Point{30, 0, 5});
    CHECK(g.time() == time_axis);
    CHECK(g.space<float>().shape() == Shape{10, 11});
}

TEST_CASE("every shot belongs to one rank, and all its traces with it") {
    const auto world = Communicator::world();
    const Geometry g{unlike_shots(), time_axis};
    CHECK(g.shares() == Partition::balanced(5, world.size()));
    CHECK(g.first_shot() == g.shares().first(world.rank()));
    CHECK(world.sum(g.last_shot() - g.first_shot()) == 5);
    index_t traces = 0;
    for (index_t s = g.first_shot(); s < g.last_shot(); ++s)
        traces += static_cast<index_t>(g.points(s).size());
    const auto space = g.space<double>();
    CHECK(space.local_shape() == Shape{traces, 11});
    if (g.last_shot() > g.first_shot())
        CHECK(space.partition().first(world.rank()) == g.first_trace(g.first_shot()));
    CHECK(space.size() == 110);
}

TEST_CASE("shares may be given, and leave ranks without shots") {
    const auto world = Communicator::world();
    std::vector<index_t> counts(static_cast<std::size_t>(world.size()), 0);
    counts.back() = 5;
    const Geometry g{unlike_shots(), time_axis, world, Partition::given(counts)};
    CHECK(g.last_shot() - g.first_shot() == (world.rank() == world.size() - 1 ? 5 : 0));
    CHECK(g.space<float>().zeros().local().size() == (world.rank() == world.size() - 1 ? 110 : 0));
    const Geometry balanced{unlike_shots(), time_axis};
    CHECK((g == balanced) == (world.size() == 1));
    CHECK((g.space<float>() == balanced.space<float>()) == (world.size() == 1));
}

TEST_CASE("fewer shots than ranks, and none at all, are shared out too") {
    const auto world = Communicator::world();
    const Geometry one = lop::shots_at({{1, 0, 2}}, time_axis);
    CHECK(world.sum(one.last_shot() - one.first_shot()) == 1);
    const Geometry none{{}, time_axis};
    CHECK(none.trace_count() == 0);
    CHECK(norm(none.space<double>().random(1)) == 0);
}

TEST_CASE("shares of another number of shots or ranks, or of none, are refused") {
    const auto world = Communicator::world();
    const auto make = [&](const Partition& shares) {
        return Geometry{unlike_shots(), time_axis, world, shares};
    };
    CHECK_THROWS_WITH_AS(make(Partition::balanced(4, world.size())),
                         doctest::Contains("the shares of 5 shots"), GeometryError);
    CHECK_THROWS_AS(make(Partition::balanced(5, world.size() + 1)), GeometryError);
    CHECK_THROWS_AS(make(Partition::replicated()), GeometryError);
}

TEST_CASE("a time axis without samples, or that stands still, is refused") {
    const double infinite = std::numeric_limits<double>::infinity();
    for (const TimeAxis& time : {TimeAxis{0, 0.004},
                                 {-1, 0.004},
                                 {10, 0},
                                 {10, -0.004},
                                 {10, infinite},
                                 {10, std::numeric_limits<double>::quiet_NaN()}})
        CHECK_THROWS_AS(Geometry(unlike_shots(), time), GeometryError);
}

TEST_CASE("geometries are equal when points, times and shares are") {
    const Geometry g{unlike_shots(), time_axis};
    const Geometry copy = g;
    CHECK(copy == g);
    CHECK(Geometry{unlike_shots(), time_axis} == g);
    auto moved = unlike_shots();
    moved[3][0].z = 6;
    CHECK_FALSE(Geometry{moved, time_axis} == g);
    CHECK_FALSE(Geometry{unlike_shots(), {11, 0.002}} == g);
    CHECK_FALSE(Geometry{unlike_shots(), {11, 0.004, 1}} == g);
    // The traces of moved points are vectors of the same space.
    CHECK(Geometry{moved, time_axis}.space<float>() == g.space<float>());
}

TEST_CASE("the same points may be sampled otherwise") {
    const Geometry g{unlike_shots(), time_axis};
    const Geometry fine = g.with_time({41, 0.001});
    CHECK(fine.time() == TimeAxis{41, 0.001});
    CHECK(fine.shares() == g.shares());
    CHECK(fine.points(4) == g.points(4));
    CHECK(fine.space<double>().shape() == Shape{10, 41});
    CHECK(fine.with_time(time_axis) == g);
    CHECK_THROWS_AS(g.with_time({0, 1}), GeometryError);
}

TEST_CASE("points that lie on the grid, its edges included, are inside") {
    const Grid grid{{11, 6}, {10, 10}};
    Geometry{{{{0, 0, 0}, {100, 0, 50}}, {{50, 12345, 25}}}, time_axis}.check_inside(grid,
                                                                                     "receiver");
    const Grid cube{{11, 3, 6}, {10, 10, 10}, {1000, 2000, 0}};
    Geometry{{{{1000, 2000, 0}, {1100, 2020, 50}}}, time_axis}.check_inside(cube, "source");
}

TEST_CASE("the first shot and point outside the grid is told, in metres") {
    const Grid grid{{11, 6}, {10, 10}};
    const Geometry g{{{{5, 0, 5}}, {{20, 0, 5}, {100.5, 0, 5}, {0, 0, 60}}, {{-7, 0, 0}}},
                     time_axis};
    try {
        g.check_inside(grid, "receiver");
        FAIL("accepted");
    } catch (const GeometryError& error) {
        const std::string text = error.what();
        INFO(text);
        CHECK(text.find("a receiver of shot 1 outside the model") == 0);
        CHECK(text.find("expected x 0 to 100 m, z 0 to 50 m") != std::string::npos);
        CHECK(text.find("found    (100.5, 0, 5) m") != std::string::npos);
        CHECK(text.find("\n    try ") != std::string::npos);
    }
    const Grid cube{{3, 3, 3}, {10, 10, 10}, {431000, 6781230, 0}};
    const Geometry beside{{{{431000, 6781251.5, 0}}}, time_axis};
    CHECK_THROWS_WITH_AS(beside.check_inside(cube, "source"),
                         doctest::Contains("y 6781230 to 6781250 m"), GeometryError);
    CHECK_THROWS_WITH_AS(beside.check_inside(cube, "source"), doctest::Contains("6781251.5"),
                         GeometryError);
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_AS((Geometry{{{{nan, 0, 5}}}, time_axis}.check_inside(grid, "source")),
                    GeometryError);
}

TEST_CASE("points of a line are evenly spaced from end to end") {
    const auto line = lop::line_of_points({0, 10, 5}, {40, 30, 5}, 5);
    REQUIRE(line.size() == 5);
    CHECK(line.front() == Point{0, 10, 5});
    CHECK(line[1] == Point{10, 15, 5});
    CHECK(line.back() == Point{40, 30, 5});
    CHECK(lop::line_of_points({7, 0, 1}, {9, 0, 1}, 1) == std::vector<Point>{{7, 0, 1}});
    CHECK(lop::line_of_points({7, 0, 1}, {9, 0, 1}, 0).empty());
}

TEST_CASE("shots at points have one source each, a fixed spread all its receivers for each shot") {
    const auto line = lop::line_of_points({0, 0, 5}, {30, 0, 5}, 4);
    const Geometry sources = lop::shots_at(line, time_axis);
    CHECK(sources.shot_count() == 4);
    CHECK(sources.trace_count() == 4);
    CHECK(sources.points(2) == std::vector<Point>{{20, 0, 5}});
    const Geometry receivers = lop::fixed_spread(line, 3, time_axis);
    CHECK(receivers.shot_count() == 3);
    CHECK(receivers.trace_count() == 12);
    for (index_t s = 0; s < 3; ++s) CHECK(receivers.points(s) == line);
}
