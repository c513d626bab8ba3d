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

/// Scalars of the rotations, named as in the paper.
struct LsmrRotations {
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
    Steps rotate(double alpha, double beta, double damping, bool first) {
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
    /// At the start, from the first alpha and beta.
    void begin(double alpha, double beta) {
        alphabar = alpha;
        zetabar = alpha * beta;
        betadd = residual = beta;
        a_norm2 = alpha * alpha;
    }
    template <class F> void visit(const F& f) {
        f("alphabar", alphabar)("zetabar", zetabar)("rho", rho)("rhobar", rhobar)("cbar", cbar);
        f("sbar", sbar)("a_norm2", a_norm2)("betadd", betadd)("betad", betad)("rhod", rhod);
        f("tautilde", tautilde)("thetatilde", thetatilde)("zeta", zeta)("d", d);
        f("residual", residual)("rhobar_most", rhobar_most)("rhobar_least", rhobar_least);
        f("condition", condition);
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

template <Vector X, Vector Y> struct LsmrState {
    X x, h, hbar;
    Bidiagonal<X, Y> uv;
    double damping = 0;
    LsmrRotations turns{};
    double b_norm = 0;
    double xx = 0;  ///< |x|^2
    template <class F> void visit(const F& f) {
        f.given("damping", damping)("x", x)("h", h)("hbar", hbar)("b_norm", b_norm)("xx", xx);
        uv.visit(f);
        turns.visit(f);
    }
};

/// Beside the operator an iteration reads or writes 11 vectors: u 1; v 1; hbar 3; x with its norm and
/// h 6; 15 in four passes where the operator and its adjoint have no rows.
template <LinearOperator A, class Watch>
LsmrSolution<DomainVector<A>> solve_lsmr(const A& a, const RangeVector<A>& b,
                                         const DomainVector<A>* x0, const LsmrOptions& options,
                                         const Watch& watch) {
    const std::string call = call_of("lsmr", a);
    check_spaces(call, a, b, x0);
    check_lsqr_options(call, options);
    Loop loop{call, options};
    const auto at = a.H();

    LsmrState<DomainVector<A>, RangeVector<A>> state{a.domain().uninitialized(),
                                                     a.domain().uninitialized(), a.domain().zeros(),
                                                     bidiagonal(a), options.damping};
    auto& [x, h, hbar, uv, damping, turns, b_norm, xx] = state;
    if (!loop.resume(state, watch, Given{"b", &b}, Given{"x0", x0}, Given{"A", a})) {
        const StartNorms start = start_at(call, a, b, x0, x, uv.u);
        b_norm = start.data;
        xx = start.solution2;
        uv.begin(at, std::sqrt(start.residual2));
        assign(h, inverse_or_zero(uv.alpha) * uv.v);
        turns.begin(uv.alpha, uv.beta);
    }
    const auto step = [&] {
        const bool first = loop.number() == 0;
        if (!first) turns.a_norm2 += uv.alpha * uv.alpha;
        uv.step(a, at);
        turns.a_norm2 += uv.beta * uv.beta + damping * damping;
        const auto along = turns.rotate(uv.alpha, uv.beta, damping, first);
        assign(hbar, h - along.hbar * hbar);
        xx = assign_both_norm2(x, x + along.x * hbar,  //
                               h, inverse_or_zero(uv.alpha) * uv.v - along.h * h);
    };
    const auto stand = [&] {
        return standing(turns.figures(), options, b_norm, x, x0, std::sqrt(xx));
    };
    return {loop.run(state, step, stand, watch), std::sqrt(turns.a_norm2), turns.condition};
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
