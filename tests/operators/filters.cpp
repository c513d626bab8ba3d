/// Filters along an axis: laws, and responses a reader can check by hand.
#include <lop/operators/filters.hpp>

#include <lop/core/error.hpp>
#include <lop/testing/doctest.hpp>

#include <cmath>
#include <doctest/doctest.h>
#include <numbers>

using namespace lop;
using lop::testing::check_laws;

namespace {

using Z = std::complex<double>;
constexpr double pi = std::numbers::pi;

/// Neither real nor even, so that a conjugate left out shows.
Z skew(double f) { return {1 / (1 + f * f), std::sin(f) + 0.3}; }

}  // namespace

TEST_CASE_TEMPLATE("filters obey the laws along any axis", T, float, double, std::complex<float>,
                   std::complex<double>) {
    const Shape shapes[] = {{1}, {2}, {9}, {16}, {7, 6}, {5, 1}, {3, 4, 5}, {2, 3, 17, 2}};
    for (const Shape& shape : shapes)
        for (int axis = 0; axis < shape.rank(); ++axis)
            for (const index_t extra : {0, 5}) {
                const index_t nfft = shape[axis] + extra;
                const FrequencyFilterOptions options{.axis = axis, .interval = 0.1, .nfft = nfft};
                check_laws(FrequencyFilter<T>{shape, skew, options});
                if (nfft > 1) check_laws(HalfDerivative<T>{shape, options});
            }
    check_laws(FrequencyFilter<T>{{200, 300}, skew, {.axis = 0}});
    check_laws(TimeGain<T>{{3, 7, 2}, 1.5, {.axis = 1, .interval = 0.004}});
}

TEST_CASE("a band-pass keeps, halves and removes the sines it should") {
    const auto band = band_pass({.low_stop = 2, .low_pass = 4, .high_pass = 8, .high_stop = 12});
    CHECK(band(2) == 0);
    CHECK(band(-3) == doctest::Approx(0.5).epsilon(1e-14));
    CHECK(band(6) == 1);
    CHECK(band(10) == doctest::Approx(0.5).epsilon(1e-14));
    CHECK(band(20) == 0);
    const FrequencyFilter<double> B{{100}, band, {.interval = 0.01}};
    for (const double f : {1.0, 3.0, 6.0, 10.0, 20.0}) {
        auto x = B.domain().zeros();
        for (index_t i = 0; i < 100; ++i)
            x[i] = std::sin(2 * pi * f * 0.01 * static_cast<double>(i) + 0.3);
        CHECK(norm(B * x - band(f) * x) < 1e-13);
    }
    CHECK_THROWS_WITH_AS(band_pass({.low_pass = 5, .high_pass = 3, .high_stop = 8}),
                         doctest::Contains("3 Hz after 5 Hz"), ArgumentError);
}

TEST_CASE("two half derivatives of a sine are its derivative") {
    const double dt = 0.02;
    const HalfDerivative<double> H{{50}, {.interval = dt}};
    auto x = H.domain().zeros();
    auto expected = H.domain().zeros();
    for (index_t i = 0; i < 50; ++i) {
        const double t = dt * static_cast<double>(i);
        x[i] = std::sin(2 * pi * 3 * t);
        expected[i] = 2 * pi * 3 * std::cos(2 * pi * 3 * t);
    }
    CHECK(norm(H * (H * x) - expected) < 1e-12 * norm(expected));
    // The adjoint turns the phase the other way: together they only scale, by the frequency.
    CHECK(norm(H.H() * (H * x) - (2 * pi * 3) * x) < 1e-12 * norm(expected));
}

TEST_CASE("a time gain of power two squares the times") {
    const TimeGain<double> G{{2, 4}, 2, {.interval = 0.5, .start = 1}};
    auto ones = G.domain().zeros();
    ones.fill(1);
    const auto y = G * ones;
    const double expected[] = {1, 2.25, 4, 6.25, 1, 2.25, 4, 6.25};
    for (index_t i = 0; i < 8; ++i) CHECK(y[i] == doctest::Approx(expected[i]).epsilon(1e-15));
}

TEST_CASE("impossible filters are refused by name") {
    const auto one = [](double) { return 1; };
    CHECK_THROWS_WITH_AS((FrequencyFilter<double>{{4}, one, {.axis = 1}}),
                         doctest::Contains("FrequencyFilter along axis 1"), ArgumentError);
    CHECK_THROWS_WITH_AS((FrequencyFilter<double>{{4}, one, {.interval = 0}}),
                         doctest::Contains("a positive interval"), ArgumentError);
    CHECK_THROWS_WITH_AS((HalfDerivative<double>{{4}, {.nfft = 3}}),
                         doctest::Contains("HalfDerivative: nfft along axis 0"), ArgumentError);
    CHECK_THROWS_WITH_AS((FrequencyFilter<double>{{4}, [](double f) { return 1 / f; }}),
                         doctest::Contains("the response at 0 Hz"), ArgumentError);
    CHECK_THROWS_WITH_AS((TimeGain<double>{{4}, -1.0}),
                         doctest::Contains("TimeGain: 0 s to the power of -1"), ArgumentError);
}
