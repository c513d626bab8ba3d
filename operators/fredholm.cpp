/// Products with batches of matrices, row by row.
#include <lop/operators/fredholm.hpp>

#include "operators/fourier_lines.hpp"
#include "operators/lines.hpp"
#include "operators/mdc.hpp"
#include <lop/core/error.hpp>
#include <lop/operators/fourier.hpp>

#include <algorithm>
#include <cmath>

namespace lop {
namespace {

/// The extents of one batch: y_k = G_k x_k with G_k of rows x columns and n columns of x_k.
struct Batch {
    index_t slices = 0;
    index_t rows = 0;
    index_t columns = 0;
    index_t n = 1;

    bool large() const { return slices * rows * columns * n >= parallel_threshold; }
};

/// Each row of the result once, the sum over columns in their order; G is read once.
template <class T> void multiply(const Batch& b, const T* g, const T* x, T* y) {
#pragma omp parallel for schedule(static) if (b.large())
    for (index_t row = 0; row < b.slices * b.rows; ++row) {
        const T* in = x + row / b.rows * b.columns * b.n;
        T* out = y + row * b.n;
        std::fill_n(out, b.n, T{});
        for (index_t k = 0; k < b.columns; ++k) {
            const T weight = g[row * b.columns + k];
            for (index_t c = 0; c < b.n; ++c) out[c] += times(weight, in[k * b.n + c]);
        }
    }
}

/// The same with the conjugate transposes, in blocks of columns that stay in the cache.
template <class T> void multiply_adjoint(const Batch& b, const T* g, const T* y, T* x) {
    constexpr index_t block = 64;
    const index_t blocks = (b.columns + block - 1) / block;
#pragma omp parallel for schedule(static) if (b.large())
    for (index_t task = 0; task < b.slices * blocks; ++task) {
        const index_t slice = task / blocks;
        const index_t begin = task % blocks * block;
        const index_t end = std::min(b.columns, begin + block);
        T* out = x + slice * b.columns * b.n;
        std::fill(out + begin * b.n, out + end * b.n, T{});
        for (index_t i = 0; i < b.rows; ++i) {
            const T* row = g + (slice * b.rows + i) * b.columns;
            const T* in = y + (slice * b.rows + i) * b.n;
            for (index_t k = begin; k < end; ++k) {
                const T weight = conjugate(row[k]);
                for (index_t c = 0; c < b.n; ++c) out[k * b.n + c] += times(weight, in[c]);
            }
        }
    }
}

Batch checked_batch(const std::string& name, const Shape& kernel, index_t n) {
    if (kernel.rank() != 3)
        throw ArgumentError{name + " with a kernel of " + kernel.str(),
                            {.expected = "slices x rows x columns"}};
    if (n < 1)
        throw ArgumentError{name + " of " + std::to_string(n) + " right-hand sides",
                            {.expected = "at least one"}};
    return {kernel[0], kernel[1], kernel[2], n};
}

Shape model_of(const Batch& b) { return {b.slices, b.columns, b.n}; }
Shape data_of(const Batch& b) { return {b.slices, b.rows, b.n}; }

}  // namespace

template <Scalar T> Fredholm1<T>::Fredholm1(Array<T> kernel, index_t columns_of_model)
    : Operator<Fredholm1, ArraySpace<T>>{{"model",
                                          model_of(checked_batch("Fredholm1", kernel.shape(),
                                                                 columns_of_model))},
                                         {"data", data_of(checked_batch("Fredholm1", kernel.shape(),
                                                                        columns_of_model))}},
      kernel_{std::make_shared<const Array<T>>(std::move(kernel))} {}

template <Scalar T> void Fredholm1<T>::forward(const Array<T>& x, Array<T>& y) const {
    const Shape& g = kernel_->shape();
    multiply({g[0], g[1], g[2], x.shape()[2]}, kernel_->data(), x.data(), y.data());
}

template <Scalar T> void Fredholm1<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    const Shape& g = kernel_->shape();
    multiply_adjoint({g[0], g[1], g[2], y.shape()[2]}, kernel_->data(), y.data(), x.data());
}

