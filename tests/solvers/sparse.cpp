/// The solvers of sparse problems: optimality conditions, closed forms, and agreement of each with
/// the others.
#include "law.hpp"
#include <lop/solvers/solvers.hpp>

#include <cmath>
#include <complex>

using namespace lop;
using doctest::Approx;
using oracle::gap;
using oracle::to_eigen;
using zoo::dense;
using zoo::random_dense;
using zoo::vector;

namespace {

template <class T> struct Wide {
    ArraySpace<T> x{"model", {40}};
    ArraySpace<T> y{"data", {20}};
    zoo::Dense<T> a = random_dense<T>(x, y, 1);
    Array<T> truth = sparse();
    Array<T> b = a * truth + 0.01 * y.random(5);

    Array<T> sparse() const {
        Array<T> s = x.zeros();
        s[3] = 2;
        s[17] = -3;
        s[30] = 1;
        return s;
    }
};

/// How far x is from the minimum of 1/2 |A x - b|^2 + weight |x|_1: the distance of A'(b - A x) from
/// weight d|x|_1, over weight.
template <class T>
double lasso_violation(const zoo::Dense<T>& a, const Array<T>& b, const Array<T>& x,
                       double weight) {
    const Array<T> g = a.H() * (b - a * x);
    double most = 0;
    for (index_t i = 0; i < x.size(); ++i) {
        const double size = std::abs(x[i]);
        const double away = size > 0 ? std::abs(g[i] - Real<T>(weight / size) * x[i])
                                     : std::max(0.0, std::abs(g[i]) - weight);
        most = std::max(most, away / weight);
    }
    return most;
}

/// (D x)(i) = x(i + 1) - x(i), 0 at the end.
auto differences(const ArraySpace<double>& space) {
    return make_operator(
        space, space,
        [](const Array<double>& x, Array<double>& y) {
            const index_t n = x.size();
            for (index_t i = 0; i < n; ++i) y[i] = i + 1 < n ? x[i + 1] - x[i] : 0;
        },
        [](const Array<double>& y, Array<double>& x) {
            const index_t n = y.size();
            for (index_t i = 0; i < n; ++i) x[i] = (i > 0 ? y[i - 1] : 0) - (i + 1 < n ? y[i] : 0);
        },
        "D");
}

}  // namespace

TEST_CASE_TEMPLATE("ista and fista meet the optimality conditions of the lasso", T, double,
                   std::complex<double>) {
    const Wide<T> p;
    const L1 f{0.5};
    const auto slow = ista(p.a, p.b, f, {.iterations = 20000, .tolerance = 1e-13});
    const auto fast = fista(p.a, p.b, f, {.iterations = 20000, .tolerance = 1e-13});
    const auto restarted = fista(p.a, p.b, f, p.x.random(3),
                                 {.iterations = 20000, .restart = true, .tolerance = 1e-13});
    for (const auto* s : {&slow, &fast, &restarted}) {
        CHECK(s->reason == StopReason::stationary);
        CHECK(lasso_violation(p.a, p.b, s->x, 0.5) < 1e-8);
        CHECK(s->last().objective ==
              Approx(0.5 * norm2(p.b - p.a * s->x) + f.value(s->x)).epsilon(1e-12));
        CHECK(s->last().residual == Approx(norm(p.b - p.a * s->x)).epsilon(1e-11));
        CHECK(s->last().solution == Approx(norm(s->x)).epsilon(1e-12));
    }
    CHECK(restarted.iterations < slow.iterations);
    const double limit = 1 / std::pow(estimate_norm(p.a, {.tolerance = 1e-10}), 2);
    CHECK(slow.step >= 0.95 * limit);
    for (std::size_t i = 1; i < slow.history.size(); ++i)
        CHECK(slow.history[i].objective <= slow.history[i - 1].objective * (1 + 1e-14));
    const auto given =
        fista(p.a, p.b, f, {.iterations = 20000, .step = 0.99 * limit, .tolerance = 1e-13});
    CHECK(norm(given.x - fast.x) < 1e-8);
}

