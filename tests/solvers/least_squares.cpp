/// The solvers against Householder QR, and their histories against definitions.
#include "support.hpp"

#include <cmath>
#include <complex>
#include <doctest/doctest.h>

using namespace lop;
using doctest::Approx;
using oracle::gap;
using oracle::least_squares;
using oracle::to_eigen;
using zoo::random_dense;

namespace {

template <class T> double accuracy() { return std::same_as<Real<T>, double> ? 1e-11 : 2e-5; }
template <class T> double tight() { return std::same_as<Real<T>, double> ? 1e-14 : 1e-7; }

template <class T> struct Problem {
    ArraySpace<T> x{"model", {8}};
    ArraySpace<T> y{"data", {4, 5}};
    zoo::Dense<T> a = random_dense<T>(x, y, 1);
    Array<T> b = y.random(11);
    Array<T> x0 = x.random(12);
    oracle::Vector<T> zero = oracle::Vector<T>::Zero(8);

    oracle::Vector<T> answer(double damping, bool from_x0 = false) const {
        return least_squares<T>(to_eigen(a), to_eigen(b), damping, from_x0 ? to_eigen(x0) : zero);
    }
};

/// Whether every record of a history is what the iterate gives by definition.
template <class Solve>
void check_history(const Problem<double>& p, double damping, const Array<double>& centre,
                   const Solve& solve) {
    int seen = 0;
    solve([&](const Iteration& at, const Array<double>& x) {
        const Array<double> r = p.b - p.a * x;
        const Array<double> g = p.a.H() * r - damping * damping * (x - centre);
        CHECK(at.number == seen++);
        CHECK(at.residual == Approx(norm(r)).epsilon(1e-10));
        CHECK(at.gradient == Approx(norm(g)).epsilon(1e-9).scale(1e-2));
        CHECK(at.solution == Approx(norm(x)).epsilon(1e-12));
    });
    CHECK(seen == 7);
}

}  // namespace

TEST_CASE_TEMPLATE("lsqr, cgls and damped cg agree with the QR solution", T, float, double,
                   std::complex<float>, std::complex<double>) {
    const Problem<T> p;
    for (const double damping : {0.0, 0.7}) {
        const auto expected = p.answer(damping);
        const auto by_lsqr =
            lsqr(p.a, p.b, {.damping = damping, .atol = tight<T>(), .btol = tight<T>()});
        const auto by_cgls = cgls(p.a, p.b, {.damping = damping, .tolerance = tight<T>()});
        const auto normal = p.a.H() * p.a + damping * damping * Identity{p.x};
        const auto by_cg = cg(normal, p.a.H() * p.b, {.tolerance = tight<T>()});
        CHECK(gap(by_lsqr.x, expected) < accuracy<T>());
        CHECK(gap(by_cgls.x, expected) < accuracy<T>());
        CHECK(gap(by_cg.x, expected) < accuracy<T>());
    }
}

TEST_CASE("steepest descent converges to the QR solution, slowly") {
    const Problem<double> p;
    const auto x = steepest_descent(p.a, p.b, {.iterations = 5000, .tolerance = 1e-13});
    CHECK(x.reason == StopReason::gradient);
    CHECK(gap(x.x, p.answer(0)) < 1e-11);
    CHECK(x.iterations > 20);
}

TEST_CASE("krylov solvers need at most as many steps as there are unknowns") {
    const Problem<double> p;
    CHECK(lsqr(p.a, p.b, {.atol = 1e-12, .btol = 0}).iterations == 8);
    CHECK(cgls(p.a, p.b, {.tolerance = 1e-12}).iterations == 8);
    CHECK(cg(p.a.H() * p.a, p.a.H() * p.b, {.tolerance = 1e-12}).iterations == 8);
}

TEST_CASE("and as many as there are unlike singular values") {
    const ArraySpace<double> x{"x", {60}};
    const auto scale = [](const Array<double>& u, Array<double>& v) {
        for (index_t i = 0; i < u.size(); ++i) v[i] = static_cast<double>(1 + i % 3) * u[i];
    };
    const auto a = make_operator(x, x, scale, scale);
    const auto b = x.random(1);
    CHECK(cg(a, b, {.tolerance = 1e-13}).iterations == 3);
    CHECK(cgls(a, b, {.tolerance = 1e-13}).iterations == 3);
    CHECK(lsqr(a, b, {.atol = 1e-13, .btol = 1e-13}).iterations == 3);
}

TEST_CASE("from a start the same solution is reached, damped about 0 by cgls, about x0 by lsqr") {
    const Problem<double> p;
    CHECK(gap(lsqr(p.a, p.b, p.x0, {.atol = 1e-14, .btol = 1e-14}).x, p.answer(0)) < 1e-12);
    CHECK(gap(cgls(p.a, p.b, p.x0, {.tolerance = 1e-14}).x, p.answer(0)) < 1e-12);
    CHECK(gap(cgls(p.a, p.b, p.x0, {.damping = 0.5, .tolerance = 1e-14}).x, p.answer(0.5)) < 1e-12);
    CHECK(gap(lsqr(p.a, p.b, p.x0, {.damping = 0.5, .atol = 1e-14, .btol = 1e-14}).x,
              p.answer(0.5, true)) < 1e-12);
    const auto normal = p.a.H() * p.a;
    CHECK(gap(cg(normal, p.a.H() * p.b, p.x0, {.tolerance = 1e-14}).x, p.answer(0)) < 1e-12);
}

