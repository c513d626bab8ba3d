/// Quasi-Newton minimisation of smooth functions with little memory.
#pragma once

#include <lop/solvers/loop.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

namespace lop {

struct LbfgsOptions {
    index_t iterations = 100;
    index_t memory = 10;      ///< pairs of steps and gradient differences that are kept
    double tolerance = 1e-6;  ///< stop when |gradient| <= tolerance |gradient at the start|
    double decrease = 0;  ///< stop when a step lowers f by decrease |f| or less; 0: not for that
    double first_length = 1;   ///< |x1 - x0| that the first search tries first, in units of x
    index_t evaluations = 20;  ///< of f in one search, at most
    double sufficient = 1e-4;  ///< of the decrease that the slope promises, for a step to be taken
    double curvature = 0.9;    ///< a step is taken once the slope has fallen to this share
    Monitor monitor{};
    bool progress = false;
};

/// A solution, and how often f was evaluated.
template <Vector X> struct LbfgsSolution : Solution<X> {
    index_t evaluations = 0;
};

namespace detail {

/// Value and gradient from one call, either f(x, gradient), which returns the value, or f.at(x) with
/// value() and gradient(), as objective(...) has it.
template <class F, class X>
concept ValueWithGradient = requires(const F& f, const X& x, X& g) {
    { f(x, g) } -> std::convertible_to<double>;
};
template <class F, class X>
concept ObjectivePoint = requires(const F& f, const X& x, X& g) {
    { f.at(x).value() } -> std::convertible_to<double>;
    g = f.at(x).gradient();
};
template <class F, class X>
concept SmoothFunction = ValueWithGradient<F, X> || ObjectivePoint<F, X>;

template <class X, class F> double value_with_gradient(const F& f, const X& x, X& gradient) {
    if constexpr (ValueWithGradient<F, X>) {
        return f(x, gradient);
    } else {
        const auto point = f.at(x);
        gradient = point.gradient();
        return point.value();
    }
}

/// A point of a line search: x + t d, the value there, and its slope along d.
struct LinePoint {
    double t = 0, value = 0, slope = 0;
};

/// The minimum of the cubic through two points with their slopes (Nocedal and Wright 2006, eq. 3.59),
/// kept off the ends of the interval; its middle where a value is not finite.
inline double cubic_between(const LinePoint& a, const LinePoint& b) {
    const double middle = 0.5 * (a.t + b.t);
    if (!std::isfinite(b.value) || !std::isfinite(b.slope)) return a.t + 0.1 * (b.t - a.t);
    const double d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.t - b.t);
    const double square = d1 * d1 - a.slope * b.slope;
    if (!(square >= 0)) return middle;
    const double d2 = std::copysign(std::sqrt(square), b.t - a.t);
    const double t = b.t - (b.t - a.t) * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2);
    const double near = std::min(a.t, b.t) + 0.1 * std::abs(b.t - a.t);
    const double far = std::max(a.t, b.t) - 0.1 * std::abs(b.t - a.t);
    return std::isfinite(t) ? std::clamp(t, near, far) : middle;
}

template <Vector X> struct LbfgsState {
    X x, g;
    std::vector<X> s, y;      // steps and differences of gradients, as rings
    std::vector<double> rho;  // 1 / <s, y>
    index_t kept = 0;         // how many pairs there are
    index_t next = 0;         // where the next one goes
    double f = 0, gg = 0, xx = 0;
    double first_gradient = 0;
    double fell = HUGE_VAL;  // by how much the last step lowered f
    index_t evaluations = 0;

    const X& step(index_t back) const { return s[place(back)]; }
    const X& change(index_t back) const { return y[place(back)]; }
    double inverse(index_t back) const { return rho[place(back)]; }
    /// Of the pair that was kept `back` pairs ago; 0: the last one.
    std::size_t place(index_t back) const {
        const auto memory = static_cast<index_t>(s.size());
        return static_cast<std::size_t>((next - 1 - back + 2 * memory) % memory);
    }
    template <class V> void visit(const V& visitor) {
        visitor.given("memory", static_cast<double>(s.size()));
        visitor("x", x)("g", g)("rho", rho)("kept", kept)("next", next)("f", f)("gg", gg)("xx", xx)(
            "first gradient", first_gradient)("fell", fell)("evaluations", evaluations);
        for (std::size_t k = 0; k < s.size(); ++k) {
            const std::string number = std::to_string(k);
            visitor("step " + number, s[k])("change " + number, y[k]);
        }
    }
};

