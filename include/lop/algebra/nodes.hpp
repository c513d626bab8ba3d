/// Expressions of operators: adjoints, products, sums and multiples, rewritten at compile time.
///
/// Rules, each visible in the resulting type:
///   (A B)' = B' A'    (A + B)' = A' + B'    (a A)' = conj(a) A'    A'' = A    I' = I    0' = 0
///   A I = I A = A     A 0 = 0 A = 0         A + 0 = A              (a A) B = a (A B) = A (a B)
///   products and sums are flat:  (A B) C = A (B C) = Product<A, B, C>
/// `*` calls compose, which a module overloads for a pair of its own to fuse them; neighbours in
/// longer products are offered to it as well.
#pragma once

#include <lop/algebra/operator.hpp>
#include <lop/algebra/stacked.hpp>

#include <algorithm>
#include <boost/hana.hpp>

namespace lop {

template <LinearOperator A> class Adjoint;
template <LinearOperator... A> class Product;
template <LinearOperator... A> class Sum;
template <LinearOperator A> class Scaled;
template <Space S> class Identity;
template <Space Domain, Space Range> class Zero;

namespace detail {
template <class A> inline constexpr bool is_product = false;
template <class... A> inline constexpr bool is_product<Product<A...>> = true;
template <class A> inline constexpr bool is_sum = false;
template <class... A> inline constexpr bool is_sum<Sum<A...>> = true;
template <class A> inline constexpr bool is_scaled = false;
template <class A> inline constexpr bool is_scaled<Scaled<A>> = true;
template <class A> inline constexpr bool is_identity = false;
template <class S> inline constexpr bool is_identity<Identity<S>> = true;
template <class A> inline constexpr bool is_zero = false;
template <class D, class R> inline constexpr bool is_zero<Zero<D, R>> = true;

/// A label as a factor of a product: sums are put in parentheses.
template <class A> std::string factor_label(const A& a) {
    return is_sum<A> || is_scaled<A> ? "(" + a.label() + ")" : a.label();
}
/// A label as a term of a sum: A - 2 * B, not A + -2 * B.
inline void append_term(std::string& text, const std::string& label) {
    const bool subtracts = !text.empty() && label.starts_with('-');
    if (subtracts) text += " - " + label.substr(label.starts_with("-1 * ") ? 5 : 1);
    else append_word(text, " + ", label);
}
}  // namespace detail

/// A', the conjugate transpose of A.
template <LinearOperator A> class Adjoint : public OperatorExpression<Adjoint<A>> {
 public:
    static constexpr bool is_real_linear = real_linear<A>;
    using domain_type = RangeOf<A>;
    using range_type = DomainOf<A>;
    explicit Adjoint(A a) : a_{std::move(a)} {}
    decltype(auto) domain() const { return a_.range(); }
    decltype(auto) range() const { return a_.domain(); }
    const A& inner() const { return a_; }
    std::string label() const { return detail::factor_label(a_) + ".H()"; }
    void forward(const RangeVector<A>& x, DomainVector<A>& y) const { a_.adjoint(x, y); }
    void adjoint(const DomainVector<A>& y, RangeVector<A>& x) const { a_.forward(y, x); }
    void forward_add(const RangeVector<A>& x, DomainVector<A>& y) const
        requires requires(const A& a) { a.adjoint_add(x, y); }
    {
        a_.adjoint_add(x, y);
    }
    void adjoint_add(const DomainVector<A>& y, RangeVector<A>& x) const
        requires requires(const A& a) { a.forward_add(y, x); }
    {
        a_.forward_add(y, x);
    }
    void forward_rows(const RangeVector<A>& x, index_t begin, index_t end,
                      typename DomainOf<A>::value_type* y) const
        requires detail::HasAdjointRows<A>
    {
        a_.adjoint_rows(x, begin, end, y);
    }
    void adjoint_rows(const DomainVector<A>& y, index_t begin, index_t end, ScalarOf<A>* x) const
        requires detail::HasForwardRows<A>
    {
        a_.forward_rows(y, begin, end, x);
    }

 private:
    A a_;
};

/// x -> x.
template <Space S> class Identity : public Operator<Identity<S>, S> {
 public:
    using V = typename S::vector_type;
    explicit Identity(S space) : Operator<Identity<S>, S>{std::move(space)} {}
    std::string label() const { return "I"; }
    void forward(const V& x, V& y) const { y = x; }
    void adjoint(const V& y, V& x) const { x = y; }
    void forward_add(const V& x, V& y) const { y += x; }
    void adjoint_add(const V& y, V& x) const { x += y; }
    void forward_rows(const V& x, index_t begin, index_t end, typename S::value_type* y) const
        requires HostVector<V>
    {
        std::copy(x.data() + begin, x.data() + end, y);
    }
    void adjoint_rows(const V& y, index_t begin, index_t end, typename S::value_type* x) const
        requires HostVector<V>
    {
        forward_rows(y, begin, end, x);
    }
};

/// x -> 0.
template <Space Domain, Space Range = Domain>
class Zero : public Operator<Zero<Domain, Range>, Domain, Range> {
 public:
    using X = typename Domain::vector_type;
    using Y = typename Range::vector_type;
    Zero(Domain domain, Range range)
        : Operator<Zero<Domain, Range>, Domain, Range>{std::move(domain), std::move(range)} {}
    std::string label() const { return "0"; }
    void forward(const X&, Y& y) const { y.fill({}); }
    void adjoint(const Y&, X& x) const { x.fill({}); }
    void forward_add(const X&, Y&) const {}
    void adjoint_add(const Y&, X&) const {}
};

namespace detail {
/// What scales an operator: its own scalars, but real ones where it is linear over the reals only.
template <class A>
using FactorType = std::conditional_t<real_linear<A>, Real<ScalarOf<A>>, ScalarOf<A>>;
}  // namespace detail

namespace detail {
/// "2", or "(1, -2)" for a complex number.
template <Scalar T> std::string number_label(const T& value) {
    if constexpr (is_complex<T>)
        return "(" + number_words(static_cast<double>(value.real())) + ", " +
               number_words(static_cast<double>(value.imag())) + ")";
    else return number_words(static_cast<double>(value));
}

/// y *= factor, with the bits that vectors get.
template <Scalar T, class S> void scale_run(T* y, index_t count, const S& factor) {
    const ScaleBy<T> scaled{to_factor<T>(factor)};
#pragma omp simd
    for (index_t i = 0; i < count; ++i) y[i] = scaled(y[i]);
}
}  // namespace detail

/// a A for a number a.
template <LinearOperator A> class Scaled : public OperatorExpression<Scaled<A>> {
 public:
    static constexpr bool is_real_linear = real_linear<A>;
    using domain_type = DomainOf<A>;
    using range_type = RangeOf<A>;
    using T = detail::FactorType<A>;
    Scaled(T factor, A a) : factor_{factor}, a_{std::move(a)} {}
    decltype(auto) domain() const { return a_.domain(); }
    decltype(auto) range() const { return a_.range(); }
    T factor() const { return factor_; }
    const A& inner() const { return a_; }
    std::string label() const {
        return detail::number_label(factor_) + " * " + detail::factor_label(a_);
    }
    void forward(const DomainVector<A>& x, RangeVector<A>& y) const {
        a_.forward(x, y);
        y *= factor_;
    }
    void adjoint(const RangeVector<A>& y, DomainVector<A>& x) const {
        a_.adjoint(y, x);
        x *= conjugate(factor_);
    }
    void forward_rows(const DomainVector<A>& x, index_t begin, index_t end, ScalarOf<A>* y) const
        requires detail::HasForwardRows<A>
    {
        a_.forward_rows(x, begin, end, y);
        detail::scale_run(y, end - begin, factor_);
    }
    void adjoint_rows(const RangeVector<A>& y, index_t begin, index_t end,
                      typename DomainOf<A>::value_type* x) const
        requires detail::HasAdjointRows<A>
    {
        a_.adjoint_rows(y, begin, end, x);
        detail::scale_run(x, end - begin, conjugate(factor_));
    }

 private:
    T factor_;
    A a_;
};

/// A1 A2 ... An, applied from the right; intermediates come from the spaces' pools.
template <LinearOperator... A> class Product : public OperatorExpression<Product<A...>> {
 public:
    static constexpr bool is_real_linear = (real_linear<A> || ...);
    using Factors = hana::tuple<A...>;
    static constexpr std::size_t count = sizeof...(A);
    using First = std::remove_cvref_t<decltype(hana::at_c<0>(std::declval<Factors>()))>;
    using Last = std::remove_cvref_t<decltype(hana::at_c<count - 1>(std::declval<Factors>()))>;
    using domain_type = DomainOf<Last>;
    using range_type = RangeOf<First>;

    explicit Product(const A&... a) : factors_{a...} {}
    decltype(auto) domain() const { return factor<count - 1>().domain(); }
    decltype(auto) range() const { return factor<0>().range(); }
    const Factors& factors() const { return factors_; }
    template <std::size_t I> const auto& factor() const { return hana::at_c<I>(factors_); }
    std::string label() const {
        return detail::join(factors_, " * ", [](const auto& a) { return detail::factor_label(a); });
    }
    void forward(const DomainVector<Last>& x, RangeVector<First>& y) const {
        down<count - 1>(x, y);
    }
    void adjoint(const RangeVector<First>& y, DomainVector<Last>& x) const { up<0>(y, x); }

    /// A2 ... An x in a temporary, given to last(A1, temporary).
    template <class F> auto to_first(const DomainVector<Last>& x, const F& last) const {
        return before_first<count - 1>(x, last);
    }

 private:
    template <std::size_t I, class X> void down(const X& x, RangeVector<First>& y) const {
        if constexpr (I == 0) {
            factor<0>().forward(x, y);
        } else {
            auto t = factor<I>().range().scratch();
            factor<I>().forward(x, *t);
            down<I - 1>(*t, y);
        }
    }
    template <std::size_t I, class X, class F> auto before_first(const X& x, const F& last) const {
        if constexpr (I == 0) {
            return last(factor<0>(), x);
        } else {
            auto t = factor<I>().range().scratch();
            factor<I>().forward(x, *t);
            return before_first<I - 1>(*t, last);
        }
    }
    template <std::size_t I, class Y> void up(const Y& y, DomainVector<Last>& x) const {
        if constexpr (I == count - 1) {
            factor<I>().adjoint(y, x);
        } else {
            auto t = factor<I>().domain().scratch();
            factor<I>().adjoint(y, *t);
            up<I + 1>(*t, x);
        }
    }

    Factors factors_;
};

/// A1 + A2 + ... + An.
template <LinearOperator... A> class Sum : public OperatorExpression<Sum<A...>> {
 public:
    static constexpr bool is_real_linear = (real_linear<A> || ...);
    using Terms = hana::tuple<A...>;
    using First = std::remove_cvref_t<decltype(hana::at_c<0>(std::declval<Terms>()))>;
    using domain_type = DomainOf<First>;
    using range_type = RangeOf<First>;

    explicit Sum(const A&... a) : terms_{a...} {}
    decltype(auto) domain() const { return hana::at_c<0>(terms_).domain(); }
    decltype(auto) range() const { return hana::at_c<0>(terms_).range(); }
    const Terms& terms() const { return terms_; }
    std::string label() const {
        std::string text;
        hana::for_each(terms_, [&](const auto& a) { detail::append_term(text, a.label()); });
        return text;
    }
    void forward(const DomainVector<First>& x, RangeVector<First>& y) const {
        hana::at_c<0>(terms_).forward(x, y);
        detail::for_each_index<sizeof...(A)>([&](auto i) {
            if constexpr (i() > 0) detail::forward_add(hana::at(terms_, i), x, y);
        });
    }
    void adjoint(const RangeVector<First>& y, DomainVector<First>& x) const {
        hana::at_c<0>(terms_).adjoint(y, x);
        detail::for_each_index<sizeof...(A)>([&](auto i) {
            if constexpr (i() > 0) detail::adjoint_add(hana::at(terms_, i), y, x);
        });
    }

 private:
    Terms terms_;
};

// ---- adjoints ---------------------------------------------------------------------------------

template <LinearOperator A> auto adjoint_of(const A& a) { return Adjoint<A>{a}; }
template <LinearOperator A> A adjoint_of(const Adjoint<A>& a) { return a.inner(); }
template <Space S> Identity<S> adjoint_of(const Identity<S>& a) { return a; }
template <Space D, Space R> Zero<R, D> adjoint_of(const Zero<D, R>& a) {
    return {a.range(), a.domain()};
}
template <LinearOperator A> auto adjoint_of(const Scaled<A>& a) {
    auto inner = a.inner().H();
    return Scaled<decltype(inner)>{conjugate(a.factor()), std::move(inner)};
}
template <LinearOperator... A> auto adjoint_of(const Product<A...>& a) {
    constexpr std::size_t last = sizeof...(A) - 1;
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
        return Product<decltype(a.template factor<last - I>().H())...>{
            a.template factor<last - I>().H()...};
    }(std::index_sequence_for<A...>{});
}
template <LinearOperator... A> auto adjoint_of(const Sum<A...>& a) {
    return hana::unpack(a.terms(),
                        [](const auto&... f) { return Sum<decltype(f.H())...>{f.H()...}; });
}

