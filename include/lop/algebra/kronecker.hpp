/// Kronecker products of operators on arrays.
#pragma once

#include <lop/algebra/nodes.hpp>

#include <algorithm>

namespace lop {

/// A (x) B on arrays whose leading axes are those of A and whose trailing axes are those of B: with
/// x read as a matrix X [size of domain(A) x size of domain(B)],
///
///     y = A X B^T,    that is B along every row, then A along every column.
///
/// domain: [domain(A) x domain(B)], range: [range(A) x range(B)]; the adjoint is A' (x) B'.
template <LinearOperator A, LinearOperator B> class Kronecker;

namespace detail {

template <class S> inline constexpr bool is_array_space = false;
template <Scalar T> inline constexpr bool is_array_space<ArraySpace<T, Host>> = true;

template <Scalar T> ArraySpace<T> kronecker_space(const ArraySpace<T>& a, const ArraySpace<T>& b) {
    std::array<index_t, 2 * Shape::max_rank> extents{};
    std::size_t rank = 0;
    for (const Shape* shape : {&a.shape(), &b.shape()})
        for (int axis = 0; axis < shape->rank(); ++axis) extents[rank++] = (*shape)[axis];
    return {a.name() + " x " + b.name(), Shape{std::span<const index_t>{extents.data(), rank}}};
}

}  // namespace detail

template <LinearOperator A, LinearOperator B>
class Kronecker : public OperatorExpression<Kronecker<A, B>> {
 public:
    static_assert(detail::is_array_space<DomainOf<A>> && detail::is_array_space<DomainOf<B>> &&
                      detail::is_array_space<RangeOf<A>> && detail::is_array_space<RangeOf<B>>,
                  "kron(A, B): both operators map between arrays on the host");
    static_assert(std::same_as<DomainOf<A>, RangeOf<A>> && std::same_as<DomainOf<A>, DomainOf<B>> &&
                      std::same_as<DomainOf<A>, RangeOf<B>>,
                  "kron(A, B): all four spaces share one scalar type");
    using domain_type = DomainOf<A>;
    using range_type = DomainOf<A>;
    using T = ScalarOf<A>;
    static constexpr bool is_real_linear = real_linear<A> || real_linear<B>;

    Kronecker(A a, B b)
        : a_{std::move(a)},
          b_{std::move(b)},
          domain_{detail::kronecker_space(a_.domain(), b_.domain())},
          range_{detail::kronecker_space(a_.range(), b_.range())},
          between_{"kron", {a_.domain().size(), b_.range().size()}} {}
    const domain_type& domain() const { return domain_; }
    const range_type& range() const { return range_; }
    const A& left() const { return a_; }
    const B& right() const { return b_; }
    std::string label() const { return "kron(" + a_.label() + ", " + b_.label() + ")"; }
    void forward(const Array<T>& x, Array<T>& y) const {
        auto t = between_.scratch();
        const auto along = [](const auto& op, const Array<T>& from, Array<T>& to) {
            op.forward(from, to);
        };
        over_rows(along, b_, b_.domain(), b_.range(), x.data(), t->data(), a_.domain().size());
        over_columns(along, a_, a_.domain(), a_.range(), t->data(), y.data(), b_.range().size());
    }
    void adjoint(const Array<T>& y, Array<T>& x) const {
        auto t = between_.scratch();
        const auto along = [](const auto& op, const Array<T>& from, Array<T>& to) {
            op.adjoint(from, to);
        };
        over_columns(along, a_, a_.range(), a_.domain(), y.data(), t->data(), b_.range().size());
        over_rows(along, b_, b_.range(), b_.domain(), t->data(), x.data(), a_.domain().size());
    }

 private:
    template <class Apply, class Op>
    static void over_rows(const Apply& apply, const Op& op, const domain_type& from_space,
                          const domain_type& to_space, const T* x, T* y, index_t rows) {
        auto from = from_space.scratch();
        auto to = to_space.scratch();
        const index_t n = from->size();
        const index_t m = to->size();
        for (index_t i = 0; i < rows; ++i) {
            std::copy(x + i * n, x + (i + 1) * n, from->data());
            apply(op, *from, *to);
            std::copy(to->data(), to->data() + m, y + i * m);
        }
    }
    template <class Apply, class Op>
    static void over_columns(const Apply& apply, const Op& op, const domain_type& from_space,
                             const domain_type& to_space, const T* x, T* y, index_t columns) {
        auto from = from_space.scratch();
        auto to = to_space.scratch();
        for (index_t j = 0; j < columns; ++j) {
            for (index_t i = 0; i < from->size(); ++i) (*from)[i] = x[i * columns + j];
            apply(op, *from, *to);
            for (index_t i = 0; i < to->size(); ++i) y[i * columns + j] = (*to)[i];
        }
    }

    A a_;
    B b_;
    domain_type domain_;
    range_type range_;
    domain_type between_;  // after B and before A: [domain(A) x range(B)]
};

template <LinearOperator A, LinearOperator B> Kronecker<A, B> kron(const A& a, const B& b) {
    return {a, b};
}
template <LinearOperator A, LinearOperator B> auto adjoint_of(const Kronecker<A, B>& k) {
    return kron(k.left().H(), k.right().H());
}
/// (A (x) B) (C (x) D) = (A C) (x) (B D)
template <LinearOperator A, LinearOperator B, LinearOperator C, LinearOperator D>
auto compose(const Kronecker<A, B>& left, const Kronecker<C, D>& right) {
    detail::check_chain(left, right);
    return kron(left.left() * right.left(), left.right() * right.right());
}

}  // namespace lop
