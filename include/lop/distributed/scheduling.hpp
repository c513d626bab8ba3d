/// Stacks whose blocks (shots) are taken by whichever rank is free.
#pragma once

#include <lop/distributed/communication.hpp>

#include <functional>
#include <optional>
#include <vector>

namespace lop {

namespace detail {

/// A counter that all ranks share, and values of every rank that others read and write while their
/// owner computes: one-sided communication of MPI. Collective to make.
class SharedWork {
 public:
    SharedWork(const Communicator& communicator, std::size_t bytes_here);
    ~SharedWork();
    SharedWork(const SharedWork&) = delete;

    /// Collective: the counter is zero, and what ranks wrote before is seen by all.
    void begin();
    /// Collective: all that was put is there.
    void end();
    /// The next number, from 0 on; no two ranks get the same.
    index_t next();
    /// This rank's own values.
    char* data() const { return data_; }
    void get(int owner, std::size_t offset, void* to, std::size_t bytes) const;
    void put(int owner, std::size_t offset, const void* from, std::size_t bytes) const;

 private:
    Communicator communicator_;
    MPI_Win counter_window_ = MPI_WIN_NULL;
    MPI_Win window_ = MPI_WIN_NULL;
    std::int64_t* counter_ = nullptr;
    char* data_ = nullptr;
};

/// Slots by falling cost; of equal ones the first comes first.
std::vector<index_t> longest_first(const std::vector<double>& costs);

}  // namespace detail

/// [A_1; A_2; ...] x over ranks, for blocks of unlike cost: y(i, :) = A_i x, every A_i applied by the
/// rank that is free next, the most expensive first. Data lie where their partition says, and are sent
/// to who works on them and back. The adjoint sums in the order of a tree over the slots, whoever
/// made the parts: the bits do not depend on the ranks, nor on who was faster.
/// domain: replicated; range: [slots x extents of a block's range], scattered over the slots.
///
/// Worth it where blocks cost unlike times; where they are alike, ScatteredVStack sends less and keeps
/// fewer partial sums (UnorderedSum).
template <LinearOperator A>
class ScheduledVStack
    : public Operator<ScheduledVStack<A>, DistributedSpace<typename DomainOf<A>::value_type>,
                      DistributedSpace<typename RangeOf<A>::value_type>> {
 public:
    using T = typename DomainOf<A>::value_type;
    using U = typename RangeOf<A>::value_type;
    static constexpr bool is_real_linear = real_linear<A>;
    /// The operator of a slot; called on the rank that works on it, each time that it does.
    using Make = std::function<A(index_t slot)>;

    /// `costs`: one for each slot, in any unit. `part`, `data`: the domain and the range of every block.
    /// Collective. Throws ArgumentError without slots, and for partitions of another number of slots.
    ScheduledVStack(const Communicator& communicator, const ArraySpace<T>& part,
                    const ArraySpace<U>& data, std::vector<double> costs, Make make,
                    std::optional<Partition> slots = {})
        : ScheduledVStack{DistributedSpace<T>{Label{part.name()}, part.shape(), communicator},
                          slot_space(communicator, data, static_cast<index_t>(costs.size()), slots),
                          data, costs, std::move(make)} {}
    std::string label() const { return "vstack(" + std::to_string(order_.size()) + " scheduled)"; }

    void forward(const DistributedArray<T>& x, DistributedArray<U>& y) const {
        work_->begin();
        over_slots([&](index_t slot) {
            auto result = data_.scratch();
            checked(slot).forward(x.local(), *result);
            work_->put(slots().owner(slot), offset_of(slot), result->data(), bytes());
        });
        work_->end();
        std::copy_n(reinterpret_cast<const U*>(work_->data()), y.size(), y.data());
    }
    void adjoint(const DistributedArray<U>& y, DistributedArray<T>& x) const {
        std::copy_n(y.data(), y.size(), reinterpret_cast<U*>(work_->data()));
        UnorderedSum<T> sum{x.communicator(), static_cast<index_t>(order_.size()), x.size(), sums_};
        work_->begin();
        over_slots([&](index_t slot) {
            auto data = data_.scratch();
            work_->get(slots().owner(slot), offset_of(slot), data->data(), bytes());
            const A a = checked(slot);
            auto part = a.domain().scratch();
            a.adjoint(*data, *part);
            sum.add(slot, part->data());
        });
        work_->end();
        sum.finish(x.data());
    }

 private:
    ScheduledVStack(DistributedSpace<T> domain, DistributedSpace<U> range, ArraySpace<U> data,
                    const std::vector<double>& costs, Make make)
        : Operator<ScheduledVStack, DistributedSpace<T>, DistributedSpace<U>>{std::move(domain),
                                                                              std::move(range)},
          data_{std::move(data)},
          make_{std::move(make)},
          order_{detail::longest_first(costs)},
          work_{std::make_shared<detail::SharedWork>(
              this->domain().communicator(),
              static_cast<std::size_t>(this->range().local_shape().size()) * sizeof(U))} {}

    static DistributedSpace<U> slot_space(const Communicator& communicator,
                                          const ArraySpace<U>& data, index_t count,
                                          const std::optional<Partition>& slots) {
        if (count < 1)
            throw ArgumentError{"ScheduledVStack without slots",
                                {.expected = "a cost for each of at least one"}};
        std::vector<index_t> extents{count};
        for (int axis = 0; axis < data.shape().rank(); ++axis)
            extents.push_back(data.shape()[axis]);
        return {Label{data.name()}, Shape{std::span<const index_t>{extents}}, communicator,
                slots ? *slots : Partition::balanced(count, communicator.size())};
    }
    const Partition& slots() const { return this->range().partition(); }
    std::size_t bytes() const { return static_cast<std::size_t>(data_.size()) * sizeof(U); }
    /// Of a slot's data among those of its owner.
    std::size_t offset_of(index_t slot) const {
        return static_cast<std::size_t>(slot - slots().first(slots().owner(slot))) * bytes();
    }
    A checked(index_t slot) const {
        A a = make_(slot);
        if (a.domain().shape() == this->domain().shape() && a.range() == data_) return a;
        throw SpaceError{"ScheduledVStack: the operator of slot " + std::to_string(slot),
                         {.expected = this->domain().describe() + " -> " + data_.describe(),
                          .found = a.describe()}};
    }
    /// An error of one rank ends the work of all with its message.
    template <class Work> void over_slots(const Work& work) const {
        this->domain().communicator().collectively([&] {
            const auto count = static_cast<index_t>(order_.size());
            for (index_t k = work_->next(); k < count; k = work_->next())
                work(order_[static_cast<std::size_t>(k)]);
        });
    }

    ArraySpace<U> data_;
    Make make_;
    std::vector<index_t> order_;
    std::shared_ptr<detail::SharedWork> work_;
    std::shared_ptr<typename UnorderedSum<T>::Pool> sums_ =
        std::make_shared<typename UnorderedSum<T>::Pool>();
};

}  // namespace lop
