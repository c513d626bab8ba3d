/// Iteratively reweighted least squares: data with outliers.
#pragma once

#include <lop/solvers/loop.hpp>
#include <lop/solvers/norms.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace lop {

struct IrlsOptions {
    index_t iterations = 20;        ///< times the weights are set anew
    index_t inner_iterations = 50;  ///< of conjugate gradients for each set of weights
    double inner_tolerance = 1e-4;  ///< by which each inner solve reduces its gradient
    double power = 1;               ///< p, from 1 to 2
    /// Residuals below epsilon |b|_inf count as that large: the corner of the norm is rounded there.
    double epsilon = 1e-6;
    double tolerance = 1e-6;  ///< stop when new weights move x by tolerance |x| or less
    Monitor monitor{};
    bool progress = false;
};

namespace detail {

/// max(|r|, floor)^(p - 2), as a number of r's type
struct LpWeight {
    double power;
    double floor;
    template <class T> T operator()(const T& r) const {
        return T(static_cast<Real<T>>(std::pow(std::max(magnitude(r), floor), power - 2)));
    }
};
struct LpTerm {
    double power;
    template <class T> double operator()(const T& r) const { return std::pow(magnitude(r), power); }
};

/// min |W^(1/2) (b - A x)|^2 by conjugate gradients, warm: r = b - A x and s = A'W r follow x.
template <LinearOperator A> struct WeightedLeastSquares {
    const A& a;
    LpWeight weight;
    DomainVector<A> x, s, p;     // p is scratch
    RangeVector<A> r, w, q, wq;  // q and wq are scratch
    double gamma = 0;            // |s|^2
    double xx = 0;               // |x|^2
    double moved2 = HUGE_VAL;    // |x - x before these weights|^2

    WeightedLeastSquares(const A& op, const LpWeight& weights)
        : a{op},
          weight{weights},
          x{op.domain().uninitialized()},
          s{op.domain().uninitialized()},
          p{op.domain().uninitialized()},
          r{op.range().uninitialized()},
          w{op.range().uninitialized()},
          q{op.range().uninitialized()},
          wq{op.range().uninitialized()} {}

    void gradient() {
        assign(wq, cwise_product(w, r));
        a.adjoint(wq, s);
        gamma = norm2(s);
    }
    /// The weights of the residual, relative to the largest that there can be.
    void weigh() {
        const double scale = std::pow(weight.floor, 2 - weight.power);
        assign(w, scale * map(weight, r));
        gradient();
    }
    void solve(index_t iterations, double tolerance) {
        const double goal = tolerance * tolerance * gamma;
        assign(p, 1 * s);
        for (index_t k = 0; k < iterations && gamma > goal; ++k) {
            a.forward(p, q);
            assign(wq, cwise_product(w, q));
            const double curvature = real_part(dot(q, wq));
            if (curvature <= 0) return;
            const double alpha = gamma / curvature;
            const double before = gamma;
            assign(x, x + alpha * p);
            assign(r, r - alpha * q);
            gradient();
            assign(p, s + (gamma / before) * p);
        }
    }
    std::optional<StopReason> reached(double tolerance) const {
        if (gamma <= 0) return StopReason::gradient_rounding;
        if (moved2 <= tolerance * tolerance * xx) return StopReason::stationary;
        return std::nullopt;
    }
    template <class F> void visit(const F& f) {
        f.given("power", weight.power).given("floor", weight.floor);
        f("x", x)("s", s)("r", r)("w", w)("gamma", gamma)("xx", xx)("moved2", moved2);
    }
};

template <LinearOperator A, class Watch>
Solution<DomainVector<A>> solve_irls(const A& a, const RangeVector<A>& b, const DomainVector<A>* x0,
                                     const IrlsOptions& options, const Watch& watch) {
    const std::string call = call_of("irls", a);
    check_spaces(call, a, b, x0);
    check_option(call, "tolerance", options.tolerance);
    check_count(call, "inner_iterations", options.inner_iterations);
    check_share(call, "inner_tolerance", options.inner_tolerance);
    check_option(call, "epsilon", options.epsilon);
    if (!(options.power >= 1 && options.power <= 2))
        throw ArgumentError{call + ": the option power",
                            {.expected = "from 1 to 2", .found = number_words(options.power)}};
    Loop loop{call, options};
    loop.explain({.figures = "finite |b - A x|, |A' W (b - A x)| and |x|"});

    const LpWeight weight{options.power, std::max(options.epsilon * norm_inf(b), 1e-150)};
    WeightedLeastSquares<A> least{a, weight};
    auto x_before = a.domain().uninitialized();
    if (!loop.resume(least, watch, Given{"b", &b}, Given{"x0", x0}, Given{"A", a})) {
        const StartNorms start = start_at(call, a, b, x0, least.x, least.r);
        least.xx = start.solution2;
        least.weigh();
    }
    const auto step = [&] {
        x_before = least.x;
        least.solve(options.inner_iterations, options.inner_tolerance);
        least.xx = norm2(least.x);
        least.moved2 = norm2(least.x - x_before);
        least.weigh();
    };
    const auto stand = [&] {
        return Standing{norm(least.r), std::sqrt(least.gamma), std::sqrt(least.xx),
                        sum_over(LpTerm{options.power}, least.r), least.reached(options.tolerance)};
    };
    return loop.run(least, step, stand, watch);
}

}  // namespace detail

/// Minimises sum_i |b - A x|_i^p, 1 <= p <= 2, from x = 0, by weighted least squares with weights
/// |r_i|^(p - 2) of the residual before (Scales, Gersztenkorn and Treitel 1988, J. Comput. Phys. 75
/// 314-333), each solved by conjugate gradients that start where the last ones ended. In the history
/// `gradient` is |A' W r|, the largest weight being 1, and the objective the sum. `watch`, optional,
/// is called as watch(iteration, x).
///
/// Throws SpaceError where b is not in range(A), and ArgumentError where values are not finite.
template <LinearOperator A, VectorLike B, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<A>>
Solution<DomainVector<A>> irls(const A& a, const B& b, const IrlsOptions& options = {},
                               const Watch& watch = {}) {
    detail::check_kinds<A, B>();
    return detail::solve_irls(a, evaluate(b), nullptr, options, watch);
}

/// The same from the start x0.
template <LinearOperator A, VectorLike B, VectorLike X, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<A>>
Solution<DomainVector<A>> irls(const A& a, const B& b, const X& x0, const IrlsOptions& options = {},
                               const Watch& watch = {}) {
    detail::check_kinds<A, B, X>();
    const auto& start = evaluate(x0);
    return detail::solve_irls(a, evaluate(b), &start, options, watch);
}

}  // namespace lop
