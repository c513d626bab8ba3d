/// Conjugate gradients for self-adjoint positive definite operators.
#pragma once

#include <lop/solvers/loop.hpp>
#include <lop/solvers/sweep.hpp>

#include <cmath>

namespace lop {

struct CgOptions {
    index_t iterations = 100;
    double tolerance = 1e-6;  ///< stop when |b - A x| <= tolerance |b|
    Monitor monitor{};
    bool progress = false;
};

namespace detail {

template <Vector X> struct CgState {
    X x, r, p;
    ResidualRule rule;
    double rr = 0;  ///< |r|^2
    double xx = 0;  ///< |x|^2
    template <class F> void visit(const F& f) {
        f("x", x)("r", r)("p", p);
        rule.visit(f);
        f("rr", rr)("xx", xx);
    }
};

/// Beside the operator an iteration reads or writes ten vectors, in three passes:
/// dot(p, q) 2; r and its norm 3; x with its norm and p 5.
template <LinearOperator A, class Watch>
Solution<DomainVector<A>> solve_cg(const A& a, const RangeVector<A>& b, const DomainVector<A>* x0,
                                   const CgOptions& options, const Watch& watch) {
    const std::string call = call_of("cg", a);
    check_square(call, a);
    check_spaces(call, a, b, x0);
    check_option(call, "tolerance", options.tolerance);
    Loop loop{call, options};

    const auto vector = [&] { return a.domain().uninitialized(); };
    CgState<DomainVector<A>> state{
        vector(), vector(), vector(), {options.tolerance, rounding<ScalarOf<A>>()}};
    auto& [x, r, p, rule, rr, xx] = state;
    auto q = vector();
    if (!loop.resume(state, watch, Given{"b", &b}, Given{"x0", x0}, Given{"A", a})) {
        const StartNorms start = start_at(call, a, b, x0, x, r);
        rule.begin(start);
        rr = start.residual2;
        xx = start.solution2;
        p = r;
    }
    const auto step = [&] {
        a.forward(p, q);
        const double pq = real_part(dot(p, q));
        if (pq <= 0)
            loop.refuse("A is not positive definite: <p, A p> for a direction p", pq,
                        "cgls or lsqr, which solve for any A");
        const double alpha = rr / pq;
        const double rr_next = assign_norm2(r, r - alpha * q);
        const double beta = rr_next / rr;
        xx = assign_both_norm2(x, x + alpha * p, p, r + beta * p);
        rr = rr_next;
    };
    const auto stand = [&] { return rule.standing(std::sqrt(rr), std::sqrt(xx)); };
    return loop.run(state, step, stand, watch);
}

}  // namespace detail

/// Solves A x = b for a self-adjoint positive definite A (Hestenes and Stiefel 1952, eq. 3:1),
/// from x = 0. After k iterations x minimises <x, A x> / 2 - <b, x> over the Krylov space
/// of b, A b, ..., A^(k-1) b. `watch`, optional, is called as watch(iteration, x).
///
/// Throws SpaceError where b is not in range(A) or the range is not the domain, and
/// ArgumentError where A turns out not to be positive definite, or values are not finite.
template <LinearOperator A, VectorLike B, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<A>>
Solution<DomainVector<A>> cg(const A& a, const B& b, const CgOptions& options = {},
                             const Watch& watch = {}) {
    detail::check_kinds<A, B>();
    return detail::solve_cg(a, evaluate(b), nullptr, options, watch);
}

/// The same from the start x0.
template <LinearOperator A, VectorLike B, VectorLike X, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<A>>
Solution<DomainVector<A>> cg(const A& a, const B& b, const X& x0, const CgOptions& options = {},
                             const Watch& watch = {}) {
    detail::check_kinds<A, B, X>();
    const auto& start = evaluate(x0);
    return detail::solve_cg(a, evaluate(b), &start, options, watch);
}

}  // namespace lop
