/// Selections, boxes, shifts, permutations and copies: every body is one pass over memory.
#include <lop/operators/indexing.hpp>

#include "operators/lines.hpp"
#include <lop/core/error.hpp>
#include <lop/core/reduce.hpp>

#include <algorithm>
#include <array>
#include <numeric>

namespace lop {

namespace detail {

struct Selection {
    Lines lines;                   // of the domain
    std::vector<index_t> indices;  // as listed
    std::vector<index_t> sources;  // sorted; empty where the list is sorted already
    std::vector<index_t> places;   // in the list, of each of the sorted ones
};

/// `part` lies within `whole` from `first` on; trailing axes that it fills are merged into runs.
struct Box {
    int rank = 0;
    std::array<index_t, Shape::max_rank> whole{};
    std::array<index_t, Shape::max_rank> part{};
    std::array<index_t, Shape::max_rank> first{};
};

/// Extents of the target and steps of the source along its axes, without those of extent 1; axes
/// that stay neighbours are merged.
struct Permutation {
    int rank = 0;
    std::array<index_t, Shape::max_rank> extent{};
    std::array<index_t, Shape::max_rank> step{};
};

}  // namespace detail

using detail::Box;
using detail::Permutation;
using detail::Selection;

namespace {

/// Calls work(o, begin, end) for pieces of the rows of `inner` values that make up [outer x rows].
template <class Work>
void over_rows(index_t outer, index_t rows, index_t inner, const Work& work) {
    const index_t piece = std::max<index_t>(1, (1 << 14) / std::max<index_t>(1, inner));
    const index_t pieces = (rows + piece - 1) / piece;
    [[maybe_unused]] const bool threaded =
        outer * rows * inner >= parallel_threshold && outer * pieces > 1;
#pragma omp parallel for collapse(2) schedule(static) if (threaded)
    for (index_t o = 0; o < outer; ++o)
        for (index_t p = 0; p < pieces; ++p) work(o, p * piece, std::min(rows, (p + 1) * piece));
}

std::string words(const std::vector<index_t>& numbers) {
    std::string text = "{";
    for (std::size_t i = 0; i < numbers.size(); ++i)
        text += (i > 0 ? ", " : "") + std::to_string(numbers[i]);
    return text + "}";
}

// ---- Restriction ----

Selection selection_along(const Shape& shape, std::vector<index_t> indices, int axis) {
    axis = checked_axis("Restriction", shape, axis);
    const index_t n = shape[axis];
    for (std::size_t k = 0; k < indices.size(); ++k)
        if (indices[k] < 0 || indices[k] >= n)
            throw ArgumentError{
                "Restriction along axis " + std::to_string(axis) + " of " + shape.str(),
                {.expected = n > 0 ? "indices from 0 to " + std::to_string(n - 1)
                                   : "no index, for the axis is empty",
                 .found = std::to_string(indices[k]) + ", number " + std::to_string(k) +
                          " of the list"}};
    Selection selection{lines_of(shape, axis), std::move(indices), {}, {}};
    const auto& list = selection.indices;
    if (std::is_sorted(list.begin(), list.end())) return selection;
    auto& places = selection.places;
    places.resize(list.size());
    std::iota(places.begin(), places.end(), index_t{0});
    std::stable_sort(places.begin(), places.end(), [&](index_t a, index_t b) {
        return list[static_cast<std::size_t>(a)] < list[static_cast<std::size_t>(b)];
    });
    for (const index_t place : places)
        selection.sources.push_back(list[static_cast<std::size_t>(place)]);
    return selection;
}

template <Scalar T> void take_rows(const Selection& s, const T* x, T* y) {
    const auto [outer, n, inner] = s.lines;
    const auto m = static_cast<index_t>(s.indices.size());
    const index_t* index = s.indices.data();
    over_rows(outer, m, inner, [=](index_t o, index_t begin, index_t end) {
        if (inner == 1) {
            for (index_t k = begin; k < end; ++k) y[o * m + k] = x[o * n + index[k]];
            return;
        }
        for (index_t k = begin; k < end; ++k)
            std::copy_n(x + (o * n + index[k]) * inner, inner, y + (o * m + k) * inner);
    });
}

/// Every row of x gathers what was taken from it: the rows of a piece are those of a run of the
/// sorted list.
template <Scalar T> void add_rows(const Selection& s, const T* y, T* x) {
    const auto [outer, n, inner] = s.lines;
    const auto& sources = s.places.empty() ? s.indices : s.sources;
    const auto m = static_cast<index_t>(sources.size());
    const index_t* source = sources.data();
    const index_t* place = s.places.empty() ? nullptr : s.places.data();
    over_rows(outer, n, inner, [=](index_t o, index_t begin, index_t end) {
        std::fill(x + (o * n + begin) * inner, x + (o * n + end) * inner, T{});
        for (index_t t = std::lower_bound(source, source + m, begin) - source;
             t < m && source[t] < end; ++t) {
            const T* from = y + (o * m + (place ? place[t] : t)) * inner;
            T* to = x + (o * n + source[t]) * inner;
            for (index_t i = 0; i < inner; ++i) to[i] += from[i];
        }
    });
}

// ---- boxes ----

Box box_of(const Shape& whole, const Shape& part, const std::vector<index_t>& first) {
    Box box;
    for (int axis = 0; axis < whole.rank(); ++axis) {
        const auto a = static_cast<std::size_t>(axis);
        const index_t at = first.empty() ? 0 : first[a];
        const auto r = static_cast<std::size_t>(box.rank);
        // A full axis continues the runs of the one before it.
        if (box.rank > 0 && at == 0 && part[axis] == whole[axis]) {
            box.whole[r - 1] *= whole[axis];
            box.part[r - 1] *= whole[axis];
            box.first[r - 1] *= whole[axis];
            continue;
        }
        box.whole[r] = whole[axis];
        box.part[r] = part[axis];
        box.first[r] = at;
        ++box.rank;
    }
    return box;
}

/// The number of runs: the product of all extents but the last.
index_t rows_of(const std::array<index_t, Shape::max_rank>& extents, int rank) {
    index_t rows = 1;
    for (int a = 0; a + 1 < rank; ++a) rows *= extents[static_cast<std::size_t>(a)];
    return rows;
}

/// part = the box within whole.
template <Scalar T> void cut(const Box& box, const T* whole, T* part) {
    if (box.rank == 0) return;
    const auto last = static_cast<std::size_t>(box.rank - 1);
    const index_t run = box.part[last];
    over_rows(1, rows_of(box.part, box.rank), run, [=, &box](index_t, index_t begin, index_t end) {
        for (index_t row = begin; row < end; ++row) {
            index_t rest = row;
            index_t at = box.first[last];
            index_t step = box.whole[last];
            for (std::size_t a = last; a-- > 0;) {
                at += (rest % box.part[a] + box.first[a]) * step;
                rest /= box.part[a];
                step *= box.whole[a];
            }
            std::copy_n(whole + at, run, part + row * run);
        }
    });
}

/// whole = part within the box, zero around it.
template <Scalar T> void embed(const Box& box, const T* part, T* whole) {
    if (box.rank == 0) return;
    const auto last = static_cast<std::size_t>(box.rank - 1);
    const index_t run = box.part[last];
    const index_t extent = box.whole[last];
    over_rows(1, rows_of(box.whole, box.rank), extent,
              [=, &box](index_t, index_t begin, index_t end) {
                  for (index_t row = begin; row < end; ++row) {
                      index_t rest = row;
                      index_t at = 0;
                      index_t step = 1;
                      bool inside = true;
                      for (std::size_t a = last; a-- > 0;) {
                          const index_t i = rest % box.whole[a] - box.first[a];
                          inside = inside && i >= 0 && i < box.part[a];
                          at += i * step;
                          rest /= box.whole[a];
                          step *= box.part[a];
                      }
                      T* to = whole + row * extent;
                      const index_t before = inside ? box.first[last] : extent;
                      std::fill_n(to, before, T{});
                      if (!inside) continue;
                      std::copy_n(part + at * run, run, to + before);
                      std::fill(to + before + run, to + extent, T{});
                  }
              });
}

void check_count(const std::string& asked, const char* what, const std::vector<index_t>& given,
                 const Shape& shape) {
    if (given.size() == static_cast<std::size_t>(shape.rank())) return;
    throw ArgumentError{
        asked,
        {.expected = std::string{what} + " for each of " + std::to_string(shape.rank()) + " axes",
         .found = words(given)}};
}

Shape window_shape(const Shape& whole, const WindowOptions& options) {
    const std::string asked = "Window of " + whole.str();
    if (!options.first.empty()) check_count(asked, "first", options.first, whole);
    check_count(asked, "count", options.count, whole);
    for (int axis = 0; axis < whole.rank(); ++axis) {
        const auto a = static_cast<std::size_t>(axis);
        const index_t first = options.first.empty() ? 0 : options.first[a];
        const index_t count = options.count[a];
        if (first >= 0 && count >= 0 && first <= whole[axis] && count <= whole[axis] - first)
            continue;
        throw ArgumentError{
            asked,
            {.expected = "a box within the " + std::to_string(whole[axis]) + " values along axis " +
                         std::to_string(axis),
             .found = std::to_string(count) + " from " + std::to_string(first) + " on"}};
    }
    return Shape{options.count};
}

Shape padded_shape(const Shape& part, const PadOptions& options) {
    const std::string asked = "Pad of " + part.str();
    if (!options.before.empty()) check_count(asked, "before", options.before, part);
    if (!options.after.empty()) check_count(asked, "after", options.after, part);
    Shape whole = part;
    for (int axis = 0; axis < part.rank(); ++axis) {
        const auto a = static_cast<std::size_t>(axis);
        const index_t before = options.before.empty() ? 0 : options.before[a];
        const index_t after = options.after.empty() ? 0 : options.after[a];
        if (before < 0 || after < 0)
            throw ArgumentError{
                asked,
                {.expected = "numbers of zeros that are not negative",
                 .found = std::to_string(before) + " before and " + std::to_string(after) +
                          " after along axis " + std::to_string(axis)}};
        index_t extent = 0;
        if (__builtin_add_overflow(before, after, &extent) ||
            __builtin_add_overflow(extent, part[axis], &extent))
            throw ArgumentError{asked, {.expected = "an extent below 2^63 along each axis"}};
        whole = whole.with(axis, extent);
    }
    std::array<index_t, Shape::max_rank> extents{};
    for (int axis = 0; axis < whole.rank(); ++axis)
        extents[static_cast<std::size_t>(axis)] = whole[axis];
    // Checked once more as a whole: it may not fit memory.
    return Shape{std::span<const index_t>{extents.data(), static_cast<std::size_t>(whole.rank())}};
}

// ---- TransposeAxes ----

std::vector<int> checked_axes(const Shape& shape, const std::vector<int>& axes) {
    const auto rank = static_cast<std::size_t>(shape.rank());
    std::vector<int> order;
    std::vector<bool> seen(rank, false);
    std::string list;
    for (const int axis : axes) {
        list += (list.empty() ? "" : ", ") + std::to_string(axis);
        order.push_back(checked_axis("TransposeAxes", shape, axis));
    }
    for (const int axis : order) seen[static_cast<std::size_t>(axis)] = true;
    if (order.size() != rank || std::count(seen.begin(), seen.end(), true) != shape.rank())
        throw ArgumentError{"TransposeAxes of " + shape.str(),
                            {.expected = "each of " + std::to_string(rank) + " axes once",
                             .found = "{" + list + "}"}};
    return order;
}

Shape permuted(const Shape& shape, const std::vector<int>& order) {
    Shape result = shape;
    for (std::size_t d = 0; d < order.size(); ++d)
        result = result.with(static_cast<int>(d), shape[order[d]]);
    return result;
}

Permutation permutation_of(const Shape& from, const std::vector<int>& order) {
    Permutation p;
    for (const int axis : order) {
        if (from[axis] == 1) continue;
        const index_t step = from.product(axis + 1, from.rank());
        const auto r = static_cast<std::size_t>(p.rank);
        if (p.rank > 0 && p.step[r - 1] == step * from[axis]) {
            p.extent[r - 1] *= from[axis];
            p.step[r - 1] = step;
            continue;
        }
        p.extent[r] = from[axis];
        p.step[r] = step;
        ++p.rank;
    }
    if (p.rank == 0) {
        p.rank = 1;
        p.extent[0] = 1;
        p.step[0] = 1;
    }
    return p;
}

std::vector<int> inverse_of(const std::vector<int>& order) {
    std::vector<int> inverse(order.size());
    for (std::size_t d = 0; d < order.size(); ++d)
        inverse[static_cast<std::size_t>(order[d])] = static_cast<int>(d);
    return inverse;
}

/// Tiles over the last axis of the target and that which is contiguous in the source keep whole
/// cache lines of both at work.
template <Scalar T> void permute(const Permutation& p, const T* x, T* y) {
    constexpr index_t tile = 32;
    const auto rank = static_cast<std::size_t>(p.rank);
    const std::size_t last = rank - 1;
    std::size_t near = 0;  // the axis along which the source is contiguous
    for (std::size_t a = 0; a < rank; ++a)
        if (p.step[a] == 1) near = a;
    std::array<index_t, Shape::max_rank> stride{};  // of the target
    index_t size = 1;
    index_t others = 1;
    for (std::size_t a = rank; a-- > 0;) {
        stride[a] = size;
        size *= p.extent[a];
        if (a != near && a != last) others *= p.extent[a];
    }
    if (size == 0) return;
    const index_t columns = p.extent[last];
    const index_t rows = near == last ? 1 : p.extent[near];
    over_rows(others, (rows + tile - 1) / tile, tile * columns,
              [=, &p](index_t o, index_t begin, index_t end) {
                  const T* from = x;
                  T* to = y;
                  for (std::size_t a = last; a-- > 0;) {
                      if (a == near) continue;
                      from += (o % p.extent[a]) * p.step[a];
                      to += (o % p.extent[a]) * stride[a];
                      o /= p.extent[a];
                  }
                  if (near == last) {
                      std::copy_n(from, columns, to);
                      return;
                  }
                  const index_t step = p.step[last];
                  const index_t to_step = stride[near];
                  for (index_t r0 = begin * tile; r0 < std::min(rows, end * tile); r0 += tile)
                      for (index_t c0 = 0; c0 < columns; c0 += tile) {
                          const index_t r1 = std::min(rows, r0 + tile);
                          const index_t c1 = std::min(columns, c0 + tile);
                          for (index_t r = r0; r < r1; ++r)
                              for (index_t c = c0; c < c1; ++c)
                                  to[r * to_step + c] = from[c * step + r];
                      }
              });
}

// ---- sums and copies along an axis ----

/// y[outer x inner] = the sums of the lines of x, in double.
template <Scalar T> void sum_lines(const Lines& lines, const T* x, T* y) {
    using Sum = Accumulator<T>;
    const auto [outer, n, inner] = lines;
    over_lines(lines, [=](index_t o, index_t first, index_t count) {
        const T* from = x + o * n * inner + first;
        T* to = y + o * inner + first;
        if (inner == 1) {
            *to = static_cast<T>(reduce<Sum>(SliceLayout{1, n, 1, 0, n},
                                             [=](index_t k) { return static_cast<Sum>(from[k]); }));
            return;
        }
        std::array<Sum, 256> sums{};
        Sum* sum = sums.data();
        for (index_t k = 0; k < n; ++k) {
#pragma omp simd
            for (index_t i = 0; i < count; ++i) sum[i] += static_cast<Sum>(from[k * inner + i]);
        }
        for (index_t i = 0; i < count; ++i) to[i] = static_cast<T>(sum[i]);
    });
}

/// The lines of y repeat the values of x[outer x inner].
template <Scalar T> void repeat_lines(const Lines& lines, const T* x, T* y) {
    const auto [outer, n, inner] = lines;
    over_rows(outer, n, inner, [=](index_t o, index_t begin, index_t end) {
        T* to = y + o * n * inner;
        if (inner == 1) {
            std::fill(to + begin, to + end, x[o]);
            return;
        }
        for (index_t k = begin; k < end; ++k) std::copy_n(x + o * inner, inner, to + k * inner);
    });
}

Shape without_axis(const Shape& shape, int axis) {
    if (shape.rank() == 1) return Shape{1};
    std::vector<index_t> extents;
    for (int a = 0; a < shape.rank(); ++a)
        if (a != axis) extents.push_back(shape[a]);
    return Shape{extents};
}

Shape with_axis(const Shape& shape, int axis, index_t count) {
    if (count < 0)
        throw ArgumentError{"Spread of " + shape.str(),
                            {.expected = "a number of copies that is not negative",
                             .found = std::to_string(count)}};
    std::vector<index_t> extents;
    for (int a = 0; a < shape.rank(); ++a) extents.push_back(shape[a]);
    const int rank = shape.rank() + 1;
    if (rank > Shape::max_rank || axis < -rank || axis >= rank)
        throw ArgumentError{
            "Spread of " + shape.str() + " along a new axis " + std::to_string(axis),
            {.expected = rank > Shape::max_rank ? "a shape with at most " +
                                                      std::to_string(Shape::max_rank - 1) + " axes"
                                                : "a place from " + std::to_string(-rank) + " to " +
                                                      std::to_string(rank - 1)}};
    extents.insert(extents.begin() + (axis < 0 ? axis + rank : axis), count);
    return Shape{extents};
}

Shape mirrored_shape(const Shape& shape, int axis) {
    axis = checked_axis("Symmetrize", shape, axis);
    if (shape[axis] == 0)
        throw ArgumentError{
            "Symmetrize of " + shape.str() + " along axis " + std::to_string(axis),
            {.expected = "at least one value along the axis, to mirror the others about",
             .found = "none"}};
    return shape.with(axis, 2 * shape[axis] - 1);
}

}  // namespace

template <Scalar T>
Restriction<T>::Restriction(ArraySpace<T> domain, std::vector<index_t> indices,
                            const RestrictionOptions& options)
    : Restriction{domain,
                  ArraySpace<T>{
                      domain.name(),
                      domain.shape().with(checked_axis("Restriction", domain.shape(), options.axis),
                                          static_cast<index_t>(indices.size()))},
                  std::make_shared<const Selection>(
                      selection_along(domain.shape(), indices, options.axis))} {}

template <Scalar T>
Restriction<T> Restriction<T>::masked(const ArraySpace<T>& domain, const std::vector<bool>& mask) {
    if (static_cast<index_t>(mask.size()) != domain.size())
        throw ArgumentError{"Restriction to a mask",
                            {.expected = std::to_string(domain.size()) +
                                         " values, one for each of " + domain.describe(),
                             .found = std::to_string(mask.size())}};
    std::vector<index_t> indices;
    for (std::size_t i = 0; i < mask.size(); ++i)
        if (mask[i]) indices.push_back(static_cast<index_t>(i));
    ArraySpace<T> range{domain.name(), {static_cast<index_t>(indices.size())}};
    return {domain, std::move(range),
            std::make_shared<const Selection>(
                selection_along(Shape{domain.size()}, std::move(indices), 0))};
}

template <Scalar T>
Restriction<T>::Restriction(ArraySpace<T> domain, ArraySpace<T> range,
                            std::shared_ptr<const Selection> selection)
    : Operator<Restriction, ArraySpace<T>>{std::move(domain), std::move(range)},
      selection_{std::move(selection)} {}

template <Scalar T> void Restriction<T>::forward(const Array<T>& x, Array<T>& y) const {
    take_rows(*selection_, x.data(), y.data());
}
template <Scalar T> void Restriction<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    add_rows(*selection_, y.data(), x.data());
}

