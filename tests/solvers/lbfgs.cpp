/// L-BFGS: valleys, quadratics and convex functions with known minima, on one rank and over several.
#include <lop/solvers/lbfgs.hpp>

#include "law.hpp"
#include <lop/algebra/many.hpp>
#include <lop/algebra/misfit.hpp>
#include <lop/algebra/stacked.hpp>
#include <lop/solvers/checkpoint.hpp>

#include <cmath>
#include <doctest/doctest.h>
#include <span>
#include <string_view>

using namespace lop;

namespace {

/// sum_i 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2, whose minimum is 0 at ones.
double rosenbrock(const Array<double>& x, Array<double>& g) {
    g.fill(0);
    double value = 0;
    for (index_t i = 0; i + 1 < x.size(); ++i) {
        const double a = x[i + 1] - x[i] * x[i];
        const double b = 1 - x[i];
        value += 100 * a * a + b * b;
        g[i] += -400 * a * x[i] - 2 * b;
        g[i + 1] += 200 * a;
    }
    return value;
}

Array<double> start(index_t n) {
    Array<double> x{{n}};
    for (index_t i = 0; i < n; ++i) x[i] = i % 2 == 0 ? -1.2 : 1;
    return x;
}

/// 1/2 x'A x - b'x for the operator and the data of the law suite; A'A is positive definite.
template <class A, class V> auto quadratic(const A& a, const V& b) {
    return [a, b](const V& x, V& g) {
        const V ax = a * x;
        g = a.H() * ax - b;
        return 0.5 * norm2(ax) - dot(b, x);
    };
}

/// sum_i log cosh(w_i (x_i - c_i)): convex, its minimum 0 at c.
template <class V> auto log_cosh(const V& weights, const V& centre) {
    return [weights, centre](const V& x, V& g) {
        g = cwise_product(weights, map([](double v) { return std::tanh(v); },
                                       cwise_product(weights, x - centre)));
        return sum_over([](double v) { return std::log(std::cosh(v)); },
                        cwise_product(weights, x - centre));
    };
}

/// Looks, after every iteration, at the pairs that a run keeps.
class Pairs {
 public:
    template <class State> bool restore(State&) const { return false; }
    template <class State> void save(State& state) const {
        Look look;
        state.visit(look);
        const index_t memory = std::ssize(look.rho);
        if (look.next == last_next_ && last_kept_ == memory) ++refused_;
        last_next_ = look.next;
        last_kept_ = look.kept;
        for (index_t back = 1; back <= look.kept; ++back) {
            const auto at = static_cast<std::size_t>((look.next - back + memory) % memory);
            CHECK(look.rho[at] * dot(look.steps[at], look.changes[at]) ==
                  doctest::Approx(1).epsilon(1e-12));
        }
    }
    /// How often no pair came to as many as there may be.
    index_t refused() const { return refused_; }

 private:
    struct Look {
        std::vector<double> rho{};
        std::vector<Array<double>> steps{}, changes{};
        index_t kept = 0, next = 0;
        template <class V> void operator()(std::string_view name, const V& value) {
            if constexpr (std::same_as<V, Array<double>>) {
                if (name.starts_with("step ")) steps.push_back(value);
                if (name.starts_with("change ")) changes.push_back(value);
            } else if constexpr (std::same_as<V, std::span<double>>) {
                if (name == "rho") rho.assign(value.begin(), value.end());
            } else {
                if (name == "kept") kept = value[0];
                if (name == "next") next = value[0];
            }
        }
    };
    mutable index_t last_next_ = 0, last_kept_ = 0, refused_ = 0;
};

}  // namespace

TEST_CASE("Rosenbrock's valley is followed to its end") {
    for (const index_t n : {2, 100}) {
        const auto found = lbfgs(rosenbrock, start(n), {.iterations = 1000, .tolerance = 1e-10});
        CHECK(found.reason == StopReason::gradient);
        for (const double v : found.x) CHECK(v == doctest::Approx(1).epsilon(1e-8));
        CHECK(found.last().objective < 1e-13);
        // Values fall in every iteration, and few are looked at more than once.
        for (std::size_t k = 1; k < found.history.size(); ++k)
            CHECK(found.history[k].objective <= found.history[k - 1].objective);
        CHECK(found.evaluations < 2 * found.iterations);
    }
    // From here SciPy 1.17's L-BFGS-B needs 37 iterations and 45 evaluations.
    const auto two = lbfgs(rosenbrock, start(2), {.iterations = 100, .tolerance = 1e-8});
    CHECK(two.iterations <= 45);
    CHECK(two.evaluations <= 60);
}

