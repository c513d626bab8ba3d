/// Exact sums: numbers to check by hand, and sums that no order changes.
#include <lop/core/exact_sum.hpp>

#include "support/team.hpp"
#include <lop/core/random.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <complex>
#include <cstdint>
#include <doctest/doctest.h>
#include <limits>
#include <random>
#include <utility>
#include <vector>

using lop::ExactSum;
using lop::index_t;

namespace {

using Numbers = std::vector<double>;
constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double most = std::numeric_limits<double>::max();
constexpr double least = std::numeric_limits<double>::denorm_min();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

bool same_bits(double a, double b) {
    return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

/// The sum of finite values as on paper, in binary: the ones of every column are counted, the lowest
/// column being 2^-1074, then carried; the sum is rounded where its 53 highest columns end.
double sum_on_paper(const Numbers& values) {
    constexpr int columns = 2300;
    std::vector<std::int64_t> column(columns);
    for (const double v : values) {
        int exponent = 0;
        const auto fraction =
            static_cast<std::int64_t>(std::ldexp(std::frexp(std::abs(v), &exponent), 53));
        for (int b = 0; b < 53; ++b)
            if ((fraction >> b & 1) != 0)
                column.at(static_cast<std::size_t>(exponent - 53 + b + 1074)) += v < 0 ? -1 : 1;
    }
    const auto carry = [&] {
        for (std::size_t c = 0; c + 1 < column.size(); ++c) {
            const std::int64_t one = column[c] & 1;
            column[c + 1] += (column[c] - one) / 2;
            column[c] = one;
        }
    };
    carry();
    const bool negative = column.back() < 0;
    if (negative) {
        for (std::int64_t& c : column) c = -c;
        carry();
    }
    int top = columns - 1;
    while (top >= 0 && column[static_cast<std::size_t>(top)] == 0) --top;
    const int last = std::max(top - 52, 0);
    double sum = 0;
    for (int c = top; c >= last; --c)
        sum = 2 * sum + static_cast<double>(column[static_cast<std::size_t>(c)]);
    const bool half = last > 0 && column[static_cast<std::size_t>(last - 1)] == 1;
    const bool more = half && std::any_of(column.begin(), column.begin() + last - 1,
                                          [](std::int64_t c) { return c != 0; });
    if (half && (more || column[static_cast<std::size_t>(last)] == 1)) sum += 1;
    sum = std::ldexp(sum, last - 1074);
    return negative ? -sum : sum;
}

/// In runs, one by one, and on paper; all must agree.
double sum_of(const Numbers& values) {
    ExactSum runs;
    runs.add(values);
    ExactSum single;
    for (const double v : values) single.add(v);
    if (std::isnan(single.value())) CHECK(std::isnan(runs.value()));
    else CHECK(same_bits(runs.value(), single.value()));
    if (std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); }))
        CHECK(same_bits(single.value(), sum_on_paper(values)));
    return single.value();
}

/// The words of many sums, added as integers.
double value_together(const std::vector<Numbers>& parts) {
    std::array<std::int64_t, ExactSum::words> all{};
    std::array<std::int64_t, ExactSum::words> words{};
    for (const Numbers& part : parts) {
        ExactSum sum;
        sum.add(part);
        sum.to_words(words.data());
        for (std::size_t w = 0; w < words.size(); ++w) all[w] += words[w];
    }
    return ExactSum::from_words(all.data()).value();
}

/// Values over the range of exponents from 2^low to 2^high, of both signs.
Numbers spread(std::size_t n, int low, int high, std::uint64_t seed) {
    Numbers values;
    for (std::size_t i = 0; i < n; ++i) {
        const double e = lop::random_uniform(seed, 2 * i) * (high - low) + low;
        const double v = lop::random_uniform(seed, 2 * i + 1) - 0.5;
        values.push_back(std::ldexp(v, static_cast<int>(e)));
    }
    return values;
}

}  // namespace

