/// Convolutions: sums over the taps of short filters, products of spectra of long ones.
#include <lop/operators/convolution.hpp>

#include "operators/fourier_lines.hpp"
#include "operators/lines.hpp"
#include "operators/taps.hpp"
#include <lop/operators/fourier.hpp>

#include <array>
#include <cmath>
#include <cstdlib>

namespace lop {
namespace {

/// Up to this many taps a sum is faster than two transforms of the line.
constexpr index_t direct_taps = 64;

bool by_sum(ConvolutionMethod method, index_t taps) {
    if (method == ConvolutionMethod::automatic) return taps <= direct_taps;
    return method == ConvolutionMethod::direct;
}

/// y(i) = sum_m w(m) x(i + first + m) for every line.
template <class T> void correlate(const Lines& lines, const std::vector<T>& w, index_t first,
                                  const T* x, T* y) {
    const auto taps = static_cast<index_t>(w.size());
    const index_t n = lines.n;
    over_lines(lines, [&](index_t o, index_t l, index_t count) {
        const T* in = x + o * n * lines.inner + l;
        T* out = y + o * n * lines.inner + l;
        if (lines.inner == 1) {
            RowSum<T> sum{out, n};
            for (index_t m = 0; m < taps; ++m)
                sum.add(in, w[static_cast<std::size_t>(m)], first + m);
            return sum.finish();
        }
        for (index_t i = 0; i < n; ++i) {
            RowSum<T> sum{out + i * lines.inner, count};
            const index_t low = std::max<index_t>(0, -(i + first));
            const index_t high = std::min(taps, n - i - first);
            // In the groups that a single line has: the bits do not depend on how many there are.
            constexpr auto group = static_cast<index_t>(taps_at_once);
            for (index_t begin = 0; begin < taps; begin += group) {
                const index_t end = std::min(high, begin + group);
                for (index_t m = std::max(low, begin); m < end; ++m)
                    sum.add(in + (i + first + m) * lines.inner, w[static_cast<std::size_t>(m)]);
                sum.end_group();
            }
            sum.finish();
        }
    });
}

/// The spectrum of a filter on n_fft samples, its value at `offset` at sample zero; in double.
template <Scalar T> std::vector<std::complex<Real<T>>> response_of(const std::vector<T>& filter,
                                                                   index_t offset, index_t n,
                                                                   index_t nfft) {
    using C = std::complex<double>;
    const fft::Transform<double> transform{nfft};
    Buffer<C, Host> line{nfft};
    std::fill_n(line.data(), nfft, C{});
    for (index_t k = 0; k < static_cast<index_t>(filter.size()); ++k) {
        const index_t lag = k - offset;
        if (std::abs(lag) < n)  // others reach no sample
            line.data()[(lag + nfft) % nfft] = C(filter[static_cast<std::size_t>(k)]);
    }
    transform.forward(line.data());
    std::vector<std::complex<Real<T>>> h;
    for (index_t k = 0; k < fft::LineFilter<T>::response_size(nfft); ++k)
        h.emplace_back(static_cast<Real<T>>(line.data()[k].real()),
                       static_cast<Real<T>>(line.data()[k].imag()));
    return h;
}

/// A length on which a filter of these lags does not wrap around into the samples.
index_t length_for(index_t n, index_t taps, index_t offset) {
    return fft::fast_length(n + std::min(n - 1, std::max(offset, taps - 1 - offset)));
}

void check_filter(const std::string& name, const Shape& shape, int axis, index_t taps,
                  index_t offset) {
    fft::checked_length(name, shape, axis, 0);
    if (taps < 1)
        throw ArgumentError{name + " with an empty filter", {.expected = "at least one value"}};
    if (offset < 0 || offset >= taps)
        throw ArgumentError{name + ": offset",
                            {.expected = "an index of the filter, 0 to " + std::to_string(taps - 1),
                             .found = std::to_string(offset),
                             .remedy = "pad the filter with zeros"}};
}

/// Throws ArgumentError unless all of a filter's values are finite.
template <Scalar T> void check_finite_filter(const char* name, const Shape& shape, const T* filter,
                                             index_t count) {
    for (index_t i = 0; i < count; ++i)
        if (!std::isfinite(std::abs(filter[i])))
            throw ArgumentError{std::string{name} + " of " + shape.str(),
                                {.expected = "a filter of finite values",
                                 .found = number_words(static_cast<double>(std::abs(filter[i]))) +
                                          " in place " + std::to_string(i)}};
}

}  // namespace

template <Scalar T> struct Convolution1D<T>::Taps {
    Lines lines;
    index_t offset = 0;
    std::vector<T> reversed;   // of the sum over ascending samples
    std::vector<T> conjugate;  // of its transpose
};

template <Scalar T> Convolution1D<T>::Convolution1D(const Shape& shape, std::vector<T> filter,
                                                    const Convolution1DOptions& options)
    : Operator<Convolution1D, ArraySpace<T>>{ArraySpace<T>{"samples", shape}} {
    const int axis = checked_axis("Convolution1D", shape, options.axis);
    const auto taps = static_cast<index_t>(filter.size());
    check_filter("Convolution1D", shape, axis, taps, options.offset);
    check_finite_filter("Convolution1D", shape, filter.data(), taps);
    const index_t n = shape[axis];
    if (by_sum(options.method, std::min(taps, n))) {
        Taps sum{.lines = lines_of(shape, axis),
                 .offset = options.offset,
                 .reversed = {filter.rbegin(), filter.rend()},
                 .conjugate = std::move(filter)};
        for (T& h : sum.conjugate) h = conjugate(h);
        taps_ = std::make_shared<const Taps>(std::move(sum));
    } else {
        const index_t nfft = length_for(n, taps, options.offset);
        filter_ = std::make_shared<const fft::LineFilter<T>>(
            shape, axis, nfft, response_of(filter, options.offset, n, nfft));
    }
}

template <Scalar T> void Convolution1D<T>::forward(const Array<T>& x, Array<T>& y) const {
    if (filter_) return filter_->forward(x.data(), y.data());
    const index_t first = taps_->offset + 1 - static_cast<index_t>(taps_->reversed.size());
    correlate(taps_->lines, taps_->reversed, first, x.data(), y.data());
}

template <Scalar T> void Convolution1D<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    if (filter_) return filter_->adjoint(y.data(), x.data());
    correlate(taps_->lines, taps_->conjugate, -taps_->offset, y.data(), x.data());
}

