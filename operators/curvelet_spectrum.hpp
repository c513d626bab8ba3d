/// The full spectrum of a padded image or volume, real or complex, and back.
#pragma once

#include "operators/curvelet_layout.hpp"
#include "operators/fourier_lines.hpp"

#include <complex>
#include <vector>

namespace lop::curvelets {

/// X = B F P x: zero padding P, the orthonormal transform F, and weights B that depend on the size of
/// the frequencies alone. The adjoint is P' F' B, of real arrays its real part. X holds all
/// frequencies of real arrays too, so that a window is one set of rows whichever way it points; the
/// transforms themselves run on half of them.
template <Scalar T> class Spectrum {
 public:
    using R = Real<T>;
    using C = std::complex<R>;
    /// `balance`: B at frequencies 0 .. n / 2 along each axis, or empty for the identity.
    Spectrum(const Layout& layout, const std::vector<R>& balance);

    void forward(const T* x, C* spectrum) const;
    /// The spectrum is destroyed.
    void adjoint(C* spectrum, T* x) const;

 private:
    /// One axis within the spectrum.
    struct Pass {
        fft::AxisTransform<R> transform;
        fft::Window samples;
        fft::Window frequencies;
    };
    struct Row {
        C* values;
        C* opposite;  // the row of the negative frequencies
        const R* balance;
    };
    template <class Work> void over_rows(C* spectrum, const Work& work) const;
    void weigh(const Row& row) const;

    Extents n_;
    index_t columns_;  // frequencies along the last axis that are transformed
    const R* balance_ = nullptr;
    fft::AxisTransform<R> into_;  // along the last axis, from samples and to them
    fft::AxisTransform<R> out_;
    fft::Window samples_;
    std::vector<Pass> others_{};  // from the last but one to the first
    R scale_;
};

}  // namespace lop::curvelets
