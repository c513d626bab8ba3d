/// LSMR, MINRES, GMRES and BiCGSTAB against dense factorisations, and their histories against
/// definitions.
#include "law.hpp"
#include <lop/solvers/solvers.hpp>

#include <cmath>
#include <complex>

using namespace lop;
using doctest::Approx;
using oracle::gap;
using oracle::to_eigen;
using zoo::dense;
using zoo::random_dense;
using zoo::vector;

namespace {

template <class T> double accuracy() { return std::same_as<Real<T>, double> ? 1e-10 : 5e-5; }
template <class T> double tight() { return std::same_as<Real<T>, double> ? 1e-14 : 1e-7; }

const ArraySpace<double> model{"model", {8}};
const ArraySpace<double> data{"data", {4, 5}};

/// A Hermitian matrix with eigenvalues of both signs: (B + B') / 2.
template <class T> zoo::Dense<T> hermitian(const ArraySpace<T>& x, std::uint64_t seed) {
    Array<T> m = ArraySpace<T>{"matrix", {x.size(), x.size()}}.random(seed);
    const Array<T> b = m;
    for (index_t i = 0; i < x.size(); ++i)
        for (index_t j = 0; j < x.size(); ++j)
            m(i, j) = (b(i, j) + conjugate(b(j, i))) / Real<T>(2);
    return {x, x, m};
}

template <class A, class X, class Solve>
void check_history(const A& a, const X& b, const Solve& solve, bool normal_gradient) {
    int seen = 0;
    solve([&](const Iteration& at, const X& x) {
        const auto r = evaluate(b - a * x);
        CHECK(at.number == seen++);
        CHECK(at.residual == Approx(norm(r)).epsilon(1e-9).scale(1e-2));
        CHECK(at.gradient ==
              Approx(normal_gradient ? norm(a.H() * r) : norm(r)).epsilon(1e-8).scale(1e-2));
        CHECK(at.solution == Approx(norm(x)).epsilon(1e-10));
    });
    CHECK(seen > 5);
}

}  // namespace

TEST_CASE_TEMPLATE("lsmr agrees with the QR solution, damped or not, from zero or a start", T,
                   float, double, std::complex<float>, std::complex<double>) {
    const ArraySpace<T> x{"model", {8}};
    const ArraySpace<T> y{"data", {4, 5}};
    const auto a = random_dense<T>(x, y, 1);
    const auto b = y.random(11);
    const auto x0 = x.random(12);
    const oracle::Vector<T> zero = oracle::Vector<T>::Zero(8);
    const LsmrOptions exact{.atol = tight<T>(), .btol = tight<T>()};
    for (const double damping : {0.0, 0.7}) {
        auto options = exact;
        options.damping = damping;
        const auto from_zero = oracle::least_squares<T>(to_eigen(a), to_eigen(b), damping, zero);
        const auto from_x0 =
            oracle::least_squares<T>(to_eigen(a), to_eigen(b), damping, to_eigen(x0));
        CHECK(gap(lsmr(a, b, options).x, from_zero) < accuracy<T>());
        CHECK(gap(lsmr(a, b, x0, options).x, from_x0) < accuracy<T>());
    }
}

TEST_CASE("lsmr records |b - A x|, |A'(b - A x) - damping^2 x| and |x|") {
    const auto a = random_dense<double>(model, data, 1);
    const auto b = data.random(2);
    for (const double damping : {0.0, 0.6}) {
        int seen = 0;
        double before = 1e300;
        lsmr(a, b, {.iterations = 7, .damping = damping, .atol = 0, .btol = 0},
             [&](const Iteration& at, const Array<double>& x) {
                 const Array<double> r = b - a * x;
                 CHECK(at.number == seen++);
                 CHECK(at.residual == Approx(norm(r)).epsilon(1e-10));
                 CHECK(at.gradient ==
                       Approx(norm(a.H() * r - damping * damping * x)).epsilon(1e-9).scale(1e-2));
                 CHECK(at.solution == Approx(norm(x)).epsilon(1e-12));
                 CHECK(at.gradient <= before);
                 before = at.gradient;
             });
        CHECK(seen == 8);
    }
}

