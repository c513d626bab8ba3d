/// Nonlinear maps, their Jacobians, and scalar misfits with gradients and Gauss-Newton Hessians.
#pragma once

#include <lop/algebra/blocks.hpp>

#include <memory>
#include <tuple>

namespace lop {

/// Base of every nonlinear map, for recognition alone.
struct NonlinearBase {};

/// What a map and its derivative at one point have in common is computed once and kept here:
/// the value F(m), and the Jacobian, a linear operator between domain and range.
template <Vector Value, LinearOperator J> struct Linearization {
    Value value;
    J jacobian;
};

/// A differentiable map between two spaces:
///   f.domain(), f.range()
///   f(m)              F(m)
///   f.linearized(m)   F(m) and dF/dm at m, sharing what both need (a forward solve)
/// Copies are cheap. Authors derive from NonlinearOperator, which adds the checked door.
template <class F>
concept NonlinearMap = std::derived_from<std::remove_cvref_t<F>, NonlinearBase> &&
                       requires(const std::remove_cvref_t<F>& f, const DomainVector<F>& m) {
                           f.domain();
                           f.range();
                           { f(m) } -> std::same_as<RangeVector<F>>;
                           { f.linearized(m).value } -> std::convertible_to<RangeVector<F>>;
                           requires LinearOperator<decltype(f.linearized(m).jacobian)>;
                       };

/// The base of a map with fixed spaces. The derived class has
///     Range vector value(const Domain vector& m) const;
///     auto derivative(const Domain vector& m) const;              // a linear operator
/// and may have linearized(m), where both share work.
template <class Derived, Space Domain, Space Range = Domain>
class NonlinearOperator : public NonlinearBase {
 public:
    using domain_type = Domain;
    using range_type = Range;
    using X = typename Domain::vector_type;
    using Y = typename Range::vector_type;

    const Domain& domain() const { return domain_; }
    const Range& range() const { return range_; }
    std::string label() const { return "F"; }
    /// F(m), checked.
    Y operator()(const X& m) const {
        static_assert(
            requires(const Derived& f) {
                { f.value(m) } -> std::convertible_to<Y>;
            }, "a nonlinear map has value(m), which returns F(m), a vector of its range");
        check(m);
        return self().value(m);
    }
    auto linearized(const X& m) const {
        static_assert(
            requires(const Derived& f) {
                { f.derivative(m) } -> LinearOperator;
            }, "a nonlinear map has derivative(m), which returns dF/dm at m, a linear operator");
        check(m);
        return Linearization{self().value(m), self().derivative(m)};
    }

 protected:
    NonlinearOperator(Domain domain, Range range)
        : domain_{std::move(domain)}, range_{std::move(range)} {}
    void check(const X& m) const {
        if (domain_.contains(m)) return;
        const std::string name = self().label();
        throw SpaceError{name + "(m): m is not in domain(" + name + ")",
                         {.expected = domain_.describe(), .found = m.describe()}};
    }

