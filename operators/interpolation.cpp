/// Weights of interpolation, spline moments, and phases of shifts.
#include <lop/operators/interpolation.hpp>

#include "operators/fourier_lines.hpp"
#include "operators/lines.hpp"
#include "operators/windowed_sinc.hpp"
#include <lop/operators/fourier.hpp>

#include <cmath>
#include <numbers>

namespace lop {
namespace {

void check_position(const std::string& name, double position, index_t n, int axis) {
    if (!(position >= 0 && position <= static_cast<double>(n - 1)))
        throw ArgumentError{
            name + " at position " + number_words(position) + " along axis " + std::to_string(axis),
            {.expected = "a sample number from 0 to " + std::to_string(n - 1)}};
}

/// A sparse matrix from lines to lines: a run of weights for each row.
template <class R> struct Rows {
    index_t columns = 0;
    std::vector<index_t> first{};   // column of a row's run
    std::vector<index_t> begin{0};  // of its weights; one more than rows
    std::vector<R> weights{};

    index_t count() const { return static_cast<index_t>(first.size()); }
    void add(double weight) { weights.push_back(static_cast<R>(weight)); }
    void end_row(index_t column) {
        first.push_back(column);
        begin.push_back(static_cast<index_t>(weights.size()));
    }
    /// out += W in, for `count` adjacent lines `stride` apart along their axis.
    template <class T> void forward_add(const T* in, T* out, index_t stride, index_t count_) const {
        for (index_t i = 0; i < count(); ++i) {
            T* to = out + i * stride;
            const auto row = static_cast<std::size_t>(i);
            for (index_t w = begin[row]; w < begin[row + 1]; ++w) {
                const T* from = in + (first[row] + w - begin[row]) * stride;
                const R weight = weights[static_cast<std::size_t>(w)];
                for (index_t c = 0; c < count_; ++c) to[c] += weight * from[c];
            }
        }
    }
    /// out += W' in.
    template <class T> void adjoint_add(const T* in, T* out, index_t stride, index_t count_) const {
        for (index_t i = 0; i < count(); ++i) {
            const T* from = in + i * stride;
            const auto row = static_cast<std::size_t>(i);
            for (index_t w = begin[row]; w < begin[row + 1]; ++w) {
                T* to = out + (first[row] + w - begin[row]) * stride;
                const R weight = weights[static_cast<std::size_t>(w)];
                for (index_t c = 0; c < count_; ++c) to[c] += weight * from[c];
            }
        }
    }
};

template <class T> void clear(T* values, index_t n, index_t stride, index_t count) {
    for (index_t i = 0; i < n; ++i) std::fill_n(values + i * stride, count, T{});
}

/// Solves (1 4 1) m = r in place on the inner samples of lines; the matrix is its own transpose.
template <class R> struct Moments {
    std::vector<R> pivots{};  // reciprocal, of the elimination downwards

    explicit Moments(index_t n) {
        double pivot = 0;
        for (index_t i = 1; i + 1 < n; ++i) {
            pivot = 1 / (4 - pivot);
            pivots.push_back(static_cast<R>(pivot));
        }
    }
    template <class T> void solve(T* m, index_t stride, index_t count) const {
        const auto inner = static_cast<index_t>(pivots.size());
        for (index_t i = 1; i <= inner; ++i) {
            const R p = pivots[static_cast<std::size_t>(i - 1)];
            T* row = m + i * stride;
            const T* above = row - stride;
            for (index_t c = 0; c < count; ++c) row[c] = p * (i > 1 ? row[c] - above[c] : row[c]);
        }
        for (index_t i = inner - 1; i >= 1; --i) {
            const R p = pivots[static_cast<std::size_t>(i - 1)];
            T* row = m + i * stride;
            const T* below = row + stride;
            for (index_t c = 0; c < count; ++c) row[c] -= p * below[c];
        }
    }
};

/// The weights of a cubic between two samples, on their values or on their moments (x'' / 1).
template <class R> void spline_row(Rows<R>& values, Rows<R>& moments, double at, index_t n) {
    const index_t i = std::min<index_t>(static_cast<index_t>(at), std::max<index_t>(n - 2, 0));
    const double u = at - static_cast<double>(i);
    const double v = 1 - u;
    values.add(v);
    moments.add((v * v * v - v) / 6);
    if (n > 1) {
        values.add(u);
        moments.add((u * u * u - u) / 6);
    }
    values.end_row(i);
    moments.end_row(i);
}

template <class R>
void row_of(Rows<R>& rows, double at, index_t n, const Interpolation1DOptions& options) {
    if (options.kind == InterpolationKind::nearest) {
        rows.add(1);
        rows.end_row(static_cast<index_t>(std::nearbyint(at)));
    } else if (options.kind == InterpolationKind::linear) {
        const auto low = static_cast<index_t>(at);
        const double u = at - static_cast<double>(low);
        rows.add(1 - u);
        if (low + 1 < n) rows.add(u);
        rows.end_row(low);
    } else {
        const index_t half = options.half_width;
        const auto nearest = static_cast<index_t>(at);
        const index_t low = half == 0 ? 0 : std::max<index_t>(0, nearest - half + 1);
        const index_t high = half == 0 ? n - 1 : std::min(n - 1, nearest + half);
        for (index_t j = low; j <= high; ++j) {
            const double distance = at - static_cast<double>(j);
            rows.add(sinc(distance) *
                     (half == 0 ? 1 : kaiser(distance / static_cast<double>(half))));
        }
        rows.end_row(low);
    }
}

}  // namespace

template <Scalar T> struct Interpolation1D<T>::Weights {
    using R = Real<T>;
    Lines lines;  // of the domain
    Rows<R> values{};
    Rows<R> on_moments{};  // of splines
    Moments<R> moments{0};
    bool spline = false;

    /// Whichever side is longer decides whether threads are worth waking.
    Lines longest() const { return {lines.outer, std::max(lines.n, values.count()), lines.inner}; }
    index_t in(index_t o, index_t l) const { return o * lines.n * lines.inner + l; }
    index_t out(index_t o, index_t l) const { return o * values.count() * lines.inner + l; }
};

template <Scalar T>
Interpolation1D<T>::Interpolation1D(const Shape& shape, const std::vector<double>& positions,
                                    const Interpolation1DOptions& options)
    : Operator<Interpolation1D, ArraySpace<T>>{
          {"samples", shape},
          {"positions", shape.with(checked_axis("Interpolation1D", shape, options.axis),
                                   static_cast<index_t>(positions.size()))}} {
    const std::string name = "Interpolation1D";
    const int axis = checked_axis(name, shape, options.axis);
    const index_t n = fft::checked_length(name, shape, axis, 0);
    if (positions.empty())
        throw ArgumentError{name + " at no positions", {.expected = "at least one"}};
    if (options.half_width < 0)
        throw ArgumentError{name + " with a half width of " + std::to_string(options.half_width),
                            {.expected = "a number of samples, or 0 for all"}};
    Weights w{.lines = lines_of(shape, axis), .spline = options.kind == InterpolationKind::spline};
    for (const double at : positions) {
        check_position(name, at, n, axis);
        if (w.spline) spline_row(w.values, w.on_moments, at, n);
        else row_of(w.values, at, n, options);
    }
    if (w.spline) w.moments = Moments<Real<T>>{n};
    weights_ = std::make_shared<const Weights>(std::move(w));
}

template <Scalar T> void Interpolation1D<T>::forward(const Array<T>& x, Array<T>& y) const {
    const Weights& w = *weights_;
    const index_t stride = w.lines.inner;
    const auto values = [&](index_t o, index_t l, index_t count) {
        clear(y.data() + w.out(o, l), w.values.count(), stride, count);
        w.values.forward_add(x.data() + w.in(o, l), y.data() + w.out(o, l), stride, count);
    };
    if (!w.spline) return over_lines(w.longest(), values);
    auto moments = this->domain().scratch();
    over_lines(w.longest(), [&](index_t o, index_t l, index_t count) {
        const T* in = x.data() + w.in(o, l);
        T* m = moments->data() + w.in(o, l);
        clear(m, w.lines.n, stride, count);
        for (index_t i = 1; i + 1 < w.lines.n; ++i)
            for (index_t k = i * stride; k < i * stride + count; ++k)
                m[k] = Real<T>(6) * ((in[k - stride] - in[k]) + (in[k + stride] - in[k]));
        w.moments.solve(m, stride, count);
        values(o, l, count);
        w.on_moments.forward_add(m, y.data() + w.out(o, l), stride, count);
    });
}

template <Scalar T> void Interpolation1D<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    const Weights& w = *weights_;
    const index_t stride = w.lines.inner;
    const auto values = [&](index_t o, index_t l, index_t count) {
        clear(x.data() + w.in(o, l), w.lines.n, stride, count);
        w.values.adjoint_add(y.data() + w.out(o, l), x.data() + w.in(o, l), stride, count);
    };
    if (!w.spline) return over_lines(w.longest(), values);
    auto moments = this->domain().scratch();
    over_lines(w.longest(), [&](index_t o, index_t l, index_t count) {
        T* out = x.data() + w.in(o, l);
        T* m = moments->data() + w.in(o, l);
        clear(m, w.lines.n, stride, count);
        w.on_moments.adjoint_add(y.data() + w.out(o, l), m, stride, count);
        // The moments at the ends are zero whatever the samples: what reaches them is dropped.
        w.moments.solve(m, stride, count);
        values(o, l, count);
        for (index_t i = 1; i + 1 < w.lines.n; ++i)
            for (index_t k = i * stride; k < i * stride + count; ++k) {
                const T six = Real<T>(6) * m[k];
                out[k - stride] += six;
                out[k] -= six + six;
                out[k + stride] += six;
            }
    });
}

