/// Sums that are rounded once: the order of their terms, and who adds which, leave no trace.
#pragma once

#include <lop/core/parallel.hpp>
#include <lop/core/reduce.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace lop {

/// The exact sum of doubles, in a number of fixed point that reaches from the smallest double to
/// 2^47 times the largest (Kulisch's long accumulator). Sums of parts are put together by adding
/// their words as integers. The value is the exact sum rounded to nearest, ties to even; it is
/// infinite beyond the largest double, and NaN where a term is, or where both infinities met.
class ExactSum {
    static constexpr int limbs = 67;  // of 32 bits each, the lowest at 2^-1074

 public:
    /// The number of words of a sum: its limbs, and how often NaN, inf and -inf were added.
    static constexpr int words = limbs + 3;

    void add(double value) {
        const auto bits = std::bit_cast<std::uint64_t>(value);
        const auto exponent = static_cast<int>(bits >> 52 & 0x7ff);
        auto fraction = static_cast<std::int64_t>(bits & 0xfffffffffffff);
        if (exponent == 0x7ff) {
            ++words_[static_cast<std::size_t>(limbs + (fraction != 0 ? 0 : value > 0 ? 1 : 2))];
            return;
        }
        if (exponent > 0) fraction |= std::int64_t{1} << 52;
        const int position = exponent > 0 ? exponent - 1 : 0;
        const auto limb = static_cast<std::size_t>(position / 32);
        const int shift = position % 32;
        // The fraction has 53 bits, and 85 once it is shifted: 32 + 32 + 21.
        const std::int64_t low = (fraction & 0xffffffff) << shift;
        const std::int64_t high = (fraction >> 32) << shift;
        const std::int64_t sign = value < 0 ? -1 : 1;
        words_[limb] += sign * (low & 0xffffffff);
        const std::int64_t middle = (low >> 32) + (high & 0xffffffff);
        words_[limb + 1] += sign * middle;
        words_[limb + 2] += sign * (high >> 32);
        if (++unsettled_ == most_unsettled) settle();
    }

    /// Adds many, in two passes over runs that stay in the first-level cache. Large parts of a run's
    /// terms, multiples of one power of two, add up without error in vectors of the processor (Rump,
    /// Ogita and Oishi 2008); what is left of the terms is added in the same way.
    void add(std::span<const double> values) {
        std::array<double, longest_run> rest;
        for (std::size_t from = 0; from < values.size(); from += longest_run) {
            const std::size_t n = std::min(longest_run, values.size() - from);
            std::copy_n(values.data() + from, n, rest.data());
            add_run(rest.data(), n);
        }
    }

    void add(const ExactSum& other) {
        ExactSum settled = other;
        settled.settle();
        for (std::size_t w = 0; w < words; ++w) words_[w] += settled.words_[w];
        if (++unsettled_ == most_unsettled) settle();
    }

    /// Words that can be added as integers, those of up to 2^30 sums.
    void to_words(std::int64_t* to) {
        settle();
        std::copy(words_.begin(), words_.end(), to);
    }
    static ExactSum from_words(const std::int64_t* from) {
        ExactSum sum;
        std::copy(from, from + words, sum.words_.begin());
        sum.settle();
        return sum;
    }

    double value() const {
        const std::int64_t nans = words_[limbs];
        const std::int64_t above = words_[limbs + 1];
        const std::int64_t below = words_[limbs + 2];
        if (nans > 0 || (above > 0 && below > 0)) return std::numeric_limits<double>::quiet_NaN();
        if (above > 0 || below > 0)
            return (above > 0 ? 1 : -1) * std::numeric_limits<double>::infinity();
        ExactSum magnitude = *this;
        magnitude.settle();
        const bool negative = magnitude.words_[limbs - 1] < 0;
        if (negative) {
            for (std::size_t k = 0; k < limbs; ++k) magnitude.words_[k] = -magnitude.words_[k];
            magnitude.settle();
        }
        return negative ? -magnitude.rounded() : magnitude.rounded();
    }

    /// Adds `values`, which may be changed, at most longest_run of them.
    static constexpr std::size_t longest_run = 256;
    void add_run(double* values, std::size_t n) {
        // Beyond this, parts could overflow. Small ones need no limit: a double below 2^-1021, and so
        // a sum of such, is a multiple of the smallest double and has no bit to lose.
        constexpr double most = 0x1p+1000;
        double size = 0;  // not less than any |value|; not finite where one of them is not
#pragma omp simd reduction(+ : size)
        for (std::size_t i = 0; i < n; ++i) size += std::abs(values[i]);
        // A pass takes 95 bits from `size` on. What needs more than two is added one by one.
        for (int pass = 0; pass < 2 && size > 0 && size <= most; ++pass)
            size = add_parts(values, n, size);
        if (size == 0) return;
        for (std::size_t i = 0; i < n; ++i) add(values[i]);
    }

