/// Proximal operators: optimality, Moreau's identity, numbers by hand; projections.
#include "law.hpp"
#include <lop/solvers/projections.hpp>
#include <lop/solvers/prox_groups.hpp>

#include <cmath>
#include <complex>
#include <limits>

using namespace lop;
using doctest::Approx;
using zoo::vector;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// No point near y, in random directions, has a smaller tau f(z) + |z - x|^2 / 2; and prox works in
/// place.
template <class F, class S>
void check_optimal(const F& f, const S& space, double tau, double slack = 1e-12) {
    auto x = space.random(3);
    auto y = space.zeros();
    f.prox(x, tau, y);
    const auto cost = [&](const auto& z) { return tau * f.value(z) + 0.5 * norm2(z - x); };
    const double least = cost(y);
    CHECK(std::isfinite(least));
    auto z = y;
    for (std::uint64_t seed = 10; seed < 30; ++seed)
        for (const double h : {1e-1, 1e-3, 1e-5}) {
            z = y + h * space.random(seed);
            CHECK(cost(z) >= least - slack);
            z = y - h * y;  // towards zero, where these functions have their kinks
            CHECK(cost(z) >= least - slack);
        }
    f.prox(x, tau, x);
    CHECK(norm(x - y) <= 1e-6 * norm(y));
}

/// x = prox_{tau f}(x) + tau prox_{f*/tau}(x/tau)
template <class F, class S>
void check_moreau(const F& f, const S& space, double tau, double within = 1e-14) {
    const auto x = space.random(5);
    auto y = space.zeros();
    auto z = space.zeros();
    f.prox(x, tau, y);
    ConjugateOf{f}.prox(evaluate((1 / tau) * x), 1 / tau, z);
    CHECK(norm(y + tau * z - x) <= within * norm(x));
}

}  // namespace

TEST_CASE_TEMPLATE("prox gives the least of tau f(z) + |z - x|^2 / 2, and keeps Moreau's identity",
                   T, double, std::complex<double>) {
    const ArraySpace<T> space{"x", {6, 5}};
    for (const double tau : {0.3, 1.7}) {
        check_optimal(L1{0.8}, space, tau);
        check_optimal(L2{0.8}, space, tau);
        check_optimal(SquaredL2{2.5}, space, tau);
        check_optimal(Translated{L1{}, space.random(8)}, space, tau);
        check_optimal(Multiple{L2{}, 3}, space, tau);
        check_optimal(NuclearNorm{0.9}, space, tau);
        check_optimal(
            TotalVariation{space, {.weight = 0.2, .iterations = 20000, .tolerance = 1e-9}}, space,
            tau, 1e-8);
        check_moreau(L1{0.8}, space, tau);
        check_moreau(L2{0.8}, space, tau);
        check_moreau(SquaredL2{2.5}, space, tau);
        check_moreau(Translated{L1{}, space.random(8)}, space, tau);
        check_moreau(NuclearNorm{}, space, tau);
    }
    const StackedSpace stacked{space, ArraySpace<T>{"y", {4}}};
    check_optimal(L21{0.6}, stacked, 0.9);
    check_moreau(L21{0.6}, stacked, 0.9);
    check_optimal(SeparableSum{L1{}, L2{2}}, stacked, 0.4);
    check_optimal(JointL1{0.6}, StackedSpace{space, space}, 0.9);
    const ManySpace many{std::vector{space, space, space}};
    check_optimal(L21{0.6}, many, 0.9);
    check_optimal(JointL1{0.6}, many, 0.9);
    check_moreau(JointL1{0.6}, many, 0.9);
}