TEST_CASE("sums that a double loses on its way") {
    CHECK(sum_of({}) == 0);
    CHECK(sum_of({1.5}) == 1.5);
    CHECK(sum_of({1e308, 1, -1e308}) == 1);
    CHECK(sum_of({1e308, 1e308, -1e308}) == 1e308);
    CHECK(sum_of({most, most, -most, -most, 3}) == 3);
    CHECK(sum_of({1e-300, 1e300, -1e300}) == 1e-300);
    CHECK(sum_of({0.1, 0.2, 0.3, -0.6}) == 0x1p-55);  // 0.1 + 0.2 + 0.3 as doubles, exactly
    CHECK(sum_of(Numbers(10, 0.1)) == 1.0);
}

TEST_CASE("a sum is rounded to nearest, and half way to the even neighbour") {
    const double big = 0x1p+53;
    CHECK(sum_of({big, 1}) == big);
    CHECK(sum_of({big, 2, 1}) == big + 4);
    CHECK(sum_of({big, 1, 0x1p-1000}) == big + 2);
    CHECK(sum_of({big, 1, -0x1p-1000}) == big);
    CHECK(sum_of({-big, -1}) == -big);
    CHECK(sum_of({-big, -2, -1}) == -big - 4);
    CHECK(sum_of({-big, -1, -least}) == -big - 2);
    // Half of the last bit at every place of a limb.
    for (int shift = 0; shift < 70; ++shift) {
        const double one = std::ldexp(1, shift);
        const double half = std::ldexp(1, shift - 53);
        CHECK(sum_of({one, half}) == one);
        for (const int below : {1, 9, 10, 11, 12, 20, 32, 42, 43, 44, 60, 200}) {
            CHECK(sum_of({one, half, std::ldexp(half, -below)}) == one + 2 * half);
            CHECK(sum_of({one, half, -std::ldexp(half, -below)}) == one);
        }
        CHECK(sum_of({one + 2 * half, half}) == one + 4 * half);
    }
}

TEST_CASE("small sums, and the ends of the range") {
    CHECK(sum_of({least}) == least);
    CHECK(sum_of({least, least, least}) == 3 * least);
    CHECK(sum_of({std::numeric_limits<double>::min(), -least}) ==
          std::numeric_limits<double>::min() - least);
    CHECK(sum_of({-least, least}) == 0);
    CHECK(sum_of({most, most}) == inf);
    CHECK(sum_of({-most, -most}) == -inf);
    CHECK(sum_of({most, 0x1p+969}) == most);
    CHECK(sum_of({most, 0x1p+970}) == inf);
    CHECK(sum_of(Numbers(100000, most)) == inf);
}

TEST_CASE("zeros of any sign add up to the positive one") {
    CHECK_FALSE(std::signbit(sum_of({})));
    CHECK_FALSE(std::signbit(sum_of({-0.0, -0.0})));
    CHECK_FALSE(std::signbit(sum_of({1, -1})));
}

TEST_CASE("infinities and NaN stay what they are") {
    CHECK(sum_of({1, inf, 2}) == inf);
    CHECK(sum_of({1, -inf, 2}) == -inf);
    CHECK(std::isnan(sum_of({inf, -inf})));
    CHECK(std::isnan(sum_of({1, not_a_number})));
    CHECK(std::isnan(sum_of({inf, not_a_number, -inf})));
    // Not even the largest doubles bring an infinite sum back.
    CHECK(sum_of({inf, -most, -most}) == inf);
    // At any place of a run, and of the next.
    for (const std::size_t at : {0, 1, 7, 254, 255, 256, 299}) {
        Numbers values(300, 1.0);
        values[at] = -inf;
        CHECK(sum_of(values) == -inf);
        values[at] = not_a_number;
        CHECK(std::isnan(sum_of(values)));
    }
}

TEST_CASE("parts that are put together know of each other's infinities") {
    CHECK(value_together({{1, inf}, {2}, {inf}}) == inf);
    CHECK(value_together({{1}, {-inf, 3}}) == -inf);
    CHECK(std::isnan(value_together({{inf}, {1}, {-inf}})));
    CHECK(std::isnan(value_together({Numbers{1}, Numbers{not_a_number}})));
    // What overflows in a part comes back in the whole.
    CHECK(value_together({{most, most}, {-most}, {-most, 3}}) == 3);
}

