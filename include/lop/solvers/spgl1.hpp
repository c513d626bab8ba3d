/// SPGL1: basis pursuit denoising by root finding on the Pareto curve.
#pragma once

#include <lop/solvers/loop.hpp>
#include <lop/solvers/projections.hpp>
#include <lop/solvers/prox_weighted.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace lop {

struct Spgl1Options {
    index_t iterations = 300;
    double noise = 0;   ///< sigma: min |x|_1 subject to |A x - b| <= sigma
    double radius = 0;  ///< if positive: min |A x - b| subject to |x|_1 <= radius, instead
    double tolerance =
        1e-6;  ///< of the duality gap, relative to |r| |b|, and of |r| - sigma to |b|
    Monitor monitor{};
    bool progress = false;
};

/// A solution, and the radius tau of the ball on whose surface it lies.
template <Vector X> struct Spgl1Solution : Solution<X> {
    double radius = 0;
};

namespace detail {

/// What SPGL1 asks of a norm: its value, its dual norm, and the projection onto its ball.
template <class X> double dual_norm(const L1& f, const X& g) { return norm_inf(g) / f.weight; }
template <class X> void onto_ball(const L1& f, double radius, X& x) {
    OntoL1Ball{radius / f.weight}(x);
}
template <class X> double dual_norm(const WeightedL1<X>& f, const X& g) { return f.dual(g); }
template <class X> void onto_ball(const WeightedL1<X>& f, double radius, X& x) {
    OntoWeightedL1Ball{f, radius}(x);
}
template <class F, class X>
concept BallNorm = Proximable<F, X> && requires(const F& f, X& x) {
    dual_norm(f, x);
    onto_ball(f, 1.0, x);
};

inline bool is_norm(const L1& f) { return f.weight > 0; }
template <class X> bool is_norm(const WeightedL1<X>& f) { return f.positive(); }

/// The largest of the last misfits, for a line search that lets them rise at times.
class MisfitMemory {
 public:
    void forget(double value) { last_.fill(value); }
    void note(double value) {
        last_[static_cast<std::size_t>(next_)] = value;
        next_ = (next_ + 1) % static_cast<index_t>(last_.size());
    }
    double most() const { return *std::max_element(last_.begin(), last_.end()); }
    template <class F> void visit(const F& f) {
        f("misfits", std::span<double>{last_})("next_misfit", next_);
    }

 private:
    std::array<double, 10> last_{};
    index_t next_ = 0;
};

/// A step of Barzilai and Borwein within bounds.
inline double spectral_step(double ss, double sy) {
    constexpr double least = 1e-16;
    constexpr double most = 1e5;
    return sy <= 0 ? most : std::clamp(ss / sy, least, most);
}

/// Where the method stands for its radius tau, and by which rules it goes on.
struct ParetoFigures {
    double residual = 0;  ///< |r|
    double steepest = 0;  ///< |A'r| in the dual norm; -steepest/|r| is the slope of |r| over tau
    double gap = 0;       ///< of |r|^2/2 over its dual bound (equation 2.9 of the paper)
    double miss = 0;      ///< |r| - noise

