/// Runs that stop and go on: the bits of one run, for every solver; and kept states that do not fit.
#include "law.hpp"
#include <lop/solvers/solvers.hpp>

#include <complex>
#include <set>
#include <string>

using namespace lop;
using zoo::message_of;
using zoo::random_dense;

namespace {

constexpr index_t n = 9;
const ArraySpace<double> model{"model", {6}};
const ArraySpace<double> data{"data", {9}};

/// Keeps states, and ends the solver after iteration `last`.
struct Interrupted : MemoryCheckpoint {
    index_t last = 0;
    template <class X> bool operator()(const Iteration& at, const X&) const {
        return at.number < last;
    }
};

/// Notes the names of what a state holds.
struct Names {
    std::shared_ptr<std::set<std::string>> seen = std::make_shared<std::set<std::string>>();
    template <class State> bool restore(State&) const { return false; }
    template <class State> void save(State& state) const {
        seen->clear();
        state.visit([&](std::string_view name, auto&&) {
            CAPTURE(std::string{name});
            CHECK(seen->insert(std::string{name}).second);
        });
    }
};

}  // namespace

TEST_CASE("solvers of linear systems go on to the bits of one run") {
    law::goes_on(
        [](const auto& a, const auto& b, const auto& x0, index_t k, const auto& watch) {
            return cg(a.H() * a + 0.1 * Identity{a.domain()}, b, x0, {.iterations = k}, watch);
        },
        n);
    law::goes_on([](const auto& a, const auto& b, const auto&, index_t k,
                    const auto& watch) { return minres(a + a.H(), b, {.iterations = k}, watch); },
                 n);
    for (const index_t restart : {4, 5, 30})
        law::goes_on(
            [=](const auto& a, const auto& b, const auto& x0, index_t k, const auto& watch) {
                return gmres(a, b, x0, {.iterations = k, .restart = restart}, watch);
            },
            n);
    law::goes_on(
        [](const auto& a, const auto& b, const auto& x0, index_t k, const auto& watch) {
            return bicgstab(a + 30 * Identity{a.domain()}, b, x0, {.iterations = k}, watch);
        },
        n);
}

TEST_CASE("solvers of least squares go on to the bits of one run, damped, from a start") {
    const auto check = [](const auto& solver, auto options) {
        law::goes_on(
            [&](const auto& a, const auto& b, const auto& x0, index_t k, const auto& watch) {
                options.iterations = k;
                return solver(a, b, x0, options, watch);
            },
            n);
    };
    const auto with_lsqr = [](const auto&... given) { return lsqr(given...); };
    const auto with_lsmr = [](const auto&... given) { return lsmr(given...); };
    check(with_lsqr, LsqrOptions{});
    check(with_lsqr, LsqrOptions{.damping = 0.3});
    check(with_lsmr, LsmrOptions{});
    check(with_lsmr, LsmrOptions{.damping = 0.3});
    check([](const auto&... given) { return cgls(given...); }, CglsOptions{.damping = 0.3});
    check([](const auto&... given) { return steepest_descent(given...); },
          SteepestDescentOptions{.damping = 0.3});
}

TEST_CASE("ista, fista and proximal_gradient go on to the bits of one run") {
    for (const double step : {0.0, 1e-6})
        law::goes_on(
            [=](const auto& a, const auto& b, const auto& x0, index_t k, const auto& watch) {
                return ista(a, b, L1{0.1}, x0, {.iterations = k, .step = step}, watch);
            },
            n);
    for (const bool restart : {false, true})
        law::goes_on(
            [=](const auto& a, const auto& b, const auto&, index_t k, const auto& watch) {
                return fista(a, b, L1{0.1}, {.iterations = k, .restart = restart}, watch);
            },
            n);
    for (const bool accelerated : {false, true})
        law::goes_on(
            [=](const auto& a, const auto& b, const auto& x0, index_t k, const auto& watch) {
                const auto misfit = [&](const auto& x, auto& g) {
                    const auto r = evaluate(a * x - b);
                    g = a.H() * r;
                    return 0.5 * norm2(r);
                };
                return proximal_gradient(misfit, L1{0.1}, x0,
                                         {.iterations = k, .accelerated = accelerated}, watch);
            },
            n);
}

