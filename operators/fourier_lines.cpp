/// Passes over the lines of an array: read into scratch, transform, write.
#include "operators/fourier_lines.hpp"

#include <limits>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace lop::fft {
namespace {

/// Calls copy(k, j) for the elements j of a window, k their place in the array.
template <class Copy> void over_window(const Window& window, const Copy& copy) {
    const index_t turn = window.count - window.rotation;
    for (index_t j = 0; j < turn; ++j) copy(j + window.rotation, j);
    for (index_t j = turn; j < window.count; ++j) copy(j - turn, j);
}

/// `count` lines of an array into scratch lines `pitch` apart, zeros behind them up to n.
template <class T> void read_lines(const T* from, index_t stride, const Window& window,
                                   index_t count, T* scratch, index_t pitch, index_t n) {
    if (count == 1) {
        over_window(window, [=](index_t k, index_t j) { scratch[j] = from[k * stride]; });
    } else {
        over_window(window, [=](index_t k, index_t j) {
            for (index_t c = 0; c < count; ++c) scratch[c * pitch + j] = from[k * stride + c];
        });
    }
    for (index_t c = 0; c < count; ++c)
        std::fill(scratch + c * pitch + window.count, scratch + c * pitch + n, T{});
}

template <class T, class R>
void write_lines(const T* scratch, index_t pitch, T* to, index_t stride, const Window& window,
                 index_t count, R scale) {
    if (count == 1) {
        over_window(window, [=](index_t k, index_t j) { to[k * stride] = scale * scratch[j]; });
    } else {
        over_window(window, [=](index_t k, index_t j) {
            for (index_t c = 0; c < count; ++c) to[k * stride + c] = scale * scratch[c * pitch + j];
        });
    }
}

template <class C, class R> void scale_interior(C* half, index_t n, R factor) {
    if (factor == 1) return;
    for (index_t k = 1; 2 * k < n; ++k) half[k] *= factor;
}

}  // namespace

index_t checked_length(const std::string& name, const Shape& shape, int axis, index_t nfft) {
    const index_t n = checked_samples(name, shape, axis);
    if (nfft != 0 && nfft < n)
        throw ArgumentError{name + ": nfft along axis " + std::to_string(axis),
                            {.expected = std::to_string(n) + " or more",
                             .found = std::to_string(nfft),
                             .remedy = "cut the array before the transform"}};
    if (std::max(n, nfft) > std::numeric_limits<std::int32_t>::max() / 4)
        throw ArgumentError{
            name + " of " + std::to_string(std::max(n, nfft)) + " samples in a line",
            {.expected = "fewer than 2^29"}};
    return nfft == 0 ? n : nfft;
}

namespace {
Shape common_box(const Shape& a, const Shape& b) {
    Shape box = a;
    for (int i = 0; i < a.rank(); ++i) box = box.with(i, std::min(a[i], b[i]));
    return box;
}
}  // namespace

LinePairs::LinePairs(const Shape& from, const Shape& to, int axis)
    : LinePairs{from, to, axis, common_box(from, to)} {}

LinePairs::LinePairs(const Shape& from, const Shape& to, int axis, const Shape& box) {
    const int rank = from.rank();
    from_stride_ = from.product(axis + 1, rank);
    to_stride_ = to.product(axis + 1, rank);
    index_t lines = 1;
    for (int a = rank - 1; a >= 0; --a) {
        if (a == axis) continue;
        const Axis next{box[a], from.product(a + 1, rank), to.product(a + 1, rank)};
        lines *= next.extent;
        if (next.extent == 1) continue;
        Axis* below = axes_ > 0 ? &outer_[axes_ - 1] : nullptr;
        if (below && next.from == below->extent * below->from &&
            next.to == below->extent * below->to)
            below->extent *= next.extent;
        else outer_[axes_++] = next;
    }
    if (axes_ > 0 && outer_[0].from == 1 && outer_[0].to == 1) {
        inner_ = outer_[0].extent;
        width_ = 32;  // whole cache lines, few pages to translate, little scratch
        std::copy(outer_.begin() + 1, outer_.end(), outer_.begin());
        --axes_;
    }
    bundles_ = (inner_ + width_ - 1) / width_;
    groups_ = lines == 0 ? 0 : lines / inner_ * bundles_;
    values_ = lines * std::max(from[axis], to[axis]);
}

template <class T> T* TeamScratch<T>::Lease::mine() {
#ifdef _OPENMP
    return memory_->data() + values_ * omp_get_thread_num();
#else
    return memory_->data();
#endif
}

template <class R>
AxisTransform<R>::AxisTransform(index_t n, const LinePairs& lines)
    : fft_{n}, lines_{lines}, pitch_{aligned_count<C>(n)}, scratch_{pitch_ * (lines.width() + 1)} {}

