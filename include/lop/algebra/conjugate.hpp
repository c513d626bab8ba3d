/// Conjugates and transposes of operators, and their real and imaginary parts.
///
/// Rules, each visible in the resulting type:
///   conj(conj(A)) = A    conj(A B) = conj(A) conj(B)    conj(A + B) = conj(A) + conj(B)
///   conj(a A) = conj(a) conj(A)    conj(A)' = conj(A')    conj(A) = A where the scalars are real
#pragma once

#include <lop/algebra/blocks.hpp>

namespace lop {

/// conj(A): the operator whose matrix is the complex conjugate,  conj(A) x = conj(A conj(x)).
template <LinearOperator A> class Conjugated : public OperatorExpression<Conjugated<A>> {
 public:
    using domain_type = DomainOf<A>;
    using range_type = RangeOf<A>;
    static constexpr bool is_real_linear = real_linear<A>;
    explicit Conjugated(A a) : a_{std::move(a)} {}
    decltype(auto) domain() const { return a_.domain(); }
    decltype(auto) range() const { return a_.range(); }
    const A& inner() const { return a_; }
    std::string label() const { return "conj(" + a_.label() + ")"; }
    void forward(const DomainVector<A>& x, RangeVector<A>& y) const {
        auto t = domain().scratch();
        assign(*t, conj(x));
        a_.forward(*t, y);
        assign(y, conj(y));
    }
    void adjoint(const RangeVector<A>& y, DomainVector<A>& x) const {
        auto t = range().scratch();
        assign(*t, conj(y));
        a_.adjoint(*t, x);
        assign(x, conj(x));
    }

 private:
    A a_;
};

namespace detail {
template <class A> inline constexpr bool has_real_matrix =
    !is_complex<typename DomainOf<A>::value_type> && !is_complex<typename RangeOf<A>::value_type>;
}  // namespace detail

template <LinearOperator A> auto conj(const A& a) {
    if constexpr (detail::has_real_matrix<A>) return a;
    else return Conjugated<A>{a};
}
template <LinearOperator A> A conj(const Conjugated<A>& a) { return a.inner(); }
template <Space S> Identity<S> conj(const Identity<S>& a) { return a; }
template <Space D, Space R> Zero<D, R> conj(const Zero<D, R>& a) { return a; }
template <LinearOperator A> auto conj(const Scaled<A>& a) {
    return scale(conjugate(a.factor()), conj(a.inner()));
}
template <LinearOperator... A> auto conj(const Product<A...>& a) {
    return hana::unpack(a.factors(),
                        [](const auto&... f) { return Product<decltype(conj(f))...>{conj(f)...}; });
}
template <LinearOperator... A> auto conj(const Sum<A...>& a) {
    return hana::unpack(a.terms(),
                        [](const auto&... f) { return Sum<decltype(conj(f))...>{conj(f)...}; });
}
template <LinearOperator... A> auto conj(const VStack<A...>& a) {
    return hana::unpack(a.blocks(), [](const auto&... b) { return vstack(conj(b)...); });
}
template <LinearOperator... A> auto conj(const HStack<A...>& a) {
    return hana::unpack(a.blocks(), [](const auto&... b) { return hstack(conj(b)...); });
}
template <LinearOperator... A> auto conj(const BlockDiagonal<A...>& a) {
    return hana::unpack(a.blocks(), [](const auto&... b) { return block_diagonal(conj(b)...); });
}

template <LinearOperator A> auto adjoint_of(const Conjugated<A>& a) { return conj(a.inner().H()); }

/// A transposed, without conjugates:  transpose(A) = conj(A').
template <LinearOperator A> auto transpose(const A& a) { return conj(a.H()); }

/// The operator whose matrix is the real part of A's; A itself where the scalars are real.
template <LinearOperator A> auto real(const A& a) {
    if constexpr (detail::has_real_matrix<A>) return a;
    else return 0.5 * (a + conj(a));
}

/// The operator whose matrix is the imaginary part of A's; zero where the scalars are real.
template <LinearOperator A> auto imag(const A& a) {
    if constexpr (detail::has_real_matrix<A>)
        return Zero<DomainOf<A>, RangeOf<A>>{a.domain(), a.range()};
    else return ScalarOf<A>{0, -0.5F} * (a - conj(a));
}

}  // namespace lop
