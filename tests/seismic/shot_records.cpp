/// Shot records: vectors of traces that keep their geometry.
#include <lop/seismic/shot_records.hpp>

#include <lop/algebra/any_operator.hpp>
#include <lop/core/error.hpp>
#include <lop/testing/doctest.hpp>

#include <doctest/doctest.h>

using lop::Communicator;
using lop::DistributedArray;
using lop::Geometry;
using lop::GeometryError;
using lop::index_t;
using lop::Partition;
using lop::Shape;
using lop::ShotRecords;
using lop::SpaceError;
using lop::TimeAxis;

namespace {

const TimeAxis time_axis{21, 0.004};

Geometry sources(index_t shots = 5) {
    return lop::shots_at(lop::line_of_points({0, 0, 5}, {40, 0, 5}, shots), time_axis);
}
Geometry receivers(index_t shots = 5, index_t count = 3, TimeAxis time = time_axis) {
    return lop::fixed_spread(lop::line_of_points({0, 0, 10}, {60, 0, 10}, count), shots, time);
}

template <class T> ShotRecords<T> random_records(std::uint64_t seed) {
    return {sources(), receivers(), receivers().space<T>().random(seed)};
}

}  // namespace

TEST_CASE_TEMPLATE("new records are zero and know where they were recorded", T, float, double) {
    const ShotRecords<T> d{sources(), receivers()};
    CHECK(d.shape() == Shape{15, 21});
    CHECK(norm(d) == 0);
    CHECK(d.sources() == sources());
    CHECK(d.receivers() == receivers());
    CHECK(d.geometry().sources == sources());
    CHECK(d.geometry().receivers == receivers());
    CHECK(d.receivers().template space<T>().contains(d));
}

TEST_CASE_TEMPLATE("records take part in vector arithmetic, with one another and with traces", T,
                   float, double) {
    const auto space = receivers().space<T>();
    const auto a = random_records<T>(1);
    const auto b = random_records<T>(2);
    const auto x = space.random(1);
    const auto y = space.random(2);
    CHECK(norm((a - 2 * b) - (x - 2 * y)) == 0);
    CHECK(norm((a + y) - (x + b)) == 0);
    CHECK(dot(a, b) == dot(x, y));
    CHECK(dot(a, y) == dot(x, y));
    CHECK(norm2(a) == norm2(x));

    ShotRecords<T> d = a;
    d += 3 * b;
    d -= y;
    d *= 2;
    CHECK(norm(d - 2 * (x + 3 * y - y)) <= 1e-6 * norm(d));
    CHECK(d.sources() == sources());
    CHECK(d.receivers() == receivers());
    CHECK(norm(a - x) == 0);  // a copy is deep

    d = a - b;
    CHECK(norm(d - (x - y)) == 0);
    d = y;
    CHECK(norm(d - y) == 0);
    d = a;
    CHECK(norm(d - x) == 0);
    CHECK(d.receivers() == receivers());

    const ShotRecords<T> difference{sources(), receivers(), a - b};
    CHECK(norm(difference - (x - y)) == 0);
}

TEST_CASE("operators apply to records as to any vector of their space") {
    const auto space = receivers().space<double>();
    const auto twice = make_operator(
        space, space, [](const auto& x, auto& y) { y = 2 * x; },
        [](const auto& y, auto& x) { x = 2 * y; }, "Twice");
    lop::testing::check_laws(twice);
    ShotRecords<double> d = random_records<double>(1);
    CHECK(norm(twice * d - 2 * d) == 0);
    CHECK(norm(twice.H() * (d - 0.5 * d) - d) == 0);
    d = twice * d;
    CHECK(norm(d - 2 * random_records<double>(1)) == 0);
}

TEST_CASE("traces of another geometry are refused with both spaces") {
    const auto other = receivers(5, 4).space<float>();
    CHECK_THROWS_WITH_AS((ShotRecords<float>{sources(), receivers(), other.zeros()}),
                         doctest::Contains("traces[20 x 21] of float32"), SpaceError);
    const auto longer = receivers(5, 3, {22, 0.004}).space<float>();
    CHECK_THROWS_WITH_AS((ShotRecords<float>{sources(), receivers(), longer.zeros()}),
                         doctest::Contains("traces[15 x 21] of float32"), SpaceError);
    const lop::DistributedSpace<float> whole{"whole", {15, 21}, Communicator::world()};
    CHECK_THROWS_WITH_AS((ShotRecords<float>{sources(), receivers(), whole.zeros()}),
                         doctest::Contains("replicated"), SpaceError);

    ShotRecords<float> d = random_records<float>(1);
    CHECK_THROWS_AS(d = longer.random(1), SpaceError);
    CHECK_THROWS_AS(d = 2 * whole.random(1), SpaceError);
    CHECK_THROWS_AS(d += other.random(1), SpaceError);
    CHECK_THROWS_AS(dot(d, other.random(1)), SpaceError);
    CHECK(norm(d - random_records<float>(1)) == 0);  // refused, so unchanged
}

TEST_CASE("sources and receivers of unlike numbers or shares of shots are refused") {
    const auto world = Communicator::world();
    CHECK_THROWS_WITH_AS((ShotRecords<float>{sources(4), receivers(5)}),
                         doctest::Contains("4 shots"), GeometryError);
    CHECK_THROWS_WITH_AS((ShotRecords<float>{sources(6), receivers(5)}),
                         doctest::Contains("found    5 shots"), GeometryError);
    if (world.size() == 1) return;
    std::vector<index_t> counts(static_cast<std::size_t>(world.size()), 0);
    counts.back() = 5;
    std::vector<std::vector<lop::Point>> points(5, {{0, 0, 10}});
    const Geometry elsewhere{points, time_axis, world, Partition::given(counts)};
    CHECK_THROWS_AS((ShotRecords<float>{sources(), elsewhere}), GeometryError);
    CHECK_NOTHROW(ShotRecords<float>(elsewhere, elsewhere));
}
