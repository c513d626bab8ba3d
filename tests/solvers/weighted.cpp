/// One-norms with a weight for each element: prox, ball and dual norm by hand and by their laws, and
/// the solvers against the same problem in scaled unknowns.
#include "law.hpp"
#include <lop/solvers/prox_groups.hpp>
#include <lop/solvers/prox_weighted.hpp>

#include <cmath>
#include <complex>
#include <limits>

using namespace lop;
using doctest::Approx;
using zoo::random_dense;
using zoo::vector;

namespace {

struct Positive {
    template <class T> T operator()(const T& v) const {
        return T(static_cast<Real<T>>(0.2 + std::abs(v)));
    }
};
struct Inverse {
    template <class T> T operator()(const T& v) const { return T(1) / v; }
};

/// Weights between 0.2 and a few.
template <class S> auto weights_in(const S& space) {
    return evaluate(map(Positive{}, space.random(9)));
}

/// Every element of x - prox(x) is a subgradient: w x/|x| where prox(x) is not zero, at most w
/// elsewhere.
template <class T> void check_subgradient(const Array<T>& w, double tau) {
    const ArraySpace<T> space{"x", w.shape()};
    const auto x = space.random(3);
    auto y = space.zeros();
    WeightedL1{w, 0.7}.prox(x, tau, y);
    int zeros = 0;
    for (index_t i = 0; i < x.size(); ++i) {
        const double by = tau * 0.7 * std::abs(w[i]);
        if (y[i] == T{}) {
            CHECK(std::abs(x[i]) <= by);
            ++zeros;
        } else CHECK(std::abs(x[i] - y[i] - T(by / std::abs(x[i])) * x[i]) < 1e-14);
    }
    CHECK(zeros > 2);
    CHECK(zeros < x.size() - 2);
}

/// A x = b and sparse x, its columns scaled by one over the weights: |x| then has those weights.
template <class T> struct Weighing {
    ArraySpace<T> x{"model", {40}};
    ArraySpace<T> y{"data", {20}};
    zoo::Dense<T> a = random_dense<T>(x, y, 1);
    Array<T> w = weights_in(x);
    Array<T> b = y.random(5);
    auto scaled() const { return a * Diagonal{evaluate(map(Inverse{}, w))}; }
    Array<T> back(const Array<T>& z) const { return cwise_product(map(Inverse{}, w), z); }
};

}  // namespace

TEST_CASE("each element shrinks by its own weight, and not at all by none") {
    const auto x = vector({3.0, -0.5, -2.0, 1.0});
    const WeightedL1 f{vector({1.0, 0.0, 3.0, 0.5})};
    Array<double> y{{4}};
    f.prox(x, 1, y);
    CHECK(norm(y - vector({2.0, -0.5, 0.0, 0.5})) == 0);
    CHECK(f.value(x) == 9.5);
    CHECK(f.value(x - x) == 0);
    CHECK(WeightedL1{f.weights(), 2}.value(x) == 19);
    CHECK(std::isinf(f.dual(x)));
    CHECK(!f.positive());
    const WeightedL1 g{vector({1.0, 2.0, 4.0, 0.5}), 0.5};
    CHECK(g.positive());
    CHECK(g.dual(x) == 6);  // 3 / 0.5
    using C = std::complex<double>;
    Array<C> c{{1}};
    WeightedL1{vector<C>({{2, 0}})}.prox(vector<C>({{3, 4}}), 0.5, c);
    CHECK(std::abs(c[0] - C{2.4, 3.2}) < 1e-15);
    // 2 |x| + |y| <= 4 from (3, 2): t = (8 - 4) / 5
    auto p = vector({3.0, 2.0});
    OntoWeightedL1Ball{WeightedL1{vector({2.0, 1.0})}, 4}(p);
    CHECK(norm(p - vector({1.4, 1.2})) < 1e-15);
    OntoWeightedL1Ball{WeightedL1{vector({2.0, 0.0})}, 0}(p);
    CHECK(norm(p - vector({0.0, 1.2})) < 1e-15);
}

TEST_CASE_TEMPLATE("the prox of a weighted one-norm is its subgradient's, Moreau's identity holds",
                   T, double, std::complex<double>) {
    const ArraySpace<T> space{"x", {6, 5}};
    const auto w = weights_in(space);
    check_subgradient(w, 1);
    check_subgradient(w, 1.7);
    const WeightedL1 f{w};
    auto x = space.random(3);
    auto y = space.zeros();
    auto z = space.zeros();
    f.prox(x, 0.4, y);
    ConjugateOf{f}.prox(evaluate(2.5 * x), 2.5, z);
    CHECK(norm(y + 0.4 * z - x) < 1e-14 * norm(x));
    CHECK(f.dual(z) == Approx(1).epsilon(1e-14));  // the conjugate: the unit ball of the dual norm
    f.prox(x, 0.4, x);
    CHECK(norm(x - y) == 0);
    // One weight for all is that of L1.
    auto ones = space.zeros();
    ones.fill(T(0.25));
    WeightedL1{ones}.prox(space.random(4), 2, y);
    L1{0.25}.prox(space.random(4), 2, z);
    CHECK(norm(y - z) == 0);
}

TEST_CASE("stacks take stacks of weights; the weighted ball leaves no nearer point") {
    const ArraySpace<double> space{"x", {30}};
    const StackedSpace stacked{space, ArraySpace<double>{"y", {7}}};
    const ManySpace many{std::vector{space, space}};
    const auto check = [](const auto& in) {
        const WeightedL1 f{weights_in(in)};
        const auto x = in.random(2);
        auto y = x;
        OntoWeightedL1Ball{f, 3}(y);
        CHECK(f.value(y) == Approx(3).epsilon(1e-13));
        // <x - y, z - y> <= 0 for every z of the ball
        CHECK(3 * f.dual(evaluate(x - y)) - dot(x - y, y) < 1e-12);
        auto inside = y;
        OntoWeightedL1Ball{f, 3.1}(inside);
        CHECK(norm(inside - y) == 0);
        f.prox(x, 0.5, y);
        CHECK(norm(y) < norm(x));
    };
    check(space);
    check(stacked);
    check(many);
}