// ---- multiples --------------------------------------------------------------------------------

/// a A; multiples of multiples, of zero and of adjoints stay one factor deep.
template <LinearOperator A, class S>
    requires detail::FactorOf<S, detail::FactorType<A>>
auto scale(const S& factor, const A& a) {
    const auto f = detail::to_factor<detail::FactorType<A>>(factor);
    if constexpr (detail::is_zero<A>) return a;
    else if constexpr (detail::is_scaled<A>) return A{f * a.factor(), a.inner()};
    else return Scaled<A>{f, a};
}
template <class S, LinearOperator A>
    requires detail::FactorOf<S, detail::FactorType<A>>
auto operator*(const S& factor, const A& a) {
    return scale(factor, a);
}
template <LinearOperator A, class S>
    requires detail::FactorOf<S, detail::FactorType<A>>
auto operator*(const A& a, const S& factor) {
    return scale(factor, a);
}
template <LinearOperator A> auto operator-(const A& a) { return scale(-1, a); }

// ---- products ---------------------------------------------------------------------------------

namespace detail {

template <class A, class B> void check_chain(const A& a, const B& b) {
    static_assert(std::same_as<DomainOf<A>, RangeOf<B>>,
                  "A * B: range(B) is a space of another kind than domain(A): its scalar, memory "
                  "or distribution differs");
    if (a.domain() == b.range()) return;
    throw SpaceError{factor_label(a) + " * " + factor_label(b) + ": range(" + b.label() +
                         ") is not domain(" + a.label() + ")",
                     {.expected = a.domain().describe(), .found = b.range().describe()}};
}

/// The factors or terms of a flat node; any other operator is its own only one.
template <class A> decltype(auto) factors_of(const A& a) {
    if constexpr (is_product<A>) return a.factors();
    else return hana::tuple<A>{a};
}
template <class A> decltype(auto) terms_of(const A& a) {
    if constexpr (is_sum<A>) return a.terms();
    else return hana::tuple<A>{a};
}

/// The node of the parts [0, n) of a tuple from `First` on; a single part stands for itself. Made
/// part by part, since every passing copy of a tuple of operators is paid for in compile time.
template <template <class...> class Node, std::size_t First, class Parts, std::size_t... I>
auto node_of(const Parts& parts, std::index_sequence<I...>) {
    if constexpr (sizeof...(I) == 1) return hana::at_c<First>(parts);
    else
        return Node<std::remove_cvref_t<decltype(hana::at_c<First + I>(parts))>...>{
            hana::at_c<First + I>(parts)...};
}
template <template <class...> class Node, class... L, class... R>
Node<L..., R...> joined(const hana::tuple<L...>& left, const hana::tuple<R...>& right) {
    return [&]<std::size_t... I, std::size_t... J>(std::index_sequence<I...>,
                                                   std::index_sequence<J...>) {
        return Node<L..., R...>{hana::at_c<I>(left)..., hana::at_c<J>(right)...};
    }(std::index_sequence_for<L...>{}, std::index_sequence_for<R...>{});
}

/// Two flat products side by side; where their neighbours fuse, the fused one takes their place.
template <class... L, class... R>
auto join_products(const hana::tuple<L...>& left, const hana::tuple<R...>& right) {
    constexpr std::size_t heads = sizeof...(L) - 1;
    constexpr std::size_t tails = sizeof...(R) - 1;
    using A = std::remove_cvref_t<decltype(hana::at_c<heads>(left))>;
    using B = std::remove_cvref_t<decltype(hana::at_c<0>(right))>;
    using Fused = decltype(compose(hana::at_c<heads>(left), hana::at_c<0>(right)));
    if constexpr (std::same_as<Fused, Product<A, B>>) {
        check_chain(hana::at_c<heads>(left), hana::at_c<0>(right));
        return joined<Product>(left, right);
    } else {
        auto fused = compose(hana::at_c<heads>(left), hana::at_c<0>(right));
        // All but the last factor on the left, all but the first on the right.
        constexpr auto head = std::make_index_sequence<heads>{};
        constexpr auto tail = std::make_index_sequence<tails>{};
        if constexpr (heads > 0 && tails > 0)
            return compose(compose(node_of<Product, 0>(left, head), fused),
                           node_of<Product, 1>(right, tail));
        else if constexpr (heads > 0) return compose(node_of<Product, 0>(left, head), fused);
        else if constexpr (tails > 0) return compose(fused, node_of<Product, 1>(right, tail));
        else return fused;
    }
}

}  // namespace detail