    std::optional<StopReason> reached(const Spgl1Options& options, double tau, double b_norm,
                                      double rounding) const {
        const double allowed = options.tolerance * b_norm;
        if (options.radius > 0) {
            if (gap <= allowed * residual) return StopReason::stationary;
        } else {
            if (miss <= 0 && tau <= 0) return StopReason::residual;
            const bool near = gap <= allowed * residual || options.noise <= 0;
            if (std::abs(miss) <= allowed && near) return StopReason::residual;
        }
        if (residual <= rounding * b_norm) return StopReason::residual_rounding;
        if (steepest <= rounding * residual) return StopReason::gradient_rounding;
        return std::nullopt;
    }
    /// Whether the gap is small beside what is missed: time for a step of Newton.
    bool solved(const Spgl1Options& options, double b_norm) const {
        return gap <= std::max(options.tolerance * b_norm, 0.1 * std::abs(miss)) * residual;
    }
    double next_radius(double tau) const { return std::max(0.0, tau + residual * miss / steepest); }
    template <class F> void visit(const F& f) {
        f("residual", residual)("steepest", steepest)("gap", gap)("miss", miss);
    }
};

/// x, its residual and the gradient, for the projected gradient within f(x) <= tau, f a
/// one-norm, and the radius.
template <LinearOperator A, class F> struct BallSearch {
    const A& a;
    const RangeVector<A>& b;
    const F& f;
    Spgl1Options options;
    DomainVector<A> x, g, d;  // g = A'r, the negative gradient; d is scratch
    RangeVector<A> r, ad;     // ad is scratch
    double tau = 0;
    double rr = 0;
    double xx = 0;
    double step = 1;
    double b_norm = 0;
    MisfitMemory memory{};
    ParetoFigures figures{};

    BallSearch(const A& op, const RangeVector<A>& data, const F& norm, const Spgl1Options& given)
        : a{op},
          b{data},
          f{norm},
          options{given},
          x{op.domain().uninitialized()},
          g{op.domain().uninitialized()},
          d{op.domain().uninitialized()},
          r{op.range().uninitialized()},
          ad{op.range().uninitialized()} {}

    void begin(const std::string& call, const DomainVector<A>* x0) {
        const StartNorms start = start_at(call, a, b, x0, x, r);
        b_norm = start.data;
        tau = options.radius > 0 ? options.radius : f.value(x);
        rr = start.residual2;
        xx = start.solution2;
        if (options.radius > 0 && x0 != nullptr) shrink();
        else a.adjoint(r, g);
        memory.forget(0.5 * rr);
        step = 1 / std::max(norm_inf(g), std::numeric_limits<double>::min());
        measure();
    }
    void shrink() {
        onto_ball(f, tau, x);
        a.forward(x, r);
        rr = assign_norm2(r, b - r);
        xx = norm2(x);
        a.adjoint(r, g);
    }
    void measure() {
        const double steepest = dual_norm(f, g);
        const double gap = tau * steepest - real_part(dot(r, b - r));
        figures = {std::sqrt(rr), steepest, std::max(0.0, gap), std::sqrt(rr) - options.noise};
    }
    /// A step of Newton's method for the radius, where the problem of the present one is solved.
    void choose_radius() {
        if (options.radius > 0 || !figures.solved(options, b_norm)) return;
        const double before = tau;
        tau = figures.next_radius(tau);
        if (tau < before) shrink();
        memory.forget(0.5 * rr);
    }
    /// One step along d = P(x + step g) - x: the whole of it where it is good enough among the last
    /// misfits, else to the best point of the segment (Birgin, Martinez and Raydan 2000).
    void advance() {
        assign(d, x + step * g);
        onto_ball(f, tau, d);
        const double dd = assign_norm2(d, d - x);
        a.forward(d, ad);
        const double descent = real_part(dot(g, d));
        const double curvature = norm2(ad);
        const double whole = 0.5 * rr - descent + 0.5 * curvature;
        const bool enough = whole <= memory.most() - 1e-4 * descent || curvature <= 0;
        const double length = enough ? 1 : std::clamp(descent / curvature, 0.0, 1.0);
        xx = assign_norm2(x, x + length * d);
        rr = assign_norm2(r, r - length * ad);
        a.adjoint(r, g);
        // s = length d and y = length A'A d, so that <s, s> / <s, y> = |d|^2 / |A d|^2
        step = spectral_step(dd, curvature);
        memory.note(0.5 * rr);
        measure();
    }
    template <class Visit> void visit(const Visit& state) {
        state.given("noise", options.noise).given("radius", options.radius);
        state("x", x)("g", g)("r", r)("tau", tau)("rr", rr)("xx", xx)("step", step);
        state("b_norm", b_norm);
        memory.visit(state);
        figures.visit(state);
    }
};

template <LinearOperator A, class F> void check_norm(const std::string& call, const A& a,
                                                     const F& f) {
    if constexpr (requires { f.weights(); })
        if (!a.domain().contains(f.weights()))
            throw SpaceError{call + ": the weights are not in domain(" + a.label() + ")",
                             {.expected = a.domain().describe(), .found = f.weights().describe()}};
    if (!is_norm(f))
        throw ArgumentError{
            call + " with weights of which some are zero",
            {.expected = "positive weights", .remedy = "a small weight, or fista with WeightedL1"}};
}

template <LinearOperator A, class F, class Watch>
Spgl1Solution<DomainVector<A>> solve_spgl1(const A& a, const RangeVector<A>& b, const F& f,
                                           const DomainVector<A>* x0, const Spgl1Options& options,
                                           const Watch& watch) {
    const std::string call = call_of("spgl1", a);
    check_spaces(call, a, b, x0);
    check_norm(call, a, f);
    check_option(call, "noise", options.noise);
    check_option(call, "radius", options.radius);
    if (options.noise > 0 && options.radius > 0)
        throw ArgumentError{
            call + ": the options noise and radius",
            {.expected = "one of them: noise bounds |A x - b|, radius f(x)",
             .found = number_words(options.noise) + " and " + number_words(options.radius)}};
    check_option(call, "tolerance", options.tolerance);
    Loop loop{call, options};

    BallSearch<A, F> search{a, b, f, options};
    if (!loop.resume(search, watch, Given{"b", &b}, Given{"x0", x0}, Given{"A", a},
                     Given{"f", ProxOn{f, a.domain()}}))
        search.begin(call, x0);
    const auto step = [&] {
        search.choose_radius();
        search.advance();
    };
    const auto stand = [&] {
        return Standing{
            search.figures.residual, norm(search.g), std::sqrt(search.xx), f.value(search.x),
            search.figures.reached(options, search.tau, search.b_norm, rounding<ScalarOf<A>>())};
    };
    return {loop.run(search, step, stand, watch), search.tau};
}

}  // namespace detail

