/// Boxes of distributed arrays, and norms along their axes.
#include <lop/distributed/slice.hpp>

#include <lop/core/error.hpp>

#include <algorithm>
#include <cmath>

namespace lop {
namespace {

std::string box_in_words(const IndexBox& box) {
    std::string words = "[";
    for (int axis = 0; axis < box.rank(); ++axis)
        words += (axis > 0 ? ", " : "") + std::to_string(box.first(axis)) + " to " +
                 std::to_string(box.end(axis));
    return words + ")";
}

template <Scalar T>
const IndexBox& checked(const DistributedSpace<T>& space, const IndexBox& box) {
    bool inside = box.rank() == space.shape().rank();
    for (int axis = 0; inside && axis < box.rank(); ++axis)
        inside = box.first(axis) >= 0 && box.end(axis) <= space.shape()[axis];
    if (inside) return box;
    throw ArgumentError{
        "Slice of " + space.describe(),
        {.expected = "a box within [" + space.shape().str() + "]", .found = box_in_words(box)}};
}

template <Scalar T>
DistributedSpace<T> slice_space(const DistributedSpace<T>& space, const IndexBox& box) {
    Partition partition = space.partition();
    for (int axis = 0; axis < box.rank(); ++axis) {
        const Cuts* cuts = space.partition().cuts(axis);
        if (!cuts) continue;
        std::vector<index_t> counts;
        for (int part = 0; part < cuts->parts(); ++part)
            counts.push_back(
                std::max<index_t>(0, std::min(cuts->first(part + 1), box.end(axis)) -
                                         std::max(cuts->first(part), box.first(axis))));
        partition = partition.with(Cuts{axis, counts});
    }
    return {Label{space.name()}, box.shape(), space.communicator(), partition};
}

}  // namespace

template <Scalar T> Slice<T>::Slice(const DistributedSpace<T>& domain, const IndexBox& box)
    : Operator<Slice, DistributedSpace<T>>{domain, slice_space(domain, checked(domain, box))},
      mine_{domain.box() & box} {}

template <Scalar T>
void Slice<T>::forward(const DistributedArray<T>& x, DistributedArray<T>& y) const {
    copy_box(mine_, x.data(), x.box(), y.data(), mine_);
}

template <Scalar T>
void Slice<T>::adjoint(const DistributedArray<T>& y, DistributedArray<T>& x) const {
    x.fill(T{});
    copy_box(mine_, y.data(), mine_, x.data(), x.box());
}

// ---- norms ------------------------------------------------------------------------------------

namespace {

/// The norm of `n` values, `stride` apart.
template <class T> double norm_of_line(const T* x, index_t n, index_t stride, Norm norm) {
    if (norm == Norm::infinity) {
        double most = 0;
        for (index_t k = 0; k < n; ++k) {
            const double v = std::abs(x[k * stride]);
            if (!(v <= most)) most = v;  // a NaN stays
            if (std::isnan(v)) break;
        }
        return most;
    }
    const SliceLayout line{1, n, 1, 0, n};
    if (norm == Norm::one)
        return lop::reduce<double>(
            line, [=](index_t k) { return static_cast<double>(std::abs(x[k * stride])); });
    return std::sqrt(lop::reduce<double>(
        line, [=](index_t k) { return detail::squared_magnitude(x[k * stride]); }));
}

}  // namespace

template <Scalar T>
DistributedArray<Real<T>> norm_along(const DistributedArray<T>& x, int axis, Norm norm) {
    const Shape& shape = x.shape();
    if (axis < -shape.rank() || axis >= shape.rank())
        throw ArgumentError{"norm_along axis " + std::to_string(axis),
                            {.expected = "an axis of " + x.describe()}};
    if (axis < 0) axis += shape.rank();
    if (x.partition().cuts(axis)) {
        const Redistribute<T> whole{space_of(x), whole_along(shape, x.partition(), axis)};
        return norm_along(whole * x, axis, norm);
    }
    std::vector<index_t> extents;
    for (int a = 0; a < shape.rank(); ++a)
        if (a != axis) extents.push_back(shape[a]);
    if (extents.empty()) extents.push_back(1);
    const DistributedSpace<Real<T>> lines{Label{x.name()}, Shape{std::span<const index_t>{extents}},
                                          x.communicator(), x.partition().dropped(axis)};
    auto norms = lines.uninitialized();
    const Shape& local = x.local().shape();
    const index_t n = local[axis];
    const index_t inner = local.product(axis + 1, local.rank());
    for (index_t line = 0; line < norms.size(); ++line)
        norms.data()[line] = static_cast<Real<T>>(
            norm_of_line(x.data() + line / inner * n * inner + line % inner, n, inner, norm));
    return norms;
}

template class Slice<float>;
template class Slice<double>;
template class Slice<std::complex<float>>;
template class Slice<std::complex<double>>;
template DistributedArray<float> norm_along(const DistributedArray<float>&, int, Norm);
template DistributedArray<double> norm_along(const DistributedArray<double>&, int, Norm);
template DistributedArray<float> norm_along(const DistributedArray<std::complex<float>>&, int,
                                            Norm);
template DistributedArray<double> norm_along(const DistributedArray<std::complex<double>>&, int,
                                             Norm);

}  // namespace lop
