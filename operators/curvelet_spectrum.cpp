/// Transforms of the lines of each axis, and the symmetry of real arrays.
#include "operators/curvelet_spectrum.hpp"

#include <lop/core/parallel.hpp>

#include <cmath>

namespace lop::curvelets {
namespace {

Shape shape_of(const Extents& n) { return {n[0], n[1], n[2]}; }

template <Scalar T> index_t transformed_columns(index_t n) { return is_complex<T> ? n : n / 2 + 1; }

}  // namespace

template <Scalar T> Spectrum<T>::Spectrum(const Layout& layout, const std::vector<R>& balance)
    : n_{layout.padded},
      columns_{transformed_columns<T>(n_[2])},
      balance_{balance.empty() ? nullptr : balance.data()},
      into_{n_[2], fft::LinePairs{shape_of(layout.samples), shape_of(n_), 2}},
      out_{n_[2], fft::LinePairs{shape_of(n_), shape_of(layout.samples), 2}},
      samples_{layout.samples[2], 0},
      scale_{static_cast<R>(1 / std::sqrt(static_cast<double>(volume(n_))))} {
    // Lines that hold nothing but padding are neither read nor written.
    Shape box = shape_of(layout.samples).with(2, columns_);
    for (int axis = 1; axis >= layout.first_axis; --axis) {
        const auto a = static_cast<std::size_t>(axis);
        const Shape all = shape_of(n_);
        others_.push_back({fft::AxisTransform<R>{n_[a], fft::LinePairs{all, all, axis, box}},
                           {layout.samples[a], 0},
                           {n_[a], 0}});
        box = box.with(axis, n_[a]);
    }
}

template <Scalar T> void Spectrum<T>::forward(const T* x, C* spectrum) const {
    if constexpr (is_complex<T>) into_.forward(x, samples_, spectrum, {n_[2], 0}, scale_);
    else into_.forward(x, samples_, spectrum, scale_, R{1});
    for (const Pass& p : others_)
        p.transform.forward(spectrum, p.samples, spectrum, p.frequencies, R{1});
    if (balance_) over_rows(spectrum, [&](const Row& row) { weigh(row); });
    if constexpr (!is_complex<T>)
        over_rows(spectrum, [&](const Row& row) {
            for (index_t k = columns_; k < n_[2]; ++k)
                row.values[k] = std::conj(row.opposite[n_[2] - k]);
        });
}

template <Scalar T> void Spectrum<T>::adjoint(C* spectrum, T* x) const {
    // The real part of an array has the mean of a spectrum and its mirror image. At frequency zero
    // and Nyquist of the last axis the transform to real lines drops the rest.
    if constexpr (!is_complex<T>)
        over_rows(spectrum, [&](const Row& row) {
            for (index_t k = 1; 2 * k < n_[2]; ++k)
                row.values[k] =
                    (row.values[k] + std::conj(row.opposite[n_[2] - k])) * static_cast<R>(0.5);
        });
    if (balance_) over_rows(spectrum, [&](const Row& row) { weigh(row); });
    for (auto p = others_.rbegin(); p != others_.rend(); ++p)
        p->transform.backward(spectrum, p->frequencies, spectrum, p->samples, R{1});
    if constexpr (is_complex<T>) out_.backward(spectrum, {n_[2], 0}, x, samples_, scale_);
    else out_.backward(spectrum, x, samples_, scale_, R{1});
}

template <Scalar T> template <class Work>
void Spectrum<T>::over_rows(C* spectrum, const Work& work) const {
    const index_t rows = n_[0] * n_[1];
    [[maybe_unused]] const bool threaded = rows > 1 && volume(n_) >= parallel_threshold;
#pragma omp parallel for schedule(static) if (threaded)
    for (index_t row = 0; row < rows; ++row) {
        const index_t k0 = row / n_[1];
        const index_t k1 = row % n_[1];
        const index_t mirror0 = k0 == 0 ? 0 : n_[0] - k0;
        const index_t mirror1 = k1 == 0 ? 0 : n_[1] - k1;
        const index_t place = std::min(k0, mirror0) * (n_[1] / 2 + 1) + std::min(k1, mirror1);
        work(Row{spectrum + row * n_[2], spectrum + (mirror0 * n_[1] + mirror1) * n_[2],
                 balance_ ? balance_ + place * (n_[2] / 2 + 1) : nullptr});
    }
}

template <Scalar T> void Spectrum<T>::weigh(const Row& row) const {
    for (index_t k = 0; k < columns_; ++k) row.values[k] *= row.balance[std::min(k, n_[2] - k)];
}

template class Spectrum<float>;
template class Spectrum<double>;
template class Spectrum<std::complex<float>>;
template class Spectrum<std::complex<double>>;

}  // namespace lop::curvelets