 private:
    /// Takes two parts off each value and adds them, given the rounded sum of all |values|, which is
    /// not too large. Returns that of what is left of them, 0 if nothing is.
    double add_parts(double* values, std::size_t n, double size) {
        // size < 2 unit. First parts are multiples of 2^-50 unit, the last bit of `first` + value,
        // and so is each of their sums, in any order: they stay below 2^53 times that. Each value
        // leaves at most 2^-51 unit, 256 of them 2^-43 unit; second parts are multiples of 2^-94 unit.
        const double unit = std::bit_cast<double>(std::bit_cast<std::uint64_t>(size) &
                                                  (std::uint64_t{0x7ff} << 52));
        const double first = 6 * unit;
        const double second = 0x1.8p-42 * unit;
        double firsts = 0;
        double seconds = 0;
        double left = 0;
#pragma omp simd reduction(+ : firsts, seconds, left)
        for (std::size_t i = 0; i < n; ++i) {
            const double large = (first + values[i]) - first;
            const double rest = values[i] - large;
            const double small = (second + rest) - second;
            firsts += large;
            seconds += small;
            values[i] = rest - small;
            left += std::abs(values[i]);
        }
        add(firsts);
        add(seconds);
        return left;
    }

    // An addition changes a limb by less than 2^33.
    static constexpr std::int64_t most_unsettled = std::int64_t{1} << 28;
    static_assert(most_unsettled <= std::int64_t{1} << (62 - 33));

    /// Carries, so that every limb but the highest lies between 0 and 2^32; the highest has the sign.
    void settle() {
        std::int64_t carry = 0;
        for (std::size_t k = 0; k + 1 < limbs; ++k) {
            const std::int64_t limb = words_[k] + carry;
            words_[k] = limb & 0xffffffff;
            carry = limb >> 32;
        }
        words_[limbs - 1] += carry;
        unsettled_ = 0;
    }

    /// Of a settled sum that is not negative.
    double rounded() const {
        std::size_t top = limbs;
        while (top > 0 && words_[top - 1] == 0) --top;
        if (top == 0) return 0;
        --top;
        // The highest limb may be wider than 32 bits only where the sum is beyond all doubles.
        if (words_[top] >> 32 != 0) return std::numeric_limits<double>::infinity();
        const int width = std::bit_width(static_cast<std::uint64_t>(words_[top]));
        // The 64 bits from the highest one down; those below only tell whether there are any.
        const auto limb = [&](std::size_t below) {
            return below <= top ? static_cast<std::uint64_t>(words_[top - below]) : 0;
        };
        std::uint64_t bits = limb(0) << (64 - width) | limb(1) << (32 - width);
        bits |= width == 32 ? 0 : limb(2) >> width;
        bool more = width < 32 && (limb(2) & ((std::uint64_t{1} << width) - 1)) != 0;
        if (width == 32) more = limb(2) != 0;
        for (std::size_t k = 3; k <= top; ++k) more = more || limb(k) != 0;
        const int exponent = 32 * static_cast<int>(top) + width - 64 - 1074;  // of the lowest bit
        const std::uint64_t below_half = bits & 0x3ff;
        const bool half = (bits & 0x400) != 0;
        std::uint64_t fraction = bits >> 11;
        if (half && (below_half != 0 || more || (fraction & 1) != 0)) ++fraction;
        return std::ldexp(static_cast<double>(fraction), exponent + 11);
    }

    std::array<std::int64_t, words> words_{};
    std::int64_t unsettled_ = 0;
};

namespace detail {

/// Adds the terms [begin, end) to `sums`, one for a real and two for a complex sum.
template <class Sum, class Term>
void add_terms_of(const Term& term, index_t begin, index_t end, ExactSum* sums) {
    constexpr auto run = static_cast<index_t>(ExactSum::longest_run);
    std::array<double, ExactSum::longest_run> reals, imaginaries;
    double* const real = reals.data();
    double* const imaginary = imaginaries.data();
    for (index_t from = begin; from < end; from += run) {
        const index_t n = std::min(run, end - from);
        prepare_terms(term, from, from + n);
        for (index_t i = 0; i < n; ++i) {
            const Sum value = term(from + i);
            real[i] = std::real(value);
            if constexpr (is_complex<Sum>) imaginary[i] = std::imag(value);
        }
        sums[0].add_run(real, static_cast<std::size_t>(n));
        if constexpr (is_complex<Sum>) sums[1].add_run(imaginary, static_cast<std::size_t>(n));
    }
}

}  // namespace detail

/// The exact sum of term(i), 0 <= i < n: real and, for a complex Sum, imaginary part. Terms are
/// those of reduce_nodes in lop/core/reduce.hpp.
template <class Sum, class Term> void add_terms(const Term& term, index_t n, ExactSum* sums) {
    if (n < parallel_threshold) {
        detail::add_terms_of<Sum>(term, 0, n, sums);
        return;
    }
    constexpr index_t grain = 1 << 14;
    const index_t pieces = (n + grain - 1) / grain;
#pragma omp parallel
    {
        std::array<ExactSum, 2> mine{};
#pragma omp for schedule(static)
        for (index_t p = 0; p < pieces; ++p)
            detail::add_terms_of<Sum>(term, p * grain, std::min(n, (p + 1) * grain), mine.data());
#pragma omp critical(lop_exact_sum)
        for (std::size_t part = 0; part < (is_complex<Sum> ? 2 : 1); ++part)
            sums[part].add(mine[part]);
    }
}

}  // namespace lop