TEST_CASE("lsmr estimates the norm and the condition of A") {
    const auto a = random_dense<double>(model, data, 1);
    const auto s = to_eigen(a).jacobiSvd().singularValues();
    const auto found = lsmr(a, data.random(2), {.atol = 1e-12, .btol = 1e-12});
    CHECK(found.reason == StopReason::gradient);
    CHECK(found.iterations <= 9);
    CHECK(found.operator_norm > 0.5 * s(0));
    CHECK(found.operator_norm < 2 * to_eigen(a).norm());
    CHECK(found.condition > 0.3 * s(0) / s(7));
    CHECK(found.condition < 3 * s(0) / s(7));
}

TEST_CASE_TEMPLATE("minres, gmres and bicgstab agree with the LU solution", T, float, double,
                   std::complex<float>, std::complex<double>) {
    const ArraySpace<T> x{"x", {9}};
    const auto a = hermitian<T>(x, 4);
    const auto b = x.random(5);
    const auto x0 = x.random(6);
    const oracle::Vector<T> expected = to_eigen(a).partialPivLu().solve(to_eigen(b));
    const double t = tight<T>();
    CHECK(gap(minres(a, b, {.tolerance = t}).x, expected) < accuracy<T>());
    CHECK(gap(minres(a, b, x0, {.tolerance = t}).x, expected) < accuracy<T>());

    const auto square = random_dense<T>(x, x, 7);
    const oracle::Vector<T> answer = to_eigen(square).partialPivLu().solve(to_eigen(b));
    CHECK(gap(gmres(square, b, {.tolerance = t}).x, answer) < accuracy<T>());
    CHECK(gap(gmres(square, b, x0, {.tolerance = t}).x, answer) < accuracy<T>());
    const auto shifted = square + 6 * Identity{x};
    const oracle::Vector<T> moved = (to_eigen(square) + T(6) * oracle::Matrix<T>::Identity(9, 9))
                                        .partialPivLu()
                                        .solve(to_eigen(b));
    CHECK(gap(gmres(shifted, b, {.iterations = 300, .restart = 4, .tolerance = t}).x, moved) <
          accuracy<T>());
    CHECK(gap(bicgstab(shifted, b, {.tolerance = t}).x, moved) < accuracy<T>());
    CHECK(gap(bicgstab(shifted, b, x0, {.tolerance = t}).x, moved) < accuracy<T>());
}

TEST_CASE("the histories of minres, gmres and bicgstab are what the iterates give") {
    const ArraySpace<double> x{"x", {9}};
    const auto a = hermitian<double>(x, 4);
    const auto square = random_dense<double>(x, x, 7);
    const auto b = x.random(5);
    const auto x0 = x.random(6);
    check_history(
        a, b, [&](const auto& watch) { minres(a, b, x0, {.iterations = 7}, watch); }, true);
    check_history(
        square, b,
        [&](const auto& watch) { gmres(square, b, x0, {.iterations = 8, .restart = 5}, watch); },
        false);
    const auto shifted = square + 6 * Identity{x};
    check_history(
        shifted, b, [&](const auto& watch) { bicgstab(shifted, b, x0, {.iterations = 6}, watch); },
        false);
    // without a watch x is formed at the end of a cycle only, to the same values
    const auto quiet = gmres(square, b, x0, {.iterations = 8, .restart = 5});
    Array<double> last;
    gmres(square, b, x0, {.iterations = 8, .restart = 5},
          [&](const Iteration&, const Array<double>& seen) { last = seen; });
    CHECK(norm(quiet.x - last) < 1e-12 * norm(last));
}

TEST_CASE("minres and gmres minimise the residual over the Krylov space") {
    const ArraySpace<double> x{"x", {9}};
    const auto a = hermitian<double>(x, 4);
    const auto b = x.random(5);
    oracle::Matrix<double> krylov(9, 4);
    krylov.col(0) = to_eigen(b);
    for (int k = 1; k < 4; ++k) krylov.col(k) = to_eigen(a) * krylov.col(k - 1);
    const oracle::Matrix<double> image = to_eigen(a) * krylov;
    const oracle::Vector<double> y = image.colPivHouseholderQr().solve(to_eigen(b));
    const oracle::Vector<double> expected = krylov * y;
    CHECK(gap(minres(a, b, {.iterations = 4}).x, expected) < 1e-11);
    CHECK(gap(gmres(a, b, {.iterations = 4}).x, expected) < 1e-11);
    CHECK(minres(a, b, {.tolerance = 1e-11}).iterations <= 10);
}

