/// Communication as linear operators with true adjoints, and sums over shots in a fixed order.
#pragma once

#include <lop/algebra/many.hpp>
#include <lop/algebra/nodes.hpp>
#include <lop/distributed/distributed_array.hpp>
#include <lop/distributed/exchange.hpp>

#include <concepts>
#include <initializer_list>
#include <memory>
#include <vector>

namespace lop {

namespace detail {

/// Partial sums of arrays of one size, on this rank, and their sums over ranks.
template <Scalar T> class PartialSums {
 public:
    using Pool = ScratchPool<Array<T>>;
    using Partial = std::unique_ptr<Array<T>>;
    /// A complete node of the tree, the rank that holds its sum, and which of that rank's it is.
    struct Part {
        int holder;
        std::size_t value;
    };

    PartialSums(Communicator communicator, index_t size, std::shared_ptr<Pool> pool)
        : communicator_{std::move(communicator)}, size_{size}, pool_{std::move(pool)} {}
    Partial copy_of(const T* values);
    /// left += right, which is given back.
    void add(Partial& left, Partial& right) const;
    /// The sum of all parts, on every rank. parts(push) calls push(node, part) for those of all ranks,
    /// in ascending order of the nodes and alike on every rank; mine(value) is this rank's partial sum.
    template <class Parts, class Mine> void finish(const Parts& parts, const Mine& mine, T* sum);

 private:
    Partial take();

    Communicator communicator_;
    index_t size_;
    std::shared_ptr<Pool> pool_;
};

}  // namespace detail

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
    using Partial = typename detail::PartialSums<T>::Partial;
    struct AddInto {
        const detail::PartialSums<T>* partials;
        void operator()(Partial& left, Partial& right) const { partials->add(left, right); }
    };

    detail::PartialSums<T> partials_;
    Partition slots_;
    index_t size_, next_, end_;
    TreeFold<Partial, AddInto> fold_;
};

/// The same for slots that any rank adds in any order: they are taken as ranks become free. A rank
/// keeps the sums of the complete nodes of the tree that its slots make; in the worst case, every
/// second slot its own, that is a partial sum for each. finish() is collective.
template <Scalar T> class UnorderedSum {
 public:
    using Pool = ScratchPool<Array<T>>;

    UnorderedSum(Communicator communicator, index_t slots, index_t size,
                 std::shared_ptr<Pool> pool = std::make_shared<Pool>());
    UnorderedSum(const UnorderedSum&) = delete;
    UnorderedSum& operator=(const UnorderedSum&) = delete;
    /// Adds the array of a slot; on all ranks together every slot once.
    void add(index_t slot, const T* values);
    /// The sum over all slots, on every rank. Throws ArgumentError on every rank where slots are
    /// missing or were added twice.
    void finish(T* sum);

 private:
    struct Held {
        TreeNode node;
        typename detail::PartialSums<T>::Partial sum;
    };
    Communicator communicator_;
    detail::PartialSums<T> partials_;
    index_t slots_, size_;
    std::vector<Held> held_{};  // in ascending order
};

