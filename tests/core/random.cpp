/// Tests of the keyed random numbers: known values, statistics, independence of streams.
#include <lop/core/random.hpp>

#include <algorithm>
#include <complex>
#include <doctest/doctest.h>
#include <vector>

using namespace lop;

TEST_CASE("the mixing is that of splitmix64: its published sequences begin like this") {
    CHECK(mix_bits(0) == 0xe220a8397b1dcdafULL);
    CHECK(mix_bits(1234567) == 6457827717110365317ULL);
    CHECK(mix_bits(1234567 + 0x9e3779b97f4a7c15ULL) == 3203168211198807973ULL);
}

// Computed once from the definition, in another language.
TEST_CASE("the streams are stable: a seed means the same numbers for ever") {
    CHECK(random_bits(0, 0) == 0xd300120a5ea35cacULL);
    CHECK(random_bits(1, 1) == 0x01936f4a266fab1eULL);
    CHECK(random_bits(42, 1000000) == 0x97432ebfb344c425ULL);
    CHECK(random_uniform(42, 1000000) == 0.5908688753145439);
    CHECK(random_normal(0, 0) == doctest::Approx(-1.5910628941707763).epsilon(1e-15));
    CHECK(random_normal(1, 1) == doctest::Approx(-0.3751303514451967).epsilon(1e-15));
}

TEST_CASE("values of any scalar come from the same normal numbers") {
    CHECK(random_value<double>(7, 5) == random_normal(7, 5));
    CHECK(random_value<float>(7, 5) == static_cast<float>(random_normal(7, 5)));
    const auto z = random_value<std::complex<double>>(7, 5);
    CHECK(z.real() == random_normal(7, 10));
    CHECK(z.imag() == random_normal(7, 11));
}

TEST_CASE("uniform numbers lie in [0, 1) with mean 1/2 and variance 1/12") {
    constexpr int count = 100000;
    double sum = 0;
    double squares = 0;
    double least = 1;
    double greatest = 0;
    for (int i = 0; i < count; ++i) {
        const double u = random_uniform(3, static_cast<std::uint64_t>(i));
        sum += u;
        squares += (u - 0.5) * (u - 0.5);
        least = std::min(least, u);
        greatest = std::max(greatest, u);
    }
    CHECK(least >= 0);
    CHECK(greatest < 1);
    // Four standard errors: sqrt(1/12/n) of the mean, sqrt(1/180/n) of the variance.
    CHECK(std::abs(sum / count - 0.5) < 4 * std::sqrt(1.0 / 12 / count));
    CHECK(std::abs(squares / count - 1.0 / 12) < 4 * std::sqrt(1.0 / 180 / count));
}

TEST_CASE("normal numbers have the first four moments of the standard normal") {
    constexpr int count = 100000;
    double moment[5] = {};
    for (int i = 0; i < count; ++i) {
        const double x = random_normal(11, static_cast<std::uint64_t>(i));
        for (int k = 1; k <= 4; ++k) moment[k] += std::pow(x, k) / count;
    }
    // Variances of x, x^2, x^3, x^4: 1, 2, 15, 96.
    CHECK(std::abs(moment[1]) < 4 * std::sqrt(1.0 / count));
    CHECK(std::abs(moment[2] - 1) < 4 * std::sqrt(2.0 / count));
    CHECK(std::abs(moment[3]) < 4 * std::sqrt(15.0 / count));
    CHECK(std::abs(moment[4] - 3) < 4 * std::sqrt(96.0 / count));
}

TEST_CASE("neighbouring indices and neighbouring seeds are uncorrelated") {
    constexpr int count = 100000;
    double along = 0;
    double across = 0;
    for (int i = 0; i < count; ++i) {
        const auto at = static_cast<std::uint64_t>(i);
        along += random_normal(5, at) * random_normal(5, at + 1) / count;
        across += random_normal(5, at) * random_normal(6, at) / count;
    }
    CHECK(std::abs(along) < 4 * std::sqrt(1.0 / count));
    CHECK(std::abs(across) < 4 * std::sqrt(1.0 / count));
}

TEST_CASE("each bit is set half of the time") {
    constexpr int count = 20000;
    std::vector<int> ones(64);
    for (int i = 0; i < count; ++i) {
        const std::uint64_t bits = random_bits(9, static_cast<std::uint64_t>(i));
        for (int b = 0; b < 64; ++b)
            ones[static_cast<std::size_t>(b)] += static_cast<int>(bits >> b & 1);
    }
    // Five standard deviations, for 64 bits.
    for (const int n : ones) CHECK(std::abs(n - count / 2) < 5 * std::sqrt(count / 4.0));
}
