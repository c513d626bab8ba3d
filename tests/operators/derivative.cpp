/// Derivatives: laws, then numbers a reader can check by hand.
#include <lop/operators/derivative.hpp>

#include <lop/algebra/algebra.hpp>
#include <lop/core/units.hpp>
#include <lop/testing/doctest.hpp>

#include <cmath>
#include <complex>
#include <doctest/doctest.h>
#include <initializer_list>
#include <vector>

using namespace lop;
using lop::testing::check_laws;

namespace {

/// Whether a matrix has these entries, row by row.
bool is_matrix(const Array<double>& matrix, std::initializer_list<double> rows) {
    bool same = matrix.size() == static_cast<index_t>(rows.size());
    for (index_t i = 0; same && i < matrix.size(); ++i)
        same = std::abs(matrix[i] - rows.begin()[i]) < 1e-14;
    return same;
}

/// Whether the matrix of the adjoint is the conjugate transpose of that of the forward, to the bit.
template <LinearOperator A> bool transposes(const A& a) {
    const auto forward = to_dense(a);
    const auto adjoint = to_dense(a.H());
    const index_t rows = a.range().size();
    const index_t columns = a.domain().size();
    for (index_t i = 0; i < rows; ++i)
        for (index_t j = 0; j < columns; ++j)
            if (adjoint[j * rows + i] != forward[i * columns + j]) return false;
    return true;
}

constexpr Difference kinds[] = {Difference::forward, Difference::backward, Difference::centered};
const std::vector<Shape> shapes{{23},   {6},     {1},       {0},          {5, 9},
                                {3, 0}, {12, 1}, {4, 3, 5}, {2, 3, 4, 2}, {3, 1, 3, 2, 2, 3}};

double at(index_t i) { return static_cast<double>(i); }

}  // namespace

TEST_CASE_TEMPLATE("derivatives along an axis obey the laws on every axis of every rank", T, float,
                   double, std::complex<float>, std::complex<double>) {
    for (const Shape& shape : shapes) {
        const ArraySpace<T> space{"x", shape};
        for (int axis = 0; axis < shape.rank(); ++axis)
            for (const Difference kind : kinds)
                for (const bool edge : {false, true}) {
                    if (edge && (kind != Difference::centered || shape[axis] < 3)) continue;
                    for (const int points : {3, 5}) {
                        if (points == 5 && kind != Difference::centered) continue;
                        check_laws(FirstDerivative{space,
                                                   {.axis = axis - shape.rank(),
                                                    .spacing = 0.7,
                                                    .kind = kind,
                                                    .points = points,
                                                    .edge = edge}});
                    }
                    check_laws(SecondDerivative{
                        space, {.axis = axis, .spacing = 0.7, .kind = kind, .edge = edge}});
                }
    }
}

TEST_CASE_TEMPLATE("Laplacians, gradients and directional derivatives obey the laws at every rank",
                   T, float, double, std::complex<float>, std::complex<double>) {
    for (const Shape& shape : shapes) {
        const ArraySpace<T> space{"x", shape};
        bool long_enough = true;
        std::vector<double> direction, spacings;
        for (int a = 0; a < shape.rank(); ++a) {
            long_enough = long_enough && shape[a] >= 3;
            direction.push_back(0.3 + a);
            spacings.push_back(1.5 + a);
        }
        for (const Difference kind : kinds)
            for (const bool edge : {false, true}) {
                if (edge && !long_enough) continue;
                check_laws(Laplacian{
                    space,
                    {.weights = direction, .spacings = spacings, .kind = kind, .edge = edge}});
                check_laws(Laplacian{space, {.axes = {-1}, .kind = kind, .edge = edge}});
                if (shape.rank() < Shape::max_rank) {
                    const GradientOptions options{
                        .spacings = spacings, .kind = kind, .points = 5, .edge = edge};
                    check_laws(Gradient{space, options});
                    auto fields = std::vector<index_t>{shape.rank()};
                    for (int a = 0; a < shape.rank(); ++a) fields.push_back(shape[a]);
                    const auto v = ArraySpace<Real<T>>{"v", Shape{fields}}.random(5);
                    check_laws(FirstDirectionalDerivative{space, v, options});
                    check_laws(SecondDirectionalDerivative{space, v, options});
                }
                check_laws(
                    FirstDirectionalDerivative{space, direction, {.kind = kind, .edge = edge}});
                check_laws(
                    SecondDirectionalDerivative{space, direction, {.kind = kind, .edge = edge}});
            }
    }
}

