/// Responses of filters, sampled for their passes over the lines.
#include <lop/operators/filters.hpp>

#include "operators/fourier_lines.hpp"
#include "operators/lines.hpp"
#include <lop/operators/fourier.hpp>

#include <cmath>
#include <numbers>

namespace lop {
namespace {

/// 0 at u = 0, 1 at u = 1.
double cosine_rise(double u) { return 0.5 * (1 - std::cos(std::numbers::pi * u)); }

template <Scalar T> std::shared_ptr<const fft::LineFilter<T>> make_filter(
    const std::string& name, const Shape& shape, const FrequencyFilterOptions& options,
    const typename FrequencyFilter<T>::Response& response) {
    const int axis = checked_axis(name, shape, options.axis);
    const index_t nfft = fft::checked_length(name, shape, axis, options.nfft);
    if (!(options.interval > 0 && std::isfinite(options.interval)))
        throw ArgumentError{name + " of samples every " + number_words(options.interval) + " s",
                            {.expected = "a positive interval"}};
    const auto frequencies = is_complex<T> ? fourier_frequencies(nfft, options.interval)
                                           : real_fourier_frequencies(nfft, options.interval);
    std::vector<std::complex<Real<T>>> h;
    for (const double f : frequencies) {
        const std::complex<double> value = response(f);
        if (!std::isfinite(value.real()) || !std::isfinite(value.imag()))
            throw ArgumentError{name + ": the response at " + number_words(f) + " Hz",
                                {.expected = "a finite number"}};
        h.emplace_back(static_cast<Real<T>>(value.real()), static_cast<Real<T>>(value.imag()));
    }
    return std::make_shared<const fft::LineFilter<T>>(shape, axis, nfft, std::move(h));
}

template <Scalar T>
Array<T> gain_weights(const Shape& shape, double power, const TimeGainOptions& options) {
    const Lines lines = lines_of(shape, checked_axis("TimeGain", shape, options.axis));
    Array<T> weights = Array<T>::uninitialized(shape, "samples");
    for (index_t i = 0; i < lines.n; ++i) {
        const double t = options.start + options.interval * static_cast<double>(i);
        const double gain = std::pow(t, power);
        if (!std::isfinite(gain))
            throw ArgumentError{
                "TimeGain: " + number_words(t) + " s to the power of " + number_words(power),
                {.expected = "times where the power is a finite number",
                 .remedy = "a later start, or a mute of the first samples"}};
        for (index_t o = 0; o < lines.outer; ++o)
            std::fill_n(weights.data() + (o * lines.n + i) * lines.inner, lines.inner,
                        T(static_cast<Real<T>>(gain)));
    }
    return weights;
}

}  // namespace

template <Scalar T>
FrequencyFilter<T>::FrequencyFilter(const Shape& shape, const Response& response,
                                    const FrequencyFilterOptions& options)
    : Operator<FrequencyFilter, ArraySpace<T>>{ArraySpace<T>{"samples", shape}},
      filter_{make_filter<T>("FrequencyFilter", shape, options, response)} {}

template <Scalar T> void FrequencyFilter<T>::forward(const Array<T>& x, Array<T>& y) const {
    filter_->forward(x.data(), y.data());
}
template <Scalar T> void FrequencyFilter<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    filter_->adjoint(y.data(), x.data());
}

double BandPass::operator()(double frequency) const {
    const double f = std::abs(frequency);
    if (f >= low_pass && f <= high_pass) return 1;
    if (f <= low_stop || f >= high_stop) return 0;
    if (f < low_pass) return cosine_rise((f - low_stop) / (low_pass - low_stop));
    return cosine_rise((high_stop - f) / (high_stop - high_pass));
}

BandPass band_pass(const BandPass& corners) {
    const double f[] = {0, corners.low_stop, corners.low_pass, corners.high_pass,
                        corners.high_stop};
    for (int i = 0; i < 4; ++i)
        if (!(f[i] <= f[i + 1]))
            throw ArgumentError{
                "band_pass",
                {.expected = "corners that ascend from 0 Hz",
                 .found = number_words(f[i + 1]) + " Hz after " + number_words(f[i]) + " Hz"}};
    return corners;
}

template <Scalar T>
HalfDerivative<T>::HalfDerivative(const Shape& shape, const FrequencyFilterOptions& options)
    : Operator<HalfDerivative, ArraySpace<T>>{ArraySpace<T>{"samples", shape}},
      filter_{make_filter<T>("HalfDerivative", shape, options,
                             [nyquist = 0.5 / options.interval](double f) -> std::complex<double> {
                                 const double root = std::sqrt(std::numbers::pi * std::abs(f));
                                 // sqrt(i w) = sqrt(|w| / 2) (1 + i sign w)
                                 const bool last = std::abs(std::abs(f) / nyquist - 1) < 1e-9;
                                 return {root, last ? 0 : std::copysign(root, f)};
                             })} {}

template <Scalar T> void HalfDerivative<T>::forward(const Array<T>& x, Array<T>& y) const {
    filter_->forward(x.data(), y.data());
}
template <Scalar T> void HalfDerivative<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    filter_->adjoint(y.data(), x.data());
}

template <Scalar T>
TimeGain<T>::TimeGain(const Shape& shape, double power, const TimeGainOptions& options)
    : Diagonal<ArraySpace<T>>{gain_weights<T>(shape, power, options), "TimeGain"} {}

template class FrequencyFilter<float>;
template class FrequencyFilter<double>;
template class FrequencyFilter<std::complex<float>>;
template class FrequencyFilter<std::complex<double>>;
template class HalfDerivative<float>;
template class HalfDerivative<double>;
template class HalfDerivative<std::complex<float>>;
template class HalfDerivative<std::complex<double>>;
template class TimeGain<float>;
template class TimeGain<double>;
template class TimeGain<std::complex<float>>;
template class TimeGain<std::complex<double>>;

}  // namespace lop
