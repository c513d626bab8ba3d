/// Solvers of sparse and of nonsmooth problems. Steps and penalties are sums of few powers of two,
/// for pyproximal keeps them in single precision.
#include "tests/peers/iterates.hpp"
#include "tests/peers/record.hpp"
#include <lop/algebra/algebra.hpp>
#include <lop/solvers/admm.hpp>
#include <lop/solvers/irls.hpp>
#include <lop/solvers/lsqr.hpp>
#include <lop/solvers/omp.hpp>
#include <lop/solvers/primal_dual.hpp>
#include <lop/solvers/proximal_gradient.hpp>
#include <lop/solvers/spgl1.hpp>

#include <Eigen/QR>

namespace peers {

using namespace lop;

namespace {

constexpr index_t rows = 20;
constexpr index_t columns = 12;
constexpr index_t wide_columns = 30;

template <class T> Array<T> vector_of(index_t size, std::uint64_t seed) {
    return ArraySpace<T>{"vector", {size}}.random(seed);
}
/// A x for an x with five values, and a little noise.
Array<double> sparse_data(const MatrixOperator<double>& a) {
    auto x = a.domain().zeros();
    for (index_t i = 1; i < x.size(); i += x.size() / 4) x[i] = i % 2 == 0 ? 1.5 : -2;
    return a * x + 0.01 * a.range().random(82);
}

template <class T> void record_thresholds(Record& record, const std::string& suffix) {
    const Matrix<T> m = random_matrix<T>(rows, columns, 81) / 4.0;
    const MatrixOperator<T> a{m};
    const auto b = vector_of<T>(rows, 83);
    const auto start = vector_of<T>(columns, 84);
    const auto run = [&](const std::string& name, const auto& solve) {
        Iterates<T> seen;
        solve(seen.watch());
        record.begin("solvers/" + name + suffix)
            .with("A", m)
            .with("b", b)
            .with("start", start)
            .rows("iterates", seen.list());
    };
    const ProximalOptions options{.iterations = 30, .step = 0.125, .tolerance = 0};
    run("ista", [&](const auto& watch) { ista(a, b, L1{0.25}, options, watch); });
    run("ista from a start",
        [&](const auto& watch) { ista(a, b, L1{0.25}, start, options, watch); });
    run("ista hard", [&](const auto& watch) { ista(a, b, L0{0.015625}, options, watch); });
    run("fista", [&](const auto& watch) { fista(a, b, L1{0.25}, options, watch); });
    run("fista from a start",
        [&](const auto& watch) { fista(a, b, L1{0.25}, start, options, watch); });
}

/// A sparse representation S x of the model: the iterates are of S x.
void record_analysis(Record& record) {
    const Matrix<double> m = random_matrix<double>(rows, columns, 81) / 4.0;
    const Matrix<double> q =
        Eigen::HouseholderQR<Matrix<double>>{random_matrix<double>(columns, columns, 85)}
            .householderQ();
    const MatrixOperator<double> a{m}, s{q};
    const auto b = vector_of<double>(rows, 83);
    for (const bool fast : {false, true}) {
        Iterates<double> seen;
        const ProximalOptions options{.iterations = 30, .step = 0.125, .tolerance = 0};
        if (fast) fista(a * s.H(), b, L1{0.25}, options, seen.watch());
        else ista(a * s.H(), b, L1{0.25}, options, seen.watch());
        record.begin(std::string{"solvers/"} + (fast ? "fista" : "ista") + " of a transform")
            .with("A", m)
            .with("S", q)
            .with("b", b)
            .rows("iterates", seen.list());
    }
}

void record_pursuits(Record& record) {
    const auto m = random_matrix<double>(rows, wide_columns, 86);
    const MatrixOperator<double> a{m};
    const auto b = sparse_data(a);
    for (const bool normalise : {false, true}) {
        Iterates<double> seen;
        omp(a, b, {.columns = 6, .tolerance = 0, .normalise = normalise}, seen.watch());
        record.begin(std::string{"solvers/omp"} + (normalise ? " of unit columns" : ""))
            .with("A", m)
            .with("b", b)
            .rows("iterates", seen.list());
    }
    const double noise = 0.1 * norm(b);
    record.begin("solvers/spgl1")
        .with("A", m)
        .with("b", b)
        .with("noise", noise)
        .with("x", spgl1(a, b, {.iterations = 10000, .noise = noise, .tolerance = 1e-10}).x);
    record.begin("solvers/spgl1 lasso")
        .with("A", m)
        .with("b", b)
        .with("radius", 2.5)
        .with("x", spgl1(a, b, {.iterations = 10000, .radius = 2.5, .tolerance = 1e-10}).x);
}

/// Both split the problem alike; the inner systems are solved to rounding.
void record_splittings(Record& record) {
    const auto m = random_matrix<double>(rows, columns, 87);
    const auto l = random_matrix<double>(15, columns, 88);
    const MatrixOperator<double> a{m}, L{l};
    const auto b = vector_of<double>(rows, 89);
    const AdmmOptions options{.iterations = 20,
                              .penalty = 0.5,
                              .inner_iterations = 40,
                              .inner_tolerance = 1e-13,
                              .tolerance = 0};
    const auto run = [&](const std::string& name, const auto& solve) {
        Iterates<double> seen;
        solve(seen.watch());
        record.begin("solvers/" + name)
            .with("A", m)
            .with("L", l)
            .with("b", b)
            .rows("iterates", seen.list());
    };
    run("split_bregman", [&](const auto& watch) { split_bregman(a, b, L, 0.125, options, watch); });
    run("admm", [&](const auto& watch) { admm(a, b, L, L1{0.25}, options, watch); });
}

/// From the solution by least squares, which is PyLops' first iterate.
void record_irls(Record& record) {
    const auto m = random_matrix<double>(rows, columns, 90);
    const MatrixOperator<double> a{m};
    auto b = vector_of<double>(rows, 91);
    b[3] += 20;
    const auto start =
        lsqr(a, b, {.iterations = 100, .atol = 0, .btol = 0, .condition_limit = 0}).x;
    Iterates<double> seen;
    const IrlsOptions options{.iterations = 4,
                              .inner_iterations = 200,
                              .inner_tolerance = 1e-14,
                              .epsilon = 1e-2,
                              .tolerance = 0};
    irls(a, b, start, options, seen.watch());
    record.begin("solvers/irls")
        .with("A", m)
        .with("b", b)
        .with("floor", options.epsilon * norm_inf(b))
        .rows("iterates", seen.list());
}

void record_proximal_solvers(Record& record) {
    const Matrix<double> m = random_matrix<double>(rows, columns, 81) / 4.0;
    const MatrixOperator<double> a{m};
    const auto b = vector_of<double>(rows, 83);
    const auto start = vector_of<double>(columns, 84);
    const auto misfit = [&](const Array<double>& x, Array<double>& g) {
        const Array<double> r = a * x - b;
        g = a.H() * r;
        return 0.5 * norm2(r);
    };
    for (const bool fast : {false, true}) {
        Iterates<double> seen;
        proximal_gradient(misfit, L1{0.25}, start,
                          {.iterations = 30, .step = 0.125, .accelerated = fast, .tolerance = 0},
                          seen.watch());
        record.begin(std::string{"solvers/proximal_gradient"} + (fast ? " accelerated" : ""))
            .with("A", m)
            .with("b", b)
            .with("start", start)
            .rows("iterates", seen.list());
    }
    Iterates<double> seen;
    // 0.98 / 3.92 makes steps of a quarter.
    primal_dual(a, Translated{L1{}, b}, SquaredL2{0.25}, start,
                {.iterations = 50, .operator_norm = 3.92, .tolerance = 0}, seen.watch());
    record.begin("solvers/primal_dual")
        .with("A", m)
        .with("b", b)
        .with("start", start)
        .rows("iterates", seen.list());
}

}  // namespace

void record_sparse_solvers(Record& record) {
    record_thresholds<double>(record, "");
    record_thresholds<C>(record, " complex");
    record_analysis(record);
    record_pursuits(record);
    record_splittings(record);
    record_irls(record);
    record_proximal_solvers(record);
}

}  // namespace peers
