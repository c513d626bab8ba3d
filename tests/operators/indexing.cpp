/// Selections, boxes, shifts, permutations and copies: laws, then numbers a reader can check by hand.
#include <lop/operators/indexing.hpp>

#include <lop/algebra/algebra.hpp>
#include <lop/testing/doctest.hpp>

#include <complex>
#include <doctest/doctest.h>
#include <initializer_list>
#include <vector>

using namespace lop;
using lop::testing::check_laws;

namespace {

/// 0, 1, 2, ... in the order of memory.
Array<double> counted(const Shape& shape) {
    Array<double> x{shape, "x"};
    for (index_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i);
    return x;
}

bool holds(const Array<double>& x, const Shape& shape, std::initializer_list<double> values) {
    return x.shape() == shape && std::equal(x.begin(), x.end(), values.begin(), values.end());
}

/// Shapes of every rank, with single and missing values among them.
const std::vector<Shape> shapes{{7},
                                {1},
                                {0},
                                {5, 4},
                                {3, 0},
                                {1, 6},
                                {4, 3, 5},
                                {2, 1, 3},
                                {2, 3, 2, 3},
                                {2, 1, 3, 2, 2},
                                {2, 2, 1, 3, 2, 2}};

}  // namespace

TEST_CASE_TEMPLATE("operators along one axis obey the laws on every axis of every rank", T, float,
                   double, std::complex<float>, std::complex<double>) {
    for (const Shape& shape : shapes) {
        const ArraySpace<T> space{"x", shape};
        for (int axis = -shape.rank(); axis < shape.rank(); ++axis) {
            check_laws(Flip{space, {.axis = axis}});
            check_laws(Roll{space, 2, {.axis = axis}});
            check_laws(AxisSum{space, {.axis = axis}});
            check_laws(Restriction{space, {}, {.axis = axis}});
            if (shape.rank() < Shape::max_rank) check_laws(Spread{space, 3, {.axis = axis}});
            const index_t n = shape[axis < 0 ? axis + shape.rank() : axis];
            if (n == 0) continue;
            check_laws(Symmetrize{space, {.axis = axis}});
            check_laws(Restriction{space, {n - 1, 0, n / 2, 0}, {.axis = axis}});
        }
    }
}

TEST_CASE_TEMPLATE("boxes, masks and permutations obey the laws at every rank", T, float, double,
                   std::complex<float>, std::complex<double>) {
    for (const Shape& shape : shapes) {
        const ArraySpace<T> space{"x", shape};
        std::vector<index_t> first, count, before, after;
        std::vector<int> turned, cycled;
        for (int a = 0; a < shape.rank(); ++a) {
            first.push_back(a % 2 == 0 ? shape[a] / 2 : 0);
            count.push_back(a % 2 == 0 ? shape[a] - shape[a] / 2 : shape[a]);
            before.push_back(a % 3);
            after.push_back((a + 1) % 2);
            turned.push_back(shape.rank() - 1 - a);
            cycled.push_back((a + 1) % shape.rank());
        }
        check_laws(Window{space, {.first = first, .count = count}});
        check_laws(Window{space, {.count = std::vector<index_t>(first.size(), 0)}});
        check_laws(Pad{space, {.before = before, .after = after}});
        check_laws(Pad{space, {.after = after}});
        check_laws(TransposeAxes{space, turned});
        check_laws(TransposeAxes{space, cycled});
        std::vector<bool> mask(static_cast<std::size_t>(space.size()));
        for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = i % 3 != 1;
        check_laws(restrict_to(space, mask));
    }
}

TEST_CASE("large arrays, where threads share the work, are moved like small ones") {
    const ArraySpace<float> space{"x", {211, 307}};
    for (int axis = 0; axis < 2; ++axis) {
        std::vector<index_t> every_third;
        for (index_t i = space.shape()[axis] - 1; i >= 0; i -= 3) every_third.push_back(i);
        check_laws(Restriction{space, every_third, {.axis = axis}});
        check_laws(Flip{space, {.axis = axis}});
        check_laws(Roll{space, -1000, {.axis = axis}});
        check_laws(AxisSum{space, {.axis = axis}});
        check_laws(Spread{space, 2, {.axis = axis}});
        check_laws(Symmetrize{space, {.axis = axis}});
    }
    check_laws(Pad{space, {.before = {3, 0}, .after = {0, 5}}});
    check_laws(Window{space, {.first = {10, 20}, .count = {200, 230}}});
    const TransposeAxes turn{space, {1, 0}};
    check_laws(turn);
    const auto x = space.random(3);
    const auto y = turn * x;
    for (index_t i = 0; i < 211; ++i)
        for (index_t j = 0; j < 307; ++j) REQUIRE(y(j, i) == x(i, j));
    const ArraySpace<float> line{"x", {70001}};
    check_laws(Roll{line, 12345});
    check_laws(Flip{line});
    check_laws(Symmetrize{line});
    check_laws(restrict_to(line, std::vector<bool>(70001, true)));
}

