/// hypre computes in double: matrices of others are refused, with hypre and without it.
// expect: take inverse(A, refined(solver)) with a solver of lop
#include <lop/distributed/hypre_solve.hpp>

using namespace lop;

int main() {
    const DistributedSpace<float> u{"u", {2}, Communicator::self()};
    const SparseMatrix<float> A{u, u, std::vector<Triplet<float>>{{0, 0, 1}, {1, 1, 1}}};
#ifdef LOP_MUST_FAIL
    const HypreSolve S{A};
#else
    const auto S = A.H();
#endif
    return (S * u.zeros(), 0);
}