TEST_CASE("minres finds a least-squares solution where A is singular") {
    const auto a = dense({{1.0, 0.0, 0.0}, {0.0, -2.0, 0.0}, {0.0, 0.0, 0.0}});
    const auto found = minres(a, vector({1.0, 4.0, 3.0}), {.tolerance = 1e-12});
    CHECK(found.reason == StopReason::gradient);
    CHECK(found.last().residual == Approx(3));
    CHECK(found.x[0] == Approx(1));
    CHECK(found.x[1] == Approx(-2));
}

TEST_CASE("the start may solve the problem, and a right-hand side of zeros gives zero") {
    const ArraySpace<double> x{"x", {9}};
    const auto a = hermitian<double>(x, 4);
    const auto x0 = x.random(1);
    const auto b = a * x0;
    const auto check = [&](const auto& solution) {
        CHECK(solution.reason == StopReason::start);
        CHECK(solution.iterations == 0);
    };
    check(minres(a, b, x0));
    check(gmres(a, b, x0));
    check(bicgstab(a, b, x0));
    check(lsmr(a, b, x0));
    check(minres(a, x.zeros()));
    check(gmres(a, x.zeros()));
    check(bicgstab(a, x.zeros()));
    check(lsmr(a, x.zeros()));
}

TEST_CASE("square solvers refuse other operators, and each says where it breaks down") {
    const auto tall = random_dense<double>(model, data, 1);
    CHECK(zoo::message_of([&] { gmres(tall, data.random(1)); }) ==
          "gmres(A, b): the range of A is not its domain\n"
          "    expected model[8] of float64 on host\n"
          "    found    data[4 x 5] of float64 on host\n"
          "    try      cgls or lsqr, which solve for any A");
    CHECK_THROWS_AS(minres(tall, data.random(1)), SpaceError);
    CHECK_THROWS_AS(bicgstab(tall, data.random(1)), SpaceError);
    const auto turn = dense({{0.0, 1.0}, {-1.0, 0.0}});
    CHECK(zoo::message_of([&] { bicgstab(turn, vector({1.0, 0.0})); }) ==
          "bicgstab(A, b): breakdown: |<r0, A p>|\n"
          "    expected a positive number\n"
          "    found    0 in iteration 1\n"
          "    try      gmres, or another start");
    CHECK(norm(gmres(turn, vector({1.0, 0.0})).x - vector({0.0, 1.0})) < 1e-15);
    const auto singular = dense({{1.0, 0.0}, {0.0, 0.0}});
    CHECK_THROWS_AS(gmres(singular, vector({1.0, 1.0})), ArgumentError);
    CHECK_THROWS_AS(gmres(turn, vector({1.0, 0.0}), {.restart = 0}), ArgumentError);
    CHECK_THROWS_AS(gmres(turn, vector({1.0, 0.0}), {.tolerance = -1}), ArgumentError);
    CHECK_THROWS_AS(minres(turn, vector({1.0, 0.0}), {.iterations = -1}), ArgumentError);
}

TEST_CASE("on scattered vectors the Krylov solvers give the bits of whole ones") {
    law::same_bits([](const auto& a, const auto& b, const auto& x0) {
        return lsmr(a, b, x0, {.iterations = 12, .damping = 0.1});
    });
    law::same_bits([](const auto& a, const auto& b, const auto&) {
        return minres(a.H() * a + 0.1 * Identity{a.domain()}, b, {.iterations = 12});
    });
    law::same_bits([](const auto& a, const auto& b, const auto&) {
        return gmres(a, b, {.iterations = 12, .restart = 5});
    });
    law::same_bits([](const auto& a, const auto& b, const auto& x0) {
        return bicgstab(a + 30 * Identity{a.domain()}, b, x0, {.iterations = 12});
    });
}

TEST_CASE("the Krylov solvers allocate nothing after their first iteration, on stacks too") {
    const law::Whole whole;
    const auto a = whole.op();
    const auto b = whole.space.random(1);
    law::steady([&](const Monitor& m) {
        lsmr(vstack(a, Identity{whole.space}), Stacked{b, b},
             {.iterations = 20, .atol = 0, .btol = 0, .monitor = m});
    });
    law::steady([&](const Monitor& m) {
        minres(a.H() * a, b, {.iterations = 20, .tolerance = 0, .monitor = m});
    });
    law::steady([&](const Monitor& m) {
        gmres(block_diagonal(a, a), Stacked{b, b},
              {.iterations = 20, .restart = 6, .tolerance = 0, .monitor = m});
    });
    law::steady([&](const Monitor& m) {
        bicgstab(a + 30 * Identity{whole.space}, b,
                 {.iterations = 20, .tolerance = 0, .monitor = m});
    });
}
