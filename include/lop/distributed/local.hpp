/// Operators on every rank's own part of a distributed array: nothing is sent.
#pragma once

#include <lop/algebra/operator.hpp>
#include <lop/distributed/distributed_array.hpp>

#include <optional>

namespace lop {

namespace detail {

/// The space over the same ranks whose local parts have the given extents; axes that `domain` cuts
/// are cut as well, counted from the last axis. Collective. Throws SpaceError where the parts do
/// not fit together.
DistributedLayout layout_of_parts(const DistributedLayout& domain, const Shape& part, Label name);

template <class A, class Make> A made_on_all(const Communicator& communicator, const Make& make) {
    std::optional<A> made;
    communicator.collectively([&] { made.emplace(make()); });
    return std::move(*made);
}

}  // namespace detail

/// y_r = A_r x_r  for the part of every rank r: the blocks of a block-diagonal operator. The adjoint
/// takes the adjoints of the blocks. On ranks that hold copies, every copy is computed where it is.
/// domain, range: arrays whose local parts are in domain(A) and range(A).
template <LinearOperator A>
class Local : public Operator<Local<A>, DistributedSpace<typename DomainOf<A>::value_type>,
                              DistributedSpace<typename RangeOf<A>::value_type>> {
 public:
    using Domain = DistributedSpace<typename DomainOf<A>::value_type>;
    using Range = DistributedSpace<typename RangeOf<A>::value_type>;
    static constexpr bool is_real_linear = real_linear<A>;

    /// Collective. Throws SpaceError where a local part is not in the spaces of A.
    Local(A a, Domain domain, Range range)
        : Operator<Local, Domain, Range>{std::move(domain), std::move(range)}, a_{std::move(a)} {
        this->domain().communicator().collectively([&] {
            check(a_.domain(), this->domain(), "domain");
            check(a_.range(), this->range(), "range");
        });
    }
    /// The range is what the local ranges make side by side. Collective.
    Local(A a, const Domain& domain)
        : Local{a, domain,
                Range{std::make_shared<const detail::DistributedLayout>(detail::layout_of_parts(
                    *domain.layout(), a.range().shape(), Label{a.range().name()}))}} {}

    std::string label() const { return a_.label(); }
    const A& part() const { return a_; }
    void forward(const typename Domain::vector_type& x, typename Range::vector_type& y) const {
        a_.forward(x.local(), y.local());
    }
    void adjoint(const typename Range::vector_type& y, typename Domain::vector_type& x) const {
        a_.adjoint(y.local(), x.local());
    }
    void forward_rows(const typename Domain::vector_type& x, index_t begin, index_t end,
                      typename RangeOf<A>::value_type* y) const
        requires detail::HasForwardRows<A>
    {
        a_.forward_rows(x.local(), begin, end, y);
    }
    void adjoint_rows(const typename Range::vector_type& y, index_t begin, index_t end,
                      typename DomainOf<A>::value_type* x) const
        requires detail::HasAdjointRows<A>
    {
        a_.adjoint_rows(y.local(), begin, end, x);
    }

 private:
    template <class Part, class Whole>
    void check(const Part& part, const Whole& whole, const char* what) const {
        if (part.shape() == whole.local_shape()) return;
        throw SpaceError{
            "Local: a rank's part is not in the " + std::string{what} + " of " + a_.label(),
            {.expected = part.describe(),
             .found = "[" + whole.local_shape().str() + "] of " + whole.describe()}};
    }
    A a_;
};

/// The operator that make(ArraySpace of the part) gives, on every rank's part: for operators that
/// work along axes which are not scattered.
///
///     const auto F = local(space, [&](const auto& part) { return FFT<double>{part, {.axes = {1}}}; });
template <Scalar T, class Make> auto local(const DistributedSpace<T>& domain, const Make& make) {
    using A = std::remove_cvref_t<decltype(make(std::declval<ArraySpace<T>>()))>;
    return Local<A>{
        detail::made_on_all<A>(
            domain.communicator(),
            [&] { return make(ArraySpace<T>{Label{domain.name()}, domain.local_shape()}); }),
        domain};
}

}  // namespace lop
