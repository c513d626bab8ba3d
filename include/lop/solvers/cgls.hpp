/// Conjugate gradients for least squares.
#pragma once

#include <lop/algebra/rows.hpp>
#include <lop/solvers/loop.hpp>

#include <algorithm>
#include <cmath>

namespace lop {

struct CglsOptions {
    index_t iterations = 100;
    double damping = 0;
    /// Stop when |b - A x| <= tolerance |b| or |gradient| <= tolerance |A| |b - A x|, with |A|
    /// estimated from below; with damping both for the stacked system [A; damping I].
    double tolerance = 1e-6;
    Monitor monitor{};
    bool progress = false;
};

namespace detail {

/// The rules by which cgls and steepest_descent stop, for [A; damping I] x = [b; 0].
struct LeastSquaresRules {
    double tolerance = 0;
    double damping = 0;
    double rounding = 0;
    double b_norm = 0;
    double operator_norm2 = 0;  ///< the largest |A p|^2 / |p|^2 so far, damping included

    double damping2() const { return damping * damping; }
    std::optional<StopReason> reached(double rr, double ss, double xx) const {
        const double residual = std::sqrt(rr + damping2() * xx);
        const double gradient = std::sqrt(ss);
        const double scale = std::sqrt(operator_norm2) * residual;
        if (residual <= tolerance * b_norm) return StopReason::residual;
        if (gradient <= tolerance * scale) return StopReason::gradient;
        if (residual <= rounding * b_norm) return StopReason::residual_rounding;
        if (gradient <= rounding * scale) return StopReason::gradient_rounding;
        return std::nullopt;
    }
    /// Of |b - A x|^2, the squared length of the gradient and |x|^2.
    Standing standing(double rr, double ss, double xx) const {
        return {std::sqrt(rr), std::sqrt(ss), std::sqrt(xx), 0, reached(rr, ss, xx)};
    }
    template <class F> void visit(const F& f) {
        f.given("damping", damping)("b_norm", b_norm)("operator_norm2", operator_norm2);
    }
};

/// s = A'r - damping^2 x, with |s|^2; without damping x is not read.
template <LinearOperator At>
double normal_residual(const At& at, const DomainVector<At>& r, const RangeVector<At>& x,
                       double damping2, RangeVector<At>& s, SumsTogether* sums = nullptr) {
    return damping2 > 0 ? update_norm2(1, at, r, -damping2, x, s, sums)
                        : apply_norm2(at, r, s, sums);
}

inline constexpr const char* no_adjoint = "A p vanishes for a p of range(A'): |A p|^2";
inline constexpr const char* prove_adjoint = "dot_test(A): the adjoint is not that of the forward";

template <Vector X, Vector Y> struct CglsState {
    X x, p, s;
    Y r;
    LeastSquaresRules rules;
    double rr = 0;     ///< |r|^2
    double xx = 0;     ///< |x|^2
    double gamma = 0;  ///< |s|^2, s the gradient
    double beta = 0;   ///< the next direction is s + beta p
    template <class F> void visit(const F& f) {
        rules.visit(f);
        f("x", x)("p", p)("s", s)("r", r)("rr", rr)("xx", xx)("gamma", gamma)("beta", beta);
    }
};

/// Beside the operator an iteration reads or writes 9 vectors (10 with damping): x 3; r 3; s 0 (1);
/// p 3; 11 (14) where the operator and its adjoint have no rows.
template <LinearOperator A, class Watch>
Solution<DomainVector<A>> solve_cgls(const A& a, const RangeVector<A>& b, const DomainVector<A>* x0,
                                     const CglsOptions& options, const Watch& watch) {
    const std::string call = call_of("cgls", a);
    check_spaces(call, a, b, x0);
    check_option(call, "tolerance", options.tolerance);
    check_option(call, "damping", options.damping);
    Loop loop{call, options};
    const auto at = a.H();

    CglsState<DomainVector<A>, RangeVector<A>> state{
        a.domain().uninitialized(),
        a.domain().zeros(),
        a.domain().uninitialized(),
        a.range().uninitialized(),
        {options.tolerance, options.damping, rounding<ScalarOf<A>>()}};
    auto& [x, p, s, r, rules, rr, xx, gamma, beta] = state;
    auto q = a.range().uninitialized();
    const double damping2 = rules.damping2();
    if (!loop.resume(state, watch, Given{"b", &b}, Given{"x0", x0}, Given{"A", a})) {
        const StartNorms start = start_at(call, a, b, x0, x, r);
        rules.b_norm = start.data;
        rr = start.residual2;
        xx = start.solution2;
        gamma = normal_residual(at, r, x, damping2, s);
    }
    // Ranks meet twice in a step: for its length, and for what it has reached.
    SumsTogether sums;
    double pp = 0, qq = 0, gamma_next = 0;
    const auto step = [&] {
        sums.add(pp, [&](auto* later) { return assign_norm2(p, s + beta * p, later); });
        sums.add(qq, [&](auto* later) { return apply_norm2(a, p, q, later); });
        sums.finish();
        const double delta = qq + damping2 * pp;
        if (delta <= 0) loop.refuse(no_adjoint, delta, prove_adjoint);
        rules.operator_norm2 = std::max(rules.operator_norm2, delta / pp);
        const double alpha = gamma / delta;
        sums.add(xx, [&](auto* later) { return assign_norm2(x, x + alpha * p, later); });
        sums.add(rr, [&](auto* later) { return assign_norm2(r, r - alpha * q, later); });
        sums.add(gamma_next,
                 [&](auto* later) { return normal_residual(at, r, x, damping2, s, later); });
        sums.finish();
        beta = gamma_next / gamma;
        gamma = gamma_next;
    };
    const auto stand = [&] { return rules.standing(rr, gamma, xx); };
    return loop.run(state, step, stand, watch);
}

}  // namespace detail

/// Minimises |A x - b|^2 + damping^2 |x|^2 by conjugate gradients on the normal equations, never
/// formed (Hestenes and Stiefel 1952, section 10; Bjorck 1996, algorithm 7.4.1), from x = 0.
/// Equal to lsqr in exact arithmetic, a little cheaper, a little less accurate for
/// ill-conditioned A. `watch`, optional, is called as watch(iteration, x).
///
/// Throws SpaceError where b is not in range(A), and ArgumentError where values are not finite.
template <LinearOperator A, VectorLike B, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<A>>
Solution<DomainVector<A>> cgls(const A& a, const B& b, const CglsOptions& options = {},
                               const Watch& watch = {}) {
    detail::check_kinds<A, B>();
    return detail::solve_cgls(a, evaluate(b), nullptr, options, watch);
}

/// The same from the start x0; the damping holds x, not x - x0, small.
template <LinearOperator A, VectorLike B, VectorLike X, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<A>>
Solution<DomainVector<A>> cgls(const A& a, const B& b, const X& x0, const CglsOptions& options = {},
                               const Watch& watch = {}) {
    detail::check_kinds<A, B, X>();
    const auto& start = evaluate(x0);
    return detail::solve_cgls(a, evaluate(b), &start, options, watch);
}

}  // namespace lop