TEST_CASE("a quadratic has the minimum that division finds") {
    const ArraySpace<double> space{"x", {200}};
    auto weights = space.zeros();
    for (index_t i = 0; i < 200; ++i) weights[i] = 1 + static_cast<double>(i % 30);
    const auto b = space.random(1);
    const auto found = lbfgs(quadratic(Diagonal{weights}, b), space.random(2),
                             {.iterations = 500, .tolerance = 1e-12});
    CHECK(found.reason == StopReason::gradient);
    for (index_t i = 0; i < 200; ++i)
        CHECK(found.x[i] == doctest::Approx(b[i] / (weights[i] * weights[i])).epsilon(1e-8));
}

TEST_CASE("vectors over ranks are minimised to the bits of whole ones") {
    law::same_bits([](const auto& a, const auto& b, const auto& x0) {
        return lbfgs(quadratic(a, b), x0, {.iterations = 30, .tolerance = 1e-12});
    });
    law::same_bits([](const auto&, const auto& centre, const auto& x0) {
        auto weights = centre;
        weights.fill(0.7);
        return lbfgs(log_cosh(weights, centre), x0, {.iterations = 30, .tolerance = 1e-12});
    });
}

TEST_CASE("stacks of unlike vectors and many like ones are minimised as one vector") {
    // |x - c|^2 + |w - d|^2 + (|x|^2 - |w|^2)^2 does not fall apart into its blocks.
    const auto value = [](const auto& x, const auto& c, auto& g, double& difference, double sign) {
        g = 2 * (x - c) + 4 * sign * difference * x;
        return norm2(x - c);
    };
    const ArraySpace<double> model{"m", {6}}, source{"w", {4}};
    const StackedSpace space{model, source};
    const auto c = space.random(1);
    const auto stacked = [&](const auto& x, auto& g) {
        double d = norm2(x.template block<0>()) - norm2(x.template block<1>());
        return value(x.template block<0>(), c.template block<0>(), g.template block<0>(), d, 1) +
               value(x.template block<1>(), c.template block<1>(), g.template block<1>(), d, -1) +
               d * d;
    };
    const auto found = lbfgs(stacked, space.zeros(), {.iterations = 200, .tolerance = 1e-11});
    CHECK(found.reason == StopReason::gradient);

    // The same as one vector of ten.
    const auto flat = [&](const Array<double>& x, Array<double>& g) {
        double d = 0;
        for (index_t i = 0; i < 10; ++i) d += (i < 6 ? 1 : -1) * x[i] * x[i];
        double sum = d * d;
        for (index_t i = 0; i < 10; ++i) {
            const double r = x[i] - (i < 6 ? c.block<0>()[i] : c.block<1>()[i - 6]);
            g[i] = 2 * r + (i < 6 ? 4 : -4) * d * x[i];
            sum += r * r;
        }
        return sum;
    };
    Array<double> zero{{10}};
    const auto whole = lbfgs(flat, zero, {.iterations = 200, .tolerance = 1e-11});
    for (index_t i = 0; i < 10; ++i)
        CHECK((i < 6 ? found.x.block<0>()[i] : found.x.block<1>()[i - 6]) ==
              doctest::Approx(whole.x[i]).epsilon(1e-8));

    const ManySpace<ArraySpace<double>> many{std::vector(3, model)};
    const auto centres = many.random(2);
    const auto each = [&](const auto& x, auto& g) {
        g = 2 * (x - centres);
        return norm2(x - centres);
    };
    const auto met = lbfgs(each, many.zeros(), {.tolerance = 1e-12});
    CHECK(norm(met.x - centres) <= 1e-10 * norm(centres));
}

TEST_CASE("pairs without curvature leave no trace among those that are kept") {
    // Concave but near the minimum, and searches that end early: slopes become steeper on the way down.
    const auto funnel = [](const Array<double>& x, Array<double>& g) {
        double value = 0;
        for (index_t i = 0; i < x.size(); ++i) {
            const double w = 1 + 3 * static_cast<double>(i);
            value += std::log(1 + w * x[i] * x[i]);
            g[i] = 2 * w * x[i] / (1 + w * x[i] * x[i]);
        }
        return value;
    };
    Array<double> x{{6}};
    for (index_t i = 0; i < x.size(); ++i) x[i] = 50 - 9.25 * static_cast<double>(i);
    const Pairs pairs;
    lbfgs(funnel, x, {.iterations = 60, .memory = 2, .first_length = 0.1, .evaluations = 2}, pairs);
    CHECK(pairs.refused() > 0);
}

TEST_CASE("a run that is stopped goes on to the bits of one that is not") {
    law::goes_on(
        [](const auto& a, const auto& b, const auto& x0, index_t n, const auto& watch) {
            return lbfgs(quadratic(a, b), x0, {.iterations = n, .memory = 3, .tolerance = 0},
                         watch);
        },
        12);
}

