/// The size of the team of threads.
#include <lop/core/parallel.hpp>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace lop {

int thread_count() {
#ifdef _OPENMP
    return omp_get_max_threads();
#else
    return 1;
#endif
}

}  // namespace lop
