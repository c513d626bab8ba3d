/// Filters along an axis that are defined in frequency, and gain with time.
#pragma once

#include <lop/algebra/diagonal.hpp>

#include <complex>
#include <functional>
#include <memory>
#include <string>

namespace lop {

namespace fft {
template <Scalar T> class LineFilter;
}  // namespace fft

struct FrequencyFilterOptions {
    int axis = -1;        ///< negative ones count from the last
    double interval = 1;  ///< between samples, s: the response is given frequencies in Hz
    index_t nfft = 0;     ///< samples after zero padding; 0: no padding
};

/// Multiplies the spectrum of every line along an axis with a response:
///
///     y = P' F^-1 diag(h(f)) F P x,
///
/// P pads with zeros to nfft samples, F is the discrete Fourier transform. Without padding the
/// filter is periodic: what leaves at one end comes in at the other. The adjoint has conj(h).
/// domain = range: arrays of `shape`. The response takes frequencies in cycles a unit of `interval`.
/// Of complex arrays it is asked for k / (nfft interval), 0 <= k < (nfft + 1) / 2, and for the
/// negative ones; of real arrays for those from 0 to Nyquist, and the others are their conjugates
/// (so that, of it, the real part alone enters at 0 and, of even nfft, at Nyquist).
/// Throws ArgumentError for an axis that there is not or is empty, nfft below its extent, an
/// interval that is not positive, and a response that is not finite.
template <Scalar T> class FrequencyFilter : public Operator<FrequencyFilter<T>, ArraySpace<T>> {
 public:
    using Response = std::function<std::complex<double>(double frequency)>;
    FrequencyFilter(const Shape& shape, const Response& response,
                    const FrequencyFilterOptions& options = {});
    std::string label() const { return "FrequencyFilter"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    std::shared_ptr<const fft::LineFilter<T>> filter_;
};

/// The response of a band-pass without phase: 0 up to the first frequency, 1 from the second to the
/// third, 0 from the fourth on, with half periods of a cosine in between. Hz; |f| counts. A low-pass
/// leaves out the first two.
struct BandPass {
    double low_stop = 0;
    double low_pass = 0;
    double high_pass = 0;
    double high_stop = 0;
    double operator()(double frequency) const;
};
/// A BandPass whose corners ascend. Throws ArgumentError where they do not.
BandPass band_pass(const BandPass& corners);

/// The derivative of order 1/2 along an axis: the filter sqrt(2 pi i f), exact at every frequency of
/// the transform; at Nyquist, its real part. Its square is the derivative, but for Nyquist.
/// domain = range: arrays of `shape`. Unit: 1 / sqrt(unit of interval). Errors as FrequencyFilter.
template <Scalar T> class HalfDerivative : public Operator<HalfDerivative<T>, ArraySpace<T>> {
 public:
    explicit HalfDerivative(const Shape& shape, const FrequencyFilterOptions& options = {});
    std::string label() const { return "HalfDerivative"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    std::shared_ptr<const fft::LineFilter<T>> filter_;
};

struct TimeGainOptions {
    int axis = -1;        ///< negative ones count from the last
    double interval = 1;  ///< s
    double start = 0;     ///< s, the time of the first sample
};

/// y(t) = t^p x(t) along an axis, t = start + i interval: spherical divergence, roughly, for p = 1.
/// domain = range: arrays of `shape`. Throws ArgumentError where t^p is not finite: t < 0 with a
/// fractional p, t = 0 with a negative one.
template <Scalar T> class TimeGain : public Diagonal<ArraySpace<T>> {
 public:
    TimeGain(const Shape& shape, double power, const TimeGainOptions& options = {});
};

}  // namespace lop
