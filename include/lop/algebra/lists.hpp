/// Many operators of one type, their number chosen at run time: stacks, and rows of stacks.
#pragma once

#include <lop/algebra/many.hpp>
#include <lop/algebra/nodes.hpp>
#include <lop/core/error.hpp>

#include <initializer_list>
#include <span>
#include <vector>

namespace lop {

namespace detail {

template <LinearOperator A> using List = std::shared_ptr<const std::vector<A>>;

template <LinearOperator A> List<A> checked_list(std::vector<A> blocks, const char* call) {
    if (blocks.empty())
        throw ArgumentError{call, {.expected = "at least one operator", .found = "none"}};
    return std::make_shared<const std::vector<A>>(std::move(blocks));
}
template <class A, class Get> auto spaces_of(const std::vector<A>& blocks, const Get& get) {
    std::vector<std::remove_cvref_t<decltype(get(blocks.front()))>> spaces;
    for (const A& a : blocks) spaces.push_back(get(a));
    return ManySpace{std::move(spaces)};
}
template <class A> auto domains_of(const std::vector<A>& blocks) {
    return spaces_of(blocks, [](const A& a) -> const DomainOf<A>& { return a.domain(); });
}
template <class A> auto ranges_of(const std::vector<A>& blocks) {
    return spaces_of(blocks, [](const A& a) -> const RangeOf<A>& { return a.range(); });
}
template <class A> std::string list_label(const char* call, const std::vector<A>& blocks) {
    return std::string{call} + "(" + std::to_string(blocks.size()) + " of " +
           blocks.front().label() + ")";
}
/// The chosen blocks. Throws ArgumentError for an index that there is not.
template <class A>
std::vector<A> chosen(const std::vector<A>& blocks, std::span<const index_t> subset) {
    std::vector<A> rows;
    for (const index_t i : subset) {
        if (i < 0 || i >= static_cast<index_t>(blocks.size()))
            throw ArgumentError{"a row of a stack",
                                {.expected = "0 to " + std::to_string(blocks.size() - 1),
                                 .found = std::to_string(i)}};
        rows.push_back(blocks[static_cast<std::size_t>(i)]);
    }
    return rows;
}

}  // namespace detail

/// [A1; A2; ...] x = [A1 x; A2 x; ...] for a list of operators with one domain.
/// A[subset] is the stack of some of them: shots. The adjoint is hstack of the adjoints.
template <LinearOperator A> class VStackList : public OperatorExpression<VStackList<A>> {
 public:
    using domain_type = DomainOf<A>;
    using range_type = ManySpace<RangeOf<A>>;
    using X = typename domain_type::vector_type;
    using Y = typename range_type::vector_type;
    static constexpr bool is_real_linear = real_linear<A>;

    /// Throws SpaceError where the domains differ, ArgumentError for an empty list.
    explicit VStackList(std::vector<A> blocks)
        : blocks_{detail::checked_list(std::move(blocks), "vstack(list)")},
          range_{detail::ranges_of(*blocks_)} {
        for (const A& a : *blocks_)
            if (!(a.domain() == domain()))
                throw SpaceError{"vstack(list): the domains of the blocks differ",
                                 {.expected = domain().describe(), .found = a.domain().describe()}};
    }
    const domain_type& domain() const { return blocks_->front().domain(); }
    const range_type& range() const { return range_; }
    const std::vector<A>& blocks() const { return *blocks_; }
    std::string label() const { return detail::list_label("vstack", *blocks_); }
    VStackList operator[](std::span<const index_t> subset) const {
        return VStackList{detail::chosen(*blocks_, subset)};
    }
    VStackList operator[](std::initializer_list<index_t> subset) const {
        return (*this)[std::span<const index_t>{subset.begin(), subset.size()}];
    }
    A operator[](index_t row) const { return (*this)[{row}].blocks().front(); }
    void forward(const X& x, Y& y) const {
        for (index_t i = 0; i < y.count(); ++i) at(i).forward(x, y.block(i));
    }
    void adjoint(const Y& y, X& x) const {
        at(0).adjoint(y.block(0), x);
        for (index_t i = 1; i < y.count(); ++i) detail::adjoint_add(at(i), y.block(i), x);
    }

 private:
    const A& at(index_t i) const { return (*blocks_)[static_cast<std::size_t>(i)]; }
    detail::List<A> blocks_;
    range_type range_;
};

/// [A1 A2 ...] [x1; x2; ...] = A1 x1 + A2 x2 + ... for a list of operators with one range.
template <LinearOperator A> class HStackList : public OperatorExpression<HStackList<A>> {
 public:
    using domain_type = ManySpace<DomainOf<A>>;
    using range_type = RangeOf<A>;
    using X = typename domain_type::vector_type;
    using Y = typename range_type::vector_type;
    static constexpr bool is_real_linear = real_linear<A>;

    /// Throws SpaceError where the ranges differ, ArgumentError for an empty list.
    explicit HStackList(std::vector<A> blocks)
        : blocks_{detail::checked_list(std::move(blocks), "hstack(list)")},
          domain_{detail::domains_of(*blocks_)} {
        for (const A& a : *blocks_)
            if (!(a.range() == range()))
                throw SpaceError{"hstack(list): the ranges of the blocks differ",
                                 {.expected = range().describe(), .found = a.range().describe()}};
    }
    const domain_type& domain() const { return domain_; }
    const range_type& range() const { return blocks_->front().range(); }
    const std::vector<A>& blocks() const { return *blocks_; }
    std::string label() const { return detail::list_label("hstack", *blocks_); }
    void forward(const X& x, Y& y) const {
        at(0).forward(x.block(0), y);
        for (index_t i = 1; i < x.count(); ++i) detail::forward_add(at(i), x.block(i), y);
    }
    void adjoint(const Y& y, X& x) const {
        for (index_t i = 0; i < x.count(); ++i) at(i).adjoint(y, x.block(i));
    }

 private:
    const A& at(index_t i) const { return (*blocks_)[static_cast<std::size_t>(i)]; }
    detail::List<A> blocks_;
    domain_type domain_;
};

/// diag(A1, A2, ...) [x1; x2; ...] = [A1 x1; A2 x2; ...] for a list of operators.
template <LinearOperator A>
class BlockDiagonalList : public OperatorExpression<BlockDiagonalList<A>> {
 public:
    using domain_type = ManySpace<DomainOf<A>>;
    using range_type = ManySpace<RangeOf<A>>;
    using X = typename domain_type::vector_type;
    using Y = typename range_type::vector_type;
    static constexpr bool is_real_linear = real_linear<A>;

