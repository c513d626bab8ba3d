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

namespace {

/// Whether every rank's part is a range of the elements in their order.
bool is_a_range(const Partition& partition) {
    if (partition.is_replicated()) return true;
    return partition.is_over_one_axis() && partition.axis() == 0 && partition.copies() == 1;
}

template <Scalar T> DistributedSpace<T> cut_along_first(const DistributedSpace<T>& space,
                                                        const Shape& shape) {
    return {Label{space.name()}, shape, space.communicator(),
            Partition::balanced(shape[0], space.communicator().size())};
}

/// `space`, or one whose parts are ranges.
template <Scalar T> DistributedSpace<T> in_ranges(const DistributedSpace<T>& space) {
    return is_a_range(space.partition()) ? space : cut_along_first(space, space.shape());
}

/// The elements of a space of ranges as one axis.
template <Scalar T> DistributedSpace<T> flat(const DistributedSpace<T>& space) {
    Partition partition = space.partition();
    if (!partition.is_replicated()) {
        std::vector<index_t> counts;
        for (int r = 0; r < space.communicator().size(); ++r)
            counts.push_back(partition.box(space.shape(), r).size());
        partition = Partition::given(std::move(counts));
    }
    return {Label{space.name()}, {space.size()}, space.communicator(), partition};
}

template <Scalar T>
DistributedSpace<T> reshaped(const DistributedSpace<T>& space, const Shape& shape) {
    if (shape.rank() == 0)
        throw ArgumentError{"Reshape to no axes", {.expected = "one axis at least"}};
    if (space.partition().is_replicated())
        return {Label{space.name()}, shape, space.communicator()};
    return cut_along_first(space, shape);
}

template <Scalar T> const DistributedSpace<T>& of_one_size(const DistributedSpace<T>& domain,
                                                           const DistributedSpace<T>& range) {
    if (domain.size() != range.size() || !(domain.communicator() == range.communicator()) ||
        domain.shape().rank() == 0 || range.shape().rank() == 0)
        throw SpaceError{"Reshape: both sides hold the same elements over the same ranks",
                         {.expected = domain.describe(), .found = range.describe()}};
    return domain;
}

}  // namespace

template <Scalar T>
Reshape<T>::Reshape(const DistributedSpace<T>& domain, const DistributedSpace<T>& range)
    : Operator<Reshape, DistributedSpace<T>>{of_one_size(domain, range), range},
      there_{detail::exchange_between(flat(in_ranges(domain)), flat(in_ranges(range)))},
      back_{detail::exchange_between(flat(in_ranges(range)), flat(in_ranges(domain)))} {
    if (!is_a_range(domain.partition())) in_.emplace(domain, in_ranges(domain));
    if (!is_a_range(range.partition())) out_.emplace(in_ranges(range), range);
}

template <Scalar T> Reshape<T>::Reshape(const DistributedSpace<T>& domain, const Shape& shape)
    : Reshape{domain, reshaped(domain, shape)} {}

template <Scalar T>
void Reshape<T>::forward(const DistributedArray<T>& x, DistributedArray<T>& y) const {
    auto from = in_ ? std::optional{in_->range().scratch()} : std::nullopt;
    auto to = out_ ? std::optional{out_->domain().scratch()} : std::nullopt;
    if (from) in_->forward(x, **from);
    there_.copy(from ? (*from)->data() : x.data(), to ? (*to)->data() : y.data());
    if (to) out_->forward(**to, y);
}

template <Scalar T>
void Reshape<T>::adjoint(const DistributedArray<T>& y, DistributedArray<T>& x) const {
    auto from = out_ ? std::optional{out_->domain().scratch()} : std::nullopt;
    auto to = in_ ? std::optional{in_->range().scratch()} : std::nullopt;
    if (from) out_->adjoint(y, **from);
    back_.copy(from ? (*from)->data() : y.data(), to ? (*to)->data() : x.data());
    if (to) in_->adjoint(**to, x);
}

template class Reshape<float>;
template class Reshape<double>;
template class Reshape<std::complex<float>>;
template class Reshape<std::complex<double>>;
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
