/// A user's program against an installed lop: it must compile, link, and run under MPI.
#include <lop/algebra/algebra.hpp>
#include <lop/distributed/communicator.hpp>
#include <lop/testing/dot_test.hpp>

#include <iostream>

int main(int argc, char** argv) {
    const lop::Session session{argc, argv};
    const lop::ArraySpace<double> model{"model", {30, 20}};
    const auto report = lop::dot_test(2.0 * lop::Identity{model});
    if (session.root()) std::cout << report.str() << "\nlop was found\n";
    return report.pass ? 0 : 1;
}
