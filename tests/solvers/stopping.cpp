/// Stopping rules, monitors, histories and refusals.
#include "support.hpp"

#include <doctest/doctest.h>
#include <limits>
#include <set>
#include <string>

using namespace lop;
using zoo::dense;
using zoo::message_of;
using zoo::random_dense;
using zoo::vector;

namespace {

const ArraySpace<double> model{"model", {6}};
const ArraySpace<double> data{"data", {9}};
zoo::Dense<double> tall() { return random_dense<double>(model, data, 1); }
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE("a right-hand side of zero is solved by zero at the start") {
    const auto a = tall();
    const auto normal = a.H() * a;
    CHECK(lsqr(a, data.zeros()).reason == StopReason::start);
    CHECK(cgls(a, data.zeros()).reason == StopReason::start);
    CHECK(steepest_descent(a, data.zeros()).reason == StopReason::start);
    const auto solution = cg(normal, model.zeros());
    CHECK(solution.reason == StopReason::start);
    CHECK(solution.iterations == 0);
    CHECK(solution.history.size() == 1);
    CHECK(norm(solution.x) == 0);
}

TEST_CASE("data whose squares vanish are refused: zero would seem to solve them") {
    const auto a = tall();
    CHECK(message_of([&] { lsqr(a, 1e-200 * data.random(1)); }).find("the squares of b are zero") !=
          std::string::npos);
    CHECK_NOTHROW(lsqr(a, 1e-140 * data.random(1)));
}

TEST_CASE("data that A cannot see are solved by zero at the start") {
    const auto a = dense({{1.0}, {0.0}});
    const auto b = vector({0.0, 3.0});
    CHECK(lsqr(a, b).reason == StopReason::start);
    CHECK(cgls(a, b).reason == StopReason::start);
    CHECK(lsqr(a, b).last().residual == 3);
    CHECK(lsqr(Zero{model, data}, data.random(1)).reason == StopReason::start);
}

TEST_CASE("a start that solves is returned as it is") {
    const auto a = tall();
    const auto x = model.random(3);
    const auto b = a * x;
    for (const auto& solution : {static_cast<Solution<Array<double>>>(lsqr(a, b, x)), cgls(a, b, x),
                                 steepest_descent(a, b, x), cg(a.H() * a, a.H() * b, x)}) {
        CHECK(solution.reason == StopReason::start);
        CHECK(solution.iterations == 0);
        CHECK(norm(solution.x - x) == 0);
    }
}

TEST_CASE("a solver stops where its tolerance is met, and says by which rule") {
    const auto a = tall();
    const auto exact = a * model.random(3);
    const auto noisy = data.random(4);
    CHECK(lsqr(a, exact).reason == StopReason::residual);
    CHECK(lsqr(a, noisy).reason == StopReason::gradient);
    CHECK(cgls(a, exact).reason == StopReason::residual);
    CHECK(cgls(a, noisy).reason == StopReason::gradient);
    CHECK(steepest_descent(a, noisy, {.iterations = 3000}).reason == StopReason::gradient);
    CHECK(cg(a.H() * a, a.H() * noisy).reason == StopReason::residual);
    // A looser tolerance needs fewer iterations.
    CHECK(lsqr(a, noisy, {.atol = 0.1}).iterations < lsqr(a, noisy).iterations);
    CHECK(cgls(a, exact, {.tolerance = 0.3}).iterations < cgls(a, exact).iterations);
}

TEST_CASE("without tolerances a solver stops at the level of rounding, not at a breakdown") {
    const auto a = tall();
    const auto exact = a * model.random(3);
    const auto noisy = data.random(4);
    CHECK(lsqr(a, exact, {.atol = 0, .btol = 0}).reason == StopReason::residual_rounding);
    CHECK(lsqr(a, noisy, {.atol = 0, .btol = 0}).reason == StopReason::gradient_rounding);
    CHECK(cgls(a, exact, {.tolerance = 0}).reason == StopReason::residual_rounding);
    CHECK(cgls(a, noisy, {.iterations = 40, .tolerance = 0}).reason ==
          StopReason::gradient_rounding);
    CHECK(cg(a.H() * a, a.H() * noisy, {.tolerance = 0}).reason == StopReason::residual_rounding);
}

TEST_CASE("lsqr stops where the condition exceeds its limit") {
    const auto a = dense({{1.0, 0.0, 0.0}, {0.0, 1e-3, 0.0}, {0.0, 0.0, 1e-6}});
    const auto b = vector({1.0, 1.0, 1.0});
    const LsqrOptions strict{.atol = 0, .btol = 0, .condition_limit = 1e4};
    const auto stopped = lsqr(a, b, strict);
    CHECK(stopped.reason == StopReason::condition);
    CHECK(stopped.condition >= 1e4);
    LsqrOptions open = strict;
    open.condition_limit = 0;
    CHECK(lsqr(a, b, open).reason != StopReason::condition);
    // Damping bounds the condition of the stacked operator: |A| / damping.
    LsqrOptions damped = strict;
    damped.damping = 1e-2;
    CHECK(lsqr(a, b, damped).reason != StopReason::condition);
}

TEST_CASE("an operator that is singular to rounding is told as such") {
    const auto a = dense({{1.0, 0.0}, {0.0, 1e-20}});
    const auto b = vector({1.0, 1.0});
    const auto solution = lsqr(a, b, {.atol = 0, .btol = 0, .condition_limit = 0});
    INFO(words(solution.reason));
    CHECK((solution.reason == StopReason::condition_rounding ||
           solution.reason == StopReason::gradient_rounding));
}

TEST_CASE("the iterations are counted and bounded") {
    const auto a = tall();
    const auto b = data.random(4);
    for (const index_t n : {0, 1, 3}) {
        CHECK(lsqr(a, b, {.iterations = n}).iterations == n);
        CHECK(cgls(a, b, {.iterations = n}).history.size() == static_cast<std::size_t>(n + 1));
        CHECK(steepest_descent(a, b, {.iterations = n}).reason == StopReason::iterations);
        CHECK(cg(a.H() * a, a.H() * b, {.iterations = n}).last().number == n);
    }
    const auto one = a.applications();
    lsqr(a, b, {.iterations = 3});
    CHECK(a.applications() - one == 7);  // A' b, and three pairs
    const auto two = a.applications();
    cgls(a, b, {.iterations = 3});
    CHECK(a.applications() - two == 7);
}

TEST_CASE("a monitor sees every record and may end the solver") {
    const auto a = tall();
    const auto b = data.random(4);
    std::vector<Iteration> seen;
    const auto all = lsqr(a, b, {.iterations = 4, .monitor = [&](const Iteration& at) {
                                     seen.push_back(at);
                                     return true;
                                 }});
    REQUIRE(seen.size() == 5);
    for (std::size_t i = 0; i < 5; ++i) {
        CHECK(seen[i].number == static_cast<index_t>(i));
        CHECK(seen[i].residual == all.history[i].residual);
        CHECK(seen[i].seconds >= (i > 0 ? seen[i - 1].seconds : 0));
    }
    const auto stop_at_two = [](const Iteration& at) { return at.number < 2; };
    CHECK(lsqr(a, b, {.monitor = stop_at_two}).iterations == 2);
    CHECK(cgls(a, b, {.monitor = stop_at_two}).reason == StopReason::monitor);
    CHECK(steepest_descent(a, b, {.monitor = stop_at_two}).reason == StopReason::monitor);
    CHECK(cg(a.H() * a, a.H() * b, {.monitor = stop_at_two}).reason == StopReason::monitor);
}

TEST_CASE("a watch sees the iterate as well, and may end the solver") {
    const auto a = tall();
    const auto b = data.random(4);
    Array<double> copy;
    const auto solution =
        lsqr(a, b, {.iterations = 50}, [&](const Iteration& at, const Array<double>& x) {
            copy = x;
            return at.number < 3;
        });
    CHECK(solution.reason == StopReason::monitor);
    CHECK(solution.iterations == 3);
    CHECK(norm(copy - solution.x) == 0);
    const auto again = lsqr(a, b, {.iterations = 3});
    CHECK(norm(again.x - solution.x) == 0);
}

TEST_CASE("a rule that is met counts before a monitor that ends the solver there") {
    const auto a = tall();
    const auto solution =
        lsqr(a, data.random(4),
             {.atol = 1e-12, .monitor = [](const Iteration& at) { return at.gradient > 1e-9; }});
    CHECK(solution.reason == StopReason::gradient);
}

TEST_CASE("data, starts and operators may be expressions") {
    const auto a = tall();
    const auto b = data.random(4);
    const auto x0 = model.random(5);
    const auto plain = lsqr(a, Array<double>{2 * b - a * x0}, {.iterations = 3});
    CHECK(norm(lsqr(a, 2 * b - a * x0, {.iterations = 3}).x - plain.x) == 0);
    const auto started = cgls(a, b, 3 * x0, {.iterations = 3});
    CHECK(norm(started.x - cgls(a, b, Array<double>{3 * x0}, {.iterations = 3}).x) == 0);
    const AnyOperator any{a};
    CHECK(norm(lsqr(any, b, {.iterations = 3}).x - lsqr(a, b, {.iterations = 3}).x) == 0);
}

TEST_CASE("a solve is an operator: the inverse by cg, and its adjoint") {
    const auto a = tall();
    const auto spd = a.H() * a + Identity{model};
    const auto solve = [](const auto& op, const auto& b) {
        return cg(op, b, {.tolerance = 1e-14}).x;
    };
    const auto inverse_spd = inverse(spd, solve);
    const auto x = model.random(2);
    CHECK(norm(inverse_spd * (spd * x) - x) < 1e-12);
    CHECK(norm(spd * inverse_spd * x - x) < 1e-12);
    const auto square = random_dense<double>(model, model, 8);
    const auto inverse_square = inverse(square, [](const auto& op, const auto& b) {
        return lsqr(op, b, {.atol = 1e-15, .btol = 1e-15, .condition_limit = 0}).x;
    });
    CHECK(norm(inverse_square.H() * (square.H() * x) - x) < 1e-10);
}

TEST_CASE("every reason has words of its own") {
    std::set<std::string_view> sentences;
    for (int i = 0; i <= static_cast<int>(StopReason::stationary); ++i)
        sentences.insert(words(static_cast<StopReason>(i)));
    CHECK(sentences.size() == 10);
    CHECK(sentences.count("unknown") == 0);
    CHECK(words(StopReason::iterations) == "all iterations were done");
}

// ---- refusals -----------------------------------------------------------------------------------

TEST_CASE("cg says so where A is not positive definite") {
    const auto a = dense({{1.0, 0.0}, {0.0, -2.0}});
    CHECK(message_of([&] { cg(a, vector({1.0, 1.0})); }) ==
          "cg(A, b): A is not positive definite: <p, A p> for a direction p\n"
          "    expected a positive number\n"
          "    found    -1 in iteration 1\n"
          "    try      cgls or lsqr, which solve for any A");
    CHECK_THROWS_AS(cg(Zero{model, model}, model.random(1)), ArgumentError);
}

TEST_CASE("cg wants an operator from a space to itself") {
    CHECK(message_of([] { cg(tall(), data.random(1)); }) ==
          "cg(A, b): the range of A is not its domain\n"
          "    expected model[6] of float64 on host\n"
          "    found    data[9] of float64 on host\n"
          "    try      cgls or lsqr, which solve for any A");
}

TEST_CASE("data and starts of other spaces are refused by name, by every solver") {
    const auto a = tall();
    const auto b = model.random(1);
    CHECK(message_of([&] { lsqr(a, b); }) ==
          "lsqr(A, b): b is not in range(A)\n"
          "    expected data[9] of float64 on host\n"
          "    found    model[6] of float64 on host");
    CHECK(message_of([&] { lsqr(a, data.zeros(), data.zeros()); }) ==
          "lsqr(A, b): the start is not in domain(A)\n"
          "    expected model[6] of float64 on host\n"
          "    found    data[9] of float64 on host");
    CHECK_THROWS_AS(cgls(a, b), SpaceError);
    CHECK_THROWS_AS(steepest_descent(a, b), SpaceError);
    CHECK_THROWS_AS(cg(a.H() * a, data.random(1)), SpaceError);
    CHECK_THROWS_AS(cg(a.H() * a, b, data.random(1)), SpaceError);
}

TEST_CASE("values that are not finite are refused: in b, in the start, in what A returns") {
    const auto a = tall();
    const auto good = data.random(1);
    auto b = good;
    b[2] = not_a_number;
    CHECK(message_of([&] { lsqr(a, b); }) ==
          "lsqr(A, b): b is not finite\n"
          "    expected finite values, with squares below 1e308\n"
          "    found    a norm of NaN");
    b[2] = std::numeric_limits<double>::infinity();
    CHECK_THROWS_AS(cgls(a, b), ArgumentError);
    auto x0 = model.random(1);
    x0[0] = not_a_number;
    CHECK(message_of([&] { cgls(a, good, x0); }).substr(0, 35) ==
          "cgls(A, b): the start is not finite");

    int calls = 0;
    const auto breaks = make_operator(
        model, model,
        [&calls](const Array<double>& x, Array<double>& y) {
            y = (++calls == 2 ? not_a_number : 1.0) * x;
        },
        [](const Array<double>& y, Array<double>& x) {
            x = map([](double v) { return 2 * v; }, y);
        },
        "B");
    const auto text = message_of([&] { steepest_descent(breaks, model.random(1)); });
    CHECK(text.find("steepest_descent(B, b): iteration 2 is not finite\n") == 0);
    CHECK(text.find("NaN, NaN and ") != std::string::npos);
    CHECK(text.find("look for NaN and infinity in what A and A' return") != std::string::npos);
    const auto all_nan = make_operator(
        model, model, [](const auto&, auto& y) { y.fill(not_a_number); },
        [](const auto&, auto& x) { x.fill(not_a_number); });
    const auto c = model.random(1);
    CHECK_THROWS_AS(cg(all_nan, c), ArgumentError);
    CHECK_THROWS_AS(cgls(all_nan, c), ArgumentError);
    CHECK_THROWS_AS(lsqr(all_nan, c), ArgumentError);
    CHECK_THROWS_AS(steepest_descent(all_nan, c), ArgumentError);
    CHECK(message_of([&] { cg(all_nan, c); }).find("positive") == std::string::npos);
}

TEST_CASE("a step that is too long is blamed for what it does, and for nothing else") {
    const ArraySpace<double> space{"x", {4}};
    const Identity i{space};
    const auto b = space.random(1);
    const Translated broken{L1{0.1}, Array<double>{NAN * b}};
    const auto nan_operator = make_operator(
        space, space, [](const auto&, auto& y) { y.fill(not_a_number); },
        [](const auto&, auto& x) { x.fill(not_a_number); }, "N");
    const auto tries = [](const auto& solve) {
        const std::string text = message_of(solve);
        const auto at = text.find("try      ");
        return at == std::string::npos ? text : text.substr(at + 9);
    };
    const std::string step = "a step of at most 1/|A|^2; step = 0 finds one";
    const std::string sources = "look for NaN and infinity in f and in what A and A' return";
    for (const double length : {100.0, 1e200}) {
        CHECK(tries([&] { fista(i, b, L1{0.1}, {.iterations = 2000, .step = length}); }) == step);
        CHECK(tries([&] { ista(i, b, L1{0.1}, {.iterations = 2000, .step = length}); }) == step);
    }
    for (const double length : {0.0, 0.5}) {
        CHECK(tries([&] { fista(i, b, broken, {.step = length}); }) == sources);
        CHECK(tries([&] { fista(nan_operator, b, L1{}, {.step = length}); }) == sources);
    }
    int calls = 0;
    const auto breaks = make_operator(
        space, space,
        [&calls](const Array<double>& x, Array<double>& y) {
            y = (++calls == 4 ? not_a_number : 1.0) * x;
        },
        [](const Array<double>& y, Array<double>& x) { x = y; });
    CHECK(tries([&] { ista(breaks, b, SquaredL2{}, {.step = 0.1, .tolerance = 0}); }) == sources);

    const LinearizedBregmanOptions long_steps{.iterations = 2000, .step = 100};
    const std::string shorter = "a step below 2/|A|^2; step = 0 chooses each by itself";
    CHECK(tries([&] { linearized_bregman(i, b, i, long_steps); }) == shorter);
    const auto draw = [&](index_t) { return std::pair{i, b}; };
    CHECK(tries([&] { linearized_bregman_batches(draw, i, long_steps); }) == shorter);

    const Translated fit{SquaredL2{100}, b};
    CHECK(tries([&] {
              primal_dual(5 * i, fit, SquaredL2{0.01}, b,
                          {.iterations = 20000, .operator_norm = 0.1});
          }) == "an operator_norm that is not below |K|; 0 estimates it");
    for (const double operator_norm : {0.0, 1.0})
        CHECK(tries([&] {
                  primal_dual(i, L1{0.1}, broken, b, {.operator_norm = operator_norm});
              }) == "look for NaN and infinity in F, G and in what K and K' return");
}

TEST_CASE("figures that are not finite are called what they are in the problem") {
    const ArraySpace<double> space{"x", {4}};
    const Identity i{space};
    const auto b = space.random(1);
    const Translated broken{L1{0.1}, Array<double>{NAN * b}};
    CHECK(message_of([&] { primal_dual(i, L1{0.1}, broken, b); }) ==
          "primal_dual(I, F, G): iteration 1 is not finite\n"
          "    expected finite distances of K x from dF*(y) and of -K'y from dG(x), and |x|\n"
          "    found    NaN, NaN and NaN\n"
          "    try      look for NaN and infinity in F, G and in what K and K' return");
    CHECK(message_of([&] { fista(i, b, broken); }) ==
          "fista(I, b): iteration 1 is not finite\n"
          "    expected finite |b - A x|, |x - y| / step and |x|\n"
          "    found    NaN, NaN and NaN\n"
          "    try      look for NaN and infinity in f and in what A and A' return");
    CHECK(message_of([&] {
              admm(i, b, i, broken);
          }).find("expected finite |b - A x|, |A'(b - A x) - rho L'u| and |x|\n") !=
          std::string::npos);
    const auto squares = [](const Array<double>& x, Array<double>& g) {
        g = x;
        return 0.5 * norm2(x);
    };
    const auto text = message_of([&] { proximal_gradient(squares, broken, b); });
    CHECK(text.find("expected finite h(x), |x - y| / step and |x|\n") != std::string::npos);
    CHECK(text.find("try      look for NaN and infinity in h, its gradient and f") !=
          std::string::npos);
}

TEST_CASE("options outside their range are refused by name") {
    const auto a = tall();
    const auto b = data.random(1);
    CHECK(message_of([&] { lsqr(a, b, {.iterations = -1}); }) ==
          "lsqr(A, b): a negative number of iterations\n"
          "    expected 0 or more\n"
          "    found    -1");
    CHECK(message_of([&] { cgls(a, b, {.damping = -0.5}); }) ==
          "cgls(A, b): the option damping\n"
          "    expected a finite number, 0 or more\n"
          "    found    -0.5");
    CHECK_THROWS_AS(lsqr(a, b, {.damping = not_a_number}), ArgumentError);
    CHECK_THROWS_AS(lsqr(a, b, {.atol = -1}), ArgumentError);
    CHECK_THROWS_AS(lsqr(a, b, {.btol = not_a_number}), ArgumentError);
    CHECK_THROWS_AS(lsqr(a, b, {.condition_limit = -1}), ArgumentError);
    CHECK_THROWS_AS(cg(a.H() * a, a.H() * b, {.tolerance = -1}), ArgumentError);
    CHECK_THROWS_AS(steepest_descent(a, b, {.tolerance = not_a_number}), ArgumentError);
    const Identity i{a.domain()};
    const auto x = a.domain().random(2);
    const auto misfit = [](const Array<double>& at, Array<double>& g) {
        g = at;
        return 0.5 * norm2(at);
    };
    for (const double ratio : {-1.0, 0.0, not_a_number, HUGE_VAL})
        CHECK_THROWS_WITH_AS(
            primal_dual(i, L1{}, SquaredL2{}, a.domain().zeros(), {.ratio = ratio}),
            doctest::Contains("the option ratio"), ArgumentError);
    CHECK_THROWS_WITH_AS(spgl1(a, b, {.noise = 1, .radius = 1}),
                         doctest::Contains("the options noise and radius"), ArgumentError);
    const auto refused = [](const char* option, const auto& solve) {
        CHECK(message_of(solve).find(std::string{": the option "} + option + "\n") !=
              std::string::npos);
    };
    for (const double mu : {-0.5, not_a_number, HUGE_VAL})
        refused("mu", [&] { split_bregman(a, b, i, mu); });
    for (const double wrong : {-1e-9, 0.0, not_a_number, HUGE_VAL}) {
        refused("penalty", [&] { admm(a, b, i, L1{}, {.penalty = wrong}); });
        refused("step", [&] { proximal_gradient(misfit, L1{}, x, {.step = wrong}); });
    }
    for (const double wrong : {-1.0, 0.0, 1.0, not_a_number})
        refused("shrink", [&] { proximal_gradient(misfit, L1{}, x, {.shrink = wrong}); });
    for (const index_t wrong : {-1, 0}) {
        refused("inner_iterations", [&] { admm(a, b, i, L1{}, {.inner_iterations = wrong}); });
        refused("inner_iterations", [&] { irls(a, b, {.inner_iterations = wrong}); });
        refused("restart", [&] { gmres(a.H() * a, x, {.restart = wrong}); });
    }
    for (const double wrong : {-1.0, 1.0, not_a_number})
        refused("inner_tolerance", [&] { irls(a, b, {.inner_tolerance = wrong}); });
    refused("power", [&] { irls(a, b, {.power = 2.5}); });
    refused("columns", [&] { omp(a, b, {.columns = -1}); });
    CHECK_THROWS_WITH_AS(MemoryCheckpoint{-1}, doctest::Contains("MemoryCheckpoint: every"),
                         ArgumentError);
}

TEST_CASE("a false adjoint that stops the descent is told as such") {
    const auto wrong = make_operator(
        model, model, [](const auto&, auto& y) { y.fill(0); },
        [](const auto& y, auto& x) { x = y; }, "W");
    const auto text = message_of([&] { cgls(wrong, model.random(1)); });
    CHECK(text.find("dot_test(A)") != std::string::npos);
    CHECK_THROWS_AS(steepest_descent(wrong, model.random(1)), ArgumentError);
}
