/// Fourier transforms: laws on every axis and size, and sums a reader can check by hand.
#include <lop/operators/fourier.hpp>

#include <lop/core/error.hpp>
#include <lop/testing/doctest.hpp>

#include <cmath>
#include <doctest/doctest.h>
#include <numbers>

using namespace lop;
using lop::testing::check_laws;

namespace {

using Z = std::complex<double>;

/// The sum that the transform is, along the last axis of one line.
std::vector<Z> plain_dft(const std::vector<Z>& x, index_t nfft) {
    std::vector<Z> y;
    for (index_t k = 0; k < nfft; ++k) {
        Z sum = 0;
        for (std::size_t j = 0; j < x.size(); ++j)
            sum += x[j] * std::polar(1.0, -2 * std::numbers::pi *
                                              static_cast<double>(k * static_cast<index_t>(j)) /
                                              static_cast<double>(nfft));
        y.push_back(sum);
    }
    return y;
}

template <class T> double distance(const Array<T>& a, const Array<T>& b) {
    return norm(a - b) / norm(b);
}

}  // namespace

TEST_CASE_TEMPLATE("complex transforms obey the laws along any axes", T, std::complex<float>,
                   std::complex<double>) {
    const Shape shapes[] = {{1}, {8}, {15}, {7, 6}, {5, 1}, {3, 4, 5}, {2, 3, 17, 2}};
    for (const Shape& shape : shapes)
        for (int axis = 0; axis < shape.rank(); ++axis)
            check_laws(FourierTransform<T>{shape, {.axes = {axis}}});
    for (const FourierNorm norm : {FourierNorm::ortho, FourierNorm::none, FourierNorm::by_n})
        check_laws(FourierTransform<T>{{4, 5, 6},
                                       {.axes = {2, 0},
                                        .nfft = {9, 4},
                                        .norm = norm,
                                        .ifftshift_before = true,
                                        .fftshift_after = true}});
    check_laws(FourierTransform<T>{{4, 5, 6}, {.axes = {0, 1, 2}, .nfft = {5, 8, 7}}});
    check_laws(FourierTransform<T>{{300, 257}, {.axes = {0, 1}}});
}

TEST_CASE_TEMPLATE("real transforms obey the laws along any axes", T, float, double) {
    const Shape shapes[] = {{1}, {2}, {8}, {15}, {7, 6}, {5, 1}, {3, 4, 5}, {2, 3, 17, 2}};
    for (const Shape& shape : shapes)
        for (int axis = 0; axis < shape.rank(); ++axis)
            for (const bool isometric : {true, false})
                check_laws(
                    RealFourierTransform<T>{shape, {.axes = {axis}, .isometric = isometric}});
    for (const FourierNorm norm : {FourierNorm::ortho, FourierNorm::none, FourierNorm::by_n})
        check_laws(RealFourierTransform<T>{{4, 5, 6},
                                           {.axes = {2, 0},
                                            .nfft = {9, 6},
                                            .norm = norm,
                                            .ifftshift_before = true,
                                            .fftshift_after = true}});
    check_laws(RealFourierTransform<T>{{4, 5, 6}, {.axes = {0, 1, 2}, .nfft = {5, 8, 10}}});
    check_laws(RealFourierTransform<T>{{300, 257}, {.axes = {0, 1}}});
}

TEST_CASE("four samples are transformed by hand") {
    // x = (1, 2, 3, 4): sums 10, -2 + 2i, -2, -2 - 2i.
    const FourierTransform<Z> F{{4}, {.norm = FourierNorm::none}};
    auto x = F.domain().zeros();
    for (index_t i = 0; i < 4; ++i) x[i] = static_cast<double>(i + 1);
    const auto y = F * x;
    const Z expected[] = {10, {-2, 2}, -2, {-2, -2}};
    for (index_t k = 0; k < 4; ++k) CHECK(std::abs(y[k] - expected[k]) < 1e-15);
    const FourierTransform<Z> shifted{
        {4}, {.norm = FourierNorm::none, .ifftshift_before = true, .fftshift_after = true}};
    // ifftshift: (3, 4, 1, 2), sums 10, 2 - 2i, -2, 2 + 2i; fftshift: frequency -2 comes first.
    const auto z = shifted * x;
    const Z moved[] = {-2, {2, 2}, 10, {2, -2}};
    for (index_t k = 0; k < 4; ++k) CHECK(std::abs(z[k] - moved[k]) < 1e-15);

    const RealFourierTransform<double> R{{4}, {.norm = FourierNorm::none, .isometric = false}};
    auto r = R.domain().zeros();
    for (index_t i = 0; i < 4; ++i) r[i] = static_cast<double>(i + 1);
    const auto half = R * r;
    CHECK(half.size() == 3);
    for (index_t k = 0; k < 3; ++k) CHECK(std::abs(half[k] - expected[k]) < 1e-15);
}

