/// Curvelets: laws, the tight frame, waves and edges by hand, and numbers of another implementation.
#include <lop/operators/curvelets.hpp>

#include <lop/core/error.hpp>
#include <lop/testing/doctest.hpp>

#include <algorithm>
#include <cmath>
#include <complex>
#include <doctest/doctest.h>
#include <functional>
#include <numbers>
#include <numeric>
#include <vector>

using namespace lop;
using lop::testing::check_laws;

namespace {

constexpr double pi = std::numbers::pi;

std::vector<CurveletOptions> variants() {
    return {{},
            {.scales = 2},
            {.scales = 4},
            {.wedges = {4}, .overlap = 0.25},
            {.wedges = {5}, .overlap = 0.1},
            {.scales = 4, .wedges = {3, 3}},
            {.wedges = {6}, .directional_finest = false},
            {.scales = 2, .directional_finest = false}};
}

template <Scalar T> void check_tight(const CurveletTransform<T>& A) {
    const double limit = exactness_limit<T>();
    const auto x = A.domain().random(3);
    const auto y = A * x;
    CHECK(std::abs(norm(y) - norm(x)) <= limit * norm(x));
    CHECK(norm(A.H() * y - x) <= limit * norm(x));
}

/// The one band with these numbers.
template <Scalar T> const CurveletBand& band_of(const CurveletTransform<T>& A, int scale, int axis,
                                                const std::vector<int>& wedge, int side = 1) {
    for (const auto& band : A.bands())
        if (band.scale == scale && band.axis == axis && band.side == side && band.wedge == wedge)
            return band;
    FAIL("no such band");
    return A.bands().front();
}

index_t place_in(const Shape& shape, const std::vector<index_t>& at) {
    index_t place = 0;
    for (int a = 0; a < shape.rank(); ++a)
        place = place * shape[a] + at[static_cast<std::size_t>(a)];
    return place;
}

/// Whole numbers from -8 to 8 without a pattern.
Array<double> patternless(const Shape& shape) {
    Array<double> x{shape};
    index_t place = 0;
    for (index_t i = 0; i < shape[0]; ++i)
        for (index_t j = 0; j < shape[1]; ++j)
            for (index_t k = 0; k < (shape.rank() == 3 ? shape[2] : 1); ++k)
                x[place++] = static_cast<double>(
                    (7 * i * i + 13 * j + 5 * i * j + 11 * k * k + 3 * j * k) % 17 - 8);
    return x;
}

double energy(const Array<std::complex<double>>& y, const CurveletBand& band) {
    double sum = 0;
    for (index_t i = 0; i < band.shape.size(); ++i) sum += std::norm(y[band.first + i]);
    return sum;
}

struct Known {
    int scale;
    int axis;
    std::vector<int> wedge;
    std::vector<index_t> at;
    std::complex<double> value;
};

void check_known(const Shape& shape, const std::vector<Known>& known) {
    const CurveletTransform<double> A{shape};
    const auto y = A * patternless(shape);
    for (const auto& [scale, axis, wedge, at, value] : known) {
        const auto& band = band_of(A, scale, axis, wedge);
        CHECK(std::abs(y[band.first + place_in(band.shape, at)] - value) < 1e-13);
    }
}

}  // namespace

TEST_CASE_TEMPLATE("curvelet transforms obey the laws and are tight frames", T, float, double,
                   std::complex<float>, std::complex<double>) {
    const auto check = [](const Shape& shape, const CurveletOptions& options = {}) {
        const CurveletTransform<T> A{shape, options};
        check_laws(A);
        check_tight(A);
    };
    for (const auto& options : variants()) {
        check({32, 32}, options);
        check({13, 21}, options);
    }
    check({1, 1});
    check({1, 7});
    check({9, 1});
    check({250, 140});  // on threads
    for (const Shape shape : {Shape{1, 1, 1}, Shape{5, 7, 6}, Shape{8, 12, 4}}) check(shape);
    check({9, 8, 7}, {.scales = 2, .wedges = {4}, .overlap = 0.25});
    check({9, 8, 7}, {.wedges = {3}, .directional_finest = false});
}

