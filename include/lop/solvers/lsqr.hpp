/// LSQR: least squares by the bidiagonalisation of Golub and Kahan.
#pragma once

#include <lop/algebra/rows.hpp>
#include <lop/solvers/loop.hpp>
#include <lop/solvers/sweep.hpp>

#include <algorithm>
#include <cmath>

namespace lop {

struct LsqrOptions {
    index_t iterations = 100;
    double damping = 0;
    double atol = 1e-6;            ///< the relative error of A
    double btol = 1e-6;            ///< the relative error of b
    double condition_limit = 1e8;  ///< stop when cond(A) seems larger; 0: never
    Monitor monitor{};
    bool progress = false;
};

/// A solution and what LSQR learnt of the operator [A; damping I] on its way.
template <Vector X> struct LsqrSolution : Solution<X> {
    double operator_norm = 0;  ///< an estimate of the Frobenius norm, from below
    double condition = 0;      ///< an estimate of |A|_F |A^-1|_F
};

namespace detail {

/// What the rules of lsqr and lsmr look at: estimates for the system [A; damping I] x = [b; 0].
struct LsqrFigures {
    double residual;
    double gradient;
    double a_norm;
    double condition;

    /// Section 6 of Paige and Saunders: rules S1 to S3, and the same at the level of rounding.
    std::optional<StopReason> reached(const LsqrOptions& options, double b_norm, double x_norm,
                                      double rounding) const {
        const double explained = a_norm * x_norm;
        if (residual <= options.btol * b_norm + options.atol * explained)
            return StopReason::residual;
        if (gradient <= options.atol * a_norm * residual) return StopReason::gradient;
        if (options.condition_limit > 0 && condition >= options.condition_limit)
            return StopReason::condition;
        if (residual <= rounding * (b_norm + explained)) return StopReason::residual_rounding;
        if (gradient <= rounding * a_norm * residual) return StopReason::gradient_rounding;
        if (condition * rounding >= 1) return StopReason::condition_rounding;
        return std::nullopt;
    }
};

/// Throws ArgumentError for options outside their range.
inline void check_lsqr_options(const std::string& call, const LsqrOptions& options) {
    check_option(call, "damping", options.damping);
    check_option(call, "atol", options.atol);
    check_option(call, "btol", options.btol);
    check_option(call, "condition_limit", options.condition_limit);
}

inline double inverse_or_zero(double value) { return value > 0 ? 1 / value : 0; }

/// Golub and Kahan's bidiagonalisation, beta u = A v - alpha u and alpha v = A'u - beta v. The vectors
/// hold beta u and alpha v of the paper: no pass is spent on normalising them. A step reads 2 vectors
/// beside what the operator and its adjoint read and write, which are handed in; 6 in two passes where
/// they have no rows, and takes a temporary of either space.
template <Vector X, Vector Y> struct Bidiagonal {
    Y u;
    X v;
    double alpha = 0;
    double beta = 0;

    /// From the residual, which lies in u, of this length.
    template <LinearOperator At> void begin(const At& at, double length) {
        beta = length;
        at.forward(u, v);
        alpha = std::sqrt(assign_norm2(v, inverse_or_zero(beta) * v));
    }
    template <LinearOperator A, LinearOperator At> void step(const A& a, const At& at) {
        beta = std::sqrt(update_norm2(1 / alpha, a, v, -(alpha / beta), u, u));
        alpha = std::sqrt(update_norm2(inverse_or_zero(beta), at, u, -(beta / alpha), v, v));
    }
    template <class F> void visit(const F& f) { f("u", u)("v", v)("alpha", alpha)("beta", beta); }
};

template <LinearOperator A> Bidiagonal<DomainVector<A>, RangeVector<A>> bidiagonal(const A& a) {
    return {a.range().uninitialized(), a.domain().uninitialized()};
}

/// Where lsqr and lsmr stand. The residual of A alone follows from that of [A; damping I]: the damping
/// holds x - x0, which is x from a start at zero.
template <Vector X>
Standing standing(const LsqrFigures& figures, const LsqrOptions& options, double b_norm, const X& x,
                  const X* x0, double x_norm) {
    const double moved = options.damping == 0 ? 0 : x0 == nullptr ? x_norm : norm(x - *x0);
    const double damped = options.damping * moved;
    const double rr = figures.residual * figures.residual - damped * damped;
    return {std::sqrt(std::max(rr, 0.0)), figures.gradient, x_norm, 0,
            figures.reached(options, b_norm, x_norm, rounding<typename X::value_type>())};
}

/// Scalars of the rotations, named as in the paper.
struct LsqrRotations {
    double rhobar = 0;
    double phibar = 0;
    double psi2 = 0;      ///< sum of psi^2: what the damping leaves in the residual
    double residual = 0;  ///< |[b; 0] - [A; damping I] x|
    double gradient = 0;  ///< |A'(b - A x) - damping^2 x|
    double a_norm2 = 0;
    double w_norm2 = 1;  ///< |w|^2: v and the w before it are orthogonal
    double d_norm2 = 0;  ///< sum of |w|^2 / rho^2
    double condition() const { return std::sqrt(a_norm2 * d_norm2); }
    LsqrFigures figures() const { return {residual, gradient, std::sqrt(a_norm2), condition()}; }
    /// At the start, from the first alpha and beta.
    void begin(double alpha, double beta) {
        rhobar = alpha;
        phibar = residual = beta;
        gradient = alpha * beta;
    }

