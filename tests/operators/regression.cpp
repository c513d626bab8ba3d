/// Polynomials at given places: laws, then numbers a reader can check by hand.
#include <lop/operators/regression.hpp>

#include <lop/algebra/algebra.hpp>
#include <lop/testing/doctest.hpp>

#include <complex>
#include <doctest/doctest.h>
#include <vector>

using namespace lop;
using lop::testing::check_laws;

TEST_CASE_TEMPLATE("regressions obey the laws", T, float, double, std::complex<float>,
                   std::complex<double>) {
    std::vector<double> places;
    for (int i = 0; i < 40001; ++i) places.push_back(-1 + 0.00007 * i);
    for (const int order : {0, 1, 3, 7}) check_laws(PolynomialRegression<T>{places, order});
    check_laws(LinearRegression<T>{places});
    check_laws(PolynomialRegression<T>{{0.5}, 4});
    check_laws(PolynomialRegression<T>{{}, 2});
}

TEST_CASE("the matrix of a regression holds the powers of the places") {
    const PolynomialRegression R{{-1, 0, 2}, 3};
    const auto matrix = to_dense(R);
    const double expected[] = {1, -1, 1, -1, 1, 0, 0, 0, 1, 2, 4, 8};
    CHECK(std::equal(matrix.begin(), matrix.end(), expected, expected + 12));
    CHECK(R.domain().describe() == "coefficients[4] of float64 on host");
    const auto line = to_dense(LinearRegression{{-1, 3}});
    const double rows[] = {1, -1, 1, 3};
    CHECK(std::equal(line.begin(), line.end(), rows, rows + 4));
}

TEST_CASE("places and orders without a polynomial are refused, by name") {
    CHECK_THROWS_WITH_AS((PolynomialRegression{{1.0, 2.0}, -1}),
                         doctest::Contains("an order that is not negative"), ArgumentError);
    CHECK_THROWS_WITH_AS((PolynomialRegression{{1.0, 1e100}, 4}),
                         "PolynomialRegression of order 4\n"
                         "    expected places with finite powers up to the order\n"
                         "    found    1e+100 to the power of 4\n"
                         "    try      places scaled to the order of one",
                         ArgumentError);
}
