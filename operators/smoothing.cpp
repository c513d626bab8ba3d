/// Moving averages: every window is the end of one block of values and the start of the next.
#include <lop/operators/smoothing.hpp>

#include "operators/lines.hpp"
#include <lop/core/error.hpp>

#include <algorithm>
#include <array>

namespace lop {
namespace {

index_t checked_length(const std::string& name, index_t length) {
    if (length > 0 && length % 2 == 1) return length;
    throw ArgumentError{name + " over " + std::to_string(length) + " values",
                        {.expected = "a positive, odd number of values",
                         .remedy = length > 0 ? "length = " + std::to_string(length + 1) : ""}};
}

/// Lines are cut into blocks of `length` windows. Those of a block share a middle: each is a run of
/// values that ends there, summed backwards, and one that begins behind it, summed forwards. So
/// every average costs two additions whatever its length, and no difference of running sums cancels
/// (van Herk 1992, for extremes).
/// `width` sums run side by side: 256 in a bundle of lines, or one where the axis is the last.
template <std::size_t width, Scalar T>
void average_bundles(const Lines& lines, index_t length, const T* x, T* y) {
    using Sum = Accumulator<T>;
    const index_t n = lines.n;
    const index_t inner = lines.inner;
    const index_t reach = (length - 1) / 2;
    const double scale = 1 / static_cast<double>(length);
    over_lines(lines, [=](index_t o, index_t first, index_t size) {
        const index_t count = width == 1 ? 1 : size;
        std::array<Sum, width> sums;
        Sum* sum = sums.data();
        const T* from = x + o * n * inner + first;
        T* to = y + o * n * inner + first;
        const auto add = [=](index_t k) {
#pragma omp simd
            for (index_t i = 0; i < count; ++i) sum[i] += static_cast<Sum>(from[k * inner + i]);
        };
        const auto put = [=](index_t window) {
#pragma omp simd
            for (index_t i = 0; i < count; ++i)
                to[window * inner + i] = static_cast<T>(scale * sum[i]);
        };
        for (index_t block = 0; block < n; block += length) {
            const index_t middle = block + reach;
            sums.fill(Sum{});
            for (index_t k = std::min(middle, n - 1); k >= std::max<index_t>(0, block - reach);
                 --k) {
                add(k);
                if (k + reach < n) put(k + reach);
            }
            // Windows that begin before the first value hold all values up to the middle.
            for (index_t window = std::min(n, reach) - 1; window >= block; --window) put(window);
            sums.fill(Sum{});
            for (index_t window = block + 1; window < std::min(n, block + length); ++window) {
                if (window + reach < n) add(window + reach);
#pragma omp simd
                for (index_t i = 0; i < count; ++i)
                    to[window * inner + i] += static_cast<T>(scale * sum[i]);
            }
        }
    });
}

template <Scalar T> void average(const Lines& lines, index_t length, const T* x, T* y) {
    if (lines.inner == 1) average_bundles<1>(lines, length, x, y);
    else average_bundles<256>(lines, length, x, y);
}

template <Scalar T>
Smoothing1DOptions checked(const ArraySpace<T>& space, const Smoothing1DOptions& options) {
    return {.length = checked_length("Smoothing1D", options.length),
            .axis = checked_axis("Smoothing1D", space.shape(), options.axis)};
}

template <Scalar T>
Smoothing2DOptions checked(const ArraySpace<T>& space, Smoothing2DOptions options) {
    for (std::size_t a = 0; a < 2; ++a) {
        checked_length("Smoothing2D", options.lengths[a]);
        options.axes[a] = checked_axis("Smoothing2D", space.shape(), options.axes[a]);
    }
    if (options.axes[0] == options.axes[1])
        throw ArgumentError{
            "Smoothing2D of " + space.shape().str(),
            {.expected = "two unlike axes", .found = std::to_string(options.axes[0]) + " twice"}};
    return options;
}

}  // namespace

template <Scalar T>
Smoothing1D<T>::Smoothing1D(ArraySpace<T> space, const Smoothing1DOptions& options)
    : Operator<Smoothing1D, ArraySpace<T>>{space}, options_{checked(space, options)} {}

template <Scalar T> void Smoothing1D<T>::forward(const Array<T>& x, Array<T>& y) const {
    average(lines_of(x.shape(), options_.axis), options_.length, x.data(), y.data());
}

template <Scalar T>
Smoothing2D<T>::Smoothing2D(ArraySpace<T> space, const Smoothing2DOptions& options)
    : Operator<Smoothing2D, ArraySpace<T>>{space}, options_{checked(space, options)} {}

template <Scalar T> void Smoothing2D<T>::forward(const Array<T>& x, Array<T>& y) const {
    auto half = this->domain().scratch();
    const auto& [lengths, axes] = options_;
    average(lines_of(x.shape(), axes[0]), lengths[0], x.data(), half->data());
    average(lines_of(x.shape(), axes[1]), lengths[1], half->data(), y.data());
}

template class Smoothing1D<float>;
template class Smoothing1D<double>;
template class Smoothing1D<std::complex<float>>;
template class Smoothing1D<std::complex<double>>;
template class Smoothing2D<float>;
template class Smoothing2D<double>;
template class Smoothing2D<std::complex<float>>;
template class Smoothing2D<std::complex<double>>;

}  // namespace lop
