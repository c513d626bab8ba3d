/// The law suite on a zoo of operators and expressions of them, and its failures on false ones.
#include <lop/testing/laws.hpp>

#include "zoo.hpp"
#include <lop/testing/doctest.hpp>

#include <complex>
#include <doctest/doctest.h>
#include <vector>

using namespace lop;
using lop::testing::check_laws;
using zoo::random_dense;

TEST_CASE_TEMPLATE("every expression of lawful operators is lawful", T, float, double,
                   std::complex<float>, std::complex<double>) {
    const ArraySpace<T> x{"x", {7}};
    const ArraySpace<T> y{"y", {2, 5}};
    const ArraySpace<T> z{"z", {4}};
    const auto a = random_dense<T>(x, y, 1);
    const auto b = random_dense<T>(x, y, 2, "B");
    const auto c = random_dense<T>(y, z, 3, "C");
    const auto d = random_dense<T>(x, x, 4, "D");
    const Identity i{x};
    const Zero zero{x, y};

    check_laws(a);
    check_laws(a.H());
    check_laws(i);
    check_laws(zero);
    check_laws(c * a);
    check_laws(c * a * d * d.H() * (a.H() * b));
    check_laws(a + b);
    check_laws(a - b - 0.5 * a);
    check_laws(3 * a);
    check_laws(2 * (c * (a + b)).H());
    check_laws(d.H() * d + 0.1 * i);
    check_laws(vstack(a, c * a, i));
    check_laws(hstack(a, b, zero));
    check_laws(block_diagonal(a, c, i));
}

TEST_CASE_TEMPLATE("complex factors are conjugated in the adjoint", T, std::complex<float>,
                   std::complex<double>) {
    const ArraySpace<T> x{"x", {5}};
    const auto a = random_dense<T>(x, x, 1);
    check_laws(T{2, 3} * a);
    check_laws(a * std::complex<double>{0, 1} + T{1, -1} * Identity{x});
    const auto ia = T{0, 1} * a;
    CHECK(ia.H().factor() == T{0, -1});
}

TEST_CASE("blocks nest, and their adjoints too") {
    const ArraySpace<double> x{"x", {6}};
    const ArraySpace<double> y{"y", {3, 3}};
    const auto a = random_dense<double>(x, y, 1);
    const auto d = random_dense<double>(x, x, 2, "D");
    const auto column = vstack(a, vstack(d, Identity{x}));
    check_laws(column);
    check_laws(column.H() * column);
    check_laws(block_diagonal(column, hstack(a, a * d)));
    check_laws(vstack(hstack(a, a), hstack(a * d, 2 * a)));
}

TEST_CASE("a user's operator is lawful alone and in longer expressions") {
    const ArraySpace<double> traces{"traces", {12, 250}};
    const zoo::CausalIntegration integrate{traces, 0.004};
    check_laws(integrate);
    check_laws(vstack(integrate * integrate, 2 * integrate + Identity{traces}));
    CHECK(dot_test(integrate));
}

TEST_CASE("operators of any type behind one, and of two functions, are lawful") {
    const ArraySpace<double> x{"x", {8}};
    const ArraySpace<double> y{"y", {7}};
    const auto difference = make_operator(
        x, y,
        [](const Array<double>& u, Array<double>& v) {
            for (index_t i = 0; i < v.size(); ++i) v[i] = u[i + 1] - u[i];
        },
        [](const Array<double>& v, Array<double>& u) {
            for (index_t i = 0; i < u.size(); ++i)
                u[i] = (i > 0 ? v[i - 1] : 0) - (i < v.size() ? v[i] : 0);
        },
        "D");
    check_laws(difference);
    CHECK(difference.label() == "D");
    std::vector<AnyOperator<ArraySpace<double>>> list;
    list.emplace_back(difference);
    list.emplace_back(random_dense<double>(x, y, 1));
    list.emplace_back(difference + 2 * random_dense<double>(x, y, 2));
    for (const auto& any : list) check_laws(any);
    check_laws(list[0].H() * list[1] + Identity{x});
}