template <Scalar R>
    requires(!is_complex<R>)
struct MultiDimensionalConvolution<R>::Parts {
    using C = std::complex<R>;
    RealFourierTransform<R> model;  // F on both sides of the kernel
    RealFourierTransform<R> data;
    Array<C> kernel;  // with its measures
    Batch batch;
};

void check_mdc(const Shape& kernel, index_t samples, index_t sections, bool two_sided) {
    const std::string name = "MultiDimensionalConvolution";
    const Batch batch = checked_batch(name, kernel, sections);
    if (samples < 1)
        throw ArgumentError{name + " on " + std::to_string(samples) + " samples",
                            {.expected = "at least one sample", .remedy = without_samples}};
    if (batch.slices > samples / 2 + 1)
        throw ArgumentError{
            name + " on " + std::to_string(samples) + " samples",
            {.expected = "a kernel of at most " + std::to_string(samples / 2 + 1) + " frequencies",
             .found = std::to_string(batch.slices)}};
    if (two_sided && samples % 2 == 0)
        throw ArgumentError{name + " with two sides of " + std::to_string(samples) + " samples",
                            {.expected = "an odd number, time zero in the middle"}};
}

namespace {

Batch mdc_batch(const Shape& kernel, index_t samples, index_t sections, bool two_sided) {
    check_mdc(kernel, samples, sections, two_sided);
    return {kernel[0], kernel[1], kernel[2], sections};
}

template <class R>
RealFourierTransform<R> along_time(index_t samples, index_t lines, index_t sections, bool shift) {
    return RealFourierTransform<R>{{samples, lines, sections},
                                   {.axes = {0}, .ifftshift_before = shift}};
}

}  // namespace

template <Scalar R>
    requires(!is_complex<R>)
MultiDimensionalConvolution<R>::MultiDimensionalConvolution(
    Array<std::complex<R>> kernel, index_t samples, index_t sections,
    const MultiDimensionalConvolutionOptions& options)
    : Operator<MultiDimensionalConvolution, ArraySpace<R>>{
          {"model",
           {samples, mdc_batch(kernel.shape(), samples, sections, options.two_sided).columns,
            sections}},
          {"data", {samples, kernel.shape()[1], sections}}} {
    const Batch batch = mdc_batch(kernel.shape(), samples, sections, options.two_sided);
    if (!options.prescaled) kernel *= mdc_scale<R>(samples, options);
    parts_ = std::make_shared<const Parts>(
        Parts{along_time<R>(samples, batch.columns, sections, options.two_sided),
              along_time<R>(samples, batch.rows, sections, false), std::move(kernel), batch});
}

template <Scalar R>
    requires(!is_complex<R>)
void MultiDimensionalConvolution<R>::forward(const Array<R>& x, Array<R>& y) const {
    using C = std::complex<R>;
    const Parts& p = *parts_;
    auto model = p.model.range().scratch();
    auto data = p.data.range().scratch();
    p.model.forward(x, *model);
    multiply(p.batch, p.kernel.data(), model->data(), data->data());
    std::fill(data->begin() + p.batch.slices * p.batch.rows * p.batch.n, data->end(), C{});
    p.data.adjoint(*data, y);
}

template <Scalar R>
    requires(!is_complex<R>)
void MultiDimensionalConvolution<R>::adjoint(const Array<R>& y, Array<R>& x) const {
    using C = std::complex<R>;
    const Parts& p = *parts_;
    auto model = p.model.range().scratch();
    auto data = p.data.range().scratch();
    p.data.forward(y, *data);
    multiply_adjoint(p.batch, p.kernel.data(), data->data(), model->data());
    std::fill(model->begin() + p.batch.slices * p.batch.columns * p.batch.n, model->end(), C{});
    p.model.adjoint(*model, x);
}

template class Fredholm1<float>;
template class Fredholm1<double>;
template class Fredholm1<std::complex<float>>;
template class Fredholm1<std::complex<double>>;
template class MultiDimensionalConvolution<float>;
template class MultiDimensionalConvolution<double>;

}  // namespace lop
