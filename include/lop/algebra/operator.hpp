/// The contract of a linear operator, the base that its authors derive from, and its application.
#pragma once

#include <lop/algebra/space.hpp>

#include <concepts>
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

namespace lop {

/// Base of every operator, for recognition alone.
struct OperatorBase {};

template <class A> using DomainOf = typename std::remove_cvref_t<A>::domain_type;
template <class A> using RangeOf = typename std::remove_cvref_t<A>::range_type;
template <class A> using DomainVector = typename DomainOf<A>::vector_type;
template <class A> using RangeVector = typename RangeOf<A>::vector_type;
/// How many elements forward_rows is asked for at most: they stay in the first-level cache.
inline constexpr index_t longest_rows = detail::reduce_run;

/// The scalars of an operator's range.
template <class A> using ScalarOf = typename RangeOf<A>::value_type;

/// A linear map between two spaces with an exact adjoint:
///   a.forward(x, y)   y = A x     (y is overwritten, whatever it held)
///   a.adjoint(y, x)   x = A' y    (the conjugate transpose of the very same discrete map)
/// Copies are cheap and share what is large; const members may run in several threads at once.
///
/// Optional members, each worth a pass over memory to the solvers:
///   a.forward_add(x, y), a.adjoint_add(y, x)   y += A x, x += A' y
///   a.forward_rows(x, begin, end, y)   writes (A x)_i to y[i - begin], begin <= i < end, with the bits
///   a.adjoint_rows(y, begin, end, x)   of forward and adjoint: at most longest_rows elements of a flat
///                                      host vector, counted locally; called from several threads, it
///                                      starts none and waits for no other rank.
template <class A>
concept LinearOperator = std::derived_from<std::remove_cvref_t<A>, OperatorBase> &&
                         requires(const std::remove_cvref_t<A>& a, const DomainVector<A>& x,
                                  RangeVector<A>& y, const RangeVector<A>& v, DomainVector<A>& u) {
                             a.domain();
                             a.range();
                             a.forward(x, y);
                             a.adjoint(v, u);
                         };

/// Whether A is linear over the real numbers only, because it maps between real and complex vectors
/// or takes conjugates; its adjoint is then meant in the inner product Re <x, y>. An operator whose
/// scalars do not tell declares `static constexpr bool is_real_linear = true`.
template <class A> inline constexpr bool real_linear = [] {
    if constexpr (requires { A::is_real_linear; }) return bool{A::is_real_linear};
    else
        return is_complex<typename DomainOf<A>::value_type> !=
               is_complex<typename RangeOf<A>::value_type>;
}();

/// What every operator, leaf or expression, has in common.
template <class Derived> class OperatorExpression : public OperatorBase {
 public:
    /// The adjoint as a value; computes nothing. A.H().H() is A.
    auto H() const { return adjoint_of(self()); }
    /// The name in errors and in expressions; operators may hide it with their own.
    std::string label() const { return "A"; }
    /// "A: model[300 x 150] of float32 on host -> data[...]"
    std::string describe() const {
        return self().label() + ": " + self().domain().describe() + " -> " +
               self().range().describe();
    }

 protected:
    const Derived& self() const { return static_cast<const Derived&>(*this); }
};

/// The base of an operator with fixed spaces:
///
///     class CausalIntegration : public lop::Operator<CausalIntegration, lop::ArraySpace<double>> {
///      public:
///         void forward(const lop::Array<double>& x, lop::Array<double>& y) const;
///         void adjoint(const lop::Array<double>& y, lop::Array<double>& x) const;
///     };
template <class Derived, class Domain, class Range = Domain>
class Operator : public OperatorExpression<Derived> {
 public:
    using domain_type = Domain;
    using range_type = Range;

    const Domain& domain() const { return domain_; }
    const Range& range() const { return range_; }

 protected:
    Operator(Domain domain, Range range) : domain_{std::move(domain)}, range_{std::move(range)} {}
    explicit Operator(Domain both)
        requires std::same_as<Domain, Range>
        : domain_{both}, range_{std::move(both)} {}

