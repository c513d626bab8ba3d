/// Communication as linear operators with true adjoints, and sums over shots in a fixed order.
#pragma once

#include <lop/algebra/nodes.hpp>
#include <lop/distributed/distributed_array.hpp>

#include <memory>
#include <vector>

namespace lop {

/// Adds arrays that belong to the slots (shots) of a partition, in the order of the tree of
/// lop/core/reduce.hpp: the same bits on any number of ranks. A rank adds its slots in ascending
/// order; it keeps about log2(slots) partial sums. finish() is collective.
template <Scalar T> class OrderedSum {
 public:
    using Pool = ScratchPool<Array<T>>;

    /// A pool that is kept between sums of one size makes them allocate nothing.
    OrderedSum(Communicator communicator, Partition slots, index_t size,
               std::shared_ptr<Pool> pool = std::make_shared<Pool>());
    OrderedSum(const OrderedSum&) = delete;
    OrderedSum& operator=(const OrderedSum&) = delete;
    /// Adds the array of the next slot of this rank.
    void add(const T* values);
    /// The sum over all slots of all ranks, on every rank; once, after all slots of this rank.
    /// No slots: zero. Throws ArgumentError, before it communicates, for another number of slots.
    void finish(T* sum);

 private:
    using Partial = std::unique_ptr<Array<T>>;
    struct AddInto {
        OrderedSum* owner;
        void operator()(Partial& left, Partial& right) const;
    };
    Partial take();
    Partial exchange();

    Communicator communicator_;
    Partition slots_;
    index_t size_;
    index_t next_;
    std::shared_ptr<Pool> pool_;
    TreeFold<Partial, AddInto> fold_;
};

/// Copies a replicated array into every slot of an array scattered over its first axis:
///   y(s, :) = x.   The adjoint sums the slots, x = sum_s y(s, :), in a fixed order.
/// domain: x[n...] replicated; range: y[slots x n...] scattered over axis 0.
template <Scalar T>
class Replicate : public Operator<Replicate<T>, DistributedSpace<T>> {
 public:
    /// `slots` shares the slots among the ranks of the domain's communicator.
    /// Throws SpaceError for a domain that is not replicated, and for slots that do not share out
    /// axis 0.
    Replicate(DistributedSpace<T> domain, Partition slots);
    std::string label() const { return "Replicate"; }
    void forward(const DistributedArray<T>& x, DistributedArray<T>& y) const;
    void adjoint(const DistributedArray<T>& y, DistributedArray<T>& x) const;

 private:
    using Pool = typename OrderedSum<T>::Pool;
    std::shared_ptr<Pool> pool_ = std::make_shared<Pool>();
};

struct HaloOptions {
    index_t before = 1;     ///< ghost cells below each rank's part
    index_t after = 1;      ///< ghost cells above it
    bool periodic = false;  ///< the ends are neighbours; otherwise ghosts beyond them are zero
};

/// Extends every rank's part of a scattered array by ghost cells: copies of what other ranks hold
/// next to it. The adjoint adds every ghost to its owner.
/// domain: an array scattered over an axis; range: the extended parts, one behind the other along
/// that axis. Ghosts may reach over several ranks, and parts may be empty (then without ghosts).
/// Values are added in ascending order of the rank that held the ghost.
template <Scalar T> class Halo : public Operator<Halo<T>, DistributedSpace<T>> {
 public:
    /// Throws SpaceError for a domain that is not scattered, ArgumentError for negative widths.
    explicit Halo(DistributedSpace<T> domain, HaloOptions options = {});
    std::string label() const { return "Halo"; }
    const HaloOptions& options() const { return options_; }
    void forward(const DistributedArray<T>& x, DistributedArray<T>& y) const;
    void adjoint(const DistributedArray<T>& y, DistributedArray<T>& x) const;

 private:
    /// A run of indices along the axis that `reader` keeps as ghosts and `owner` holds; positions
    /// count from the begin of the local parts.
    struct Run {
        int reader, owner;
        index_t ghost_at, owned_at, count;
    };
    void exchange(bool forward, const T* from, T* to) const;

    HaloOptions options_;
    std::shared_ptr<const std::vector<Run>> runs_;
};

}  // namespace lop
