/// The laws that every linear operator obeys, run on any model of the concept.
#pragma once

#include <lop/algebra/nodes.hpp>
#include <lop/testing/dot_test.hpp>

#include <limits>
#include <vector>

namespace lop::laws {

namespace detail {

template <LinearOperator A>
TestReport equality(const A& a, const char* kind, double gap, double scale, double limit) {
    const double error = gap == 0 ? 0 : gap / scale;
    return {a.label(), kind, scalar_name<ScalarOf<A>>(), error, limit, error <= limit};
}

}  // namespace detail

/// Whatever y held before, y = A x overwrites it: NaN in the result's memory must not survive.
template <LinearOperator A> TestReport overwrites(const A& a, std::uint64_t seed = 1) {
    using T = ScalarOf<A>;
    const auto x = a.domain().random(seed);
    const auto expected = a * x;
    auto y = a.range().uninitialized();
    y.fill(T(std::numeric_limits<Real<T>>::quiet_NaN()));
    a.forward(x, y);
    return detail::equality(a, "forward overwrites", norm(y - expected), 1, 0);
}

/// The same for the adjoint.
template <LinearOperator A> TestReport adjoint_overwrites(const A& a, std::uint64_t seed = 1) {
    auto report = overwrites(a.H(), seed);
    report.kind = "adjoint overwrites";
    return report;
}

/// Applying twice gives the same bits.
template <LinearOperator A> TestReport repeats(const A& a, std::uint64_t seed = 1) {
    const auto x = a.domain().random(seed);
    const auto once = a * x;
    return detail::equality(a, "repeats to the bit", norm(a * x - once), 1, 0);
}

/// A 0 = 0.
template <LinearOperator A> TestReport keeps_zero(const A& a) {
    return detail::equality(a, "keeps zero", norm(a * a.domain().zeros()), 1, 0);
}

/// A leaves its argument alone.
template <LinearOperator A> TestReport leaves_input(const A& a, std::uint64_t seed = 1) {
    const auto x = a.domain().random(seed);
    const auto copy = x;
    auto y = a.range().uninitialized();
    a.forward(x, y);
    return detail::equality(a, "leaves its input", norm(x - copy), 1, 0);
}

/// y += A x equals y + A x.
template <LinearOperator A> TestReport accumulates(const A& a, std::uint64_t seed = 1) {
    const auto x = a.domain().random(seed);
    auto y = a.range().random(seed + 1);
    const auto expected = evaluate(y + a * x);
    apply_add(a, x, y);
    return detail::equality(a, "accumulates", norm(y - expected), norm(expected),
                            10 * exactness_limit<ScalarOf<A>>());
}

/// (A')' x = A x to the bit.
template <LinearOperator A> TestReport adjoint_is_involution(const A& a, std::uint64_t seed = 1) {
    const auto x = a.domain().random(seed);
    const auto expected = a * x;
    return detail::equality(a, "A.H().H() is A", norm(a.H().H() * x - expected), 1, 0);
}

/// All laws of a linear operator, the dot test first.
template <LinearOperator A>
std::vector<TestReport> linear_operator(const A& a, const DotTestOptions& options = {}) {
    const auto seed = options.seed;
    return {dot_test(a, options),
            dot_test(a.H(), options),
            linearity_test(a, {.seed = seed}),
            overwrites(a, seed),
            adjoint_overwrites(a, seed),
            repeats(a, seed),
            keeps_zero(a),
            leaves_input(a, seed),
            accumulates(a, seed),
            adjoint_is_involution(a, seed)};
}

}  // namespace lop::laws
