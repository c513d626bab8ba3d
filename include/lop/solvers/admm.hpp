/// ADMM and split Bregman: a misfit and a nonsmooth function of L x.
#pragma once

#include <lop/solvers/prox.hpp>
#include <lop/solvers/solution.hpp>

#include <algorithm>
#include <cmath>

namespace lop {

struct AdmmOptions {
    index_t iterations = 100;
    double penalty = 1;             ///< rho; it changes the speed, not the solution
    index_t inner_iterations = 10;  ///< of conjugate gradients for x, from the x before
    double inner_tolerance = 1e-3;  ///< by which each inner solve reduces its gradient
    /// Stop when |L x - z| <= tolerance max(|L x|, |z|) and |A'(b - A x) - L'y| <= tolerance |A'b|.
    double tolerance = 1e-6;
    Monitor monitor{};
    bool progress = false;
};

namespace detail {

/// min_x 1/2 |A x - b|^2 + rho/2 |L x - v|^2 by conjugate gradients, warm: r = b - A x, lx = L x and
/// w = v - L x are kept up to date with x.
template <LinearOperator A, LinearOperator L> struct AdmmLeastSquares {
    const A& a;
    const L& l;
    double rho;
    DomainVector<A> x, s, p, t;
    RangeVector<A> r, q;
    RangeVector<L> lx, w, lp;

    AdmmLeastSquares(const A& op, const L& other, double penalty)
        : a{op},
          l{other},
          rho{penalty},
          x{op.domain().uninitialized()},
          s{op.domain().uninitialized()},
          p{op.domain().uninitialized()},
          t{op.domain().uninitialized()},
          r{op.range().uninitialized()},
          q{op.range().uninitialized()},
          lx{other.range().uninitialized()},
          w{other.range().uninitialized()},
          lp{other.range().uninitialized()} {}

    /// s = A'r + rho L'w, the negative gradient, with |s|^2.
    double gradient2() {
        a.adjoint(r, s);
        l.adjoint(w, t);
        return assign_norm2(s, s + rho * t);
    }
    void solve(index_t iterations, double tolerance) {
        double gamma = gradient2();
        const double goal = tolerance * tolerance * gamma;
        assign(p, 1 * s);
        for (index_t k = 0; k < iterations && gamma > 0; ++k) {
            a.forward(p, q);
            l.forward(p, lp);
            const double curvature = norm2(q) + rho * norm2(lp);
            if (curvature <= 0) return;
            const double alpha = gamma / curvature;
            assign(x, x + alpha * p);
            assign(r, r - alpha * q);
            assign(lx, lx + alpha * lp);
            assign(w, w - alpha * lp);
            const double next = gradient2();
            if (next <= goal) return;
            assign(p, s + (next / gamma) * p);
            gamma = next;
        }
    }
};

template <LinearOperator A, LinearOperator L, class G, class Watch>
Solution<DomainVector<A>> solve_admm(const char* name, const A& a, const RangeVector<A>& b,
                                     const L& l, const G& g, const DomainVector<A>* x0,
                                     const AdmmOptions& options, const Watch& watch) {
    static_assert(Proximable<G, RangeVector<L>>, "g has no prox(x, tau, y) on vectors of range(L)");
    const std::string call = call_of(name, a);
    check_spaces(call, a, b, x0);
    check_option(call, "tolerance", options.tolerance);
    check_option(call, "inner_tolerance", options.inner_tolerance);
    if (!(l.domain() == a.domain()))
        throw SpaceError{call + ": the domain of " + l.label() + " is not that of " + a.label(),
                         {.expected = a.domain().describe(), .found = l.domain().describe()}};
    if (!(options.penalty > 0) || options.inner_iterations < 1)
        throw ArgumentError{call + ": the options penalty and inner_iterations",
                            {.expected = "penalty > 0 and inner_iterations >= 1",
                             .found = std::to_string(options.penalty) + " and " +
                                      std::to_string(options.inner_iterations)}};
    Loop loop{call, options.iterations, options.monitor, options.progress};

    const double rho = options.penalty;
    AdmmLeastSquares<A, L> least{a, l, rho};
    a.adjoint(b, least.s);
    const double scale = norm(least.s);
    const StartNorms start = start_at(call, a, b, x0, least.x, least.r);
    l.forward(least.x, least.lx);
    auto z = least.lx;
    auto u = l.range().zeros();  // y / rho of the paper, the scaled multiplier
    auto z_next = l.range().uninitialized();

    loop.objective(0.5 * start.residual2 + value_of(g, z));
    auto stop = loop.record(std::sqrt(start.residual2), scale, std::sqrt(start.solution2), least.x,
                            watch, std::nullopt);
    while (!stop) {
        assign(least.w, z - u - least.lx);
        least.solve(options.inner_iterations, options.inner_tolerance);
        assign(z_next, least.lx + u);
        g.prox(z_next, 1 / rho, z_next);
        std::swap(z, z_next);
        assign(u, u + least.lx - z);
        a.adjoint(least.r, least.s);
        l.adjoint(u, least.t);
        const double gradient = norm(least.s - rho * least.t);
        const double primal = norm(least.lx - z);
        const double size = std::max(norm(least.lx), norm(z));
        const double rr = norm2(least.r);
        loop.objective(0.5 * rr + value_of(g, z));
        std::optional<StopReason> reached;
        if (primal <= options.tolerance * size && gradient <= options.tolerance * scale)
            reached = StopReason::stationary;
        stop = loop.record(std::sqrt(rr), gradient, norm(least.x), least.x, watch, reached);
    }
    return loop.finish(std::move(least.x), *stop);
}

}  // namespace detail

/// Minimises 1/2 |A x - b|^2 + g(L x), from x = 0, by alternating directions (Boyd, Parikh, Chu, Peleato
/// and Eckstein 2011, Foundations and Trends in Machine Learning 3(1), section 3.1.1):
///   x = argmin 1/2 |A x - b|^2 + rho/2 |L x - z + u|^2;   z = prox_{g/rho}(L x + u);   u += L x - z,
/// the first inexactly, by a few conjugate gradients. L may be a vertical stack, and g then a
/// SeparableSum, or L21, over its blocks. In the history `gradient` is |A'(b - A x) - rho L'u|, and the
/// objective takes g at z. `watch`, optional, is called as watch(iteration, x).
///
/// Throws SpaceError where b is not in range(A) or L has another domain than A, and ArgumentError
/// where values are not finite.
template <LinearOperator A, VectorLike B, LinearOperator L, class G, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<A>>
Solution<DomainVector<A>> admm(const A& a, const B& b, const L& l, const G& g,
                               const AdmmOptions& options = {}, const Watch& watch = {}) {
    detail::check_kinds<A, B>();
    return detail::solve_admm("admm", a, evaluate(b), l, g, nullptr, options, watch);
}
/// The same from the start x0.
template <LinearOperator A, VectorLike B, LinearOperator L, class G, VectorLike X,
          class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<A>>
Solution<DomainVector<A>> admm(const A& a, const B& b, const L& l, const G& g, const X& x0,
                               const AdmmOptions& options = {}, const Watch& watch = {}) {
    detail::check_kinds<A, B, X>();
    const auto& start = evaluate(x0);
    return detail::solve_admm("admm", a, evaluate(b), l, g, &start, options, watch);
}

/// Minimises 1/2 |A x - b|^2 + mu |L x|_1 (Goldstein and Osher 2009, SIAM J. Imaging Sci. 2(2) 323-343,
/// section 3, with lambda = penalty and b = u). Several terms mu_i |L_i x|_1 are one of a stack,
/// L = vstack(mu_1 L_1, mu_2 L_2), mu = 1. It is admm with g = L1{mu} (Esser 2009).
template <LinearOperator A, VectorLike B, LinearOperator L, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<A>>
Solution<DomainVector<A>> split_bregman(const A& a, const B& b, const L& l, double mu,
                                        const AdmmOptions& options = {}, const Watch& watch = {}) {
    detail::check_kinds<A, B>();
    return detail::solve_admm("split_bregman", a, evaluate(b), l, L1{mu}, nullptr, options, watch);
}

}  // namespace lop