TEST_CASE_TEMPLATE("ista, fista and admm with weights solve the problem in scaled unknowns", T,
                   double, std::complex<double>) {
    const Weighing<T> p;
    const WeightedL1 f{p.w, 0.5};
    const auto a = p.scaled();
    const auto expected = fista(a, p.b, L1{0.5}, {.iterations = 50000, .tolerance = 1e-14});
    const auto x = p.back(expected.x);
    const auto slow = ista(p.a, p.b, f, {.iterations = 50000, .tolerance = 1e-13});
    const auto fast =
        fista(p.a, p.b, f, {.iterations = 50000, .restart = true, .tolerance = 1e-13});
    const auto split =
        admm(p.a, p.b, Identity{p.x}, f, {.iterations = 5000, .penalty = 3, .tolerance = 1e-11});
    CHECK(norm(slow.x - x) < 1e-7 * norm(x));
    CHECK(norm(fast.x - x) < 1e-7 * norm(x));
    CHECK(norm(split.x - x) < 1e-7 * norm(x));
    CHECK(fast.last().objective == Approx(expected.last().objective).epsilon(1e-10));
}

TEST_CASE_TEMPLATE("spgl1 with weights: the Pareto curve of the scaled problem, and its radius", T,
                   double, std::complex<double>) {
    const Weighing<T> p;
    const WeightedL1 f{p.w};
    const double noise = 0.3 * norm(p.b);
    const Spgl1Options options{.iterations = 20000, .noise = noise, .tolerance = 1e-9};
    const auto expected = spgl1(p.scaled(), p.b, options);
    const auto s = spgl1(p.a, p.b, f, options);
    CHECK(s.reason == StopReason::residual);
    CHECK(norm(p.b - p.a * s.x) == Approx(noise).epsilon(1e-6));
    CHECK(s.radius == Approx(expected.radius).epsilon(1e-6));
    CHECK(f.value(s.x) == Approx(s.radius).epsilon(1e-9));
    CHECK(norm(s.x - p.back(expected.x)) < 1e-4 * norm(s.x));
    CHECK(s.last().objective == Approx(f.value(s.x)));
    const auto lasso = spgl1(p.a, p.b, f, {.iterations = 20000, .radius = 2, .tolerance = 1e-9});
    CHECK(lasso.reason == StopReason::stationary);
    CHECK(f.value(lasso.x) == Approx(2).epsilon(1e-12));
    const auto again = spgl1(p.a, p.b, f, s.x, options);
    CHECK(again.iterations <= 5);
    // A factor of a plain norm changes the radius alone.
    const auto tripled = spgl1(p.a, p.b, L1{3}, options);
    const auto plain = spgl1(p.a, p.b, options);
    CHECK(tripled.radius == Approx(3 * plain.radius).epsilon(1e-6));
    CHECK(norm(tripled.x - plain.x) < 1e-4 * norm(plain.x));
}

TEST_CASE("weights that are none are refused by name") {
    const auto refused = [](const Array<double>& w) {
        return zoo::message_of([&] { WeightedL1{w}; });
    };
    CHECK(refused(vector({1.0, -1.0, std::numeric_limits<double>::quiet_NaN()}, "w")) ==
          "WeightedL1 of w[3] of float64 on host\n"
          "    expected weights that are real, finite and not negative\n"
          "    found    2 that are not");
    CHECK(refused(vector({std::numeric_limits<double>::infinity()})) != "");
    using C = std::complex<double>;
    CHECK_THROWS_AS((WeightedL1{vector<C>({{1, 1}})}), ArgumentError);
    CHECK_THROWS_AS((WeightedL1{vector({1.0}), -2}), ArgumentError);
    const Weighing<double> p;
    const auto w = [&](double value) {
        auto all = p.w;
        all[3] = value;
        return WeightedL1{all};
    };
    CHECK_THROWS_WITH_AS(spgl1(p.a, p.b, w(0)), doctest::Contains("weights of which some are zero"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS(spgl1(p.a, p.b, WeightedL1{weights_in(p.y)}),
                         doctest::Contains("the weights are not in domain(A)"), SpaceError);
    CHECK_NOTHROW(fista(p.a, p.b, w(0), {.iterations = 5}));
}

TEST_CASE(
    "weighted solvers give the bits of whole vectors on scattered ones, and allocate nothing") {
    law::same_bits([](const auto& a, const auto& b, const auto& x0) {
        return fista(a, b, WeightedL1{map(Positive{}, x0), 0.1}, x0, {.iterations = 8});
    });
    law::same_bits([](const auto& a, const auto& b, const auto& x0) {
        return spgl1(a, b, WeightedL1{map(Positive{}, x0)}, {.iterations = 8, .noise = 1});
    });
    const law::Whole whole;
    const WeightedL1 f{weights_in(whole.space), 0.1};
    law::steady([&](const Monitor& m) {
        fista(whole.op(), whole.space.random(1), f,
              {.iterations = 12, .tolerance = 0, .monitor = m});
    });
    law::steady([&](const Monitor& m) {
        spgl1(whole.op(), whole.space.random(1), f,
              {.iterations = 12, .noise = 1, .tolerance = 0, .monitor = m});
    });
}
