/// The forward field's histories beside each other: a forward run, and the gradient of one shot by each of them.
///
/// Usage: bench_histories [--benchmark_filter=...]; threads by OMP_NUM_THREADS. Two dimensions, order 8, single
/// precision, 40 cells of layer around `points` a side. `forward_runs` is the least time of a gradient over that of a
/// forward run of the same shot, in turn; `MB` what its history takes.
#include "operators/wave/shot.hpp"
#include "tests/benchmarks/bandwidth.hpp"
#include <lop/operators/wave/equations.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <memory>
#include <omp.h>
#include <string>
#include <utility>
#include <vector>

namespace {

using lop::History;
using lop::index_t;
using namespace lop::wave;

constexpr double velocity = 2000, highest = 30;  // m/s, Hz

struct Shot {
    Shot(index_t points, index_t steps_) : steps{steps_} {
        Problem problem;
        problem.extents = {points, points};
        problem.spacing = {10, 10};
        problem.layer.cells = 40;
        problem.dt = 0.75 * stable_time_step(problem.order, 2, problem.spacing, velocity);
        const std::vector<float> m(static_cast<std::size_t>(points * points),
                                   static_cast<float>(1 / (velocity * velocity)));
        engine = std::make_unique<Engine<float>>(equation<AcousticEquation<>, float>(2), problem,
                                                 m.data());
        point.parts = {{engine->physics().sources[0].parts[0], {}}};
        const auto middle = static_cast<double>(points / 2 + 40);
        append_point(point.parts[0].points, engine->point_grid(0), {middle, 43, 0},
                     lop::Interpolation::linear);
        wavelet.resize(static_cast<std::size_t>(steps));
        for (index_t n = 0; n < steps; ++n) {
            const double t = 3.14159 * highest / 2.5 * (static_cast<double>(n) * problem.dt - 0.1);
            wavelet[static_cast<std::size_t>(n)] =
                static_cast<float>((1 - 2 * t * t) * std::exp(-t * t));
        }
        trace.resize(wavelet.size());
        image.resize(m.size());
        /// Products of fields up to `highest` free of alias, and the Nyquist frequency `highest`.
        comb = static_cast<index_t>(1 / (2.5 * highest * problem.dt));
        nyquist_comb = static_cast<index_t>(1 / (2 * highest * problem.dt));
    }

    void forward() {
        engine->forward(workspace, {&point, wavelet.data()}, {&point, trace.data()}, steps);
    }
    void gradient(const HistoryPlan& plan) {
        engine->born_adjoint(workspace, {&point, wavelet.data()}, {&point, trace.data()},
                             image.data(), steps, plan);
    }
    HistoryPlan frequencies(int count) const {
        std::vector<double> all;
        for (int k = 1; k <= count; ++k) all.push_back(highest * k / count);
        return engine->plan_frequencies(steps, nyquist_comb, all);
    }

