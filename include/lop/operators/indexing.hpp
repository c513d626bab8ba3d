/// Operators that move values without changing them: selections, boxes, shifts, permutations, copies.
#pragma once

#include <lop/algebra/operator.hpp>

#include <memory>
#include <string>
#include <vector>

namespace lop {

struct RestrictionOptions {
    int axis = -1;  ///< along which the indices count; negative ones count from the last
};

/// Which places a Restriction takes, and in which order its adjoint visits them.
namespace detail {
struct Selection;
}  // namespace detail

/// Takes the listed places along an axis, in the order of the list:
///
///     y[.., k, ..] = x[.., indices[k], ..].
///
/// A place may be listed more than once, or not at all: the adjoint adds what was taken from a place,
/// and is zero where nothing was. domain: any shape; range: the same with indices.size() places
/// along the axis. Throws ArgumentError for an index outside the axis.
template <Scalar T> class Restriction : public Operator<Restriction<T>, ArraySpace<T>> {
 public:
    Restriction(ArraySpace<T> domain, std::vector<index_t> indices,
                const RestrictionOptions& options = {});
    /// The places of the whole array, in the order of memory, where the mask is true; the range is
    /// [their number]. Throws ArgumentError for a mask of another size than the domain.
    static Restriction masked(const ArraySpace<T>& domain, const std::vector<bool>& mask);

    std::string label() const { return "Restriction"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    Restriction(ArraySpace<T> domain, ArraySpace<T> range,
                std::shared_ptr<const detail::Selection> selection);
    std::shared_ptr<const detail::Selection> selection_;
};

/// Restriction to where a mask over the whole array is true.
template <Scalar T>
Restriction<T> restrict_to(const ArraySpace<T>& domain, const std::vector<bool>& mask) {
    return Restriction<T>::masked(domain, mask);
}

/// Where a small array lies within a large one.
namespace detail {
struct Box;
}  // namespace detail

struct WindowOptions {
    std::vector<index_t> first{};  ///< place of the first value along each axis; zeros if empty
    std::vector<index_t> count{};  ///< number of values along each axis
};

/// Cuts a box out of an array:  y[i, j, ..] = x[first[0] + i, first[1] + j, ..].
/// The adjoint puts the box back into zeros. domain: any shape; range: [count].
/// Throws ArgumentError for a box that does not lie inside the domain.
template <Scalar T> class Window : public Operator<Window<T>, ArraySpace<T>> {
 public:
    Window(ArraySpace<T> domain, const WindowOptions& options);
    std::string label() const { return "Window"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    std::shared_ptr<const detail::Box> box_;
};

struct PadOptions {
    std::vector<index_t> before{};  ///< zeros in front, for each axis; none if empty
    std::vector<index_t> after{};   ///< zeros behind, for each axis; none if empty
};

/// Surrounds an array by zeros:  y[before[0] + i, before[1] + j, ..] = x[i, j, ..].
/// The adjoint cuts them off. domain: any shape; range: before + extent + after along each axis.
/// Throws ArgumentError for negative numbers, and for as many as there are no axes.
template <Scalar T> class Pad : public Operator<Pad<T>, ArraySpace<T>> {
 public:
    Pad(ArraySpace<T> domain, const PadOptions& options);
    std::string label() const { return "Pad"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    std::shared_ptr<const detail::Box> box_;
};

struct AxisOptions {
    int axis = -1;  ///< negative ones count from the last
};

/// Reverses an axis:  y[.., k, ..] = x[.., n - 1 - k, ..]. Its own adjoint and inverse.
/// domain = range: any shape.
template <Scalar T> class Flip : public Operator<Flip<T>, ArraySpace<T>> {
 public:
    explicit Flip(ArraySpace<T> space, const AxisOptions& options = {});
    std::string label() const { return "Flip"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const { forward(y, x); }

 private:
    int axis_;
};

/// Shifts along an axis, around its ends:  y[.., (k + shift) mod n, ..] = x[.., k, ..].
/// The shift may have any size and sign; the adjoint, and inverse, shifts back.
/// domain = range: any shape.
template <Scalar T> class Roll : public Operator<Roll<T>, ArraySpace<T>> {
 public:
    Roll(ArraySpace<T> space, index_t shift, const AxisOptions& options = {});
    std::string label() const { return "Roll"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    int axis_;
    index_t shift_;  // within [0, n)
};

/// A permutation of axes, prepared for walking through memory.
namespace detail {
struct Permutation;
}  // namespace detail

/// Puts the axes of an array into another order: axis d of y is axis axes[d] of x,
///
///     y[i_axes[0], i_axes[1], ..] = x[i_0, i_1, ..].
///
/// The adjoint, and inverse, puts them back. domain: any shape; range: its extents in the new order.
/// Throws ArgumentError for a list that does not name every axis once.
template <Scalar T> class TransposeAxes : public Operator<TransposeAxes<T>, ArraySpace<T>> {
 public:
    TransposeAxes(ArraySpace<T> domain, const std::vector<int>& axes);
    std::string label() const { return "TransposeAxes"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    std::shared_ptr<const detail::Permutation> there_;
    std::shared_ptr<const detail::Permutation> back_;
};

/// Sums over an axis:  y[i, j, ..] = sum_k x[i, .., k, .., j], in double, rounded once.
/// The adjoint repeats y along the axis. domain: any shape; range: the same without the axis, or [1]
/// where no other is left. (`Sum` is the node of A + B.)
template <Scalar T> class AxisSum : public Operator<AxisSum<T>, ArraySpace<T>> {
 public:
    explicit AxisSum(ArraySpace<T> domain, const AxisOptions& options = {});
    std::string label() const { return "AxisSum"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    int axis_;
};

struct SpreadOptions {
    int axis = 0;  ///< place of the new axis among those of the range
};

/// Repeats an array along a new axis:  y[i, .., k, .., j] = x[i, j, ..] for k = 0 .. count - 1.
/// The adjoint sums over it, in double. domain: any shape of at most five axes; range: the same with
/// the new axis. Throws ArgumentError for a negative count and for a sixth axis.
template <Scalar T> class Spread : public Operator<Spread<T>, ArraySpace<T>> {
 public:
    Spread(ArraySpace<T> domain, index_t count, const SpreadOptions& options = {});
    std::string label() const { return "Spread"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    int axis_;
};

/// Mirrors an axis about its first value:  y[n - 1 + k] = y[n - 1 - k] = x[k], k = 0 .. n - 1.
/// The adjoint adds the two of each pair; the middle one has no partner. domain: any shape with
/// n > 0 along the axis; range: 2 n - 1 along it.
template <Scalar T> class Symmetrize : public Operator<Symmetrize<T>, ArraySpace<T>> {
 public:
    explicit Symmetrize(ArraySpace<T> domain, const AxisOptions& options = {});
    std::string label() const { return "Symmetrize"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    int axis_;
};

}  // namespace lop
