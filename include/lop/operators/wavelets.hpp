/// Orthogonal wavelet transforms.
#pragma once

#include <lop/algebra/operator.hpp>

#include <memory>
#include <string>
#include <vector>

namespace lop {

enum class WaveletFamily {
    haar,        ///< two values
    daubechies,  ///< 2 order values, extremal phase; order 1 (Haar) to 10
    symlet,      ///< 2 order values, the least asymmetric with as many moments; order 2 to 8
};

/// The low-pass filter h of a family with `order` vanishing moments, of sum sqrt(2) and orthonormal to
/// its even shifts. Computed by spectral factorisation: |H|^2 = 2 cos^2p(w/2) P(sin^2(w/2)),
/// P(y) = sum_{k<p} C(p-1+k, k) y^k, of each reciprocal pair of roots one (Daubechies 1992, 6.1);
/// symlets choose for the phase nearest to a linear one (8.1.1).
/// Throws ArgumentError for an order that the family does not have.
std::vector<double> wavelet_filter(WaveletFamily family, int order);

struct WaveletOptions {
    WaveletFamily family = WaveletFamily::daubechies;
    int order = 4;              ///< vanishing moments; without a meaning for Haar
    int levels = 3;             ///< how often the smooth part is split again
    std::vector<int> axes{-1};  ///< one, two or more; negative ones count from the last
};

/// The coefficients of lines, images or volumes in an orthonormal basis of wavelets. At each level
/// the smooth part of every axis is split, periodically, into
///
///     a(k) = sum_m h(m) x(2k + m),  d(k) = sum_m g(m) x(2k + m),  g(m) = (-1)^m h(L - 1 - m),
///
/// a in the first half of the axis and d in the second. The transform is orthogonal, A'A = AA' = I:
/// the adjoint is the inverse.
/// domain = range: arrays of `shape`; the extents of the axes are multiples of 2^levels. Throws
/// ArgumentError for axes that there are not or that are given twice, extents that do not divide, and
/// orders that the family does not have.
template <Scalar T> class WaveletTransform : public Operator<WaveletTransform<T>, ArraySpace<T>> {
 public:
    explicit WaveletTransform(const Shape& shape, const WaveletOptions& options = {});
    std::string label() const { return "WaveletTransform"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    struct Steps;
    std::shared_ptr<const Steps> steps_;
};

}  // namespace lop
