/// Waves in media that attenuate, against the standard linear solid by frequency.
#include "support/analytic.hpp"
#include "support/modelled.hpp"
#include "support/series.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <doctest/doctest.h>
#include <numbers>
#include <vector>

using namespace lop;

namespace {

using namespace series;
using std::numbers::pi;
using Complex = std::complex<double>;

constexpr double velocity = 2000.0, density = 1800.0, quality = 30.0;  // at the reference
constexpr double reference = 20.0, peak = 0.12;                        // Hz, s: of the wavelet too

/// Where waves are compared. In a volume nothing lasts behind the wavelet.
struct Place {
    int dimension;
    std::array<double, 2> offsets;  ///< m
    double length;                  ///< s
    index_t layer;                  ///< cells
};

constexpr Place plane{2, {150.0, 450.0}, 0.8, 20}, volume{3, {60.0, 240.0}, 0.38, 16};

/// m/rho u_tt = (1 + sum tau) (L + f) - sum tau y,  y' = w_l (L + f - y),  for exp(-i w t).
struct Solid {
    double m, tau;
    std::vector<double> frequencies;

    Complex modulus(double w) const {
        Complex sum = 1.0;
        for (const double f : frequencies) {
            const Complex iwt{0.0, -w / (2.0 * pi * f)};
            sum += tau * iwt / (1.0 + iwt);
        }
        return sum;
    }
    Complex wavenumber(double w) const { return w * std::sqrt(m / modulus(w)); }
};

ViscoAcoustic<double> medium_of(const Place& place, const std::vector<double>& frequencies) {
    const Grid grid =
        place.dimension == 2 ? Grid{Shape{91, 61}, {10, 10}} : Grid{Shape{34, 9, 9}, {10, 10, 10}};
    Array<double> v{grid.shape()}, rho{grid.shape()}, q{grid.shape()};
    std::fill_n(v.data(), v.size(), 1.0 / (velocity * velocity));
    std::fill_n(rho.data(), rho.size(), density);
    std::fill_n(q.data(), q.size(), quality);
    return {Model<double>::from_slowness_squared(grid, v, Communicator::self()), rho, q, reference,
            frequencies};
}

Solid solid_of(const ViscoAcoustic<double>& medium, const std::vector<double>& frequencies) {
    const auto& all = medium.parameters();
    const index_t points = medium.grid().size();
    return {all.data()[0], all.data()[2 * points], frequencies};
}

Traces traces_of(const ViscoAcoustic<double>& medium, const Place& place, double dt) {
    const int steps = static_cast<int>(std::lround(place.length / dt));
    const PropagatorOptions options{.space_order = 16,
                                    .boundary = {.cells = place.layer, .frequency = reference}};
    const Point source = place.dimension == 2 ? Point{250, 0, 300} : Point{50, 40, 40};
    const auto at = [&](double offset) { return Point{source.x + offset, source.y, source.z}; };
    return modelled::record<double>(
        medium, options,
        {{{at(0)},
          {analytic::measures(analytic::ricker(reference, peak), dt, steps)},
          {at(place.offsets[0]), at(place.offsets[1])}}},
        dt, steps);
}

Complex spectrum(const Series& u, double dt, double w) {
    Complex sum = 0.0;
    for (std::size_t n = 0; n < u.size(); ++n)
        sum += u[n] * std::polar(1.0, w * dt * static_cast<double>(n));
    return sum * dt;
}

struct Errors {
    double wave = 0, attenuation = 0, speed = 0;
};

/// The largest relative errors: of a trace; and from 8 to 40 Hz of alpha and of the phase velocity, in
///     U(r2) / U(r1) = exp((i w / c - alpha) (r2 - r1)) times what is alike on both sides.
Errors errors_of(const Solid& solid, const Place& place, const Traces& found, double dt) {
    const auto& offsets = place.offsets;
    const auto green = place.dimension == 2 ? analytic::green_2d : analytic::green_3d;
    Errors worst;
    Traces expected;
    for (std::size_t i = 0; i < 2; ++i) {
        expected.push_back(analytic::ricker_through(
            [&](double w) { return density * green(solid.wavenumber(w), offsets[i]); }, reference,
            peak, dt, static_cast<int>(found[i].size())));
        worst.wave = worse(worst.wave, relative_error(found[i], expected[i]));
    }
    const auto ratio = [&](const Traces& u, double w) {
        return spectrum(u[1], dt, w) / spectrum(u[0], dt, w);
    };
    for (double f = 8.0; f <= 40.0; f += 4.0) {
        const double w = 2.0 * pi * f;
        const Complex excess = std::log(ratio(found, w) / ratio(expected, w));
        const Complex way = solid.wavenumber(w) * (offsets[1] - offsets[0]);
        worst.attenuation = worse(worst.attenuation, std::abs(excess.real()) / way.imag());
        worst.speed = worse(worst.speed, std::abs(excess.imag()) / way.real());
    }
    return worst;
}

/// That errors are below the limits with half the step, and fall as its square.
void check_errors(const Place& place, const ViscoAcoustic<double>& medium, const Solid& solid,
                  double dt, const Errors& limits) {
    const Errors coarse = errors_of(solid, place, traces_of(medium, place, dt), dt),
                 fine = errors_of(solid, place, traces_of(medium, place, dt / 2), dt / 2);
    MESSAGE(place.dimension << " dimensions, " << solid.frequencies.size()
                            << " solids: relative errors of traces " << coarse.wave << ", "
                            << fine.wave << "; of the attenuation " << coarse.attenuation << ", "
                            << fine.attenuation << "; of the phase velocity " << coarse.speed
                            << ", " << fine.speed << ", with steps of " << 1e3 * dt << " and "
                            << 0.5e3 * dt << " ms");
    for (const auto error : {&Errors::wave, &Errors::attenuation, &Errors::speed}) {
        CHECK(fine.*error < limits.*error);
        CHECK(std::abs(observed_order(coarse.*error, fine.*error, 2.0) - 2.0) < 0.2);
    }
}

}  // namespace

TEST_CASE("waves lose amplitude and disperse as the standard linear solids say") {
    for (const auto& frequencies :
         {std::vector<double>{20.0}, std::vector<double>{4.0, 20.0, 80.0}}) {
        CAPTURE(frequencies.size());
        const auto medium = medium_of(plane, frequencies);
        const Solid solid = solid_of(medium, frequencies);
        const double w = 2.0 * pi * reference;
        CHECK(-solid.modulus(w).real() / solid.modulus(w).imag() ==
              doctest::Approx(quality).epsilon(1e-12));
        CHECK(w / solid.wavenumber(w).real() == doctest::Approx(velocity).epsilon(1e-12));
        check_errors(plane, medium, solid, 5e-4, {1.7e-3, 8e-4, 1.8e-4});
    }
}

TEST_CASE("so do waves in a volume that attenuates") {
    const std::vector<double> frequencies{20.0};
    const auto medium = medium_of(volume, frequencies);
    check_errors(volume, medium, solid_of(medium, frequencies), 1e-3, {7.5e-3, 3.5e-3, 9e-4});
}
