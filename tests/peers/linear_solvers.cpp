/// Solvers of linear systems and of least squares, iterate by iterate, and spectra.
///
/// The matrices are well conditioned, so that rounding does not part two recurrences that are equal.
#include "tests/peers/iterates.hpp"
#include "tests/peers/record.hpp"
#include <lop/algebra/algebra.hpp>
#include <lop/solvers/bicgstab.hpp>
#include <lop/solvers/cg.hpp>
#include <lop/solvers/cgls.hpp>
#include <lop/solvers/gmres.hpp>
#include <lop/solvers/lsmr.hpp>
#include <lop/solvers/lsqr.hpp>
#include <lop/solvers/minres.hpp>
#include <lop/solvers/spectral.hpp>

#include <Eigen/QR>

namespace peers {

using namespace lop;

namespace {

constexpr index_t rows = 20;
constexpr index_t columns = 12;
constexpr index_t iterations = 8;

/// A tall matrix with singular values from 0.8 to 8.
template <class T> Matrix<T> tall() { return random_matrix<T>(rows, columns, 71); }
/// Self-adjoint, with eigenvalues from 1 to about 4.
template <class T> Matrix<T> positive() {
    const Matrix<T> a = tall<T>();
    return a.adjoint() * a / 20.0 + Matrix<T>::Identity(columns, columns);
}
/// Self-adjoint and indefinite: the eigenvalues of every other place change sign.
template <class T> Matrix<T> indefinite() {
    const Matrix<T> q =
        Eigen::HouseholderQR<Matrix<T>>{random_matrix<T>(columns, columns, 72)}.householderQ();
    Matrix<T> values = Matrix<T>::Zero(columns, columns);
    for (index_t i = 0; i < columns; ++i)
        values(i, i) = (i % 2 == 0 ? 1 : -1) * (1 + 0.25 * static_cast<double>(i));
    return q * values * q.adjoint();
}
/// Square, not self-adjoint, with eigenvalues around 2.
template <class T> Matrix<T> square() {
    return random_matrix<T>(columns, columns, 73) / 5.0 +
           2.0 * Matrix<T>::Identity(columns, columns);
}
template <class T> Array<T> vector_of(index_t size, std::uint64_t seed) {
    return ArraySpace<T>{"vector", {size}}.random(seed);
}

template <class T> void record_systems(Record& record, const std::string& suffix) {
    const auto b = vector_of<T>(columns, 74);
    const auto start = vector_of<T>(columns, 75);
    const auto entry = [&](const std::string& name, const Matrix<T>& m, const Iterates<T>& seen) {
        record.begin("solvers/" + name + suffix)
            .with("A", m)
            .with("b", b)
            .with("start", start)
            .rows("iterates", seen.list());
    };
    const auto run = [&](const std::string& name, const Matrix<T>& m, const auto& solve) {
        const MatrixOperator<T> a{m};
        Iterates<T> seen;
        solve(a, seen.watch());
        entry(name, m, seen);
    };
    run("cg", positive<T>(), [&](const auto& a, const auto& watch) {
        cg(a, b, {.iterations = iterations, .tolerance = 0}, watch);
    });
    run("cg from a start", positive<T>(), [&](const auto& a, const auto& watch) {
        cg(a, b, start, {.iterations = iterations, .tolerance = 0}, watch);
    });
    run("cg damped", positive<T>(), [&](const auto& a, const auto& watch) {
        cg(shift(a, 0.5), b, {.iterations = iterations, .tolerance = 0}, watch);
    });
    run("minres", indefinite<T>(), [&](const auto& a, const auto& watch) {
        minres(a, b, {.iterations = iterations, .tolerance = 0}, watch);
    });
    run("gmres", square<T>(), [&](const auto& a, const auto& watch) {
        gmres(a, b, {.iterations = 2 * iterations, .restart = 4, .tolerance = 0}, watch);
    });
    run("bicgstab", square<T>(), [&](const auto& a, const auto& watch) {
        bicgstab(a, b, {.iterations = iterations, .tolerance = 0}, watch);
    });
}

template <class T> void record_least_squares(Record& record, const std::string& suffix) {
    const auto m = tall<T>();
    const MatrixOperator<T> a{m};
    const auto b = vector_of<T>(rows, 76);
    const auto start = vector_of<T>(columns, 75);
    const auto run = [&](const std::string& name, const auto& solve) {
        Iterates<T> seen;
        solve(seen.watch());
        record.begin("solvers/" + name + suffix)
            .with("A", m)
            .with("b", b)
            .with("start", start)
            .rows("iterates", seen.list());
    };
    const CglsOptions plain{.iterations = iterations, .tolerance = 0};
    run("cgls", [&](const auto& watch) { cgls(a, b, plain, watch); });
    run("cgls from a start", [&](const auto& watch) { cgls(a, b, start, plain, watch); });
    run("cgls damped", [&](const auto& watch) {
        cgls(a, b, {.iterations = iterations, .damping = 1.5, .tolerance = 0}, watch);
    });
    const LsqrOptions exact{.iterations = iterations, .atol = 0, .btol = 0, .condition_limit = 0};
    LsqrOptions damped = exact;
    damped.damping = 1.5;
    run("lsqr", [&](const auto& watch) { lsqr(a, b, exact, watch); });
    run("lsqr from a start", [&](const auto& watch) { lsqr(a, b, start, exact, watch); });
    run("lsqr damped", [&](const auto& watch) { lsqr(a, b, damped, watch); });
    run("lsmr", [&](const auto& watch) { lsmr(a, b, exact, watch); });
    run("lsmr damped", [&](const auto& watch) { lsmr(a, b, damped, watch); });
}

/// What PyLops has functions for, and lop writes as stacks and products.
void record_compositions(Record& record) {
    const auto m = tall<double>();
    const auto regulariser = random_matrix<double>(9, columns, 77);
    const MatrixOperator<double> a{m}, r{regulariser};
    const auto b = vector_of<double>(rows, 76);
    const auto d = vector_of<double>(9, 78);
    const auto w = vector_of<double>(rows, 79);
    const auto p = random_matrix<double>(columns, columns, 80);
    const MatrixOperator<double> preconditioner{p};
    const double eps = 0.75;
    const auto entry = [&](const std::string& name, const Array<double>& x) {
        record.begin("solvers/" + name)
            .with("A", m)
            .with("R", regulariser)
            .with("P", p)
            .with("b", b)
            .with("d", d)
            .with("eps", eps)
            .with("x", x);
    };
    const LsqrOptions exact{.iterations = iterations, .atol = 0, .btol = 0, .condition_limit = 0};
    const Array<double> scaled = eps * d;
    entry("regularized_inversion", lsqr(vstack(a, eps * r), Stacked{b, scaled}, exact).x);
    entry("normal_equations_inversion",
          cg(normal(a) + eps * eps * normal(r), a.H() * b + eps * eps * (r.H() * d),
             {.iterations = iterations, .tolerance = 0})
              .x);
    const Array<double> z = lsqr(a * preconditioner, b, exact).x;
    entry("preconditioned_inversion", preconditioner * z);
}

void record_spectra(Record& record) {
    const SpectralOptions exact{.iterations = 2000, .tolerance = 1e-10};
    const auto m = positive<double>();
    const MatrixOperator<double> a{m}, t{tall<double>()};
    const auto entry = [&](const std::string& name, const Matrix<double>& matrix, double value) {
        record.begin("solvers/" + name).with("A", matrix).with("value", value);
    };
    const auto pair = power_iteration(a, exact);
    entry("power_iteration", m, pair.value);
    entry("estimate_norm", tall<double>(), estimate_norm(t, exact));
    entry("condition_number", tall<double>(), condition_number(t, exact));
    entry("singular_values", tall<double>(), singular_values(t, exact).smallest);
    entry("lanczos", m, lanczos(a, exact).smallest);
    const Matrix<double> diagonal = m.diagonal().asDiagonal();
    entry("trace", diagonal, trace(MatrixOperator<double>{diagonal}, {.samples = 12}).value);
}

}  // namespace

void record_linear_solvers(Record& record) {
    record_systems<double>(record, "");
    record_systems<C>(record, " complex");
    record_least_squares<double>(record, "");
    record_least_squares<C>(record, " complex");
    record_compositions(record);
    record_spectra(record);
}

}  // namespace peers
