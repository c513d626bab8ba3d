/// The solvers on systems that a reader can check by hand.
#include "../algebra/zoo.hpp"
#include <lop/solvers/solvers.hpp>

#include <cmath>
#include <doctest/doctest.h>

using namespace lop;
using doctest::Approx;
using zoo::dense;
using zoo::vector;

TEST_CASE("cg solves two equations in two steps, from a start, through the values by hand") {
    const auto a = dense({{4.0, 1.0}, {1.0, 3.0}});
    const auto b = vector({1.0, 2.0});
    const auto x0 = vector({2.0, 1.0});
    // r = (-8, -3), A r = (-35, -17), alpha = 73/331.
    const auto one = cg(a, b, x0, {.iterations = 1});
    CHECK(one.x[0] == Approx(78.0 / 331).epsilon(1e-14));
    CHECK(one.x[1] == Approx(112.0 / 331).epsilon(1e-14));
    CHECK(one.reason == StopReason::iterations);
    CHECK(one.history[0].residual == Approx(std::sqrt(73.0)).epsilon(1e-15));
    const auto two = cg(a, b, x0, {.iterations = 20, .tolerance = 1e-14});
    CHECK(two.iterations == 2);
    CHECK(two.x[0] == Approx(1.0 / 11).epsilon(1e-14));
    CHECK(two.x[1] == Approx(7.0 / 11).epsilon(1e-14));
    CHECK(two.reason == StopReason::residual);
}

TEST_CASE("steepest descent takes the step of least misfit") {
    const auto a = dense({{1.0, 0.0}, {0.0, 2.0}});
    const auto b = vector({1.0, 1.0});
    // g = (1, 2), A g = (1, 4), t = 5/17; what is left is (12, -3)/17.
    const auto one = steepest_descent(a, b, {.iterations = 1});
    CHECK(one.x[0] == Approx(5.0 / 17).epsilon(1e-15));
    CHECK(one.x[1] == Approx(10.0 / 17).epsilon(1e-15));
    CHECK(one.last().residual == Approx(std::sqrt(153.0) / 17).epsilon(1e-14));
    // The dynamic step: t = |r|^2 / |g|^2 = 2/5.
    const auto dynamic = steepest_descent(a, b, {.iterations = 1, .step = StepLength::dynamic});
    CHECK(dynamic.x[0] == Approx(0.4).epsilon(1e-15));
    CHECK(dynamic.x[1] == Approx(0.8).epsilon(1e-15));
    // With damping 2: g = (1, 2), curvature = 17 + 4 * 5, t = 5/37.
    const auto damped = steepest_descent(a, b, {.iterations = 1, .damping = 2});
    CHECK(damped.x[1] == Approx(10.0 / 37).epsilon(1e-15));
}

TEST_CASE("lsqr and cgls find the mean of two measurements") {
    const auto a = dense({{1.0}, {1.0}});
    const auto b = vector({1.0, 2.0});
    const auto check = [](const auto& mean) {
        CHECK(mean.iterations == 1);
        CHECK(mean.x[0] == Approx(1.5).epsilon(1e-15));
        CHECK(mean.reason == StopReason::gradient);
        CHECK(mean.history[0].residual == Approx(std::sqrt(5.0)).epsilon(1e-15));
        CHECK(mean.history[0].gradient == Approx(3.0).epsilon(1e-15));
        CHECK(mean.history[1].residual == Approx(std::sqrt(0.5)).epsilon(1e-14));
        CHECK(mean.history[1].solution == Approx(1.5).epsilon(1e-15));
    };
    check(lsqr(a, b, {.iterations = 10}));
    check(cgls(a, b, {.iterations = 10}));
}

TEST_CASE("damping shrinks each component as s^2 / (s^2 + damping^2)") {
    const auto a = dense({{3.0, 0.0}, {0.0, 4.0}});
    const auto b = vector({3.0, 4.0});
    const auto check = [](const auto& x) {
        CHECK(x[0] == Approx(9.0 / 10).epsilon(1e-12));
        CHECK(x[1] == Approx(16.0 / 17).epsilon(1e-12));
    };
    check(lsqr(a, b, {.damping = 1, .atol = 1e-14, .btol = 1e-14}).x);
    check(cgls(a, b, {.damping = 1, .tolerance = 1e-14}).x);
    check(steepest_descent(a, b, {.iterations = 1000, .damping = 1, .tolerance = 1e-14}).x);
}

TEST_CASE("with a start, cgls damps x and lsqr damps the change of x") {
    const auto a = dense({{2.0}});
    const auto b = vector({2.0});
    const auto x0 = vector({3.0});
    // min (2x - 2)^2 + 4 x^2: x = 1/2.   min (2x - 2)^2 + 4 (x - 3)^2: x = 2.
    CHECK(cgls(a, b, x0, {.damping = 2}).x[0] == Approx(0.5).epsilon(1e-14));
    CHECK(steepest_descent(a, b, x0, {.damping = 2}).x[0] == Approx(0.5).epsilon(1e-14));
    const auto moved = lsqr(a, b, x0, {.damping = 2});
    CHECK(moved.x[0] == Approx(2.0).epsilon(1e-14));
    CHECK(moved.last().residual == Approx(2.0).epsilon(1e-14));
    CHECK(moved.last().solution == Approx(2.0).epsilon(1e-14));
}

TEST_CASE("complex systems: cg and lsqr on numbers by hand") {
    using C = std::complex<double>;
    // Hermitian, eigenvalues 1 and 3; A (1, 1) = (2 + i, 2 - i).
    const auto a = dense<C>({{{2, 0}, {0, 1}}, {{0, -1}, {2, 0}}});
    const auto b = vector<C>({{2, 1}, {2, -1}});
    for (const auto& x :
         {cg(a, b, {.tolerance = 1e-14}).x, lsqr(a, b, {.atol = 1e-14, .btol = 1e-14}).x}) {
        CHECK(std::abs(x[0] - C{1, 0}) < 1e-14);
        CHECK(std::abs(x[1] - C{1, 0}) < 1e-14);
    }
}

TEST_CASE("two assignments in one pass: the values and the bits of one after the other") {
    for (const Shape shape : {Shape{123, 47}, Shape{5000}, Shape{3, 5000}}) {
        const ArraySpace<float> space{"x", shape};
        const auto a = space.random(1);
        const auto b = space.random(2);
        auto x = space.random(3);
        auto y = space.random(4);
        auto x2 = x;
        auto y2 = y;
        CHECK(assign_both_norm2(x, x + 0.5 * y, y, a - 2 * y + b) ==
              assign_norm2(x2, x2 + 0.5 * y2));
        y2 = a - 2 * y2 + b;
        CHECK(norm(x - x2) == 0);
        CHECK(norm(y - y2) == 0);
    }
}

TEST_CASE("two assignments in one pass refuse targets of unlike spaces") {
    Array<double> x{{2}};
    Array<double> y{{3}};
    CHECK_THROWS_AS(assign_both_norm2(x, 2 * x, y, 2 * y), SpaceError);
    CHECK_THROWS_AS(assign_both_norm2(x, 2 * y, x, 2 * x), SpaceError);
}