/// Taps with the lags at which they read the input, along every axis of the array.
template <Scalar T> struct ConvolutionND<T>::Taps {
    struct Tap {
        std::array<index_t, Shape::max_rank> lag{};
        T weight{};
    };
    std::vector<Tap> taps;

    template <bool Adjoint> void apply(const Shape& shape, const T* x, T* y) const {
        const int rows_rank = shape.rank() - 1;
        const index_t n = shape[rows_rank];
        const index_t rows = shape.product(0, rows_rank);
        [[maybe_unused]] const bool threaded = rows > 1 && rows * n >= parallel_threshold;
#pragma omp parallel for schedule(static) if (threaded)
        for (index_t row = 0; row < rows; ++row) {
            std::array<index_t, Shape::max_rank> at{};
            for (index_t a = rows_rank - 1, rest = row; a >= 0; --a) {
                const index_t extent = shape[static_cast<int>(a)];
                at[static_cast<std::size_t>(a)] = rest % extent;
                rest /= extent;
            }
            RowSum<T> sum{y + row * n, n};
            for (const Tap& tap : taps) {
                index_t from = 0;
                bool inside = true;
                for (int a = 0; a < rows_rank; ++a) {
                    const auto i = static_cast<std::size_t>(a);
                    const index_t k = at[i] + (Adjoint ? -tap.lag[i] : tap.lag[i]);
                    inside = inside && k >= 0 && k < shape[a];
                    from = from * shape[a] + k;
                }
                const index_t lag = tap.lag[static_cast<std::size_t>(rows_rank)];
                if (inside)
                    sum.add(x + from * n, Adjoint ? conjugate(tap.weight) : tap.weight,
                            Adjoint ? -lag : lag);
            }
            sum.finish();
        }
    }
};

namespace {

/// The transform that keeps T's spectra smallest.
template <Scalar T, bool Complex = is_complex<T>> struct SpectrumOf {
    using Transform = FourierTransform<T>;
    static Transform make(const Shape& shape, std::vector<int> axes, std::vector<index_t> nfft) {
        return Transform{
            shape, {.axes = std::move(axes), .nfft = std::move(nfft), .norm = FourierNorm::none}};
    }
};
template <Scalar T> struct SpectrumOf<T, false> {
    using Transform = RealFourierTransform<T>;
    static Transform make(const Shape& shape, std::vector<int> axes, std::vector<index_t> nfft) {
        return Transform{shape,
                         {.axes = std::move(axes),
                          .nfft = std::move(nfft),
                          .norm = FourierNorm::none,
                          .isometric = false}};
    }
};

}  // namespace

