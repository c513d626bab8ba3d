/// Interpolation and shifts: laws, and values a reader can check by hand.
#include <lop/operators/interpolation.hpp>

#include <lop/core/error.hpp>
#include <lop/testing/doctest.hpp>

#include <cmath>
#include <doctest/doctest.h>
#include <numbers>

using namespace lop;
using lop::testing::check_laws;

namespace {

constexpr InterpolationKind kinds[] = {InterpolationKind::nearest, InterpolationKind::linear,
                                       InterpolationKind::sinc, InterpolationKind::spline};

/// Positions over the whole axis, both ends among them, more of them than samples, and unordered.
std::vector<double> positions_on(index_t n) {
    const auto last = static_cast<double>(n - 1);
    std::vector<double> p{last, 0};
    for (int i = 0; i < 12; ++i) p.push_back(last * std::fmod(0.618 * i, 1.0));
    return p;
}

Array<double> samples(const Shape& shape, double (*f)(double)) {
    Array<double> x{shape, "samples"};
    for (index_t i = 0; i < x.size(); ++i) x[i] = f(static_cast<double>(i));
    return x;
}

}  // namespace

TEST_CASE_TEMPLATE("interpolation obeys the laws along any axis", T, float, double,
                   std::complex<float>, std::complex<double>) {
    const Shape shapes[] = {{1}, {2}, {3}, {20}, {7, 6}, {5, 1}, {3, 4, 5}, {2, 3, 17, 2}};
    for (const Shape& shape : shapes)
        for (int axis = 0; axis < shape.rank(); ++axis)
            for (const InterpolationKind kind : kinds)
                check_laws(Interpolation1D<T>{
                    shape, positions_on(shape[axis]), {.axis = axis, .kind = kind}});
    check_laws(Interpolation1D<T>{
        {20, 3}, positions_on(20), {.axis = 0, .kind = kinds[2], .half_width = 0}});
    check_laws(Interpolation1D<T>{{130, 300}, positions_on(130), {.axis = 0, .kind = kinds[3]}});
    const std::vector<BilinearPosition> p{{0, 0}, {2, 3}, {0.3, 1.8}, {1.5, 3}, {1, 0.25}};
    check_laws(Bilinear<T>{{3, 4}, p});
    check_laws(Bilinear<T>{{3, 4, 5}, p});
    check_laws(Bilinear<T>{{2, 3, 4, 5}, p, 1});
    check_laws(Bilinear<T>{{6, 3, 4}, p, -2});
    check_laws(Bilinear<T>{{1, 1}, {{0, 0}}});
}

TEST_CASE_TEMPLATE("shifts obey the laws along any axis", T, float, double, std::complex<float>,
                   std::complex<double>) {
    const Shape shapes[] = {{1}, {2}, {9}, {16}, {7, 6}, {5, 1}, {3, 4, 5}, {2, 3, 17, 2}};
    for (const Shape& shape : shapes)
        for (int axis = 0; axis < shape.rank(); ++axis) {
            check_laws(Shift<T>{shape, 0.7, {.axis = axis, .interval = 0.5}});
            check_laws(Shift<T>{shape, 0.7, {.axis = axis, .nfft = shape[axis] + 3}});
            std::vector<double> each;
            for (index_t i = 0; i < shape.size() / shape[axis]; ++i)
                each.push_back(0.3 * static_cast<double>(i) - 1);
            check_laws(Shift<T>{shape, each, {.axis = axis}});
        }
}

TEST_CASE("interpolation is exact where its kind says so") {
    const auto cubic = samples({9}, [](double t) { return 1 + 2 * t; });
    const std::vector<double> p{0, 0.25, 3.5, 4.5, 7.75, 8};
    for (const InterpolationKind kind : {InterpolationKind::linear, InterpolationKind::spline}) {
        const Interpolation1D<double> I{{9}, p, {.kind = kind}};
        const auto y = I * cubic;
        for (std::size_t i = 0; i < p.size(); ++i)
            CHECK(std::abs(y[static_cast<index_t>(i)] - (1 + 2 * p[i])) < 1e-13);
    }
    const Interpolation1D<double> N{{9}, p, {.kind = InterpolationKind::nearest}};
    const double nearest[] = {1, 1, 9, 9, 17, 17};  // 3.5 and 4.5 go to the even sample 4
    const auto y = N * cubic;
    for (index_t i = 0; i < 6; ++i) CHECK(y[i] == nearest[i]);
    // At samples every kind copies them.
    for (const InterpolationKind kind : kinds) {
        const Interpolation1D<double> I{{9}, {0, 3, 8}, {.kind = kind}};
        const auto z = I * cubic;
        for (const auto& [i, j] : {std::pair{0, 0}, {1, 3}, {2, 8}})
            CHECK(std::abs(z[i] - cubic[j]) < 1e-13);
    }
}

