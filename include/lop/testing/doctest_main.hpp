/// A main for doctest under MPI: every rank runs every test, and ranks that fail speak in turn.
///
///     #define DOCTEST_CONFIG_IMPLEMENT
///     #include <lop/testing/doctest_main.hpp>
///     int main(int argc, char** argv) { return lop::testing::doctest_main(argc, argv); }
#pragma once

#include <cstdio>
#include <doctest/doctest.h>
#include <mpi.h>
#include <sstream>
#include <string>
#include <vector>

namespace lop::testing {

/// Starts MPI, runs the tests with each rank's output kept apart, prints the root's report and
/// those of the ranks that failed, and returns the same exit code everywhere. All ranks must
/// reach the same collectives, so a test must not depend on the rank in what it calls.
inline int doctest_main(int argc, char** argv) {
    int provided = 0;
    MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
    int rank = 0;
    int size = 1;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);

    doctest::Context context{argc, argv};
    std::ostringstream report;
    if (size > 1) context.setCout(&report);
    int failed = context.run();
    int worst = failed;
    MPI_Allreduce(MPI_IN_PLACE, &worst, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    for (int r = 0; r < size && size > 1; ++r) {
        MPI_Barrier(MPI_COMM_WORLD);
        if (r == rank && (failed != 0 || rank == 0)) {
            std::printf("---- rank %d of %d ----\n%s", rank, size, report.str().c_str());
            std::fflush(stdout);
        }
    }
    MPI_Finalize();
    return worst;
}

}  // namespace lop::testing
