/// Conjugates, transposes, powers, shifts, normal operators and merged diagonals.
#include "zoo.hpp"
#include <lop/testing/doctest.hpp>

#include <complex>

using namespace lop;
using lop::testing::check_laws;

namespace {

using Z = std::complex<double>;
using A = zoo::Dense<Z, 1>;
using B = zoo::Dense<Z, 2>;
using R = zoo::Dense<double, 1>;
using D = Diagonal<ArraySpace<Z>>;
using DR = Diagonal<ArraySpace<double>>;
template <class X, class Y> inline constexpr bool is = std::same_as<X, Y>;
template <class X> using H = decltype(std::declval<X>().H());
template <class X> using Conj = decltype(conj(std::declval<X>()));
template <class X> using Transposed = decltype(transpose(std::declval<X>()));
template <class L, class Q> using Times = decltype(std::declval<L>() * std::declval<Q>());

static_assert(is<Conj<A>, Conjugated<A>>);
static_assert(is<Conj<Conj<A>>, A>);
static_assert(is<Conj<R>, R>);
static_assert(is<H<Conj<A>>, Conjugated<Adjoint<A>>>);
static_assert(is<Conj<H<A>>, Conjugated<Adjoint<A>>>);
static_assert(is<Transposed<A>, Conjugated<Adjoint<A>>>);
static_assert(is<Transposed<Transposed<A>>, A>);
static_assert(is<Transposed<R>, Adjoint<R>>);
static_assert(is<Conj<Times<A, B>>, Product<Conjugated<A>, Conjugated<B>>>);
static_assert(is<Transposed<Times<A, B>>, Product<Transposed<B>, Transposed<A>>>);
static_assert(is<Conj<Identity<ArraySpace<Z>>>, Identity<ArraySpace<Z>>>);
static_assert(is<decltype(real(std::declval<R>())), R>);
static_assert(is<decltype(imag(std::declval<R>())), Zero<ArraySpace<double>>>);

static_assert(is<decltype(pow(pow(std::declval<R>(), 2), 3)), Power<R>>);
static_assert(is<H<Power<R>>, Power<Adjoint<R>>>);
static_assert(is<H<H<Power<R>>>, Power<R>>);

static_assert(is<Times<H<R>, R>, Normal<R>>);
static_assert(is<H<Normal<R>>, Normal<R>>);
static_assert(is<Times<Times<B, H<A>>, Times<A, B>>, Product<B, Normal<A>, B>>);
static_assert(is<Times<R, H<R>>, Product<R, Adjoint<R>>>);

static_assert(is<Times<D, D>, D>);
static_assert(is<Times<Times<A, D>, Times<D, B>>, Product<A, D, B>>);
static_assert(is<H<D>, D> && is<H<DR>, DR> && is<Conj<D>, D> && is<Conj<DR>, DR>);

double gap(const Array<Z>& a, const Array<Z>& b) { return norm(a - b); }

const ArraySpace<Z> space{"x", {4}};
const ArraySpace<Z> longer{"y", {6}};

}  // namespace

TEST_CASE("the matrices of conj, transpose, real and imag are those of the letters") {
    const auto a = zoo::random_dense<Z, 1>(space, longer, 1);
    const auto entry = [&](index_t i, index_t j) { return a.matrix()[i * 4 + j]; };
    const auto conjugated = to_dense(conj(a));
    const auto transposed = to_dense(transpose(a));
    const auto re = to_dense(real(a));
    const auto im = to_dense(imag(a));
    CHECK(transposed.shape() == Shape{4, 6});
    for (index_t i = 0; i < 6; ++i)
        for (index_t j = 0; j < 4; ++j) {
            CHECK(conjugated(i, j) == std::conj(entry(i, j)));
            CHECK(transposed(j, i) == entry(i, j));
            CHECK(std::abs(re(i, j) - entry(i, j).real()) < 1e-15);
            CHECK(std::abs(im(i, j) - entry(i, j).imag()) < 1e-15);
        }
}

TEST_CASE("conjugates, transposes, powers and normal operators obey the laws") {
    const auto a = zoo::random_dense<Z, 1>(space, longer, 1);
    const auto s = zoo::random_dense<Z, 2>(space, space, 2);
    check_laws(conj(a));
    check_laws(transpose(a));
    check_laws(real(a) + Z{0, 1} * imag(a));
    check_laws(conj(vstack(a, s)));
    check_laws(normal(a));
    check_laws(s * a.H() * (a * s));
    for (const index_t n : {0, 1, 2, 5}) check_laws(pow(s, n));
    check_laws(shift(s, Z{1, 2}));
}

