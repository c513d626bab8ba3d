/// Tests of the Taylor test and of the reports of numerical proofs.
#include "zoo.hpp"
#include <lop/testing/dot_test.hpp>

#include <doctest/doctest.h>
#include <sstream>

using namespace lop;

namespace {

/// F(m) = B (m * m), element-wise square, and factor * B diag(m): its Jacobian for factor = 2.
struct Squares {
    ArraySpace<double> model{"model", {6}};
    ArraySpace<double> data{"data", {9}};
    zoo::Dense<double> b = zoo::random_dense<double>(model, data, 1, "B");

    Array<double> operator()(const Array<double>& m) const { return b * cwise_product(m, m); }
    auto jacobian(const Array<double>& m, double factor = 2) const {
        const auto diagonal = [m, factor](const Array<double>& x, Array<double>& y) {
            y = factor * cwise_product(m, x);
        };
        return b * make_operator(model, model, diagonal, diagonal, "diag");
    }
};

}  // namespace

TEST_CASE("values that overflow prove nothing") {
    const ArraySpace<double> space{"x", {6}};
    const auto times = [](double factor) {
        return [factor](const Array<double>& x, Array<double>& y) { y = factor * x; };
    };
    const auto a = make_operator(space, space, times(1e200), times(1e200), "huge");
    CHECK_FALSE(dot_test(a));
    CHECK_FALSE(linearity_test(a));
    CHECK(dot_test(make_operator(space, space, times(1e100), times(1e100), "large")));
}

TEST_CASE("a derivative passes the Taylor test with orders 1 and 2") {
    const Squares squares;
    const auto m = squares.model.random(3);
    const Array<double> dm = 0.01 * squares.model.random(4);
    const auto report = taylor_test(squares, squares.jacobian(m), m, dm);
    INFO(report.str());
    CHECK(report);
    // F is quadratic: the second remainder is h^2 times a constant.
    CHECK(report.orders[1] == doctest::Approx(2).epsilon(1e-6));
    CHECK(report.kind == "taylor");
}

TEST_CASE("a wrong derivative fails the Taylor test, grossly or slightly wrong") {
    const Squares squares;
    const auto m = squares.model.random(3);
    const Array<double> dm = 0.01 * squares.model.random(4);
    CHECK_FALSE(taylor_test(squares, squares.jacobian(m, 3), m, dm));
    CHECK_FALSE(taylor_test(squares, squares.jacobian(m, 2.01), m, dm));
    CHECK_FALSE(taylor_test(squares, squares.jacobian(m, 0), m, dm));
    CHECK_FALSE(taylor_test(squares, squares.jacobian(squares.model.random(5)), m, dm));
}

TEST_CASE("orders are seen where they settle: perturbations as large as the model, and tiny ones") {
    const Squares squares;
    const auto m = squares.model.random(3);
    const auto dm = squares.model.random(4);
    const auto large = taylor_test(squares, squares.jacobian(m), m, dm);
    INFO(large.str());
    CHECK(large);
    CHECK_FALSE(taylor_test(squares, squares.jacobian(m, 2.1), m, dm));
    // The remainder with the derivative is rounding; without one it is seen that this is wrong.
    const auto tiny = taylor_test(squares, squares.jacobian(m), m, 1e-9 * dm);
    INFO(tiny.str());
    CHECK(tiny);
    CHECK_FALSE(taylor_test(squares, squares.jacobian(m, 2.01), m, 1e-9 * dm));
    CHECK_FALSE(taylor_test(squares, squares.jacobian(m, 0), m, 1e-9 * dm));
    // Not even the map is seen to change.
    CHECK_FALSE(taylor_test(squares, squares.jacobian(m), m, 1e-17 * dm));
}

TEST_CASE("a linear map is its own derivative") {
    const Squares squares;
    const auto b = [&](const Array<double>& m) { return squares.b * m; };
    const auto m = squares.model.random(3);
    const auto report = taylor_test(b, squares.b, m, squares.model.random(4));
    INFO(report.str());
    CHECK(report);
    CHECK(report.orders[1] == 2);
    CHECK_FALSE(taylor_test(b, 1.0001 * squares.b, m, squares.model.random(4)));
}

TEST_CASE("a map that does not react to its argument fails: there is no order to observe") {
    const Squares squares;
    const auto m = squares.model.random(3);
    const auto constant = [&](const Array<double>&) { return squares.data.random(6); };
    CHECK_FALSE(taylor_test(constant, Zero{squares.model, squares.data}, m, m));
}

TEST_CASE("a report converts to its outcome and prints its figure beside the limit") {
    const TestReport good{"C", "dot", "float64", 2e-16, 1e-14, true};
    CHECK(good);
    CHECK(good.str() == "dot of C in float64: 2e-16 <= 1e-14");
    const TestReport bad{"J", "taylor", "float32", 0.9, 0.1, false, {1, 1.1}};
    CHECK_FALSE(bad);
    std::ostringstream text;
    text << bad;
    CHECK(text.str() == "taylor of J in float32: 0.9 > 0.1 (orders 1, 1.1)");
}

TEST_CASE("the limits are those of the precision, and can be set") {
    const ArraySpace<float> x{"x", {50}};
    const auto a = zoo::random_dense<float>(x, x, 1);
    CHECK(dot_test(a).limit == 1e-6);
    CHECK(dot_test(a).scalar == "float32");
    CHECK(dot_test(a, {.limit = 1e-3}).limit == 1e-3);
    CHECK_FALSE(dot_test(a, {.limit = 1e-18}));
}
