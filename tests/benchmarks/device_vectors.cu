/// Vector algebra on a device in bytes per second, beside what a copy on the device moves.
///
/// Usage: bench_device_vectors [--benchmark_filter=...]. `of_copy` is the share of the copy's rate;
/// bytes count each operand once for a read and once for a write.
#include <lop/algebra/algebra.hpp>
#include <lop/solvers/cg.hpp>

#include <benchmark/benchmark.h>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cuda_runtime.h>

namespace {

using namespace lop;
using Clock = std::chrono::steady_clock;

double copy_rate = 0;

double measured_copy_rate(index_t bytes) {
    const auto count = bytes / static_cast<index_t>(sizeof(float));
    Array<float, Device> a{Shape{count}};
    Array<float, Device> b{Shape{count}};
    double best = 0;
    for (int repeat = 0; repeat < 10; ++repeat) {
        cudaDeviceSynchronize();
        const auto start = Clock::now();
        b = a;
        cudaDeviceSynchronize();
        const std::chrono::duration<double> seconds = Clock::now() - start;
        best = std::max(best, 2e-9 * static_cast<double>(bytes) / seconds.count());
    }
    return best;
}

Shape shape_of(const benchmark::State& state) {
    if (state.range(1) == 1) return Shape{state.range(0)};
    return Shape{state.range(0) / state.range(1), state.range(1)};
}

/// Runs body, which moves so many vectors of the space, until it is timed.
template <class T, class Body>
void timed(benchmark::State& state, index_t count, double vectors, const Body& body) {
    body();
    for ([[maybe_unused]] auto _ : state) {
        body();
        cudaDeviceSynchronize();
    }
    const double bytes =
        vectors * static_cast<double>(count) * sizeof(T) * static_cast<double>(state.iterations());
    using benchmark::Counter;
    state.counters["GB/s"] = Counter(1e-9 * bytes, Counter::kIsRate);
    state.counters["of_copy"] = Counter(1e-9 * bytes / copy_rate, Counter::kIsRate);
}

template <class T> struct Operands {
    explicit Operands(const benchmark::State& state)
        : x{shape_of(state)}, y{shape_of(state)}, z{shape_of(state)} {
        x.fill(1);
        y.fill(2);
    }
    Array<T, Device> x, y, z;
};

template <class T> void update(benchmark::State& state) {
    Operands<T> v{state};
    timed<T>(state, v.x.size(), 3, [&] { v.x += T(1e-9) * v.y; });
}
template <class T> void combination(benchmark::State& state) {
    Operands<T> v{state};
    timed<T>(state, v.x.size(), 3, [&] { v.z = T(2) * v.x - cwise_product(v.x, v.y); });
}
template <class T> void inner_product(benchmark::State& state) {
    Operands<T> v{state};
    timed<T>(state, v.x.size(), 2, [&] { benchmark::DoNotOptimize(dot(v.x, v.y)); });
}
template <class T> void squared_norm(benchmark::State& state) {
    Operands<T> v{state};
    timed<T>(state, v.x.size(), 1, [&] { benchmark::DoNotOptimize(norm2(v.x)); });
}
template <class T> void update_with_norm(benchmark::State& state) {
    Operands<T> v{state};
    timed<T>(state, v.x.size(), 3,
             [&] { benchmark::DoNotOptimize(assign_norm2(v.x, v.x - T(1e-9) * v.y)); });
}
/// Iterations with a diagonal: 10 vectors each beside the operator's 3.
template <class T> void conjugate_gradients(benchmark::State& state) {
    const ArraySpace<T> host{"x", shape_of(state)};
    auto weights = host.random(1);
    weights = map([](T w) { return std::exp(w); }, weights);
    const Diagonal a{to_device(weights)};
    const auto b = to_device(host.random(2));
    const auto solve = [&] { return cg(a, b, {.iterations = 50, .tolerance = 0}).iterations; };
    const double vectors = 13 * static_cast<double>(solve());
    timed<T>(state, host.size(), vectors, [&] { benchmark::DoNotOptimize(solve()); });
}

void sizes(benchmark::internal::Benchmark* benchmark) {
    benchmark->ArgNames({"count", "row"})
        ->Args({1 << 26, 1})
        ->Args({1 << 26, 1 << 13})
        ->Args({1 << 26, 1 << 18})
        ->Args({1 << 16, 1})
        ->Unit(benchmark::kMicrosecond)
        ->UseRealTime();
}

BENCHMARK_TEMPLATE(update, float)->Apply(sizes);
BENCHMARK_TEMPLATE(combination, float)->Apply(sizes);
BENCHMARK_TEMPLATE(inner_product, float)->Apply(sizes);
BENCHMARK_TEMPLATE(inner_product, double)->Apply(sizes);
BENCHMARK_TEMPLATE(squared_norm, float)->Apply(sizes);
BENCHMARK_TEMPLATE(update_with_norm, float)->Apply(sizes);
BENCHMARK_TEMPLATE(conjugate_gradients, float)->Apply(sizes);

}  // namespace

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    if (!device_available()) {
        std::puts("no device on this machine: nothing is measured");
        return 0;
    }
    copy_rate = measured_copy_rate(index_t{1} << 28);
    std::printf("a copy on the device moves %.0f GB/s\n", copy_rate);
    benchmark::RunSpecifiedBenchmarks();
}
