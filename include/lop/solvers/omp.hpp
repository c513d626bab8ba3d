/// Orthogonal matching pursuit: a few columns, one after the other.
#pragma once

#include <lop/solvers/loop.hpp>
#include <lop/solvers/norms.hpp>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace lop {

struct OmpOptions {
    index_t columns = 10;  ///< at most, and at most as many iterations
    double noise = 0;      ///< stop when |b - A x| <= max(noise, tolerance |b|)
    double tolerance = 1e-6;
    bool normalise = false;  ///< divide by the columns' norms: one product for each column of A
    Monitor monitor{};
    bool progress = false;
};

/// A solution and the positions of its columns, in the order of their choice.
template <Vector X> struct OmpSolution : Solution<X> {
    std::vector<index_t> columns;
};

namespace detail {

/// The columns chosen so far as Q R, by modified Gram and Schmidt, twice.
template <LinearOperator A> struct ChosenColumns {
    using Sum = Accumulator<ScalarOf<A>>;
    std::vector<RangeVector<A>> q;
    std::vector<Sum> r;   // entry (i, k) at k (k + 1) / 2 + i
    std::vector<Sum> qb;  // <q_i, b>
    std::vector<Sum> coefficients;
    std::vector<index_t> at;

    ChosenColumns(const A& a, index_t most) {
        q.push_back(a.range().uninitialized());
        hold(static_cast<std::size_t>(most));
    }
    /// Makes room for so many columns.
    void hold(std::size_t count) {
        at.reserve(count);
        while (q.size() < count) q.push_back(like(q.front()));
        r.resize(count * (count + 1) / 2);
        qb.resize(count);
        coefficients.resize(count);
    }
    Sum& entry(std::size_t i, std::size_t k) { return r[k * (k + 1) / 2 + i]; }
    /// Takes in the column at `place`, already in q[k]; its distance from the others' span.
    double append(index_t place) {
        const std::size_t k = at.size();
        for (int pass = 0; pass < 2; ++pass)
            for (std::size_t i = 0; i < k; ++i) {
                const Sum along = dot(q[i], q[k]);
                q[k] -= along * q[i];
                entry(i, k) += along;
            }
        const double length = norm(q[k]);
        entry(k, k) = length;
        at.push_back(place);
        if (length > 0) q[k] *= 1 / length;
        return length;
    }
    void solve() {
        for (std::size_t i = at.size(); i-- > 0;) {
            Sum sum = qb[i];
            for (std::size_t k = i + 1; k < at.size(); ++k) sum -= entry(i, k) * coefficients[k];
            coefficients[i] = sum / entry(i, i);
        }
    }
    template <class F> void visit(const F& f) {
        auto count = static_cast<index_t>(at.size());
        f("count", count);
        const auto n = static_cast<std::size_t>(count);
        at.resize(n);
        if (q.size() < n) hold(n);
        f("columns", at)("qb", std::span<Sum>{qb.data(), n});
        f("triangle", std::span<Sum>{r.data(), n * (n + 1) / 2});
        for (std::size_t k = 0; k < n; ++k) f("q" + std::to_string(k), q[k]);
    }
};

template <LinearOperator A> struct OmpState {
    DomainVector<A> x, g;  ///< g = A'r
    RangeVector<A> r;
    ChosenColumns<A> chosen;
    bool normalise = false;
    std::vector<double> weights{};  ///< of the correlations with the columns
    double residual = 0;            ///< |r|
    double gradient = 0;            ///< |g|
    double b_norm = 0;
    template <class F> void visit(const F& f) {
        f.given("normalise", normalise ? 1 : 0)("x", x)("g", g)("r", r);
        weights.resize(static_cast<std::size_t>(x.size()), 1.0);
        if (normalise) f("weights", weights);
        f("residual", residual)("gradient", gradient)("b_norm", b_norm);
        chosen.visit(f);
    }
};

/// One over the norm of every column of A, 1 where they are not asked for, 0 for a column of zeros.
template <LinearOperator A>
std::vector<double> column_weights(const A& a, DomainVector<A>& unit, bool normalise) {
    std::vector<double> weights(static_cast<std::size_t>(unit.size()), 1.0);
    if (!normalise) return weights;
    auto column = a.range().scratch();
    for (index_t j = 0; j < unit.size(); ++j) {
        unit[j] = 1;
        a.forward(unit, *column);
        unit[j] = 0;
        const double length = norm(*column);
        weights[static_cast<std::size_t>(j)] = length > 0 ? 1 / length : 0;
    }
    return weights;
}

/// The first place of the largest |g_j| w_j.
template <class T> index_t largest(const Array<T>& g, const std::vector<double>& weights) {
    index_t best = 0;
    double most = -1;
    for (index_t j = 0; j < g.size(); ++j) {
        const double here = magnitude(g[j]) * weights[static_cast<std::size_t>(j)];
        if (here > most) {
            best = j;
            most = here;
        }
    }
    return best;
}

template <LinearOperator A, class Watch>
OmpSolution<DomainVector<A>> solve_omp(const A& a, const RangeVector<A>& b,
                                       const OmpOptions& options, const Watch& watch) {
    using T = ScalarOf<A>;
    const std::string call = call_of("omp", a);
    check_spaces(call, a, b, static_cast<const DomainVector<A>*>(nullptr));
    check_count(call, "columns", options.columns, 0);
    check_option(call, "noise", options.noise);
    check_option(call, "tolerance", options.tolerance);
    const index_t most = std::min({options.columns, a.domain().size(), a.range().size()});
    Loop loop{call, most, options.monitor, options.progress};

    OmpState<A> state{a.domain().zeros(), a.domain().uninitialized(), a.range().uninitialized(),
                      ChosenColumns<A>{a, most}, options.normalise};
    auto& [x, g, r, chosen, normalise, weights, residual, gradient, b_norm] = state;
    auto unit = a.domain().zeros();
    const auto correlate = [&] {
        a.adjoint(r, g);
        gradient = norm(g);
    };
    if (!loop.resume(state, watch, Given{"b", &b}, Given{"A", a})) {
        residual = b_norm = std::sqrt(assign_norm2(r, b));
        check_finite(call, "b", b_norm);
        weights = column_weights(a, unit, normalise);
        correlate();
    }
    const auto step = [&] {
        for (const index_t j : chosen.at) g[j] = T{};  // its rounding is no reason to take it again
        const index_t best = largest(g, weights);
        const std::size_t k = chosen.at.size();
        unit[best] = 1;
        a.forward(unit, chosen.q[k]);
        unit[best] = 0;
        if (!(chosen.append(best) > 0))
            loop.refuse("a column depends on those chosen: its distance from them", 0,
                        "fewer columns, or a larger noise");
        chosen.qb[k] = dot(chosen.q[k], r);
        residual = std::sqrt(assign_norm2(r, r - chosen.qb[k] * chosen.q[k]));
        chosen.solve();
        for (std::size_t i = 0; i <= k; ++i) {
            if constexpr (is_complex<T>) x[chosen.at[i]] = T{chosen.coefficients[i]};
            else x[chosen.at[i]] = static_cast<T>(chosen.coefficients[i]);
        }
        correlate();
    };
    const auto stand = [&] {
        Standing at{residual, gradient, norm(x)};
        if (residual <= std::max(options.noise, options.tolerance * b_norm))
            at.reached = StopReason::residual;
        else if (gradient <= rounding<T>() * residual) at.reached = StopReason::gradient_rounding;
        return at;
    };
    return {loop.run(state, step, stand, watch), std::move(chosen.at)};
}

}  // namespace detail

/// A sparse x with |A x - b| small: in each iteration the column that correlates most with the residual
/// joins the others, and x is the least-squares solution on them (Pati, Rezaiifar and Krishnaprasad
/// 1993; Tropp and Gilbert 2007, algorithm 3). Of equal correlations the first column is taken. The
/// domain is one of arrays held whole; keeps one vector of the range for each column. `watch`,
/// optional, is called as watch(iteration, x).
///
/// Throws SpaceError where b is not in range(A), and ArgumentError where values are not finite.
template <LinearOperator A, VectorLike B, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<A>>
OmpSolution<DomainVector<A>> omp(const A& a, const B& b, const OmpOptions& options = {},
                                 const Watch& watch = {}) {
    static_assert(std::same_as<DomainVector<A>, Array<typename DomainOf<A>::value_type>>,
                  "omp picks single elements: the domain of A must be one of arrays on the host");
    detail::check_kinds<A, B>();
    return detail::solve_omp(a, evaluate(b), options, watch);
}

}  // namespace lop