TEST_CASE("transforms equal the plain sum, of any length and with padding") {
    for (const index_t n : {1, 2, 3, 5, 7, 12, 31, 64})
        for (const index_t nfft : {n, n + 3}) {
            const FourierTransform<Z> F{{n}, {.nfft = {nfft}, .norm = FourierNorm::by_n}};
            const auto x = F.domain().random(4);
            const auto y = F * x;
            const auto expected = plain_dft({x.begin(), x.end()}, nfft);
            for (index_t k = 0; k < nfft; ++k)
                CHECK(std::abs(y[k] * static_cast<double>(nfft) -
                               expected[static_cast<std::size_t>(k)]) < 1e-12);
        }
}

TEST_CASE("unitary transforms keep the norm, and inverses bring the samples back") {
    const FourierTransform<Z> F{{9, 10}, {.axes = {0, 1}}};
    const auto x = F.domain().random(1);
    CHECK(std::abs(norm(F * x) / norm(x) - 1) < 1e-14);
    CHECK(distance(F.H() * (F * x), x) < 1e-14);
    for (const Shape& shape : {Shape{9, 10}, Shape{10, 9}}) {
        const RealFourierTransform<double> R{shape, {.axes = {0, 1}}};
        const auto r = R.domain().random(1);
        CHECK(std::abs(norm(R * r) / norm(r) - 1) < 1e-14);
        CHECK(distance(R.H() * (R * r), r) < 1e-14);
    }
    for (const FourierNorm norm : {FourierNorm::ortho, FourierNorm::none, FourierNorm::by_n}) {
        const FourierTransform<Z> P{{9, 10}, {.axes = {1, 0}, .nfft = {12, 9}, .norm = norm}};
        CHECK(distance(P.inverse(P * x), x) < 1e-14);
        for (const bool isometric : {true, false}) {
            const RealFourierTransform<double> Q{
                {9, 10}, {.axes = {1, 0}, .nfft = {12, 9}, .norm = norm, .isometric = isometric}};
            const auto r = Q.domain().random(1);
            CHECK(distance(Q.inverse(Q * r), r) < 1e-14);
        }
    }
}

TEST_CASE("frequencies are listed as the transform orders them") {
    CHECK(fourier_frequencies(4, 0.25) == std::vector<double>{0, 1, -2, -1});
    CHECK(fourier_frequencies(5, 0.2) == std::vector<double>{0, 1, 2, -2, -1});
    CHECK(real_fourier_frequencies(4, 0.25) == std::vector<double>{0, 1, 2});
    CHECK(real_fourier_frequencies(5, 0.2) == std::vector<double>{0, 1, 2});
}

TEST_CASE("axes that there are not, are given twice or too short, are refused by name") {
    CHECK_THROWS_WITH_AS((FourierTransform<Z>{{4, 5}, {.axes = {2}}}),
                         doctest::Contains("FourierTransform along axis 2"), ArgumentError);
    CHECK_THROWS_WITH_AS((FourierTransform<Z>{{4, 5}, {.axes = {1, -1}}}),
                         doctest::Contains("twice"), ArgumentError);
    CHECK_THROWS_WITH_AS((RealFourierTransform<double>{{4, 5}, {.axes = {0}, .nfft = {3}}}),
                         doctest::Contains("nfft along axis 0"), ArgumentError);
    CHECK_THROWS_WITH_AS((RealFourierTransform<double>{{4, 5}, {.axes = {0}, .nfft = {4, 5}}}),
                         doctest::Contains("one number for each of 1 axis"), ArgumentError);
    CHECK_THROWS_WITH_AS((FourierTransform<Z>{{4, 0}}), doctest::Contains("at least one sample"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS((FourierTransform<Z>{{4, 5}, {.axes = {}}}),
                         doctest::Contains("along no axis"), ArgumentError);
}
