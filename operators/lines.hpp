/// Arrays seen along one axis, and loops over their lines: what kernels along an axis share.
#pragma once

#include <lop/core/error.hpp>
#include <lop/core/grid.hpp>
#include <lop/core/parallel.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace lop {

/// a b without the care for infinities that the operator of std::complex takes.
template <Scalar T> constexpr T times(const T& a, const T& b) {
    if constexpr (is_complex<T>)
        return {a.real() * b.real() - a.imag() * b.imag(),
                a.real() * b.imag() + a.imag() * b.real()};
    else return a * b;
}

/// An array as [outer x n x inner] values, the axis in the middle: element k of line (o, l) lies at
/// (o n + k) inner + l.
struct Lines {
    index_t outer = 1;
    index_t n = 0;
    index_t inner = 1;
};

/// The axis counted from the first; negative ones count from the last, -1. Throws ArgumentError,
/// naming the operator, for one that the shape does not have.
inline int checked_axis(const std::string& name, const Shape& shape, int axis) {
    const int rank = shape.rank();
    if (axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
    if (rank == 0)
        throw ArgumentError{name + " of an array without axes",
                            {.expected = "a shape of at least one axis, such as Shape{n}"}};
    throw ArgumentError{name + " along axis " + std::to_string(axis),
                        {.expected = "an axis of " + shape.str() + ": " + std::to_string(-rank) +
                                     " to " + std::to_string(rank - 1),
                         .found = std::to_string(axis)}};
}

/// What to do about an operator that would have no samples to work on.
inline constexpr const char* without_samples = "leave it out where there are no samples";

/// The samples along an axis, counted from the first. Throws ArgumentError, naming the operator, for
/// an axis without any.
inline index_t checked_samples(const std::string& name, const Shape& shape, int axis) {
    if (shape[axis] > 0) return shape[axis];
    throw ArgumentError{name + " of " + shape.str(),
                        {.expected = "at least one sample along axis " + std::to_string(axis),
                         .found = "none",
                         .remedy = without_samples}};
}

/// Throws ArgumentError, naming the operator, for a time axis without samples, a positive interval or a
/// start.
inline void check_time_axis(const std::string& name, const TimeAxis& time) {
    if (time.samples >= 1 && time.interval > 0 && std::isfinite(time.interval) &&
        std::isfinite(time.start))
        return;
    throw ArgumentError{name + " on " + time.str(),
                        {.expected = "samples at a positive interval from a finite time on",
                         .remedy = time.samples < 1 ? without_samples : ""}};
}

inline Lines lines_of(const Shape& shape, int axis) {
    return {shape.product(0, axis), shape[axis], shape.product(axis + 1, shape.rank())};
}

/// Calls work(o, first, count) for bundles of adjacent lines, on all threads where the array is
/// large: lines first .. first + count - 1 of the inner ones within o. Where the axis is the last
/// one, a bundle is a single contiguous line (first 0, count 1); elsewhere the loop over a bundle's
/// lines is contiguous and is the one to put innermost. `work` must not throw.
template <class Work> void over_lines(const Lines& lines, const Work& work) {
    constexpr index_t bundle = 256;
    const index_t bundles = (lines.inner + bundle - 1) / bundle;
    [[maybe_unused]] const bool threaded =
        lines.outer * lines.n * lines.inner >= parallel_threshold && lines.outer * bundles > 1;
#pragma omp parallel for collapse(2) schedule(static) if (threaded)
    for (index_t o = 0; o < lines.outer; ++o)
        for (index_t b = 0; b < bundles; ++b)
            work(o, b * bundle, std::min(bundle, lines.inner - b * bundle));
}

}  // namespace lop
