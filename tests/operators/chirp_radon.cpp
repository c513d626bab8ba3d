/// Radon transforms by chirps: laws, sums by definition, plane waves by hand, approximate inverses.
#include <lop/operators/chirp_radon.hpp>

#include <lop/core/error.hpp>
#include <lop/operators/fourier.hpp>
#include <lop/operators/radon.hpp>
#include <lop/testing/doctest.hpp>

#include <cmath>
#include <complex>
#include <doctest/doctest.h>
#include <numbers>
#include <vector>

using namespace lop;
using lop::testing::check_laws;

namespace {

using C = std::complex<double>;

/// d(x, t) = sum_p m(p, t - p x) by the sums of its definition, in frequency, without a chirp.
Array<C> by_sums(const Array<C>& m, const RegularAxis& x, const RegularAxis& p, double dt) {
    const index_t n = m.shape()[1];
    const FourierTransform<C> from{m.shape()};
    const FourierTransform<C> to{{x.count, n}};
    const auto spectrum = from * m;
    auto d = to.range().zeros();
    const auto f = fourier_frequencies(n, dt);
    for (index_t j = 0; j < x.count; ++j)
        for (index_t q = 0; q < p.count; ++q)
            for (index_t k = 0; k < n; ++k) {
                const double slowness = p.start + p.step * static_cast<double>(q);
                const double offset = x.start + x.step * static_cast<double>(j);
                const double cycles = f[static_cast<std::size_t>(k)] * slowness * offset;
                d(j, k) += spectrum(q, k) * std::polar(1.0, -2 * std::numbers::pi * cycles);
            }
    return to.H() * d;
}

/// A Ricker wavelet along t = tau + p x on every trace.
Array<double> event(const TimeAxis& time, const RegularAxis& x, double tau, double p) {
    Array<double> d{{x.count, time.samples}, "traces"};
    for (index_t j = 0; j < x.count; ++j)
        for (index_t i = 0; i < time.samples; ++i) {
            const double at = x.start + x.step * static_cast<double>(j);
            const double t = time.interval * static_cast<double>(i) - tau - p * at;
            const double a = std::pow(std::numbers::pi * 20 * t, 2);
            d(j, i) = (1 - 2 * a) * std::exp(-a) * std::exp(-std::pow(at / 300, 2));
        }
    return d;
}

}  // namespace

TEST_CASE_TEMPLATE("Radon transforms by chirps obey the laws", T, float, double,
                   std::complex<float>, std::complex<double>) {
    const RegularAxis p{7, 1e-4, -2e-4};
    for (const index_t samples : {20, 21}) {
        const TimeAxis time{samples, 0.004};
        check_laws(ChirpRadon2D<T>{time, {5, 10, -25}, p});
        check_laws(ChirpRadon2D<T>{time, {70, 10}, {3, 2e-4, 0}, {.nfft = 32}});
        check_laws(ApproximateInverseChirpRadon2D<T>{time, {6, -10, 40}, p, {.nfft = 27}});
        check_laws(ChirpRadon3D<T>{time, {{{5, 10, -20}, {4, 15, 3}}}, {{p, {6, 2e-4, -5e-4}}}});
        check_laws(ApproximateInverseChirpRadon3D<T>{time, {{{5, 10}, {1, 1}}}, {{p, {2, 1e-4}}}});
    }
    check_laws(ChirpRadon2D<T>{{1, 0.004}, {1}, {1}});
    check_laws(ChirpRadon3D<T>{{1, 0.004}, {{{3}, {1}}}, {{{1}, {2}}}});
    check_laws(ChirpRadon2D<T>{{150, 0.004}, {60, 10}, {90, 1e-5, -4e-4}});
}

TEST_CASE("chirps give the sums of the definition, between samples and across frequencies") {
    const RegularAxis x{9, 12.5, -31};
    const RegularAxis p{14, 3.7e-5, -2.1e-4};
    for (const index_t n : {24, 25}) {
        const TimeAxis time{n, 0.004};
        const ChirpRadon2D<C> A{time, x, p};
        const auto m = A.domain().random(4);
        const auto expected = by_sums(m, x, p, 0.004);
        CHECK(norm(A * m - expected) < 1e-13 * norm(expected));
        // real traces: the real part of the same, real models having real traces
        const ChirpRadon2D<double> R{time, x, p};
        const auto real = R.domain().random(4);
        const auto sums = by_sums(cast<C>(real), x, p, 0.004);
        const auto found = R * real;
        double error = 0;
        for (index_t i = 0; i < found.size(); ++i)
            error = std::max(error, std::abs(found[i] - sums[i].real()));
        CHECK(error < 1e-12);
        const ChirpRadon2D<float> S{time, x, p};
        CHECK(norm(cast<double>(S * S.domain().random(4)) -
                   R * cast<double>(S.domain().random(4))) < 1e-6 * norm(found));
    }
}

