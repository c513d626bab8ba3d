/// Derivatives, convolution and Fourier transforms of a large array, beside the memory bandwidth, and
/// sums of diffractions.
///
/// Usage: bench_operators [--benchmark_filter=...]; threads by OMP_NUM_THREADS; peers.py times PyLops
/// on the same rows. `GB/s` counts each value of the operand and of the result once, the least that
/// can move; `of_bound` is its share of the bandwidth. A Fourier transform of two axes passes over
/// memory twice at least, so that its bound is half. Sums of diffractions are bound by the core.
#include "tests/benchmarks/bandwidth.hpp"
#include <lop/operators/convolution.hpp>
#include <lop/operators/derivative.hpp>
#include <lop/operators/fourier.hpp>
#include <lop/operators/kirchhoff.hpp>

#include <complex>
#include <string>
#include <vector>

namespace {

using lop::index_t;

constexpr index_t extent = 4000;

template <class T> lop::ArraySpace<T> image() { return {"image", {extent, extent}}; }

/// Times A x, or A' y where the argument `which` of the benchmark says so.
template <lop::LinearOperator A>
void time_alone(benchmark::State& state, std::size_t which, const A& a) {
    const bool adjoint = state.range(which) != 0;
    auto x = a.domain().random(1);
    auto y = a.range().random(2);
    const auto run = [&] {
        if (adjoint) a.adjoint(y, x);
        else a.forward(x, y);
    };
    run();  // takes scratch from the pools, and touches all memory
    for ([[maybe_unused]] auto _ : state) run();
}
/// The same, beside the bandwidth.
template <lop::LinearOperator A>
void time_operator(benchmark::State& state, std::size_t which, const A& a) {
    time_alone(state, which, a);
    using X = typename lop::DomainOf<A>::value_type;
    using Y = typename lop::RangeOf<A>::value_type;
    const auto bytes = static_cast<double>(a.domain().size()) * sizeof(X) +
                       static_cast<double>(a.range().size()) * sizeof(Y);
    const double gigabytes = 1e-9 * bytes * static_cast<double>(state.iterations());
    state.counters["GB/s"] = benchmark::Counter(gigabytes, benchmark::Counter::kIsRate);
    state.counters["of_bound"] =
        benchmark::Counter(gigabytes / bench::bandwidth, benchmark::Counter::kIsRate);
}

template <class T> void first_derivative(benchmark::State& state) {
    time_operator(state, 1,
                  lop::FirstDerivative<T>{image<T>(), {.axis = static_cast<int>(state.range(0))}});
}
template <class T> void second_derivative(benchmark::State& state) {
    time_operator(state, 1,
                  lop::SecondDerivative<T>{image<T>(), {.axis = static_cast<int>(state.range(0))}});
}
template <class T> void gradient(benchmark::State& state) {
    time_operator(state, 0, lop::Gradient<T>{image<T>()});
}
template <class T> void laplacian(benchmark::State& state) {
    time_operator(state, 0, lop::Laplacian<T>{image<T>()});
}
/// With a square filter of so many values a side: short ones by sums, long ones by transforms.
template <class T> void convolution_2d(benchmark::State& state) {
    const index_t side = state.range(0);
    const auto filter = lop::ArraySpace<T>{"filter", {side, side}}.random(3);
    time_operator(state, 1, lop::ConvolutionND<T>{{extent, extent}, filter});
}
template <class T> void real_fourier_2d(benchmark::State& state) {
    time_operator(state, 0, lop::RealFourierTransform<T>{{extent, extent}, {.axes = {0, 1}}});
}
template <class T> void fourier_2d(benchmark::State& state) {
    time_operator(state, 0,
                  lop::FourierTransform<std::complex<T>>{{extent, extent}, {.axes = {0, 1}}});
}
/// 20 sources, 40 receivers, an image of 200 x 200 places, a wavelet of one value.
template <class T> void kirchhoff(benchmark::State& state) {
    const lop::Grid grid{{200, 200}, {5, 5}};
    const auto line = [&](index_t count) {
        std::vector<lop::Point> points;
        for (index_t i = 0; i < count; ++i)
            points.push_back(
                {.x = grid.last(0) * static_cast<double>(i) / static_cast<double>(count - 1)});
        return lop::TravelTimes<T>{grid, points, 1500};
    };
    time_alone(state, 0, lop::Kirchhoff<T>{line(20), line(40), {500, 0.004}, {.wavelet = {T(1)}}});
}

void settle(benchmark::internal::Benchmark* row) {
    row->Unit(benchmark::kMillisecond)->UseRealTime();
}
void along_axes(benchmark::internal::Benchmark* row) {
    settle(row->ArgNames({"axis", "adjoint"})->ArgsProduct({{0, 1}, {0, 1}}));
}
void both_ways(benchmark::internal::Benchmark* row) {
    settle(row->ArgNames({"adjoint"})->Arg(0)->Arg(1));
}
void by_filter(benchmark::internal::Benchmark* row) {
    settle(row->ArgNames({"side", "adjoint"})->ArgsProduct({{5, 31}, {0, 1}}));
}

BENCHMARK(first_derivative<float>)->Apply(along_axes);
BENCHMARK(first_derivative<double>)->Apply(along_axes);
BENCHMARK(second_derivative<float>)->Apply(along_axes);
BENCHMARK(second_derivative<double>)->Apply(along_axes);
BENCHMARK(gradient<float>)->Apply(both_ways);
BENCHMARK(gradient<double>)->Apply(both_ways);
BENCHMARK(laplacian<float>)->Apply(both_ways);
BENCHMARK(laplacian<double>)->Apply(both_ways);
BENCHMARK(convolution_2d<float>)->Apply(by_filter);
BENCHMARK(convolution_2d<double>)->Apply(by_filter);
BENCHMARK(real_fourier_2d<float>)->Apply(both_ways);
BENCHMARK(real_fourier_2d<double>)->Apply(both_ways);
BENCHMARK(fourier_2d<float>)->Apply(both_ways);
BENCHMARK(fourier_2d<double>)->Apply(both_ways);
BENCHMARK(kirchhoff<float>)->Apply(both_ways);
BENCHMARK(kirchhoff<double>)->Apply(both_ways);

}  // namespace

int main(int argc, char** argv) { return bench::run_beside_bandwidth(argc, argv); }
