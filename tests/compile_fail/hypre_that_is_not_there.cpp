/// A lop without hypre says so where it is asked for; its header stands alone all the same.
// expect: this lop was built without hypre
#undef LOP_HAVE_HYPRE
#include <lop/distributed/hypre_solve.hpp>

using namespace lop;

int main() {
    static_assert(!has_hypre);
    const DistributedSpace<double> u{"u", {2}, Communicator::self()};
    const SparseMatrix<double> A{u, u, std::vector<Triplet<double>>{{0, 0, 1}, {1, 1, 1}}};
#ifdef LOP_MUST_FAIL
    const HypreSolve S{A};
#else
    const auto S = A.H();
#endif
    return (S * u.zeros(), 0);
}