/// The search along x - t d for a step that fulfils the strong Wolfe conditions.
template <Vector X, class F> class WolfeSearch {
 public:
    WolfeSearch(const F& f, const LbfgsOptions& options, const X& like_x)
        : f_{f}, options_{options}, x_{like(like_x)}, g_{like(like_x)}, low_g_{like(like_x)} {}

    /// From x with value and slope < 0 along -d. Whether there is a lower point; it is then in x(), g()
    /// and value().
    bool run(const X& x, const X& d, double value, double slope, double first) {
        start_ = {0, value, slope};
        done_ = 0;
        LinePoint before = start_;
        double t = first;
        low_ = start_;
        while (done_ < options_.evaluations) {
            const LinePoint at = evaluate(x, d, t);
            if (!falls(at) || (before.t > 0 && at.value >= before.value))
                return zoom(x, d, before, at);
            keep_low(at);
            if (flat(at)) return true;
            if (at.slope >= 0) return zoom(x, d, at, before);
            before = at;
            t = 4 * t;
        }
        return low_.t > 0 && restore(x, d);
    }
    X& x() { return x_; }
    X& g() { return low_g_; }
    double value() const { return low_.value; }
    index_t evaluations() const { return done_; }

 private:
    LinePoint evaluate(const X& x, const X& d, double t) {
        ++done_;
        assign(x_, x - t * d);
        const double value = value_with_gradient(f_, x_, g_);
        if (!std::isfinite(value)) return {t, HUGE_VAL, HUGE_VAL};
        const double slope = -real_part(dot(g_, d));
        if (!std::isfinite(slope)) return {t, HUGE_VAL, HUGE_VAL};
        return {t, value, slope};
    }
    /// Sufficient decrease; near the minimum, where values differ by rounding alone, by the slope
    /// (Hager and Zhang 2005, the approximate Wolfe conditions).
    bool falls(const LinePoint& at) const {
        const double rounding = 1e-15 * std::abs(start_.value);
        if (at.value <= start_.value + options_.sufficient * at.t * start_.slope) return true;
        return at.value <= start_.value + 10 * rounding &&
               (2 * options_.sufficient - 1) * start_.slope >= at.slope;
    }
    bool flat(const LinePoint& at) const {
        return std::abs(at.slope) <= -options_.curvature * start_.slope;
    }
    void keep_low(const LinePoint& at) {
        low_ = at;
        std::swap(g_, low_g_);
    }
    /// The point that is kept, whose gradient is kept as well.
    bool restore(const X& x, const X& d) {
        assign(x_, x - low_.t * d);
        return true;
    }
    bool zoom(const X& x, const X& d, LinePoint low, LinePoint high) {
        while (done_ < options_.evaluations) {
            const double t = cubic_between(low, high);
            if (t == low.t || t == high.t) break;
            const LinePoint at = evaluate(x, d, t);
            if (!falls(at) || (low.t > 0 && at.value >= low.value)) {
                high = at;
                continue;
            }
            keep_low(at);
            if (flat(at)) return true;
            if (at.slope * (high.t - low.t) >= 0) high = low;
            low = at;
        }
        return low_.t > 0 && restore(x, d);
    }

    const F& f_;
    const LbfgsOptions& options_;
    X x_, g_, low_g_;
    LinePoint start_, low_;
    index_t done_ = 0;
};

/// d = H g by the two loops (Nocedal 1980): H is the inverse Hessian of the pairs that are kept.
template <Vector X>
void two_loops(const LbfgsState<X>& state, std::vector<double>& alpha, X& d) {
    assign(d, 1 * state.g);
    if (state.kept == 0) return;
    for (index_t k = 0; k < state.kept; ++k) {
        double& a = alpha[static_cast<std::size_t>(k)];
        a = state.inverse(k) * real_part(dot(state.step(k), d));
        assign(d, d - a * state.change(k));
    }
    const double scale = 1 / (state.inverse(0) * norm2(state.change(0)));
    assign(d, scale * d);
    for (index_t k = state.kept; k-- > 0;) {
        const double b = state.inverse(k) * real_part(dot(state.change(k), d));
        assign(d, d + (alpha[static_cast<std::size_t>(k)] - b) * state.step(k));
    }
}