TEST_CASE("a power is as many applications, and its powers multiply") {
    const ArraySpace<double> x{"x", {5}};
    const auto a = zoo::random_dense<double>(x, x, 3, "A");
    const auto v = x.random(4);
    CHECK(norm(pow(a, 3) * v - a * (a * (a * v))) == 0);
    CHECK(norm(pow(a, 0) * v - v) == 0);
    CHECK(pow(pow(a, 2), 3).exponent() == 6);
    CHECK(pow(a, 2).label() == "A^2");
    CHECK(pow(a + a, 2).label() == "(A + A)^2");
    CHECK(zoo::message_of([&] { pow(a, -1); }) ==
          "a power of A\n    expected an exponent of 0 or more\n    found    -1\n"
          "    try      inverse(A, solver) for negative ones");
    const auto tall = zoo::random_dense<double>(x, {"y", {7}}, 3, "A");
    CHECK_THROWS_AS(pow(tall, 2), SpaceError);
}

TEST_CASE("B.H() * A of one type keeps its two operators apart") {
    const auto a = zoo::random_dense<Z, 1>(space, longer, 1);
    const auto b = zoo::random_dense<Z, 1>(space, longer, 2);
    const auto v = space.random(3);
    CHECK(gap((b.H() * a) * v, b.H() * (a * v)) == 0);
    check_laws(b.H() * a);
    CHECK((b.H() * a).label() == "A.H() * A");
}

TEST_CASE("products of diagonals are one diagonal") {
    const D d{space.random(1), "D"};
    const D e{space.random(2), "E"};
    const auto v = space.random(3);
    CHECK(gap((d * e) * v, d * (e * v)) < 1e-15);
    CHECK((d * e).label() == "D E");
    check_laws(d * e);
    check_laws(conj(d).H());
    check_laws(DR{ArraySpace<double>{"x", {3}}.random(1)});
    CHECK_THROWS_AS((d * D{longer.random(1)}), SpaceError);
}

namespace {

/// y = (1 + 2 i) x for real x: linear over the reals, with the adjoint in Re <x, y>.
class Lift : public Operator<Lift, ArraySpace<double>, ArraySpace<Z>> {
 public:
    Lift() : Operator{{"x", {4}}, {"x", {4}}} {}
    void forward(const Array<double>& x, Array<Z>& y) const {
        for (index_t i = 0; i < 4; ++i) y[i] = Z{1, 2} * x[i];
    }
    void adjoint(const Array<Z>& y, Array<double>& x) const {
        for (index_t i = 0; i < 4; ++i) x[i] = (Z{1, -2} * y[i]).real();
    }
};

}  // namespace

TEST_CASE("operators from real to complex vectors are adjoint in the real inner product") {
    const Lift L;
    const auto s = zoo::random_dense<Z, 2>(space, space, 2);
    static_assert(real_linear<Lift> && real_linear<decltype(s * L)> && !real_linear<decltype(s)>);
    CHECK(dot_test(L));
    CHECK(dot_test((2 * L).H()));
    // A complex factor stays where it is: it does not commute with taking real parts.
    const auto A = (Z{0, 1} * s) * L;
    CHECK(dot_test(A));
    CHECK(dot_test(3 * A));
    CHECK(norm(A.H() * space.random(5) - L.H() * ((Z{0, 1} * s).H() * space.random(5))) < 1e-13);
    CHECK_FALSE(dot_test(make_operator(
        L.domain(), L.range(), [L](const auto& x, auto& y) { L.forward(x, y); },
        [](const Array<Z>& y, Array<double>& x) {
            for (index_t i = 0; i < 4; ++i) x[i] = y[i].real();
        })));
}

TEST_CASE("a result in the place of the argument is refused") {
    const ArraySpace<double> x{"x", {4}};
    const auto a = zoo::random_dense<double>(x, x, 1, "A");
    auto v = x.random(1);
    CHECK(zoo::message_of([&] { apply(a, v, v); }) ==
          "A: x and y are one vector\n    expected a vector of its own for the result\n"
          "    try      x = A * x, which makes one");
    CHECK_THROWS_AS(apply_add(a, v, v), SpaceError);
}
