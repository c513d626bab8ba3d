/// Models: units, refusals, smoothing, and the built-in section.
#include <lop/seismic/model.hpp>

#include "close.hpp"
#include <lop/core/error.hpp>
#include <lop/core/units.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <doctest/doctest.h>
#include <limits>

using namespace lop::literals;
using lop::Array;
using lop::Communicator;
using lop::Grid;
using lop::index_t;
using lop::Model;
using lop::ModelError;
using lop::Partition;
using lop::Shape;

namespace {

template <class T> Array<T> constant(const Grid& grid, double value) {
    Array<T> v{grid.shape(), "velocity"};
    v.fill(static_cast<T>(value));
    return v;
}

template <class T> double tight() { return std::is_same_v<T, float> ? 1e-6 : 1e-14; }

/// The time in s that a wave takes straight through all points of an axis, summed over all lines.
template <class T> double travel_time(const Model<T>& model) {
    double sum = 0;
    for (const T m : model.slowness_squared().local()) sum += std::sqrt(static_cast<double>(m));
    return sum * model.grid().depth_spacing();
}

std::string refusal(const Grid& grid, const Array<double>& velocity) {
    try {
        Model<double>::from_velocity(grid, velocity);
    } catch (const ModelError& error) {
        return error.what();
    }
    return "accepted";
}

bool contains(const std::string& text, const char* words) {
    return text.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE_TEMPLATE("2000 m/s are 2.5e-7 s2/m2, and back", T, float, double) {
    const Grid grid{{4, 3}, {10, 5}};
    const auto model = Model<T>::from_velocity(grid, constant<T>(grid, 2000));
    CHECK(model.grid() == grid);
    CHECK(model.slowness_squared().shape() == grid.shape());
    CHECK(model.slowness_squared().partition().is_replicated());
    CHECK(model.space().contains(model.slowness_squared()));
    for (const T m : model.slowness_squared().local()) CHECK(close(m, 2.5e-7, tight<T>()));
    for (const T v : model.velocity()) CHECK(close(v, 2000, tight<T>()));
    CHECK(model.velocity().shape() == grid.shape());
}

TEST_CASE("the least and the largest velocity are found") {
    const Grid grid{{4, 3}, {10, 5}};
    auto v = constant<double>(grid, 2000);
    v(1, 2) = 1600;
    v(3, 0) = 4000;
    const auto model = Model<double>::from_velocity(grid, v);
    CHECK(close(model.min_velocity(), 1600, 1e-14));
    CHECK(close(model.max_velocity(), 4000, 1e-14));
    const auto same = Model<double>::from_slowness_squared(grid, model.slowness_squared().local());
    CHECK(same.max_velocity() == model.max_velocity());
    CHECK(norm(same.slowness_squared() - model.slowness_squared()) == 0);
}

TEST_CASE("a value that no medium has is refused with its place") {
    const Grid grid{{4, 3}, {10, 10}};
    const double nan = std::numeric_limits<double>::quiet_NaN();
    auto v = constant<double>(grid, 1500);
    v(2, 1) = nan;
    v(3, 2) = -1;
    const std::string text = refusal(grid, v);
    INFO(text);
    CHECK(contains(text, "velocity"));
    CHECK(contains(text, "NaN at point (2, 1) of 4 x 3"));
    CHECK(contains(text, "m/s"));
    v(2, 1) = 1500;
    CHECK(contains(refusal(grid, v), "-1 at point (3, 2)"));
    v(3, 2) = 0;
    CHECK(contains(refusal(grid, v), "0 at point (3, 2)"));
    v(3, 2) = std::numeric_limits<double>::infinity();
    CHECK(contains(refusal(grid, v), "infinity at point (3, 2)"));
    v(3, 2) = 1500;
    CHECK(refusal(grid, v) == "accepted");

    const Grid cube{{2, 3, 4}, {10, 10, 10}};
    auto w = constant<double>(cube, 1500);
    w(1, 2, 3) = nan;
    CHECK(contains(refusal(cube, w), "NaN at point (1, 2, 3) of 2 x 3 x 4"));
    auto m = constant<double>(grid, 4e-7);
    m(0, 2) = -4e-7;
    CHECK_THROWS_WITH_AS(Model<double>::from_slowness_squared(grid, m),
                         doctest::Contains("squared slowness"), ModelError);
}

TEST_CASE("an array of another shape than the grid's is refused with both shapes") {
    const Grid grid{{4, 3}, {10, 10}};
    const Array<double> turned{{3, 4}};
    const std::string text = refusal(grid, turned);
    CHECK(contains(text, "expected 4 x 3 values"));
    CHECK(contains(text, "found    3 x 4 values"));
    CHECK_THROWS_AS(Model<float>::from_slowness_squared(grid, Array<float>{{12}}), ModelError);
}

TEST_CASE("a model takes another m of its space, with the same checks") {
    const auto world = Communicator::world();
    const Grid grid{{4, 3}, {10, 10}};
    const auto model = Model<double>::from_velocity(grid, constant<double>(grid, 2000));
    const auto faster = model.with(0.25 * model.slowness_squared());
    CHECK(close(faster.max_velocity(), 4000, 1e-14));
    CHECK(faster.grid() == grid);
    CHECK(close(model.max_velocity(), 2000, 1e-14));
    CHECK_THROWS_AS(model.with(-1 * model.slowness_squared()), ModelError);
    const lop::DistributedSpace<double> other{"other", {3, 4}, world};
    CHECK_THROWS_AS(model.with(other.random(1)), ModelError);
    const lop::DistributedSpace<double> rows{
        "rows", {4, 3}, world, Partition::balanced(4, world.size())};
    CHECK_THROWS_WITH_AS(model.with(rows.random(1)), doctest::Contains("rows[4 x 3]"),
                         lop::SpaceError);
}

TEST_CASE("a model in another precision is the same model") {
    const Grid grid{{5, 4}, {10, 10}};
    const auto model =
        Model<double>::from_velocity(grid, lop::synthetic_velocity<double>(grid, 10));
    const auto single = model.as<float>();
    CHECK(single.grid() == grid);
    const auto back = single.as<double>();
    for (index_t i = 0; i < grid.size(); ++i)
        CHECK(close(back.slowness_squared().data()[i], model.slowness_squared().data()[i], 1e-7));
}

TEST_CASE_TEMPLATE("smoothing keeps a constant medium", T, float, double) {
    const Grid grids[] = {{{30, 20}, {10, 5}}, {{8, 9, 10}, {10, 20, 5}}, {{3, 2}, {10, 10}}};
    for (const Grid& grid : grids) {
        const auto model = Model<T>::from_velocity(grid, constant<T>(grid, 1800));
        for (const double length : {0.0, 3.0, 25.0, 200.0})
            for (const T v : model.smoothed(length).velocity()) CHECK(close(v, 1800, tight<T>()));
    }
}

TEST_CASE("smoothing keeps travel times") {
    const Grid grid{{80, 60}, {10, 10}};
    auto v = constant<double>(grid, 2000);
    for (index_t i = 35; i < 45; ++i)
        for (index_t k = 25; k < 35; ++k) v(i, k) = 3000;
    const auto model = Model<double>::from_velocity(grid, v);
    const auto smooth = model.smoothed(40);
    CHECK(smooth.max_velocity() < 0.99 * model.max_velocity());
    CHECK(norm(smooth.slowness_squared() - model.slowness_squared()) >
          0.01 * norm(model.slowness_squared()));
    CHECK(close(travel_time(smooth), travel_time(model), 1e-10));
}

TEST_CASE("a step of slowness becomes the error function") {
    const Grid grid{{2, 201}, {1000, 5}};
    auto v = constant<double>(grid, 2000);
    for (index_t i = 0; i < 2; ++i)
        for (index_t k = 100; k < 201; ++k) v(i, k) = 2500;
    const double length = 120;
    const auto smooth = Model<double>::from_velocity(grid, v).smoothed(length);
    for (index_t k = 0; k < 201; ++k) {
        // The step lies half a cell above sample 100.
        const double u = 5 * (static_cast<double>(k) - 99.5) / length;
        const double share = 0.5 * (1 + std::erf(u / std::sqrt(2.0)));
        const double slowness = (1 - share) / 2000 + share / 2500;
        const double found = std::sqrt(smooth.slowness_squared().local()(0, k));
        // Beyond four standard deviations lie 3.2e-5 of a Gaussian on each side, and sums of
        // weights differ from integrals by h^2 / (24 length^2) times its slope, 1.8e-5; the step
        // is a quarter of the slowness.
        CHECK(close(found, slowness, 1.5e-5));
    }
}

TEST_CASE("rows above a depth stay as they are, to the bit") {
    const Grid grid{{40, 50}, {10, 10}, {0, 100}};
    auto v = constant<float>(grid, 1500);
    for (index_t i = 0; i < 40; ++i)
        for (index_t k = 20; k < 50; ++k) v(i, k) = 2500;
    const auto model = Model<float>::from_velocity(grid, v);
    const auto smooth = model.smoothed(50, 300);  // row 20 lies at 300 m
    const auto& before = model.slowness_squared().local();
    const auto& after = smooth.slowness_squared().local();
    for (index_t i = 0; i < 40; ++i) {
        for (index_t k = 0; k < 20; ++k) CHECK(after(i, k) == before(i, k));
        CHECK(after(i, 20) > 1.05 * before(i, 20));
    }
    CHECK(model.smoothed(50).slowness_squared().local()(0, 19) < before(0, 19));
}

TEST_CASE("smoothing over a negative or infinite length is refused") {
    const Grid grid{{4, 3}, {10, 10}};
    const auto model = Model<float>::from_velocity(grid, constant<float>(grid, 2000));
    CHECK_THROWS_AS(model.smoothed(-1), lop::ArgumentError);
    CHECK_THROWS_AS(model.smoothed(std::numeric_limits<double>::infinity()), lop::ArgumentError);
    CHECK_THROWS_AS(model.smoothed(std::nan("")), lop::ArgumentError);
}

TEST_CASE("the built-in section is water above layers of rock") {
    const Grid grid{{301, 151}, {10, 10}};
    const auto v = lop::synthetic_velocity<double>(grid, 200_m);
    CHECK(v.shape() == grid.shape());
    for (index_t i = 0; i < 301; ++i) {
        for (index_t k = 0; k < 20; ++k) CHECK(v(i, k) == 1500);
        for (index_t k = 20; k < 151; ++k) CHECK(v(i, k) > 1600);
    }
    CHECK(*std::min_element(v.begin(), v.end()) == 1500);
    CHECK(*std::max_element(v.begin(), v.end()) == 3300);
    // Layers, so many interfaces down each trace; a dip, so unlike traces.
    for (const index_t i : {0, 100, 200, 300}) {
        int interfaces = 0;
        for (index_t k = 1; k < 151; ++k) interfaces += std::abs(v(i, k) - v(i, k - 1)) > 50;
        CHECK(interfaces >= 5);
    }
    int unlike = 0;
    for (index_t k = 0; k < 151; ++k) unlike += v(0, k) != v(300, k);
    CHECK(unlike > 20);
    CHECK_NOTHROW(Model<double>::from_velocity(grid, v));
}

TEST_CASE("the built-in section fits any grid") {
    for (const Grid& grid : {Grid{{1, 1}, {10, 10}},
                             {{2, 300}, {500, 1}},
                             {{5, 4, 30}, {50, 50, 20}},
                             {{20, 20}, {10, 10}, {4000, 300}}})
        for (const double water : {0.0, 50.0, 1e5}) {
            const auto v = lop::synthetic_velocity<float>(grid, water);
            for (const float value : v) {
                CHECK(value >= 1500);
                CHECK(value <= 3300);
            }
            if (water > 1e4) CHECK(*std::max_element(v.begin(), v.end()) == 1500);
        }
    const auto cube = lop::synthetic_velocity<float>(Grid{{5, 4, 30}, {50, 50, 20}}, 100);
    const auto plane = lop::synthetic_velocity<float>(Grid{{5, 30}, {50, 20}}, 100);
    for (index_t i = 0; i < 5; ++i)
        for (index_t j = 0; j < 4; ++j)
            for (index_t k = 0; k < 30; ++k) CHECK(cube(i, j, k) == plane(i, k));
}

TEST_CASE("every rank makes the same section to the bit") {
    const auto world = Communicator::world();
    const Grid grid{{60, 50}, {15, 12}};
    const auto v = lop::synthetic_velocity<float>(grid, 100);
    Array<float> root = v;
    world.broadcast(root.data(), static_cast<std::size_t>(root.size()) * sizeof(float));
    CHECK(std::memcmp(root.data(), v.data(), static_cast<std::size_t>(v.size()) * sizeof(float)) ==
          0);
}