TEST_CASE("the general proximal gradient, admm and primal-dual find the minimum that fista finds") {
    const Wide<double> p;
    const L1 f{0.5};
    const auto misfit_of = [&](const Array<double>& x, Array<double>& g) {
        const Array<double> r = p.a * x - p.b;
        g = p.a.H() * r;
        return 0.5 * norm2(r);
    };
    for (const bool accelerated : {true, false}) {
        const auto s = proximal_gradient(
            misfit_of, f, p.x.zeros(),
            {.iterations = 20000, .accelerated = accelerated, .tolerance = 1e-12});
        CHECK(s.reason == StopReason::stationary);
        CHECK(lasso_violation(p.a, p.b, s.x, 0.5) < 1e-6);
    }
    const auto by_fista = fista(p.a, p.b, f, {.iterations = 20000, .tolerance = 1e-13});
    const auto by_admm =
        admm(p.a, p.b, Identity{p.x}, f, {.iterations = 5000, .penalty = 3, .tolerance = 1e-11});
    CHECK(by_admm.reason == StopReason::stationary);
    CHECK(norm(by_admm.x - by_fista.x) < 1e-8);
    const auto by_bregman = split_bregman(p.a, p.b, Identity{p.x}, 0.5,
                                          {.iterations = 5000, .penalty = 3, .tolerance = 1e-11});
    CHECK(norm(by_bregman.x - by_admm.x) == 0);
    const auto by_pairs = primal_dual(p.a, Translated{SquaredL2{}, p.b}, f, p.x.zeros(),
                                      {.iterations = 50000, .tolerance = 1e-11});
    CHECK(by_pairs.reason == StopReason::stationary);
    CHECK(norm(by_pairs.x - by_fista.x) < 1e-8);
    CHECK(norm(by_pairs.dual - (p.a * by_pairs.x - p.b)) < 1e-8);
    CHECK_THROWS_AS(proximal_gradient(misfit_of, f, p.x.zeros(), {.step = 0}), ArgumentError);
}

TEST_CASE("denoising by total variation: admm and primal-dual against the dual projection") {
    const ArraySpace<double> space{"x", {30}};
    Array<double> b = space.random(3);
    for (index_t i = 10; i < 20; ++i) b[i] += 4;
    auto expected = space.zeros();
    TotalVariation{space, {.weight = 0.7, .iterations = 100000, .tolerance = 1e-10}}.prox(b, 1,
                                                                                          expected);
    const auto d = differences(space);
    const auto by_bregman =
        split_bregman(Identity{space}, b, d, 0.7, {.iterations = 20000, .tolerance = 1e-10});
    CHECK(norm(by_bregman.x - expected) < 1e-7);
    const auto by_pairs =
        primal_dual(vstack(Identity{space}, d), SeparableSum{Translated{SquaredL2{}, b}, L1{0.7}},
                    Box{}, space.zeros(), {.iterations = 50000, .tolerance = 1e-10});
    CHECK(norm(by_pairs.x - expected) < 1e-7);
    // two terms of a stack, one of them in a box
    const auto both =
        admm(Identity{space}, b, vstack(d, Identity{space}), SeparableSum{L1{0.7}, NonNegative{}},
             {.iterations = 20000, .tolerance = 1e-10});
    for (index_t i = 0; i < 30; ++i) CHECK(both.x[i] > -1e-8);
}

TEST_CASE("an identity is solved by its threshold at once") {
    const auto a = dense({{1.0, 0.0, 0.0}, {0.0, 1.0, 0.0}, {0.0, 0.0, 1.0}});
    const auto b = vector({3.0, -0.5, -2.0});
    const auto s = fista(a, b, L1{1});
    CHECK(norm(s.x - vector({2.0, 0.0, -1.0})) < 1e-15);
    CHECK(s.iterations <= 2);
    const auto zero = ista(a, b, L1{4});
    CHECK(norm(zero.x) == 0);
    CHECK(zero.reason == StopReason::stationary);
}

TEST_CASE_TEMPLATE("spgl1 ends on the Pareto curve: |r| = noise, and A'r is largest where x lives",
                   T, double, std::complex<double>) {
    const Wide<T> p;
    const auto check = [&](const auto& s) {
        const Array<T> r = p.b - p.a * s.x;
        const Array<T> g = p.a.H() * r;
        // |x|_1 |g|_inf = <g, x>: the duality gap
        CHECK(norm1(s.x) * norm_inf(g) - real_part(dot(g, s.x)) <= 1e-8 * norm(r) * norm(p.b));
        CHECK(norm1(s.x) == Approx(s.radius).epsilon(1e-9));
        CHECK(s.last().objective == Approx(norm1(s.x)));
    };
    const auto denoised = spgl1(p.a, p.b, {.iterations = 3000, .noise = 0.1, .tolerance = 1e-9});
    CHECK(denoised.reason == StopReason::residual);
    CHECK(norm(p.b - p.a * denoised.x) == Approx(0.1).epsilon(1e-6));
    check(denoised);
    const auto lasso = spgl1(p.a, p.b, {.iterations = 3000, .radius = 4, .tolerance = 1e-9});
    CHECK(lasso.reason == StopReason::stationary);
    CHECK(norm1(lasso.x) == Approx(4).epsilon(1e-12));
    check(lasso);
    CHECK(spgl1(p.a, p.b, {.noise = 2 * norm(p.b)}).reason == StopReason::start);
    const auto again =
        spgl1(p.a, p.b, denoised.x, {.iterations = 3000, .noise = 0.1, .tolerance = 1e-7});
    CHECK(again.iterations <= 5);
    CHECK(norm(again.x - denoised.x) < 1e-5);
}

