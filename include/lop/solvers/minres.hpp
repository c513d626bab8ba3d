/// MINRES: minimum residuals for self-adjoint operators, definite or not.
#pragma once

#include <lop/solvers/loop.hpp>
#include <lop/solvers/sweep.hpp>

#include <algorithm>
#include <cmath>

namespace lop {

struct MinresOptions {
    index_t iterations = 100;
    /// Stop when |b - A x| <= tolerance |b|, or |A (b - A x)| <= tolerance |A| |b - A x| with |A|
    /// estimated from below: least squares where A is singular.
    double tolerance = 1e-6;
    Monitor monitor{};
    bool progress = false;
};

namespace detail {

/// Scalars of the Lanczos process and of the QR factors of its tridiagonal matrix.
struct MinresFactors {
    double alpha = 0;      ///< T(k, k) of the column that comes next
    double beta = 0;       ///< T(k-1, k)
    double beta_next = 0;  ///< T(k+1, k)
    double dbar = 0;
    double epsilon = 0;
    double cosine = -1;
    double sine = 0;
    double phibar = 0;  ///< |b - A x|
    double a_norm = 0;  ///< the longest column of T so far

    double gbar() const { return sine * dbar - cosine * alpha; }
    /// |A (b - A x)|
    double gradient() const { return phibar * std::hypot(gbar(), cosine * beta_next); }

    struct Steps {
        double epsilon;  ///< of the column's R: two above the diagonal
        double delta;    ///< one above
        double gamma;    ///< on it
        double phi;
    };
    /// Takes in column k.
    Steps rotate() {
        const double epsilon_before = epsilon;
        const double delta = cosine * dbar + sine * alpha;
        const double g = gbar();
        epsilon = sine * beta_next;
        dbar = -cosine * beta_next;
        const double gamma = std::hypot(g, beta_next);
        cosine = gamma > 0 ? g / gamma : 1;
        sine = gamma > 0 ? beta_next / gamma : 0;
        const double phi = cosine * phibar;
        phibar = sine * phibar;
        a_norm = std::max(a_norm, std::hypot(beta, alpha, beta_next));
        beta = beta_next;
        return {epsilon_before, delta, gamma, phi};
    }
    template <class F> void visit(const F& f) {
        f("alpha", alpha)("beta", beta)("beta_next", beta_next)("dbar", dbar)("epsilon", epsilon)(
            "cosine", cosine)("sine", sine)("phibar", phibar)("a_norm", a_norm);
    }
};

template <Vector X> struct MinresState {
    X x, v, v_before, w, w_before;
    MinresFactors factors{};
    double data = 0;  ///< |b|
    double xx = 0;    ///< |x|^2
    template <class F> void visit(const F& f) {
        f("x", x)("v", v)("v_before", v_before)("w", w)("w_before", w_before);
        factors.visit(f);
        f("data", data)("xx", xx);
    }

    std::optional<StopReason> reached(double tolerance, double rounding) const {
        const double residual = factors.phibar;
        const double gradient = factors.gradient();
        const double scale = factors.a_norm * residual;
        if (residual <= tolerance * data) return StopReason::residual;
        if (gradient <= tolerance * scale) return StopReason::gradient;
        if (residual <= rounding * (data + factors.a_norm * std::sqrt(xx)))
            return StopReason::residual_rounding;
        if (gradient <= rounding * scale) return StopReason::gradient_rounding;
        return std::nullopt;
    }
};

/// Beside the operator an iteration reads or writes 15 vectors, in five passes: alpha 2; the next v
/// with its norm 4; its scaling 2; w 4; x with its norm 3. A is applied once an iteration and once
/// at the start.
template <LinearOperator A, class Watch>
Solution<DomainVector<A>> solve_minres(const A& a, const RangeVector<A>& b,
                                       const DomainVector<A>* x0, const MinresOptions& options,
                                       const Watch& watch) {
    const std::string call = call_of("minres", a);
    check_square(call, a);
    check_spaces(call, a, b, x0);
    check_option(call, "tolerance", options.tolerance);
    Loop loop{call, options};

    MinresState<DomainVector<A>> state{a.domain().uninitialized(), a.domain().uninitialized(),
                                       a.domain().zeros(), a.domain().zeros(), a.domain().zeros()};
    auto& [x, v, v_before, w, w_before, factors, data, xx] = state;
    auto av = a.range().uninitialized();
    // Scales the new v, and finds the column of T that belongs to it; v_before turns into the next v.
    const auto lanczos = [&](double length) {
        v *= length > 0 ? 1 / length : 0;
        a.forward(v, av);
        factors.alpha = real_part(dot(v, av));
        factors.beta_next =
            std::sqrt(assign_norm2(v_before, av - factors.alpha * v - factors.beta * v_before));
    };
    if (!loop.resume(state, watch, Given{"b", &b}, Given{"x0", x0}, Given{"A", a})) {
        const StartNorms start = start_at(call, a, b, x0, x, v);
        data = start.data;
        xx = start.solution2;
        factors.phibar = std::sqrt(start.residual2);
        lanczos(factors.phibar);
    }
    const auto step = [&] {
        const auto turn = factors.rotate();
        if (turn.gamma <= 0)
            loop.refuse("A vanishes on the Krylov space of b: |A v|", turn.gamma,
                        "lsqr, which finds the least-squares solution");
        assign(w_before, (1 / turn.gamma) * (v - turn.delta * w - turn.epsilon * w_before));
        std::swap(w, w_before);
        xx = assign_norm2(x, x + turn.phi * w);
        std::swap(v, v_before);
        lanczos(factors.beta);
    };
    const auto stand = [&] {
        return Standing{factors.phibar, factors.gradient(), std::sqrt(xx), 0,
                        state.reached(options.tolerance, rounding<ScalarOf<A>>())};
    };
    return loop.run(state, step, stand, watch);
}

}  // namespace detail

/// Solves A x = b for a self-adjoint A, which may be indefinite, from x = 0: after k iterations
/// |b - A x| is the least over the Krylov space of b, A b, ..., A^(k-1) b (Paige and Saunders 1975,
/// SIAM J. Numer. Anal. 12(4) 617-629, section 6). Where A is singular and b outside its range, x
/// tends to a least-squares solution. `gradient` in the history is |A (b - A x)|. `watch`, optional,
/// is called as watch(iteration, x).
///
/// Throws SpaceError where b is not in range(A) or the range is not the domain, and ArgumentError
/// where values are not finite. That A is self-adjoint is not checked.
template <LinearOperator A, VectorLike B, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<A>>
Solution<DomainVector<A>> minres(const A& a, const B& b, const MinresOptions& options = {},
                                 const Watch& watch = {}) {
    detail::check_kinds<A, B>();
    return detail::solve_minres(a, evaluate(b), nullptr, options, watch);
}

/// The same from the start x0.
template <LinearOperator A, VectorLike B, VectorLike X, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<A>>
Solution<DomainVector<A>> minres(const A& a, const B& b, const X& x0,
                                 const MinresOptions& options = {}, const Watch& watch = {}) {
    detail::check_kinds<A, B, X>();
    const auto& start = evaluate(x0);
    return detail::solve_minres(a, evaluate(b), &start, options, watch);
}

}  // namespace lop