TEST_CASE("full runs of equal values, on either side of what parts can hold") {
    for (const std::size_t n : {1, 2, 255, 256, 257, 513})
        for (const int e : {-1074, -1022, -962, -910, -902, -901, -900, -899, -890, -48,  0,
                            1,     52,    980,  991,  992,  993,  999,  1000, 1001, 1010, 1023})
            for (const double v : {1.0, -0x1.fffffffffffffp+0, 0x1.0000000000001p+0}) {
                Numbers values(n, std::ldexp(v, e));
                sum_of(values);
                // Beside values that are smaller than the first, and than the second parts' last bit.
                for (std::size_t i = 1; i < n; i += 2) values[i] = std::ldexp(v, e - 51);
                for (std::size_t i = 2; i < n; i += 3) values[i] = std::ldexp(-v, e - 140);
                for (std::size_t i = 3; i < n; i += 5) values[i] = std::ldexp(v, e - 230);
                sum_of(values);
            }
}

TEST_CASE("what is left of a run's terms may cancel, all but little") {
    // The first pass leaves numbers around 2^-120 as they are; these cancel, and what
    // they hide has bits far below theirs.
    for (const int low : {-160, -172, -200, -240}) {
        Numbers values{1};
        for (std::uint64_t i = 0; i < 100; ++i) {
            const double v = std::ldexp(1 + lop::random_uniform(21, i), -120);
            values.push_back(v);
            values.push_back(-v);
            if (i % 10 == 0) values.push_back(std::ldexp(1 + lop::random_uniform(22, i), low));
        }
        std::mt19937 shuffle{4};
        for (int trial = 0; trial < 5; ++trial) {
            std::shuffle(values.begin(), values.end(), shuffle);
            sum_of(values);
        }
        *std::find(values.begin(), values.end(), 1.0) = 0;
        sum_of(values);
        values.push_back(1);
        values.push_back(-1);
        sum_of(values);
    }
}

TEST_CASE("no order and no cut changes a bit") {
    for (const auto& [low, high] : {std::pair{-1070, 1020}, {-30, 30}, {-900, -880}, {990, 1010}}) {
        Numbers values = spread(5000, low, high, 7);
        const double expected = sum_of(values);
        std::mt19937 shuffle{3};
        for (int trial = 0; trial < 5; ++trial) {
            std::shuffle(values.begin(), values.end(), shuffle);
            CHECK(same_bits(sum_of(values), expected));
            // In parts that are put together as integers.
            std::vector<Numbers> parts;
            for (auto at = values.begin(); at != values.end();) {
                const auto n = std::min<std::ptrdiff_t>(values.end() - at, shuffle() % 700 + 1);
                parts.emplace_back(at, at + n);
                at += n;
            }
            CHECK(same_bits(value_together(parts), expected));
        }
        Numbers negative = values;
        for (double& v : negative) v = -v;
        CHECK(same_bits(sum_of(negative), -expected));
        values.insert(values.end(), negative.begin(), negative.end());
        CHECK(same_bits(sum_of(values), 0.0));
    }
}

TEST_CASE("a sum of halves of doubles is the sum in whole numbers") {
    // Multiples of 2^-20 below 2^20: their sum is exact in 64 bits.
    std::int64_t whole = 0;
    Numbers values;
    for (std::uint64_t i = 0; i < 4000; ++i) {
        const auto k = static_cast<std::int64_t>(lop::random_uniform(5, i) * 0x1p+40) - (1LL << 39);
        whole += k;
        values.push_back(std::ldexp(static_cast<double>(k), -20));
    }
    CHECK(sum_of(values) == std::ldexp(static_cast<double>(whole), -20));
}

TEST_CASE("a sum doubled many times carries on") {
    ExactSum sum;
    sum.add(-0x1.fffffffffffffp-3);
    for (int k = 0; k < 60; ++k) {
        CHECK(sum.value() == std::ldexp(-0x1.fffffffffffffp-3, k));
        sum.add(sum);
    }
    // To the end of its range, and back.
    ExactSum above;
    ExactSum below;
    above.add(most);
    above.add(3);
    below.add(-most);
    for (int k = 0; k < 47; ++k) {
        above.add(above);
        below.add(below);
        CHECK(above.value() == inf);
        CHECK(below.value() == -inf);
    }
    above.add(below);
    CHECK(above.value() == 0x3p+47);
}