template <class R> template <bool Forward>
void AxisTransform<R>::complex_pass(const C* x, const Window& read, C* y, const Window& write,
                                    R scale) const {
    auto scratch = scratch_.take();
    lines_.over([&](index_t from, index_t to, index_t count) {
        C* values = scratch.mine();
        read_lines(x + from, lines_.from_stride(), read, count, values, pitch_, fft_.size());
        for (index_t c = 0; c < count; ++c)
            if constexpr (Forward) fft_.forward(values + c * pitch_);
            else fft_.backward(values + c * pitch_);
        write_lines(values, pitch_, y + to, lines_.to_stride(), write, count, scale);
    });
}

template <class R> void AxisTransform<R>::forward(const C* x, const Window& read, C* y,
                                                  const Window& write, R scale) const {
    complex_pass<true>(x, read, y, write, scale);
}

template <class R> void AxisTransform<R>::backward(const C* y, const Window& read, C* x,
                                                   const Window& write, R scale) const {
    complex_pass<false>(y, read, x, write, scale);
}

template <class R> void AxisTransform<R>::forward(const R* x, const Window& read, C* y, R scale,
                                                  R interior) const {
    const index_t pitch = aligned_count<C>(fft_.half());  // the scratch ends with a real line
    auto scratch = scratch_.take();
    lines_.over([&](index_t from, index_t to, index_t count) {
        C* half = scratch.mine();
        R* real = reinterpret_cast<R*>(half + pitch * count);
        for (index_t c = 0; c < count; ++c) {
            read_lines(x + from + c, lines_.from_stride(), read, 1, real, 0, fft_.size());
            fft_.forward(real, half + c * pitch);
            scale_interior(half + c * pitch, fft_.size(), interior);
        }
        write_lines(half, pitch, y + to, lines_.to_stride(), {fft_.half(), 0}, count, scale);
    });
}

template <class R> void AxisTransform<R>::backward(const C* y, R* x, const Window& write, R scale,
                                                   R interior) const {
    const index_t pitch = aligned_count<C>(fft_.half());  // the scratch ends with a real line
    auto scratch = scratch_.take();
    lines_.over([&](index_t from, index_t to, index_t count) {
        C* half = scratch.mine();
        R* real = reinterpret_cast<R*>(half + pitch * count);
        read_lines(y + from, lines_.from_stride(), {fft_.half(), 0}, count, half, pitch,
                   fft_.half());
        for (index_t c = 0; c < count; ++c) {
            scale_interior(half + c * pitch, fft_.size(), interior);
            fft_.backward(half + c * pitch, real);
            write_lines(real, 0, x + to + c, lines_.to_stride(), write, 1, scale);
        }
    });
}

template <Scalar T>
LineFilter<T>::LineFilter(const Shape& shape, int axis, index_t n, std::vector<C> responses)
    : fft_{n},
      lines_{shape, shape, axis},
      samples_{shape[axis]},
      inner_{shape.product(axis + 1, shape.rank())},
      alike_{static_cast<index_t>(responses.size()) == response_size(n)},
      responses_{std::make_shared<const std::vector<C>>(std::move(responses))},
      scratch_{aligned_count<T>(n) * lines_.width()},
      spectrum_{n} {}

template <Scalar T> template <bool Adjoint>
void LineFilter<T>::filter(const T* from, T* to) const {
    const index_t n = fft_.size();
    const index_t pitch = aligned_count<T>(n);
    const index_t size = response_size(n);
    const R scale = 1 / static_cast<R>(n);
    auto scratch = scratch_.take();
    auto spectra = spectrum_.take();
    const Window window{samples_, 0};
    lines_.over([&](index_t at, index_t, index_t count) {
        T* values = scratch.mine();
        read_lines(from + at, lines_.from_stride(), window, count, values, pitch, n);
        const index_t line = at / (samples_ * inner_) * inner_ + at % (samples_ * inner_);
        for (index_t c = 0; c < count; ++c) {
            const C* h = responses_->data() + (alike_ ? 0 : (line + c) * size);
            const auto multiply = [=](C* spectrum) {
                for (index_t k = 0; k < size; ++k)
                    spectrum[k] = times(spectrum[k], Adjoint ? std::conj(h[k]) : h[k]);
            };
            if constexpr (is_complex<T>) {
                fft_.forward(values + c * pitch);
                multiply(values + c * pitch);
                fft_.backward(values + c * pitch);
            } else {
                C* spectrum = spectra.mine();
                fft_.forward(values + c * pitch, spectrum);
                multiply(spectrum);
                fft_.backward(spectrum, values + c * pitch);
            }
        }
        write_lines(values, pitch, to + at, lines_.to_stride(), window, count, scale);
    });
}

template class TeamScratch<float>;
template class TeamScratch<double>;
template class TeamScratch<std::complex<float>>;
template class TeamScratch<std::complex<double>>;
template class AxisTransform<float>;
template class AxisTransform<double>;
template class LineFilter<float>;
template class LineFilter<double>;
template class LineFilter<std::complex<float>>;
template class LineFilter<std::complex<double>>;

}  // namespace lop::fft
