/// Operators made of unlike blocks: vertical and horizontal stacks and block diagonals.
#pragma once

#include <lop/algebra/nodes.hpp>

namespace lop {

template <LinearOperator... A> class HStack;

namespace detail {
template <class First, class... Rest> void check_equal(const char* what, const First& first,
                                                       const Rest&... rest) {
    const auto check = [&](const auto& other) {
        static_assert(std::same_as<std::remove_cvref_t<decltype(other)>, First>,
                      "the blocks of a stack share the space they have in common");
        if (!(other == first))
            throw SpaceError{what, {.expected = first.describe(), .found = other.describe()}};
    };
    (check(rest), ...);
}
template <class... A> using FirstOf = std::tuple_element_t<0, std::tuple<A...>>;

/// y += x.
template <Scalar T> void add_run(const T* x, index_t count, T* y) {
#pragma omp simd
    for (index_t i = 0; i < count; ++i) y[i] = plus(y[i], x[i]);
}
}  // namespace detail

/// [A1; A2; ...] x = [A1 x; A2 x; ...].  The adjoint is hstack(A1', A2', ...).
template <LinearOperator... A> class VStack : public OperatorExpression<VStack<A...>> {
 public:
    static constexpr bool is_real_linear = (real_linear<A> || ...);
    using domain_type = DomainOf<detail::FirstOf<A...>>;
    using range_type = StackedSpace<RangeOf<A>...>;
    using X = typename domain_type::vector_type;
    using Y = typename range_type::vector_type;

    explicit VStack(A... a) : blocks_{a...}, range_{a.range()...} {
        detail::check_equal("vstack(...): the domains of the blocks differ", a.domain()...);
    }
    const domain_type& domain() const { return hana::at_c<0>(blocks_).domain(); }
    const range_type& range() const { return range_; }
    const auto& blocks() const { return blocks_; }
    std::string label() const {
        return "vstack(" + detail::join(blocks_, ", ", [](const auto& a) { return a.label(); }) +
               ")";
    }
    void forward(const X& x, Y& y) const {
        detail::for_each_index<sizeof...(A)>(
            [&](auto i) { hana::at(blocks_, i).forward(x, y.template block<i()>()); });
    }
    void adjoint(const Y& y, X& x) const {
        hana::at_c<0>(blocks_).adjoint(y.template block<0>(), x);
        detail::for_each_index<sizeof...(A)>([&](auto i) {
            if constexpr (i() > 0)
                detail::adjoint_add(hana::at(blocks_, i), y.template block<i()>(), x);
        });
    }

 private:
    hana::tuple<A...> blocks_;
    range_type range_;
};

namespace detail {
template <class A> inline constexpr bool is_vstack = false;
template <class... A> inline constexpr bool is_vstack<VStack<A...>> = true;
}  // namespace detail

/// [A1 A2 ...] [x1; x2; ...] = A1 x1 + A2 x2 + ...  The adjoint is vstack(A1', A2', ...).
template <LinearOperator... A> class HStack : public OperatorExpression<HStack<A...>> {
 public:
    static constexpr bool is_real_linear = (real_linear<A> || ...);
    using domain_type = StackedSpace<DomainOf<A>...>;
    using range_type = RangeOf<detail::FirstOf<A...>>;
    using X = typename domain_type::vector_type;
    using Y = typename range_type::vector_type;

    explicit HStack(A... a) : blocks_{a...}, domain_{a.domain()...} {
        detail::check_equal("hstack(...): the ranges of the blocks differ", a.range()...);
    }
    const domain_type& domain() const { return domain_; }
    const range_type& range() const { return hana::at_c<0>(blocks_).range(); }
    const auto& blocks() const { return blocks_; }
    std::string label() const {
        return "hstack(" + detail::join(blocks_, ", ", [](const auto& a) { return a.label(); }) +
               ")";
    }
    void forward(const X& x, Y& y) const {
        hana::at_c<0>(blocks_).forward(x.template block<0>(), y);
        detail::for_each_index<sizeof...(A)>([&](auto i) {
            if constexpr (i() > 0)
                detail::forward_add(hana::at(blocks_, i), x.template block<i()>(), y);
        });
    }
    void adjoint(const Y& y, X& x) const {
        detail::for_each_index<sizeof...(A)>(
            [&](auto i) { hana::at(blocks_, i).adjoint(y, x.template block<i()>()); });
    }
    void forward_rows(const X& x, index_t begin, index_t end, ScalarOf<HStack>* y) const
        requires(detail::HasForwardRows<A> && ...)
    {
        hana::at_c<0>(blocks_).forward_rows(x.template block<0>(), begin, end, y);
        detail::for_each_index<sizeof...(A) - 1>([&](auto before) {
            constexpr std::size_t i = before() + 1;
            detail::RowBuffer<ScalarOf<HStack>> rows;
            hana::at_c<i>(blocks_).forward_rows(x.template block<i>(), begin, end, rows.data());
            detail::add_run(rows.data(), end - begin, y);
        });
    }

 private:
    hana::tuple<A...> blocks_;
    domain_type domain_;
};

/// diag(A1, A2, ...) [x1; x2; ...] = [A1 x1; A2 x2; ...].
template <LinearOperator... A> class BlockDiagonal
    : public OperatorExpression<BlockDiagonal<A...>> {
 public:
    static constexpr bool is_real_linear = (real_linear<A> || ...);
    using domain_type = StackedSpace<DomainOf<A>...>;
    using range_type = StackedSpace<RangeOf<A>...>;
    using X = typename domain_type::vector_type;
    using Y = typename range_type::vector_type;

    explicit BlockDiagonal(A... a) : blocks_{a...}, domain_{a.domain()...}, range_{a.range()...} {}
    const domain_type& domain() const { return domain_; }
    const range_type& range() const { return range_; }
    const auto& blocks() const { return blocks_; }
    std::string label() const {
        return "block_diagonal(" +
               detail::join(blocks_, ", ", [](const auto& a) { return a.label(); }) + ")";
    }
    void forward(const X& x, Y& y) const {
        detail::for_each_index<sizeof...(A)>([&](auto i) {
            hana::at(blocks_, i).forward(x.template block<i()>(), y.template block<i()>());
        });
    }
    void adjoint(const Y& y, X& x) const {
        detail::for_each_index<sizeof...(A)>([&](auto i) {
            hana::at(blocks_, i).adjoint(y.template block<i()>(), x.template block<i()>());
        });
    }

 private:
    hana::tuple<A...> blocks_;
    domain_type domain_;
    range_type range_;
};

template <LinearOperator... A> auto vstack(const A&... a) { return VStack<A...>{a...}; }
template <LinearOperator... A> auto hstack(const A&... a) { return HStack<A...>{a...}; }
template <LinearOperator... A> auto block_diagonal(const A&... a) {
    return BlockDiagonal<A...>{a...};
}

template <LinearOperator... A> auto adjoint_of(const VStack<A...>& a) {
    return hana::unpack(a.blocks(), [](const auto&... b) { return hstack(b.H()...); });
}
template <LinearOperator... A> auto adjoint_of(const HStack<A...>& a) {
    return hana::unpack(a.blocks(), [](const auto&... b) { return vstack(b.H()...); });
}
template <LinearOperator... A> auto adjoint_of(const BlockDiagonal<A...>& a) {
    return hana::unpack(a.blocks(), [](const auto&... b) { return block_diagonal(b.H()...); });
}

}  // namespace lop
