/// Windows and their tapers.
#include <lop/operators/windows.hpp>

#include "operators/lines.hpp"

#include <array>
#include <cmath>
#include <numbers>

namespace lop {
namespace {

/// One axis of the array; of those that no window slides along, a single window holds all of it.
template <class R> struct WindowAxis {
    index_t n = 0;
    index_t size = 0;
    index_t step = 1;
    index_t windows = 1;
    index_t window_stride = 0;  // in the domain
    index_t stride = 0;
    std::vector<R> taper{};  // [windows x size]

    R weight(index_t window, index_t j) const {
        return taper[static_cast<std::size_t>(window * size + j)];
    }
    index_t first_over(index_t i) const { return i < size ? 0 : (i - size) / step + 1; }
    index_t last_over(index_t i) const { return std::min(windows - 1, i / step); }
};

/// The rise of a taper over `overlap` samples, that of its mirror image 1 minus it.
double hann_rise(index_t j, index_t overlap) {
    if (overlap == 1) return 0.5;
    return 0.5 - 0.5 * std::cos(std::numbers::pi * static_cast<double>(j) /
                                static_cast<double>(overlap - 1));
}

template <class R>
void fill_taper(WindowAxis<R>& axis, index_t overlap, WindowTaper kind) {
    axis.taper.assign(static_cast<std::size_t>(axis.windows * axis.size), R{1});
    if (kind == WindowTaper::none) return;
    for (index_t w = 0; w < axis.windows; ++w)
        for (index_t j = 0; j < overlap; ++j) {
            double rise = hann_rise(j, overlap);
            double fall = 1 - rise;
            if (kind == WindowTaper::root_hann) {
                rise = std::sqrt(rise);
                fall = std::sqrt(fall);
            }
            const index_t begin = w * axis.size;
            if (w > 0) axis.taper[static_cast<std::size_t>(begin + j)] = static_cast<R>(rise);
            if (w + 1 < axis.windows)
                axis.taper[static_cast<std::size_t>(begin + axis.size - overlap + j)] =
                    static_cast<R>(fall);
        }
}

template <class R> void slide(WindowAxis<R>& axis, index_t size, index_t overlap, int number,
                              WindowTaper taper) {
    const std::string name = "SlidingWindows along axis " + std::to_string(number);
    if (size < 1 || size > axis.n)
        throw ArgumentError{name + ": size",
                            {.expected = "1 to " + std::to_string(axis.n) + " samples",
                             .found = std::to_string(size)}};
    if (overlap < 0 || 2 * overlap > size)
        throw ArgumentError{name + ": overlap",
                            {.expected = "0 to half a window, " + std::to_string(size / 2),
                             .found = std::to_string(overlap)}};
    axis.size = size;
    axis.step = size - overlap;
    axis.windows = (axis.n - size) / axis.step + 1;
    const index_t covered = (axis.windows - 1) * axis.step + size;
    if (covered != axis.n)
        throw ArgumentError{
            name + ": windows of " + std::to_string(size) + " samples every " +
                std::to_string(axis.step),
            {.expected = "a last window that ends with the axis, at " + std::to_string(axis.n),
             .found = "its end at " + std::to_string(covered),
             .remedy = "pad the axis to " + std::to_string(covered + axis.step)}};
    fill_taper(axis, overlap, taper);
}

}  // namespace

template <Scalar T> struct SlidingWindows<T>::Axes {
    using R = Real<T>;
    std::vector<WindowAxis<R>> axes{};  // of the array
    std::vector<int> slid{};            // those along which windows slide, in the domain's order

    Axes(const Shape& shape, const SlidingWindowsOptions& options) {
        const std::string name = "SlidingWindows";
        if (options.axes.empty() || options.size.size() != options.axes.size() ||
            options.overlap.size() != options.axes.size())
            throw ArgumentError{
                name + " of " + shape.str(),
                {.expected = "a size and an overlap for each axis, and at least one",
                 .found = counted(std::ssize(options.axes), "axis", "axes") + ", " +
                          counted(std::ssize(options.size), "size") + " and " +
                          counted(std::ssize(options.overlap), "overlap")}};
        for (int a = 0; a < shape.rank(); ++a) {
            axes.push_back({.n = shape[a], .size = shape[a]});
            fill_taper(axes.back(), 0, WindowTaper::none);
        }
        for (std::size_t i = 0; i < options.axes.size(); ++i) {
            const int axis = checked_axis(name, shape, options.axes[i]);
            if (std::find(slid.begin(), slid.end(), axis) != slid.end())
                throw ArgumentError{name + " along axis " + std::to_string(axis) + " twice",
                                    {.expected = "each axis once"}};
            checked_samples(name, shape, axis);
            slid.push_back(axis);
            slide(axes[static_cast<std::size_t>(axis)], options.size[i], options.overlap[i], axis,
                  options.taper);
        }
        index_t stride = 1;
        for (std::size_t a = axes.size(); a-- > 0; stride *= axes[a].size) axes[a].stride = stride;
        for (std::size_t i = slid.size(); i-- > 0;) {
            auto& axis = axes[static_cast<std::size_t>(slid[i])];
            axis.window_stride = stride;
            stride *= axis.windows;
        }
    }

    Shape domain() const {
        std::vector<index_t> extents;
        for (const int a : slid) extents.push_back(axes[static_cast<std::size_t>(a)].windows);
        for (const auto& axis : axes) extents.push_back(axis.size);
        return Shape{extents};
    }

    /// The windows over a row of the array, axis by axis, then those along the row.
    void add_windows(std::size_t a, const std::array<index_t, Shape::max_rank>& at, const T* x,
                     R weight, T* row) const {
        const auto& axis = axes[a];
        if (a + 1 == axes.size()) {
            for (index_t w = 0; w < axis.windows; ++w) {
                const T* from = x + w * axis.window_stride;
                const R* taper = axis.taper.data() + w * axis.size;
                T* to = row + w * axis.step;
                for (index_t j = 0; j < axis.size; ++j) to[j] += weight * taper[j] * from[j];
            }
            return;
        }
        const index_t i = at[a];
        for (index_t w = axis.first_over(i); w <= axis.last_over(i); ++w) {
            const index_t j = i - w * axis.step;
            add_windows(a + 1, at, x + w * axis.window_stride + j * axis.stride,
                        weight * axis.weight(w, j), row);
        }
    }

    /// One row of a window: `at` counts windows along the slid axes, then samples along all but the
    /// last axis of the window.
    void cut_row(const std::array<index_t, Shape::max_rank>& at, const T* y, T* row) const {
        index_t from = 0;
        R weight = 1;
        for (std::size_t a = 0; a + 1 < axes.size(); ++a) {
            const index_t w = window_of(a, at);
            const index_t j = at[slid.size() + a];
            from = from * axes[a].n + w * axes[a].step + j;
            weight *= axes[a].weight(w, j);
        }
        const auto& last = axes.back();
        const index_t w = window_of(axes.size() - 1, at);
        const T* in = y + from * last.n + w * last.step;
        for (index_t j = 0; j < last.size; ++j) row[j] = weight * last.weight(w, j) * in[j];
    }
    index_t window_of(std::size_t a, const std::array<index_t, Shape::max_rank>& at) const {
        for (std::size_t i = 0; i < slid.size(); ++i)
            if (slid[i] == static_cast<int>(a)) return at[i];
        return 0;
    }
};

namespace {

/// Calls work(index, row) for the rows along the last axis of a shape, on all threads if it is large.
template <class Work> void over_rows(const Shape& shape, const Work& work) {
    const int last = shape.rank() - 1;
    const index_t rows = shape.product(0, last);
    [[maybe_unused]] const bool threaded = rows > 1 && shape.size() >= parallel_threshold;
#pragma omp parallel for schedule(static) if (threaded)
    for (index_t row = 0; row < rows; ++row) {
        std::array<index_t, Shape::max_rank> at{};
        index_t rest = row;
        for (int a = last - 1; a >= 0; --a) {
            at[static_cast<std::size_t>(a)] = rest % shape[a];
            rest /= shape[a];
        }
        work(at, row);
    }
}

}  // namespace

template <Scalar T>
SlidingWindows<T>::SlidingWindows(const Shape& shape, const SlidingWindowsOptions& options)
    : Operator<SlidingWindows, ArraySpace<T>>{{"windows", Axes{shape, options}.domain()},
                                              {"samples", shape}},
      axes_{std::make_shared<const Axes>(shape, options)} {}

template <Scalar T> void SlidingWindows<T>::forward(const Array<T>& x, Array<T>& y) const {
    const index_t n = axes_->axes.back().n;
    over_rows(y.shape(), [&](const auto& at, index_t row) {
        T* out = y.data() + row * n;
        std::fill_n(out, n, T{});
        axes_->add_windows(0, at, x.data(), Real<T>{1}, out);
    });
}

template <Scalar T> void SlidingWindows<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    const index_t size = axes_->axes.back().size;
    over_rows(x.shape(), [&](const auto& at, index_t row) {
        axes_->cut_row(at, y.data(), x.data() + row * size);
    });
}

template class SlidingWindows<float>;
template class SlidingWindows<double>;
template class SlidingWindows<std::complex<float>>;
template class SlidingWindows<std::complex<double>>;

}  // namespace lop