template <Scalar T> struct Bilinear<T>::Corners {
    struct Corner {
        index_t at = 0;    // of the first of the four samples, in rows of `inner`
        index_t down = 0;  // to the next sample of each axis; 0 where there is none
        index_t right = 0;
        Real<T> u = 0;
        Real<T> v = 0;
    };
    index_t outer = 1;
    index_t samples = 0;  // of both axes
    index_t inner = 1;
    std::vector<Corner> corners{};

    /// Calls work(sample, position, count, weight) for the four corners of every position.
    template <class Work> void over(const Work& work) const {
        const auto positions = static_cast<index_t>(corners.size());
        over_lines({outer, std::max(samples, positions), inner},
                   [&](index_t o, index_t l, index_t count) {
                       for (index_t p = 0; p < positions; ++p) {
                           const Corner& c = corners[static_cast<std::size_t>(p)];
                           const index_t from = (o * samples + c.at) * inner + l;
                           const index_t to = (o * positions + p) * inner + l;
                           work(from, to, count, (1 - c.u) * (1 - c.v));
                           work(from + c.right * inner, to, count, (1 - c.u) * c.v);
                           work(from + c.down * inner, to, count, c.u * (1 - c.v));
                           work(from + (c.down + c.right) * inner, to, count, c.u * c.v);
                       }
                   });
    }
};

