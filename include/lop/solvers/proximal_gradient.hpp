/// Proximal gradients: ISTA and FISTA for a misfit and a nonsmooth term, and their general form.
#pragma once

#include <lop/solvers/loop.hpp>
#include <lop/solvers/prox.hpp>
#include <lop/solvers/sweep.hpp>

#include <cmath>
#include <utility>

namespace lop {

struct ProximalOptions {
    index_t iterations = 100;
    double step = 0;          ///< at most 1/|A|^2; 0: found on the way, from above
    bool restart = false;     ///< of fista: forget the momentum where it points uphill
    double tolerance = 1e-6;  ///< stop when a step moves x by tolerance |x| or less
    Monitor monitor{};
    bool progress = false;
};

/// A solution and the step length at its end.
template <Vector X> struct ProximalSolution : Solution<X> {
    double step = 0;
};

namespace detail {

/// The sequence t_k of Nesterov, in the form of Beck and Teboulle (4.2).
struct Momentum {
    bool on = true;
    double t = 1;
    /// (t_k - 1) / t_(k+1)
    double next() {
        if (!on) return 0;
        const double before = t;
        t = 0.5 * (1 + std::sqrt(1 + 4 * t * t));
        return (before - 1) / t;
    }
};

/// Where a quadratic model of step length t holds: |A d|^2 <= |d|^2 / t, to rounding. If it does
/// not, the next t is 0.95 |d|^2/|A d|^2, which is never below 0.95/|A|^2.
template <class T> bool model_holds(double dd, double image2, double step, double xx) {
    const double round = 16 * rounding<T>();
    return step * image2 <= dd * (1 + round) || dd <= round * round * xx;
}

/// The step of steepest descent, |g|^2/|A g|^2.
template <LinearOperator A>
double descent_step(const A& a, const DomainVector<A>& g, double gg, RangeVector<A>& image) {
    a.forward(g, image);
    const double curvature = norm2(image);
    return curvature > 0 ? gg / curvature : 1;
}

/// |x - y|, where a step of ista or fista from y came to x, and whether that is short enough to stop.
struct StepRule {
    double tolerance = 0;
    double dd = HUGE_VAL;  ///< |x - y|^2
    double xx = 0;         ///< |x|^2
    std::optional<StopReason> reached() const {
        if (dd <= tolerance * tolerance * xx) return StopReason::stationary;
        return std::nullopt;
    }
    template <class F> void visit(const F& f) { f("dd", dd)("xx", xx); }
};

template <Vector X, Vector Y> struct ProximalState {
    X x, y;
    Y r, ry;  ///< b - A x, b - A y
    double given_step = 0;
    Momentum momentum{};
    StepRule rule{};
    double step = 0;
    double rr = 0;        ///< |r|^2
    double gradient = 0;  ///< |x - y| / step
    template <class F> void visit(const F& f) {
        f.given("step", given_step).given("momentum", momentum.on ? 1 : 0);
        f("x", x)("y", y)("r", r)("ry", ry);
        f("t", momentum.t)("length", step)("rr", rr)("gradient", gradient);
        rule.visit(f);
    }
};

/// Beside one product with A, one with A' and the prox an iteration reads or writes 22 vectors (17
/// without search). Residuals of y follow from those of x, A being linear.
template <LinearOperator A, class F, class Watch>
ProximalSolution<DomainVector<A>> solve_proximal(const char* name, const A& a,
                                                 const RangeVector<A>& b, const F& f,
                                                 const DomainVector<A>* x0, Momentum momentum_used,
                                                 const ProximalOptions& options,
                                                 const Watch& watch) {
    static_assert(Proximable<F, DomainVector<A>>,
                  "f has no prox(x, tau, y) on vectors of domain(A)");
    using T = ScalarOf<A>;
    const std::string call = call_of(name, a);
    check_spaces(call, a, b, x0);
    check_option(call, "tolerance", options.tolerance);
    check_option(call, "step", options.step);
    Loop loop{call, options};
    loop.explain(
        {.figures = "finite |b - A x|, |x - y| / step and |x|",
         .sources = "look for NaN and infinity in f and in what A and A' return",
         .growth = options.step > 0 ? "a step of at most 1/|A|^2; step = 0 finds one" : nullptr});

    ProximalState<DomainVector<A>, RangeVector<A>> state{a.domain().uninitialized(),
                                                         a.domain().uninitialized(),
                                                         a.range().uninitialized(),
                                                         a.range().uninitialized(),
                                                         options.step,
                                                         momentum_used,
                                                         {options.tolerance}};
    auto& [x, y, r, ry, given_step, momentum, rule, t, rr, gradient] = state;
    auto x_next = a.domain().uninitialized();
    auto r_next = a.range().uninitialized();
    auto g = a.domain().uninitialized();
    if (!loop.resume(state, watch, Given{"b", &b}, Given{"x0", x0}, Given{"A", a},
                     Given{"f", ProxOn{f, a.domain()}})) {
        const StartNorms start = start_at(call, a, b, x0, x, r);
        y = x;
        ry = r;
        a.adjoint(ry, g);
        const double gg = norm2(g);
        t = given_step > 0 ? given_step : descent_step(a, g, gg, r_next);
        rr = start.residual2;
        rule.xx = start.solution2;
        gradient = std::sqrt(gg);
    }
    const auto step = [&] {
        if (loop.number() > 0) a.adjoint(ry, g);
        for (;;) {
            assign(x_next, y + t * g);
            f.prox(x_next, t, x_next);
            a.forward(x_next, r_next);
            rr = assign_norm2(r_next, b - r_next);
            rule.xx = norm2(x_next);
            rule.dd = norm2(x_next - y);
            if (given_step > 0) break;
            const double image2 = norm2(r_next - ry);
            if (!std::isfinite(rule.dd) || !std::isfinite(image2)) break;  // no step mends that
            if (model_holds<T>(rule.dd, image2, t, rule.xx)) break;
            t = 0.95 * rule.dd / image2;
        }
        if (options.restart && real_part(dot(y - x_next, x_next - x)) > 0) momentum.t = 1;
        const double beta = momentum.next();
        assign(y, x_next + beta * (x_next - x));
        assign(ry, r_next + beta * (r_next - r));
        std::swap(x, x_next);
        std::swap(r, r_next);
        gradient = std::sqrt(rule.dd) / t;
    };
    const auto stand = [&] {
        return Standing{std::sqrt(rr), gradient, std::sqrt(rule.xx), 0.5 * rr + value_of(f, x),
                        rule.reached()};
    };
    return {loop.run(state, step, stand, watch), t};
}

}  // namespace detail

/// Minimises 1/2 |A x - b|^2 + f(x) by x <- prox_{t f}(x + t A'(b - A x)), from x = 0 (Daubechies,
/// Defrise and De Mol 2004; Beck and Teboulle 2009, section 3). The objective falls in every
/// iteration, its excess as 1/k. f is one of prox.hpp, or any struct with value and prox. In the history
/// `gradient` is |x - x_before| / t. `watch`, optional, is called as watch(iteration, x).
///
/// Throws SpaceError where b is not in range(A), and ArgumentError where values are not finite.
template <LinearOperator A, VectorLike B, class F, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<A>>
ProximalSolution<DomainVector<A>> ista(const A& a, const B& b, const F& f,
                                       const ProximalOptions& options = {},
                                       const Watch& watch = {}) {
    detail::check_kinds<A, B>();
    return detail::solve_proximal("ista", a, evaluate(b), f, nullptr, {.on = false}, options,
                                  watch);
}
/// The same from the start x0.
template <LinearOperator A, VectorLike B, class F, VectorLike X, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<A>>
ProximalSolution<DomainVector<A>> ista(const A& a, const B& b, const F& f, const X& x0,
                                       const ProximalOptions& options = {},
                                       const Watch& watch = {}) {
    detail::check_kinds<A, B, X>();
    const auto& start = evaluate(x0);
    return detail::solve_proximal("ista", a, evaluate(b), f, &start, {.on = false}, options, watch);
}

/// The same with Nesterov's momentum (Beck and Teboulle 2009, SIAM J. Imaging Sci. 2(1) 183-202,
/// FISTA with backtracking): the excess falls as 1/k^2, though not in every iteration. With `restart`
/// the momentum is given up where it points uphill (O'Donoghue and Candes 2015, gradient scheme).
template <LinearOperator A, VectorLike B, class F, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<A>>
ProximalSolution<DomainVector<A>> fista(const A& a, const B& b, const F& f,
                                        const ProximalOptions& options = {},
                                        const Watch& watch = {}) {
    detail::check_kinds<A, B>();
    return detail::solve_proximal("fista", a, evaluate(b), f, nullptr, {}, options, watch);
}
/// The same from the start x0.
template <LinearOperator A, VectorLike B, class F, VectorLike X, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<A>>
ProximalSolution<DomainVector<A>> fista(const A& a, const B& b, const F& f, const X& x0,
                                        const ProximalOptions& options = {},
                                        const Watch& watch = {}) {
    detail::check_kinds<A, B, X>();
    const auto& start = evaluate(x0);
    return detail::solve_proximal("fista", a, evaluate(b), f, &start, {}, options, watch);
}

struct ProximalGradientOptions {
    index_t iterations = 100;
    double step = 1;  ///< the first one tried; it shrinks where h rises above its model
    double shrink = 0.5;
    bool accelerated = true;  ///< FISTA; else ISTA
    double tolerance = 1e-6;  ///< stop when a step moves x by tolerance |x| or less
    Monitor monitor{};
    bool progress = false;
};

namespace detail {

template <Vector X> struct ProximalGradientState {
    X x, y;
    X g;  ///< of h at y; with momentum it is computed in the step
    Momentum momentum{};
    StepRule rule{};
    double step = 0;
    double hx = 0;        ///< h(x)
    double gradient = 0;  ///< |y - x| / step
    template <class F> void visit(const F& f) {
        f.given("momentum", momentum.on ? 1 : 0)("x", x)("y", y)("t", momentum.t);
        if (!momentum.on) f("g", g);
        f("step", step)("hx", hx)("gradient", gradient);
        rule.visit(f);
    }
};

template <class H, class F, Vector X, class Watch>
ProximalSolution<X> solve_proximal_gradient(const H& h, const F& f, const X& x0,
                                            const ProximalGradientOptions& options,
                                            const Watch& watch) {
    const std::string call = "proximal_gradient(h, f, x0)";
    check_option(call, "tolerance", options.tolerance);
    check_positive(call, "step", options.step);
    check_positive(call, "shrink", options.shrink);
    check_share(call, "shrink", options.shrink);
    Loop loop{call, options};
    loop.explain({.figures = "finite h(x), |x - y| / step and |x|",
                  .sources = "look for NaN and infinity in h, its gradient and f",
                  .growth = "a shorter first step"});
    ProximalGradientState<X> state{
        x0, x0, like(x0), {.on = options.accelerated}, {options.tolerance}, options.step};
    auto& [x, y, g, momentum, rule, t, hx, gradient] = state;
    X x_next = like(x0);
    X g_next = like(x0);
    if (loop.resume(state, watch, Given{"x0", &x0}, Given{"f", ProxOn{f, space_of(x0)}})) {
        loop.check_first_residual("h(x0)", h(x0, g_next));
    } else {
        hx = h(y, g);
        rule.xx = norm2(x);
        gradient = norm(g);
    }
    const auto step = [&] {
        const double hy = momentum.on && loop.number() > 0 ? h(y, g) : hx;
        for (;;) {
            assign(x_next, y - t * g);
            f.prox(x_next, t, x_next);
            hx = h(x_next, g_next);
            rule.dd = norm2(x_next - y);
            const double model = hy + real_part(dot(g, x_next - y)) + rule.dd / (2 * t);
            const double round = 16 * std::numeric_limits<double>::epsilon();
            if (hx <= model + round * std::abs(hy) || rule.dd <= round * round * norm2(x_next))
                break;
            if (std::isnan(rule.dd)) break;  // no step mends that
            if (t < std::numeric_limits<double>::min())
                loop.refuse("no step is short enough for h: step", t,
                            "taylor_test: the gradient is not that of h");
            t *= options.shrink;
        }
        const double beta = momentum.next();
        assign(y, x_next + beta * (x_next - x));
        std::swap(x, x_next);
        std::swap(g, g_next);
        rule.xx = norm2(x);
        gradient = std::sqrt(rule.dd) / t;
    };
    const auto stand = [&] {
        return Standing{hx, gradient, std::sqrt(rule.xx), hx + value_of(f, x), rule.reached()};
    };
    return {loop.run(state, step, stand, watch), t};
}

}  // namespace detail

/// Minimises h(x) + f(x) from x0, h smooth and given as value = h(x, g), which also writes its
/// gradient into g (Beck and Teboulle 2009, with backtracking). In the history `residual` is h(x) and
/// `gradient` |y - x| / step. `watch`, optional, is called as watch(iteration, x).
///
/// Throws ArgumentError for options outside their range and where values are not finite.
template <class H, class F, Vector X, class Watch = detail::NoWatch>
    requires std::is_invocable_r_v<double, const H&, const X&, X&> && detail::WatchOf<Watch, X>
ProximalSolution<X> proximal_gradient(const H& h, const F& f, const X& x0,
                                      const ProximalGradientOptions& options = {},
                                      const Watch& watch = {}) {
    return detail::solve_proximal_gradient(h, f, x0, options, watch);
}

}  // namespace lop
