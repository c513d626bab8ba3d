/// Operators whose type is chosen at run time, made of two functions, or solved for.
#pragma once

#include <lop/algebra/nodes.hpp>

#include <memory>

namespace lop {

/// Any operator between two spaces behind one type: for lists, and for choices made by a job.
template <Space Domain, Space Range = Domain>
class AnyOperator : public OperatorExpression<AnyOperator<Domain, Range>> {
 public:
    using domain_type = Domain;
    using range_type = Range;
    using X = typename Domain::vector_type;
    using Y = typename Range::vector_type;

    template <LinearOperator A>
        requires(!std::same_as<A, AnyOperator> && std::same_as<DomainOf<A>, Domain> &&
                 std::same_as<RangeOf<A>, Range>)
    AnyOperator(const A& a) : held_{std::make_shared<const Held<A>>(a)} {
        static_assert(real_linear<A> == real_linear<AnyOperator>,
                      "AnyOperator of A: A is linear over the reals only, and its spaces do not "
                      "tell: AnyOperator would take it for linear");
    }
    template <LinearOperator A>
        requires(!std::same_as<DomainOf<A>, Domain> || !std::same_as<RangeOf<A>, Range>)
    AnyOperator(const A&) {
        static_assert(detail::allowed<A>,
                      "AnyOperator<Domain, Range> of A: the spaces of A are of another kind, in "
                      "scalar, memory or distribution");
    }

    const Domain& domain() const { return held_->domain(); }
    const Range& range() const { return held_->range(); }
    std::string label() const { return held_->label(); }
    void forward(const X& x, Y& y) const { held_->forward(x, y); }
    void adjoint(const Y& y, X& x) const { held_->adjoint(y, x); }

 private:
    struct Interface {
        virtual ~Interface() = default;
        virtual const Domain& domain() const = 0;
        virtual const Range& range() const = 0;
        virtual std::string label() const = 0;
        virtual void forward(const X& x, Y& y) const = 0;
        virtual void adjoint(const Y& y, X& x) const = 0;
    };
    template <class A> struct Held final : Interface {
        explicit Held(const A& a) : operator_{a} {}
        const Domain& domain() const override { return operator_.domain(); }
        const Range& range() const override { return operator_.range(); }
        std::string label() const override { return operator_.label(); }
        void forward(const X& x, Y& y) const override { operator_.forward(x, y); }
        void adjoint(const Y& y, X& x) const override { operator_.adjoint(y, x); }
        A operator_;
    };

    std::shared_ptr<const Interface> held_;
};

template <LinearOperator A> AnyOperator(const A&) -> AnyOperator<DomainOf<A>, RangeOf<A>>;

/// An operator from two functions: forward(x, y) writes y = A x, adjoint(y, x) writes x = A' y.
template <Space Domain, Space Range, class Forward, class Backward>
class FunctionOperator
    : public Operator<FunctionOperator<Domain, Range, Forward, Backward>, Domain, Range> {
 public:
    using X = typename Domain::vector_type;
    using Y = typename Range::vector_type;
    static_assert(std::invocable<const Forward&, const X&, Y&>,
                  "make_operator: forward(x, y) takes x of the domain and writes y of the range");
    static_assert(std::invocable<const Backward&, const Y&, X&>,
                  "make_operator: adjoint(y, x) takes y of the range and writes x of the domain");
    FunctionOperator(Domain domain, Range range, Forward forward, Backward backward,
                     std::string label)
        : Operator<FunctionOperator, Domain, Range>{std::move(domain), std::move(range)},
          forward_{std::move(forward)},
          backward_{std::move(backward)},
          label_{std::move(label)} {}
    std::string label() const { return label_; }
    void forward(const X& x, Y& y) const { forward_(x, y); }
    void adjoint(const Y& y, X& x) const { backward_(y, x); }

 private:
    Forward forward_;
    Backward backward_;
    std::string label_;
};

template <Space Domain, Space Range, class Forward, class Backward>
auto make_operator(Domain domain, Range range, Forward forward, Backward adjoint,
                   std::string label = "A") {
    return FunctionOperator<Domain, Range, Forward, Backward>{std::move(domain), std::move(range),
                                                              std::move(forward),
                                                              std::move(adjoint), std::move(label)};
}

/// A^-1 by an iterative solver: solver(A, b) returns x with A x = b. The adjoint solves with A'.
/// The pair is adjoint, and the map linear, to the accuracy to which the solver converges.
template <LinearOperator A, class Solver>
class Inverse : public OperatorExpression<Inverse<A, Solver>> {
 public:
    using domain_type = RangeOf<A>;
    using range_type = DomainOf<A>;
    static constexpr bool is_real_linear = real_linear<A>;
    static_assert(
        std::is_invocable_r_v<DomainVector<A>, const Solver&, const A&, const RangeVector<A>&>,
        "inverse(A, solver): solver(A, b) returns the vector x with A x = b, as in "
        "[](const auto& a, const auto& b) { return lsqr(a, b).x; }");
    Inverse(A a, Solver solver) : a_{std::move(a)}, solver_{std::move(solver)} {}
    decltype(auto) domain() const { return a_.range(); }
    decltype(auto) range() const { return a_.domain(); }
    std::string label() const { return "inverse(" + a_.label() + ")"; }
    void forward(const RangeVector<A>& b, DomainVector<A>& x) const { x = solver_(a_, b); }
    void adjoint(const DomainVector<A>& b, RangeVector<A>& x) const { x = solver_(a_.H(), b); }

 private:
    A a_;
    Solver solver_;
};

template <LinearOperator A, class Solver> auto inverse(const A& a, Solver solver) {
    return Inverse<A, Solver>{a, std::move(solver)};
}

}  // namespace lop
