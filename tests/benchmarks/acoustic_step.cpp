/// The acoustic step in points per second, beside the memory bandwidth of the same run.
///
/// Usage: bench_acoustic_step [--benchmark_filter=...]; threads by OMP_NUM_THREADS. Points count the
/// grid with its layers. `of_bound` is the share of bandwidth / 16 bytes, what an in-place update
/// in single precision has to move; it means something where the fields do not fit a cache.
#include "operators/wave/shot.hpp"
#include "tests/benchmarks/bandwidth.hpp"
#include <lop/operators/wave/equations.hpp>

#include <vector>

namespace {

using bench::bandwidth;
using lop::index_t;

lop::wave::Problem make_problem(int dimension, index_t points, int order) {
    lop::wave::Problem problem;
    problem.dimension = dimension;
    for (int axis = 0; axis < dimension; ++axis) {
        problem.extents[static_cast<std::size_t>(axis)] = points;
        problem.spacing[static_cast<std::size_t>(axis)] = 10;
    }
    problem.order = order;
    problem.layer.inside = true;  // so that `points` a side are all there are

    return problem;
}

/// Whole runs of one shot, layers, source and receivers included.
void acoustic_forward(benchmark::State& state) {
    const auto dimension = static_cast<int>(state.range(0));
    const index_t points = state.range(1);
    auto problem = make_problem(dimension, points, static_cast<int>(state.range(2)));
    constexpr double velocity = 2000;
    problem.dt =
        0.6 * lop::wave::stable_time_step(problem.order, dimension, problem.spacing, velocity);
    index_t size = 1;
    for (int axis = 0; axis < dimension; ++axis) size *= points;
    const std::vector<float> m(static_cast<std::size_t>(size),
                               static_cast<float>(1 / (velocity * velocity)));
    const lop::wave::Engine<float> engine{
        lop::wave::equation<lop::wave::AcousticEquation<>, float>(dimension), problem, m.data()};

    const index_t steps = std::max<index_t>(10, 300'000'000 / size);
    lop::wave::PlacedPoints point{{{engine.physics().sources[0].parts[0], {}}}};
    append_point(point.parts[0].points, engine.point_grid(0),
                 {static_cast<double>(points / 2), static_cast<double>(points / 2),
                  static_cast<double>(points / 2)},
                 lop::Interpolation::linear);
    std::vector<float> source(static_cast<std::size_t>(steps), 0.0F);
    source[0] = 1;
    std::vector<float> trace(static_cast<std::size_t>(steps));
    lop::wave::Workspace<float> workspace;
    const auto run = [&] {
        engine.forward(workspace, {&point, source.data()}, {&point, trace.data()}, steps);
    };
    run();
    for ([[maybe_unused]] auto _ : state) run();
    const auto updates =
        static_cast<double>(size * steps) * static_cast<double>(state.iterations());
    state.counters["GPts/s"] = benchmark::Counter(updates * 1e-9, benchmark::Counter::kIsRate);
    state.counters["of_bound"] =
        benchmark::Counter(updates * 16e-9 / bandwidth, benchmark::Counter::kIsRate);
}

BENCHMARK(acoustic_forward)
    ->ArgNames({"dimension", "points", "order"})
    ->Args({3, 336, 4})
    ->Args({3, 336, 8})
    ->Args({3, 336, 16})
    ->Args({2, 2081, 4})
    ->Args({2, 2081, 8})
    ->Args({2, 2081, 16})
    ->Args({2, 1081, 8})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace

int main(int argc, char** argv) { return bench::run_beside_bandwidth(argc, argv); }
