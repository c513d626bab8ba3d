/// Curvelets: a tight frame of short plane waves at all scales and in all directions.
#pragma once

#include <lop/algebra/operator.hpp>

#include <complex>
#include <memory>
#include <string>
#include <vector>

namespace lop {

struct CurveletOptions {
    int scales = 3;  ///< the coarsest one, which has no direction, included
    /// Wedges from one diagonal to the next, along each other axis, at the directional scales from the
    /// coarsest; where there are fewer numbers than scales, the last doubles at every further scale.
    std::vector<int> wedges{3};
    /// How far a wedge reaches across its edges, in widths of a wedge: above 0, 1/2 at most.
    double overlap = 1.0 / 16;
    /// false: the finest scale has no directions, one coefficient a sample and the memory of wavelets.
    bool directional_finest = true;
};

/// The curvelets of one scale and direction, and where their coefficients are.
struct CurveletBand {
    int scale = 0;  ///< 0 is the coarsest
    int axis = -1;  ///< along which their frequencies are the largest; -1: no direction
    int side = 1;   ///< the sign of these frequencies; of real arrays one side stands for both
    /// The number of the wedge along each of the other axes, in the order of axes.
    std::vector<int> wedge{};
    /// The middle of the wedge along each of the other axes: frequency there over frequency along
    /// `axis`, both in cycles a sample.
    std::vector<double> slope{};
    Shape shape{};      ///< how many there are along each axis
    Shape step{};       ///< samples between neighbours: curvelet m sits at sample m step
    index_t first = 0;  ///< the place of the first coefficient; the last axis is the fastest
};

/// The uniform discrete curvelet transform (Nguyen and Chauris 2010) of an image or a volume. With X
/// the orthonormal spectrum of the array, padded with zeros to n samples along each axis, and k
/// frequencies, the M coefficients of band b are
///
///     y_b(m) = sqrt(g / M) sum_k W_b(k) X(k) exp(2 pi i sum_a k_a m_a step_a / n_a),
///
/// g = 2 where one side stands for both, else 1. The squares of all windows W_b add up to one, and no
/// two frequencies of a window fall together when it is sampled every `step`: so A'A = I, and the
/// adjoint is the inverse of what the transform makes. W_b^2 is a difference of two low-pass boxes an
/// octave apart, times a window in the slope k_a / k_axis for every other axis a.
///
/// domain: arrays of `shape`, two or three axes of any extents; range: complex, all coefficients band
/// by band. Of real arrays it is linear over the reals, its adjoint exact in Re <x, y>. Arrays of
/// arrays go through kron(Identity{space}, A). Throws ArgumentError for other numbers of axes, empty
/// ones, numbers of scales and wedges that are not, and overlaps at which a wedge meets itself.
template <Scalar T> class CurveletTransform
    : public Operator<CurveletTransform<T>, ArraySpace<T>, ArraySpace<std::complex<Real<T>>>> {
 public:
    using C = std::complex<Real<T>>;
    explicit CurveletTransform(const Shape& shape, const CurveletOptions& options = {});
    std::string label() const { return "CurveletTransform"; }
    void forward(const Array<T>& x, Array<C>& y) const;
    void adjoint(const Array<C>& y, Array<T>& x) const;

    /// From the coarsest scale to the finest; of each scale by axis, side, and wedges, the last axis
    /// fastest.
    const std::vector<CurveletBand>& bands() const;
    /// The extents after padding: the least multiples of all steps.
    const Shape& padded() const;

 private:
    struct Parts;
    std::shared_ptr<const Parts> parts_;
};

}  // namespace lop
