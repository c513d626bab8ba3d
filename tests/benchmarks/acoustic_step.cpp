/// The acoustic step in points per second, beside the memory bandwidth of the same run.
///
/// Usage: bench_acoustic_step [--benchmark_filter=...]; threads by OMP_NUM_THREADS. Points count the
/// grid with its layers. `of_bound` is the share of bandwidth / 16 bytes, what an in-place update
/// in single precision has to move; it means something where the fields do not fit a cache.
#include "operators/wave/shot.hpp"
#include <lop/core/buffer.hpp>

#include <benchmark/benchmark.h>
#include <chrono>
#include <cstdio>
#include <immintrin.h>
#include <omp.h>
#include <vector>

namespace {

using lop::index_t;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// a = b + s c with stores that pass the cache by: 12 bytes an element, best of several, in GB/s.
double triad_bandwidth() {
    constexpr index_t count = index_t{1} << 26;
    constexpr index_t lanes = 4;
    lop::Buffer<float, lop::Host> a{count}, b{count}, c{count};
    float* const pa = a.data();
    float* const pb = b.data();
    float* const pc = c.data();
#pragma omp parallel for schedule(static)
    for (index_t i = 0; i < count; ++i) pa[i] = pb[i] = pc[i] = 1;
    double best = 0;
    for (int repeat = 0; repeat < 5; ++repeat) {
        const auto start = Clock::now();
#pragma omp parallel for schedule(static)
        for (index_t i = 0; i < count; i += lanes) {
            const __m128 sum =
                _mm_add_ps(_mm_load_ps(pb + i), _mm_mul_ps(_mm_set1_ps(3), _mm_load_ps(pc + i)));
            _mm_stream_ps(pa + i, sum);
        }
        best = std::max(best, 12e-9 * static_cast<double>(count) / seconds_since(start));
    }
    return best;
}

double bandwidth = 0;

lop::wave::AcousticProblem make_problem(int dimension, index_t points, int order) {
    lop::wave::AcousticProblem problem;
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
    const lop::wave::AcousticEngine<float> engine{problem, m.data()};

    const index_t steps = std::max<index_t>(10, 300'000'000 / size);
    lop::wave::PointSet point;
    append_point(point, engine.point_grid(),
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

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    bandwidth = triad_bandwidth();
    std::printf("triad bandwidth before: %.1f GB/s on %d threads\n", bandwidth,
                omp_get_max_threads());
    benchmark::RunSpecifiedBenchmarks();
    const double after = triad_bandwidth();
    std::printf("triad bandwidth after:  %.1f GB/s%s\n", after,
                after < 0.9 * bandwidth || after > 1.1 * bandwidth
                    ? " (differs by over 10 %: run again)"
                    : "");
}