TEST_CASE("a restriction takes places in the order of its list, and its adjoint adds them") {
    const ArraySpace<double> space{"x", {2, 3}};
    const Restriction R{space, {2, 0, 2}, {.axis = 1}};
    CHECK(holds(R * counted({2, 3}), {2, 3}, {2, 0, 2, 5, 3, 5}));
    CHECK(holds(R.H() * counted({2, 3}), {2, 3}, {1, 0, 2, 4, 0, 8}));
    const Restriction rows{space, {1}, {.axis = 0}};
    CHECK(holds(rows * counted({2, 3}), {1, 3}, {3, 4, 5}));
    const auto M = restrict_to(space, {true, false, false, true, true, false});
    CHECK(holds(M * counted({2, 3}), {3}, {0, 3, 4}));
    CHECK(holds(M.H() * counted({3}), {2, 3}, {0, 0, 0, 1, 2, 0}));
}

TEST_CASE("a window cuts out what a pad puts back") {
    const ArraySpace<double> space{"x", {3, 4}};
    const Window W{space, {.first = {1, 0}, .count = {2, 2}}};
    CHECK(holds(W * counted({3, 4}), {2, 2}, {4, 5, 8, 9}));
    CHECK(holds(W.H() * counted({2, 2}), {3, 4}, {0, 0, 0, 0, 0, 1, 0, 0, 2, 3, 0, 0}));
    const Pad P{W.range(), {.before = {1, 0}, .after = {0, 2}}};
    CHECK(holds(P * counted({2, 2}), {3, 4}, {0, 0, 0, 0, 0, 1, 0, 0, 2, 3, 0, 0}));
    CHECK(holds(P.H() * counted({3, 4}), {2, 2}, {4, 5, 8, 9}));
}

TEST_CASE("flips, rolls and mirrors move what they should") {
    const ArraySpace<double> space{"x", {2, 3}};
    CHECK(holds(Flip{space} * counted({2, 3}), {2, 3}, {2, 1, 0, 5, 4, 3}));
    CHECK(holds(Flip{space, {.axis = 0}} * counted({2, 3}), {2, 3}, {3, 4, 5, 0, 1, 2}));
    CHECK(holds(Roll{space, 1} * counted({2, 3}), {2, 3}, {2, 0, 1, 5, 3, 4}));
    CHECK(holds(Roll{space, -4} * counted({2, 3}), {2, 3}, {1, 2, 0, 4, 5, 3}));
    CHECK(holds(Roll{space, 1}.H() * counted({2, 3}), {2, 3}, {1, 2, 0, 4, 5, 3}));
    const Symmetrize S{space};
    CHECK(holds(S * counted({2, 3}), {2, 5}, {2, 1, 0, 1, 2, 5, 4, 3, 4, 5}));
    CHECK(holds(S.H() * counted({2, 5}), {2, 3}, {2, 4, 4, 7, 14, 14}));
    const Symmetrize rows{space, {.axis = 0}};
    CHECK(holds(rows * counted({2, 3}), {3, 3}, {3, 4, 5, 0, 1, 2, 3, 4, 5}));
}

TEST_CASE("axes are permuted like those of numpy.transpose") {
    const ArraySpace<double> space{"x", {2, 3, 2}};
    const auto x = counted({2, 3, 2});
    const auto y = TransposeAxes{space, {1, 2, 0}} * x;
    CHECK(y.shape() == Shape{3, 2, 2});
    for (index_t i = 0; i < 2; ++i)
        for (index_t j = 0; j < 3; ++j)
            for (index_t k = 0; k < 2; ++k) CHECK(y(j, k, i) == x(i, j, k));
    CHECK(holds(TransposeAxes{ArraySpace<double>{"x", {2, 3}}, {-1, 0}} * counted({2, 3}), {3, 2},
                {0, 3, 1, 4, 2, 5}));
}

