/// Applies every operator, and runs every solver, that has a counterpart in PyLops, SciPy or
/// pyproximal, on inputs of fixed seeds, and writes all of it to a file that compare.py reads.
///
/// Usage: peer_results FILE.h5
#include "tests/peers/record.hpp"
#include <lop/core/error.hpp>
#include <lop/distributed/communicator.hpp>

#include <cstdio>

int main(int argc, char** argv) {
    const lop::Session session{argc, argv};
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s FILE.h5\n", argv[0]);
        return 2;
    }
    peers::Record record{argv[1]};
    peers::record_basic(record);
    peers::record_transforms(record);
    peers::record_gathers(record);
    peers::record_proximal(record);
    peers::record_linear_solvers(record);
    peers::record_sparse_solvers(record);
    record.commit();
}