TEST_CASE("thresholds on numbers by hand") {
    const auto x = vector({3.0, -0.5, -2.0, 1.0});
    Array<double> y{{4}};
    L1{}.prox(x, 1, y);
    CHECK(norm(y - vector({2.0, 0.0, -1.0, 0.0})) == 0);
    L0{}.prox(x, 0.6, y);  // |x|^2 > 1.2
    CHECK(norm(y - vector({3.0, 0.0, -2.0, 0.0})) == 0);
    CHECK(L0{2}.value(y) == 4);
    L2{}.prox(vector({3.0, 4.0}), 1, y = vector({0.0, 0.0}));
    CHECK(norm(y - vector({2.4, 3.2})) < 1e-15);
    L2{}.prox(vector({3.0, 4.0}), 5, y);
    CHECK(norm(y) == 0);
    y = Array<double>{{4}};
    Box{-1, 2}.prox(x, 7, y);
    CHECK(norm(y - vector({2.0, -0.5, -1.0, 1.0})) == 0);
    CHECK(Box{-1, 2}.value(x) == infinity);
    CHECK(Box{-1, 2}.value(y) == 0);
    NonNegative{}.prox(x, 1, y);
    CHECK(norm(y - vector({3.0, 0.0, 0.0, 1.0})) == 0);
    Array<float> single{{2}};
    L1{0.5}.prox(vector<float>({1.0F, 0.25F}), 1, single);
    CHECK(single[0] == 0.5F);
    CHECK(single[1] == 0);
    using C = std::complex<double>;
    Array<C> c{{1}};
    L1{}.prox(vector<C>({{3, 4}}), 1, c);
    CHECK(std::abs(c[0] - C{2.4, 3.2}) < 1e-15);
}

TEST_CASE("the total variation of a step, and its prox: both sides move towards each other") {
    const ArraySpace<double> space{"x", {6}};
    const auto x = vector({0.0, 0.0, 0.0, 6.0, 6.0, 6.0});
    const TotalVariation tv{space,
                            {
                                .weight = 1,
                                .tolerance = 1e-8,
                            }};
    CHECK(tv.value(x) == 6);
    auto y = space.zeros();
    tv.prox(x, 1.5, y);  // each side moves by tau / 3
    CHECK(norm(y - vector({0.5, 0.5, 0.5, 5.5, 5.5, 5.5})) < 1e-7);
    tv.prox(x, 100, y);
    CHECK(norm(y - vector({3.0, 3.0, 3.0, 3.0, 3.0, 3.0})) < 1e-6);
    Array<double> square{{2, 2}};
    square(0, 0) = 1;
    const ArraySpace<double> plane{"x", {2, 2}};
    CHECK(TotalVariation{plane}.value(square) == Approx(std::sqrt(2.0)));
    CHECK(TotalVariation{plane, {.isotropic = false}}.value(square) == 2);
}

TEST_CASE("singular values shrink, and a wrong number of axes is refused") {
    Array<double> d{{2, 3}};
    d(0, 0) = 4;
    d(1, 2) = -1;
    Array<double> y{{2, 3}};
    NuclearNorm{}.prox(d, 2, y);
    CHECK(y(0, 0) == Approx(2));
    CHECK(norm(y) == Approx(2));
    CHECK(NuclearNorm{2}.value(d) == Approx(10));
    OntoRank{1}(d);
    CHECK(d(0, 0) == Approx(4));
    CHECK(norm(d) == Approx(4));
    CHECK(zoo::message_of([] { NuclearNorm{}.value(Array<double>{{4}, "trace"}); }) ==
          "singular values of an array\n"
          "    expected an array of two axes\n"
          "    found    trace[4] of float64 on host");
}

