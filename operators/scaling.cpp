/// Weights along one axis: one pass each.
#include <lop/operators/scaling.hpp>

#include "operators/lines.hpp"
#include <lop/core/error.hpp>

namespace lop {
namespace {

/// a b, or conj(a) b, without the detour of std::complex for infinities, which is slow.
template <bool conjugated, Scalar T> T times(const T& a, const T& b) {
    if constexpr (is_complex<T>) {
        const auto im = conjugated ? -a.imag() : a.imag();
        return {a.real() * b.real() - im * b.imag(), a.real() * b.imag() + im * b.real()};
    } else return a * b;
}

template <bool conjugated, Scalar T>
void scale_lines(const Lines& lines, const T* w, const T* x, T* y) {
    const auto [outer, n, inner] = lines;
    over_lines(lines, [=](index_t o, index_t first, index_t count) {
        const T* from = x + o * n * inner + first;
        T* to = y + o * n * inner + first;
        if (inner == 1) {
#pragma omp simd
            for (index_t k = 0; k < n; ++k) to[k] = times<conjugated>(w[k], from[k]);
            return;
        }
        for (index_t k = 0; k < n; ++k) {
            const T weight = w[k];
#pragma omp simd
            for (index_t i = 0; i < count; ++i)
                to[k * inner + i] = times<conjugated>(weight, from[k * inner + i]);
        }
    });
}

}  // namespace

template <Scalar T>
AxisDiagonal<T>::AxisDiagonal(ArraySpace<T> space, std::vector<T> weights,
                              const AxisDiagonalOptions& options)
    : Operator<AxisDiagonal, ArraySpace<T>>{std::move(space)},
      axis_{checked_axis("AxisDiagonal", this->domain().shape(), options.axis)} {
    const Shape& shape = this->domain().shape();
    if (static_cast<index_t>(weights.size()) != shape[axis_])
        throw ArgumentError{
            "AxisDiagonal along axis " + std::to_string(axis_) + " of " + shape.str(),
            {.expected = std::to_string(shape[axis_]) + " weights",
             .found = std::to_string(weights.size())}};
    weights_ = std::make_shared<const std::vector<T>>(std::move(weights));
}

template <Scalar T> void AxisDiagonal<T>::forward(const Array<T>& x, Array<T>& y) const {
    scale_lines<false>(lines_of(x.shape(), axis_), weights_->data(), x.data(), y.data());
}
template <Scalar T> void AxisDiagonal<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    scale_lines<true>(lines_of(y.shape(), axis_), weights_->data(), y.data(), x.data());
}

template class AxisDiagonal<float>;
template class AxisDiagonal<double>;
template class AxisDiagonal<std::complex<float>>;
template class AxisDiagonal<std::complex<double>>;

}  // namespace lop