TEST_CASE_TEMPLATE("large arrays, cut into pieces for threads and caches, obey the laws", T, float,
                   std::complex<double>) {
    for (const Shape& shape : {Shape{300001}, Shape{401, 301}, Shape{3, 20001}, Shape{20001, 3},
                               Shape{40, 50, 60}, Shape{4, 5, 5000}}) {
        const ArraySpace<T> space{"x", shape};
        for (int axis = 0; axis < shape.rank(); ++axis) {
            check_laws(FirstDerivative{space, {.axis = axis, .points = 5, .edge = true}});
            check_laws(SecondDerivative{space, {.axis = axis, .edge = true}});
        }
        check_laws(Laplacian{space, {.edge = true}});
        check_laws(Gradient{space, {.edge = true}});
    }
}

TEST_CASE("adjoints have the entries of the transposed matrix to the bit") {
    for (const Shape& shape : {Shape{1}, Shape{4}, Shape{5}, Shape{8}, Shape{9}, Shape{12},
                               Shape{4, 5}, Shape{3, 9, 2}}) {
        const ArraySpace<double> space{"x", shape};
        for (const Difference kind : kinds)
            for (const bool edge : {false, true})
                for (int axis = 0; axis < shape.rank(); ++axis) {
                    if (edge && shape[axis] < 3) continue;
                    for (const int points : {3, 5})
                        CHECK(transposes(FirstDerivative{
                            space, {.axis = axis, .kind = kind, .points = points, .edge = edge}}));
                    CHECK(transposes(
                        SecondDerivative{space, {.axis = axis, .kind = kind, .edge = edge}}));
                    CHECK(
                        transposes(Laplacian{space, {.axes = {axis}, .kind = kind, .edge = edge}}));
                }
        CHECK(transposes(Laplacian{space}));
        CHECK(transposes(Gradient{space}));
    }
}

