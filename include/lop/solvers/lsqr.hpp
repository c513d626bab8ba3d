/// LSQR: least squares by the bidiagonalisation of Golub and Kahan.
#pragma once

#include <lop/solvers/solution.hpp>
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

/// Scalars of the bidiagonalisation and of the rotations, named as in the paper.
struct LsqrState {
    double alpha = 0;
    double beta = 0;
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

    struct Steps {
        double x;  ///< phi / rho
        double w;  ///< theta / rho
    };

    /// Rotates the damping and then beta out of the bidiagonal (section 4 of the paper; the
    /// damping as in algorithm 583).
    Steps rotate(double damping) {
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
};

inline double inverse_or_zero(double value) { return value > 0 ? 1 / value : 0; }

/// u and v hold beta u and alpha v of the paper: no pass is spent on normalising them. Beside the
/// operator an iteration reads or writes 11 vectors, in three passes: u and its norm 3; v and its
/// norm 3; x with its norm and w 5.
template <LinearOperator A, class Watch>
LsqrSolution<DomainVector<A>> solve_lsqr(const A& a, const RangeVector<A>& b,
                                         const DomainVector<A>* x0, const LsqrOptions& options,
                                         const Watch& watch) {
    const std::string call = call_of("lsqr", a);
    check_spaces(call, a, b, x0);
    check_lsqr_options(call, options);
    Loop loop{call, options.iterations, options.monitor, options.progress};

    auto x = a.domain().uninitialized();
    auto u = a.range().uninitialized();
    auto v = a.domain().uninitialized();
    auto w = a.domain().uninitialized();
    auto av = a.range().uninitialized();
    auto atu = a.domain().uninitialized();

    LsqrState state;
    const StartNorms start = start_at(call, a, b, x0, x, u);
    state.beta = std::sqrt(start.residual2);
    a.adjoint(u, atu);
    state.alpha = std::sqrt(assign_norm2(v, inverse_or_zero(state.beta) * atu));
    assign(w, inverse_or_zero(state.alpha) * v);
    state.rhobar = state.alpha;
    state.phibar = state.residual = state.beta;
    state.gradient = state.alpha * state.beta;

    const auto note = [&](double x_norm) {
        // The residual of A alone: the damping holds x - x0, which is x from a start at zero.
        const double moved = options.damping == 0 ? 0 : x0 == nullptr ? x_norm : norm(x - *x0);
        const double damped = options.damping * moved;
        const double rr = state.residual * state.residual - damped * damped;
        return loop.record(
            std::sqrt(std::max(rr, 0.0)), state.gradient, x_norm, x, watch,
            state.figures().reached(options, start.data, x_norm, rounding<ScalarOf<A>>()));
    };
    auto stop = note(std::sqrt(start.solution2));
    while (!stop) {
        const double alpha = state.alpha;
        a.forward(v, av);
        state.beta = std::sqrt(assign_norm2(u, (1 / alpha) * av - (alpha / state.beta) * u));
        const double beta = state.beta;
        state.a_norm2 += alpha * alpha + beta * beta + options.damping * options.damping;

        a.adjoint(u, atu);
        state.alpha = std::sqrt(assign_norm2(v, inverse_or_zero(beta) * atu - (beta / alpha) * v));

        const auto step = state.rotate(options.damping);
        const double xx = assign_both_norm2(x, x + step.x * w,  //
                                            w, inverse_or_zero(state.alpha) * v - step.w * w);
        stop = note(std::sqrt(xx));
    }
    return {loop.finish(std::move(x), *stop), std::sqrt(state.a_norm2), state.condition()};
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
