/// Chambolle and Pock's primal-dual method: two nonsmooth functions and an operator between them.
#pragma once

#include <lop/solvers/loop.hpp>
#include <lop/solvers/prox.hpp>
#include <lop/solvers/spectral.hpp>

#include <algorithm>
#include <cmath>

namespace lop {

struct PrimalDualOptions {
    index_t iterations = 1000;
    /// |K|, or an upper bound of it; 0: estimated, at the cost of 20 products or less.
    double operator_norm = 0;
    double ratio = 1;         ///< tau = ratio / |K|, sigma = 1 / (ratio |K|), both times 0.98
    double tolerance = 1e-6;  ///< stop when both optimality residuals are this small, relatively
    Monitor monitor{};
    bool progress = false;
};

/// A solution and its dual, a multiplier for K x.
template <Vector X, Vector Y> struct PrimalDualSolution : Solution<X> {
    Y dual;
};

namespace detail {

template <Vector X, Vector Y> struct PrimalDualState {
    X x;
    Y y, kx, kx_bar;
    double ratio = 1;
    double bound = 0;                          ///< of |K|
    double xx = 0;                             ///< |x|^2
    double primal = 0;                         ///< the distance of -K'y from dG(x)
    double dual = 0;                           ///< the distance of K x from dF*(y)
    double primal_size = std::nan("unknown");  ///< that it is small beside
    double dual_size = std::nan("unknown");

    double length() const { return bound > 0 ? bound : 1; }
    double tau() const { return 0.98 * ratio / length(); }
    double sigma() const { return 0.98 / (ratio * length()); }
    std::optional<StopReason> reached(double tolerance) const {
        if (primal <= tolerance * primal_size && dual <= tolerance * dual_size)
            return StopReason::stationary;
        return std::nullopt;
    }
    template <class F> void visit(const F& f) {
        f.given("ratio", ratio)("x", x)("y", y)("kx", kx)("kx_bar", kx_bar)("bound", bound);
        f("xx", xx)("primal", primal)("dual", dual);
        f("primal_size", primal_size)("dual_size", dual_size);
    }
};

/// Beside one product with K, one with K' and two prox an iteration reads or writes about 40 vectors.
/// K xbar follows from K x, K being linear.
template <LinearOperator K, class F, class G, class Watch>
PrimalDualSolution<DomainVector<K>, RangeVector<K>> solve_primal_dual(
    const K& k, const F& f, const G& g, const DomainVector<K>& x0, const RangeVector<K>* y0,
    const PrimalDualOptions& options, const Watch& watch) {
    static_assert(Proximable<F, RangeVector<K>>, "F has no prox(x, tau, y) on vectors of range(K)");
    static_assert(Proximable<G, DomainVector<K>>,
                  "G has no prox(x, tau, y) on vectors of domain(K)");
    const std::string call = "primal_dual(" + k.label() + ", F, G)";
    check_option(call, "operator_norm", options.operator_norm);
    check_positive(call, "ratio", options.ratio);
    check_option(call, "tolerance", options.tolerance);
    if (!k.domain().contains(x0))
        throw SpaceError{call + ": the start is not in domain(" + k.label() + ")",
                         {.expected = k.domain().describe(), .found = x0.describe()}};
    Loop loop{call, options};
    loop.explain({.figures = "finite distances of K x from dF*(y) and of -K'y from dG(x), and |x|",
                  .sources = "look for NaN and infinity in F, G and in what K and K' return",
                  .growth = options.operator_norm > 0
                                ? "an operator_norm that is not below |K|; 0 estimates it"
                                : nullptr});
    const ConjugateOf<F> f_star{f};

    PrimalDualState<DomainVector<K>, RangeVector<K>> state{
        x0, y0 != nullptr ? *y0 : k.range().zeros(), k.range().uninitialized(),
        k.range().uninitialized(), options.ratio};
    auto& [x, y, kx, kx_bar, ratio, bound, xx, primal, dual, primal_size, dual_size] = state;
    auto x_next = k.domain().uninitialized();
    auto kx_next = k.range().uninitialized();
    auto y_next = k.range().uninitialized();
    auto shifted = k.range().uninitialized();
    auto kty = k.domain().uninitialized();
    if (!loop.resume(state, watch, Given{"x0", &x0}, Given{"y0", y0}, Given{"K", k},
                     Given{"F", ProxOn{f, k.range()}}, Given{"G", ProxOn{g, k.domain()}})) {
        bound = options.operator_norm > 0
                    ? options.operator_norm
                    : estimate_norm(k, {.iterations = 10, .tolerance = 1e-3}) * 1.02;
        k.forward(x, kx);
        kx_bar = kx;
        xx = norm2(x);
    }
    const double tau = state.tau();
    const double sigma = state.sigma();
    const auto step = [&] {
        assign(shifted, y + sigma * kx_bar);
        f_star.prox(shifted, sigma, y_next);
        k.adjoint(y_next, kty);
        assign(x_next, x - tau * kty);
        g.prox(x_next, tau, x_next);
        k.forward(x_next, kx_next);
        // (x - x+)/tau - K'y+ lies in dG(x+), and (y - y+)/sigma + K xbar in dF*(y+)
        primal = norm(x - x_next) / tau;
        dual = norm(kx_next - kx_bar - (1 / sigma) * (y - y_next));
        assign(kx_bar, 2 * kx_next - kx);
        std::swap(x, x_next);
        std::swap(y, y_next);
        std::swap(kx, kx_next);
        xx = norm2(x);
        primal_size = std::max(norm(kty), bound * std::sqrt(xx));
        dual_size = std::max(norm(kx), norm(y) / state.length());
    };
    const auto stand = [&] {
        return Standing{dual, primal, std::sqrt(xx), value_of(f, kx) + value_of(g, x),
                        state.reached(options.tolerance)};
    };
    return {loop.run(state, step, stand, watch), std::move(y)};
}

}  // namespace detail

/// Minimises F(K x) + G(x) for convex F and G that have proximal operators, from x0 (Chambolle and Pock
/// 2011, J. Math. Imaging Vis. 40 120-145, algorithm 1, theta = 1):
///   y = prox_{sigma F*}(y + sigma K xbar);   x+ = prox_{tau G}(x - tau K'y);   xbar = 2 x+ - x.
/// Several F are a SeparableSum over K = vstack(...). F* comes from F by Moreau. In the history
/// `residual` is the distance of K x from dF*(y), `gradient` that of -K'y from dG(x), both to bound.
/// `watch`, optional, is called as watch(iteration, x).
///
/// Throws SpaceError where x0 is not in domain(K), and ArgumentError where values are not finite.
template <LinearOperator K, class F, class G, VectorLike X, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<K>>
PrimalDualSolution<DomainVector<K>, RangeVector<K>> primal_dual(
    const K& k, const F& f, const G& g, const X& x0, const PrimalDualOptions& options = {},
    const Watch& watch = {}) {
    return detail::solve_primal_dual(k, f, g, evaluate(x0), nullptr, options, watch);
}

/// The same from a start of the dual as well: an earlier solution's goes on where that ended, but for
/// the first xbar.
template <LinearOperator K, class F, class G, VectorLike X, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<K>>
PrimalDualSolution<DomainVector<K>, RangeVector<K>> primal_dual(
    const K& k, const F& f, const G& g, const X& x0, const RangeVector<K>& y0,
    const PrimalDualOptions& options = {}, const Watch& watch = {}) {
    return detail::solve_primal_dual(k, f, g, evaluate(x0), &y0, options, watch);
}

}  // namespace lop