TEST_CASE_TEMPLATE("the frame is tight for any wedges, overlaps and extents", T, float,
                   std::complex<double>) {
    for (const int wedges : {3, 4, 5, 6, 7, 8, 9, 12})
        for (const double overlap : {0.01, 0.05, 1.0 / 16})
            check_tight(CurveletTransform<T>{{48, 40}, {.wedges = {wedges}, .overlap = overlap}});
    for (const int wedges : {4, 8, 16})
        check_tight(CurveletTransform<T>{{64, 96}, {.wedges = {wedges}, .overlap = 0.25}});
    for (const int wedges : {5, 6, 9, 12})
        check_tight(CurveletTransform<T>{{64, 96}, {.wedges = {wedges}, .overlap = 0.5}});
    for (index_t n = 1; n < 20; ++n) check_tight(CurveletTransform<T>{{n, 23}});
    check_tight(CurveletTransform<T>{{24, 24, 24}});
    check_tight(CurveletTransform<T>{{20, 17, 31}, {.wedges = {3, 4}}});
    check_tight(CurveletTransform<T>{{32, 32, 32}, {.scales = 4, .directional_finest = false}});
}

TEST_CASE_TEMPLATE("bands lie one behind the other and thin out the padded array", T, double,
                   std::complex<double>) {
    for (const auto& options : variants()) {
        const CurveletTransform<T> A{{21, 13, 9}, options};
        index_t next = 0;
        for (const auto& band : A.bands()) {
            CHECK(band.first == next);
            next += band.shape.size();
            for (int a = 0; a < 3; ++a) CHECK(band.shape[a] * band.step[a] == A.padded()[a]);
        }
        CHECK(A.range().size() == next);
    }
}

TEST_CASE("steps between curvelets are those of the paper") {
    // Lengths double from scale to scale, widths too, and wedges with them: 2 and 4 samples at the
    // finest of three scales, 4 and 4 at the next one, 2 and 2 without direction.
    const CurveletTransform<double> A{{48, 96}};
    CHECK(A.bands().size() == 1 + 2 * 3 + 2 * 6);
    CHECK(A.padded() == Shape{48, 96});
    CHECK(A.bands().front().step == Shape{2, 2});
    CHECK(band_of(A, 1, 0, {2}).step == Shape{4, 4});
    CHECK(band_of(A, 2, 0, {5}).step == Shape{2, 4});
    CHECK(band_of(A, 2, 1, {0}).step == Shape{4, 2});
    CHECK(band_of(A, 2, 1, {0}).shape == Shape{12, 48});
    CHECK(band_of(A, 2, 1, {0}).slope[0] == doctest::Approx(-5.0 / 6));
    CHECK(CurveletTransform<double>{{46, 93}}.padded() == Shape{48, 96});
    CHECK(CurveletTransform<float>{{12, 12, 12}}.bands().size() == 1 + 3 * 9 + 3 * 36);
    CHECK(CurveletTransform<std::complex<float>>{{12, 12}}.bands().size() == 1 + 2 * 2 * 9);
}

TEST_CASE("a wave in the middle of a wedge has one band, with coefficients of one size") {
    // Frequency (16, 3) of 48: a third of the sampling rate along axis 0, where the finest window is
    // one, with slope 3 / 16 in the fourth of six wedges, 0 to 1/3.
    using C = std::complex<double>;
    const CurveletTransform<C> A{{48, 48}};
    for (const int side : {1, -1}) {
        auto x = A.domain().zeros();
        for (index_t i = 0; i < 48; ++i)
            for (index_t j = 0; j < 48; ++j)
                x(i, j) = std::polar(1.0, side * 2 * pi * static_cast<double>(16 * i + 3 * j) / 48);
        const auto y = A * x;
        const auto& band = band_of(A, 2, 0, {3}, side);
        const double size = std::sqrt(48.0 * 48 / (24 * 12));
        double others = 0;
        for (const auto& b : A.bands())
            if (&b != &band) others += energy(y, b);
        CHECK(others < 1e-24);
        for (index_t i = 0; i < 24; ++i)
            for (index_t j = 0; j < 12; ++j) {
                const double phase =
                    side * 2 * pi * static_cast<double>(16 * 2 * i + 3 * 4 * j) / 48;
                CHECK(std::abs(y[band.first + 12 * i + j] - std::polar(size, phase)) < 1e-12);
            }
    }
    // Its real part: half the amplitude on each side, and sqrt(2) for the side that is not kept.
    const CurveletTransform<double> B{{48, 48}};
    auto x = B.domain().zeros();
    for (index_t i = 0; i < 48; ++i)
        for (index_t j = 0; j < 48; ++j)
            x(i, j) = std::cos(2 * pi * static_cast<double>(16 * i + 3 * j) / 48);
    const auto y = B * x;
    CHECK(std::abs(y[band_of(B, 2, 0, {3}).first] - 2.0) < 1e-13);
}

