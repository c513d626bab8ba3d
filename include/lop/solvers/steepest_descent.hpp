/// Steepest descent for least squares.
#pragma once

#include <lop/solvers/cgls.hpp>

namespace lop {

/// How long a step of steepest descent is.
enum class StepLength {
    exact,   ///< t = |g|^2 / (|A g|^2 + damping^2 |g|^2), the least misfit along g
    dynamic  ///< t = |r|^2 / |g|^2 (Lorenz, Wenger, Schoepfer and Magnor 2014), for draws of rows
};

struct SteepestDescentOptions {
    index_t iterations = 100;
    double damping = 0;
    StepLength step = StepLength::exact;
    double tolerance = 1e-6;  ///< as in CglsOptions
    Monitor monitor{};
    bool progress = false;
};

namespace detail {

template <Vector X, Vector Y> struct SteepestDescentState {
    X x, g;
    Y r;
    LeastSquaresRules rules;
    StepLength length;
    double rr = 0;  ///< |r|^2
    double xx = 0;  ///< |x|^2
    double gg = 0;  ///< |g|^2
    template <class F> void visit(const F& f) {
        rules.visit(f);
        f.given("step", static_cast<double>(length))("x", x)("g", g)("r", r)("rr", rr)("xx", xx)(
            "gg", gg);
    }
};

/// Beside the operator an iteration reads or writes 6 vectors (7 with damping): x 3; r 3; g 0 (1); 8
/// (11) where the operator and its adjoint have no rows.
template <LinearOperator A, class Watch>
Solution<DomainVector<A>> solve_steepest_descent(const A& a, const RangeVector<A>& b,
                                                 const DomainVector<A>* x0,
                                                 const SteepestDescentOptions& options,
                                                 const Watch& watch) {
    const std::string call = call_of("steepest_descent", a);
    check_spaces(call, a, b, x0);
    check_option(call, "tolerance", options.tolerance);
    check_option(call, "damping", options.damping);
    Loop loop{call, options};
    const auto at = a.H();

    SteepestDescentState<DomainVector<A>, RangeVector<A>> state{
        a.domain().uninitialized(),
        a.domain().uninitialized(),
        a.range().uninitialized(),
        {options.tolerance, options.damping, rounding<ScalarOf<A>>()},
        options.step};
    auto& [x, g, r, rules, length, rr, xx, gg] = state;
    auto q = a.range().uninitialized();
    const double damping2 = rules.damping2();
    if (!loop.resume(state, watch, Given{"b", &b}, Given{"x0", x0}, Given{"A", a})) {
        const StartNorms start = start_at(call, a, b, x0, x, r);
        rules.b_norm = start.data;
        rr = start.residual2;
        xx = start.solution2;
        gg = normal_residual(at, r, x, damping2, g);
    }
    const auto step = [&] {
        const double curvature = apply_norm2(a, g, q) + damping2 * gg;
        if (curvature <= 0) loop.refuse(no_adjoint, curvature, prove_adjoint);
        rules.operator_norm2 = std::max(rules.operator_norm2, curvature / gg);
        const double misfit = rr + damping2 * xx;
        const double t = length == StepLength::exact ? gg / curvature : misfit / gg;
        xx = assign_norm2(x, x + t * g);
        rr = assign_norm2(r, r - t * q);
        gg = normal_residual(at, r, x, damping2, g);
    };
    const auto stand = [&] { return rules.standing(rr, gg, xx); };
    return loop.run(state, step, stand, watch);
}

}  // namespace detail

/// Minimises |A x - b|^2 + damping^2 |x|^2 along its negative gradient g = A'(b - A x) -
/// damping^2 x (Cauchy 1847): x += t g, from x = 0. With the exact step the misfit never grows,
/// and its excess over the least falls by (k - 1)^2 / (k + 1)^2 or faster, k the condition of
/// A'A + damping^2 I. The dynamic step may overshoot and need not converge where A cannot explain
/// b: it is meant for rows of A drawn anew in each iteration.
/// `watch`, optional, is called as watch(iteration, x).
///
/// Throws SpaceError where b is not in range(A), and ArgumentError where values are not finite.
template <LinearOperator A, VectorLike B, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<A>>
Solution<DomainVector<A>> steepest_descent(const A& a, const B& b,
                                           const SteepestDescentOptions& options = {},
                                           const Watch& watch = {}) {
    detail::check_kinds<A, B>();
    return detail::solve_steepest_descent(a, evaluate(b), nullptr, options, watch);
}

/// The same from the start x0; the damping holds x, not x - x0, small.
template <LinearOperator A, VectorLike B, VectorLike X, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<A>>
Solution<DomainVector<A>> steepest_descent(const A& a, const B& b, const X& x0,
                                           const SteepestDescentOptions& options = {},
                                           const Watch& watch = {}) {
    detail::check_kinds<A, B, X>();
    const auto& start = evaluate(x0);
    return detail::solve_steepest_descent(a, evaluate(b), &start, options, watch);
}

}  // namespace lop
