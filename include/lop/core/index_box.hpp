/// Rectangular parts of arrays: where they lie, what two of them share, and copies between them.
#pragma once

#include <lop/core/grid.hpp>

#include <algorithm>
#include <array>
#include <string>

namespace lop {

/// The indices [first, first + count) along every axis of an array.
class IndexBox {
 public:
    IndexBox() = default;
    /// The whole of an array.
    explicit IndexBox(const Shape& shape) : shape_{shape} {}
    IndexBox(std::array<index_t, Shape::max_rank> first, const Shape& shape)
        : first_{first}, shape_{shape} {}

    int rank() const { return shape_.rank(); }
    index_t first(int axis) const { return first_[static_cast<std::size_t>(axis)]; }
    index_t count(int axis) const { return shape_[axis]; }
    index_t end(int axis) const { return first(axis) + count(axis); }
    const Shape& shape() const { return shape_; }
    index_t size() const { return shape_.size(); }
    bool is_empty() const { return size() == 0; }

    /// The same box with other indices along one axis.
    IndexBox with(int axis, index_t first, index_t count) const {
        IndexBox box{first_, shape_.with(axis, count)};
        box.first_[static_cast<std::size_t>(axis)] = first;
        return box;
    }
    /// What both hold; without indices where they do not meet.
    IndexBox operator&(const IndexBox& other) const {
        IndexBox box = *this;
        for (int axis = 0; axis < rank(); ++axis) {
            const index_t from = std::max(first(axis), other.first(axis));
            const index_t to = std::min(end(axis), other.end(axis));
            box = box.with(axis, from, std::max<index_t>(0, to - from));
        }
        return box;
    }
    bool operator==(const IndexBox&) const = default;

 private:
    std::array<index_t, Shape::max_rank> first_{};
    Shape shape_{};
};

namespace detail {

/// Calls f(offset in the first array, offset in the second, run) for the contiguous runs of `part`,
/// in the order of its elements; the arrays hold the boxes `a` and `b`, which both cover it.
template <class F> void for_each_run(const IndexBox& part, const IndexBox& a, const IndexBox& b,
                                     const F& f) {
    if (part.rank() == 0 || part.is_empty()) return;
    // Axes that are whole in both arrays make one run with those after them.
    int last = part.rank() - 1;
    index_t run = part.count(last);
    while (last > 0 && part.count(last) == a.count(last) && part.count(last) == b.count(last))
        run *= part.count(--last);
    std::array<index_t, Shape::max_rank> stride_a{}, stride_b{}, at{};
    index_t in_a = 0, in_b = 0, step_a = 1, step_b = 1;
    for (int axis = part.rank(); axis-- > 0;) {
        const auto k = static_cast<std::size_t>(axis);
        stride_a[k] = step_a;
        stride_b[k] = step_b;
        in_a += (part.first(axis) - a.first(axis)) * step_a;
        in_b += (part.first(axis) - b.first(axis)) * step_b;
        step_a *= a.count(axis);
        step_b *= b.count(axis);
    }
    for (;;) {
        f(in_a, in_b, run);
        int axis = last - 1;
        for (; axis >= 0; --axis) {
            const auto k = static_cast<std::size_t>(axis);
            in_a += stride_a[k];
            in_b += stride_b[k];
            if (++at[k] < part.count(axis)) break;
            in_a -= stride_a[k] * at[k];
            in_b -= stride_b[k] * at[k];
            at[k] = 0;
        }
        if (axis < 0) return;
    }
}

}  // namespace detail

/// Copies what the box `part` holds from an array over the box `from_box` to one over `to_box`; both
/// must cover it.
template <class T> void copy_box(const IndexBox& part, const T* from, const IndexBox& from_box,
                                 T* to, const IndexBox& to_box) {
    detail::for_each_run(part, from_box, to_box, [&](index_t at, index_t into, index_t run) {
        std::copy_n(from + at, run, to + into);
    });
}

/// The same with addition:  to += from.
template <class T> void add_box(const IndexBox& part, const T* from, const IndexBox& from_box,
                                T* to, const IndexBox& to_box) {
    detail::for_each_run(part, from_box, to_box, [&](index_t at, index_t into, index_t run) {
        for (index_t k = 0; k < run; ++k) to[into + k] += from[at + k];
    });
}

}  // namespace lop