TEST_CASE("basis pursuit finds the sparse truth: spgl1, linearized bregman and omp") {
    const Wide<double> p;
    const Array<double> b = p.a * p.truth;
    const auto pursuit = spgl1(p.a, b, {.iterations = 5000, .tolerance = 1e-9});
    CHECK(norm(pursuit.x - p.truth) < 1e-6);
    const Identity c{p.x};
    const auto bregman =
        linearized_bregman(p.a, b, c, {.iterations = 20000, .lambda = 20, .tolerance = 1e-11});
    CHECK(bregman.reason == StopReason::residual);
    CHECK(norm(bregman.x - p.truth) < 1e-8);
    // z is a combination of rows, and x its threshold: the conditions of optimality
    CHECK(norm(bregman.x - soft_threshold(bregman.z, 20)) == 0);
    CHECK(lsqr(p.a.H(), bregman.z, {.atol = 1e-14, .btol = 1e-14}).last().residual < 1e-9);
    const double limit = 1 / std::pow(estimate_norm(p.a), 2);
    const auto constant = linearized_bregman(
        p.a, b, c, {.iterations = 50000, .lambda = 20, .step = 1.9 * limit, .tolerance = 1e-11});
    CHECK(norm(constant.x - p.truth) < 1e-8);
    const auto matched = omp(p.a, b, {.columns = 8, .normalise = true});
    CHECK(matched.columns.size() == 3);
    CHECK(matched.reason == StopReason::residual);
    CHECK(norm(matched.x - p.truth) < 1e-13);
}

TEST_CASE(
    "linearized bregman: the threshold of the first step, the noise level, going on, batches") {
    const Wide<double> p;
    const Identity c{p.x};
    const Array<double> g = p.a.H() * p.b;
    const auto one = linearized_bregman(p.a, p.b, c, {.iterations = 1});
    const double t = norm2(p.b) / norm2(g);
    CHECK(one.lambda == Approx(0.1 * t * norm_inf(g)).epsilon(1e-13));
    CHECK(norm(one.z - t * g) < 1e-13 * norm(one.z));
    CHECK(norm(one.x - soft_threshold(one.z, one.lambda)) == 0);
    CHECK(one.last().objective == Approx(one.lambda * norm1(one.x) + 0.5 * norm2(one.x)));
    const auto noisy = linearized_bregman(p.a, p.b, c, {.iterations = 5000, .noise = 0.5});
    CHECK(noisy.last().residual <= 0.5 * (1 + 1e-6));
    const auto twenty = linearized_bregman(p.a, p.b, c, {.iterations = 20});
    const auto ten = linearized_bregman(p.a, p.b, c, {.iterations = 10});
    const auto more =
        linearized_bregman(p.a, p.b, c, ten.z, {.iterations = 10, .lambda = ten.lambda});
    CHECK(norm(more.x - twenty.x) == 0);
    const auto batches = linearized_bregman_batches([&](index_t) { return std::pair{p.a, p.b}; }, c,
                                                    {.iterations = 20});
    CHECK(norm(batches.x - twenty.x) == 0);
    CHECK_THROWS_AS(linearized_bregman(p.a, p.b, Identity{p.y}), SpaceError);
}

TEST_CASE_TEMPLATE("omp solves least squares on the columns that it takes", T, float,
                   std::complex<double>) {
    const Wide<T> p;
    const double within = std::same_as<Real<T>, double> ? 1e-12 : 1e-5;
    for (const bool normalise : {false, true}) {
        const auto s = omp(p.a, p.b, {.columns = 6, .tolerance = 0, .normalise = normalise});
        REQUIRE(s.columns.size() == 6);
        oracle::Matrix<T> m(20, 6);
        for (int k = 0; k < 6; ++k)
            m.col(k) = to_eigen(p.a).col(s.columns[static_cast<std::size_t>(k)]);
        const oracle::Vector<T> c = m.colPivHouseholderQr().solve(to_eigen(p.b));
        for (int k = 0; k < 6; ++k)
            CHECK(std::abs(s.x[s.columns[static_cast<std::size_t>(k)]] - c(k)) < within);
        CHECK(s.last().residual == Approx(norm(p.b - p.a * s.x)).epsilon(1e-4));
    }
    const auto stopped = omp(p.a, p.b, {.columns = 20, .noise = 0.2, .normalise = true});
    CHECK(stopped.reason == StopReason::residual);
    CHECK(stopped.columns.size() < 6);
}

