/// Linearized Bregman: sparse solutions within the noise, by two lines of arithmetic.
#pragma once

#include <lop/solvers/loop.hpp>
#include <lop/solvers/norms.hpp>

#include <algorithm>
#include <cmath>

namespace lop {

struct LinearizedBregmanOptions {
    index_t iterations = 100;
    double noise = 0;              ///< sigma: residuals within it are not fitted
    double lambda = 0;             ///< the threshold; 0: from the first gradient
    double threshold_share = 0.1;  ///< lambda = threshold_share |t C g|_inf, of the first step
    double step = 0;               ///< t, constant; 0: t = |r|^2 / |g|^2 anew in each iteration
    double tolerance = 1e-6;       ///< stop when |b - A x| <= max(noise, tolerance |b|)
    Monitor monitor{};
    bool progress = false;
};

/// A solution, and what it takes to go on: z and the threshold.
template <Vector X> struct LinearizedBregmanSolution : Solution<X> {
    X z;
    double lambda = 0;
};

namespace detail {

inline void check_bregman(const std::string& call, const LinearizedBregmanOptions& options) {
    check_option(call, "noise", options.noise);
    check_option(call, "lambda", options.lambda);
    check_option(call, "threshold_share", options.threshold_share);
    check_option(call, "step", options.step);
    check_option(call, "tolerance", options.tolerance);
}
/// What to try where residuals grow: null where the steps are the solver's own.
inline const char* growth_of_bregman(const LinearizedBregmanOptions& options) {
    return options.step > 0 ? "a step below 2/|A|^2; step = 0 chooses each by itself" : nullptr;
}

/// The dual variable z, and the two steps of the method.
template <LinearOperator C> struct BregmanState {
    const C& transform;
    LinearizedBregmanOptions options;
    DomainVector<C> x, z;
    DomainVector<C> g;  // A'(b - A x)
    RangeVector<C> c;   // scratch: the coefficients behind x
    double lambda = 0;
    double residual = 0;   // |b - A x|
    double gradient = 0;   // |g|
    double objective = 0;  // lambda |c|_1 + 1/2 |c|^2
    double b_norm = 0;

    BregmanState(const C& t, const LinearizedBregmanOptions& given)
        : transform{t},
          options{given},
          x{t.domain().zeros()},
          z{t.domain().zeros()},
          g{t.domain().uninitialized()},
          c{t.range().uninitialized()},
          lambda{given.lambda} {}

    /// z += t g P;  x = C' S_lambda(C z), with P what of the residual stands above the noise. The first
    /// step sets the threshold where there is none.
    void step(double t) {
        const double above = residual > options.noise ? 1 - options.noise / residual : 0;
        assign(z, z + (t * above) * g);
        transform.forward(z, c);
        if (lambda <= 0) lambda = options.threshold_share * norm_inf(c);
        shrink();
    }
    void shrink() {
        const double cc = assign_norm2(c, soft_threshold(c, lambda));
        objective = lambda * norm1(c) + 0.5 * cc;
        transform.adjoint(c, x);
    }
    /// The length of a step; the dynamic one |r|^2/|g|^2 unless a constant one is given.
    double length() const {
        if (options.step > 0) return options.step;
        return gradient > 0 ? residual * residual / (gradient * gradient) : 0;
    }
    template <class F> void visit(const F& f) {
        f.given("threshold", options.lambda).given("step", options.step);
        f.given("noise", options.noise);
        f("x", x)("z", z)("g", g)("lambda", lambda)("residual", residual);
        f("gradient", gradient)("objective", objective)("b_norm", b_norm);
    }
};

template <LinearOperator A, LinearOperator C, class Watch>
LinearizedBregmanSolution<DomainVector<A>> solve_linearized_bregman(
    const A& a, const RangeVector<A>& b, const C& transform, const DomainVector<A>* z0,
    const LinearizedBregmanOptions& options, const Watch& watch) {
    const std::string call = call_of("linearized_bregman", a);
    check_spaces(call, a, b, z0);
    check_bregman(call, options);
    if (!(transform.domain() == a.domain()))
        throw SpaceError{
            call + ": the domain of the transform is not that of " + a.label(),
            {.expected = a.domain().describe(), .found = transform.domain().describe()}};
    Loop loop{call, options};
    loop.explain({.growth = growth_of_bregman(options)});

    BregmanState<C> state{transform, options};
    auto r = a.range().uninitialized();
    const auto measure = [&](double rr) {
        state.residual = std::sqrt(rr);
        a.adjoint(r, state.g);
        state.gradient = norm(state.g);
    };
    if (!loop.resume(state, watch, Given{"b", &b}, Given{"z0", z0}, Given{"A", a},
                     Given{"C", transform})) {
        double rr = assign_norm2(r, b);
        state.b_norm = std::sqrt(rr);
        check_finite(call, "b", state.b_norm);
        if (z0 != nullptr) {
            state.z = *z0;
            transform.forward(state.z, state.c);
            state.shrink();
            a.forward(state.x, r);
            rr = assign_norm2(r, b - r);
        }
        measure(rr);
    }
    const auto step = [&] {
        state.step(state.length());
        a.forward(state.x, r);
        measure(assign_norm2(r, b - r));
    };
    const auto stand = [&] {
        const double goal = std::max(options.noise, options.tolerance * state.b_norm);
        Standing at{state.residual, state.gradient, norm(state.x), state.objective};
        if (at.residual <= goal) at.reached = StopReason::residual;
        else if (at.gradient <= rounding<ScalarOf<A>>() * at.residual)
            at.reached = StopReason::gradient_rounding;
        return at;
    };
    return {loop.run(state, step, stand, watch), std::move(state.z), state.lambda};
}

}  // namespace detail

/// min lambda |C x|_1 + 1/2 |C x|^2 subject to |A x - b| <= noise, for a tight frame C (C'C = I), from
/// x = z = 0 (Yin 2010; Lorenz, Schoepfer and Wenger 2014, SIAM J. Imaging Sci. 7(2) 1237-1262):
///   r = b - A x;   z += t A' P(r);   x = C' S_lambda(C z),   P(r) = max(0, 1 - noise/|r|) r.
/// A large lambda gives the solution of least |C x|_1; the first iterations then only fill z up to
/// the threshold. The dynamic step |r|^2/|A'r|^2 needs no norm of A and suits rows drawn anew (below). A
/// constant step must be less than 2/|A|^2. `watch`, optional, is called as watch(iteration, x).
///
/// Throws SpaceError where b is not in range(A) or C has another domain than A, and ArgumentError
/// where values are not finite.
template <LinearOperator A, VectorLike B, LinearOperator C, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<A>>
LinearizedBregmanSolution<DomainVector<A>> linearized_bregman(
    const A& a, const B& b, const C& transform, const LinearizedBregmanOptions& options = {},
    const Watch& watch = {}) {
    detail::check_kinds<A, B>();
    return detail::solve_linearized_bregman(a, evaluate(b), transform, nullptr, options, watch);
}

/// Goes on from the z of an earlier solution, whose lambda belongs into the options.
template <LinearOperator A, VectorLike B, LinearOperator C, VectorLike Z,
          class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<A>>
LinearizedBregmanSolution<DomainVector<A>> linearized_bregman(
    const A& a, const B& b, const C& transform, const Z& z, const LinearizedBregmanOptions& options,
    const Watch& watch = {}) {
    detail::check_kinds<A, B, Z>();
    const auto& start = evaluate(z);
    return detail::solve_linearized_bregman(a, evaluate(b), transform, &start, options, watch);
}

/// The same with other rows in each iteration (random shots): draw(k), k = 1, 2, ..., returns
/// std::pair{A_k, b_k}. Residuals and gradients in the history are those of the rows drawn, before the
/// step; there is no other rule to stop by than the number of iterations and the monitor.
template <class Draw, LinearOperator C, class Watch = detail::NoWatch>
    requires std::invocable<const Draw&, index_t> && detail::WatchOf<Watch, DomainVector<C>>
LinearizedBregmanSolution<DomainVector<C>> linearized_bregman_batches(
    const Draw& draw, const C& transform, const LinearizedBregmanOptions& options = {},
    const Watch& watch = {}) {
    const std::string call = "linearized_bregman_batches(draw, C)";
    detail::check_bregman(call, options);
    detail::Loop loop{call, options};
    loop.explain({.growth = detail::growth_of_bregman(options)});
    detail::BregmanState<C> state{transform, options};
    loop.resume(state, watch, detail::Given{"C", transform});
    const auto step = [&] {
        const auto [a, b] = draw(loop.number() + 1);
        detail::check_spaces(call, a, b, &state.x);
        auto r = a.range().scratch();
        a.forward(state.x, *r);
        state.residual = std::sqrt(assign_norm2(*r, b - *r));
        a.adjoint(*r, state.g);
        state.gradient = norm(state.g);
        state.step(state.length());
    };
    const auto stand = [&] {
        return detail::Standing{state.residual, state.gradient, norm(state.x), state.objective};
    };
    return {loop.run(state, step, stand, watch), std::move(state.z), state.lambda};
}

}  // namespace lop
