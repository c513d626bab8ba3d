/// Apertures: where their points lie, by hand and by moments of the surfaces that they stand for.
#include <lop/seismic/aperture.hpp>

#include <lop/core/error.hpp>

#include <cmath>
#include <doctest/doctest.h>
#include <functional>
#include <limits>

using namespace lop;

namespace {

double mean(const Aperture& aperture, const std::function<double(const Point&)>& f) {
    double sum = 0;
    for (const Point& p : aperture.offsets) sum += f(p);
    return sum / static_cast<double>(aperture.offsets.size());
}

}  // namespace

TEST_CASE("a line of 8 m in four pieces has its points at -3, -1, 1 and 3 m") {
    const Aperture line = line_aperture({8, 0, 0}, 4);
    CHECK(line.offsets == std::vector<Point>{{-3, 0, 0}, {-1, 0, 0}, {1, 0, 0}, {3, 0, 0}});
    CHECK(line.weights.empty());
    const Aperture oblique = line_aperture({6, 0, 2}, 1);
    CHECK(oblique.offsets == std::vector<Point>{{0, 0, 0}});
}

TEST_CASE("a rectangle is the product of two lines") {
    const Aperture rectangle = rectangular_aperture({4, 0, 0}, 2, {0, 0, 9}, 3);
    CHECK(
        rectangle.offsets ==
        std::vector<Point>{{-1, 0, -3}, {-1, 0, 0}, {-1, 0, 3}, {1, 0, -3}, {1, 0, 0}, {1, 0, 3}});
}

TEST_CASE("a disc has the moments of a disc, and lies across its normal") {
    for (const index_t rings : {1, 2, 5})
        for (const Point& normal :
             {Point{0, 0, 2}, Point{0, 1, 0}, Point{-3, 0, 0}, Point{1, 2, -1}}) {
            CAPTURE(rings);
            const Aperture disc = disc_aperture(6, normal, rings);
            CHECK(static_cast<index_t>(disc.offsets.size()) == 4 * rings * rings);
            const double length = std::hypot(normal.x, normal.y, normal.z);
            double highest = 0, longest = 0;
            for (const Point& p : disc.offsets) {
                const double along = (p.x * normal.x + p.y * normal.y + p.z * normal.z) / length;
                highest = std::max(highest, std::abs(along));
                longest = std::max(longest, std::hypot(p.x, p.y, p.z));
            }
            CHECK(highest < 1e-15 * 6);
            CHECK(longest < 3);
            for (const auto& axis : {&Point::x, &Point::y, &Point::z}) {
                CHECK(std::abs(mean(disc, [&](const Point& p) { return p.*axis; })) < 1e-15 * 6);
                // The mean square of a coordinate is r^2/4 (1 - n^2), n the normal's share along it.
                const double share = normal.*axis / length;
                const double square = mean(disc, [&](const Point& p) { return p.*axis * p.*axis; });
                CHECK(std::abs(square - 9.0 / 4 * (1 - share * share)) < 1e-14);
            }
        }
}

TEST_CASE("apertures of no size, of no points and without a direction are refused") {
    CHECK_THROWS_WITH_AS(line_aperture({0, 0, 0}, 3), doctest::Contains("the span"), ArgumentError);
    CHECK_THROWS_WITH_AS(line_aperture({1, 0, 0}, 0), doctest::Contains("1 to 10000 pieces"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS(rectangular_aperture({1, 0, 0}, 2, {2, 0, 0}, 2),
                         doctest::Contains("the area"), ArgumentError);
    CHECK_THROWS_WITH_AS(disc_aperture(std::numeric_limits<double>::quiet_NaN(), {0, 0, 1}, 2),
                         doctest::Contains("the diameter"), ArgumentError);
    CHECK_THROWS_WITH_AS(disc_aperture(1, {0, 0, 0}, 2), doctest::Contains("the normal"),
                         ArgumentError);
}