TEST_CASE("projections lie in their sets and leave no nearer point: x - P x is normal to the set") {
    const ArraySpace<double> space{"x", {40}};
    const auto x = space.random(1);
    const auto normal = space.random(2);
    auto y = x;
    OntoL2Ball{0.5}(y);
    CHECK(norm(y) == Approx(0.5).epsilon(1e-14));
    CHECK(norm(y - (0.5 / norm(x)) * x) < 1e-15);
    y = x;
    OntoL1Ball{3}(y);
    CHECK(norm1(y) == Approx(3).epsilon(1e-13));
    // <x - y, z - y> <= 0 for every z of the ball: the best z is a vertex
    CHECK(3 * norm_inf(evaluate(x - y)) - dot(x - y, y) < 1e-13);
    y = x;
    OntoSimplex{2}(y);
    double sum = 0;
    double most = -infinity;
    for (index_t i = 0; i < 40; ++i) {
        CHECK(y[i] >= 0);
        sum += y[i];
        most = std::max(most, x[i] - y[i]);
    }
    CHECK(sum == Approx(2).epsilon(1e-13));
    CHECK(2 * most - dot(x - y, y) < 1e-13);
    y = x;
    OntoHyperplane{normal, 4}(y);
    CHECK(dot(normal, y) == Approx(4).epsilon(1e-13));
    y = x;
    OntoHalfSpace{normal, -9}(y);
    CHECK(dot(normal, y) == Approx(-9).epsilon(1e-13));
    OntoHalfSpace{normal, 100}(y);
    CHECK(dot(normal, y) == Approx(-9).epsilon(1e-13));
    const auto a = zoo::random_dense<double>(space, ArraySpace<double>{"y", {6}}, 4);
    const auto b = a.range().random(5);
    y = x;
    OntoAffine{a, b}(y);
    CHECK(norm(a * y - b) < 1e-10 * norm(b));
    const auto in_rows = lsqr(a.H(), y - x, {.atol = 1e-13, .btol = 1e-13});
    CHECK(in_rows.last().residual < 1e-9);  // the change is a combination of rows
    y = vector({1.0, -3.0, 2.0, 0.5});
    OntoCardinality{2}(y);
    CHECK(norm(y - vector({0.0, -3.0, 2.0, 0.0})) == 0);
    Around{OntoL2Ball{1}, vector({0.0, 0.0, 0.0, 3.0})}(y);
    CHECK(norm(y - vector({0.0, 0.0, 0.0, 3.0})) == Approx(1));
    auto z = x;
    Indicator{OntoL1Ball{3}}.prox(x, 9, z);
    CHECK(norm1(z) == Approx(3));
    using C = std::complex<float>;
    auto c = ArraySpace<C>{"c", {30}}.random(1);
    OntoL1Ball{2}(c);
    CHECK(norm1(c) == Approx(2).epsilon(1e-5));
}

TEST_CASE("parameters that make no sense are refused where they are written") {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    constexpr double infinity = std::numeric_limits<double>::infinity();
    CHECK(zoo::message_of([] { L1{-0.1}; }) ==
          "L1: weight\n    expected a finite number, 0 or more\n    found    -0.1");
    for (const double wrong : {-1.0, nan, infinity}) {
        CAPTURE(wrong);
        CHECK_THROWS_AS(L1{wrong}, ArgumentError);
        CHECK_THROWS_AS(L2{wrong}, ArgumentError);
        CHECK_THROWS_AS(SquaredL2{wrong}, ArgumentError);
        CHECK_THROWS_AS(L0{wrong}, ArgumentError);
        CHECK_THROWS_AS(L21{wrong}, ArgumentError);
        CHECK_THROWS_AS(JointL1{wrong}, ArgumentError);
        CHECK_THROWS_AS(NuclearNorm{wrong}, ArgumentError);
        CHECK_THROWS_AS((TotalVariationOptions{.weight = wrong}), ArgumentError);
        CHECK_THROWS_AS((Multiple{L1{}, wrong}), ArgumentError);
        CHECK_THROWS_AS(OntoSimplex{wrong}, ArgumentError);
        CHECK_THROWS_AS((DykstraOptions{.tolerance = wrong}), ArgumentError);
    }
    for (const double wrong : {-1.0, nan}) {
        CHECK_THROWS_AS(OntoL1Ball{wrong}, ArgumentError);
        CHECK_THROWS_AS(OntoL2Ball{wrong}, ArgumentError);
    }
    CHECK_THROWS_AS((Multiple{L1{}, 0}), ArgumentError);
    L1 later{1};
    CHECK_THROWS_AS(later.weight = -1, ArgumentError);
    CHECK(later.weight == 1);

    const ArraySpace<double> space{"x", {3}};
    auto x = space.random(1);
    const Array<double> before = x;
    OntoL2Ball{infinity}(x);
    CHECK(norm(x - before) == 0);
    for (const OntoBox box : {OntoBox{2, 1}, OntoBox{nan, 1}, OntoBox{0, nan},
                              OntoBox{infinity, infinity}, OntoBox{-infinity, -infinity}}) {
        CHECK_THROWS_WITH_AS(box(x), doctest::Contains("expected lower <= upper"), ArgumentError);
        CHECK_THROWS_AS((Box{box.lower, box.upper}.value(x)), ArgumentError);
    }
    CHECK_THROWS_WITH_AS((OntoHyperplane{space.zeros(), 1.0}(x)),
                         doctest::Contains("the normal of a hyperplane, x[3]"), ArgumentError);
    for (const double wrong : {nan, infinity, -infinity})
        CHECK_THROWS_AS((OntoHyperplane{before, wrong}), ArgumentError);
    for (const double wrong : {nan, -infinity})
        CHECK_THROWS_WITH_AS((OntoHalfSpace{before, wrong}),
                             doctest::Contains("OntoHalfSpace: offset"), ArgumentError);
    OntoHalfSpace{before, infinity}(x);
    CHECK(norm(x - before) == 0);
    for (const double wrong : {nan, infinity, -infinity}) {
        Array<double> normal = before;
        normal[1] = wrong;
        CHECK_THROWS_WITH_AS((OntoHalfSpace{normal, 1.0}(x)),
                             doctest::Contains("the normal of a hyperplane"), ArgumentError);
    }
    auto y = space.zeros();
    CHECK_THROWS_AS((Box{.lower = 1, .upper = 0}.prox(x, 1, y)), ArgumentError);
    CHECK(norm(x - before) == 0);
}

