/// Tests of shapes, grids and time axes.
#include <lop/core/error.hpp>
#include <lop/core/grid.hpp>
#include <lop/core/view.hpp>

#include <doctest/doctest.h>
#include <string>

using namespace lop;

namespace {

template <class Call> std::string message_of(const Call& call) {
    try {
        call();
    } catch (const Error& error) {
        return error.what();
    }
    return "no error";
}

}  // namespace

TEST_CASE("a shape counts its values and prints its extents") {
    const Shape shape{12, 250, 3};
    CHECK(shape.rank() == 3);
    CHECK(shape[1] == 250);
    CHECK(shape.size() == 9000);
    CHECK(shape.product(1, 3) == 750);
    CHECK(shape.product(0, 0) == 1);
    CHECK(shape.str() == "12 x 250 x 3");
}

TEST_CASE("a shape without axes holds one value, a shape with an empty axis none") {
    CHECK(Shape{}.rank() == 0);
    CHECK(Shape{}.size() == 1);
    CHECK(Shape{}.str() == "");
    CHECK(Shape{4, 0}.size() == 0);
}

TEST_CASE("shapes are equal when all extents are") {
    CHECK(Shape{2, 3} == Shape{2, 3});
    CHECK(Shape{2, 3} != Shape{3, 2});
    CHECK(Shape{2} != Shape{2, 1});
    CHECK(Shape{2, 3}.with(1, 7) == Shape{2, 7});
}

TEST_CASE("a shape refuses negative extents and more axes than it can hold, in words") {
    CHECK(message_of([] { Shape{3, -1}; }) ==
          "a shape with a negative extent\n    found    -1 along axis 1");
    CHECK(message_of([] { Shape{1, 1, 1, 1, 1, 1, 1}; }) ==
          "a shape with 7 axes\n    expected at most 6 axes");
    CHECK(message_of([] { Shape{0, index_t{1} << 32, index_t{1} << 32}; }) ==
          "a shape of 0 x 4294967296 x 4294967296 values\n"
          "    expected a number of bytes below 2^63");
}

TEST_CASE("a grid in two dimensions has x slow and z fast") {
    const Grid grid{{3, 5}, {10, 2}, {100, -4}};
    CHECK(grid.dimension() == 2);
    CHECK(grid.size() == 15);
    CHECK(grid.spacing(0) == 10);
    CHECK(grid.depth_spacing() == 2);
    CHECK(grid.origin(1) == -4);
    CHECK(grid.last(0) == 120);
    CHECK(grid.last(1) == 4);
    CHECK(grid.str() == "3 x 5 points every 10 x 2 m");
}

TEST_CASE("coordinates of a point follow the axes: x, z in two dimensions, x, y, z in three") {
    const Point point{1, 2, 3};
    const Grid plane{{4, 4}, {1, 1}};
    CHECK(plane.coordinate(point, 0) == 1);
    CHECK(plane.coordinate(point, 1) == 3);
    const Grid volume{{4, 4, 4}, {1, 1, 1}};
    CHECK(volume.coordinate(point, 0) == 1);
    CHECK(volume.coordinate(point, 1) == 2);
    CHECK(volume.coordinate(point, 2) == 3);
}

TEST_CASE("a grid contains its edges and a thousandth of a cell beyond, in its own plane only") {
    const Grid grid{{11, 6}, {10, 10}};
    CHECK(grid.contains({0, 0, 0}));
    CHECK(grid.contains({100, 999, 50}));  // y does not count
    CHECK(grid.contains({100.009, 0, 0}));
    CHECK_FALSE(grid.contains({100.011, 0, 0}));
    CHECK_FALSE(grid.contains({0, 0, -0.011}));
}

TEST_CASE("grids of the same points are equal") {
    CHECK(Grid{{3, 5}, {10, 2}} == Grid{{3, 5}, {10, 2}, {0, 0}});
    CHECK(Grid{{3, 5}, {10, 2}} != Grid{{3, 5}, {10, 2}, {0, 1}});
}

TEST_CASE("a grid refuses spacings that are not positive and ranks other than two and three") {
    CHECK_THROWS_AS((Grid{{3, 5}, {10, 0}}), ArgumentError);
    CHECK_THROWS_AS((Grid{{3, 5}, {10, -1}}), ArgumentError);
    CHECK_THROWS_AS((Grid{{3, 0}, {10, 1}}), ArgumentError);
    CHECK_THROWS_AS((Grid{{3}, {10}}), ArgumentError);
    CHECK_THROWS_AS((Grid{{2, 2, 2, 2}, {1, 1, 1, 1}}), ArgumentError);
    CHECK(message_of([] { Grid{{3, 5}, {10}}; }) ==
          "a grid from a shape, spacings and an origin\n"
          "    expected two axes (x, z) or three (x, y, z) in each\n"
          "    found    2 extents, 1 spacings, 0 origins");
}

TEST_CASE("a time axis knows its last sample and prints in milliseconds") {
    const TimeAxis axis{.samples = 501, .interval = 0.004};
    CHECK(axis.last() == doctest::Approx(2.0).epsilon(1e-15));
    CHECK(axis.str() == "501 samples every 4 ms");
    CHECK(TimeAxis{.samples = 3, .interval = 0.5, .start = -1}.str() ==
          "3 samples every 500 ms from -1 s");
    CHECK(TimeAxis{.samples = 3, .interval = 0.5, .start = -1}.last() == 0);
}

TEST_CASE("a view addresses by extents and strides and writes through") {
    double values[6] = {0, 1, 2, 3, 4, 5};
    const View<double, 2> rows{values, {2, 3}};
    CHECK(rows(1, 0) == 3);
    const View<double, 2> transposed{values, {3, 2}, {1, 3}};
    CHECK(transposed(2, 1) == 5);
    CHECK(transposed(1, 0) == 1);
    transposed(0, 1) = 7;
    CHECK(values[3] == 7);
}
