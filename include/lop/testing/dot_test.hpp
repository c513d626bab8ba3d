/// Proofs of operators by random vectors: the adjoint (dot) test, linearity, and the Taylor test.
#pragma once

#include <lop/algebra/operator.hpp>
#include <lop/testing/report.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <vector>

namespace lop {

/// The limit of the relative error of an exact pair: 1e-14 in double, 1e-6 in single precision.
template <Scalar T> constexpr double exactness_limit() {
    return std::same_as<Real<T>, double> ? 1e-14 : 1e-6;
}

struct DotTestOptions {
    std::uint64_t seed = 1;
    double limit = 0;  ///< 0: exactness_limit of the operator's scalar
};

/// |<A x, y> - <x, A' y>| / (|A x| |y|) for random x in domain(A), y in range(A); inner products
/// accumulate in double. Of an operator that is linear over the reals only, the real parts are
/// compared. Where A x = 0 the error is measured against |x| |A' y|, and two zeros
/// agree; norms that overflow prove nothing and fail. One draw, no retries. Collective for distributed operators.
template <LinearOperator A> TestReport dot_test(const A& a, const DotTestOptions& options = {}) {
    using T = ScalarOf<A>;
    const auto x = a.domain().random(2 * options.seed);
    const auto y = a.range().random(2 * options.seed + 1);
    const auto ax = a * x;
    auto aty = a.domain().uninitialized();
    a.adjoint(y, aty);
    const auto left = dot(ax, y);
    const auto right = dot(x, aty);
    const double size = norm(ax) * norm(y);
    const double scale = size > 0 ? size : norm(x) * norm(aty);
    const double gap =
        real_linear<A> ? std::abs(std::real(left) - std::real(right)) : std::abs(left - right);
    const double limit = options.limit > 0 ? options.limit : exactness_limit<T>();
    const double error = gap == 0 ? 0 : gap / scale;
    return {a.label(), "dot", scalar_name<T>(),
            error,     limit, error <= limit && std::isfinite(scale)};
}

/// |A (x + a y) - (A x + a A y)| / (|A x| + |a| |A y|) for random x, y and a.
template <LinearOperator A>
TestReport linearity_test(const A& a, const DotTestOptions& options = {}) {
    using T = ScalarOf<A>;
    const auto x = a.domain().random(3 * options.seed);
    const auto y = a.domain().random(3 * options.seed + 1);
    const auto factor = static_cast<Real<T>>(random_uniform(options.seed, 7) + 0.5);
    const auto ax = a * x;
    const auto ay = a * y;
    const auto whole = a * (x + factor * y);
    const double scale = norm(ax) + static_cast<double>(factor) * norm(ay);
    const double gap = norm(whole - (ax + factor * ay));
    // Rounding enters |A x| relatively, once a term of the longest sum: ten times the dot limit.
    const double limit = options.limit > 0 ? options.limit : 10 * exactness_limit<T>();
    const double error = gap == 0 ? 0 : gap / scale;
    return {a.label(), "linearity", scalar_name<T>(),
            error,     limit,       error <= limit && std::isfinite(scale)};
}

struct TaylorTestOptions {
    double first_step = 1;  ///< the largest multiple of the perturbation
    int halvings = 5;       ///< the steps tried are first_step / 2^i, i = 0 .. halvings
    double limit = 0.1;     ///< how far an observed order may lie from 1 and from 2
};

namespace detail {

/// |F(m + h dm) - F(m)|, the same less h J dm, and what rounding may make of either.
struct TaylorRemainders {
    double without;
    double with;
    double rounding;
};

/// The order of a remainder that should have order `expected`: of the last two halvings over which it
/// stands above rounding, the one further from it; 0 where there is none.
inline double observed_order(const std::vector<TaylorRemainders>& at,
                             double TaylorRemainders::* remainder, double expected) {
    double order = 0;
    int seen = 0;
    for (std::size_t i = at.size() - 1; i > 0 && seen < 2; --i) {
        if (!(at[i].*remainder > at[i].rounding)) continue;
        const double found = std::log2(at[i - 1].*remainder / at[i].*remainder);
        if (seen++ == 0 || std::abs(found - expected) > std::abs(order - expected)) order = found;
    }
    return order;
}

/// The remainder with J of a map that is linear, or nearly so, is rounding from the start.
inline bool is_exact(const std::vector<TaylorRemainders>& at) {
    return at.size() > 1 && at[1].with <= at[1].rounding && at[0].with <= 1e-3 * at[0].without;
}

}  // namespace detail

/// Whether J is the derivative of F at m: |F(m + h dm) - F(m)| is of order h and
/// |F(m + h dm) - F(m) - h J dm| of order h^2 over the last halvings of h before rounding, or nothing but
/// rounding where F is linear. `forward(m)` returns F(m). The test fails where F does not change along
/// dm, or by less than rounding: then nothing is shown.
template <class Forward, LinearOperator Jacobian, Vector Model, VectorLike Perturbation>
TestReport taylor_test(const Forward& forward, const Jacobian& jacobian, const Model& m,
                       const Perturbation& perturbation, const TaylorTestOptions& options = {}) {
    using T = ScalarOf<Jacobian>;
    static_assert(std::same_as<typename Perturbation::vector_type, Model>,
                  "the perturbation is a vector of another kind than the model");
    const auto& dm = evaluate(perturbation);
    const auto f0 = evaluate(forward(m));
    const auto jdm = jacobian * dm;
    const double rounding = 64 * static_cast<double>(std::numeric_limits<Real<T>>::epsilon());
    std::vector<detail::TaylorRemainders> at;
    for (int i = 0; i <= options.halvings; ++i) {
        const double h = std::ldexp(options.first_step, -i);
        const auto f = evaluate(forward(evaluate(m + h * dm)));
        at.push_back({norm(f - f0), norm(f - f0 - h * jdm), rounding * (norm(f) + norm(f0))});
    }
    using detail::TaylorRemainders;
    TestReport report{
        jacobian.label(), "taylor", scalar_name<T>(), 0, options.limit, false, {0, 0}};
    report.orders[0] = detail::observed_order(at, &TaylorRemainders::without, 1);
    report.orders[1] =
        detail::is_exact(at) ? 2 : detail::observed_order(at, &TaylorRemainders::with, 2);
    report.error = std::max(std::abs(report.orders[0] - 1), std::abs(report.orders[1] - 2));
    report.pass = std::isfinite(report.error) && report.error <= options.limit;
    return report;
}

}  // namespace lop
