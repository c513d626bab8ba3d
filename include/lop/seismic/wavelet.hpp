/// Source time functions, and point sources made of them.
#pragma once

#include <lop/seismic/geometry.hpp>

#include <functional>

namespace lop {

/// A function of time in s, with the band of frequencies that it excites.
struct Wavelet {
    std::function<double(double)> value;
    double peak_frequency = 0;  ///< Hz, where its amplitude spectrum is largest
    double max_frequency = 0;   ///< Hz, above which the spectrum is below 1 % of that

    double operator()(double time) const { return value(time); }
};

/// The Ricker wavelet (1 - 2 a) exp(-a), a = (pi f (t - delay))^2: the second derivative of a
/// Gaussian, with its peak of 1 at `delay`, which is 1.5 / f unless given (Ricker 1953).
Wavelet ricker(double frequency);
Wavelet ricker(double frequency, double delay);

/// One trace a source point, equal to the wavelet as a measure: q_i = interval * w(t_i). A
/// sample of a source vector is a Dirac in time and space; M * q is then the solution of
/// m u_tt - lap u = w(t) delta(x - x_s), whatever the sampling.
template <Scalar T = float>
DistributedArray<T> point_sources(const Geometry& sources, const Wavelet& wavelet);

}  // namespace lop
