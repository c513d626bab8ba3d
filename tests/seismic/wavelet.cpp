/// Wavelets: values by hand, their band, and point sources as measures.
#include <lop/seismic/wavelet.hpp>

#include "close.hpp"
#include <lop/core/error.hpp>
#include <lop/core/units.hpp>

#include <cmath>
#include <complex>
#include <doctest/doctest.h>
#include <numbers>

using namespace lop::literals;
using lop::Communicator;
using lop::Geometry;
using lop::index_t;
using lop::Wavelet;
using std::numbers::pi;

namespace {

/// |integral of w(t) exp(-2 pi i f t) dt| over a time that holds all of the wavelet; the trapezoid
/// rule is exact to rounding for a smooth function that ends at zero.
double spectrum(const Wavelet& w, double frequency, double from, double to) {
    const int samples = 4000;
    const double dt = (to - from) / samples;
    std::complex<double> sum = 0;
    for (int i = 0; i <= samples; ++i) {
        const double t = from + i * dt;
        sum += w(t) * std::polar(1.0, -2 * pi * frequency * t) * dt;
    }
    return std::abs(sum);
}

Wavelet gaussian(double frequency, double delay) {
    return {[=](double t) { return std::exp(-std::pow(pi * frequency * (t - delay), 2)); }, 0,
            2 * frequency};
}

}  // namespace

TEST_CASE("a Ricker wavelet peaks at its delay with 1 and crosses zero beside it") {
    const Wavelet w = lop::ricker(25_Hz, 100_ms);
    CHECK(w(0.1) == 1.0);
    const double crossing = 1 / (pi * 25 * std::sqrt(2.0));
    CHECK(std::abs(w(0.1 - crossing)) < 1e-14);
    CHECK(std::abs(w(0.1 + crossing)) < 1e-14);
    CHECK(w(0.1 + 0.9 * crossing) > 0);
    CHECK(w(0.1 + 1.1 * crossing) < 0);
    // The side lobes: a = 3/2 gives -2 exp(-3/2).
    const double lobe = std::sqrt(1.5) / (pi * 25);
    CHECK(close(w(0.1 + lobe), -2 * std::exp(-1.5), 1e-14));
    CHECK(close(w(0.1 - lobe), w(0.1 + lobe), 1e-14));
}

TEST_CASE("a Ricker wavelet without a delay begins near zero") {
    const Wavelet w = lop::ricker(10_Hz);
    CHECK(w(0.15) == 1.0);
    CHECK(std::abs(w(0)) < 1e-7);
    CHECK(w.peak_frequency == 10);
}

TEST_CASE("a Ricker wavelet is the negative curvature of a Gaussian, scaled to 1") {
    const double f = 12;
    const Wavelet w = lop::ricker(f, 0);
    const Wavelet g = gaussian(f, 0);
    const double h = 1e-4;
    for (const double t : {-0.04, -0.011, 0.0, 0.02, 0.033}) {
        const double curvature = (g(t + h) - 2 * g(t) + g(t - h)) / (h * h);
        CHECK(close(w(t), -curvature / (2 * pi * pi * f * f), 1e-4));
    }
}

TEST_CASE("the spectrum of a Ricker wavelet peaks where it says and ends at 1 % where it says") {
    const double f = 20;
    const Wavelet w = lop::ricker(f, 0);
    const auto amplitude = [&](double at) { return spectrum(w, at, -0.3, 0.3); };
    const double peak = amplitude(w.peak_frequency);
    CHECK(w.peak_frequency == f);
    CHECK(amplitude(0.99 * f) < peak);
    CHECK(amplitude(1.01 * f) < peak);
    CHECK(amplitude(0) < 1e-12 * peak);
    CHECK(w.max_frequency > 2.7 * f);
    CHECK(amplitude(w.max_frequency) <= 0.01 * peak);
    CHECK(amplitude(0.999 * w.max_frequency) > 0.01 * peak);
    for (double above = w.max_frequency; above < 10 * f; above += 0.5)
        CHECK(amplitude(above) <= 0.01 * peak);
}

TEST_CASE("wavelets without a positive frequency are refused") {
    CHECK_THROWS_AS(lop::ricker(0), lop::ArgumentError);
    CHECK_THROWS_AS(lop::ricker(-5), lop::ArgumentError);
    CHECK_THROWS_AS(lop::ricker(std::nan("")), lop::ArgumentError);
}

TEST_CASE_TEMPLATE("a point source is interval times wavelet at every sample of every trace", T,
                   float, double) {
    const lop::TimeAxis time{51, 2_ms, -10_ms};
    const Geometry sources = lop::shots_at(lop::line_of_points({0, 0, 5}, {90, 0, 5}, 7), time);
    const Wavelet w = lop::ricker(30);
    const auto q = lop::point_sources<T>(sources, w);
    CHECK(q.shape() == lop::Shape{7, 51});
    CHECK(sources.space<T>().contains(q));
    for (index_t trace = 0; trace < q.local().shape()[0]; ++trace)
        for (index_t i = 0; i < 51; ++i) {
            const double t = -0.01 + 0.002 * static_cast<double>(i);
            CHECK(close(q.local()(trace, i), 0.002 * w(t), 1e-5));
        }
}

TEST_CASE(
    "a trace of a point source adds up to the integral of its wavelet, however it is sampled") {
    const Wavelet w = gaussian(8, 0.3);
    const double integral = 1 / (8 * std::sqrt(pi));
    for (const double interval : {0.5_ms, 1_ms, 4_ms, 8_ms}) {
        const auto samples = static_cast<index_t>(std::lround(0.6 / interval)) + 1;
        const auto q = lop::point_sources<double>(
            lop::shots_at({{0, 0, 0}, {10, 0, 0}}, {samples, interval}), w);
        for (index_t trace = 0; trace < q.local().shape()[0]; ++trace) {
            double sum = 0;
            for (index_t i = 0; i < samples; ++i) sum += q.local()(trace, i);
            CHECK(close(sum, integral, 1e-12));
        }
    }
    // A Ricker wavelet is a curvature: it moves nothing on the whole.
    const auto q =
        lop::point_sources<double>(lop::shots_at({{0, 0, 0}}, {301, 2_ms}), lop::ricker(20, 0.3));
    double sum = 0;
    for (index_t i = 0; i < q.size(); ++i) sum += q.data()[i];
    CHECK(std::abs(sum) < 1e-15);
}