template <Scalar T>
Window<T>::Window(ArraySpace<T> domain, const WindowOptions& options)
    : Operator<Window, ArraySpace<T>>{domain, ArraySpace<T>{domain.name(),
                                                            window_shape(domain.shape(), options)}},
      box_{std::make_shared<const Box>(
          box_of(this->domain().shape(), this->range().shape(), options.first))} {}

template <Scalar T> void Window<T>::forward(const Array<T>& x, Array<T>& y) const {
    cut(*box_, x.data(), y.data());
}
template <Scalar T> void Window<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    embed(*box_, y.data(), x.data());
}

template <Scalar T>
Pad<T>::Pad(ArraySpace<T> domain, const PadOptions& options)
    : Operator<Pad, ArraySpace<T>>{domain, ArraySpace<T>{domain.name(),
                                                         padded_shape(domain.shape(), options)}},
      box_{std::make_shared<const Box>(
          box_of(this->range().shape(), this->domain().shape(), options.before))} {}

template <Scalar T> void Pad<T>::forward(const Array<T>& x, Array<T>& y) const {
    embed(*box_, x.data(), y.data());
}
template <Scalar T> void Pad<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    cut(*box_, y.data(), x.data());
}

template <Scalar T>
Flip<T>::Flip(ArraySpace<T> space, const AxisOptions& options)
    : Operator<Flip, ArraySpace<T>>{std::move(space)},
      axis_{checked_axis("Flip", this->domain().shape(), options.axis)} {}

