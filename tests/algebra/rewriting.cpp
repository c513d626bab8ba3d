/// Tests of the rules by which expressions of operators are rewritten while compiling.
#include "zoo.hpp"
#include <lop/algebra/algebra.hpp>

#include <complex>
#include <doctest/doctest.h>

using namespace lop;

namespace {

using Space1 = ArraySpace<double>;
using A = zoo::Dense<double, 1>;
using B = zoo::Dense<double, 2>;
using C = zoo::Dense<double, 3>;
using D = zoo::Dense<double, 4>;
using I = Identity<Space1>;
using O = Zero<Space1>;

template <class L, class R> using Times = decltype(std::declval<L>() * std::declval<R>());
template <class L, class R> using Plus = decltype(std::declval<L>() + std::declval<R>());
template <class L, class R> using Minus = decltype(std::declval<L>() - std::declval<R>());
template <class X> using H = decltype(std::declval<X>().H());
template <class X> using Twice = decltype(2 * std::declval<X>());
template <class X, class Y> inline constexpr bool is = std::same_as<X, Y>;

// Adjoints.
static_assert(is<H<A>, Adjoint<A>>);
static_assert(is<H<H<A>>, A>);
static_assert(is<H<I>, I>);
static_assert(is<H<Zero<Space1, Space1>>, O>);
static_assert(is<H<Times<A, B>>, Product<Adjoint<B>, Adjoint<A>>>);
static_assert(is<H<H<Times<A, B>>>, Product<A, B>>);
static_assert(is<H<Times<A, Adjoint<B>>>, Product<B, Adjoint<A>>>);
static_assert(is<H<Plus<A, B>>, Sum<Adjoint<A>, Adjoint<B>>>);
static_assert(is<H<Twice<A>>, Scaled<Adjoint<A>>>);
static_assert(is<H<H<Twice<A>>>, Scaled<A>>);

// Identities and zeros vanish.
static_assert(is<Times<A, I>, A>);
static_assert(is<Times<I, A>, A>);
static_assert(is<Times<I, I>, I>);
static_assert(is<Times<A, O>, O>);
static_assert(is<Times<O, A>, O>);
static_assert(is<Times<I, O>, O>);
static_assert(is<Plus<A, O>, A>);
static_assert(is<Plus<O, A>, A>);
static_assert(is<Plus<O, O>, O>);
static_assert(is<Minus<A, O>, A>);
static_assert(is<Times<Times<A, B>, I>, Product<A, B>>);
static_assert(is<Times<I, Times<A, B>>, Product<A, B>>);
static_assert(is<Times<Times<A, B>, O>, O>);
static_assert(is<Times<O, Times<A, B>>, O>);
static_assert(is<Times<Times<A, B>, Times<O, C>>, O>);

// Numbers move out and meet.
static_assert(is<Twice<A>, Scaled<A>>);
static_assert(is<Twice<Twice<A>>, Scaled<A>>);
static_assert(is<Twice<O>, O>);
static_assert(is<Times<Twice<A>, B>, Scaled<Product<A, B>>>);
static_assert(is<Times<A, Twice<B>>, Scaled<Product<A, B>>>);
static_assert(is<Times<Times<A, Twice<B>>, Twice<C>>, Scaled<Product<A, B, C>>>);
static_assert(is<Times<Twice<I>, A>, Scaled<A>>);
static_assert(is<Times<Twice<A>, O>, O>);
static_assert(is<Minus<A, B>, Sum<A, Scaled<B>>>);
static_assert(is<decltype(-std::declval<A>()), Scaled<A>>);

// Products and sums are flat.
static_assert(is<Times<Times<A, B>, C>, Product<A, B, C>>);
static_assert(is<Times<A, Times<B, C>>, Product<A, B, C>>);
static_assert(is<Times<Times<A, B>, Times<C, D>>, Product<A, B, C, D>>);
static_assert(is<Plus<Plus<A, B>, C>, Sum<A, B, C>>);
static_assert(is<Plus<A, Plus<B, C>>, Sum<A, B, C>>);
static_assert(is<Plus<Plus<A, B>, Plus<C, D>>, Sum<A, B, C, D>>);
static_assert(is<Times<Plus<A, B>, C>, Product<Sum<A, B>, C>>);

// Stacks.
static_assert(
    is<decltype(vstack(std::declval<A>(), std::declval<B>()).H()), HStack<Adjoint<A>, Adjoint<B>>>);
static_assert(
    is<decltype(hstack(std::declval<A>(), std::declval<I>()).H()), VStack<Adjoint<A>, I>>);
static_assert(is<decltype(block_diagonal(std::declval<A>(), std::declval<B>()).H()),
                 BlockDiagonal<Adjoint<A>, Adjoint<B>>>);
static_assert(is<decltype(vstack(std::declval<A>(), std::declval<B>()).H().H()), VStack<A, B>>);
static_assert(is<H<AnyOperator<Space1>>, Adjoint<AnyOperator<Space1>>>);

static_assert(LinearOperator<A> && LinearOperator<Product<A, B>> && LinearOperator<H<Plus<A, B>>>);
static_assert(!LinearOperator<double> && !LinearOperator<Array<double>>);

}  // namespace

