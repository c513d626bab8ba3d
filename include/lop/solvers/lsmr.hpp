/// LSMR: least squares with a gradient that falls in every iteration.
#pragma once

#include <lop/solvers/lsqr.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace lop {

/// The options, and the outcome, are those of lsqr.
using LsmrOptions = LsqrOptions;
template <Vector X> using LsmrSolution = LsqrSolution<X>;

namespace detail {

/// Scalars of the bidiagonalisation and of the rotations, named as in the paper.
struct LsmrState {
    double alpha = 0;
    double beta = 0;
    double alphabar = 0;
    double zetabar = 0;
    double rho = 1;
    double rhobar = 1;
    double cbar = 1;
    double sbar = 0;
    double a_norm2 = 0;
    // the residual, section 5.1
    double betadd = 0;
    double betad = 0;
    double rhod = 1;
    double tautilde = 0;
    double thetatilde = 0;
    double zeta = 0;
    double d = 0;
    double residual = 0;  ///< |[b; 0] - [A; damping I] x|
    // the condition, section 5.4
    double rhobar_most = 0;
    double rhobar_least = std::numeric_limits<double>::infinity();
    double condition = 1;

    struct Steps {
        double hbar;  ///< thetabar rho / (rho rhobar), the latter two of the iteration before
        double x;     ///< zeta / (rho rhobar)
        double h;     ///< theta / rho
    };

    /// Rotations Phat (damping), P and Pbar (equations 2.5 to 2.9 of the paper); alpha and beta are
    /// those with index k + 1.
    Steps rotate(double damping, bool first) {
        const double alphahat = std::hypot(alphabar, damping);
        const double chat = alphabar / alphahat;
        const double shat = damping / alphahat;
        const double rho_before = rho;
        const double rhobar_before = rhobar;
        rho = std::hypot(alphahat, beta);
        const double c = alphahat / rho;
        const double s = beta / rho;
        const double theta = s * alpha;
        alphabar = c * alpha;
        const double thetabar = sbar * rho;
        const double rho_turned = cbar * rho;
        rhobar = std::hypot(rho_turned, theta);
        cbar = rho_turned / rhobar;
        sbar = theta / rhobar;
        const double zeta_before = zeta;
        zeta = cbar * zetabar;
        zetabar = -sbar * zetabar;
        follow_residual(chat, shat, c, s, thetabar, zeta_before);
        if (!first) {
            rhobar_most = std::max(rhobar_most, rhobar_before);
            rhobar_least = std::min(rhobar_least, rhobar_before);
        }
        condition = std::max(rhobar_most, rho_turned) / std::min(rhobar_least, rho_turned);
        return {thetabar * rho / (rho_before * rhobar_before), zeta / (rho * rhobar), theta / rho};
    }

    LsqrFigures figures() const {
        return {residual, std::abs(zetabar), std::sqrt(a_norm2), condition};
    }