TEST_CASE("sums drop an axis, spreads make one") {
    const ArraySpace<double> space{"x", {2, 3}};
    CHECK(holds(AxisSum{space, {.axis = 0}} * counted({2, 3}), {3}, {3, 5, 7}));
    CHECK(holds(AxisSum{space} * counted({2, 3}), {2}, {3, 12}));
    CHECK(holds(AxisSum{ArraySpace<double>{"x", {4}}} * counted({4}), {1}, {6}));
    const ArraySpace<double> pair{"x", {2}};
    CHECK(holds(Spread{pair, 3} * counted({2}), {3, 2}, {0, 1, 0, 1, 0, 1}));
    CHECK(holds(Spread{pair, 3, {.axis = -1}} * counted({2}), {2, 3}, {0, 0, 0, 1, 1, 1}));
    CHECK(holds(Spread{pair, 3}.H() * counted({3, 2}), {2}, {6, 9}));
}

TEST_CASE("a sum of many small values in single precision is rounded once") {
    Array<float> x{{1000001}, "x"};
    x.fill(0.1f);
    const ArraySpace<float> space{"x", {1000001}};
    CHECK((AxisSum{space} * x)[0] == static_cast<float>(1000001 * static_cast<double>(0.1f)));
}

TEST_CASE("what cannot be indexed is refused, by name") {
    const ArraySpace<double> space{"x", {3, 4}};
    using Indices = std::vector<index_t>;
    CHECK_THROWS_WITH_AS((Restriction{space, {0, 4}}),
                         "Restriction along axis 1 of 3 x 4\n"
                         "    expected indices from 0 to 3\n"
                         "    found    4, number 1 of the list",
                         ArgumentError);
    CHECK_THROWS_WITH_AS((Restriction{space, {-1}, {.axis = 0}}),
                         doctest::Contains("indices from 0 to 2"), ArgumentError);
    CHECK_THROWS_WITH_AS((Restriction{ArraySpace<double>{"x", {0}}, {0}}),
                         doctest::Contains("no index, for the axis is empty"), ArgumentError);
    CHECK_THROWS_WITH_AS((Restriction{space, {0}, {.axis = 2}}),
                         doctest::Contains("an axis of 3 x 4: -2 to 1"), ArgumentError);
    CHECK_THROWS_WITH_AS(restrict_to(space, {true, false}),
                         doctest::Contains("12 values, one for each of x[3 x 4]"), ArgumentError);
    CHECK_THROWS_WITH_AS((Window{space, {.first = {0, 2}, .count = {3, 3}}}),
                         doctest::Contains("a box within the 4 values along axis 1"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS((Window{space, {.count = {3}}}),
                         doctest::Contains("count for each of 2 axes"), ArgumentError);
    CHECK_THROWS_WITH_AS((Pad{space, {.before = Indices{1}}}),
                         doctest::Contains("before for each of 2 axes"), ArgumentError);
    CHECK_THROWS_WITH_AS((Pad{space, {.after = {0, -1}}}),
                         doctest::Contains("numbers of zeros that are not negative"),
                         ArgumentError);
    CHECK_THROWS_AS((Flip{space, {.axis = -3}}), ArgumentError);
    CHECK_THROWS_AS((Roll{space, 1, {.axis = 2}}), ArgumentError);
    CHECK_THROWS_WITH_AS((TransposeAxes{space, {0, 0}}), doctest::Contains("each of 2 axes once"),
                         ArgumentError);
    CHECK_THROWS_AS((AxisSum{space, {.axis = 5}}), ArgumentError);
    CHECK_THROWS_WITH_AS((Spread{space, -1}), doctest::Contains("not negative"), ArgumentError);
    CHECK_THROWS_WITH_AS((Spread{space, 2, {.axis = 3}}), doctest::Contains("a place from -3 to 2"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS((Spread{ArraySpace<double>{"x", {1, 1, 1, 1, 1, 1}}, 2}),
                         doctest::Contains("a shape with at most 5 axes"), ArgumentError);
    CHECK_THROWS_WITH_AS((Symmetrize{ArraySpace<double>{"x", {2, 0}}}),
                         doctest::Contains("to mirror the others about"), ArgumentError);
}