namespace {

/// The shape with two adjacent axes replaced by one.
Shape positions_shape(const Shape& shape, int axis, std::size_t positions) {
    const int first = checked_axis("Bilinear", shape, axis);
    checked_axis("Bilinear", shape, first + 1);
    std::vector<index_t> extents;
    for (int a = 0; a < shape.rank(); ++a)
        if (a != first + 1)
            extents.push_back(a == first ? static_cast<index_t>(positions) : shape[a]);
    return Shape{extents};
}

}  // namespace

template <Scalar T> Bilinear<T>::Bilinear(const Shape& shape,
                                          const std::vector<BilinearPosition>& positions, int axis)
    : Operator<Bilinear, ArraySpace<T>>{
          {"samples", shape}, {"positions", positions_shape(shape, axis, positions.size())}} {
    const std::string name = "Bilinear";
    const int a = checked_axis(name, shape, axis);
    checked_samples(name, shape, a);
    checked_samples(name, shape, a + 1);
    if (positions.empty())
        throw ArgumentError{name + " at no positions", {.expected = "at least one"}};
    Corners all{.outer = shape.product(0, a),
                .samples = shape[a] * shape[a + 1],
                .inner = shape.product(a + 2, shape.rank())};
    for (const BilinearPosition& p : positions) {
        check_position(name, p.first, shape[a], a);
        check_position(name, p.second, shape[a + 1], a + 1);
        const auto i = static_cast<index_t>(p.first);
        const auto j = static_cast<index_t>(p.second);
        all.corners.push_back({.at = i * shape[a + 1] + j,
                               .down = i + 1 < shape[a] ? shape[a + 1] : 0,
                               .right = j + 1 < shape[a + 1] ? 1 : 0,
                               .u = static_cast<Real<T>>(p.first - static_cast<double>(i)),
                               .v = static_cast<Real<T>>(p.second - static_cast<double>(j))});
    }
    corners_ = std::make_shared<const Corners>(std::move(all));
}