TEST_CASE("plane waves of whole samples a trace: a spike shifts, a line stacks to one value") {
    // dt / dx = 1e-3 s/m: one sample a trace.
    const TimeAxis time{12, 0.01};
    const RegularAxis x{5, 10};
    const RegularAxis p{4, 1e-3, -1e-3};
    const ChirpRadon2D<double> A{time, x, p};
    auto m = A.domain().zeros();
    m(2, 3) = 1;  // slowness 1e-3 s/m
    m(0, 1) = 2;  // -1e-3 s/m: it leaves at the top and comes in below
    const auto d = A * m;
    auto expected = A.range().zeros();
    for (index_t j = 0; j < 5; ++j) {
        expected(j, 3 + j) += 1;
        expected(j, (1 - j + 12) % 12) += 2;
    }
    CHECK(norm(d - expected) < 1e-13);
    const auto back = A.H() * d;
    CHECK(std::abs(back(2, 3) - 5) < 1e-13);
    CHECK(std::abs(back(0, 1) - 10) < 1e-13);
    // With padding nothing comes in again, and the transform is that of Radon.
    const ChirpRadon2D<double> padded{time, x, p, {.nfft = 32}};
    const Radon<double> lines{time, {0, 10, 20, 30, 40}, {-1e-3, 0, 1e-3, 2e-3}};
    const auto r = lines.domain().random(3);
    CHECK(norm(padded * r - lines * r) < 1e-13 * norm(r));
}

TEST_CASE("in three dimensions the axes act one after the other") {
    const TimeAxis time{16, 0.01};
    const RegularAxis y{3, 10, -10};
    const RegularAxis x{4, 20};
    const ChirpRadon3D<double> A{time, {{y, x}}, {{{2, 1e-3}, {3, 5e-4, -5e-4}}}};
    auto m = A.domain().zeros();
    m(1, 2, 5) = 1;  // a sample a trace along y, and one along x
    auto expected = A.range().zeros();
    for (index_t i = 0; i < 3; ++i)
        for (index_t j = 0; j < 4; ++j) expected(i, j, 5 + i - 1 + j) = 1;
    CHECK(norm(A * m - expected) < 1e-13);
    CHECK(std::abs((A.H() * expected)(1, 2, 5) - 12) < 1e-12);
}

TEST_CASE("approximate inverses: near an inverse within the slownesses, with exact adjoints") {
    const TimeAxis time{160, 0.004};
    const auto x = RegularAxis::centered(120, 10);
    const auto p = RegularAxis::centered(120, 8e-6);
    const ChirpRadon2D<double> A{time, x, p};
    const ApproximateInverseChirpRadon2D<double> B{time, x, p};
    const Array<double> d = event(time, x, 0.3, 1e-4) + event(time, x, 0.25, -2e-4);
    CHECK(norm(A * (B * d) - d) < 0.02 * norm(d));
    CHECK(norm(B.H() * (A.H() * d) - A * (B * d)) < 1e-13 * norm(d));
    CHECK(norm(A * (A.H() * d) - d) > norm(d));  // the adjoint is no inverse
    // Outside the slownesses it is none: the event is lost.
    const auto steep = event(time, x, 0.3, 8e-4);
    CHECK(norm(A * (B * steep) - steep) > 0.5 * norm(steep));
}

TEST_CASE("axes around zero have zero at half their count") {
    CHECK(RegularAxis::centered(4, 2).start == -4);
    CHECK(RegularAxis::centered(5, 2).start == -4);
    CHECK(RegularAxis::centered(1, 2).start == 0);
}

TEST_CASE("impossible axes of Radon transforms are refused by name") {
    using A = ChirpRadon2D<double>;
    CHECK_THROWS_WITH_AS((A{{10, 0.004}, {0, 10}, {3, 1e-4}}),
                         doctest::Contains("ChirpRadon2D of 0 offsets"), ArgumentError);
    CHECK_THROWS_WITH_AS((A{{10, 0.004}, {3, 10}, {3, NAN}}),
                         doctest::Contains("ChirpRadon2D of 3 slownesses from 0 in steps of NaN"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS((A{{10, 0}, {3, 10}, {3, 1e-4}}),
                         doctest::Contains("samples at a positive interval"), ArgumentError);
    CHECK_THROWS_WITH_AS((A{{10, 0.004}, {3, 10}, {3, 1e-4}, {.nfft = 9}}),
                         doctest::Contains("ChirpRadon2D: nfft along axis 1"), ArgumentError);
}
