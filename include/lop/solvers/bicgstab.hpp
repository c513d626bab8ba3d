/// BiCGSTAB: square operators of any kind, in short recurrences.
#pragma once

#include <lop/solvers/minres.hpp>

namespace lop {

struct BicgstabOptions {
    index_t iterations = 100;
    double tolerance = 1e-6;  ///< stop when |b - A x| <= tolerance |b|
    Monitor monitor{};
    bool progress = false;
};

namespace detail {

/// Beside the operator an iteration reads or writes 22 vectors: p 4; <rhat, v> 2; s 3; <t, s> 2 and
/// |t| 1; x with its norm 4; r with its norm 3; <rhat, r> 2. A is applied twice.
template <LinearOperator A, class Watch>
Solution<DomainVector<A>> solve_bicgstab(const A& a, const RangeVector<A>& b,
                                         const DomainVector<A>* x0, const BicgstabOptions& options,
                                         const Watch& watch) {
    using Sum = Accumulator<ScalarOf<A>>;
    const std::string call = call_of("bicgstab", a);
    check_square(call, a);
    check_spaces(call, a, b, x0);
    check_option(call, "tolerance", options.tolerance);
    Loop loop{call, options.iterations, options.monitor, options.progress};

    auto x = a.domain().uninitialized();
    auto r = a.range().uninitialized();
    const StartNorms start = start_at(call, a, b, x0, x, r);
    auto rhat = r;  // the shadow of the residual
    auto p = a.domain().zeros();
    auto v = a.range().zeros();
    auto t = a.range().uninitialized();
    double rr = start.residual2;
    Sum rho = rr;
    Sum beta = 0;
    Sum omega = 0;

    const double floor = rounding<ScalarOf<A>>() * std::max(start.data, std::sqrt(rr));
    const auto reached = [&]() -> std::optional<StopReason> {
        const double residual = std::sqrt(rr);
        if (residual <= options.tolerance * start.data) return StopReason::residual;
        if (residual <= floor) return StopReason::residual_rounding;
        return std::nullopt;
    };
    auto stop =
        loop.record(std::sqrt(rr), std::sqrt(rr), std::sqrt(start.solution2), x, watch, reached());
    while (!stop) {
        assign(p, r + beta * (p - omega * v));
        a.forward(p, v);
        const Sum rv = dot(rhat, v);
        if (std::abs(rv) <= 0)
            loop.refuse("breakdown: |<r0, A p>|", std::abs(rv), "gmres, or another start");
        const Sum alpha = rho / rv;
        const double ss = assign_norm2(r, r - alpha * v);
        a.forward(r, t);
        const double tt = norm2(t);
        if (tt <= 0 && ss > floor * floor)
            loop.refuse("A is singular: |A s|", tt, "lsqr, which solves for any A");
        omega = tt > 0 ? Sum(dot(t, r)) / tt : Sum(0);
        const double xx = assign_norm2(x, x + (alpha * p + omega * r));
        rr = assign_norm2(r, r - omega * t);
        stop = loop.record(std::sqrt(rr), std::sqrt(rr), std::sqrt(xx), x, watch, reached());
        if (stop) break;
        const Sum rho_next = dot(rhat, r);
        if (std::abs(omega) <= 0 || std::abs(rho_next) <= 0)
            loop.refuse("breakdown: |omega <r0, r>|", std::abs(omega * rho_next),
                        "gmres, or another start");
        beta = (rho_next / rho) * (alpha / omega);
        rho = rho_next;
    }
    return loop.finish(std::move(x), *stop);
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