TEST_CASE("rewriting keeps the values: factors multiply, conjugates are taken once") {
    using Z = std::complex<double>;
    const ArraySpace<Z> x{"x", {3}};
    const auto a = zoo::random_dense<Z>(x, x, 1);
    const auto product = (Z{0, 2} * a) * (Z{0, 3} * a.H());
    CHECK(product.factor() == Z{-6, 0});
    CHECK((Z{1, 2} * a).H().factor() == Z{1, -2});
    CHECK((Z{1, 2} * a).H().H().factor() == Z{1, 2});
    const auto v = x.random(2);
    CHECK(norm(product * v - Z{-6, 0} * (a * (a.H() * v))) < 1e-13);
}

TEST_CASE("labels read like the mathematics") {
    const Space1 x{"x", {3}};
    const auto a = zoo::random_dense<double, 1>(x, x, 1, "A");
    const auto b = zoo::random_dense<double, 2>(x, x, 2, "B");
    CHECK((a * b).label() == "A * B");
    CHECK((a * b).H().label() == "B.H() * A.H()");
    CHECK(((a + b) * a).label() == "(A + B) * A");
    CHECK((2 * (a * b)).label() == "2 * A * B");
    CHECK(vstack(a, a + b).label() == "vstack(A, A + B)");
    CHECK(block_diagonal(a, Identity{x}).label() == "block_diagonal(A, I)");
    CHECK((a * b).describe() == "A * B: x[3] of float64 on host -> x[3] of float64 on host");
}

// ---- composition by others ----------------------------------------------------------------------

namespace workshop {

/// Scales by a number known to its type's owner alone; Fast and Slow ones fuse.
template <int Kind> class Part : public Operator<Part<Kind>, ArraySpace<double>> {
 public:
    Part(ArraySpace<double> space, double by)
        : Operator<Part<Kind>, ArraySpace<double>>{std::move(space)}, by_{by} {}
    std::string label() const { return "P" + std::to_string(Kind); }
    double by() const { return by_; }
    void forward(const Array<double>& x, Array<double>& y) const { y = by_ * x; }
    void adjoint(const Array<double>& y, Array<double>& x) const { x = by_ * y; }

 private:
    double by_;
};

using Inject = Part<1>;
using Propagate = Part<2>;
using Record = Part<3>;
using Half = Part<4>;   // Record * Propagate
using Whole = Part<5>;  // Record * Propagate * Inject
Half compose(const Record& a, const Propagate& b) { return {b.domain(), a.by() * b.by()}; }
Whole compose(const Half& a, const Inject& b) { return {b.domain(), a.by() * b.by()}; }

}  // namespace workshop

TEST_CASE("a module's compose wins over the general one") {
    using namespace workshop;
    const ArraySpace<double> x{"x", {2}};
    const Inject in{x, 2};
    const Propagate wave{x, 3};
    const Record out{x, 5};
    static_assert(is<decltype(out * wave), Half>);
    static_assert(is<decltype(wave * out), Product<Propagate, Record>>);
    static_assert(is<decltype(out * wave * in), Whole>);
    CHECK((out * wave * in).by() == 30);
}

TEST_CASE("neighbours in longer products are offered to it as well") {
    using namespace workshop;
    const ArraySpace<double> x{"x", {2}};
    const Inject in{x, 2};
    const Propagate wave{x, 3};
    const Record out{x, 5};
    const zoo::Dense<double, 1> a = zoo::random_dense<double, 1>(x, x, 1);
    static_assert(is<decltype(a * out * wave), Product<A, Half>>);
    static_assert(is<decltype((a * out) * (wave * a)), Product<A, Half, A>>);
    static_assert(is<decltype(out * (wave * a)), Product<Half, A>>);
    static_assert(is<decltype((a * out) * (wave * in)), Product<A, Whole>>);
    static_assert(is<decltype(out * (wave * in)), Whole>);
    static_assert(is<decltype((2 * out) * (3 * wave)), Scaled<Half>>);
    static_assert(is<decltype(out * Identity{x} * wave), Half>);
    CHECK(((2 * out) * (3 * wave)).factor() == 6);
    const auto v = x.random(1);
    const Array<double> expected = 30 * (a * v);
    CHECK(norm((a * out) * (wave * in) * v - expected) < 1e-15 * norm(expected));
}
