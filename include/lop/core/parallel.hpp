/// Threads: loops whose result does not depend on how many there are.
#pragma once

#include <lop/core/scalar.hpp>

#include <algorithm>

namespace lop {

/// Below this many elements a loop runs on the calling thread: waking a team costs about as much
/// as moving this many numbers.
inline constexpr index_t parallel_threshold = 1 << 15;

/// Calls body(begin, end) on disjoint ranges that cover [0, count). The body must treat every
/// element alone, so that the cuts do not show in the result, and must not throw.
template <class Body> void parallel_for(index_t count, const Body& body) {
    if (count < parallel_threshold) {
        body(index_t{0}, count);
        return;
    }
    // Pieces that fit the second-level cache together with what they are combined with.
    constexpr index_t piece = 1 << 14;
    const index_t pieces = (count + piece - 1) / piece;
#pragma omp parallel for schedule(static)
    for (index_t p = 0; p < pieces; ++p) body(p * piece, std::min(count, (p + 1) * piece));
}

/// The number of threads that a parallel loop uses.
int thread_count();

}  // namespace lop