template <Scalar T> void Flip<T>::forward(const Array<T>& x, Array<T>& y) const {
    const auto [outer, n, inner] = lines_of(x.shape(), axis_);
    over_rows(outer, n, inner, [&, n, inner](index_t o, index_t begin, index_t end) {
        const T* from = x.data() + o * n * inner;
        T* to = y.data() + o * n * inner;
        if (inner == 1) {
            std::reverse_copy(from + n - end, from + n - begin, to + begin);
            return;
        }
        for (index_t k = begin; k < end; ++k)
            std::copy_n(from + (n - 1 - k) * inner, inner, to + k * inner);
    });
}

namespace {

/// y[(k + shift) mod n] = x[k] along the lines, in two runs.
template <Scalar T> void roll(const Lines& lines, index_t shift, const T* x, T* y) {
    const auto [outer, n, inner] = lines;
    over_rows(outer, n, inner, [=](index_t o, index_t begin, index_t end) {
        const T* from = x + o * n * inner;
        T* to = y + o * n * inner;
        const index_t middle = std::clamp(shift, begin, end);
        std::copy(from + (begin + n - shift) * inner, from + (middle + n - shift) * inner,
                  to + begin * inner);
        if (middle < end)
            std::copy(from + (middle - shift) * inner, from + (end - shift) * inner,
                      to + middle * inner);
    });
}

}  // namespace