TEST_CASE("the matrix of four samples can be written down") {
    // Frequencies 0 and Nyquist. Nyquist along one axis has half the energy in the middle wedge about
    // it, and half in its mirror image; along both, a quarter in each of the four outer wedges.
    const CurveletTransform<double> A{{2, 2}, {.scales = 2}};
    const double q = 0.25;
    const double h = 0.5;
    const double rows[10][4] = {{q, q, q, q},   {q, q, q, q},   {q, q, q, q},   {q, q, q, q},
                                {q, -q, -q, q}, {h, h, -h, -h}, {q, -q, -q, q},  // about axis 0
                                {q, -q, -q, q}, {h, -h, h, -h}, {q, -q, -q, q}};
    REQUIRE(A.range().size() == 10);
    for (index_t column = 0; column < 4; ++column) {
        auto x = A.domain().zeros();
        x[column] = 1;
        const auto y = A * x;
        for (index_t row = 0; row < 10; ++row) CHECK(std::abs(y[row] - rows[row][column]) < 1e-15);
    }
}

TEST_CASE("a constant has coefficients at the coarsest scale alone") {
    const CurveletTransform<double> A{{8, 12}};
    auto x = A.domain().zeros();
    x.fill(3);
    const auto y = A * x;
    const auto& coarsest = A.bands().front();
    for (index_t i = 0; i < A.range().size(); ++i)
        CHECK(std::abs(y[i] - (i < coarsest.shape.size() ? 6.0 : 0.0)) < 1e-13);  // 3 sqrt(2 2)
}

TEST_CASE("an array that is moved by steps has coefficients that are moved by places") {
    const CurveletTransform<double> A{{24, 32}};
    const auto x = A.domain().random(5);
    auto moved = x;
    for (index_t i = 0; i < 24; ++i)
        for (index_t j = 0; j < 32; ++j) moved((i + 4) % 24, (j + 8) % 32) = x(i, j);
    const auto y = A * x;
    const auto z = A * moved;
    for (const auto& band : A.bands()) {
        const index_t rows = band.shape[0];
        const index_t columns = band.shape[1];
        for (index_t i = 0; i < rows; ++i)
            for (index_t j = 0; j < columns; ++j) {
                const index_t to =
                    (i + 4 / band.step[0]) % rows * columns + (j + 8 / band.step[1]) % columns;
                CHECK(std::abs(z[band.first + to] - y[band.first + i * columns + j]) < 1e-13);
            }
    }
}

TEST_CASE("coefficients in single precision are those in double, also where windows almost end") {
    // A wave just past the plateau of the coarsest low pass, 1 / 6 of the sampling rate: with
    // x = 1 / 50 its squared window at the finer scale is ramp(x), which 1 - (1 - ramp(x)) is not.
    const CurveletTransform<double> A{{300, 24}, {.scales = 2}};
    const CurveletTransform<float> B{{300, 24}, {.scales = 2}};
    auto x = A.domain().zeros();
    auto x_single = B.domain().zeros();
    for (index_t i = 0; i < 300; ++i)
        for (index_t j = 0; j < 24; ++j) {
            x(i, j) = std::cos(2 * pi * static_cast<double>(51 * i) / 300);
            x_single(i, j) = static_cast<float>(x(i, j));
        }
    const auto y = A * x;
    const auto y_single = B * x_single;
    const auto& band = band_of(A, 1, 0, {1});
    REQUIRE(energy(y, band) > 0);
    double difference = 0;
    for (index_t i = band.first; i < band.first + band.shape.size(); ++i)
        difference += std::norm(std::complex<double>{y_single[i]} - y[i]);
    CHECK(difference < 1e-7 * energy(y, band));
}

TEST_CASE("a straight edge is sparse, and lies in the wedges of its direction") {
    constexpr index_t n = 128;
    // Across the edge, the second axis changes `slope` times as much as the first.
    for (const double slope : {0.4, 0.75, -0.2}) {
        const CurveletTransform<double> A{{n, n}, {.scales = 4}};
        auto x = A.domain().zeros();
        const double length = std::hypot(1, slope);
        for (index_t i = 0; i < n; ++i)
            for (index_t j = 0; j < n; ++j) {
                const double u = static_cast<double>(i - n / 2);
                const double v = static_cast<double>(j - n / 2);
                const double taper = std::exp(-(u * u + v * v) / (2 * 20 * 20));
                x(i, j) = taper * std::erf((u + slope * v) / length);
            }
        const auto y = A * x;
        for (const int scale : {2, 3}) {
            double all = 0;
            double along = 0;
            for (const auto& band : A.bands()) {
                if (band.scale != scale) continue;
                all += energy(y, band);
                const double width = scale == 2 ? 2.0 / 6 : 2.0 / 12;
                if (band.axis == 0 && std::abs(band.slope[0] - slope) < width)
                    along += energy(y, band);
            }
            INFO("slope ", slope, ", scale ", scale, ": ", along / all);
            CHECK(along > 0.99 * all);
        }
        // Of all that has a direction, a coefficient for fifty samples holds nearly all.
        std::vector<double> sizes;
        for (index_t i = A.bands().front().shape.size(); i < y.size(); ++i)
            sizes.push_back(std::norm(y[i]));
        std::sort(sizes.begin(), sizes.end(), std::greater<>{});
        const auto few = sizes.begin() + n * n / 50;
        const double kept = std::accumulate(sizes.begin(), few, 0.0);
        const double all = std::accumulate(few, sizes.end(), kept);
        INFO("slope ", slope, ": ", kept / all, " kept");
        CHECK(kept > 0.975 * all);
    }
}

