/// Reading arrays between their samples, and shifting lines by parts of a sample.
#pragma once

#include <lop/algebra/operator.hpp>

#include <memory>
#include <string>
#include <vector>

namespace lop {

namespace fft {
template <Scalar T> class LineFilter;
}  // namespace fft

enum class InterpolationKind {
    nearest,  ///< the nearest sample; halfway, the even one
    linear,   ///< between two neighbours
    sinc,     ///< band-limited: sinc with a Kaiser window
    spline,   ///< natural cubic spline through all samples
};

struct Interpolation1DOptions {
    int axis = -1;  ///< negative ones count from the last
    InterpolationKind kind = InterpolationKind::linear;
    index_t half_width = 8;  ///< of the sinc, samples on each side; 0: all samples, no window
};

/// y(p) = x at position p, in samples from the first, along an axis.
///
///     | 1  0    0    |
///     | 0  0.7  0.3  |     linear interpolation at 0 and 1.3 on three samples
///
/// nearest and linear: one and two weights; sinc: sinc(p - j) kaiser((p - j) / half_width), beta 8,
/// x zero outside; spline: the curve through all samples with continuous curvature, zero at the
/// ends (de Boor 1978, ch. 4), its moments solved for in each line.
/// domain: arrays of `shape`; range: the same with one sample a position along the axis. Positions
/// may come in any order and more than once. Throws ArgumentError for an axis that there is not, no
/// positions, positions outside the axis, and a negative half width.
template <Scalar T> class Interpolation1D : public Operator<Interpolation1D<T>, ArraySpace<T>> {
 public:
    Interpolation1D(const Shape& shape, const std::vector<double>& positions,
                    const Interpolation1DOptions& options = {});
    std::string label() const { return "Interpolation1D"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    struct Weights;
    std::shared_ptr<const Weights> weights_;
};

/// A position on two axes, in samples from the first.
struct BilinearPosition {
    double first = 0;
    double second = 0;
};

/// y(p) = the mean of the four samples around position p on two adjacent axes, weighted by distance:
/// (1 - u)(1 - v) x(i, j) + (1 - u) v x(i, j+1) + u (1 - v) x(i+1, j) + u v x(i+1, j+1).
/// domain: arrays of `shape`; range: the same with the axes `axis` and `axis` + 1 replaced by one over
/// the positions. Throws ArgumentError for axes that there are not, no positions, and positions
/// outside the axes.
template <Scalar T> class Bilinear : public Operator<Bilinear<T>, ArraySpace<T>> {
 public:
    Bilinear(const Shape& shape, const std::vector<BilinearPosition>& positions, int axis = 0);
    std::string label() const { return "Bilinear"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    struct Corners;
    std::shared_ptr<const Corners> corners_;
};

struct ShiftOptions {
    int axis = -1;        ///< negative ones count from the last
    double interval = 1;  ///< between samples, in the unit of the shift
    index_t nfft = 0;     ///< samples after zero padding; 0: no padding, the shift is periodic
};

/// y(t) = x(t - shift) along an axis, by the phase exp(-2 pi i f shift) of its spectrum: exact for
/// band-limited lines. Without padding it is unitary, but for Nyquist of real lines of even length.
/// domain = range: arrays of `shape`. One shift for all lines, or one each, in the order of the array
/// without its axis. Throws ArgumentError for an axis that there is not or is empty, another number
/// of shifts, shifts that are not finite, nfft below the axis and intervals that are not positive.
template <Scalar T> class Shift : public Operator<Shift<T>, ArraySpace<T>> {
 public:
    Shift(const Shape& shape, double shift, const ShiftOptions& options = {});
    Shift(const Shape& shape, const std::vector<double>& shifts, const ShiftOptions& options = {});
    std::string label() const { return "Shift"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    std::shared_ptr<const fft::LineFilter<T>> filter_;
};

}  // namespace lop