 private:
    const Derived& self() const { return static_cast<const Derived&>(*this); }
    Domain domain_;
    Range range_;
};

/// dF/dm at m, a linear operator.
template <NonlinearMap F> auto jacobian(const F& f, const DomainVector<F>& m) {
    return f.linearized(m).jacobian;
}

/// A linear operator as a nonlinear map: its own derivative everywhere.
template <LinearOperator A> class Linear : public NonlinearBase {
 public:
    using domain_type = DomainOf<A>;
    using range_type = RangeOf<A>;
    explicit Linear(A a) : a_{std::move(a)} {}
    decltype(auto) domain() const { return a_.domain(); }
    decltype(auto) range() const { return a_.range(); }
    std::string label() const { return a_.label(); }
    RangeVector<A> operator()(const DomainVector<A>& m) const { return a_ * m; }
    Linearization<RangeVector<A>, A> linearized(const DomainVector<A>& m) const {
        return {a_ * m, a_};
    }

 private:
    A a_;
};

/// An operator or a map, as a map.
template <LinearOperator A> Linear<A> as_map(const A& a) { return Linear<A>{a}; }
template <NonlinearMap F> F as_map(const F& f) { return f; }
template <class F>
concept MapLike = LinearOperator<F> || NonlinearMap<F>;

/// m -> F(G(m)); the derivative follows the chain rule, with G(m) computed once.
template <NonlinearMap F, NonlinearMap G> class Composition : public NonlinearBase {
 public:
    using domain_type = DomainOf<G>;
    using range_type = RangeOf<F>;
    static_assert(std::same_as<DomainOf<F>, RangeOf<G>>,
                  "F(G(m)): range(G) is a space of another kind than domain(F)");

    Composition(F f, G g) : f_{std::move(f)}, g_{std::move(g)} {
        if (f_.domain() == g_.range()) return;
        throw SpaceError{f_.label() + "(" + g_.label() + "(m)): range(" + g_.label() +
                             ") is not domain(" + f_.label() + ")",
                         {.expected = f_.domain().describe(), .found = g_.range().describe()}};
    }
    decltype(auto) domain() const { return g_.domain(); }
    decltype(auto) range() const { return f_.range(); }
    std::string label() const { return f_.label() + " o " + g_.label(); }
    RangeVector<F> operator()(const DomainVector<G>& m) const { return f_(g_(m)); }
    auto linearized(const DomainVector<G>& m) const {
        auto inner = g_.linearized(m);
        auto outer = f_.linearized(inner.value);
        return Linearization{std::move(outer.value), outer.jacobian * inner.jacobian};
    }

 private:
    F f_;
    G g_;
};

/// F o G; one of the two may be a linear operator.
template <MapLike F, MapLike G>
    requires(NonlinearMap<F> || NonlinearMap<G>)
auto after(const F& f, const G& g) {
    return Composition{as_map(f), as_map(g)};
}
template <MapLike F, MapLike G>
    requires(NonlinearMap<F> || NonlinearMap<G>)
auto operator*(const F& f, const G& g) {
    return after(f, g);
}

/// m -> F(m) + G(m), and with a sign F(m) - G(m).
template <NonlinearMap F, NonlinearMap G> class MapSum : public NonlinearBase {
 public:
    using domain_type = DomainOf<F>;
    using range_type = RangeOf<F>;
    MapSum(F f, G g, int sign) : f_{std::move(f)}, g_{std::move(g)}, sign_{sign} {
        detail::check_equal("F + G: the domains differ", f_.domain(), g_.domain());
        detail::check_equal("F + G: the ranges differ", f_.range(), g_.range());
    }
    decltype(auto) domain() const { return f_.domain(); }
    decltype(auto) range() const { return f_.range(); }
    std::string label() const { return f_.label() + (sign_ > 0 ? " + " : " - ") + g_.label(); }
    RangeVector<F> operator()(const DomainVector<F>& m) const {
        auto y = f_(m);
        y += sign_ * g_(m);
        return y;
    }
    auto linearized(const DomainVector<F>& m) const {
        auto left = f_.linearized(m);
        auto right = g_.linearized(m);
        left.value += sign_ * right.value;
        return Linearization{std::move(left.value), left.jacobian + sign_ * right.jacobian};
    }

 private:
    F f_;
    G g_;
    int sign_;
};

template <MapLike F, MapLike G>
    requires(NonlinearMap<F> || NonlinearMap<G>)
auto operator+(const F& f, const G& g) {
    return MapSum{as_map(f), as_map(g), 1};
}
template <MapLike F, MapLike G>
    requires(NonlinearMap<F> || NonlinearMap<G>)
auto operator-(const F& f, const G& g) {
    return MapSum{as_map(f), as_map(g), -1};
}

/// m -> [F1(m); F2(m); ...].
template <NonlinearMap... F> class MapStack : public NonlinearBase {
 public:
    using domain_type = DomainOf<detail::FirstOf<F...>>;
    using range_type = StackedSpace<RangeOf<F>...>;
    using X = typename domain_type::vector_type;
    using Y = typename range_type::vector_type;

    explicit MapStack(F... maps) : maps_{maps...}, range_{maps.range()...} {
        detail::check_equal("vstack(...): the domains of the maps differ", maps.domain()...);
    }
    decltype(auto) domain() const { return hana::at_c<0>(maps_).domain(); }
    const range_type& range() const { return range_; }
    std::string label() const {
        return "vstack(" + detail::join(maps_, ", ", [](const auto& f) { return f.label(); }) + ")";
    }
    Y operator()(const X& m) const {
        return hana::unpack(maps_, [&](const auto&... f) { return Y{f(m)...}; });
    }
    auto linearized(const X& m) const {
        return hana::unpack(maps_, [&](const auto&... f) { return joined(f.linearized(m)...); });
    }

 private:
    template <class... L> static auto joined(L... parts) {
        auto jacobians = vstack(parts.jacobian...);
        return Linearization{Y{std::move(parts.value)...}, std::move(jacobians)};
    }

    hana::tuple<F...> maps_;
    range_type range_;
};

template <MapLike... F>
    requires(NonlinearMap<F> || ...)
auto vstack(const F&... f) {
    return MapStack{as_map(f)...};
}

}  // namespace lop
