/// Lists of operators shared out over ranks: block diagonals and stacks, every rank with its own blocks.
#pragma once

#include <lop/distributed/communication.hpp>

#include <vector>

namespace lop {

namespace detail {

/// The vectors of all blocks, one below the other: [blocks x extents] where all have the same extents,
/// or else one flat axis; scattered over the first axis. Where this rank's blocks begin.
struct BlockLayout {
    std::shared_ptr<const DistributedLayout> layout;
    Partition slots;  // how many blocks every rank has
    std::vector<index_t> offsets;
};
/// Collective. `shapes`: those of this rank's blocks.
BlockLayout layout_of_blocks(const Communicator& communicator, const std::vector<Shape>& shapes,
                             Label name);

template <Scalar T> Array<T> block_of(DistributedArray<T>& x, index_t offset, const Shape& shape) {
    return Array<T>::borrowed(x.data() + offset, shape);
}
/// A block that is only read.
template <Scalar T>
const Array<T> block_of(const DistributedArray<T>& x, index_t offset, const Shape& shape) {
    return Array<T>::borrowed(const_cast<T*>(x.data()) + offset, shape);
}

template <class A, class Get>
std::vector<Shape> shapes_of(const std::vector<A>& blocks, const Get& get) {
    std::vector<Shape> shapes;
    for (const A& a : blocks) shapes.push_back(get(a).shape());
    return shapes;
}
struct GetDomain {
    template <class A> const auto& operator()(const A& a) const { return a.domain(); }
};
struct GetRange {
    template <class A> const auto& operator()(const A& a) const { return a.range(); }
};

}  // namespace detail

/// diag(A_1, A_2, ...) over ranks: y_i = A_i x_i for the blocks i of every rank, in the order of the
/// ranks. Nothing is sent. domain, range: the blocks' vectors one below the other, scattered; [blocks x
/// extents] where all have the same extents, or else flat.
template <LinearOperator A>
class ScatteredBlockDiagonal
    : public Operator<ScatteredBlockDiagonal<A>, DistributedSpace<typename DomainOf<A>::value_type>,
                      DistributedSpace<typename RangeOf<A>::value_type>> {
 public:
    using T = typename DomainOf<A>::value_type;
    using U = typename RangeOf<A>::value_type;
    static constexpr bool is_real_linear = real_linear<A>;

    /// `mine`: this rank's blocks, none or more. Collective.
    ScatteredBlockDiagonal(const Communicator& communicator, std::vector<A> mine)
        : ScatteredBlockDiagonal{
              detail::layout_of_blocks(communicator, detail::shapes_of(mine, detail::GetDomain{}),
                                       "x"),
              detail::layout_of_blocks(communicator, detail::shapes_of(mine, detail::GetRange{}),
                                       "y"),
              std::move(mine)} {}
    std::string label() const {
        return "block_diagonal(" + std::to_string(slots_.extent()) + " over ranks)";
    }
    const std::vector<A>& blocks() const { return *blocks_; }
    void forward(const DistributedArray<T>& x, DistributedArray<U>& y) const {
        over_blocks([&](const A& a, index_t from, index_t to) {
            const auto in = detail::block_of(x, from, a.domain().shape());
            auto out = detail::block_of(y, to, a.range().shape());
            a.forward(in, out);
        });
    }
    void adjoint(const DistributedArray<U>& y, DistributedArray<T>& x) const {
        over_blocks([&](const A& a, index_t to, index_t from) {
            const auto in = detail::block_of(y, from, a.range().shape());
            auto out = detail::block_of(x, to, a.domain().shape());
            a.adjoint(in, out);
        });
    }

 private:
    ScatteredBlockDiagonal(detail::BlockLayout domain, detail::BlockLayout range,
                           std::vector<A> mine)
        : Operator<ScatteredBlockDiagonal, DistributedSpace<T>,
                   DistributedSpace<U>>{DistributedSpace<T>{std::move(domain.layout)},
                                        DistributedSpace<U>{std::move(range.layout)}},
          slots_{std::move(domain.slots)},
          in_{std::move(domain.offsets)},
          out_{std::move(range.offsets)},
          blocks_{std::make_shared<const std::vector<A>>(std::move(mine))} {}
    template <class F> void over_blocks(const F& f) const {
        for (std::size_t i = 0; i < blocks_->size(); ++i) f((*blocks_)[i], in_[i], out_[i]);
    }

    Partition slots_;
    std::vector<index_t> in_, out_;
    std::shared_ptr<const std::vector<A>> blocks_;
};

/// [A_1; A_2; ...] x over ranks: y_i = A_i x for the blocks i of every rank, x held by all. The adjoint
/// is sum_i A_i' y_i in the order of a tree over the blocks: the same bits on any number of ranks.
/// domain: replicated; range: as that of ScatteredBlockDiagonal.
template <LinearOperator A>
class ScatteredVStack
    : public Operator<ScatteredVStack<A>, DistributedSpace<typename DomainOf<A>::value_type>,
                      DistributedSpace<typename RangeOf<A>::value_type>> {
 public:
    using T = typename DomainOf<A>::value_type;
    using U = typename RangeOf<A>::value_type;
    static constexpr bool is_real_linear = real_linear<A>;

    /// `mine`: this rank's blocks, none or more. Collective. Throws SpaceError where the domain of a
    /// block is not `part`, what every rank holds.
    ScatteredVStack(const Communicator& communicator, const ArraySpace<T>& part,
                    std::vector<A> mine)
        : ScatteredVStack{DistributedSpace<T>{Label{part.name()}, part.shape(), communicator},
                          detail::layout_of_blocks(
                              communicator, detail::shapes_of(mine, detail::GetRange{}), "y"),
                          std::move(mine)} {
        communicator.collectively([&] {
            for (const A& a : *blocks_)
                if (!(a.domain() == part))
                    throw SpaceError{"vstack(over ranks): the domains of the blocks differ",
                                     {.expected = part.describe(), .found = a.domain().describe()}};
        });
    }
    std::string label() const {
        return "vstack(" + std::to_string(slots_.extent()) + " over ranks)";
    }
    const std::vector<A>& blocks() const { return *blocks_; }
    void forward(const DistributedArray<T>& x, DistributedArray<U>& y) const {
        for (std::size_t i = 0; i < blocks_->size(); ++i) {
            auto out = detail::block_of(y, out_[i], (*blocks_)[i].range().shape());
            (*blocks_)[i].forward(x.local(), out);
        }
    }
    void adjoint(const DistributedArray<U>& y, DistributedArray<T>& x) const {
        OrderedSum<T> sum{x.communicator(), slots_, x.size(), sums_};
        for (std::size_t i = 0; i < blocks_->size(); ++i) {
            const A& a = (*blocks_)[i];
            auto part = a.domain().scratch();
            a.adjoint(detail::block_of(y, out_[i], a.range().shape()), *part);
            sum.add(part->data());
        }
        sum.finish(x.data());
    }

 private:
    ScatteredVStack(DistributedSpace<T> domain, detail::BlockLayout range, std::vector<A> mine)
        : Operator<ScatteredVStack, DistributedSpace<T>,
                   DistributedSpace<U>>{std::move(domain),
                                        DistributedSpace<U>{std::move(range.layout)}},
          slots_{std::move(range.slots)},
          out_{std::move(range.offsets)},
          blocks_{std::make_shared<const std::vector<A>>(std::move(mine))} {}

    Partition slots_;
    std::vector<index_t> out_;
    std::shared_ptr<const std::vector<A>> blocks_;
    std::shared_ptr<typename OrderedSum<T>::Pool> sums_ =
        std::make_shared<typename OrderedSum<T>::Pool>();
};

/// The block diagonal of all ranks' blocks. Collective.
template <LinearOperator A>
ScatteredBlockDiagonal<A> block_diagonal(const Communicator& communicator, std::vector<A> mine) {
    return {communicator, std::move(mine)};
}
/// The vertical stack of all ranks' blocks, which share the domain `part`. Collective.
template <LinearOperator A>
ScatteredVStack<A> vstack(const Communicator& communicator, const DomainOf<A>& part,
                          std::vector<A> mine) {
    return {communicator, part, std::move(mine)};
}
/// [A_1 A_2 ...] [x_1; x_2; ...] = sum_i A_i x_i: the adjoint of the stack of adjoints. Collective.
template <LinearOperator A> auto hstack(const Communicator& communicator, const RangeOf<A>& part,
                                        const std::vector<A>& mine) {
    std::vector<decltype(mine.front().H())> adjoints;
    for (const A& a : mine) adjoints.push_back(a.H());
    return vstack(communicator, part, std::move(adjoints)).H();
}

}  // namespace lop
