/// Threads of a grid.
#pragma once

#include <lop/core/parallel.hpp>
#include <lop/core/scalar.hpp>

#include <algorithm>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace lop::wave {

/// Among those of the parallel region that calls.
inline int thread_number() {
#ifdef _OPENMP
    return omp_get_thread_num();
#else
    return 0;
#endif
}

/// As many as there are, but each with enough points to be worth waking.
inline int team_size(index_t points) {
    constexpr index_t points_per_thread = index_t{1} << 13;
    return static_cast<int>(std::clamp<index_t>(points / points_per_thread, 1, thread_count()));
}

}  // namespace lop::wave
