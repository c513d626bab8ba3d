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

/// GB/s of loops over arrays far beyond any cache, with stores that pass the cache by; the best of several runs.
struct Bandwidth {
    double copy = 0;   ///< a = b: 8 bytes an element
    double triad = 0;  ///< a = b + s c: 12 bytes an element
};

namespace detail {
constexpr index_t elements = index_t{1} << 26;

template <class Body> double best_rate(double bytes_an_element, const Body& body) {
    constexpr index_t lanes = 4;
    double best = 0;
    for (int repeat = 0; repeat < 5; ++repeat) {
        const auto start = std::chrono::steady_clock::now();
#pragma omp parallel for schedule(static)
        for (index_t i = 0; i < elements; i += lanes) body(i);
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
        best = std::max(best,
                        1e-9 * bytes_an_element * static_cast<double>(elements) / seconds.count());
    }
    return best;
}
}  // namespace detail

inline Bandwidth measure_bandwidth() {
    lop::Buffer<float, lop::Host> a{detail::elements}, b{detail::elements}, c{detail::elements};
    float* const pa = a.data();
    float* const pb = b.data();
    float* const pc = c.data();
#pragma omp parallel for schedule(static)
    for (index_t i = 0; i < detail::elements; ++i) pa[i] = pb[i] = pc[i] = 1;
    Bandwidth measured;
    measured.copy =
        detail::best_rate(8, [=](index_t i) { _mm_stream_ps(pa + i, _mm_load_ps(pb + i)); });
    measured.triad = detail::best_rate(12, [=](index_t i) {
        _mm_stream_ps(pa + i, _mm_add_ps(_mm_load_ps(pb + i),
                                         _mm_mul_ps(_mm_set1_ps(3), _mm_load_ps(pc + i))));
    });
    return measured;
}

inline double triad_bandwidth() { return measure_bandwidth().triad; }

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
