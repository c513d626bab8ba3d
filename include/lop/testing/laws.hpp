/// The laws that every linear operator obeys, run on any model of the concept.
#pragma once

#include <lop/algebra/rows.hpp>
#include <lop/testing/dot_test.hpp>

#include <algorithm>
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

/// Rows of A x, where A offers them, are those of A x to the bit, cut anywhere.
template <LinearOperator A> TestReport offers_rows(const A& a, std::uint64_t seed = 1) {
    double gap = 0;
    if constexpr (lop::detail::HasForwardRows<A>) {
        const auto x = a.domain().random(seed);
        const auto expected = a * x;
        auto y = a.range().zeros();
        index_t cut = 1;
        for (index_t begin = 0; begin < y.size(); begin += cut) {
            cut = std::min({cut % longest_rows + 3, longest_rows, y.size() - begin});
            a.forward_rows(x, begin, begin + cut, y.data() + begin);
        }
        gap = norm(y - expected);
    }
    return detail::equality(a, "rows to the bit", gap, 1, 0);
}

/// y = alpha A x + beta y with its norm, in one pass where A offers rows, is that of two to the bit.
template <LinearOperator A> TestReport updates(const A& a, std::uint64_t seed = 1) {
    const auto x = a.domain().random(seed);
    auto y = a.range().random(seed + 1);
    auto expected = y;
    const auto ax = a * x;
    const double norm2_expected = assign_norm2(expected, 0.7 * ax + -1.3 * y);
    const double norm2_found = update_norm2(0.7, a, x, -1.3, y, y);
    double gap = norm(y - expected) + std::abs(norm2_found - norm2_expected);
    gap += std::abs(apply_norm2(a, x, y) - norm2(ax)) + norm(y - ax);
    return detail::equality(a, "updates to the bit", gap, 1, 0);
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
    return {dot_test(a, options), dot_test(a.H(), options),      linearity_test(a, {.seed = seed}),
            overwrites(a, seed),  adjoint_overwrites(a, seed),   repeats(a, seed),
            keeps_zero(a),        leaves_input(a, seed),         accumulates(a, seed),
            offers_rows(a, seed), offers_rows(a.H(), seed),      updates(a, seed),
            updates(a.H(), seed), adjoint_is_involution(a, seed)};
}

}  // namespace lop::laws