namespace detail {
/// Whether the factor of A moves out of a product with B: a complex one does not commute with an
/// operator that is linear over the reals only.
template <class A, class B> inline constexpr bool factor_moves = false;
template <class A, class B> inline constexpr bool factor_moves<Scaled<A>, B> =
    !is_complex<FactorType<A>> || !real_linear<B>;
}  // namespace detail

/// What A * B becomes. Overload it for two types of your own to fuse them into one operator.
template <LinearOperator A, LinearOperator B> auto compose(const A& a, const B& b) {
    if constexpr (detail::factor_moves<A, B>) {
        return scale(a.factor(), compose(a.inner(), b));
    } else if constexpr (detail::factor_moves<B, A>) {
        return scale(b.factor(), compose(a, b.inner()));
    } else if constexpr (detail::is_product<A> || detail::is_product<B>) {
        return detail::join_products(detail::factors_of(a), detail::factors_of(b));
    } else {
        detail::check_chain(a, b);
        if constexpr (detail::is_identity<A>) return b;
        else if constexpr (detail::is_identity<B>) return a;
        else if constexpr (detail::is_zero<A> || detail::is_zero<B>)
            return Zero<DomainOf<B>, RangeOf<A>>{b.domain(), a.range()};
        else return Product<A, B>{a, b};
    }
}
template <LinearOperator A, LinearOperator B> auto operator*(const A& a, const B& b) {
    return compose(a, b);
}

// ---- sums -------------------------------------------------------------------------------------

namespace detail {
template <class A, class B> void check_terms(const A& a, const B& b) {
    static_assert(std::same_as<DomainOf<A>, DomainOf<B>> && std::same_as<RangeOf<A>, RangeOf<B>>,
                  "A + B: the spaces of A and B are of unlike kinds");
    const bool domains = a.domain() == b.domain();
    if (domains && a.range() == b.range()) return;
    throw SpaceError{
        a.label() + " + " + b.label() + (domains ? ": the ranges differ" : ": the domains differ"),
        {.expected = domains ? a.range().describe() : a.domain().describe(),
         .found = domains ? b.range().describe() : b.domain().describe()}};
}
}  // namespace detail

template <LinearOperator A, LinearOperator B> auto operator+(const A& a, const B& b) {
    detail::check_terms(a, b);
    if constexpr (detail::is_zero<B>) return a;
    else if constexpr (detail::is_zero<A>) return b;
    else return detail::joined<Sum>(detail::terms_of(a), detail::terms_of(b));
}
template <LinearOperator A, LinearOperator B> auto operator-(const A& a, const B& b) {
    return a + scale(-1, b);
}

}  // namespace lop