TEST_CASE("irls: the median of measurements, and a line through points of which two are wrong") {
    const auto ones = dense({{1.0}, {1.0}, {1.0}, {1.0}, {1.0}});
    const auto median = irls(ones, vector({1.0, 2.0, 3.0, 50.0, -70.0}),
                             {.iterations = 300, .epsilon = 1e-9, .tolerance = 1e-14});
    CHECK(median.x[0] == Approx(2).epsilon(1e-6));
    const auto line =
        dense({{1.0, 0.0}, {1.0, 1.0}, {1.0, 2.0}, {1.0, 3.0}, {1.0, 4.0}, {1.0, 5.0}});
    const auto b = vector({1.0, 3.0, 50.0, 7.0, 9.0, -30.0});  // 1 + 2 t
    const auto fit = irls(line, b, {.iterations = 100, .epsilon = 1e-10});
    CHECK(norm(fit.x - vector({1.0, 2.0})) < 1e-5);
    const auto squares = irls(line, b, {.inner_tolerance = 1e-14, .power = 2});
    CHECK(norm(squares.x - lsqr(line, b, {.atol = 1e-14, .btol = 1e-14}).x) < 1e-11);
    CHECK_THROWS_AS(irls(line, b, {.power = 0.5}), ArgumentError);
}

TEST_CASE("the sparse solvers refuse wrong spaces and options by name") {
    const Wide<double> p;
    CHECK_THROWS_AS(fista(p.a, p.x.zeros(), L1{}), SpaceError);
    CHECK_THROWS_AS(ista(p.a, p.b, L1{}, {.tolerance = -1}), ArgumentError);
    CHECK_THROWS_AS(spgl1(p.a, p.b, {.noise = -1}), ArgumentError);
    CHECK_THROWS_AS(admm(p.a, p.b, Identity{p.y}, L1{}), SpaceError);
    CHECK_THROWS_AS(omp(p.a, p.x.zeros()), SpaceError);
    CHECK_THROWS_AS(primal_dual(p.a, L1{}, L1{}, p.y.zeros()), SpaceError);
    CHECK(zoo::message_of([&] { admm(p.a, p.b, Identity{p.x}, L1{}, {.penalty = 0}); }) ==
          "admm(A, b): the option penalty\n"
          "    expected a finite number above 0\n"
          "    found    0");
}

TEST_CASE("on scattered vectors the sparse solvers give the bits of whole ones") {
    law::same_bits([](const auto& a, const auto& b, const auto& x0) {
        return fista(a, b, L1{0.1}, x0, {.iterations = 8});
    });
    law::same_bits([](const auto& a, const auto& b, const auto&) {
        return linearized_bregman(a, b, Identity{a.domain()}, {.iterations = 8});
    });
    law::same_bits([](const auto& a, const auto& b, const auto&) {
        return spgl1(a, b, {.iterations = 8, .noise = 1});
    });
    law::same_bits([](const auto& a, const auto& b, const auto& x0) {
        return admm(a, b, Identity{a.domain()}, L1{0.1}, x0, {.iterations = 5});
    });
    law::same_bits([](const auto& a, const auto& b, const auto& x0) {
        return primal_dual(a, Translated{SquaredL2{}, b}, L1{0.1}, x0, {.iterations = 8});
    });
    law::same_bits([](const auto& a, const auto& b, const auto&) {
        return irls(a, b, {.iterations = 5, .inner_iterations = 4});
    });
}

TEST_CASE("the sparse solvers allocate nothing after their first iteration") {
    const law::Whole whole;
    const auto a = whole.op();
    const auto b = whole.space.random(1);
    const Identity i{whole.space};
    law::steady([&](const Monitor& m) {
        fista(a, b, L1{0.1}, {.iterations = 12, .tolerance = 0, .monitor = m});
    });
    law::steady([&](const Monitor& m) {
        fista(i, b, TotalVariation{whole.space, {.weight = 0.1, .iterations = 20}},
              {.iterations = 12, .tolerance = 0, .monitor = m});
    });
    law::steady([&](const Monitor& m) {
        linearized_bregman(a, b, i, {.iterations = 12, .tolerance = 0, .monitor = m});
    });
    law::steady([&](const Monitor& m) {
        spgl1(a, b, {.iterations = 12, .noise = 1, .tolerance = 0, .monitor = m});
    });
    law::steady([&](const Monitor& m) {
        admm(a, b, vstack(i, i), SeparableSum{L1{0.1}, Box{}},
             {.iterations = 12, .tolerance = 0, .monitor = m});
    });
    law::steady([&](const Monitor& m) {
        primal_dual(a, Translated{SquaredL2{}, b}, L1{0.1}, whole.space.zeros(),
                    {.iterations = 12, .tolerance = 0, .monitor = m});
    });
    law::steady([&](const Monitor& m) {
        irls(a, b, {.iterations = 12, .inner_iterations = 3, .tolerance = 0, .monitor = m});
    });
    law::steady(
        [&](const Monitor& m) { omp(a, b, {.columns = 12, .tolerance = 0, .monitor = m}); });
}