    index_t steps;
    std::unique_ptr<Engine<float>> engine;
    PlacedPoints point;
    std::vector<float> wavelet, trace, image;
    Workspace<float> workspace;
    index_t comb = 1, nyquist_comb = 1;
};

double seconds(const auto& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Forward runs and gradients in turn, so that both see the same machine.
void gradient_by(benchmark::State& state, Shot& shot, const HistoryPlan& plan) {
    shot.gradient(plan);
    shot.forward();
    constexpr double forever = 1e9;
    double forward = forever, gradient = forever;
    for ([[maybe_unused]] auto _ : state) {
        forward = std::min(forward, seconds([&] { shot.forward(); }));
        const double taken = seconds([&] { shot.gradient(plan); });
        gradient = std::min(gradient, taken);
        state.SetIterationTime(taken);
    }
    state.counters["forward_runs"] = gradient / forward;
    state.counters["MB"] =
        1e-6 * static_cast<double>(plan.bytes(shot.engine->increment_bytes(plan.storage),
                                              shot.engine->state_bytes()));
    state.SetLabel("every " + std::to_string(plan.every));
}

/// One increment of a frame of 1081 x 1088 values on its way, and back: bytes that have to move, beside the bandwidth. The
/// frames of sums are those of 20 frequencies, read and written once in 16 increments.
void way(benchmark::State& state, const HistoryPlan& plan, bool is_back) {
    constexpr index_t frame_size = 1081 * 1088, increments = 32;
    PartnerStore<float> store;
    store.prepare(plan, increments, 1, frame_size, omp_get_max_threads(), InstructionSet::best);
    for (index_t i = 0; i < increments; ++i) {
        float* values = store.room(i);
        for (index_t k = 0; k < frame_size; ++k)
            values[k] = static_cast<float>((i + k) % 997) - 500;
        store.keep(i);
    }
    index_t i = 0;
    for ([[maybe_unused]] auto _ : state) {
        if (is_back) benchmark::DoNotOptimize(store.partners(i));
        else store.keep(i);
        i = (i + 1) % increments;
    }
    const double sums = static_cast<double>(plan.sums());
    const double a_value = plan.cycles.empty() ? 6 + 4.0 / 64 : 4 + (is_back ? 4 : 8) * sums / 16;
    const double moved = a_value * frame_size * static_cast<double>(state.iterations());
    state.counters["GB/s"] = benchmark::Counter(1e-9 * moved, benchmark::Counter::kIsRate);
    state.counters["of_bandwidth"] =
        benchmark::Counter(1e-9 * moved / bench::bandwidth, benchmark::Counter::kIsRate);
}

void add_ways() {
    const HistoryPlan codes{1, 32, 32, 0, false, History::Storage::half};
    HistoryPlan sums{1, 32, 32, 0};
    for (int k = 1; k <= 20; ++k) sums.cycles.push_back(k / 40.0);
    for (const bool is_back : {false, true}) {
        const std::string where = is_back ? "from " : "to ";
        for (const auto& [name, plan] : {std::pair{"16 bits", codes}, {"20 frequencies", sums}})
            benchmark::RegisterBenchmark((where + name).c_str(), [=, plan = plan](
                                                                     benchmark::State& state) {
                way(state, plan, is_back);
            })->UseRealTime();
    }
}

void add(const char* name, index_t points, index_t steps,
         const std::function<HistoryPlan(const Shot&)>& plan) {
    const std::string label =
        std::string{name} + "/points:" + std::to_string(points) + "/steps:" + std::to_string(steps);
    benchmark::RegisterBenchmark(label.c_str(),
                                 [=](benchmark::State& state) {
                                     Shot shot{points, steps};
                                     gradient_by(state, shot, plan(shot));
                                 })
        ->UseManualTime()
        ->Iterations(points < 500 ? 5 : 2)
        ->Unit(benchmark::kMillisecond);
}

void add_all(index_t points, index_t steps) {
    constexpr auto half = History::Storage::half;
    add("comb", points, steps, [](const Shot& s) { return s.engine->plan(s.steps, s.comb); });
    add("comb, 16 bits", points, steps,
        [](const Shot& s) { return s.engine->plan(s.steps, s.comb, {}, half); });
    add("comb, checkpoints in a tenth", points, steps, [](const Shot& s) {
        const auto whole = s.engine->plan(s.steps, s.comb);
        return s.engine->plan(
            s.steps, s.comb,
            {whole.bytes(s.engine->increment_bytes(), s.engine->state_bytes()) / 10});
    });
    add("comb, reversed", points, steps,
        [](const Shot& s) { return s.engine->plan_reversal(s.steps, s.comb); });
    if (points < 500) {  // 4 MB a step: 7 GB of the larger size
        add("all steps", points, steps, [](const Shot& s) { return s.engine->plan(s.steps, 1); });
        add("all steps, 16 bits", points, steps,
            [](const Shot& s) { return s.engine->plan(s.steps, 1, {}, half); });
    }
    for (const int count : {5, 20, 60})
        add((std::to_string(count) + " frequencies").c_str(), points, steps,
            [=](const Shot& s) { return s.frequencies(count); });
}

}  // namespace

int main(int argc, char** argv) {
    add_ways();
    add_all(301, 600);
    add_all(1001, 1500);
    return bench::run_beside_bandwidth(argc, argv);
}