template <Scalar T>
Roll<T>::Roll(ArraySpace<T> space, index_t shift, const AxisOptions& options)
    : Operator<Roll, ArraySpace<T>>{std::move(space)},
      axis_{checked_axis("Roll", this->domain().shape(), options.axis)} {
    const index_t n = this->domain().shape()[axis_];
    shift_ = n > 0 ? (shift % n + n) % n : 0;
}

template <Scalar T> void Roll<T>::forward(const Array<T>& x, Array<T>& y) const {
    roll(lines_of(x.shape(), axis_), shift_, x.data(), y.data());
}
template <Scalar T> void Roll<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    const Lines lines = lines_of(x.shape(), axis_);
    roll(lines, shift_ == 0 ? 0 : lines.n - shift_, y.data(), x.data());
}

template <Scalar T>
TransposeAxes<T>::TransposeAxes(ArraySpace<T> domain, const std::vector<int>& axes)
    : Operator<TransposeAxes, ArraySpace<T>>{
          domain, ArraySpace<T>{domain.name(),
                                permuted(domain.shape(), checked_axes(domain.shape(), axes))}} {
    const auto order = checked_axes(domain.shape(), axes);
    there_ = std::make_shared<const Permutation>(permutation_of(domain.shape(), order));
    back_ = std::make_shared<const Permutation>(
        permutation_of(this->range().shape(), inverse_of(order)));
}

