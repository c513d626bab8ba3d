/// A number of threads for a while.
#pragma once

#ifdef _OPENMP
#include <omp.h>
#endif

/// So many threads until the end of the scope, however it is left.
class Team {
 public:
    explicit Team(int threads) : before_{set(threads)} {}
    ~Team() { set(before_); }
    Team(const Team&) = delete;
    Team& operator=(const Team&) = delete;

 private:
    static int set([[maybe_unused]] int threads) {
#ifdef _OPENMP
        const int before = omp_get_max_threads();
        omp_set_num_threads(threads);
        return before;
#else
        return 1;
#endif
    }
    int before_;
};