// Coefficients of the package curvelets 1.2 (PyPI) of the same whole numbers:
//
//     t = curvelets.numpy.UDCT(shape=shape, num_scales=3, wedges_per_direction=3,
//                              window_overlap=1 / 16, window_threshold=1e-300)
//     y = t.forward(x)
//
// It keeps the other side of the spectrum and counts wedges from there: y[scale][axis][w][m] is the
// conjugate of coefficient m of wedge 5 - w here, 2 - w at scale 1; of volumes w counts both wedges.
TEST_CASE("coefficients of an image are those of another implementation") {
    check_known({20, 28}, {{0, -1, {}, {3, 5}, {-1.504845566934021, 0}},
                           {1, 0, {2}, {1, 2}, {-2.69015902699413, 0.3562682755398009}},
                           {1, 0, {1}, {4, 6}, {-0.747455950346957, -1.9994823946857676}},
                           {1, 1, {0}, {0, 3}, {-3.8078213371385643, -0.6468810480757711}},
                           {2, 0, {5}, {7, 1}, {-4.36147616103987, 0.8321664682836138}},
                           {2, 0, {2}, {9, 6}, {3.2731901273149626, -1.2626369334121523}},
                           {2, 1, {3}, {2, 13}, {0.3174046127161573, 3.851810873910711}},
                           {2, 1, {0}, {4, 0}, {0.4041168041329762, -3.584534746412764}}});
}

TEST_CASE("coefficients of a volume are those of another implementation") {
    check_known({16, 20, 28},
                {{0, -1, {}, {3, 5, 7}, {3.202959512559546, 0}},
                 {1, 0, {1, 1}, {1, 2, 3}, {-2.1999879027212006, 0.8743113853405559}},
                 {1, 1, {2, 2}, {3, 4, 6}, {-0.3234323582579814, -3.232597548520482}},
                 {1, 2, {0, 0}, {0, 1, 2}, {-1.948716931698898, -1.066561626482469}},
                 {2, 0, {5, 5}, {7, 4, 1}, {0.4545742907507409, 2.8180143427333126}},
                 {2, 1, {0, 0}, {2, 9, 5}, {0.5616353374773635, 0.9635426233719099}},
                 {2, 2, {3, 0}, {3, 0, 13}, {-3.4505255933116254, -0.10795965634321047}},
                 {2, 2, {2, 2}, {1, 2, 3}, {1.8923114593116879, 0.5002849593737247}}});
}

TEST_CASE("impossible curvelet transforms are refused by name") {
    using A = CurveletTransform<double>;
    CHECK_THROWS_WITH_AS((A{{8}}), doctest::Contains("CurveletTransform of 8"), ArgumentError);
    CHECK_THROWS_WITH_AS((A{{8, 0}}), doctest::Contains("at least one sample along axis 1"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS((A{{8, 8}, {.scales = 1}}), doctest::Contains("of 1 scale"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS((A{{8, 8}, {.wedges = {}}}), doctest::Contains("wedges at 0 scales"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS((A{{8, 8}, {.wedges = {3, 6, 12}}}),
                         doctest::Contains("one for each of 2 directional scales"), ArgumentError);
    CHECK_THROWS_WITH_AS((A{{8, 8}, {.wedges = {2}}}), doctest::Contains("of 2 wedges"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS((A{{8, 8}, {.overlap = 0}}), doctest::Contains("above 0"), ArgumentError);
    CHECK_THROWS_WITH_AS((A{{8, 8}, {.overlap = 0.3}}), doctest::Contains("overlap of 3 wedges"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS((A{{8, 8}, {.scales = 12}}), doctest::Contains("1536 wedges at scale 10"),
                         ArgumentError);
}
