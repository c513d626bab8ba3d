/// Wavelets and point sources.
#include <lop/seismic/wavelet.hpp>

#include <lop/core/error.hpp>

#include <cmath>
#include <numbers>

namespace lop {

Wavelet ricker(double frequency) { return ricker(frequency, 1.5 / frequency); }

Wavelet ricker(double frequency, double delay) {
    if (!(frequency > 0) || !std::isfinite(frequency) || !std::isfinite(delay))
        throw ArgumentError{"a Ricker wavelet of " + number_words(frequency) + " Hz at " +
                                number_words(delay) + " s",
                            {.expected = "a positive frequency and a finite delay"}};
    // The spectrum f^2 exp(-f^2/f0^2) falls to 1 % of its peak at 2.7638 f0.
    constexpr double band = 2.764;
    return {[=](double t) {
                const double a = std::numbers::pi * frequency * (t - delay);
                return (1 - 2 * a * a) * std::exp(-a * a);
            },
            frequency, band * frequency};
}

template <Scalar T>
DistributedArray<T> point_sources(const Geometry& sources, const Wavelet& wavelet) {
    auto q = sources.space<T>().uninitialized();
    const TimeAxis& time = sources.time();
    for (index_t i = 0; i < q.size(); ++i)
        q.data()[i] = static_cast<T>(
            time.interval *
            wavelet(time.start + time.interval * static_cast<double>(i % time.samples)));
    return q;
}

template DistributedArray<float> point_sources(const Geometry&, const Wavelet&);
template DistributedArray<double> point_sources(const Geometry&, const Wavelet&);

}  // namespace lop
