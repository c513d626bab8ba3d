/// Real and imaginary parts, conjugates, weights along an axis: laws, then numbers by hand.
#include <lop/operators/parts.hpp>

#include <lop/algebra/algebra.hpp>
#include <lop/operators/scaling.hpp>
#include <lop/testing/doctest.hpp>

#include <complex>
#include <doctest/doctest.h>
#include <vector>

using namespace lop;
using lop::testing::check_laws;

TEST_CASE_TEMPLATE("parts and conjugates of complex values obey the laws", T, std::complex<float>,
                   std::complex<double>) {
    for (const Shape& shape : {Shape{7}, Shape{1}, Shape{0}, Shape{3, 5}, Shape{2, 0, 3},
                               Shape{2, 3, 1, 2, 2, 3}, Shape{300, 301}}) {
        const ArraySpace<T> space{"x", shape};
        check_laws(RealPart{space});
        check_laws(ImagPart{space});
        check_laws(ConjugateValues{space});
    }
}

TEST_CASE("parts are taken apart and put back together") {
    using C = std::complex<double>;
    const ArraySpace<C> space{"x", {2}};
    Array<C> x{{2}, "x"};
    x[0] = {1, 2};
    x[1] = {3, -4};
    const RealPart re{space};
    const ImagPart im{space};
    const auto a = re * x;
    const auto b = im * x;
    CHECK(a[0] == 1);
    CHECK(a[1] == 3);
    CHECK(b[0] == 2);
    CHECK(b[1] == -4);
    CHECK((im.H() * b)[1] == C{0, -4});
    CHECK((re.H() * a)[1] == C{3, 0});
    CHECK(norm(re.H() * a + im.H() * b - x) == 0);
    CHECK((ConjugateValues{space} * x)[1] == C{3, 4});
    CHECK(real_linear<ConjugateValues<C>>);
}

TEST_CASE_TEMPLATE("weights along an axis obey the laws on every axis", T, float, double,
                   std::complex<float>, std::complex<double>) {
    for (const Shape& shape : {Shape{7}, Shape{1}, Shape{0}, Shape{3, 5}, Shape{2, 0, 3},
                               Shape{2, 3, 1, 2, 2, 3}, Shape{150, 301}}) {
        const ArraySpace<T> space{"x", shape};
        for (int axis = 0; axis < shape.rank(); ++axis) {
            const auto w = ArraySpace<T>{"w", {shape[axis]}}.random(9);
            const std::vector<T> weights(w.begin(), w.end());
            check_laws(AxisDiagonal{space, weights, {.axis = axis}});
            check_laws(AxisDiagonal{space, weights, {.axis = axis - shape.rank()}});
        }
    }
}

TEST_CASE("every place along the axis has its weight, conjugated in the adjoint") {
    const ArraySpace<double> space{"x", {2, 2}};
    Array<double> x{{2, 2}, "x"};
    x.fill(1);
    const auto rows = AxisDiagonal{space, {2, 3}, {.axis = 0}} * x;
    const auto columns = AxisDiagonal{space, {2, 3}} * x;
    CHECK(rows(0, 1) == 2);
    CHECK(rows(1, 0) == 3);
    CHECK(columns(0, 1) == 3);
    CHECK(columns(1, 0) == 2);
    using C = std::complex<double>;
    const ArraySpace<C> one{"x", {1}};
    Array<C> z{{1}, "z"};
    z[0] = {1, 1};
    const AxisDiagonal D{one, {C{0, 2}}};
    CHECK((D * z)[0] == C{-2, 2});
    CHECK((D.H() * z)[0] == C{2, -2});
}

TEST_CASE("weights that do not fit the axis are refused, by name") {
    const ArraySpace<double> space{"x", {3, 4}};
    CHECK_THROWS_WITH_AS((AxisDiagonal{space, {1, 2, 3}}),
                         "AxisDiagonal along axis 1 of 3 x 4\n"
                         "    expected 4 weights\n"
                         "    found    3",
                         ArgumentError);
    CHECK_THROWS_AS((AxisDiagonal{space, {1, 2, 3}, {.axis = 2}}), ArgumentError);
}
