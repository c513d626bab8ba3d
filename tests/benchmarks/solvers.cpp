/// The cost of an iteration of CGLS and LSQR: with a dense matrix, which dominates, and with a diagonal
/// of 1000 values, which does not, so that what the solver itself costs is seen.
///
/// Usage: bench_solvers [--benchmark_filter=...]; peers.py times PyLops on the same rows. A run is of
/// many iterations; `us_per_iteration` is its time over their number, the memory of the solver and
/// its start included.
#include "tests/benchmarks/bandwidth.hpp"
#include <lop/algebra/algebra.hpp>
#include <lop/algebra/eigen.hpp>
#include <lop/operators/derivative.hpp>
#include <lop/solvers/cgls.hpp>
#include <lop/solvers/lsqr.hpp>

namespace {

using lop::index_t;
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr index_t iterations = 100;

lop::MatrixOperator<Matrix> dense(index_t n) {
    Matrix m(n, n);
    for (index_t i = 0; i < m.size(); ++i) m.data()[i] = lop::random_value<double>(1, i);
    return lop::MatrixOperator<Matrix>{m};
}
/// The values 1 to n: a condition that a hundred iterations do not overcome.
auto diagonal(index_t n) {
    auto weights = lop::ArraySpace<double>{"weights", {n}}.zeros();
    for (index_t i = 0; i < n; ++i) weights[i] = static_cast<double>(i + 1);
    return lop::Diagonal{weights};
}

struct Cgls {
    template <class A, class B> auto operator()(const A& a, const B& b) const {
        return lop::cgls(a, b, {.iterations = iterations, .tolerance = 0});
    }
};
struct Lsqr {
    template <class A, class B> auto operator()(const A& a, const B& b) const {
        return lop::lsqr(a, b,
                         {.iterations = iterations, .atol = 0, .btol = 0, .condition_limit = 0});
    }
};

template <class Solver, lop::LinearOperator A> void time_solver(benchmark::State& state,
                                                                const A& a) {
    const auto b = a.range().random(2);
    index_t done = 0;
    for ([[maybe_unused]] auto _ : state) {
        const auto solution = Solver{}(a, b);
        done += solution.iterations;
        benchmark::DoNotOptimize(&solution.x);
    }
    state.counters["us_per_iteration"] =
        benchmark::Counter(1e-6 * static_cast<double>(done),
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

template <class Solver> void with_dense(benchmark::State& state) {
    time_solver<Solver>(state, dense(state.range(0)));
}
template <class Solver> void with_dense_over_derivative(benchmark::State& state) {
    const auto a = dense(state.range(0));
    time_solver<Solver>(state, lop::vstack(a, lop::FirstDerivative<double>{a.domain()}));
}
template <class Solver> void with_diagonal(benchmark::State& state) {
    time_solver<Solver>(state, diagonal(state.range(0)));
}

void settle(benchmark::internal::Benchmark* row) {
    row->ArgNames({"unknowns"})->Unit(benchmark::kMillisecond)->UseRealTime();
}

BENCHMARK(with_dense<Cgls>)->Arg(1000)->Apply(settle);
BENCHMARK(with_dense<Lsqr>)->Arg(1000)->Apply(settle);
BENCHMARK(with_dense_over_derivative<Cgls>)->Arg(500)->Apply(settle);
BENCHMARK(with_dense_over_derivative<Lsqr>)->Arg(500)->Apply(settle);
BENCHMARK(with_diagonal<Cgls>)->Arg(1000)->Apply(settle);
BENCHMARK(with_diagonal<Lsqr>)->Arg(1000)->Apply(settle);

}  // namespace

int main(int argc, char** argv) { return bench::run_beside_bandwidth(argc, argv); }
