/// Chambolle and Pock's primal-dual method: two nonsmooth functions and an operator between them.
#pragma once

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
    check_option(call, "tolerance", options.tolerance);
    if (!k.domain().contains(x0))
        throw SpaceError{call + ": the start is not in domain(" + k.label() + ")",
                         {.expected = k.domain().describe(), .found = x0.describe()}};
    Loop loop{call, options.iterations, options.monitor, options.progress};
    const double bound = options.operator_norm > 0
                             ? options.operator_norm
                             : estimate_norm(k, {.iterations = 10, .tolerance = 1e-3}) * 1.02;
    const double length = bound > 0 ? bound : 1;
    const double tau = 0.98 * options.ratio / length;
    const double sigma = 0.98 / (options.ratio * length);
    const ConjugateOf<F> f_star{f};

    auto x = x0;
    auto x_next = k.domain().uninitialized();
    auto kx = k.range().uninitialized();
    k.forward(x, kx);
    auto kx_bar = kx;
    auto kx_next = k.range().uninitialized();
    auto y = y0 != nullptr ? *y0 : k.range().zeros();
    auto y_next = k.range().uninitialized();
    auto shifted = k.range().uninitialized();
    auto kty = k.domain().uninitialized();

    auto stop = loop.record(0, 0, norm(x), x, watch, std::nullopt);
    while (!stop) {
        assign(shifted, y + sigma * kx_bar);
        f_star.prox(shifted, sigma, y_next);
        k.adjoint(y_next, kty);
        assign(x_next, x - tau * kty);
        g.prox(x_next, tau, x_next);
        k.forward(x_next, kx_next);
        // (x - x+)/tau - K'y+ lies in dG(x+), and (y - y+)/sigma + K xbar in dF*(y+)
        const double primal = norm(x - x_next) / tau;
        const double dual = norm(kx_next - kx_bar - (1 / sigma) * (y - y_next));
        assign(kx_bar, 2 * kx_next - kx);
        std::swap(x, x_next);
        std::swap(y, y_next);
        std::swap(kx, kx_next);
        const double xx = norm(x);
        loop.objective(value_of(f, kx) + value_of(g, x));
        std::optional<StopReason> reached;
        if (primal <= options.tolerance * std::max(norm(kty), bound * xx) &&
            dual <= options.tolerance * std::max(norm(kx), norm(y) / length))
            reached = StopReason::stationary;
        stop = loop.record(dual, primal, xx, x, watch, reached);
    }
    return {loop.finish(std::move(x), *stop), std::move(y)};
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