template <Scalar T> struct ConvolutionND<T>::Spectrum {
    using C = std::complex<Real<T>>;
    typename SpectrumOf<T>::Transform transform;
    Array<C> response;  // extent 1 along the axes that are not convolved

    template <bool Adjoint> void apply(const Array<T>& x, Array<T>& y) const {
        auto t = transform.range().scratch();
        transform.forward(x, *t);
        multiply<Adjoint>(t->data());
        transform.inverse(*t, y);
    }
    template <bool Adjoint> void multiply(C* values) const {
        const Shape& shape = transform.range().shape();
        const Shape& h = response.shape();
        const int last = shape.rank() - 1;
        const index_t rows = shape.product(0, last);
        const index_t n = shape[last];
        [[maybe_unused]] const bool threaded = rows > 1 && rows * n >= parallel_threshold;
#pragma omp parallel for schedule(static) if (threaded)
        for (index_t row = 0; row < rows; ++row) {
            index_t from = 0;
            index_t rest = row;
            index_t stride = h[last];
            for (int a = last - 1; a >= 0; --a) {
                if (h[a] > 1) from += rest % shape[a] * stride;
                rest /= shape[a];
                stride *= h[a];
            }
            const C* w = response.data() + from;
            const index_t step = h[last] > 1 ? 1 : 0;
            C* v = values + row * n;
            for (index_t i = 0; i < n; ++i)
                v[i] = times(v[i], Adjoint ? std::conj(w[i * step]) : w[i * step]);
        }
    }
};

namespace {

/// The axes of an N-D filter with its extents and origin along each axis of the array.
struct FilterBox {
    std::vector<int> axes;
    std::array<index_t, Shape::max_rank> taps{};
    std::array<index_t, Shape::max_rank> offset{};
};

FilterBox filter_box(const Shape& shape, const Shape& filter, const ConvolutionNDOptions& options) {
    const std::string name = "ConvolutionND";
    const auto rank = static_cast<std::size_t>(filter.rank());
    FilterBox box;
    box.taps.fill(1);
    if (filter.rank() > shape.rank() || filter.rank() < 1 ||
        (!options.axes.empty() && options.axes.size() != rank) ||
        (!options.offset.empty() && options.offset.size() != rank))
        throw ArgumentError{
            name + " of " + shape.str() + " with a filter of " + filter.str(),
            {.expected = "an axis and an offset of the array for each of the filter",
             .found = counted(std::ssize(options.axes), "axis", "axes") + " and " +
                      counted(std::ssize(options.offset), "offset")}};
    for (std::size_t i = 0; i < rank; ++i) {
        const int k = static_cast<int>(i);
        const int axis =
            checked_axis(name, shape, options.axes.empty() ? k - filter.rank() : options.axes[i]);
        if (std::find(box.axes.begin(), box.axes.end(), axis) != box.axes.end())
            throw ArgumentError{name + " along axis " + std::to_string(axis) + " twice",
                                {.expected = "each axis once"}};
        const index_t offset = options.offset.empty() ? filter[k] / 2 : options.offset[i];
        check_filter(name, shape, axis, filter[k], offset);
        box.axes.push_back(axis);
        box.taps[static_cast<std::size_t>(axis)] = filter[k];
        box.offset[static_cast<std::size_t>(axis)] = offset;
    }
    return box;
}

/// Calls work(lag, value) for every value of the filter; lag(a) = k(a) - offset(a) for each axis a of
/// the array.
template <class T, class Work>
void over_taps(const Array<T>& filter, const FilterBox& box, const Work& work) {
    for (index_t i = 0; i < filter.size(); ++i) {
        std::array<index_t, Shape::max_rank> lag{};
        index_t rest = i;
        for (std::size_t f = box.axes.size(); f-- > 0;) {
            const auto axis = static_cast<std::size_t>(box.axes[f]);
            lag[axis] = rest % box.taps[axis] - box.offset[axis];
            rest /= box.taps[axis];
        }
        work(lag, filter[i]);
    }
}

/// The spectrum of the filter on the padded box, in double, an axis of length 1 where it has none.
template <Scalar T> Array<std::complex<Real<T>>> nd_response(const Shape& shape,
                                                             const Array<T>& filter,
                                                             const FilterBox& box,
                                                             const std::vector<index_t>& nfft) {
    using D = std::conditional_t<is_complex<T>, std::complex<double>, double>;
    Shape padded = shape;
    for (int a = 0; a < shape.rank(); ++a) padded = padded.with(a, 1);
    for (std::size_t i = 0; i < box.axes.size(); ++i) padded = padded.with(box.axes[i], nfft[i]);
    Array<D> wrapped{padded, "filter"};
    over_taps(filter, box, [&](const auto& lag, const T& value) {
        index_t at = 0;
        for (int a = 0; a < padded.rank(); ++a) {
            const index_t k = lag[static_cast<std::size_t>(a)];
            if (std::abs(k) >= std::max<index_t>(shape[a], 1)) return;  // reaches no sample
            at = at * padded[a] + (k + padded[a]) % padded[a];
        }
        wrapped[at] = D(value);
    });
    const auto transform = SpectrumOf<D>::make(padded, box.axes, {});
    const auto spectrum = transform * wrapped;
    Array<std::complex<Real<T>>> response{spectrum.shape(), "response"};
    for (index_t i = 0; i < spectrum.size(); ++i)
        response[i] = {static_cast<Real<T>>(spectrum[i].real()),
                       static_cast<Real<T>>(spectrum[i].imag())};
    return response;
}

}  // namespace

