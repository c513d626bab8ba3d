/// The refusals of the algebra, in full.
#include "zoo.hpp"
#include <lop/algebra/algebra.hpp>

#include <doctest/doctest.h>

using namespace lop;
using zoo::message_of;

namespace {

struct Case {
    ArraySpace<double> traces{"traces", {12, 250}};
    ArraySpace<double> longer{"traces", {12, 251}};
    ArraySpace<double> model{"model", {4, 5}};
    zoo::CausalIntegration c{traces, 0.004};
    zoo::CausalIntegration d{longer, 0.004};
    zoo::Dense<double> a = zoo::random_dense<double>(model, traces, 1, "A");
    zoo::Dense<double> b = zoo::random_dense<double>(model, longer, 1, "B");
};

}  // namespace

TEST_CASE("a trace of another length is refused, by name") {
    const Case k;
    CHECK(message_of([&] { k.c* k.longer.zeros(); }) ==
          "C * x: x is not in domain(C)\n"
          "    expected traces[12 x 250] of float64 on host\n"
          "    found    traces[12 x 251] of float64 on host");
    CHECK(message_of([&] { k.a.H() * k.model.zeros(); }) ==
          "A.H() * x: x is not in domain(A.H())\n"
          "    expected traces[12 x 250] of float64 on host\n"
          "    found    model[4 x 5] of float64 on host");
}

TEST_CASE("a result of another length is refused, by name") {
    const Case k;
    auto y = k.longer.zeros();
    CHECK(message_of([&] { apply(k.a, k.model.zeros(), y); }) ==
          "y = A * x: y is not in range(A)\n"
          "    expected traces[12 x 250] of float64 on host\n"
          "    found    traces[12 x 251] of float64 on host");
    CHECK_THROWS_AS(apply_add(k.a, k.model.zeros(), y), SpaceError);
}

TEST_CASE("a product of operators that do not meet is refused when it is built") {
    const Case k;
    CHECK(message_of([&] { k.d* k.a; }) ==
          "C * A: range(A) is not domain(C)\n"
          "    expected traces[12 x 251] of float64 on host\n"
          "    found    traces[12 x 250] of float64 on host");
    CHECK_THROWS_AS((k.c * k.c) * (k.d * k.d), SpaceError);
    CHECK_THROWS_AS((2 * k.c) * (3 * k.d), SpaceError);
    CHECK_THROWS_AS(k.c * Identity{k.longer}, SpaceError);
    CHECK_THROWS_AS((k.c * k.c) * Identity{k.longer}, SpaceError);
    CHECK_THROWS_AS(Identity{k.longer} * k.c, SpaceError);
    CHECK_THROWS_AS((k.c * Zero{k.longer, k.longer}), SpaceError);
}

TEST_CASE("a sum of operators between unlike spaces is refused when it is built") {
    const Case k;
    CHECK(message_of([&] { k.a + k.b; }) ==
          "A + B: the ranges differ\n"
          "    expected traces[12 x 250] of float64 on host\n"
          "    found    traces[12 x 251] of float64 on host");
    CHECK(message_of([&] { k.a.H() + k.b.H(); }) ==
          "A.H() + B.H(): the domains differ\n"
          "    expected traces[12 x 250] of float64 on host\n"
          "    found    traces[12 x 251] of float64 on host");
    CHECK_THROWS_AS((k.a - Zero{k.model, k.longer}), SpaceError);
}

TEST_CASE("stacks of blocks that share no space are refused when they are built") {
    const Case k;
    CHECK(message_of([&] { vstack(k.c, k.d); }) ==
          "vstack(...): the domains of the blocks differ\n"
          "    expected traces[12 x 250] of float64 on host\n"
          "    found    traces[12 x 251] of float64 on host");
    CHECK(message_of([&] { hstack(k.a, k.b); }) ==
          "hstack(...): the ranges of the blocks differ\n"
          "    expected traces[12 x 250] of float64 on host\n"
          "    found    traces[12 x 251] of float64 on host");
}

TEST_CASE("a stacked vector with a wrong block is refused") {
    const Case k;
    const auto a = vstack(k.a, Identity{k.model});
    const Stacked wrong{k.longer.zeros(), k.model.zeros()};
    CHECK(message_of([&] { a.H() * wrong; }) ==
          "hstack(A.H(), I) * x: x is not in domain(hstack(A.H(), I))\n"
          "    expected [traces[12 x 250] of float64 on host; model[4 x 5] of float64 on host]\n"
          "    found    [traces[12 x 251] of float64 on host; model[4 x 5] of float64 on host]");
}

TEST_CASE("an operator of any type passes its label on") {
    const Case k;
    const AnyOperator any{k.c * k.c};
    CHECK(message_of([&] { any* k.longer.zeros(); }) ==
          "C * C * x: x is not in domain(C * C)\n"
          "    expected traces[12 x 250] of float64 on host\n"
          "    found    traces[12 x 251] of float64 on host");
}