/// min f(x) subject to |A x - b| <= noise, real or complex, from x = 0, where f is |x|_1, or L1{w}, or
/// WeightedL1{w} with positive weights, sum_i w_i |x_i| (van den Berg and Friedlander 2008, SIAM J.
/// Sci. Comput. 31(2) 890-912, algorithms 1 and 2; 2011, SIAM J. Optim. 21(4) 1201-1229, weights).
/// For a sequence of radii tau, found by Newton's method on |b - A x_tau| = noise, solves
/// min |A x - b| subject to f(x) <= tau by projected gradients with Barzilai and Borwein's steps. One
/// product with A and one with A' an iteration. With `radius` solves that problem once (LASSO). In
/// the history `gradient` is |A'r|, the objective f(x). `watch`, optional, is called as
/// watch(iteration, x).
///
/// Throws SpaceError where b is not in range(A) or weights are not in domain(A), and ArgumentError
/// where values are not finite or weights are zero.
template <LinearOperator A, VectorLike B, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<A>>
Spgl1Solution<DomainVector<A>> spgl1(const A& a, const B& b, const Spgl1Options& options = {},
                                     const Watch& watch = {}) {
    detail::check_kinds<A, B>();
    return detail::solve_spgl1(a, evaluate(b), L1{}, nullptr, options, watch);
}
template <LinearOperator A, VectorLike B, class F, class Watch = detail::NoWatch>
    requires detail::BallNorm<F, DomainVector<A>> && detail::WatchOf<Watch, DomainVector<A>>
Spgl1Solution<DomainVector<A>> spgl1(const A& a, const B& b, const F& f,
                                     const Spgl1Options& options = {}, const Watch& watch = {}) {
    detail::check_kinds<A, B>();
    return detail::solve_spgl1(a, evaluate(b), f, nullptr, options, watch);
}

/// The same from the start x0, whose norm is the first radius.
template <LinearOperator A, VectorLike B, VectorLike X, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<A>>
Spgl1Solution<DomainVector<A>> spgl1(const A& a, const B& b, const X& x0,
                                     const Spgl1Options& options = {}, const Watch& watch = {}) {
    detail::check_kinds<A, B, X>();
    const auto& start = evaluate(x0);
    return detail::solve_spgl1(a, evaluate(b), L1{}, &start, options, watch);
}
template <LinearOperator A, VectorLike B, class F, VectorLike X, class Watch = detail::NoWatch>
    requires detail::BallNorm<F, DomainVector<A>> && detail::WatchOf<Watch, DomainVector<A>>
Spgl1Solution<DomainVector<A>> spgl1(const A& a, const B& b, const F& f, const X& x0,
                                     const Spgl1Options& options = {}, const Watch& watch = {}) {
    detail::check_kinds<A, B, X>();
    const auto& start = evaluate(x0);
    return detail::solve_spgl1(a, evaluate(b), f, &start, options, watch);
}

}  // namespace lop