TEST_CASE("counts that make no sense are refused where they are written") {
    CHECK(zoo::message_of([] { OntoRank{-1}; }) ==
          "OntoRank: rank\n    expected 0 or more\n    found    -1");
    CHECK(zoo::message_of([] { DykstraOptions{.iterations = 0}; }) ==
          "OntoIntersection: iterations\n    expected 1 or more\n    found    0");
    CHECK_THROWS_AS(OntoCardinality{-1}, ArgumentError);
    for (const index_t wrong : {-1, 0}) {
        CHECK_THROWS_AS((DykstraOptions{.iterations = wrong}), ArgumentError);
        CHECK_THROWS_AS((TotalVariationOptions{.iterations = wrong}), ArgumentError);
    }
    const ArraySpace<double> space{"x", {3, 3}};
    auto x = space.random(1);
    OntoRank{0}(x);
    CHECK(norm(x) == 0);
    x = space.random(1);
    OntoCardinality{0}(x);
    CHECK(norm(x) == 0);
}

TEST_CASE("the nearest point of an intersection, by Dykstra") {
    // the half plane below y = x and the box: from (-1, 3) the nearest common point is (1, 1)
    auto x = vector({-1.0, 3.0});
    const OntoIntersection<Array<double>> both{
        {OntoHalfSpace{vector({-1.0, 1.0}), 0}, OntoBox{.upper = 0.8}}};
    both(x);
    CHECK(norm(x - vector({0.8, 0.8})) < 1e-8);
}

TEST_CASE("scattered vectors: the same thresholds and norms") {
    const law::Whole whole;
    const law::Scattered parts;
    auto x = whole.space.random(3);
    auto y = parts.space.random(3);
    CHECK(norm_inf(x) == norm_inf(y));
    CHECK(L1{}.value(x) == L1{}.value(y));
    OntoL1Ball{5}(x);
    OntoL1Ball{5}(y);
    OntoCardinality{7}(x);
    OntoCardinality{7}(y);
    CHECK(norm2(x) == norm2(y));
    CHECK(norm1(x) == norm1(y));
    const double* mine = x.data() + parts.first() * law::samples;
    CHECK(std::equal(y.local().begin(), y.local().end(), mine));
}
