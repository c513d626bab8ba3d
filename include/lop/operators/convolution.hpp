/// Convolution with short and long filters, along one axis, along several, and changing on the way.
#pragma once

#include <lop/algebra/operator.hpp>

#include <memory>
#include <string>
#include <vector>

namespace lop {

namespace fft {
template <Scalar T> class LineFilter;
}  // namespace fft

/// How a convolution is computed; the map is the same.
enum class ConvolutionMethod {
    automatic,  ///< by its sum where the filter is short, else by Fourier transforms
    direct,
    fourier,
};

struct Convolution1DOptions {
    int axis = -1;       ///< negative ones count from the last
    index_t offset = 0;  ///< the index of the filter's value at time zero
    ConvolutionMethod method = ConvolutionMethod::automatic;
};

/// y(i) = sum_k h(k) x(i - k + offset) for every line along an axis, x zero outside:
///
///     | h1 h0  0  0 |
///     | h2 h1 h0  0 |    a filter of three values with offset 1 on an axis of four samples
///     |  0 h2 h1 h0 |
///     |  0  0 h2 h1 |
///
/// The adjoint correlates with conj(h). domain = range: arrays of `shape`; the filter may be longer
/// than the axis. Throws ArgumentError for an axis that there is not, an empty axis or filter, and
/// an offset outside the filter.
template <Scalar T> class Convolution1D : public Operator<Convolution1D<T>, ArraySpace<T>> {
 public:
    Convolution1D(const Shape& shape, std::vector<T> filter,
                  const Convolution1DOptions& options = {});
    std::string label() const { return "Convolution1D"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    struct Taps;
    std::shared_ptr<const Taps> taps_;                  // of the sum
    std::shared_ptr<const fft::LineFilter<T>> filter_;  // or the spectrum
};

struct ConvolutionNDOptions {
    std::vector<int> axes{};        ///< one for each axis of the filter; empty: the last ones
    std::vector<index_t> offset{};  ///< where in the filter its origin is; empty: its middle
    ConvolutionMethod method = ConvolutionMethod::automatic;
};

/// y(i) = sum_k h(k) x(i - k + offset), i, k and offset along several axes at once, x zero outside.
/// The adjoint correlates with conj(h). domain = range: arrays of `shape`; the filter has an axis
/// for each of `axes`, its middle is index n / 2, rounded down. Errors as for Convolution1D.
template <Scalar T> class ConvolutionND : public Operator<ConvolutionND<T>, ArraySpace<T>> {
 public:
    ConvolutionND(const Shape& shape, const Array<T>& filter,
                  const ConvolutionNDOptions& options = {});
    std::string label() const { return "ConvolutionND"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    struct Taps;
    struct Spectrum;
    std::shared_ptr<const Taps> taps_;
    std::shared_ptr<const Spectrum> spectrum_;
};

/// Spreads every sample with a filter of its own: y(i + k - c) += h_i(k) x(i), c = (n_h - 1) / 2. The
/// filters h_i are interpolated linearly between those given, and kept beyond the first and last.
///
/// domain = range: arrays of `shape`. filters: [positions x n_h], n_h odd; positions: samples of the
/// axis, ascending. Where `shape` is a part of a longer axis, `part` says which: positions are then
/// samples of the whole. Throws ArgumentError for an axis that there is not, filters of even length,
/// another number of positions than filters, and positions that do not ascend or lie outside.
template <Scalar T>
class NonStationaryConvolution1D : public Operator<NonStationaryConvolution1D<T>, ArraySpace<T>> {
 public:
    /// The samples [first, first + n) of an axis of `total` samples; 0: of the n alone.
    struct PartOfAxis {
        index_t first = 0;
        index_t total = 0;
    };
    NonStationaryConvolution1D(const Shape& shape, const Array<T>& filters,
                               const std::vector<index_t>& positions, int axis = -1,
                               PartOfAxis part = {});
    std::string label() const { return "NonStationaryConvolution1D"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    int axis_;
    index_t length_;
    std::shared_ptr<const std::vector<T>> filters_;  // one for each sample
};

}  // namespace lop