template <Scalar T> void TransposeAxes<T>::forward(const Array<T>& x, Array<T>& y) const {
    permute(*there_, x.data(), y.data());
}
template <Scalar T> void TransposeAxes<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    permute(*back_, y.data(), x.data());
}

template <Scalar T>
AxisSum<T>::AxisSum(ArraySpace<T> domain, const AxisOptions& options)
    : Operator<AxisSum, ArraySpace<T>>{domain,
                                       ArraySpace<T>{
                                           domain.name(),
                                           without_axis(domain.shape(),
                                                        checked_axis("AxisSum", domain.shape(),
                                                                     options.axis))}},
      axis_{checked_axis("AxisSum", domain.shape(), options.axis)} {}

template <Scalar T> void AxisSum<T>::forward(const Array<T>& x, Array<T>& y) const {
    sum_lines(lines_of(x.shape(), axis_), x.data(), y.data());
}
template <Scalar T> void AxisSum<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    repeat_lines(lines_of(x.shape(), axis_), y.data(), x.data());
}

template <Scalar T>
Spread<T>::Spread(ArraySpace<T> domain, index_t count, const SpreadOptions& options)
    : Operator<Spread, ArraySpace<T>>{domain,
                                      ArraySpace<T>{domain.name(), with_axis(domain.shape(),
                                                                             options.axis, count)}},
      axis_{checked_axis("Spread", this->range().shape(), options.axis)} {}