/// Copies a replicated array into every slot of an array scattered over its first axis:
///   y(s, :) = x.   The adjoint sums the slots, x = sum_s y(s, :), in a fixed order.
/// domain: x[n...] replicated; range: y[slots x n...] scattered over axis 0.
template <Scalar T>
class Replicate : public Operator<Replicate<T>, DistributedSpace<T>> {
 public:
    /// `slots` shares the slots among the ranks of the domain's communicator, over axis 0 alone.
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

namespace detail {
/// Copies the indices that two arrays over the same ranks have in common; along one axis the target's
/// index i may read i - by, round a ring or not.
struct Move {
    int axis = 0;
    index_t by = 0;
    bool periodic = false;
};
template <Scalar T> Exchange<T> exchange_between(const DistributedSpace<T>& source,
                                                 const DistributedSpace<T>& target,
                                                 const Move& move = {});
}  // namespace detail

/// y(s, :) = sum_t x(t, :) for every slot s: a sum whose result every slot gets. Self-adjoint; it is
/// the product of Replicate and its adjoint. `slots`: those of Replicate, `space` what each holds.
template <Scalar T>
auto all_reduce(const DistributedSpace<T>& space, const Partition& slots) {
    const Replicate<T> replicate{space, slots};
    return replicate * replicate.H();
}

/// x = sum_s y(s, :), on every rank, in a fixed order: the adjoint of Replicate.
template <Scalar T>
auto sum_reduce(const DistributedSpace<T>& space, const Partition& slots) {
    return Replicate<T>{space, slots}.H();
}

/// The same array, shared out in another way: over other axes, grids or parts, or held by all. It
/// moves values and changes none; its adjoint, and its inverse, is the way back.
///
///     scattered -> replicated    every rank gets all parts (gather)
///     replicated -> scattered    every rank keeps its part; nothing is sent (scatter)
///     scattered -> scattered     every rank sends what others hold from then on, and nothing else
template <Scalar T>
class Redistribute : public Operator<Redistribute<T>, DistributedSpace<T>> {
 public:
    /// Throws SpaceError where extents or ranks of both spaces differ.
    Redistribute(DistributedSpace<T> domain, DistributedSpace<T> range);
    Redistribute(const DistributedSpace<T>& domain, const Partition& partition)
        : Redistribute{domain, {domain.name(), domain.shape(), domain.communicator(), partition}} {}
    std::string label() const { return "Redistribute"; }
    void forward(const DistributedArray<T>& x, DistributedArray<T>& y) const {
        there_.copy(x.data(), y.data());
    }
    void adjoint(const DistributedArray<T>& y, DistributedArray<T>& x) const {
        back_.copy(y.data(), x.data());
    }

