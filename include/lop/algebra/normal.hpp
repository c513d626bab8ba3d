/// Normal operators A' A, whose two halves share their intermediate.
#pragma once

#include <lop/algebra/nodes.hpp>

namespace lop {

/// B' A for two operators of one type, nearly always the same one: what B.H() * A becomes. The
/// intermediate A x lives in one temporary of the range. An operator that can do better, such as
/// one that shares a forward solve, overloads compose(const Adjoint<A>&, const A&) for itself.
template <LinearOperator A> class Normal : public OperatorExpression<Normal<A>> {
 public:
    using domain_type = DomainOf<A>;
    using range_type = DomainOf<A>;
    using X = DomainVector<A>;
    static constexpr bool is_real_linear = real_linear<A>;
    Normal(A left, A right) : left_{std::move(left)}, right_{std::move(right)} {}
    decltype(auto) domain() const { return right_.domain(); }
    decltype(auto) range() const { return left_.domain(); }
    const A& left() const { return left_; }
    const A& right() const { return right_; }
    std::string label() const {
        return detail::factor_label(left_) + ".H() * " + detail::factor_label(right_);
    }
    void forward(const X& x, X& y) const {
        auto t = right_.range().scratch();
        right_.forward(x, *t);
        left_.adjoint(*t, y);
    }
    void adjoint(const X& y, X& x) const {
        auto t = left_.range().scratch();
        left_.forward(y, *t);
        right_.adjoint(*t, x);
    }

 private:
    A left_;
    A right_;
};

template <LinearOperator A> Normal<A> compose(const Adjoint<A>& left, const A& right) {
    detail::check_chain(left, right);
    return {left.inner(), right};
}
template <LinearOperator A> Normal<A> adjoint_of(const Normal<A>& a) {
    return {a.right(), a.left()};
}
/// A' A
template <LinearOperator A> auto normal(const A& a) { return a.H() * a; }

}  // namespace lop