template <class F, Vector X, class Watch>
LbfgsSolution<X> solve_lbfgs(const F& f, const X& x0, const LbfgsOptions& options,
                             const Watch& watch) {
    const std::string call = "lbfgs(f, x0)";
    check_count(call, "memory", options.memory);
    check_count(call, "evaluations", options.evaluations, 2);
    check_option(call, "tolerance", options.tolerance);
    check_option(call, "decrease", options.decrease);
    check_positive(call, "first_length", options.first_length);
    check_share(call, "sufficient", options.sufficient);
    check_share(call, "curvature", options.curvature);
    Loop loop{call, options};
    loop.explain({.figures = "a finite f, |gradient| and |x|",
                  .sources = "look for NaN and infinity in x0, f and its gradient"});

    const auto memory = static_cast<std::size_t>(options.memory);
    LbfgsState<X> state{like(x0), like(x0), {}, {}, std::vector<double>(memory, 0.0)};
    for (std::size_t k = 0; k < memory; ++k) {
        state.s.push_back(like(x0));
        state.y.push_back(like(x0));
        state.s.back().fill({});
        state.y.back().fill({});
    }
    auto d = like(x0);
    std::vector<double> alpha(memory, 0.0);
    WolfeSearch<X, F> search{f, options, x0};
    if (!loop.resume(state, watch, Given{"x0", &x0})) {
        state.xx = assign_norm2(state.x, x0);
        check_finite(call, "the start", std::sqrt(state.xx));
        state.f = value_with_gradient(f, state.x, state.g);
        state.evaluations = 1;
        state.gg = norm2(state.g);
        state.first_gradient = std::sqrt(state.gg);
        check_finite(call, "f at the start", state.f);
    }

    /// One search along the direction in d; whether it found a lower point.
    const auto advance = [&](double slope) {
        const double first = state.kept > 0 ? 1 : options.first_length / std::sqrt(norm2(d));
        const bool found = search.run(state.x, d, state.f, slope, first);
        state.evaluations += search.evaluations();
        if (!found) return false;
        const auto at = static_cast<std::size_t>(state.next);
        const double ss = assign_norm2(state.s[at], search.x() - state.x);
        const double yy = assign_norm2(state.y[at], search.g() - state.g);
        const double sy = real_part(dot(state.s[at], state.y[at]));
        if (sy > 1e-10 * std::sqrt(ss * yy)) {
            state.rho[at] = 1 / sy;
            state.next = (state.next + 1) % options.memory;
            state.kept = std::min(state.kept + 1, options.memory);
        } else {
            // A pair of no curvature would spoil the Hessian. It may lie where the oldest one was.
            state.kept = std::min(state.kept, options.memory - 1);
        }
        std::swap(state.x, search.x());
        std::swap(state.g, search.g());
        state.fell = state.f - search.value();
        state.f = search.value();
        state.xx = norm2(state.x);
        state.gg = norm2(state.g);
        return true;
    };
    const auto step = [&]() -> std::optional<StopReason> {
        two_loops(state, alpha, d);
        double slope = -real_part(dot(state.g, d));
        if (slope < 0 && advance(slope)) return std::nullopt;
        if (state.kept > 0) {  // again, without what the pairs say
            state.kept = 0;
            assign(d, 1 * state.g);
            slope = -state.gg;
            if (slope < 0 && advance(slope)) return std::nullopt;
        }
        return StopReason::stationary;
    };
    const auto stand = [&] {
        const double gradient = std::sqrt(state.gg);
        Standing at{gradient, gradient, std::sqrt(state.xx), state.f, {}};
        if (gradient <= options.tolerance * state.first_gradient || gradient == 0)
            at.reached = StopReason::gradient;
        else if (options.decrease > 0 && state.fell <= options.decrease * std::abs(state.f))
            at.reached = StopReason::stationary;
        return at;
    };
    const StopReason reason = loop.iterate(state, step, stand, watch);
    const index_t evaluations = state.evaluations;
    return {loop.finish(std::move(state.x), reason), evaluations};
}

}  // namespace detail

/// Minimises a smooth function f of any vector, over ranks without a root, by the limited-memory BFGS
/// method (Nocedal 1980; Liu and Nocedal 1989) with a line search for the strong Wolfe conditions
/// (Nocedal and Wright 2006, algorithms 3.5 and 3.6, cubic interpolation), from x0.
///
/// f is called as f(x, gradient), writes the gradient and returns the value; or it is an objective(...),
/// whose point gives both from one forward solve. No point is evaluated twice. A value that is not
/// finite shortens the step. Complex vectors are real ones of twice the length: f is differentiable in
/// real and imaginary parts, and its gradient is d/dRe + i d/dIm.
///
/// It keeps 2 memory + 6 vectors. Beside f an iteration makes 2 memory + 7 sums over ranks, and one
/// for each evaluation. In the history `objective` is f, `gradient` and `residual` are |gradient|.
/// It ends as `stationary` where no step lowers f any more. `watch`, optional, is called as
/// watch(iteration, x).
///
/// Throws ArgumentError where f or x0 are not finite at the start, and for options out of range.
template <class F, VectorLike X, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, typename X::vector_type> &&
             detail::SmoothFunction<F, typename X::vector_type>
LbfgsSolution<typename X::vector_type> lbfgs(const F& f, const X& x0,
                                             const LbfgsOptions& options = {},
                                             const Watch& watch = {}) {
    const auto& start = evaluate(x0);
    return detail::solve_lbfgs(f, start, options, watch);
}

}  // namespace lop