TEST_CASE("linearized_bregman goes on to the bits of one run, with rows drawn anew as well") {
    for (const double step : {0.0, 1e-6})
        law::goes_on(
            [=](const auto& a, const auto& b, const auto&, index_t k, const auto& watch) {
                return linearized_bregman(a, b, Identity{a.domain()},
                                          {.iterations = k, .noise = 1, .step = step}, watch);
            },
            n);
    law::goes_on(
        [](const auto& a, const auto& b, const auto&, index_t k, const auto& watch) {
            const auto draw = [&](index_t i) {
                const double weight = i % 2 == 0 ? 2 : 1;
                return std::pair{weight * a, evaluate(weight * b)};
            };
            return linearized_bregman_batches(draw, Identity{a.domain()}, {.iterations = k}, watch);
        },
        n);
}

TEST_CASE("admm, split_bregman, primal_dual, spgl1 and irls go on to the bits of one run") {
    law::goes_on(
        [](const auto& a, const auto& b, const auto& x0, index_t k, const auto& watch) {
            const Identity i{a.domain()};
            return admm(a, b, vstack(i, 2 * i), SeparableSum{L1{0.1}, Box{}}, x0,
                        {.iterations = k, .inner_iterations = 3}, watch);
        },
        n);
    law::goes_on(
        [](const auto& a, const auto& b, const auto&, index_t k, const auto& watch) {
            return split_bregman(a, b, Identity{a.domain()}, 0.1,
                                 {.iterations = k, .inner_iterations = 3}, watch);
        },
        n);
    for (const double norm_of_a : {0.0, 1000.0})
        law::goes_on(
            [=](const auto& a, const auto& b, const auto& x0, index_t k, const auto& watch) {
                return primal_dual(a, Translated{SquaredL2{}, b}, L1{0.1}, x0,
                                   {.iterations = k, .operator_norm = norm_of_a}, watch);
            },
            n);
    for (const bool lasso : {false, true})
        law::goes_on(
            [=](const auto& a, const auto& b, const auto& x0, index_t k, const auto& watch) {
                return spgl1(
                    a, b, x0,
                    {.iterations = k, .noise = lasso ? 0.0 : 1.0, .radius = lasso ? 9.0 : 0.0},
                    watch);
            },
            n);
    law::goes_on(
        [](const auto& a, const auto& b, const auto&, index_t k, const auto& watch) {
            return irls(a, b, {.iterations = k, .inner_iterations = 4}, watch);
        },
        n);
}

TEST_CASE("omp goes on to the bits of one run, and need not know the norms of columns again") {
    const auto a = random_dense<double>(ArraySpace<double>{"x", {40}}, {"y", {20}}, 1);
    const auto b = a.range().random(5);
    for (const bool normalise : {false, true})
        law::goes_on_with(
            [&](index_t k, const auto& watch) {
                return omp(a, b, {.columns = k, .tolerance = 0, .normalise = normalise}, watch);
            },
            n);
    const MemoryCheckpoint kept;
    const OmpOptions options{.columns = 5, .tolerance = 0, .normalise = true};
    omp(a, b, options, kept);
    const int before = a.applications();
    const auto six = omp(a, b, {.columns = 6, .tolerance = 0, .normalise = true}, kept);
    CHECK(six.columns.size() == 6);
    CHECK(a.applications() - before == 3);  // one to know the operator by
}

TEST_CASE_TEMPLATE("states of complex vectors, single precision and stacks are kept as well", T,
                   float, std::complex<float>, std::complex<double>) {
    const ArraySpace<T> x{"x", {30}};
    const auto a = random_dense<T>(x, x, 3);
    const auto shifted = a + T(20) * Identity{x};
    const auto b = x.random(1);
    law::goes_on_with(
        [&](index_t k, const auto& watch) {
            return bicgstab(shifted, b, {.iterations = k, .tolerance = 0}, watch);
        },
        4);
    law::goes_on_with(
        [&](index_t k, const auto& watch) {
            return gmres(a, b, {.iterations = k, .restart = 4, .tolerance = 0}, watch);
        },
        n);
    law::goes_on_with(
        [&](index_t k, const auto& watch) {
            return lsmr(vstack(a, Identity{x}), Stacked{b, b},
                        {.iterations = k, .atol = 0, .btol = 0}, watch);
        },
        n);
    law::goes_on_with(
        [&](index_t k, const auto& watch) {
            return omp(a, b, {.columns = k, .tolerance = 0}, watch);
        },
        n);
}