 private:
    Domain domain_;
    Range range_;
};

namespace detail {

template <class A, class X> void check_domain(const A& a, const X& x, const char* suffix = "") {
    if (a.domain().contains(x)) return;
    const std::string name = a.label() + suffix;
    throw SpaceError{name + " * x: x is not in domain(" + name + ")",
                     {.expected = a.domain().describe(), .found = x.describe()}};
}

template <class A, class Y> void check_range(const A& a, const Y& y) {
    if (a.range().contains(y)) return;
    const std::string name = a.label();
    throw SpaceError{"y = " + name + " * x: y is not in range(" + name + ")",
                     {.expected = a.range().describe(), .found = y.describe()}};
}

/// A body may write y before it has read x.
template <class A, class X, class Y> void refuse_same(const A& a, const X& x, const Y& y) {
    if constexpr (std::same_as<X, Y>) {
        if (&x != &y) return;
        const std::string name = a.label();
        throw SpaceError{name + ": x and y are one vector",
                         {.expected = "a vector of its own for the result",
                          .remedy = "x = " + name + " * x, which makes one"}};
    }
}

template <class A>
concept HasForwardAdd =
    requires(const A& a, const DomainVector<A>& x, RangeVector<A>& y) { a.forward_add(x, y); };

/// y += A x, unchecked; through a temporary of range(A) where A has no body of its own for it.
template <class A> void forward_add(const A& a, const DomainVector<A>& x, RangeVector<A>& y) {
    if constexpr (HasForwardAdd<A>) {
        a.forward_add(x, y);
    } else {
        auto t = a.range().scratch();
        a.forward(x, *t);
        y += *t;
    }
}

template <class A>
concept HasAdjointAdd =
    requires(const A& a, const RangeVector<A>& y, DomainVector<A>& x) { a.adjoint_add(y, x); };

/// x += A' y, unchecked; through a temporary of domain(A) where A has no body of its own for it.
template <class A> void adjoint_add(const A& a, const RangeVector<A>& y, DomainVector<A>& x) {
    if constexpr (HasAdjointAdd<A>) {
        a.adjoint_add(y, x);
    } else {
        auto t = a.domain().scratch();
        a.adjoint(y, *t);
        x += *t;
    }
}

/// y = some rows of A x, where A has a body of its own for them.
template <class A>
concept HasForwardRows =
    HostVector<RangeVector<A>> && requires(const A& a, const DomainVector<A>& x, ScalarOf<A>* y) {
        a.forward_rows(x, index_t{}, index_t{}, y);
    };
template <class A>
concept HasAdjointRows =
    HostVector<DomainVector<A>> &&
    requires(const A& a, const RangeVector<A>& y, typename DomainOf<A>::value_type* x) {
        a.adjoint_rows(y, index_t{}, index_t{}, x);
    };

/// Room for rows, left as it comes: complex numbers would be set to zero first.
template <Scalar T> class RowBuffer {
 public:
    T* data() { return reinterpret_cast<T*>(bytes_); }

 private:
    alignas(64) std::byte bytes_[sizeof(T) * longest_rows];
};

template <class A, class X>
concept Meets = std::same_as<typename std::remove_cvref_t<X>::vector_type, DomainVector<A>>;

}  // namespace detail

/// y = A x, checked.
template <LinearOperator A> void apply(const A& a, const DomainVector<A>& x, RangeVector<A>& y) {
    detail::check_domain(a, x);
    detail::check_range(a, y);
    detail::refuse_same(a, x, y);
    a.forward(x, y);
}

/// y += A x, checked.
template <LinearOperator A> void apply_add(const A& a, const DomainVector<A>& x,
                                           RangeVector<A>& y) {
    detail::check_domain(a, x);
    detail::check_range(a, y);
    detail::refuse_same(a, x, y);
    detail::forward_add(a, x, y);
}

/// A x, computed once, now. An expression in place of x is computed first.
template <LinearOperator A, VectorLike X> RangeVector<A> operator*(const A& a, const X& x) {
    static_assert(detail::Meets<A, X>,
                  "x is a vector of another kind than domain(A): its scalar, memory or "
                  "distribution differs");
    const auto& vector = evaluate(x);
    detail::check_domain(a, vector);
    auto y = a.range().uninitialized();
    a.forward(vector, y);
    return y;
}

}  // namespace lop
