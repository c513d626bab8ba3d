/// Discrete Fourier transforms along any axes of an array.
#pragma once

#include <lop/algebra/operator.hpp>

#include <memory>
#include <string>
#include <vector>

namespace lop {

/// How a transform of N samples in all is scaled. Its adjoint is the conjugate transpose of what is
/// so defined: with `ortho` the inverse, with `by_n` N times less, with `none` N times more than it.
enum class FourierNorm {
    ortho,  ///< by 1 / sqrt(N): a unitary map, where nothing is padded
    none,   ///< unscaled forward
    by_n,   ///< by 1 / N
};

struct FourierOptions {
    std::vector<int> axes{-1};    ///< which are transformed; negative ones count from the last
    std::vector<index_t> nfft{};  ///< samples after zero padding, one an axis; empty: no padding
    FourierNorm norm = FourierNorm::ortho;
    /// Sample n / 2 of each axis, rounded down, is the origin: the samples are rolled before the zeros of
    /// nfft are put behind them, as PyLops does. Those before the origin then do not lie where a transform
    /// of nfft samples has negative times: to pad them as well, put a Pad in front.
    bool ifftshift_before = false;
    bool fftshift_after = false;  ///< frequency zero is moved to the middle of each axis
};

/// y(k) = s sum_j x(j) exp(-2 pi i sum_a j_a k_a / n_a), the sums over the given axes, s by the norm.
/// domain: arrays of `shape`; range: the same with nfft in place of the transformed extents.
/// Throws ArgumentError for axes that there are not, or that are given twice, empty axes, and nfft
/// shorter than the axis.
template <Scalar T>
    requires is_complex<T>
class FourierTransform : public Operator<FourierTransform<T>, ArraySpace<T>> {
 public:
    explicit FourierTransform(const Shape& shape, const FourierOptions& options = {});
    std::string label() const { return "FourierTransform"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;
    /// x with A x = y, whatever the norm; what lies in the padding of y is dropped.
    Array<T> inverse(const Array<T>& y) const;
    /// The same, unchecked, into an array of the domain.
    void inverse(const Array<T>& y, Array<T>& x) const;

 private:
    struct Passes;
    std::shared_ptr<const Passes> passes_;
};

struct RealFourierOptions {
    std::vector<int> axes{-1};    ///< the last of them keeps the half spectrum
    std::vector<index_t> nfft{};  ///< samples after zero padding, one an axis; empty: no padding
    FourierNorm norm = FourierNorm::ortho;
    bool ifftshift_before = false;  ///< as in FourierOptions
    bool fftshift_after = false;  ///< frequency zero to the middle of each axis but the last given
    /// Whether frequencies that stand for their conjugates too are multiplied by sqrt(2), which
    /// makes A'A = I, with `ortho` and without padding.
    bool isometric = true;
};

/// The Fourier transform of real arrays, to the half spectrum k = 0 .. n / 2 along the last of the
/// given axes: y(k) = s w(k) sum_j x(j) exp(-2 pi i sum_a j_a k_a / n_a), w(k) = sqrt(2) for
/// 0 < k < n / 2 if isometric, else 1.
/// domain: real arrays of `shape`; range: complex ones, nfft in place of the transformed extents and
/// nfft / 2 + 1 along the last given axis. Linear over the reals; the adjoint is exact in Re <x, y>.
/// Errors as for FourierTransform.
template <Scalar R>
    requires(!is_complex<R>)
class RealFourierTransform
    : public Operator<RealFourierTransform<R>, ArraySpace<R>, ArraySpace<std::complex<R>>> {
 public:
    using C = std::complex<R>;
    explicit RealFourierTransform(const Shape& shape, const RealFourierOptions& options = {});
    std::string label() const { return "RealFourierTransform"; }
    void forward(const Array<R>& x, Array<C>& y) const;
    void adjoint(const Array<C>& y, Array<R>& x) const;
    /// x with A x = y, whatever the norm; what lies in the padding of y is dropped.
    Array<R> inverse(const Array<C>& y) const;
    /// The same, unchecked, into an array of the domain.
    void inverse(const Array<C>& y, Array<R>& x) const;

 private:
    struct Passes;
    std::shared_ptr<const Passes> passes_;
};

/// The frequencies of a transform of n samples every `interval`, in cycles a unit of it (Hz of s):
/// k / (n interval) for 0 <= k < (n + 1) / 2, then negative ones; or, of the half spectrum, all >= 0.
std::vector<double> fourier_frequencies(index_t n, double interval = 1);
std::vector<double> real_fourier_frequencies(index_t n, double interval = 1);

}  // namespace lop
