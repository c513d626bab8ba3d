/// Kronecker products, and stacks of many like operators.
#include "zoo.hpp"
#include <lop/testing/doctest.hpp>

#include <complex>
#include <sstream>

using namespace lop;
using lop::testing::check_laws;

namespace {

using Z = std::complex<double>;
using A = zoo::Dense<double, 1>;
using B = zoo::Dense<double, 2>;
template <class X, class Y> inline constexpr bool is = std::same_as<X, Y>;
using AB = decltype(kron(std::declval<A>(), std::declval<B>()));
static_assert(is<AB, Kronecker<A, B>>);
static_assert(is<decltype(std::declval<AB>().H()), Kronecker<Adjoint<A>, Adjoint<B>>>);
static_assert(is<decltype(std::declval<AB>().H().H()), AB>);
static_assert(is<decltype(std::declval<AB>() * kron(std::declval<B>(), std::declval<A>())),
                 Kronecker<Product<A, B>, Product<B, A>>>);
static_assert(is<decltype(vstack(std::vector<A>{}).H()), HStackList<Adjoint<A>>>);
static_assert(is<decltype(vstack(std::vector<A>{}).H().H()), VStackList<A>>);
static_assert(is<decltype(block_diagonal(std::vector<A>{}).H()), BlockDiagonalList<Adjoint<A>>>);

std::vector<A> three(const ArraySpace<double>& x) {
    std::vector<A> list;
    for (index_t i = 0; i < 3; ++i)
        list.push_back(
            zoo::random_dense<double, 1>(x, {"y", {2 + i}}, 10 + static_cast<std::uint64_t>(i)));
    return list;
}

}  // namespace

TEST_CASE("kron(A, B) has the entries a_ik b_jl") {
    const auto a = zoo::dense<double>({{1, 2}, {3, 4}, {5, 6}});
    const auto b = zoo::dense<double>({{7, 8, 9}, {1, 0, -1}});
    const auto K = to_dense(kron(a, b));
    REQUIRE(K.shape() == Shape{6, 6});
    for (index_t i = 0; i < 3; ++i)
        for (index_t j = 0; j < 2; ++j)
            for (index_t k = 0; k < 2; ++k)
                for (index_t l = 0; l < 3; ++l)
                    CHECK(K(i * 2 + j, k * 3 + l) == a.matrix()(i, k) * b.matrix()(j, l));
    CHECK(kron(a, b).domain().shape() == Shape{2, 3});
    CHECK(kron(a, b).range().shape() == Shape{3, 2});
    CHECK(kron(a, b).label() == "kron(A, A)");
}

TEST_CASE("Kronecker products obey the laws, and multiply factor by factor") {
    const ArraySpace<Z> x{"x", {3}}, y{"y", {2}};
    const auto a = zoo::random_dense<Z, 1>(x, y, 1);
    const auto b = zoo::random_dense<Z, 2>(y, x, 2);
    const auto k = kron(a, b);
    check_laws(k);
    check_laws(k.H() * k);
    const auto v = k.domain().random(3);
    CHECK(norm((k.H() * k) * v - k.H() * (k * v)) < 1e-13 * norm(v));
    check_laws(kron(kron(a, b), Identity{x}));
}

TEST_CASE("stacks of many like operators obey the laws, and their arithmetic is block by block") {
    const ArraySpace<double> x{"x", {4}};
    const auto list = three(x);
    const auto V = vstack(list);
    check_laws(V);
    check_laws(V.H());
    check_laws(block_diagonal(list));
    check_laws(V.H() * V);
    check_laws(vstack(V, Identity{x}));
    const auto v = x.random(5);
    const auto y = V * v;
    CHECK(y.count() == 3);
    CHECK(y.size() == 2 + 3 + 4);
    for (index_t i = 0; i < 3; ++i)
        CHECK(norm(y.block(i) - list[static_cast<std::size_t>(i)] * v) == 0);
    const Many<Array<double>> z = 2 * y - y;
    CHECK(norm(z - y) == 0);
    CHECK(dot(y, z) == doctest::Approx(norm2(y)).epsilon(1e-15));
    CHECK(V.label() == "vstack(3 of A)");
    CHECK(V.range().describe() == "3 blocks, the first y[2] of float64 on host");
}