TEST_CASE("a watch may keep states too, and end the solver where it likes") {
    const law::Whole whole;
    const auto a = whole.op();
    const auto b = whole.space.random(1);
    const auto check = [&](const auto& solve) {
        const auto expected = solve(detail::NoWatch{});
        const Interrupted stopped{MemoryCheckpoint{}, 4};
        CHECK(solve(stopped).reason == StopReason::monitor);
        CHECK(stopped.iteration() == 4);
        const auto found = solve(static_cast<const MemoryCheckpoint&>(stopped));
        law::same_history(found, expected);
        CHECK(norm(found.x - expected.x) == 0);
    };
    check([&](const auto& watch) { return cgls(a, b, {.iterations = n}, watch); });
    check([&](const auto& watch) { return gmres(a, b, {.iterations = n, .restart = 4}, watch); });
}

TEST_CASE("a run that goes on begins with its next iteration, and watches nothing twice") {
    const auto a = random_dense<double>(model, data, 1);
    const auto b = data.random(4);
    const MemoryCheckpoint kept;
    CHECK(kept.empty());
    lsqr(a, b, {.iterations = 2}, kept);
    const int before = a.applications();
    std::vector<index_t> seen;
    const auto found = lsqr(a, b,
                            {.iterations = 4,
                             .monitor =
                                 [&](const Iteration& at) {
                                     seen.push_back(at.number);
                                     return true;
                                 }},
                            kept);
    CHECK(a.applications() - before == 5);  // one to know the operator by
    CHECK(seen == std::vector<index_t>{3, 4});
    CHECK(found.history[2].seconds <= found.history[3].seconds);
    // Fewer iterations than are done return what is done.
    const auto done = lsqr(a, b, {.iterations = 1}, kept);
    CHECK(done.iterations == 4);
    CHECK(norm(done.x - found.x) == 0);
    kept.clear();
    CHECK(lsqr(a, b, {.iterations = 1}, kept).iterations == 1);
}

TEST_CASE("a solver that stopped by its rule stays there, or goes on under a stricter one") {
    const auto a = random_dense<double>(model, data, 1);
    const auto b = data.random(4);
    const MemoryCheckpoint kept;
    const auto loose = cgls(a, b, {.tolerance = 0.1}, kept);
    CHECK(loose.reason == StopReason::gradient);
    const auto again = cgls(a, b, {.tolerance = 0.1}, kept);
    CHECK(again.reason == StopReason::gradient);
    CHECK(again.iterations == loose.iterations);
    const auto strict = cgls(a, b, {.tolerance = 1e-10}, kept);
    const auto at_once = cgls(a, b, {.tolerance = 1e-10});
    CHECK(strict.iterations > loose.iterations);
    law::same_history(strict, at_once);
    CHECK(norm(strict.x - at_once.x) == 0);
}

TEST_CASE("an operator that throws loses no more than the iterations since the last copy") {
    int calls = 0;
    const auto twice = [&calls](const Array<double>& x, Array<double>& y) {
        if (++calls == 6) throw Error{"the cluster is on fire"};
        for (index_t i = 0; i < x.size(); ++i) y[i] = static_cast<double>(1 + i) * x[i];
    };
    const auto a = make_operator(model, model, twice, twice);
    const auto b = model.random(1);
    const auto expected = [&] {
        calls = 100;
        return cg(a, b, {.iterations = 6, .tolerance = 0});
    }();
    calls = 0;
    const MemoryCheckpoint kept{2};
    CHECK_THROWS_AS(cg(a, b, {.iterations = 6, .tolerance = 0}, kept), Error);
    CHECK(kept.iteration() == 4);
    const auto found = cg(a, b, {.iterations = 6, .tolerance = 0}, kept);
    law::same_history(found, expected);
    CHECK(norm(found.x - expected.x) == 0);
}