TEST_CASE("the matrices of first derivatives, ends and all") {
    const ArraySpace<double> four{"x", {4}};
    CHECK(is_matrix(to_dense(FirstDerivative{four, {.kind = Difference::forward}}),
                    {-1, 1, 0, 0, 0, -1, 1, 0, 0, 0, -1, 1, 0, 0, 0, 0}));
    CHECK(is_matrix(to_dense(FirstDerivative{four, {.kind = Difference::backward}}),
                    {0, 0, 0, 0, -1, 1, 0, 0, 0, -1, 1, 0, 0, 0, -1, 1}));
    CHECK(is_matrix(to_dense(FirstDerivative{four, {.spacing = 0.5}}),
                    {0, 0, 0, 0, -1, 0, 1, 0, 0, -1, 0, 1, 0, 0, 0, 0}));
    CHECK(is_matrix(to_dense(FirstDerivative{four, {.spacing = 0.5, .edge = true}}),
                    {-2, 2, 0, 0, -1, 0, 1, 0, 0, -1, 0, 1, 0, 0, -2, 2}));
    const ArraySpace<double> five{"x", {5}};
    CHECK(is_matrix(to_dense(FirstDerivative{five, {.spacing = 1. / 12, .points = 5}}),
                    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, -8, 0, 8, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
    CHECK(is_matrix(
        to_dense(FirstDerivative{five, {.spacing = 1. / 12, .points = 5, .edge = true}}),
        {-12, 12, 0, 0, 0, -6, 0, 6, 0, 0, 1, -8, 0, 8, -1, 0, 0, -6, 0, 6, 0, 0, 0, -12, 12}));
}

TEST_CASE("the matrices of second derivatives, ends and all") {
    const ArraySpace<double> four{"x", {4}};
    CHECK(is_matrix(to_dense(SecondDerivative{four, {.kind = Difference::forward}}),
                    {1, -2, 1, 0, 0, 1, -2, 1, 0, 0, 0, 0, 0, 0, 0, 0}));
    CHECK(is_matrix(to_dense(SecondDerivative{four, {.kind = Difference::backward}}),
                    {0, 0, 0, 0, 0, 0, 0, 0, 1, -2, 1, 0, 0, 1, -2, 1}));
    CHECK(is_matrix(to_dense(SecondDerivative{four, {.spacing = 0.5}}),
                    {0, 0, 0, 0, 4, -8, 4, 0, 0, 4, -8, 4, 0, 0, 0, 0}));
    CHECK(is_matrix(to_dense(SecondDerivative{four, {.edge = true}}),
                    {1, -2, 1, 0, 1, -2, 1, 0, 0, 1, -2, 1, 0, 1, -2, 1}));
}

TEST_CASE("polynomials are differentiated exactly as far as the order reaches") {
    const ArraySpace<double> space{"x", {3, 30}};
    const double dt = 4_ms;
    auto quartic = space.zeros();
    for (index_t i = 0; i < 3; ++i)
        for (index_t k = 0; k < 30; ++k) quartic(i, k) = std::pow(dt * at(k), 4);
    const auto y = FirstDerivative{space, {.axis = -1, .spacing = dt, .points = 5}} * quartic;
    for (index_t k = 2; k < 28; ++k) CHECK(std::abs(y(1, k) - 4 * std::pow(dt * at(k), 3)) < 1e-15);
    auto paraboloid = space.zeros();
    for (index_t i = 0; i < 3; ++i)
        for (index_t k = 0; k < 30; ++k) paraboloid(i, k) = 4 * at(i * i) + 3 * 0.01 * at(k * k);
    const auto laplacian =
        Laplacian{space, {.weights = {1, 2}, .spacings = {2, 0.1}, .edge = true}} * paraboloid;
    for (const double value : laplacian) CHECK(value == doctest::Approx(2 + 2 * 6).epsilon(1e-11));
}

TEST_CASE("a Laplacian is the sum of its second derivatives, a gradient the stack of its first") {
    const ArraySpace<double> space{"x", {6, 7, 5}};
    const auto x = space.random(1);
    const Laplacian L{space, {.axes = {2, 0}, .weights = {3, -2}, .spacings = {2, 0.5}}};
    const auto sum = 3 * SecondDerivative{space, {.axis = 2, .spacing = 2}} -
                     2 * SecondDerivative{space, {.axis = 0, .spacing = 0.5}};
    CHECK(norm(L * x - sum * x) < 1e-13 * norm(L * x));
    const Gradient G{space, {.spacings = {1, 2, 3}}};
    CHECK(G.range().shape() == Shape{3, 6, 7, 5});
    const auto g = G * x;
    for (int a = 0; a < 3; ++a) {
        const auto d = FirstDerivative{space, {.axis = a, .spacing = 1.0 + a}} * x;
        for (index_t i = 0; i < d.size(); ++i) CHECK(g[a * d.size() + i] == d[i]);
    }
}

TEST_CASE("a directional derivative is the gradient times the direction") {
    const ArraySpace<double> space{"x", {5, 6}};
    auto plane = space.zeros();  // slope (3, 4)
    for (index_t i = 0; i < 5; ++i)
        for (index_t k = 0; k < 6; ++k) plane(i, k) = 3 * at(i) + 4 * at(k);
    const auto along = FirstDirectionalDerivative{space, {0.6, 0.8}, {.edge = true}} * plane;
    const auto across = FirstDirectionalDerivative{space, {0.8, -0.6}, {.edge = true}} * plane;
    Array<double> field{{2, 5, 6}, "v"};
    std::fill(field.begin(), field.begin() + 30, 0.6);
    std::fill(field.begin() + 30, field.end(), 0.8);
    const auto along_field = FirstDirectionalDerivative{space, field, {.edge = true}} * plane;
    for (index_t i = 0; i < 30; ++i) {
        CHECK(std::abs(along[i] - 5) < 1e-14);
        CHECK(std::abs(across[i]) < 1e-14);
        CHECK(std::abs(along_field[i] - 5) < 1e-14);
    }
    const FirstDirectionalDerivative D{space, field};
    const auto x = space.random(2);
    CHECK(norm(SecondDirectionalDerivative{space, field} * x + D.H() * (D * x)) == 0);
}

TEST_CASE("what has no derivative is refused, by name") {
    const ArraySpace<double> space{"x", {2, 4}};
    CHECK_THROWS_WITH_AS((FirstDerivative{space, {.spacing = 0}}),
                         "FirstDerivative along axis 1 of 2 x 4\n"
                         "    expected a positive spacing\n"
                         "    found    0",
                         ArgumentError);
    CHECK_THROWS_WITH_AS((FirstDerivative{space, {.points = 4}}),
                         doctest::Contains("3 or 5 points"), ArgumentError);
    CHECK_THROWS_WITH_AS((FirstDerivative{space, {.axis = 2}}),
                         doctest::Contains("an axis of 2 x 4: -2 to 1"), ArgumentError);
    CHECK_THROWS_WITH_AS((FirstDerivative{space, {.axis = 0, .points = 5, .edge = true}}),
                         doctest::Contains("at least 3 values along the axis"), ArgumentError);
    CHECK_THROWS_WITH_AS((SecondDerivative{space, {.axis = 0, .edge = true}}),
                         doctest::Contains("edge = false, which leaves the ends zero"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS((SecondDerivative{space, {.spacing = -1}}),
                         doctest::Contains("a positive spacing"), ArgumentError);
    CHECK_THROWS_WITH_AS((Laplacian{space, {.axes = {1, -1}}}), doctest::Contains("axis 1 twice"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS((Laplacian{space, {.axes = {1}, .weights = {1, 2}}}),
                         doctest::Contains("1 weights, one for each axis"), ArgumentError);
    CHECK_THROWS_WITH_AS((Laplacian{space, {.weights = {1, NAN}}}),
                         doctest::Contains("finite weights"), ArgumentError);
    CHECK_THROWS_WITH_AS((Laplacian{space, {.spacings = {1}}}),
                         doctest::Contains("2 spacings, one for each axis"), ArgumentError);
    CHECK_THROWS_WITH_AS((Gradient{ArraySpace<double>{"x", {1, 1, 1, 1, 1, 1}}}),
                         doctest::Contains("at most 5 axes"), ArgumentError);
    CHECK_THROWS_WITH_AS((Gradient{ArraySpace<double>{"x", {}}}),
                         doctest::Contains("at least one axis"), ArgumentError);
    CHECK_THROWS_WITH_AS((FirstDirectionalDerivative{space, {1.0}}),
                         doctest::Contains("a direction of 2 finite numbers"), ArgumentError);
    CHECK_THROWS_WITH_AS((FirstDirectionalDerivative{space, Array<double>{{2, 4}, "v"}}),
                         doctest::Contains("directions[2 x 2 x 4]"), SpaceError);
    CHECK_THROWS_WITH_AS((SecondDirectionalDerivative{space, {1.0, INFINITY}}),
                         doctest::Contains("{1, infinity}"), ArgumentError);
}

TEST_CASE_TEMPLATE("large results, which go to memory past the caches, are those of the rows", T,
                   float, double) {
    // Rows that begin at every place of a cache line.
    constexpr index_t columns = 16384 / static_cast<index_t>(sizeof(T)) + 5;
    const ArraySpace<T> space{"x", {2053, columns}};
    REQUIRE(space.size() * static_cast<index_t>(sizeof(T)) >= index_t{32} << 20);
    const auto x = space.random(1);
    const auto check = [&](const auto& a) {
        const auto y = a * x;
        const auto row = [&](index_t begin, index_t count) {
            std::vector<T> values(static_cast<std::size_t>(count));
            a.forward_rows(x, begin, begin + count, values.data());
            return std::equal(values.begin(), values.end(), y.data() + begin);
        };
        bool same = true;
        for (index_t at = 0; at < y.size(); at += longest_rows)
            same = same && row(at, std::min(longest_rows, y.size() - at));
        CHECK(same);
    };
    check(FirstDerivative<T>{space, {.axis = 0, .points = 5, .edge = true}});
    check(SecondDerivative<T>{space, {.axis = 1}});
    check(Laplacian<T>{space}.H());
    check(Gradient<T>{space});
}
