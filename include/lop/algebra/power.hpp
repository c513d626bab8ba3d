/// Powers of an operator, and an operator shifted by a multiple of the identity.
#pragma once

#include <lop/algebra/nodes.hpp>
#include <lop/core/error.hpp>

namespace lop {

/// A^n for an operator on one space and n chosen at run time; A^0 is the identity.
template <LinearOperator A>
    requires std::same_as<DomainOf<A>, RangeOf<A>>
class Power : public OperatorExpression<Power<A>> {
 public:
    using domain_type = DomainOf<A>;
    using range_type = RangeOf<A>;
    using X = DomainVector<A>;
    static constexpr bool is_real_linear = real_linear<A>;

    /// Throws ArgumentError for a negative exponent, SpaceError where domain and range differ.
    Power(A a, index_t exponent) : a_{std::move(a)}, exponent_{exponent} {
        if (exponent < 0)
            throw ArgumentError{"a power of " + a_.label(),
                                {.expected = "an exponent of 0 or more",
                                 .found = std::to_string(exponent),
                                 .remedy = "inverse(A, solver) for negative ones"}};
        if (!(a_.domain() == a_.range()))
            throw SpaceError{"a power of " + a_.label() + ": its domain and range differ",
                             {.expected = a_.domain().describe(), .found = a_.range().describe()}};
    }
    decltype(auto) domain() const { return a_.domain(); }
    decltype(auto) range() const { return a_.range(); }
    const A& inner() const { return a_; }
    index_t exponent() const { return exponent_; }
    std::string label() const {
        const bool simple = a_.label().find(' ') == std::string::npos;
        return (simple ? a_.label() : "(" + a_.label() + ")") + "^" + std::to_string(exponent_);
    }
    void forward(const X& x, X& y) const {
        repeat(x, y, [this](const X& from, X& to) { a_.forward(from, to); });
    }
    void adjoint(const X& y, X& x) const {
        repeat(y, x, [this](const X& from, X& to) { a_.adjoint(from, to); });
    }

 private:
    /// Goes to and fro between the result and one temporary, so as to end in the result.
    template <class Step> void repeat(const X& x, X& y, const Step& step) const {
        if (exponent_ == 0) {
            y = x;
            return;
        }
        auto t = domain().scratch();
        X* to = exponent_ % 2 == 1 ? &y : &*t;
        X* other = exponent_ % 2 == 1 ? &*t : &y;
        step(x, *to);
        for (index_t n = 1; n < exponent_; ++n) {
            step(*to, *other);
            std::swap(to, other);
        }
    }

    A a_;
    index_t exponent_;
};

template <LinearOperator A> Power<A> pow(const A& a, index_t exponent) { return {a, exponent}; }
/// (A^m)^n = A^(m n)
template <LinearOperator A> Power<A> pow(const Power<A>& a, index_t exponent) {
    return {a.inner(), a.exponent() * exponent};
}
template <LinearOperator A> auto adjoint_of(const Power<A>& a) {
    return pow(a.inner().H(), a.exponent());
}

/// A + s I
template <LinearOperator A, class S>
    requires detail::FactorOf<S, detail::FactorType<A>>
auto shift(const A& a, const S& s) {
    return a + scale(s, Identity<DomainOf<A>>{a.domain()});
}

}  // namespace lop