TEST_CASE("a state that does not fit the call is refused in words") {
    const auto a = random_dense<double>(model, data, 1);
    const auto b = data.random(4);
    const MemoryCheckpoint kept;
    lsqr(a, b, {.iterations = 3, .damping = 0.5}, kept);
    CHECK(message_of([&] { cgls(a, b, {.damping = 0.5}, kept); }) ==
          "cgls: the state kept in memory is another solver's\n"
          "    expected a state of cgls\n"
          "    found    lsqr\n"
          "    try      a checkpoint of its own for each solve, or clear()");
    CHECK(message_of([&] { lsqr(a, b, {.damping = 0.25}, kept); }) ==
          "lsqr(A, b): the kept state belongs to another call\n"
          "    expected damping 0.5\n"
          "    found    0.25\n"
          "    try      the operator, data, start and options of the run that is to go on, or "
          "forget its state");
    CHECK(message_of([&] { lsqr(a, 2 * b, {.damping = 0.5}, kept); }).find("expected norm of b") !=
          std::string::npos);
    CHECK(message_of([&] {
              lsqr(a, b, model.random(1), {.damping = 0.5}, kept);
          }).find("expected norm of x0 0\n") != std::string::npos);
    const ArraySpace<double> other{"other", {5}};
    CHECK(message_of(
              [&] { lsqr(random_dense<double>(other, data, 1), b, {.damping = 0.5}, kept); }) ==
          "lsqr: the state kept in memory is of other spaces: x\n"
          "    expected other[5] of float64 on host\n"
          "    found    model[6] of float64 on host\n"
          "    try      a checkpoint of its own for each solve, or clear()");
    const ArraySpace<float> single{"model", {6}};
    const auto narrow = random_dense<float>(single, ArraySpace<float>{"data", {9}}, 1);
    CHECK(message_of([&] { lsqr(narrow, narrow.range().random(4), {.damping = 0.5}, kept); }) ==
          "lsqr: the state kept in memory is of other spaces: x\n"
          "    expected model[6] of float32 on host\n"
          "    found    model[6] of float64 on host\n"
          "    try      a checkpoint of its own for each solve, or clear()");
    CHECK_NOTHROW(lsqr(a, b, {.damping = 0.5}, kept));
}

namespace {

/// Whether solve(problem, watch) refuses to go on with `other` where it went with `one`, and goes on
/// with `one`.
template <class Solve, class P> void knows_its_problem(const Solve& solve, const P& one,
                                                       const P& other) {
    const MemoryCheckpoint kept;
    solve(one, kept);
    REQUIRE_FALSE(kept.empty());
    CHECK(message_of([&] { solve(other, kept); }).find("the kept state belongs to another call") !=
          std::string::npos);
    CHECK_NOTHROW(solve(one, kept));
}

}  // namespace