 private:
    detail::Exchange<T> there_, back_;
};

/// Every rank gets the whole array.
template <Scalar T> Redistribute<T> gather(const DistributedSpace<T>& space) {
    return {space, Partition::replicated()};
}
/// Rank `root` gets the whole array, along axis 0; the other ranks hold none of it. Throws
/// ArgumentError for a rank that there is not.
template <Scalar T> Redistribute<T> gather(const DistributedSpace<T>& space, int root);
/// Every rank keeps its part of what all hold.
template <Scalar T>
Redistribute<T> scatter(const DistributedSpace<T>& replicated, const Partition& partition) {
    return {replicated, partition};
}

/// What lies beyond the first and the last index of an axis: zeros, nothing (ghosts are cut off there),
/// or the other end.
enum class Ends { zero, clipped, periodic };

struct ScatteredShiftOptions {
    int axis = 0;  ///< negative ones count from the last
    index_t by = 1;
    Ends ends = Ends::zero;  ///< zero or periodic
};

/// Moves values along an axis, which may be cut:  y_i = x_{i - by},  zero beyond the ends, or round a ring.
/// The adjoint moves them back. With one index per rank it is a send and a receive between neighbours.
/// domain = range: any array. Throws ArgumentError for another axis than there are. (Shift moves what lies
/// between samples as well, along an axis that is whole.)
template <Scalar T> class ScatteredShift : public Operator<ScatteredShift<T>, DistributedSpace<T>> {
 public:
    explicit ScatteredShift(DistributedSpace<T> space, const ScatteredShiftOptions& options = {});
    std::string label() const { return "ScatteredShift"; }
    void forward(const DistributedArray<T>& x, DistributedArray<T>& y) const;
    void adjoint(const DistributedArray<T>& y, DistributedArray<T>& x) const;

 private:
    bool fills_;  // cells beyond the ends are zero
    detail::Exchange<T> there_, back_;
};

/// Ghost cells along one axis.
struct AxisHalo {
    int axis = 0;
    index_t before = 1;      ///< ghost cells below each rank's part
    index_t after = 1;       ///< ghost cells above it
    Ends ends = Ends::zero;  ///< what ghosts beyond the ends of the axis are
};

struct HaloOptions {
    index_t before = 1;               ///< ghost cells below each rank's part
    index_t after = 1;                ///< ghost cells above it
    Ends ends = Ends::zero;           ///< what ghosts beyond the ends of an axis are
    Corners corners = Corners::with;  ///< without: ghosts along several axes are zero
};

/// Extends every rank's part of a scattered array by ghost cells: copies of what other ranks hold
/// next to it. The adjoint adds every ghost to its owner.
/// domain: an array scattered over one or several axes; range: the extended parts, side by side in
/// the grid of ranks. Ghosts may reach over several ranks, and parts may be empty (then without
/// ghosts). What goes to one rank, edges and corners included, is one message; FieldsHalo has one for
/// several arrays. Values are added in ascending order of the rank that held the ghost.
template <Scalar T> class Halo : public Operator<Halo<T>, DistributedSpace<T>> {
 public:
    /// The same along every scattered axis. Throws SpaceError for a domain that is not scattered,
    /// ArgumentError for negative widths.
    explicit Halo(const DistributedSpace<T>& domain, const HaloOptions& options = {});
    /// Widths of their own for each axis. Throws SpaceError for an axis that is not scattered,
    /// ArgumentError for one that is named twice.
    Halo(DistributedSpace<T> domain, std::initializer_list<AxisHalo> axes,
         Corners corners = Corners::with)
        : Halo{std::move(domain), corners, std::vector<AxisHalo>{axes}} {}
    template <std::same_as<std::vector<AxisHalo>> Axes>
    Halo(DistributedSpace<T> domain, Axes axes, Corners corners = Corners::with)
        : Halo{std::move(domain), corners, std::move(axes)} {}
    std::string label() const { return "Halo"; }
    const std::vector<AxisHalo>& axes() const { return axes_; }
    void forward(const DistributedArray<T>& x, DistributedArray<T>& y) const;
    void adjoint(const DistributedArray<T>& y, DistributedArray<T>& x) const {
        exchange_.sum(y.data(), x.data());
    }
    /// Bytes that this rank sends in one application.
    index_t bytes_sent() const { return exchange_.bytes_sent(); }
    const detail::Exchange<T>& exchange() const { return exchange_; }
    /// Makes the ghosts zero that nobody holds.
    void clear_unread(DistributedArray<T>& y) const;

 private:
    Halo(DistributedSpace<T> domain, Corners corners, std::vector<AxisHalo> axes);

    std::vector<AxisHalo> axes_;
    detail::Exchange<T> exchange_;
    std::vector<IndexBox> unread_;  // cells that are zero, of this rank's extended part
};

/// Halo for several arrays of one space, as the fields of a wave equation are, with one message for all
/// of them between two ranks: the bits of Halo on each.
/// domain, range: `fields` arrays, each in domain or range of Halo. Errors: those of Halo.
template <Scalar T>
class FieldsHalo : public Operator<FieldsHalo<T>, ManySpace<DistributedSpace<T>>> {
 public:
    using Fields = Many<DistributedArray<T>>;

    FieldsHalo(const DistributedSpace<T>& domain, index_t fields, const HaloOptions& options = {})
        : FieldsHalo{Halo<T>{domain, options}, fields, options.corners} {}
    FieldsHalo(const DistributedSpace<T>& domain, index_t fields,
               std::initializer_list<AxisHalo> axes, Corners corners = Corners::with)
        : FieldsHalo{Halo<T>{domain, axes, corners}, fields, corners} {}
    template <std::same_as<std::vector<AxisHalo>> Axes>
    FieldsHalo(const DistributedSpace<T>& domain, index_t fields, Axes axes,
               Corners corners = Corners::with)
        : FieldsHalo{Halo<T>{domain, std::move(axes), corners}, fields, corners} {}
    std::string label() const { return "FieldsHalo"; }
    void forward(const Fields& x, Fields& y) const;
    void adjoint(const Fields& y, Fields& x) const;
    /// Bytes that this rank sends in one application.
    index_t bytes_sent() const { return exchange_.bytes_sent(); }

 private:
    struct Places {
        std::vector<const T*> from{};
        std::vector<T*> to{};
    };
    FieldsHalo(Halo<T> one, index_t fields, Corners corners);
    Scratch<Places> places(const Fields& from, Fields& to) const;

    Halo<T> one_;
    detail::Exchange<T> exchange_;
    std::shared_ptr<ScratchPool<Places>> pool_ = std::make_shared<ScratchPool<Places>>();
};

}  // namespace lop
