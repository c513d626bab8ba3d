/// ADMM and split Bregman: a misfit and a nonsmooth function of L x.
#pragma once

#include <lop/solvers/loop.hpp>
#include <lop/solvers/prox.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

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

/// The least squares, and what couples them to g: z and the scaled multiplier u, y / rho of the paper.
template <LinearOperator A, LinearOperator L> struct AdmmState : AdmmLeastSquares<A, L> {
    RangeVector<L> z, u;
    double scale = 0;     // |A'b|
    double rr = 0;        // |b - A x|^2
    double xx = 0;        // |x|^2
    double primal = 0;    // |L x - z|
    double size = 0;      // max(|L x|, |z|)
    double gradient = 0;  // |A'(b - A x) - rho L'u|

    AdmmState(const A& op, const L& other, double penalty)
        : AdmmLeastSquares<A, L>{op, other, penalty},
          z{other.range().uninitialized()},
          u{other.range().zeros()} {}
    std::optional<StopReason> reached(double tolerance) const {
        if (primal <= tolerance * size && gradient <= tolerance * scale)
            return StopReason::stationary;
        return std::nullopt;
    }
    template <class F> void visit(const F& f) {
        f.given("penalty", this->rho)("x", this->x)("r", this->r)("lx", this->lx)("z", z)("u", u);
        f("scale", scale)("rr", rr)("xx", xx)("primal", primal);
        f("size", size)("gradient", gradient);
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
    check_positive(call, "penalty", options.penalty);
    check_count(call, "inner_iterations", options.inner_iterations);
    check_option(call, "inner_tolerance", options.inner_tolerance);
    if (!(l.domain() == a.domain()))
        throw SpaceError{call + ": the domain of " + l.label() + " is not that of " + a.label(),
                         {.expected = a.domain().describe(), .found = l.domain().describe()}};
    Loop loop{call, options};
    loop.explain({.figures = "finite |b - A x|, |A'(b - A x) - rho L'u| and |x|",
                  .sources = "look for NaN and infinity in g and in what A and L return"});

    const double rho = options.penalty;
    AdmmState<A, L> least{a, l, rho};
    auto z_next = l.range().uninitialized();
    if (!loop.resume(least, watch, Given{"b", &b}, Given{"x0", x0}, Given{"A", a}, Given{"L", l},
                     Given{"g", ProxOn{g, l.range()}})) {
        a.adjoint(b, least.s);
        least.scale = least.gradient = norm(least.s);
        const StartNorms start = start_at(call, a, b, x0, least.x, least.r);
        least.rr = start.residual2;
        least.xx = start.solution2;
        l.forward(least.x, least.lx);
        least.z = least.lx;
        least.primal = HUGE_VAL;
    }
    const auto step = [&] {
        assign(least.w, least.z - least.u - least.lx);
        least.solve(options.inner_iterations, options.inner_tolerance);
        assign(z_next, least.lx + least.u);
        g.prox(z_next, 1 / rho, z_next);
        std::swap(least.z, z_next);
        assign(least.u, least.u + least.lx - least.z);
        a.adjoint(least.r, least.s);
        l.adjoint(least.u, least.t);
        least.gradient = norm(least.s - rho * least.t);
        least.primal = norm(least.lx - least.z);
        least.size = std::max(norm(least.lx), norm(least.z));
        least.rr = norm2(least.r);
        least.xx = norm2(least.x);
    };
    const auto stand = [&] {
        return Standing{std::sqrt(least.rr), least.gradient, std::sqrt(least.xx),
                        0.5 * least.rr + value_of(g, least.z), least.reached(options.tolerance)};
    };
    return loop.run(least, step, stand, watch);
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
    detail::check_option(detail::call_of("split_bregman", a), "mu", mu);
    return detail::solve_admm("split_bregman", a, evaluate(b), l, L1{mu}, nullptr, options, watch);
}

}  // namespace lop
