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

/// Complex numbers as pairs of real ones: products with a factor w are Re(w) x and Im(w) x, put together
/// once a sum is complete.
template <class T> constexpr index_t reals_in = is_complex<T> ? 2 : 1;
template <class T> const Real<T>* reals(const T* x) { return reinterpret_cast<const Real<T>*>(x); }
template <class T> Real<T>* reals(T* x) { return reinterpret_cast<Real<T>*>(x); }

/// The sums over k of `rows` rows of G for `width` reals of the right-hand sides from c on, in
/// registers; every sum runs over k in its order, however many there are at once.
template <int rows, int width, class T>
void multiply_tile(const Batch& b, const T* g, const T* x, T* y, index_t c) {
    using R = Real<T>;
    constexpr int parts = reals_in<T>;
    R sums[parts][rows][width] = {};
    const index_t stride = b.n * parts;
    for (index_t k = 0; k < b.columns; ++k) {
        const R* in = reals(x) + k * stride + c;
        for (int r = 0; r < rows; ++r)
            for (int part = 0; part < parts; ++part) {
                const R w = reals(g + r * b.columns + k)[part];
#pragma omp simd
                for (int i = 0; i < width; ++i) sums[part][r][i] += w * in[i];
            }
    }
    for (int r = 0; r < rows; ++r) {
        R* out = reals(y) + r * stride + c;
        for (int i = 0; i < width; ++i) {
            if constexpr (is_complex<T>)
                out[i] = sums[0][r][i] + (i % 2 == 0 ? -sums[1][r][i + 1] : sums[1][r][i - 1]);
            else out[i] = sums[0][r][i];
        }
    }
}

template <int rows, class T> void multiply_rows(const Batch& b, const T* g, const T* x, T* y) {
    constexpr int wide = 32 / static_cast<int>(sizeof(Real<T>)) * 2;
    const index_t end = b.n * reals_in<T>;
    index_t c = 0;
    for (; c + wide <= end; c += wide) multiply_tile<rows, wide>(b, g, x, y, c);
    if (c + wide / 2 <= end) {
        multiply_tile<rows, wide / 2>(b, g, x, y, c);
        c += wide / 2;
    }
    for (; c < end; c += reals_in<T>) multiply_tile<rows, reals_in<T>>(b, g, x, y, c);
}

/// One right-hand side: a sum in lanes along the row. Complex numbers meet x as it is and with its
/// parts swapped, in pairs of lanes.
template <class T> T multiply_line(const Batch& b, const T* g, const T* x) {
    constexpr index_t lanes = 16;
    using R = Real<T>;
    const index_t end = b.columns * reals_in<T>;
    R same[lanes] = {};
    [[maybe_unused]] R crossed[lanes] = {};
    const auto add = [&](index_t k, index_t count) {
        const R* w = reals(g) + k;
        const R* in = reals(x) + k;
        for (index_t l = 0; l < count; ++l) same[l] += w[l] * in[l];
        if constexpr (is_complex<T>)
            for (index_t l = 0; l < count; ++l) crossed[l] += w[l] * in[l ^ 1];
    };
    index_t k = 0;
    for (; k + lanes <= end; k += lanes) add(k, lanes);
    add(k, end - k);
    T sum{};
    for (index_t l = 0; l < lanes; l += reals_in<T>) {
        if constexpr (is_complex<T>) sum += T(same[l] - same[l + 1], crossed[l] + crossed[l + 1]);
        else sum += same[l];
    }
    return sum;
}

/// Each row of the result once; G is read once.
template <class T> void multiply(const Batch& b, const T* g, const T* x, T* y) {
    constexpr index_t block = 2;
    const index_t blocks = (b.rows + block - 1) / block;
#pragma omp parallel for schedule(static) if (b.large())
    for (index_t task = 0; task < b.slices * blocks; ++task) {
        const index_t slice = task / blocks;
        const index_t begin = task % blocks * block;
        const index_t end = std::min(b.rows, begin + block);
        const T* rows = g + (slice * b.rows + begin) * b.columns;
        const T* in = x + slice * b.columns * b.n;
        T* out = y + (slice * b.rows + begin) * b.n;
        if (b.n == 1)
            for (index_t r = 0; r < end - begin; ++r)
                out[r] = multiply_line(b, rows + r * b.columns, in);
        else if (end - begin == block) multiply_rows<block>(b, rows, in, out);
        else multiply_rows<1>(b, rows, in, out);
    }
}

/// out[k] += conj(g[r, k]) in[r], r = 0, 1, .., begin <= k < end.
template <int rows, class T>
void add_conjugate_rows(const Batch& b, const T* g, const T* in, index_t begin, index_t end,
                        T* out) {
    if (b.n == 1) {
        for (index_t k = begin; k < end; ++k)
            for (int r = 0; r < rows; ++r) out[k] += times(conjugate(g[r * b.columns + k]), in[r]);
        return;
    }
    for (index_t k = begin; k < end; ++k) {
        T weights[rows];
        for (int r = 0; r < rows; ++r) weights[r] = conjugate(g[r * b.columns + k]);
        T* to = out + k * b.n;
        for (index_t c = 0; c < b.n; ++c) {
            T sum = to[c];
            for (int r = 0; r < rows; ++r) sum += times(weights[r], in[r * b.n + c]);
            to[c] = sum;
        }
    }
}

/// The same with the conjugate transposes, in blocks of columns that stay in the cache: four rows of G
/// at a time, added one after the other.
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
        const T* rows = g + slice * b.rows * b.columns;
        const T* in = y + slice * b.rows * b.n;
        index_t i = 0;
        for (; i + 4 <= b.rows; i += 4)
            add_conjugate_rows<4>(b, rows + i * b.columns, in + i * b.n, begin, end, out);
        for (; i < b.rows; ++i)
            add_conjugate_rows<1>(b, rows + i * b.columns, in + i * b.n, begin, end, out);
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