TEST_CASE("an operator that is another one is known by what it makes of random numbers") {
    const ArraySpace<double> space{"x", {8}};
    const auto m = random_dense<double>(space, space, 1);
    const auto b = space.random(2);
    const Identity i{space};
    const auto at = [&](auto&& solve) {
        for (const double factor : {3.0, -1.0, 1.001}) knows_its_problem(solve, 1.0, factor);
    };
    at([&](double f, const auto& w) { cg(f * (m.H() * m), b, {.iterations = 3}, w); });
    at([&](double f, const auto& w) { minres(f * (m + m.H()), b, {.iterations = 3}, w); });
    at([&](double f, const auto& w) { gmres(f * m, b, {.iterations = 3}, w); });
    at([&](double f, const auto& w) { bicgstab(f * (m + 9 * i), b, {.iterations = 3}, w); });
    at([&](double f, const auto& w) { lsqr(f * m, b, {.iterations = 3}, w); });
    at([&](double f, const auto& w) { lsmr(f * m, b, {.iterations = 3}, w); });
    at([&](double f, const auto& w) { cgls(f * m, b, {.iterations = 3}, w); });
    at([&](double f, const auto& w) { steepest_descent(f * m, b, {.iterations = 3}, w); });
    at([&](double f, const auto& w) { irls(f * m, b, {.iterations = 3}, w); });
    at([&](double f, const auto& w) { omp(f * m, b, {.columns = 3}, w); });
    at([&](double f, const auto& w) { spgl1(f * m, b, {.iterations = 3}, w); });
    at([&](double f, const auto& w) { fista(f * m, b, L1{0.1}, {.iterations = 3}, w); });
    at([&](double f, const auto& w) { admm(f * m, b, i, L1{0.1}, {.iterations = 3}, w); });
    at([&](double f, const auto& w) { admm(m, b, f * i, L1{0.1}, {.iterations = 3}, w); });
    at([&](double f, const auto& w) { linearized_bregman(f * m, b, i, {.iterations = 3}, w); });
    at([&](double f, const auto& w) {
        primal_dual(f * m, L1{0.1}, SquaredL2{1}, b, {.iterations = 3}, w);
    });
    const auto squares = [&](double f) {
        return [&space, f](const Array<double>& x, Array<double>& g) {
            assign(g, f * x);
            return 0.5 * f * norm2(x);
        };
    };
    knows_its_problem(
        [&](double f, const auto& w) {
            proximal_gradient(squares(f), L1{0.01}, b, {.iterations = 3}, w);
        },
        1.0, 0.9);
}

TEST_CASE("data of another sign, and other functions, are another problem") {
    const ArraySpace<double> space{"x", {8}};
    const auto m = random_dense<double>(space, space, 1);
    const auto b = space.random(2);
    const Identity i{space};
    knows_its_problem([&](double f, const auto& w) { lsqr(m, f * b, {.iterations = 3}, w); }, 1.0,
                      -1.0);
    knows_its_problem([&](double f, const auto& w) { lsqr(m, b, f * b, {.iterations = 3}, w); },
                      1.0, -1.0);
    const auto of_weight = [&](auto&& solve) { knows_its_problem(solve, 0.1, 0.5); };
    of_weight([&](double f, const auto& w) { fista(m, b, L1{f}, {.iterations = 3}, w); });
    of_weight([&](double f, const auto& w) { split_bregman(m, b, i, f, {.iterations = 3}, w); });
    of_weight([&](double f, const auto& w) { spgl1(m, b, L1{f}, {.iterations = 3}, w); });
    of_weight([&](double f, const auto& w) {
        primal_dual(m, L1{f}, SquaredL2{1}, b, {.iterations = 3}, w);
    });
    of_weight([&](double f, const auto& w) {
        primal_dual(m, L1{1}, SquaredL2{f}, b, {.iterations = 3}, w);
    });
}

TEST_CASE("every name in a state is there once") {
    const law::Whole whole;
    const auto a = whole.op();
    const auto b = whole.space.random(1);
    const Identity i{whole.space};
    const Names names;
    cg(a.H() * a, b, {.iterations = 3}, names);
    CHECK(names.seen->contains("history"));
    minres(a + a.H(), b, {.iterations = 3}, names);
    gmres(a, b, {.iterations = 3}, names);
    CHECK(names.seen->contains("v3"));
    bicgstab(a + 30 * i, b, {.iterations = 3}, names);
    lsqr(a, b, {.iterations = 3}, names);
    lsmr(a, b, {.iterations = 3}, names);
    cgls(a, b, {.iterations = 3}, names);
    steepest_descent(a, b, {.iterations = 3}, names);
    fista(a, b, L1{0.1}, {.iterations = 3}, names);
    linearized_bregman(a, b, i, {.iterations = 3}, names);
    admm(a, b, i, L1{0.1}, {.iterations = 3}, names);
    primal_dual(a, Translated{SquaredL2{}, b}, L1{0.1}, b, {.iterations = 3}, names);
    spgl1(a, b, {.iterations = 3, .noise = 1}, names);
    irls(a, b, {.iterations = 3}, names);
    omp(a, b, {.columns = 3}, names);
}
