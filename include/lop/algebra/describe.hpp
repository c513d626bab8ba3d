/// An expression of operators as a tree for people, and as a dense matrix for small ones.
#pragma once

#include <lop/algebra/conjugate.hpp>
#include <lop/algebra/kronecker.hpp>
#include <lop/algebra/lists.hpp>
#include <lop/algebra/normal.hpp>
#include <lop/algebra/power.hpp>
#include <lop/core/error.hpp>

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

namespace lop {

namespace detail {

/// The word for a node and its children, one overload for each kind; a leaf has none.
template <class A, class Visit> std::string visit_node(const A&, const Visit&) { return {}; }
template <class A, class Visit> std::string visit_node(const Adjoint<A>& a, const Visit& visit) {
    visit(a.inner());
    return "adjoint";
}
template <class A, class Visit> std::string visit_node(const Conjugated<A>& a, const Visit& visit) {
    visit(a.inner());
    return "conjugate";
}
template <class A, class Visit> std::string visit_node(const Scaled<A>& a, const Visit& visit) {
    visit(a.inner());
    return number_label(a.factor()) + " times";
}
template <class A, class Visit> std::string visit_node(const Power<A>& a, const Visit& visit) {
    visit(a.inner());
    return "power " + std::to_string(a.exponent());
}
template <class A, class Visit> std::string visit_node(const Normal<A>& a, const Visit& visit) {
    visit(a.left());
    visit(a.right());
    return "normal, the first transposed";
}
template <class... A, class Visit>
std::string visit_node(const Product<A...>& a, const Visit& visit) {
    hana::for_each(a.factors(), visit);
    return "product";
}
template <class... A, class Visit> std::string visit_node(const Sum<A...>& a, const Visit& visit) {
    hana::for_each(a.terms(), visit);
    return "sum";
}
template <class... A, class Visit>
std::string visit_node(const VStack<A...>& a, const Visit& visit) {
    hana::for_each(a.blocks(), visit);
    return "vertical stack";
}
template <class... A, class Visit>
std::string visit_node(const HStack<A...>& a, const Visit& visit) {
    hana::for_each(a.blocks(), visit);
    return "horizontal stack";
}
template <class... A, class Visit>
std::string visit_node(const BlockDiagonal<A...>& a, const Visit& visit) {
    hana::for_each(a.blocks(), visit);
    return "block diagonal";
}
template <class A, class B, class Visit>
std::string visit_node(const Kronecker<A, B>& a, const Visit& visit) {
    visit(a.left());
    visit(a.right());
    return "Kronecker product";
}
/// Of blocks that are alike, the first; of others, the first few.
template <class A, class Visit>
std::string visit_list(const std::vector<A>& blocks, const Visit& visit, const char* word) {
    const std::string first = blocks.front().label();
    const bool alike =
        std::ranges::all_of(blocks, [&](const A& block) { return block.label() == first; });
    const std::size_t shown = alike ? 1 : std::min<std::size_t>(8, blocks.size());
    for (std::size_t i = 0; i < shown; ++i) visit(blocks[i]);
    return std::string{word} + " of " + std::to_string(blocks.size()) +
           (alike                   ? " like"
            : shown < blocks.size() ? ", the first " + std::to_string(shown)
                                    : "");
}
template <class A, class Visit> std::string visit_node(const VStackList<A>& a, const Visit& visit) {
    return visit_list(a.blocks(), visit, "vertical stack");
}
template <class A, class Visit> std::string visit_node(const HStackList<A>& a, const Visit& visit) {
    return visit_list(a.blocks(), visit, "horizontal stack");
}
template <class A, class Visit>
std::string visit_node(const BlockDiagonalList<A>& a, const Visit& visit) {
    return visit_list(a.blocks(), visit, "block diagonal");
}

template <class A> std::string tree(const A& a, const std::string& indent) {
    std::string below;
    const std::string word =
        visit_node(a, [&](const auto& child) { below += tree(child, indent + "  "); });
    return indent + (word.empty() ? a.label() : word) + ": " + a.domain().describe() + " -> " +
           a.range().describe() + "\n" + below;
}

/// Runs of values of a vector, block by block.
template <FlatVector V, class F> void over_values(V& x, const F& f) { f(x.data(), x.size()); }
template <class... V, class F> void over_values(Stacked<V...>& x, const F& f) {
    for_each_index<sizeof...(V)>([&](auto i) { over_values(x.template block<i()>(), f); });
}
template <class V, class F> void over_values(Many<V>& x, const F& f) {
    for (index_t i = 0; i < x.count(); ++i) over_values(x.block(i), f);
}

}  // namespace detail

/// The expression in one line of mathematics, and below it as a tree with the spaces of every node:
///
///     A * B + 2 * I
///     sum: x[3] of float64 on host -> x[3] of float64 on host
///       product: ...
template <LinearOperator A> std::string describe(const A& a) {
    return a.label() + "\n" + detail::tree(a, "");
}

/// The matrix of A, [size of range x size of domain], column by column from unit vectors: for small
/// operators on one rank. Stacks count block after block.
template <LinearOperator A> Array<ScalarOf<A>> to_dense(const A& a) {
    using T = ScalarOf<A>;
    using X = typename DomainOf<A>::value_type;
    static_assert(std::same_as<typename DomainOf<A>::memory, Host> &&
                      std::same_as<typename RangeOf<A>::memory, Host>,
                  "to_dense(A): both spaces of A lie on the host");
    const index_t columns = a.domain().size();
    const index_t rows = a.range().size();
    Array<T> matrix{{rows, columns}, "matrix"};
    auto x = a.domain().zeros();
    auto y = a.range().uninitialized();
    index_t column = 0;
    detail::over_values(x, [&](X* values, index_t count) {
        for (index_t j = 0; j < count; ++j, ++column) {
            values[j] = X{1};
            a.forward(x, y);
            values[j] = X{};
            index_t row = 0;
            detail::over_values(y, [&](const T* results, index_t n) {
                for (index_t i = 0; i < n; ++i) matrix[(row++) * columns + column] = results[i];
            });
        }
    });
    return matrix;
}

/// What it is, for people: of an operator the tree, of a vector or a space its name, extents, scalar and
/// memory. No values.
template <class T>
    requires LinearOperator<T> || Vector<T> || Space<T>
std::ostream& operator<<(std::ostream& out, const T& x) {
    if constexpr (LinearOperator<T>) return out << describe(x);
    else return out << x.describe();
}

}  // namespace lop
