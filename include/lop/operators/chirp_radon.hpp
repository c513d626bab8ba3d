/// The linear Radon transform between regular axes, in two and three dimensions, by chirps.
#pragma once

#include <lop/algebra/operator.hpp>
#include <lop/core/grid.hpp>

#include <array>
#include <memory>
#include <string>

namespace lop {

namespace fft {
template <Scalar T> class ChirpRadonPasses;
}  // namespace fft

/// Regular places along an axis: place i lies at start + i * step.
struct RegularAxis {
    index_t count = 0;
    double step = 1;
    double start = 0;
    /// Places around zero, which is the place count / 2, rounded down.
    static RegularAxis centered(index_t count, double step) {
        return {count, step, -step * static_cast<double>(count / 2)};
    }
};

struct ChirpRadonOptions {
    index_t nfft = 0;  ///< samples in time after zero padding; 0: no padding, time is periodic
};

/// Sums plane waves:  d(x, t) = sum_p m(p, t - p x); the adjoint is the slant stack
/// m(p, t) = sum_x d(x, t + p x). The map of Radon with RadonCurve::linear, but for two things: shifts
/// between samples are exact for band-limited traces, by their phase, and without padding what leaves
/// the time axis at one end comes in at the other. In frequency
///
///     D(x_j, f) = sum_q M(p_q, f) exp(-2 pi i f p_q x_j),
///
/// a chirp convolution, since 2 q j = q^2 + j^2 - (j - q)^2 (Bluestein 1970; for slant stacks
/// Andersson and Robertsson 2019, Geophysics 84(1) A13-A17): n log n for n traces instead of n^2.
///
/// domain: model[slownesses x samples]; range: traces[offsets x samples]. Offsets in m, slownesses in
/// s/m, time in s; the time of the first sample does not matter. Of real traces of an even number of
/// samples, Nyquist keeps the real part of its phase. Keeps a few tables of the size of the padded
/// spectra. Throws ArgumentError for axes without places or with steps and starts that are not
/// finite, time axes without samples or a positive interval, and nfft below the samples.
template <Scalar T> class ChirpRadon2D : public Operator<ChirpRadon2D<T>, ArraySpace<T>> {
 public:
    ChirpRadon2D(const TimeAxis& time, const RegularAxis& offsets, const RegularAxis& slownesses,
                 const ChirpRadonOptions& options = {});
    std::string label() const { return "ChirpRadon2D"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    std::shared_ptr<const fft::ChirpRadonPasses<T>> passes_;
};

/// The same over planes:  d(y, x, t) = sum_{p, q} m(p, q, t - p y - q x). domain: model[slownesses
/// along y x slownesses along x x samples]; range: traces[y x x x samples]. Errors as ChirpRadon2D.
template <Scalar T> class ChirpRadon3D : public Operator<ChirpRadon3D<T>, ArraySpace<T>> {
 public:
    /// Both pairs are in the order y, x.
    ChirpRadon3D(const TimeAxis& time, const std::array<RegularAxis, 2>& offsets,
                 const std::array<RegularAxis, 2>& slownesses,
                 const ChirpRadonOptions& options = {});
    std::string label() const { return "ChirpRadon3D"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    std::shared_ptr<const fft::ChirpRadonPasses<T>> passes_;
};

/// An approximate inverse of A = ChirpRadon2D, from traces to a model: the filtered slant stack
///
///     B d = |dp dx| |f| A' d,    B' = A |dp dx| |f|,
///
/// the discrete form of the inversion formula of the Radon transform. B' is its exact adjoint; B is no
/// inverse to rounding: A B d is near d, and B' A' d too, where d lies between the slownesses
/// (|f| p_min <= wavenumber <= |f| p_max), where dp is fine enough (|f| |dp| <= 1 / aperture in x) and
/// away from frequency zero, which it removes. lsqr(A, d) inverts as far as the data allow.
/// domain: traces[offsets x samples]; range: model[slownesses x samples]. Arguments: those of A.
template <Scalar T> class ApproximateInverseChirpRadon2D
    : public Operator<ApproximateInverseChirpRadon2D<T>, ArraySpace<T>> {
 public:
    ApproximateInverseChirpRadon2D(const TimeAxis& time, const RegularAxis& offsets,
                                   const RegularAxis& slownesses,
                                   const ChirpRadonOptions& options = {});
    std::string label() const { return "ApproximateInverseChirpRadon2D"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    std::shared_ptr<const fft::ChirpRadonPasses<T>> passes_;
};

/// The same of ChirpRadon3D, with |dp dy dq dx| f^2 in place of |dp dx| |f|.
template <Scalar T> class ApproximateInverseChirpRadon3D
    : public Operator<ApproximateInverseChirpRadon3D<T>, ArraySpace<T>> {
 public:
    ApproximateInverseChirpRadon3D(const TimeAxis& time, const std::array<RegularAxis, 2>& offsets,
                                   const std::array<RegularAxis, 2>& slownesses,
                                   const ChirpRadonOptions& options = {});
    std::string label() const { return "ApproximateInverseChirpRadon3D"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    std::shared_ptr<const fft::ChirpRadonPasses<T>> passes_;
};

}  // namespace lop