template <Scalar T> ConvolutionND<T>::ConvolutionND(const Shape& shape, const Array<T>& filter,
                                                    const ConvolutionNDOptions& options)
    : Operator<ConvolutionND, ArraySpace<T>>{ArraySpace<T>{"samples", shape}} {
    const FilterBox box = filter_box(shape, filter.shape(), options);
    check_finite_filter("ConvolutionND", shape, filter.data(), filter.size());
    if (by_sum(options.method, filter.size())) {
        Taps sum;
        over_taps(filter, box, [&](auto lag, const T& value) {
            for (index_t& k : lag) k = -k;
            sum.taps.push_back({lag, value});
        });
        taps_ = std::make_shared<const Taps>(std::move(sum));
        return;
    }
    std::vector<index_t> nfft;
    for (const int axis : box.axes) {
        const auto a = static_cast<std::size_t>(axis);
        nfft.push_back(length_for(shape[axis], box.taps[a], box.offset[a]));
    }
    spectrum_ = std::make_shared<const Spectrum>(Spectrum{
        SpectrumOf<T>::make(shape, box.axes, nfft), nd_response(shape, filter, box, nfft)});
}

template <Scalar T> void ConvolutionND<T>::forward(const Array<T>& x, Array<T>& y) const {
    if (spectrum_) spectrum_->template apply<false>(x, y);
    else taps_->template apply<false>(x.shape(), x.data(), y.data());
}

template <Scalar T> void ConvolutionND<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    if (spectrum_) spectrum_->template apply<true>(y, x);
    else taps_->template apply<true>(y.shape(), y.data(), x.data());
}

namespace {

/// The filters of the samples [first, end), between those at the positions.
template <class T>
std::vector<T> interpolated(const Array<T>& filters, const std::vector<index_t>& positions,
                            index_t first, index_t end) {
    const index_t length = filters.shape()[1];
    std::vector<T> all;
    std::size_t next = 0;  // the first position that is not before the sample
    for (index_t i = first; i < end; ++i) {
        while (next < positions.size() && positions[next] < i) ++next;
        const std::size_t high = std::min(next, positions.size() - 1);
        const std::size_t low = next == high && next > 0 ? next - 1 : high;
        double w = 0;  // of the lower filter
        if (low < high)
            w = static_cast<double>(positions[high] - i) /
                static_cast<double>(positions[high] - positions[low]);
        for (index_t k = 0; k < length; ++k)
            all.push_back(
                static_cast<Real<T>>(w) * filters[static_cast<index_t>(low) * length + k] +
                static_cast<Real<T>>(1 - w) * filters[static_cast<index_t>(high) * length + k]);
    }
    return all;
}

template <class T> void check_filters(const Shape& shape, const Array<T>& filters,
                                      const std::vector<index_t>& positions, int axis,
                                      index_t total) {
    const std::string name = "NonStationaryConvolution1D";
    fft::checked_length(name, shape, axis, 0);
    const bool two_axes = filters.shape().rank() == 2;
    if (!two_axes || filters.shape()[1] % 2 == 0 ||
        filters.shape()[0] != static_cast<index_t>(positions.size()) || positions.empty())
        throw ArgumentError{name + " with filters[" + filters.shape().str() + "]",
                            {.expected = "[" + std::to_string(positions.size()) +
                                         " positions x an odd number of values], and at least one",
                             .found = filters.shape().str()}};
    index_t before = -1;
    for (const index_t at : positions) {
        if (at <= before || at >= total)
            throw ArgumentError{
                name + ": a filter at sample " + std::to_string(at),
                {.expected = "ascending samples from 0 to " + std::to_string(total - 1)}};
        before = at;
    }
}

}  // namespace

