/// Tests of vector expressions: values, fusion, lifetime, sums, stacks, refusals.
#include "support/team.hpp"
#include "zoo.hpp"
#include <lop/algebra/stacked.hpp>

#include <complex>
#include <cstring>
#include <doctest/doctest.h>

using namespace lop;
using zoo::message_of;
using zoo::vector;

namespace {

template <class T> bool equal(const Array<T>& x, std::initializer_list<T> values) {
    return x.size() == static_cast<index_t>(values.size()) &&
           std::equal(values.begin(), values.end(), x.begin());
}

bool same_bits(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

}  // namespace

TEST_CASE("expressions compute what they say") {
    const auto x = vector({1.0, 2.0, 3.0});
    const auto y = vector({10.0, 20.0, 30.0});
    CHECK(equal(Array<double>{x + 2 * y - x / 2}, {20.5, 41.0, 61.5}));
    CHECK(equal(Array<double>{-x}, {-1.0, -2.0, -3.0}));
    CHECK(equal(Array<double>{(x + y) * 2.0f}, {22.0, 44.0, 66.0}));
    CHECK(equal(Array<double>{cwise_product(x, y)}, {10.0, 40.0, 90.0}));
    CHECK(equal(Array<double>{map([](double a) { return a * a; }, x - y)}, {81.0, 324.0, 729.0}));
    CHECK(equal(Array<double>{map([](double a, double b) { return b - a; }, x, y)},
                {9.0, 18.0, 27.0}));
}

TEST_CASE("updates in place may use their own target") {
    auto x = vector({1.0, 2.0});
    const auto y = vector({3.0, 5.0});
    x += 2 * y;
    CHECK(equal(x, {7.0, 12.0}));
    x -= x / 2;
    CHECK(equal(x, {3.5, 6.0}));
    x *= 2;
    CHECK(equal(x, {7.0, 12.0}));
    x = y - x;
    CHECK(equal(x, {-4.0, -7.0}));
    x += x;
    CHECK(equal(x, {-8.0, -14.0}));
}

TEST_CASE("building an expression computes nothing; assigning asks once for each element") {
    const auto x = vector({1.0, 2.0, 3.0});
    int calls = 0;
    const auto expression = map(
                                [&calls](double a) {
                                    ++calls;
                                    return a;
                                },
                                x) +
                            x;
    CHECK(calls == 0);
    Array<double> y = expression;
    CHECK(calls == 3);
    y = expression;
    CHECK(calls == 6);
    norm2(expression);
    CHECK(calls == 9);
    assign_norm2(y, expression);
    CHECK(calls == 12);
}

TEST_CASE("named vectors are taken by reference, temporaries are kept alive") {
    auto x = vector({1.0, 2.0});
    const auto make = [] { return vector({10.0, 20.0}); };
    const auto expression = x + 2 * make();
    x[0] = 5;
    CHECK(equal(Array<double>{expression}, {25.0, 42.0}));
    const auto nested = [&] {
        const auto inner = 3 * make();
        return inner + x;
    }();
    CHECK(equal(Array<double>{nested}, {35.0, 62.0}));
}

TEST_CASE("a temporary in an expression is moved, not copied") {
    auto x = vector({1.0, 2.0});
    const double* memory = x.data();
    const auto expression = 2 * std::move(x);
    CHECK(expression.prototype().data() == memory);
}

TEST_CASE("the result takes shape and name from the first operand") {
    const Array<double> x{{2, 3}, "model"};
    const Array<double> y{{2, 3}, "other"};
    const Array<double> z = 2 * x + y;
    CHECK(z.describe() == "model[2 x 3] of float64 on host");
}

TEST_CASE("dot conjugates its first argument; norms are those of the values") {
    using C = std::complex<double>;
    const auto x = vector<C>({{1, 2}, {0, 1}});
    const auto y = vector<C>({{3, -1}, {2, 0}});
    // (1-2i)(3-i) + (-i)(2) = (1-7i) - 2i
    CHECK(dot(x, y) == C{1, -9});
    CHECK(dot(y, x) == C{1, 9});
    CHECK(norm2(x) == 6);
    CHECK(norm(vector({3.0, 4.0})) == 5);
    CHECK(dot(vector({1.0, 2.0}), vector({3.0, 4.0})) == 11);
}

TEST_CASE("sums over expressions need no vector for them") {
    const auto x = vector({1.0, 2.0});
    const auto y = vector({3.0, 5.0});
    CHECK(dot(x + y, 2 * x) == 36);
    CHECK(norm2(y - x) == 13);
    CHECK(norm(4 * (y - x) - 4 * vector({2.0, 0.0})) == 12);
}

TEST_CASE("inner products of single precision accumulate in double") {
    // 1e8 + 1 - 1e8 loses the 1 in single precision.
    const auto x = vector<float>({1e4f, 1.0f, 1e4f});
    const auto y = vector<float>({1e4f, 1.0f, -1e4f});
    CHECK(dot(x, y) == 1.0);
    static_assert(std::same_as<decltype(dot(x, y)), double>);
    using C = std::complex<float>;
    const auto z = vector<C>({{1, 1}});
    static_assert(std::same_as<decltype(dot(z, z)), std::complex<double>>);
}

TEST_CASE("factors convert to the scalar of the vector, and real ones scale complex vectors") {
    using C = std::complex<float>;
    const auto x = vector<float>({2.0f});
    static_assert(std::same_as<ValueOf<decltype(0.5 * x)>, float>);
    CHECK(equal(Array<float>{3 * x}, {6.0f}));
    const auto z = vector<C>({{1, 1}});
    CHECK(equal(Array<C>{2 * z}, {C{2, 2}}));
    CHECK(equal(Array<C>{std::complex<double>{0, 1} * z}, {C{-1, 1}}));
    CHECK(equal(Array<C>{z / C{0, 1}}, {C{1, -1}}));
}

TEST_CASE("assign_norm2 gives the bits of an assignment and of a norm") {
    const ArraySpace<double> space{"x", {317, 211}};
    const auto x = space.random(1);
    const auto y = space.random(2);
    Array<double> fused = space.zeros();
    const double sum = assign_norm2(fused, x - 0.3 * y);
    const Array<double> apart = x - 0.3 * y;
    CHECK(std::equal(fused.begin(), fused.end(), apart.begin()));
    CHECK(same_bits(sum, norm2(apart)));
}

TEST_CASE("one thread and two give the same bits") {
#ifdef _OPENMP
    const ArraySpace<float> space{"x", {300, 401}};
    double dots[2];
    Array<float> sums[2] = {space.zeros(), space.zeros()};
    for (const int threads : {1, 2}) {
        const Team team{threads};
        const auto x = space.random(1);
        sums[threads - 1] = x + 0.1 * space.random(2);
        dots[threads - 1] = dot(x, sums[threads - 1]);
    }
    CHECK(same_bits(dots[0], dots[1]));
    CHECK(std::equal(sums[0].begin(), sums[0].end(), sums[1].begin()));
#else
    MESSAGE("skipped: built without OpenMP");
#endif
}

TEST_CASE("vectors of unlike shapes do not combine: refused when the expression is built") {
    const Array<double> x{{3}, "x"};
    const Array<double> y{{4}, "y"};
    const std::string expected =
        "an element-wise combination of vectors of unlike spaces\n"
        "    expected x[3] of float64 on host\n"
        "    found    y[4] of float64 on host";
    CHECK(message_of([&] { static_cast<void>(x + y); }) == expected);
    CHECK(message_of([&] { static_cast<void>(2 * x - cwise_product(x, y)); }) == expected);
    CHECK(message_of([&] { dot(x, y); }) == expected);
    Array<double> target{{3}, "x"};
    CHECK(message_of([&] { target += y; }) == expected);
    CHECK(message_of([&] { target = 2 * y; }) == expected);
    CHECK(message_of([&] { assign_norm2(target, y); }) == expected);
}

TEST_CASE("arrays of the same extents in another order are of unlike spaces") {
    const Array<double> x{{2, 3}};
    const Array<double> y{{3, 2}};
    CHECK_THROWS_AS(static_cast<void>(x + y), SpaceError);
}

TEST_CASE("empty vectors combine and sum to zero") {
    const Array<double> x{{0, 5}};
    Array<double> y = x + 2 * x;
    CHECK(y.size() == 0);
    CHECK(dot(x, y) == 0);
    CHECK(assign_norm2(y, x) == 0);
}

// ---- stacks -------------------------------------------------------------------------------------

TEST_CASE("stacks of unlike vectors do arithmetic block by block") {
    using Inner = Stacked<Array<double>, Array<double>>;
    const Inner inner{vector({1.0, 2.0}), vector({3.0})};
    const Stacked<Inner, Array<double>> x{inner, vector({4.0, 5.0, 6.0})};
    const Stacked<Inner, Array<double>> y = 2 * x - x / 2;
    CHECK(y.size() == 6);
    CHECK(equal(y.block<0>().block<0>(), {1.5, 3.0}));
    CHECK(equal(y.block<1>(), {6.0, 7.5, 9.0}));
    CHECK(dot(x, y) == 1.5 * 91);
    CHECK(norm2(x) == 91);
    auto z = like(x);
    CHECK(assign_norm2(z, x + y) == 6.25 * 91);
    z += x;
    z *= 2;
    CHECK(equal(z.block<0>().block<1>(), {21.0}));
    z.fill(1);
    CHECK(norm2(z) == 6);
}

TEST_CASE("stacks of other block shapes are refused by name") {
    const Stacked<Array<double>, Array<double>> x{vector({1.0}), vector({2.0, 3.0})};
    const Stacked<Array<double>, Array<double>> y{vector({1.0, 3.0}), vector({2.0})};
    CHECK(message_of([&] { static_cast<void>(x + y); }) ==
          "an element-wise combination of vectors of unlike spaces\n"
          "    expected [x[1] of float64 on host; x[2] of float64 on host]\n"
          "    found    [x[2] of float64 on host; x[1] of float64 on host]");
}

TEST_CASE("the blocks of a stacked random vector are unlike, and repeat") {
    const ArraySpace<double> part{"x", {4}};
    const StackedSpace<ArraySpace<double>, ArraySpace<double>> space{part, part};
    const auto x = space.random(5);
    CHECK(norm(x.block<0>() - x.block<1>()) > 0.1);
    CHECK(norm(x - space.random(5)) == 0);
    CHECK(norm(x - space.random(6)) > 0.1);
    CHECK(space.contains(x));
    CHECK(space.size() == 8);
    CHECK(space.name() == "[x; x]");
}

// ---- spaces -------------------------------------------------------------------------------------

TEST_CASE("a space makes zeros and randoms of its own and knows them again") {
    const ArraySpace<float> space{"model", {3, 4}};
    CHECK(space.describe() == "model[3 x 4] of float32 on host");
    CHECK(norm(space.zeros()) == 0);
    CHECK(space.contains(space.random(1)));
    CHECK_FALSE(space.contains(Array<float>{{4, 3}}));
    CHECK(space.random(1).name() == "model");
    const auto x = space.random(8);
    for (index_t i = 0; i < x.size(); ++i) CHECK(x[i] == random_value<float>(8, i));
}

TEST_CASE("spaces are equal when their vectors can meet: the name does not count") {
    CHECK(ArraySpace<double>{"a", {3}} == ArraySpace<double>{"b", {3}});
    CHECK_FALSE(ArraySpace<double>{"a", {3}} == ArraySpace<double>{"a", {1, 3}});
    const auto x = vector({1.0, 2.0}, "x");
    CHECK(space_of(x).contains(x));
    CHECK(space_of(x).name() == "x");
}

TEST_CASE("a vector that was moved from, or never had a shape, takes that of an expression") {
    const Array<double> x = ArraySpace<double>{"x", {40}}.random(1);
    Array<double> a = x, b{{40}}, fresh;
    b = std::move(a);
    a = 2 * x;
    CHECK(norm(a - 2 * b) == 0);
    fresh = x - b;
    CHECK(fresh.shape() == Shape{40});
}

TEST_CASE("evaluating a temporary gives a value, not a reference to what is gone") {
    const ArraySpace<double> space{"x", {5}};
    static_assert(std::same_as<decltype(evaluate(space.zeros())), Array<double>>);
    const auto x = space.random(1);
    static_assert(std::same_as<decltype(evaluate(x)), const Array<double>&>);
    const auto& y = evaluate(Identity{space} * x);
    CHECK(norm(y - x) == 0);
}

TEST_CASE("cast converts the scalars of vectors and of expressions") {
    const ArraySpace<float> space{"x", {5}};
    const auto x = space.random(1);
    const Array<double> y = cast<double>(2 * x);
    CHECK(y[3] == 2 * static_cast<double>(x[3]));
    CHECK(y.name() == "x");
    const Array<std::complex<float>> z = cast<std::complex<float>>(x);
    CHECK(z[2] == std::complex<float>{x[2], 0});
}
