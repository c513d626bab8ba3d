/// The memory bandwidth of this run, beside which benchmarks put what their work needs.
#pragma once

#include <lop/core/buffer.hpp>

#include <algorithm>
#include <benchmark/benchmark.h>
#include <chrono>
#include <cstdio>
#include <immintrin.h>
#include <omp.h>

namespace bench {

using lop::index_t;

/// a = b + s c with stores that pass the cache by: 12 bytes an element, best of several, in GB/s.
inline double triad_bandwidth() {
    using Clock = std::chrono::steady_clock;
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
        const std::chrono::duration<double> seconds = Clock::now() - start;
        best = std::max(best, 12e-9 * static_cast<double>(count) / seconds.count());
    }
    return best;
}

/// GB/s, as measured before the benchmarks of this program.
inline double bandwidth = 0;

/// The main of a benchmark: measures the bandwidth before and after, on standard error, so that
/// machine-readable results stay clean.
inline int run_beside_bandwidth(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    bandwidth = triad_bandwidth();
    std::fprintf(stderr, "triad bandwidth before: %.1f GB/s on %d threads\n", bandwidth,
                 omp_get_max_threads());
    benchmark::RunSpecifiedBenchmarks();
    const double after = triad_bandwidth();
    std::fprintf(stderr, "triad bandwidth after:  %.1f GB/s%s\n", after,
                 after < 0.9 * bandwidth || after > 1.1 * bandwidth
                     ? " (differs by over 10 %: run again)"
                     : "");
    return 0;
}

}  // namespace bench