template <Scalar T> NonStationaryConvolution1D<T>::NonStationaryConvolution1D(
    const Shape& shape, const Array<T>& filters, const std::vector<index_t>& positions, int axis,
    PartOfAxis part)
    : Operator<NonStationaryConvolution1D, ArraySpace<T>>{ArraySpace<T>{"samples", shape}},
      axis_{checked_axis("NonStationaryConvolution1D", shape, axis)} {
    const index_t n = shape[axis_];
    if (part.total == 0) part.total = n;
    check_filters(shape, filters, positions, axis_, part.total);
    check_finite_filter("NonStationaryConvolution1D", shape, filters.data(), filters.size());
    length_ = filters.shape()[1];
    filters_ = std::make_shared<const std::vector<T>>(
        interpolated(filters, positions, part.first, part.first + n));
}

template <Scalar T>
void NonStationaryConvolution1D<T>::forward(const Array<T>& x, Array<T>& y) const {
    const Lines lines = lines_of(x.shape(), axis_);
    const index_t centre = length_ / 2;
    over_lines(lines, [&](index_t o, index_t l, index_t count) {
        const T* in = x.data() + o * lines.n * lines.inner + l;
        T* out = y.data() + o * lines.n * lines.inner + l;
        for (index_t i = 0; i < lines.n; ++i) std::fill_n(out + i * lines.inner, count, T{});
        for (index_t i = 0; i < lines.n; ++i) {
            const T* h = filters_->data() + i * length_;
            const T* from = in + i * lines.inner;
            const index_t low = std::max<index_t>(0, centre - i);
            const index_t high = std::min(length_, lines.n - i + centre);
            for (index_t k = low; k < high; ++k) {
                T* to = out + (i + k - centre) * lines.inner;
                for (index_t c = 0; c < count; ++c) to[c] += times(h[k], from[c]);
            }
        }
    });
}

template <Scalar T>
void NonStationaryConvolution1D<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    const Lines lines = lines_of(x.shape(), axis_);
    const index_t centre = length_ / 2;
    over_lines(lines, [&](index_t o, index_t l, index_t count) {
        const T* in = y.data() + o * lines.n * lines.inner + l;
        T* out = x.data() + o * lines.n * lines.inner + l;
        for (index_t i = 0; i < lines.n; ++i) {
            const T* h = filters_->data() + i * length_;
            T* to = out + i * lines.inner;
            std::fill_n(to, count, T{});
            const index_t low = std::max<index_t>(0, centre - i);
            const index_t high = std::min(length_, lines.n - i + centre);
            for (index_t k = low; k < high; ++k) {
                const T weight = conjugate(h[k]);
                const T* from = in + (i + k - centre) * lines.inner;
                for (index_t c = 0; c < count; ++c) to[c] += times(weight, from[c]);
            }
        }
    });
}

template class Convolution1D<float>;
template class Convolution1D<double>;
template class Convolution1D<std::complex<float>>;
template class Convolution1D<std::complex<double>>;
template class ConvolutionND<float>;
template class ConvolutionND<double>;
template class ConvolutionND<std::complex<float>>;
template class ConvolutionND<std::complex<double>>;
template class NonStationaryConvolution1D<float>;
template class NonStationaryConvolution1D<double>;
template class NonStationaryConvolution1D<std::complex<float>>;
template class NonStationaryConvolution1D<std::complex<double>>;

}  // namespace lop