TEST_CASE("the inverse of an operator is lawful where its solver is exact") {
    const ArraySpace<double> x{"x", {4}};
    const auto twice = 2 * Identity{x};
    const auto half =
        inverse(twice, [](const auto&, const auto& b) { return Array<double>{b / 2}; });
    check_laws(half);
    CHECK(half.label() == "inverse(2 * I)");
}

// ---- the suite must fail where a law is broken --------------------------------------------------

namespace {

const ArraySpace<double> space{"x", {6}};

template <class Forward, class Backward> auto false_operator(Forward forward, Backward adjoint) {
    return make_operator(space, space, forward, adjoint);
}

const auto copy = [](const Array<double>& x, Array<double>& y) { y = x; };
const auto add = [](const Array<double>& x, Array<double>& y) { y += x; };

}  // namespace

TEST_CASE("a wrong adjoint fails the dot test, by any figure from gross to 1e-12") {
    for (const double error : {1.0, 1e-4, 1e-12}) {
        const auto a = false_operator(copy, [=](const Array<double>& y, Array<double>& x) {
            x = y;
            x[2] *= 1 + error;
        });
        const auto report = dot_test(a);
        INFO(report.str());
        CHECK_FALSE(report.pass);
        CHECK(report.error > 1e-3 * error);
    }
}

TEST_CASE("an adjoint that forgets the conjugate fails") {
    using C = std::complex<double>;
    const ArraySpace<C> x{"x", {3}};
    const auto rotate = [](const Array<C>& u, Array<C>& v) { v = C{0, 1} * u; };
    CHECK_FALSE(dot_test(make_operator(x, x, rotate, rotate)));
}

TEST_CASE("an operator that returns NaN, or an adjoint of zero, fails the dot test") {
    const auto nan = false_operator([](const auto&, auto& y) { y.fill(0.0 / 0.0); }, copy);
    CHECK_FALSE(dot_test(nan));
    CHECK_FALSE(dot_test(false_operator(copy, [](const auto&, auto& x) { x.fill(0); })));
    CHECK_FALSE(dot_test(false_operator([](const auto&, auto& y) { y.fill(0); }, copy)));
}

TEST_CASE("two zeros agree") { CHECK(dot_test(Zero{space, space}).error == 0); }

TEST_CASE("an operator that adds to its result fails to overwrite") {
    CHECK_FALSE(laws::overwrites(false_operator(add, copy)).pass);
    CHECK_FALSE(laws::adjoint_overwrites(false_operator(copy, add)).pass);
    CHECK(laws::overwrites(false_operator(copy, add)).pass);
}

TEST_CASE("an affine map fails to keep zero and is not linear") {
    const auto affine = false_operator(
        [](const auto& x, auto& y) {
            y = x;
            y[0] += 1;
        },
        copy);
    CHECK_FALSE(laws::keeps_zero(affine).pass);
    CHECK_FALSE(linearity_test(affine).pass);
}

TEST_CASE("a square is not linear though it keeps zero") {
    const auto square =
        false_operator([](const auto& x, auto& y) { y = cwise_product(x, x); }, copy);
    CHECK(laws::keeps_zero(square).pass);
    CHECK_FALSE(linearity_test(square).pass);
}

TEST_CASE("an operator with a memory does not repeat itself") {
    const auto calls = std::make_shared<int>(0);
    const auto drifting =
        false_operator([=](const auto& x, auto& y) { y = (1 + 1e-15 * ++*calls) * x; }, copy);
    CHECK_FALSE(laws::repeats(drifting).pass);
}

TEST_CASE("an operator that writes to its argument is found out") {
    const auto thief = false_operator(
        [](const Array<double>& x, Array<double>& y) {
            y = x;
            const_cast<Array<double>&>(x)[0] = 0;
        },
        copy);
    CHECK_FALSE(laws::leaves_input(thief).pass);
}