    /// Throws ArgumentError for an empty list.
    explicit BlockDiagonalList(std::vector<A> blocks)
        : blocks_{detail::checked_list(std::move(blocks), "block_diagonal(list)")},
          domain_{detail::domains_of(*blocks_)},
          range_{detail::ranges_of(*blocks_)} {}
    const domain_type& domain() const { return domain_; }
    const range_type& range() const { return range_; }
    const std::vector<A>& blocks() const { return *blocks_; }
    std::string label() const { return detail::list_label("block_diagonal", *blocks_); }
    BlockDiagonalList operator[](std::span<const index_t> subset) const {
        return BlockDiagonalList{detail::chosen(*blocks_, subset)};
    }
    void forward(const X& x, Y& y) const {
        for (index_t i = 0; i < x.count(); ++i) at(i).forward(x.block(i), y.block(i));
    }
    void adjoint(const Y& y, X& x) const {
        for (index_t i = 0; i < x.count(); ++i) at(i).adjoint(y.block(i), x.block(i));
    }

 private:
    const A& at(index_t i) const { return (*blocks_)[static_cast<std::size_t>(i)]; }
    detail::List<A> blocks_;
    domain_type domain_;
    range_type range_;
};

template <LinearOperator A> VStackList<A> vstack(std::vector<A> blocks) {
    return VStackList<A>{std::move(blocks)};
}
template <LinearOperator A> HStackList<A> hstack(std::vector<A> blocks) {
    return HStackList<A>{std::move(blocks)};
}
template <LinearOperator A> BlockDiagonalList<A> block_diagonal(std::vector<A> blocks) {
    return BlockDiagonalList<A>{std::move(blocks)};
}

namespace detail {
template <class A, class Change> auto changed(const std::vector<A>& blocks, const Change& change) {
    std::vector<decltype(change(blocks.front()))> list;
    for (const A& a : blocks) list.push_back(change(a));
    return list;
}
struct TakeAdjoint {
    template <class A> auto operator()(const A& a) const { return a.H(); }
};
}  // namespace detail

template <LinearOperator A> auto adjoint_of(const VStackList<A>& a) {
    return hstack(detail::changed(a.blocks(), detail::TakeAdjoint{}));
}
template <LinearOperator A> auto adjoint_of(const HStackList<A>& a) {
    return vstack(detail::changed(a.blocks(), detail::TakeAdjoint{}));
}
template <LinearOperator A> auto adjoint_of(const BlockDiagonalList<A>& a) {
    return block_diagonal(detail::changed(a.blocks(), detail::TakeAdjoint{}));
}

}  // namespace lop