 private:
    void follow_residual(double chat, double shat, double c, double s, double thetabar,
                         double zeta_before) {
        const double betaacute = chat * betadd;
        const double betacheck = -shat * betadd;
        const double betahat = c * betaacute;
        betadd = -s * betaacute;
        const double thetatilde_before = thetatilde;
        const double rhotilde = std::hypot(rhod, thetabar);
        const double ctilde = rhod / rhotilde;
        const double stilde = thetabar / rhotilde;
        thetatilde = stilde * rhobar;
        rhod = ctilde * rhobar;
        betad = -stilde * betad + ctilde * betahat;
        tautilde = (zeta_before - thetatilde_before * tautilde) / rhotilde;
        const double taud = (zeta - thetatilde * tautilde) / rhod;
        d += betacheck * betacheck;
        residual = std::sqrt(d + (betad - taud) * (betad - taud) + betadd * betadd);
    }
};

/// u and v hold beta u and alpha v of the paper. Beside the operator an iteration reads or writes
/// 15 vectors, in four passes: u 3; v 3; hbar 3; x with its norm and h 6.
template <LinearOperator A, class Watch>
LsmrSolution<DomainVector<A>> solve_lsmr(const A& a, const RangeVector<A>& b,
                                         const DomainVector<A>* x0, const LsmrOptions& options,
                                         const Watch& watch) {
    const std::string call = call_of("lsmr", a);
    check_spaces(call, a, b, x0);
    check_lsqr_options(call, options);
    Loop loop{call, options.iterations, options.monitor, options.progress};

    auto x = a.domain().uninitialized();
    auto u = a.range().uninitialized();
    auto v = a.domain().uninitialized();
    auto h = a.domain().uninitialized();
    auto hbar = a.domain().zeros();
    auto av = a.range().uninitialized();
    auto atu = a.domain().uninitialized();

    LsmrState state;
    const StartNorms start = start_at(call, a, b, x0, x, u);
    state.beta = std::sqrt(start.residual2);
    a.adjoint(u, atu);
    state.alpha = std::sqrt(assign_norm2(v, inverse_or_zero(state.beta) * atu));
    assign(h, inverse_or_zero(state.alpha) * v);
    state.alphabar = state.alpha;
    state.zetabar = state.alpha * state.beta;
    state.betadd = state.residual = state.beta;
    state.a_norm2 = state.alpha * state.alpha;

    const auto note = [&](double x_norm) {
        const double moved = options.damping == 0 ? 0 : x0 == nullptr ? x_norm : norm(x - *x0);
        const double damped = options.damping * moved;
        const double rr = state.residual * state.residual - damped * damped;
        return loop.record(
            std::sqrt(std::max(rr, 0.0)), std::abs(state.zetabar), x_norm, x, watch,
            state.figures().reached(options, start.data, x_norm, rounding<ScalarOf<A>>()));
    };
    auto stop = note(std::sqrt(start.solution2));
    while (!stop) {
        const double alpha = state.alpha;
        a.forward(v, av);
        state.beta = std::sqrt(assign_norm2(u, (1 / alpha) * av - (alpha / state.beta) * u));
        const double beta = state.beta;
        a.adjoint(u, atu);
        state.alpha = std::sqrt(assign_norm2(v, inverse_or_zero(beta) * atu - (beta / alpha) * v));
        state.a_norm2 += beta * beta + options.damping * options.damping;

        const auto step = state.rotate(options.damping, loop.number() == 0);
        assign(hbar, h - step.hbar * hbar);
        const double xx = assign_both_norm2(x, x + step.x * hbar,  //
                                            h, inverse_or_zero(state.alpha) * v - step.h * h);
        stop = note(std::sqrt(xx));
        state.a_norm2 += state.alpha * state.alpha;
    }
    return {loop.finish(std::move(x), *stop), std::sqrt(state.a_norm2), state.condition};
}

}  // namespace detail

/// Minimises |A x - b|^2 + damping^2 |x|^2, from x = 0, by MINRES on the normal equations, never
/// formed (Fong and Saunders 2011, SIAM J. Sci. Comput. 33(5) 2950-2971): the gradient falls in every
/// iteration, the residual does so nearly, and it is safe to stop early. Stops by the rules of lsqr.
/// `watch`, optional, is called as watch(iteration, x).
///
/// Throws SpaceError where b is not in range(A), and ArgumentError where values are not finite.
template <LinearOperator A, VectorLike B, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<A>>
LsmrSolution<DomainVector<A>> lsmr(const A& a, const B& b, const LsmrOptions& options = {},
                                   const Watch& watch = {}) {
    detail::check_kinds<A, B>();
    return detail::solve_lsmr(a, evaluate(b), nullptr, options, watch);
}

/// The same from the start x0; the damping holds x - x0 small, as in lsqr.
template <LinearOperator A, VectorLike B, VectorLike X, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<A>>
LsmrSolution<DomainVector<A>> lsmr(const A& a, const B& b, const X& x0,
                                   const LsmrOptions& options = {}, const Watch& watch = {}) {
    detail::check_kinds<A, B, X>();
    const auto& start = evaluate(x0);
    return detail::solve_lsmr(a, evaluate(b), &start, options, watch);
}

}  // namespace lop