template <Scalar T> void Spread<T>::forward(const Array<T>& x, Array<T>& y) const {
    repeat_lines(lines_of(y.shape(), axis_), x.data(), y.data());
}
template <Scalar T> void Spread<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    sum_lines(lines_of(y.shape(), axis_), y.data(), x.data());
}

template <Scalar T>
Symmetrize<T>::Symmetrize(ArraySpace<T> domain, const AxisOptions& options)
    : Operator<Symmetrize, ArraySpace<T>>{domain, ArraySpace<T>{domain.name(),
                                                                mirrored_shape(domain.shape(),
                                                                               options.axis)}},
      axis_{checked_axis("Symmetrize", domain.shape(), options.axis)} {}

template <Scalar T> void Symmetrize<T>::forward(const Array<T>& x, Array<T>& y) const {
    const auto [outer, n, inner] = lines_of(x.shape(), axis_);
    over_rows(outer, 2 * n - 1, inner, [&, n, inner](index_t o, index_t begin, index_t end) {
        const T* from = x.data() + o * n * inner;
        T* to = y.data() + o * (2 * n - 1) * inner;
        for (index_t k = begin; k < end; ++k)
            std::copy_n(from + std::abs(k - (n - 1)) * inner, inner, to + k * inner);
    });
}
template <Scalar T> void Symmetrize<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    const auto [outer, n, inner] = lines_of(x.shape(), axis_);
    over_rows(outer, n, inner, [&, n, inner](index_t o, index_t begin, index_t end) {
        const T* middle = y.data() + (o * (2 * n - 1) + n - 1) * inner;
        T* to = x.data() + o * n * inner;
        if (begin == 0) {
            std::copy_n(middle, inner, to);
            begin = 1;
        }
        for (index_t k = begin; k < end; ++k)
            for (index_t i = 0; i < inner; ++i)
                to[k * inner + i] = middle[k * inner + i] + middle[-k * inner + i];
    });
}