TEST_CASE("an objective gives value and gradient from one solve; robust losses converge") {
    const ArraySpace<double> space{"m", {20}};
    const auto weights = space.random(5);
    const auto truth = space.random(6);
    const Diagonal D{weights};
    auto data = D * truth;
    data[3] += 100;  // an outlier
    const auto f = objective(HuberLoss{0.01}, D, data);
    const auto found = lbfgs(f, space.zeros(), {.iterations = 500, .tolerance = 1e-9});
    for (index_t i = 0; i < 20; ++i)
        if (i != 3) CHECK(found.x[i] == doctest::Approx(truth[i]).epsilon(1e-4));
}

TEST_CASE("complex vectors are real ones of twice the length") {
    using C = std::complex<double>;
    const ArraySpace<C> space{"z", {30}};
    const auto centre = space.random(3);
    const auto weights = space.random(4);
    const auto f = [&](const Array<C>& z, Array<C>& g) {
        double value = 0;
        for (index_t i = 0; i < z.size(); ++i) {
            const C r = weights[i] * (z[i] - centre[i]);
            value += std::norm(r) + std::norm(r) * std::norm(r);
            g[i] = std::conj(weights[i]) * r * (2 + 4 * std::norm(r));
        }
        return value;
    };
    const auto found = lbfgs(f, space.zeros(), {.iterations = 500, .tolerance = 1e-10});
    CHECK(found.reason == StopReason::gradient);
    CHECK(norm(found.x - centre) <= 1e-6 * norm(centre));
}

TEST_CASE("a start at the minimum, a constant, and values that no step lowers end at once") {
    const Array<double> ones = map([](double) { return 1.0; }, start(6));
    const auto at_once = lbfgs(rosenbrock, ones);
    CHECK(at_once.reason == StopReason::start);
    CHECK(at_once.evaluations == 1);
    const auto constant = [](const Array<double>&, Array<double>& g) {
        g.fill(0);
        return 3.0;
    };
    CHECK(lbfgs(constant, ones).reason == StopReason::start);
    // A gradient of the wrong sign: every step climbs.
    const auto wrong = [](const Array<double>& x, Array<double>& g) {
        g = -2 * x;
        return norm2(x);
    };
    const auto stuck = lbfgs(wrong, ones, {.evaluations = 10});
    CHECK(stuck.reason == StopReason::stationary);
    CHECK(stuck.iterations == 0);
    CHECK(norm(stuck.x - ones) == 0);
    // To the last bit: tolerance 0 ends where values fall no more.
    const auto exact = lbfgs(rosenbrock, start(2), {.iterations = 1000, .tolerance = 0});
    CHECK(exact.iterations < 200);
    CHECK(std::abs(exact.x[0] - 1) < 1e-12);
}

TEST_CASE("a barrier of infinity or NaN is stepped back from; NaN at the start is refused") {
    // -log(x) + x: its minimum is 1; beyond 0 the logarithm is NaN.
    const auto f = [](const Array<double>& x, Array<double>& g) {
        double value = 0;
        for (index_t i = 0; i < x.size(); ++i) {
            value += x[i] - std::log(x[i]);
            g[i] = 1 - 1 / x[i];
        }
        return value;
    };
    Array<double> far{{3}};
    far[0] = 50;
    far[1] = 1e-3;
    far[2] = 2;
    const auto found = lbfgs(f, far, {.iterations = 200, .tolerance = 1e-10, .first_length = 100});
    for (const double v : found.x) CHECK(v == doctest::Approx(1).epsilon(1e-6));
    Array<double> outside{{3}};
    outside.fill(-1);
    CHECK_THROWS_WITH_AS(lbfgs(f, outside), doctest::Contains("f at the start"), ArgumentError);
}

TEST_CASE("options out of range are refused by name") {
    const auto x = start(4);
    CHECK_THROWS_WITH_AS(lbfgs(rosenbrock, x, {.memory = 0}), doctest::Contains("memory"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS(lbfgs(rosenbrock, x, {.evaluations = 1}), doctest::Contains("evaluations"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS(lbfgs(rosenbrock, x, {.curvature = 1}), doctest::Contains("curvature"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS(lbfgs(rosenbrock, x, {.tolerance = -1}), doctest::Contains("tolerance"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS(lbfgs(rosenbrock, x, {.first_length = 0}),
                         doctest::Contains("first_length"), ArgumentError);
}

TEST_CASE("nothing is allocated between the first iteration and the last") {
    const auto x = start(100);
    law::steady([&](const Monitor& monitor) {
        lbfgs(rosenbrock, x, {.iterations = 30, .tolerance = 0, .monitor = monitor});
    });
}
