/// Moving averages: laws, then numbers a reader can check by hand.
#include <lop/operators/smoothing.hpp>

#include <lop/algebra/algebra.hpp>
#include <lop/testing/doctest.hpp>

#include <cmath>
#include <complex>
#include <doctest/doctest.h>

using namespace lop;
using lop::testing::check_laws;

TEST_CASE_TEMPLATE("moving averages obey the laws on every axis, for windows of all lengths", T,
                   float, double, std::complex<float>, std::complex<double>) {
    for (const Shape& shape : {Shape{17}, Shape{1}, Shape{0}, Shape{5, 9}, Shape{3, 0},
                               Shape{4, 1, 5}, Shape{2, 3, 2, 2, 3, 2}, Shape{91, 401}}) {
        const ArraySpace<T> space{"x", shape};
        for (const index_t length : {1, 3, 5, 7, 21}) {
            for (int axis = 0; axis < shape.rank(); ++axis)
                check_laws(Smoothing1D{space, {.length = length, .axis = axis}});
            if (shape.rank() < 2) continue;
            check_laws(Smoothing2D{space, {.lengths = {length, 3}}});
            check_laws(Smoothing2D{space, {.lengths = {3, length}, .axes = {-1, 0}}});
        }
    }
}

TEST_CASE("every average equals the sum over its window") {
    for (const index_t n : {1, 2, 3, 4, 7, 10, 23})
        for (const index_t length : {1, 3, 5, 7, 9, 31, 99}) {
            const auto matrix =
                to_dense(Smoothing1D{ArraySpace<double>{"x", {n}}, {.length = length}});
            for (index_t i = 0; i < n; ++i)
                for (index_t j = 0; j < n; ++j)
                    CHECK(matrix(i, j) ==
                          (std::abs(i - j) <= length / 2 ? 1 / static_cast<double>(length) : 0.0));
        }
}

TEST_CASE("a rectangle of ones is spread over the rectangle of the window") {
    const ArraySpace<double> space{"x", {5, 7}};
    auto x = space.zeros();
    x(2, 3) = 15;
    const auto y = Smoothing2D{space, {.lengths = {3, 5}}} * x;
    for (index_t i = 0; i < 5; ++i)
        for (index_t k = 0; k < 7; ++k)
            CHECK(std::abs(y(i, k) - (std::abs(i - 2) <= 1 && std::abs(k - 3) <= 2 ? 1 : 0)) <
                  1e-15);
}

TEST_CASE("a huge value leaves nothing behind outside its windows") {
    const ArraySpace<float> space{"x", {100}};
    auto x = space.zeros();
    x.fill(1);
    x[10] = 1e20f;
    const auto y = Smoothing1D{space, {.length = 5}} * x;
    for (index_t i = 13; i < 98; ++i) CHECK(y[i] == doctest::Approx(1).epsilon(1e-6));
}

TEST_CASE("windows without a middle are refused, by name") {
    const ArraySpace<double> space{"x", {3, 4}};
    CHECK_THROWS_WITH_AS((Smoothing1D{space, {.length = 4}}),
                         "Smoothing1D over 4 values\n"
                         "    expected a positive, odd number of values\n"
                         "    try      length = 5",
                         ArgumentError);
    CHECK_THROWS_WITH_AS((Smoothing1D{space, {.length = -1}}), doctest::Contains("positive, odd"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS((Smoothing2D{space, {.lengths = {3, 2}}}),
                         doctest::Contains("Smoothing2D over 2 values"), ArgumentError);
    CHECK_THROWS_WITH_AS((Smoothing2D{space, {.axes = {1, -1}}}),
                         doctest::Contains("two unlike axes"), ArgumentError);
}