template class Restriction<float>;
template class Restriction<double>;
template class Restriction<std::complex<float>>;
template class Restriction<std::complex<double>>;
template class Window<float>;
template class Window<double>;
template class Window<std::complex<float>>;
template class Window<std::complex<double>>;
template class Pad<float>;
template class Pad<double>;
template class Pad<std::complex<float>>;
template class Pad<std::complex<double>>;
template class Flip<float>;
template class Flip<double>;
template class Flip<std::complex<float>>;
template class Flip<std::complex<double>>;
template class Roll<float>;
template class Roll<double>;
template class Roll<std::complex<float>>;
template class Roll<std::complex<double>>;
template class TransposeAxes<float>;
template class TransposeAxes<double>;
template class TransposeAxes<std::complex<float>>;
template class TransposeAxes<std::complex<double>>;
template class AxisSum<float>;
template class AxisSum<double>;
template class AxisSum<std::complex<float>>;
template class AxisSum<std::complex<double>>;
template class Spread<float>;
template class Spread<double>;
template class Spread<std::complex<float>>;
template class Spread<std::complex<double>>;
template class Symmetrize<float>;
template class Symmetrize<double>;
template class Symmetrize<std::complex<float>>;
template class Symmetrize<std::complex<double>>;

}  // namespace lop
