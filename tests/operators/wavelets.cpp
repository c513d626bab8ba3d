/// Wavelets: the filters' defining equations, laws, orthonormality and splits by hand.
#include <lop/operators/wavelets.hpp>

#include <lop/core/error.hpp>
#include <lop/testing/doctest.hpp>

#include <cmath>
#include <doctest/doctest.h>
#include <vector>

using namespace lop;
using lop::testing::check_laws;

namespace {

struct Chosen {
    WaveletFamily family;
    int order;
};

std::vector<Chosen> all_wavelets() {
    std::vector<Chosen> all{{WaveletFamily::haar, 1}};
    for (int order = 1; order <= 10; ++order) all.push_back({WaveletFamily::daubechies, order});
    for (int order = 2; order <= 8; ++order) all.push_back({WaveletFamily::symlet, order});
    return all;
}

}  // namespace

TEST_CASE("every filter is orthonormal to its even shifts and has its vanishing moments") {
    for (const Chosen& w : all_wavelets()) {
        INFO("order ", w.order);
        const auto h = wavelet_filter(w.family, w.order);
        const std::size_t n = h.size();
        CHECK(n == static_cast<std::size_t>(2 * w.order));
        for (std::size_t shift = 0; shift < n; shift += 2) {
            double sum = 0;
            for (std::size_t m = 0; m + shift < n; ++m) sum += h[m] * h[m + shift];
            CHECK(std::abs(sum - (shift == 0 ? 1 : 0)) < 4e-16);
        }
        for (int moment = 0; moment < w.order; ++moment) {
            double sum = 0;
            double scale = 0;
            for (std::size_t m = 0; m < n; ++m) {
                const double term = std::pow(static_cast<double>(m), moment) * h[n - 1 - m];
                sum += m % 2 == 0 ? term : -term;
                scale += std::abs(term);
            }
            CHECK(std::abs(sum) < 1e-15 * scale);
        }
    }
}

TEST_CASE("the filter of two moments is the one in every textbook") {
    const double r = std::sqrt(3.0);
    const double expected[] = {1 + r, 3 + r, 3 - r, 1 - r};
    const auto h = wavelet_filter(WaveletFamily::daubechies, 2);
    for (std::size_t m = 0; m < 4; ++m)
        CHECK(std::abs(h[m] - expected[m] / (4 * std::sqrt(2.0))) < 4e-16);
}

TEST_CASE_TEMPLATE("wavelet transforms obey the laws and are orthonormal", T, float, double,
                   std::complex<float>, std::complex<double>) {
    const double limit = exactness_limit<T>();
    const auto check = [=](const WaveletTransform<T>& W) {
        check_laws(W);
        const auto x = W.domain().random(3);
        CHECK(norm(W.H() * (W * x) - x) <= limit * norm(x));
        CHECK(norm(W * (W.H() * x) - x) <= limit * norm(x));
    };
    for (const Chosen& w : all_wavelets()) {
        check(WaveletTransform<T>{{2}, {.family = w.family, .order = w.order, .levels = 1}});
        check(WaveletTransform<T>{{64}, {.family = w.family, .order = w.order, .levels = 4}});
    }
    check(WaveletTransform<T>{{1}, {.levels = 0}});
    check(WaveletTransform<T>{{5, 24}, {.levels = 3}});
    check(WaveletTransform<T>{{24, 5}, {.levels = 2, .axes = {0}}});
    check(WaveletTransform<T>{{8, 12}, {.levels = 2, .axes = {0, 1}}});
    check(WaveletTransform<T>{{8, 3, 12}, {.levels = 2, .axes = {2, 0}}});
    check(WaveletTransform<T>{{8, 4, 12}, {.levels = 2, .axes = {0, 1, 2}}});
    check(WaveletTransform<T>{{256, 192}, {.levels = 4, .axes = {0, 1}}});
}

TEST_CASE("Haar splits means from differences, in one and two dimensions") {
    const double root = std::sqrt(2.0);
    const WaveletTransform<double> W{{4}, {.family = WaveletFamily::haar, .levels = 2}};
    auto x = W.domain().zeros();
    for (index_t i = 0; i < 4; ++i) x[i] = static_cast<double>((i + 1) * (i + 1));
    // 1 4 9 16: means (5, 25) / sqrt 2, differences (-3, -7) / sqrt 2; then 15 and -10.
    const auto y = W * x;
    const double expected[] = {15, -10, -3 / root, -7 / root};
    for (index_t i = 0; i < 4; ++i) CHECK(std::abs(y[i] - expected[i]) < 1e-14);

    const WaveletTransform<double> V{{2, 2},
                                     {.family = WaveletFamily::haar, .levels = 1, .axes = {0, 1}}};
    auto image = V.domain().zeros();
    for (index_t i = 0; i < 4; ++i) image[i] = x[i];
    const auto z = V * image;
    const double split[] = {15, -5, -10, 2};
    for (index_t i = 0; i < 4; ++i) CHECK(std::abs(z[i] - split[i]) < 1e-14);
}

TEST_CASE("polynomials below the order have no details away from the seam") {
    const WaveletTransform<double> W{{64}, {.order = 4, .levels = 1}};
    auto x = W.domain().zeros();
    for (index_t i = 0; i < 64; ++i) {
        const double t = static_cast<double>(i) / 64;
        x[i] = 1 - 2 * t + 3 * t * t - t * t * t;
    }
    const auto y = W * x;
    for (index_t k = 32; k < 32 + 28; ++k) CHECK(std::abs(y[k]) < 1e-14);
}

TEST_CASE("impossible wavelet transforms are refused by name") {
    using W = WaveletTransform<double>;
    CHECK_THROWS_WITH_AS((W{{12}, {.levels = 3}}), doctest::Contains("a multiple of 8 samples"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS((W{{8}, {.axes = {1}}}),
                         doctest::Contains("WaveletTransform along axis 1"), ArgumentError);
    CHECK_THROWS_WITH_AS((W{{8, 8}, {.axes = {1, -1}}}), doctest::Contains("twice"), ArgumentError);
    CHECK_THROWS_WITH_AS((W{{8}, {.order = 11}}),
                         doctest::Contains("a Daubechies wavelet of order 11"), ArgumentError);
    CHECK_THROWS_WITH_AS((W{{8}, {.family = WaveletFamily::symlet, .order = 1}}),
                         doctest::Contains("a symlet of order 1"), ArgumentError);
    CHECK_THROWS_WITH_AS((W{{8}, {.levels = -1}}), doctest::Contains("-1 levels"), ArgumentError);
}
