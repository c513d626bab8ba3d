/// Boxes of distributed arrays, and norms along their axes.
#pragma once

#include <lop/distributed/communication.hpp>

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

enum class Norm { one, two, infinity };

/// The norms of all lines along an axis, sum |x|, sqrt(sum |x|^2) or max |x|: an array that has lost
/// the axis, of one value where it had no other. Along a whole axis nothing is sent; a scattered one
/// is made whole first (whole_along), so that the bits do not depend on the ranks. Collective.
/// Throws ArgumentError for an axis that there is not.
template <Scalar T>
DistributedArray<Real<T>> norm_along(const DistributedArray<T>& x, int axis, Norm norm = Norm::two);

}  // namespace lop
