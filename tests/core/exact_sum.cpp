/// Exact sums: numbers to check by hand, and sums that no order changes.
#include <lop/core/exact_sum.hpp>

#include <lop/core/random.hpp>

#include <algorithm>
#include <doctest/doctest.h>
#include <limits>
#include <omp.h>
#include <random>
#include <vector>

using lop::ExactSum;
using lop::index_t;

namespace {

using Numbers = std::vector<double>;
constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double most = std::numeric_limits<double>::max();
constexpr double least = std::numeric_limits<double>::denorm_min();

/// In runs, and one by one; both must agree.
double sum_of(const Numbers& values) {
    ExactSum runs;
    runs.add(values);
    ExactSum single;
    for (const double v : values) single.add(v);
    if (std::isnan(single.value())) CHECK(std::isnan(runs.value()));
    else CHECK(runs.value() == single.value());
    return single.value();
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
        CHECK(sum_of({one, half, half * 0x1p-60}) == one + 2 * half);
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
    CHECK(std::isnan(sum_of({1, std::numeric_limits<double>::quiet_NaN()})));
}

TEST_CASE("no order and no cut changes a bit") {
    for (const auto& [low, high] : {std::pair{-1070, 1020}, {-30, 30}, {-900, -880}, {990, 1010}}) {
        Numbers values = spread(5000, low, high, 7);
        const double expected = sum_of(values);
        std::mt19937 shuffle{3};
        for (int trial = 0; trial < 5; ++trial) {
            std::shuffle(values.begin(), values.end(), shuffle);
            CHECK(sum_of(values) == expected);
            // In parts that are put together as integers.
            std::array<std::int64_t, ExactSum::words> all{};
            std::array<std::int64_t, ExactSum::words> words{};
            for (std::size_t at = 0; at < values.size();) {
                const std::size_t n =
                    std::min<std::size_t>(values.size() - at, shuffle() % 700 + 1);
                ExactSum part;
                part.add(std::span{values}.subspan(at, n));
                part.to_words(words.data());
                for (std::size_t w = 0; w < words.size(); ++w) all[w] += words[w];
                at += n;
            }
            CHECK(ExactSum::from_words(all.data()).value() == expected);
        }
        Numbers negative = values;
        for (double& v : negative) v = -v;
        CHECK(sum_of(negative) == -expected);
        values.insert(values.end(), negative.begin(), negative.end());
        CHECK(sum_of(values) == 0);
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
        sum.add(ExactSum{sum});
    }
}

TEST_CASE("terms are added by any number of threads") {
    const index_t n = 300001;
    const auto real = [](index_t i) {
        return std::ldexp(lop::random_uniform(9, static_cast<std::uint64_t>(i)) - 0.5,
                          static_cast<int>(i % 200) - 100);
    };
    const auto complex = [&](index_t i) { return std::complex<double>{real(i), -real(i) / 3}; };
    ExactSum expected;
    for (index_t i = 0; i < n; ++i) expected.add(real(i));
    const int threads = omp_get_max_threads();
    for (const int t : {1, 2, 3}) {
        omp_set_num_threads(t);
        ExactSum sum;
        lop::add_terms<double>(real, n, &sum);
        CHECK(sum.value() == expected.value());
        std::array<ExactSum, 2> both{};
        lop::add_terms<std::complex<double>>(complex, n, both.data());
        CHECK(both[0].value() == expected.value());
        CHECK((both[1].value() < 0) == (expected.value() > 0));
    }
    omp_set_num_threads(threads);
}