    struct Steps {
        double x;  ///< phi / rho
        double w;  ///< theta / rho
    };

    /// Rotates the damping and then beta out of the bidiagonal (section 4 of the paper; the
    /// damping as in algorithm 583); alpha and beta are those with index k + 1.
    Steps rotate(double alpha, double beta, double damping) {
        const double rhobar1 = std::hypot(rhobar, damping);
        const double psi = damping / rhobar1 * phibar;
        phibar *= rhobar / rhobar1;
        psi2 += psi * psi;
        const double rho = std::hypot(rhobar1, beta);
        const double c = rhobar1 / rho;
        const double s = beta / rho;
        const double theta = s * alpha;
        const double phi = c * phibar;
        rhobar = -c * alpha;
        phibar = s * phibar;
        residual = std::sqrt(phibar * phibar + psi2);
        gradient = alpha * std::abs(s * phi);
        d_norm2 += w_norm2 / (rho * rho);
        w_norm2 = 1 + (theta / rho) * (theta / rho) * w_norm2;
        return {phi / rho, theta / rho};
    }
    template <class F> void visit(const F& f) {
        f("rhobar", rhobar)("phibar", phibar)("psi2", psi2)("residual", residual);
        f("gradient", gradient)("a_norm2", a_norm2)("w_norm2", w_norm2)("d_norm2", d_norm2);
    }
};

template <Vector X, Vector Y> struct LsqrState {
    X x, w;
    Bidiagonal<X, Y> uv;
    double damping = 0;
    LsqrRotations turns{};
    double b_norm = 0;
    double xx = 0;  ///< |x|^2
    template <class F> void visit(const F& f) {
        f.given("damping", damping)("x", x)("w", w)("b_norm", b_norm)("xx", xx);
        uv.visit(f);
        turns.visit(f);
    }
};

/// Beside the operator an iteration reads or writes 7 vectors: u 1; v 1; x with its norm and w 5; 11 in
/// three passes where the operator and its adjoint have no rows.
template <LinearOperator A, class Watch>
LsqrSolution<DomainVector<A>> solve_lsqr(const A& a, const RangeVector<A>& b,
                                         const DomainVector<A>* x0, const LsqrOptions& options,
                                         const Watch& watch) {
    const std::string call = call_of("lsqr", a);
    check_spaces(call, a, b, x0);
    check_lsqr_options(call, options);
    Loop loop{call, options};
    const auto at = a.H();

    LsqrState<DomainVector<A>, RangeVector<A>> state{
        a.domain().uninitialized(), a.domain().uninitialized(), bidiagonal(a), options.damping};
    auto& [x, w, uv, damping, turns, b_norm, xx] = state;
    if (!loop.resume(state, watch, Given{"b", &b}, Given{"x0", x0}, Given{"A", a})) {
        const StartNorms start = start_at(call, a, b, x0, x, uv.u);
        b_norm = start.data;
        xx = start.solution2;
        uv.begin(at, std::sqrt(start.residual2));
        assign(w, inverse_or_zero(uv.alpha) * uv.v);
        turns.begin(uv.alpha, uv.beta);
    }
    const auto step = [&] {
        const double alpha = uv.alpha;
        uv.step(a, at);
        turns.a_norm2 += alpha * alpha + uv.beta * uv.beta + damping * damping;
        const auto along = turns.rotate(uv.alpha, uv.beta, damping);
        xx = assign_both_norm2(x, x + along.x * w,  //
                               w, inverse_or_zero(uv.alpha) * uv.v - along.w * w);
    };
    const auto stand = [&] {
        return standing(turns.figures(), options, b_norm, x, x0, std::sqrt(xx));
    };
    return {loop.run(state, step, stand, watch), std::sqrt(turns.a_norm2), turns.condition()};
}

}  // namespace detail

/// Minimises |A x - b|^2 + damping^2 |x|^2, from x = 0 (Paige and Saunders 1982, ACM TOMS 8(1)
/// 43-71 and algorithm 583). Stops when
///   |r| <= btol |b| + atol |A| |x|   A x = b as far as the data and the operator are known;
///   |A'r| <= atol |A| |r|            x is the least-squares solution of a nearby problem;
///   cond(A) >= condition_limit       the operator seems singular;
/// with r, A and cond(A) those of the system [A; damping I], or when these hold to rounding.
/// In the history the residual is |b - A x| alone; sqrt(residual^2 + damping^2 solution^2) falls
/// in every iteration. `watch`, optional, is called as watch(iteration, x).
///
/// Throws SpaceError where b is not in range(A), and ArgumentError where values are not finite.
template <LinearOperator A, VectorLike B, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<A>>
LsqrSolution<DomainVector<A>> lsqr(const A& a, const B& b, const LsqrOptions& options = {},
                                   const Watch& watch = {}) {
    detail::check_kinds<A, B>();
    return detail::solve_lsqr(a, evaluate(b), nullptr, options, watch);
}

/// The same from the start x0. The damping holds x - x0 small: minimises |A x - b|^2 +
/// damping^2 |x - x0|^2; cgls holds x itself.
template <LinearOperator A, VectorLike B, VectorLike X, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<A>>
LsqrSolution<DomainVector<A>> lsqr(const A& a, const B& b, const X& x0,
                                   const LsqrOptions& options = {}, const Watch& watch = {}) {
    detail::check_kinds<A, B, X>();
    const auto& start = evaluate(x0);
    return detail::solve_lsqr(a, evaluate(b), &start, options, watch);
}

}  // namespace lop