TEST_CASE("a natural spline through (0, 1, 0) is the textbook's") {
    // Moments (0, -3, 0): s(t) = t - (t^3 - t) / 2 on the first half.
    const auto x = samples({3}, [](double t) { return t == 1 ? 1.0 : 0.0; });
    const Interpolation1D<double> I{{3}, {0.5, 1.5, 0.25}, {.kind = InterpolationKind::spline}};
    const auto y = I * x;
    CHECK(std::abs(y[0] - 0.6875) < 1e-15);
    CHECK(std::abs(y[1] - 0.6875) < 1e-15);
    CHECK(std::abs(y[2] - (0.25 - (0.015625 - 0.25) / 2)) < 1e-15);
}

TEST_CASE("a windowed sinc reads a wave between samples") {
    const auto x = samples({100}, [](double t) { return std::sin(0.9 * t); });
    const Interpolation1D<double> I{{100}, {30.3, 50.5, 60.9}, {.kind = InterpolationKind::sinc}};
    const auto y = I * x;
    CHECK(std::abs(y[0] - std::sin(0.9 * 30.3)) < 1e-3);
    CHECK(std::abs(y[1] - std::sin(0.9 * 50.5)) < 1e-3);
    CHECK(std::abs(y[2] - std::sin(0.9 * 60.9)) < 1e-3);
}

TEST_CASE("bilinear interpolation reads a plane exactly, and weighs its four corners") {
    const Bilinear<double> B{{3, 4}, {{0.25, 1.5}, {2, 3}, {2, 0.5}}};
    auto x = B.domain().zeros();
    for (index_t i = 0; i < 3; ++i)
        for (index_t j = 0; j < 4; ++j) x(i, j) = static_cast<double>(10 * i + j);
    const auto y = B * x;
    CHECK(y[0] == 4);
    CHECK(y[1] == 23);
    CHECK(y[2] == 20.5);
    auto spike = B.range().zeros();
    spike[0] = 1;
    const auto z = B.H() * spike;
    CHECK(z(0, 1) == 0.375);
    CHECK(z(0, 2) == 0.375);
    CHECK(z(1, 1) == 0.125);
    CHECK(z(1, 2) == 0.125);
}

TEST_CASE("shifts move waves by parts of a sample, each line by its own, and padded ones leave") {
    const index_t n = 40;
    const auto wave = [](double t) { return std::sin(2 * std::numbers::pi * 3 * t / 40 + 0.2); };
    const Shift<double> S{{2, n}, {0.02, -0.51}, {.interval = 0.1}};
    auto x = S.domain().zeros();
    for (index_t i = 0; i < 2 * n; ++i) x[i] = wave(static_cast<double>(i % n));
    const auto y = S * x;
    for (index_t i = 0; i < n; ++i) {
        CHECK(std::abs(y[i] - wave(static_cast<double>(i) - 0.2)) < 1e-13);
        CHECK(std::abs(y[n + i] - wave(static_cast<double>(i) + 5.1)) < 1e-13);
    }
    auto spike = ArraySpace<double>{"x", {5}}.zeros();
    spike[4] = 1;
    const auto periodic = Shift<double>{{5}, 2} * spike;
    CHECK(std::abs(periodic[1] - 1) < 1e-15);
    const auto padded = Shift<double>{{5}, 2, {.nfft = 10}} * spike;
    CHECK(norm(padded) < 1e-15);
}

TEST_CASE("impossible positions and shifts are refused by name") {
    CHECK_THROWS_WITH_AS((Interpolation1D<double>{{4}, {3.1}}),
                         doctest::Contains("Interpolation1D at position 3.1 along axis 0"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS((Interpolation1D<double>{{4}, {}}), doctest::Contains("no positions"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS((Interpolation1D<double>{{4}, {1}, {.axis = 1}}),
                         doctest::Contains("along axis 1"), ArgumentError);
    CHECK_THROWS_WITH_AS((Interpolation1D<double>{{4}, {1}, {.half_width = -1}}),
                         doctest::Contains("half width"), ArgumentError);
    CHECK_THROWS_WITH_AS((Bilinear<double>{{4}, {{0, 0}}}), doctest::Contains("along axis 1"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS((Bilinear<double>{{4, 2}, {{0, 1.5}}}),
                         doctest::Contains("Bilinear at position 1.5 along axis 1"), ArgumentError);
    CHECK_THROWS_WITH_AS((Shift<double>{{4, 2}, std::vector<double>{1, 2, 3}}),
                         doctest::Contains("one for each of 4 lines"), ArgumentError);
    CHECK_THROWS_WITH_AS((Shift<double>{{4}, 1, {.interval = -1}}),
                         doctest::Contains("a positive interval"), ArgumentError);
}