TEST_CASE("rows of a stack are a stack, in the order asked for") {
    const ArraySpace<double> x{"x", {4}};
    const auto V = vstack(three(x));
    const auto v = x.random(5);
    const auto all = V * v;
    const auto some = V[{2, 0}] * v;
    REQUIRE(some.count() == 2);
    CHECK(norm(some.block(0) - all.block(2)) == 0);
    CHECK(norm(some.block(1) - all.block(0)) == 0);
    CHECK(norm(V[1] * v - all.block(1)) == 0);
    CHECK(zoo::message_of([&] { V[{0, 3}]; }) ==
          "a row of a stack\n    expected 0 to 2\n    found    3");
    CHECK_THROWS_AS(vstack(std::vector<A>{}), ArgumentError);
    auto unlike = three(x);
    unlike.push_back(zoo::random_dense<double, 1>({"x", {5}}, {"y", {2}}, 1));
    CHECK_THROWS_AS(vstack(unlike), SpaceError);
}

TEST_CASE("an expression is described as a line and as a tree") {
    const ArraySpace<double> x{"x", {2}};
    const auto a = zoo::random_dense<double, 1>(x, x, 1, "A");
    const auto b = zoo::random_dense<double, 2>(x, x, 2, "B");
    const std::string space = "x[2] of float64 on host -> x[2] of float64 on host\n";
    CHECK(describe(a * b + 2 * Identity{x}) ==
          "A * B + 2 * I\n"
          "sum: " +
              space + "  product: " + space + "    A: " + space + "    B: " + space +
              "  2 times: " + space + "    I: " + space);
    CHECK(describe(pow(a, 2).H()) ==
          "A.H()^2\npower 2: " + space + "  adjoint: " + space + "    A: " + space);
    CHECK((a - b - 2.5 * b).label() == "A - B - 2.5 * B");
    CHECK((-1 * a + b).label() == "-1 * A + B");
    using Any = AnyOperator<ArraySpace<double>, ArraySpace<double>>;
    const auto two = describe(vstack(std::vector<Any>{Any{a}, Any{b}}));
    CHECK(two.find("vertical stack of 2: ") != std::string::npos);
    CHECK(two.find("  B: " + space) != std::string::npos);
    CHECK(describe(vstack(std::vector{a, a})).find("vertical stack of 2 like: ") !=
          std::string::npos);
    const auto many = describe(vstack(std::vector<Any>(11, Any{a})));
    CHECK(many.find("vertical stack of 11 like: ") != std::string::npos);
}

TEST_CASE("operators, vectors and spaces print what they are") {
    const ArraySpace<double> x{"x", {2}};
    const Identity i{x};
    std::ostringstream out;
    out << x << ", " << x.zeros() << ", " << i;
    CHECK(out.str() == x.describe() + ", " + x.zeros().describe() + ", " + describe(i));
}

TEST_CASE("weights of many blocks, uneven ones too, are a diagonal") {
    const ArraySpace<double> x{"x", {2}};
    const ManySpace space{std::vector{x, ArraySpace<double>{"y", {3}}}};
    CHECK(space_of(space.random(1)) == space);
    lop::testing::check_laws(Diagonal{space.random(1)});
    const ManySpace none{std::vector<ArraySpace<double>>{}};
    CHECK(space_of(none.zeros()) == none);
}

TEST_CASE("a stack of weights is a diagonal") {
    const ArraySpace<double> x{"x", {2}};
    const ArraySpace<double> y{"y", {3, 2}};
    const auto space = StackedSpace{x, y, StackedSpace{y, x}};
    const auto weights = space.random(1);
    CHECK(space_of(weights) == space);
    const Diagonal d{weights};
    lop::testing::check_laws(d);
    const Array<double> last = cwise_product(weights.block<2>().block<1>(), x.random(2));
    auto v = space.zeros();
    v.block<2>().block<1>() = x.random(2);
    CHECK(norm((d * v).block<2>().block<1>() - last) == 0);
}

TEST_CASE("the dense matrix of a stack counts block after block") {
    const ArraySpace<double> x{"x", {2}};
    const auto a = zoo::dense<double>({{1, 2}, {3, 4}});
    const auto m = to_dense(vstack(a, a + Identity{a.domain()}));
    CHECK(m.shape() == Shape{4, 2});
    CHECK(m(2, 0) == 2);
    CHECK(m(3, 1) == 5);
}
