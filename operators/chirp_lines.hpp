/// The kernel exp(-2 pi i f p x) between two regular axes, applied along lines of spectra.
#pragma once

#include "operators/fourier_lines.hpp"
#include <lop/operators/chirp_radon.hpp>

#include <memory>
#include <vector>

namespace lop::fft {

/// What the lines along one axis are multiplied with.
struct ChirpKernel {
    RegularAxis p;
    RegularAxis x;
    std::vector<double> frequencies;
    bool filtered = false;  ///< times |f dp dx|
};

/// Y(x_j) = sum_q X(p_q) exp(-2 pi i f p_q x_j) along one axis of arrays whose last axis is frequency.
/// With 2 q j = q^2 + j^2 - (j - q)^2 the sum is a convolution between two multiplications,
///
///     Y(j) = b(j) sum_q w(j - q) a(q) X(q),    w(l) = exp(pi i f dp dx l^2),
///
/// done by transforms of a length that holds every lag j - q. The chirps a, b and the spectrum of w
/// are tables: an application reads about as much of them as of the arrays.
template <class R> class ChirpLines {
 public:
    using C = std::complex<R>;
    /// The shapes of X and Y are alike but along `axis`, which is not the last one.
    ChirpLines(const Shape& model, const Shape& traces, int axis, const ChirpKernel& kernel);
    /// Y from X.
    void spread(const C* model, C* traces) const;
    /// The adjoint of spread: X from Y.
    void stack(const C* traces, C* model) const;

 private:
    struct Tables;
    struct Side;
    template <bool Adjoint> void pass(const LinePairs& lines, const Side& in, const C* from,
                                      const Side& out, C* to) const;

    Transform<R> fft_;
    LinePairs spread_;
    LinePairs stack_;
    std::shared_ptr<const Tables> tables_;
    TeamScratch<C> scratch_;
};

}  // namespace lop::fft
