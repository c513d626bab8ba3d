/// A user's program against an installed lop: it must compile, link, and run under MPI.
#include <lop/algebra/algebra.hpp>
#include <lop/distributed/hypre_solve.hpp>
#include <lop/testing/dot_test.hpp>

#include <iostream>

/// Solves 2 x = 4 twice, where lop has hypre, which its package must then have found.
template <class T> bool solves(const lop::Communicator& world) {
    if constexpr (lop::has_hypre) {
        const lop::DistributedSpace<T> u{
            "u", {2}, world, lop::Partition::balanced(2, world.size())};
        std::vector<lop::Triplet<T>> entries;
        if (world.root()) entries = {{0, 0, 2}, {1, 1, 2}};
        auto b = u.zeros();
        b.fill(4);
        const lop::DistributedArray<T> x = lop::HypreSolve{lop::SparseMatrix<T>{u, u, entries}} * b;
        return lop::norm(x - 0.5 * b) == 0;
    }
    return true;
}

int main(int argc, char** argv) {
    const lop::Session session{argc, argv};
    const lop::ArraySpace<double> model{"model", {30, 20}};
    const auto report = lop::dot_test(2.0 * lop::Identity{model});
    if (session.root()) std::cout << report.str() << "\nlop was found\n";
    return report.pass && solves<double>(session.world()) ? 0 : 1;
}
