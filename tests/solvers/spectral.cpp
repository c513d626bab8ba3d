/// Norms, spectra, condition numbers and traces against Eigen.
#include <lop/solvers/spectral.hpp>

#include "law.hpp"

#include <complex>

using namespace lop;
using doctest::Approx;
using oracle::to_eigen;
using zoo::dense;
using zoo::random_dense;

TEST_CASE_TEMPLATE("norm and condition are those of the SVD, of tall and of wide operators", T,
                   float, std::complex<double>) {
    const ArraySpace<T> x{"x", {12}};
    const ArraySpace<T> y{"y", {3, 5}};
    const double within = std::same_as<Real<T>, double> ? 1e-9 : 1e-4;
    const auto a = random_dense<T>(x, y, 1);
    const auto s = to_eigen(a).jacobiSvd().singularValues();
    const SpectralOptions exact{.tolerance = within};
    CHECK(estimate_norm(a, exact) == Approx(s(0)).epsilon(within));
    CHECK(estimate_norm(a.H(), exact) == Approx(s(0)).epsilon(within));
    CHECK(condition_number(a, exact) == Approx(s(0) / s(11)).epsilon(10 * within));
    CHECK(condition_number(a.H(), exact) == Approx(s(0) / s(11)).epsilon(10 * within));
    const auto range = singular_values(a, exact);
    CHECK(range.converged);
    CHECK(range.smallest == Approx(s(11)).epsilon(10 * within));
}

TEST_CASE("lanczos and power iteration find the ends of a spectrum") {
    const ArraySpace<double> x{"x", {200}};
    Array<double> w{{200}};
    for (index_t i = 0; i < 200; ++i) w[i] = -3 + 0.05 * static_cast<double>(i);
    w[0] = -5;
    w[199] = 9;
    const Diagonal d{w};
    const auto range = lanczos(d, {.tolerance = 1e-7});
    CHECK(range.converged);
    CHECK(range.iterations < 60);
    CHECK(range.smallest == Approx(-5).epsilon(1e-10));
    CHECK(range.largest == Approx(9).epsilon(1e-10));
    const auto top = power_iteration(d, {.iterations = 1000, .tolerance = 1e-10});
    CHECK(top.converged);
    CHECK(top.value == Approx(9).epsilon(1e-14));
    CHECK(std::abs(top.vector[199]) == Approx(1).epsilon(1e-12));
    CHECK(power_iteration(-1 * d, {.iterations = 1000}).value == Approx(-9).epsilon(1e-10));
}

TEST_CASE("power iteration says where it does not converge, and nothing is a norm of zero") {
    const auto turn = dense({{0.0, 1.0}, {-1.0, 0.0}});
    CHECK_FALSE(power_iteration(turn).converged);
    CHECK(estimate_norm(turn) == Approx(1));
    CHECK(condition_number(turn) == Approx(1));
    const ArraySpace<double> x{"x", {4}};
    CHECK(estimate_norm(Zero{x, x}) == 0);
    CHECK(power_iteration(Zero{x, x}).converged);
    CHECK_THROWS_AS(lanczos(turn, {.iterations = 0}), ArgumentError);
    CHECK_THROWS_AS(lanczos(random_dense<double>(x, ArraySpace<double>{"y", {5}}, 1)), SpaceError);
}

TEST_CASE("the trace of a diagonal is exact, of others within its standard error") {
    const ArraySpace<double> x{"x", {50}};
    const Diagonal d{x.random(1)};
    double sum = 0;
    for (const double v : d.weights()) sum += v;
    const auto exact = trace(d, {.samples = 3});
    CHECK(exact.value == Approx(sum).epsilon(1e-13));
    CHECK(exact.error < 1e-13);
    const auto a = random_dense<double>(x, x, 3);
    const auto found = trace(a, {.samples = 2000});
    CHECK(std::abs(found.value - to_eigen(a).trace()) < 4 * found.error);
    CHECK(found.error < 2);
    using C = std::complex<double>;
    const ArraySpace<C> z{"z", {20}};
    const auto c = random_dense<C>(z, z, 3);
    const auto complex_trace = trace(c, {.samples = 2000});
    CHECK(std::abs(complex_trace.value - to_eigen(c).trace()) < 4 * complex_trace.error);
    CHECK_THROWS_AS(trace(a, {.samples = 0}), ArgumentError);
}

TEST_CASE("spectra of scattered operators have the bits of whole ones") {
    const law::Whole whole;
    const law::Scattered parts;
    const SpectralOptions few{.iterations = 15};
    CHECK(estimate_norm(parts.op(), few) == estimate_norm(whole.op(), few));
    CHECK(lanczos(normal(parts.op()), few).largest == lanczos(normal(whole.op()), few).largest);
    CHECK(trace(parts.op(), {.samples = 5}).value == trace(whole.op(), {.samples = 5}).value);
    CHECK(power_iteration(parts.op(), few).value == power_iteration(whole.op(), few).value);
}