TEST_CASE("the histories are what the iterates give by definition") {
    const Problem<double> p;
    const auto origin = p.x.zeros();
    for (const double d : {0.0, 0.7}) {
        check_history(p, d, origin, [&](const auto& watch) {
            lsqr(p.a, p.b, {.iterations = 6, .damping = d}, watch);
        });
        check_history(p, d, p.x0, [&](const auto& watch) {
            lsqr(p.a, p.b, p.x0, {.iterations = 6, .damping = d}, watch);
        });
        check_history(p, d, origin, [&](const auto& watch) {
            cgls(p.a, p.b, p.x0, {.iterations = 6, .damping = d}, watch);
        });
        check_history(p, d, origin, [&](const auto& watch) {
            steepest_descent(p.a, p.b, p.x0, {.iterations = 6, .damping = d}, watch);
        });
    }
}

TEST_CASE("the misfit never grows in lsqr, cgls and steepest descent") {
    const Problem<double> p;
    for (const double d : {0.0, 0.3}) {
        const auto check = [&](const auto& solution) {
            const auto misfit = [&](const Iteration& at) {
                return std::hypot(at.residual, d * at.solution);
            };
            for (std::size_t i = 1; i < solution.history.size(); ++i)
                CHECK(misfit(solution.history[i]) <= misfit(solution.history[i - 1]) * (1 + 1e-14));
        };
        check(lsqr(p.a, p.b, {.iterations = 20, .damping = d, .atol = 0, .btol = 0}));
        check(cgls(p.a, p.b, {.iterations = 20, .damping = d, .tolerance = 0}));
        check(steepest_descent(p.a, p.b, {.iterations = 50, .damping = d}));
    }
}

TEST_CASE("the error of cg in the norm of A never grows, nor does |x - x*|") {
    const Problem<double> p;
    const auto a = p.a.H() * p.a;
    const Array<double> exact = p.x0;
    double energy = 1e300;
    double distance = 1e300;
    cg(a, a * exact, {.tolerance = 1e-10}, [&](const Iteration&, const Array<double>& x) {
        const Array<double> e = x - exact;
        CHECK(dot(e, a * e) < energy);
        CHECK(norm(e) < distance);
        energy = dot(e, a * e);
        distance = norm(e);
    });
    CHECK(distance < 1e-8);
}

TEST_CASE("damping is the least squares of A stacked on a multiple of the identity") {
    const Problem<double> p;
    const auto stacked = vstack(p.a, 0.7 * Identity{p.x});
    const Stacked b{p.b, p.x.zeros()};
    const auto direct = lsqr(p.a, p.b, {.iterations = 5, .damping = 0.7});
    const auto by_stack = lsqr(stacked, b, {.iterations = 5});
    CHECK(norm(direct.x - by_stack.x) < 1e-14);
    const auto cgls_stack = cgls(stacked, b, {.iterations = 5});
    CHECK(norm(direct.x - cgls_stack.x) < 1e-13);
}

TEST_CASE("unknowns may be stacks too") {
    const Problem<double> p;
    const auto wide = hstack(p.a, random_dense<double>(p.x, p.y, 5));
    const auto joint = lsqr(wide, p.b, {.damping = 0.4, .atol = 1e-13, .btol = 1e-13});
    const auto gradient = evaluate(wide.H() * (p.b - wide * joint.x) - 0.16 * joint.x);
    CHECK(norm(gradient) < 1e-11);
    const auto normal = wide.H() * wide + 0.16 * Identity{wide.domain()};
    const auto again = cg(normal, wide.H() * p.b, {.tolerance = 1e-13});
    CHECK(norm(again.x - joint.x) < 1e-11);
}

TEST_CASE("lsqr learns the Frobenius norm and the condition of A on its way") {
    const Problem<double> p;
    const auto solution = lsqr(p.a, p.b, {.atol = 1e-13, .btol = 0});
    const auto matrix = to_eigen(p.a);
    const auto s = matrix.jacobiSvd().singularValues();
    CHECK(solution.operator_norm == Approx(matrix.norm()).epsilon(1e-8));
    CHECK(solution.condition == Approx(matrix.norm() * s.cwiseInverse().norm()).epsilon(1e-6));
}

TEST_CASE("the least-norm solution is found where there are many") {
    const ArraySpace<double> x{"model", {9}};
    const ArraySpace<double> y{"data", {4}};
    const auto a = random_dense<double>(x, y, 3);
    const auto b = y.random(4);
    const auto matrix = to_eigen(a);
    const oracle::Vector<double> expected =
        matrix.transpose() * (matrix * matrix.transpose()).ldlt().solve(to_eigen(b));
    CHECK(gap(lsqr(a, b, {.atol = 1e-14, .btol = 1e-14}).x, expected) < 1e-12);
    CHECK(gap(cgls(a, b, {.tolerance = 1e-14}).x, expected) < 1e-12);
}

TEST_CASE("single precision reaches single precision") {
    const ArraySpace<float> x{"x", {100}};
    const auto a = random_dense<float>(x, ArraySpace<float>{"y", {300}}, 3);
    const auto solution = lsqr(a, a * x.random(5), {.atol = 1e-6, .btol = 1e-6});
    CHECK(norm(solution.x - x.random(5)) < 1e-4 * norm(x.random(5)));
}