TEST_CASE("a sum takes over the infinities of another") {
    ExactSum one;
    one.add(1);
    ExactSum infinite;
    infinite.add(inf);
    one.add(infinite);
    CHECK(one.value() == inf);
    ExactSum opposite;
    opposite.add(-inf);
    one.add(opposite);
    CHECK(std::isnan(one.value()));
}

TEST_CASE("the words of 2^30 sums add up") {
    // The negative one that is nearest to zero has all bits set.
    for (const double v : {least, -least, 1.0, -0x1.fffffffffffffp+0, 0x1.fffffffffffffp+31,
                           -0x1.fffffffffffffp+900}) {
        ExactSum sum;
        for (int i = 0; i < 4096; ++i) sum.add(v);
        std::array<std::int64_t, ExactSum::words> words{};
        sum.to_words(words.data());
        for (std::int64_t& w : words) w *= std::int64_t{1} << 30;
        ExactSum many = ExactSum::from_words(words.data());
        CHECK(same_bits(many.value(), std::ldexp(v, 12 + 30)));
        // And once more, as the result of one meeting of ranks in the next.
        many.to_words(words.data());
        for (std::int64_t& w : words) w *= std::int64_t{1} << 30;
        CHECK(same_bits(ExactSum::from_words(words.data()).value(), std::ldexp(v, 12 + 60)));
    }
}

TEST_CASE("terms are added by any number of threads") {
    const auto real = [](index_t i) {
        return std::ldexp(lop::random_uniform(9, static_cast<std::uint64_t>(i)) - 0.5,
                          static_cast<int>(i % 200) - 100);
    };
    const auto complex = [&](index_t i) { return std::complex<double>{real(i), -real(i) / 3}; };
    constexpr index_t many = lop::parallel_threshold;
    for (const index_t n : {index_t{0}, index_t{1}, index_t{256}, index_t{257}, many - 1, many,
                            many + 1, index_t{300001}}) {
        ExactSum reals;
        ExactSum imaginaries;
        for (index_t i = 0; i < n; ++i) {
            reals.add(real(i));
            imaginaries.add(-real(i) / 3);
        }
        for (const int t : {1, 2, 3}) {
            const Team team{t};
            ExactSum sum;
            lop::add_terms<double>(real, n, &sum);
            CHECK(same_bits(sum.value(), reals.value()));
            std::array<ExactSum, 2> both{};
            lop::add_terms<std::complex<double>>(complex, n, both.data());
            CHECK(same_bits(both[0].value(), reals.value()));
            CHECK(same_bits(both[1].value(), imaginaries.value()));
            // To what was there before.
            sum.add(1e300);
            lop::add_terms<double>([&](index_t i) { return -real(i); }, n, &sum);
            CHECK(same_bits(sum.value(), 1e300));
        }
    }
}

namespace {

/// Terms that are there only once they were prepared, and for one call.
struct PreparedTerm {
    std::vector<double>* terms;
    void prepare(index_t begin, index_t end) const {
        for (index_t i = begin; i < end; ++i)
            (*terms)[static_cast<std::size_t>(i)] += static_cast<double>(i);
    }
    double operator()(index_t i) const {
        return std::exchange((*terms)[static_cast<std::size_t>(i)], not_a_number);
    }
};

}  // namespace

TEST_CASE("terms are prepared once, and before they are called") {
    for (const index_t n : {index_t{1}, index_t{1000}, lop::parallel_threshold + 77})
        for (const int t : {1, 3}) {
            const Team team{t};
            std::vector<double> terms(static_cast<std::size_t>(n), 0.0);
            ExactSum sum;
            lop::add_terms<double>(PreparedTerm{&terms}, n, &sum);
            CHECK(sum.value() == static_cast<double>(n * (n - 1) / 2));
            CHECK(std::all_of(terms.begin(), terms.end(), [](double v) { return std::isnan(v); }));
        }
}
