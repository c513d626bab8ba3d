/// BiCGSTAB: square operators of any kind, in short recurrences.
#pragma once

#include <lop/solvers/loop.hpp>

#include <cmath>

namespace lop {

struct BicgstabOptions {
    index_t iterations = 100;
    double tolerance = 1e-6;  ///< stop when |b - A x| <= tolerance |b|
    Monitor monitor{};
    bool progress = false;
};

namespace detail {

template <Vector X> struct BicgstabState {
    using Sum = Accumulator<typename X::value_type>;
    X x, r, p, v;
    X shadow;  ///< the residual of the start
    ResidualRule rule;
    double rr = 0;  ///< |r|^2
    double xx = 0;  ///< |x|^2
    Sum rho = 0;
    Sum alpha = 0;
    Sum omega = 0;
    template <class F> void visit(const F& f) {
        f("x", x)("r", r)("p", p)("v", v)("shadow", shadow);
        rule.visit(f);
        f("rr", rr)("xx", xx)("rho", rho)("alpha", alpha)("omega", omega);
    }
};

/// Beside the operator an iteration reads or writes 22 vectors: p 4; <shadow, v> 2; s 3; <t, s> 2 and
/// |t| 1; x with its norm 4; r with its norm 3; <shadow, r> 2. A is applied twice.
template <LinearOperator A, class Watch>
Solution<DomainVector<A>> solve_bicgstab(const A& a, const RangeVector<A>& b,
                                         const DomainVector<A>* x0, const BicgstabOptions& options,
                                         const Watch& watch) {
    using Sum = Accumulator<ScalarOf<A>>;
    const std::string call = call_of("bicgstab", a);
    check_square(call, a);
    check_spaces(call, a, b, x0);
    check_option(call, "tolerance", options.tolerance);
    Loop loop{call, options};

    const auto vector = [&] { return a.domain().uninitialized(); };
    BicgstabState<DomainVector<A>> state{
        vector(),           vector(), a.domain().zeros(),
        a.domain().zeros(), vector(), {options.tolerance, rounding<ScalarOf<A>>()}};
    auto& [x, r, p, v, shadow, rule, rr, xx, rho, alpha, omega] = state;
    auto t = vector();
    if (!loop.resume(state, watch, Given{"b", &b}, Given{"x0", x0}, Given{"A", a})) {
        const StartNorms start = start_at(call, a, b, x0, x, r);
        rule.begin(start);
        rho = rr = start.residual2;
        xx = start.solution2;
        shadow = r;
    }
    const auto step = [&] {
        Sum beta = 0;
        if (loop.number() > 0) {
            const Sum rho_next = dot(shadow, r);
            if (std::abs(omega) <= 0 || std::abs(rho_next) <= 0)
                loop.refuse("breakdown: |omega <r0, r>|", std::abs(omega * rho_next),
                            "gmres, or another start");
            beta = (rho_next / rho) * (alpha / omega);
            rho = rho_next;
        }
        assign(p, r + beta * (p - omega * v));
        a.forward(p, v);
        const Sum rv = dot(shadow, v);
        if (std::abs(rv) <= 0)
            loop.refuse("breakdown: |<r0, A p>|", std::abs(rv), "gmres, or another start");
        alpha = rho / rv;
        const double ss = assign_norm2(r, r - alpha * v);
        a.forward(r, t);
        const double tt = norm2(t);
        if (tt <= 0 && ss > rule.floor() * rule.floor())
            loop.refuse("A is singular: |A s|", tt, "lsqr, which solves for any A");
        omega = tt > 0 ? Sum(dot(t, r)) / tt : Sum(0);
        xx = assign_norm2(x, x + (alpha * p + omega * r));
        rr = assign_norm2(r, r - omega * t);
    };
    const auto stand = [&] { return rule.standing(std::sqrt(rr), std::sqrt(xx)); };
    return loop.run(state, step, stand, watch);
}

}  // namespace detail

/// Solves A x = b for a square A, from x = 0 (van der Vorst 1992, SIAM J. Sci. Stat. Comput. 13(2)
/// 631-644). Six vectors whatever the number of iterations, and no adjoint; the residual is not
/// monotone, and the recurrence may break down where gmres would not. `watch`, optional, is called as
/// watch(iteration, x).
///
/// Throws SpaceError where b is not in range(A) or the range is not the domain, and ArgumentError
/// where the recurrence breaks down, or values are not finite.
template <LinearOperator A, VectorLike B, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<A>>
Solution<DomainVector<A>> bicgstab(const A& a, const B& b, const BicgstabOptions& options = {},
                                   const Watch& watch = {}) {
    detail::check_kinds<A, B>();
    return detail::solve_bicgstab(a, evaluate(b), nullptr, options, watch);
}

/// The same from the start x0.
template <LinearOperator A, VectorLike B, VectorLike X, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<A>>
Solution<DomainVector<A>> bicgstab(const A& a, const B& b, const X& x0,
                                   const BicgstabOptions& options = {}, const Watch& watch = {}) {
    detail::check_kinds<A, B, X>();
    const auto& start = evaluate(x0);
    return detail::solve_bicgstab(a, evaluate(b), &start, options, watch);
}

}  // namespace lop
