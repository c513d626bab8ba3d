/// Boxes and other extents of distributed arrays, and norms along their axes.
#pragma once

#include <lop/distributed/communication.hpp>

#include <optional>

namespace lop {

/// y = the part of x in a box. Every rank keeps what it holds of it, so that nothing is sent; the
/// adjoint puts it back among zeros.
/// domain: any array; range: the box's extents, cut where the domain is.
template <Scalar T> class Slice : public Operator<Slice<T>, DistributedSpace<T>> {
 public:
    /// Throws ArgumentError for a box that does not lie in the array.
    Slice(const DistributedSpace<T>& domain, const IndexBox& box);
    std::string label() const { return "Slice"; }
    void forward(const DistributedArray<T>& x, DistributedArray<T>& y) const;
    void adjoint(const DistributedArray<T>& y, DistributedArray<T>& x) const;

 private:
    IndexBox mine_;  // what this rank holds of the box
};

/// The same elements, the last axis fastest, with other extents and shared out in another way; its
/// adjoint, and its inverse, is the way back. Elements go straight to the ranks that hold them where
/// both sides are replicated or cut along their first axis alone; others are cut so on the way.
/// domain, range: any arrays of one size.
///
///     const Reshape<double> columns{space, {nx * ny, nz}};
///     const Reshape<double> flat{space, {space.size()}};         // x in its order, whatever axis is cut
template <Scalar T> class Reshape : public Operator<Reshape<T>, DistributedSpace<T>> {
 public:
    /// Throws SpaceError where numbers of elements or ranks of both spaces differ.
    Reshape(const DistributedSpace<T>& domain, const DistributedSpace<T>& range);
    /// Replicated as the domain is, or cut along the first axis in parts as equal as can be.
    Reshape(const DistributedSpace<T>& domain, const Shape& shape);
    std::string label() const { return "Reshape"; }
    void forward(const DistributedArray<T>& x, DistributedArray<T>& y) const;
    void adjoint(const DistributedArray<T>& y, DistributedArray<T>& x) const;

 private:
    std::optional<Redistribute<T>> in_{}, out_{};  // to a cut along the first axis, and from it
    detail::Exchange<T> there_, back_;             // of all elements as one axis
};

enum class Norm { one, two, infinity };

/// The norms of all lines along an axis, sum |x|, sqrt(sum |x|^2) or max |x|: an array that has lost
/// the axis, of one value where it had no other. Along a whole axis nothing is sent; a scattered one
/// is made whole first (whole_along), so that the bits do not depend on the ranks. Collective.
/// Throws ArgumentError for an axis that there is not.
template <Scalar T>
DistributedArray<Real<T>> norm_along(const DistributedArray<T>& x, int axis, Norm norm = Norm::two);

}  // namespace lop
