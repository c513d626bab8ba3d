/// What operators over ranks allocate after the first application: nothing.
#include "../algebra/counting_new.hpp"
#include "parts.hpp"
#include <lop/distributed/communication.hpp>
#include <lop/distributed/slice.hpp>
#include <lop/operators/distributed.hpp>
#include <lop/operators/matrix_product.hpp>

#include <doctest/doctest.h>

using namespace lop;

long parts::allocations() { return counting::allocations.load(); }

TEST_CASE("nothing is allocated once an operator over ranks has run, both ways") {
    const auto world = Communicator::world();
    const index_t n = 6 * world.size() + 1;
    const auto rows = Partition::balanced(n, world.size());
    const DistributedSpace<double> space{"x", {n, 5}, world, rows};
    const auto check = [&](const auto& a) {
        CAPTURE(a.label());
        const auto x = a.domain().random(1);
        const auto y = a.range().random(2);
        auto ax = a.range().zeros();
        auto aty = a.domain().zeros();
        const auto apply = [&] {
            a.forward(x, ax);
            a.adjoint(y, aty);
        };
        apply();
        const auto allocated = parts::allocations();
        apply();
        CHECK(parts::allocations() == allocated);
    };
    check(Halo<double>{space, {2, 3, Ends::periodic}});
    check(FieldsHalo<double>{space, 3, {1, 1}});
    check(Redistribute<double>{space, Partition::balanced(5, world.size(), 1)});
    check(gather(space));
    check(Reshape<double>{space, {5, n}});
    check(ScatteredShift<double>{space, {.by = 2, .ends = Ends::periodic}});
    check(Replicate<double>{DistributedSpace<double>{"m", {7}, world}, rows});
    check(laplacian(space));
    const auto grid = ProcessGrid::balanced(world, 2);
    const DistributedSpace<double> a{"A", {9, 8}, world, grid.partition({9, 8}, {0, 1})};
    check(MatrixProduct<double>{grid, a.random(3), 5});
}