template <Scalar T> void Bilinear<T>::forward(const Array<T>& x, Array<T>& y) const {
    y.fill(T{});
    corners_->over([&](index_t sample, index_t position, index_t count, Real<T> weight) {
        for (index_t c = 0; c < count; ++c) y.data()[position + c] += weight * x.data()[sample + c];
    });
}

template <Scalar T> void Bilinear<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    x.fill(T{});
    corners_->over([&](index_t sample, index_t position, index_t count, Real<T> weight) {
        for (index_t c = 0; c < count; ++c) x.data()[sample + c] += weight * y.data()[position + c];
    });
}

namespace {

template <Scalar T>
std::shared_ptr<const fft::LineFilter<T>> shift_filter(const Shape& shape,
                                                       const std::vector<double>& shifts,
                                                       const ShiftOptions& options) {
    const std::string name = "Shift";
    const int axis = checked_axis(name, shape, options.axis);
    const index_t nfft = fft::checked_length(name, shape, axis, options.nfft);
    const index_t lines = shape.product(0, axis) * shape.product(axis + 1, shape.rank());
    if (!(options.interval > 0 && std::isfinite(options.interval)))
        throw ArgumentError{name + " of samples every " + number_words(options.interval),
                            {.expected = "a positive interval"}};
    if (shifts.size() != 1 && static_cast<index_t>(shifts.size()) != lines)
        throw ArgumentError{
            name + " of " + shape.str() + " along axis " + std::to_string(axis),
            {.expected = "one shift, or one for each of " + std::to_string(lines) + " lines",
             .found = std::to_string(shifts.size())}};
    const auto frequencies =
        is_complex<T> ? fourier_frequencies(nfft) : real_fourier_frequencies(nfft);
    std::vector<std::complex<Real<T>>> h;
    for (const double shift : shifts) {
        if (!std::isfinite(shift))
            throw ArgumentError{name + " by " + number_words(shift),
                                {.expected = "a finite number"}};
        for (const double f : frequencies) {
            const double phase = -2 * std::numbers::pi * f * shift / options.interval;
            h.emplace_back(static_cast<Real<T>>(std::cos(phase)),
                           static_cast<Real<T>>(std::sin(phase)));
        }
    }
    return std::make_shared<const fft::LineFilter<T>>(shape, axis, nfft, std::move(h));
}

}  // namespace

template <Scalar T> Shift<T>::Shift(const Shape& shape, double shift, const ShiftOptions& options)
    : Shift{shape, std::vector<double>{shift}, options} {}

template <Scalar T> Shift<T>::Shift(const Shape& shape, const std::vector<double>& shifts,
                                    const ShiftOptions& options)
    : Operator<Shift, ArraySpace<T>>{ArraySpace<T>{"samples", shape}},
      filter_{shift_filter<T>(shape, shifts, options)} {}

template <Scalar T> void Shift<T>::forward(const Array<T>& x, Array<T>& y) const {
    filter_->forward(x.data(), y.data());
}
template <Scalar T> void Shift<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    filter_->adjoint(y.data(), x.data());
}

template class Interpolation1D<float>;
template class Interpolation1D<double>;
template class Interpolation1D<std::complex<float>>;
template class Interpolation1D<std::complex<double>>;
template class Bilinear<float>;
template class Bilinear<double>;
template class Bilinear<std::complex<float>>;
template class Bilinear<std::complex<double>>;
template class Shift<float>;
template class Shift<double>;
template class Shift<std::complex<float>>;
template class Shift<std::complex<double>>;

}  // namespace lop
