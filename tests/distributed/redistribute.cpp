/// Redistribution, gathering, scattering, shifts and sums to all: laws, and values in their places.
#include "parts.hpp"
#include <lop/core/error.hpp>
#include <lop/distributed/communication.hpp>
#include <lop/distributed/process_grid.hpp>
#include <lop/testing/doctest.hpp>

#include <complex>
#include <doctest/doctest.h>

using lop::Communicator;
using lop::DistributedSpace;
using lop::Ends;
using lop::index_t;
using lop::Partition;
using lop::Redistribute;
using lop::ScatteredShift;
using lop::Shape;
using lop::testing::check_laws;
using parts::same_bits;

namespace {

std::vector<Partition> ways(const Shape& shape, int ranks) {
    std::vector<Partition> list{Partition::replicated()};
    for (int axis = 0; axis < shape.rank(); ++axis)
        for (const auto& p : parts::all(shape[axis], ranks, axis)) list.push_back(p);
    for (const auto& p : parts::over(shape, {0, 1}, ranks)) list.push_back(p);
    for (const auto& grid : parts::grids(ranks, 2))
        list.push_back(Partition::balanced(shape[0], grid[0], 0) * Partition::copies(grid[1]));
    return list;
}

}  // namespace

TEST_CASE_TEMPLATE("an array shared out in another way is the same array", T, float,
                   std::complex<double>) {
    const auto world = Communicator::world();
    const Shape shape{7, 5, 2};
    const auto values = lop::ArraySpace<T>{"x", shape}.random(1);
    for (const auto& from : ways(shape, world.size()))
        for (const auto& to : ways(shape, world.size())) {
            CAPTURE(from.str(world.size()));
            CAPTURE(to.str(world.size()));
            const DistributedSpace<T> domain{"x", shape, world, from};
            const Redistribute<T> R{domain, to};
            const auto y = R * domain.random(1);
            CHECK(same_bits(y.local(), R.range().random(1).local()));
            CHECK(same_bits((R.H() * y).local(), domain.random(1).local()));
        }
}

TEST_CASE("redistribution obeys the laws of a linear operator") {
    const auto world = Communicator::world();
    const Shape shape{5, 4};
    for (const auto& from : {parts::uneven(5, world.size()), parts::with_empty(4, world.size(), 1)})
        for (const auto& to : {parts::uneven(4, world.size(), 1), Partition::replicated(),
                               parts::alone(5, world.size(), world.size() - 1)})
            check_laws(Redistribute<double>{{"x", shape, world, from}, to});
}

TEST_CASE("gather brings the whole to all, or to one; scatter sends nothing") {
    const auto world = Communicator::world();
    const Shape shape{6, 3};
    const DistributedSpace<double> rows{"x", shape, world, Partition::balanced(6, world.size())};
    const auto whole = gather(rows) * rows.random(1);
    CHECK(whole.partition().is_replicated());
    CHECK(same_bits(whole.local(), lop::ArraySpace<double>{"x", shape}.random(1)));
    for (int root = 0; root < world.size(); ++root) {
        const auto there = gather(rows, root) * rows.random(1);
        CHECK(there.size() == (world.rank() == root ? 18 : 0));
        if (world.rank() == root) CHECK(same_bits(there.local(), whole.local()));
    }
    const auto back = scatter(gather(rows).range(), rows.partition()) * whole;
    CHECK(same_bits(back.local(), rows.random(1).local()));
    CHECK_THROWS_AS(gather(rows, world.size()), lop::ArgumentError);
    CHECK_THROWS_AS(gather(rows, -1), lop::ArgumentError);
    const DistributedSpace<double> other{"y", {6, 4}, world, Partition::balanced(6, world.size())};
    CHECK_THROWS_WITH_AS((Redistribute<double>{rows, other}),
                         doctest::Contains("not one array on the same ranks"), lop::SpaceError);
}

TEST_CASE("a shift moves values across parts, and round the ring") {
    const auto world = Communicator::world();
    const index_t n = 9;
    for (const auto& partition : parts::all(n, world.size(), 1))
        for (const Ends ends : {Ends::zero, Ends::periodic})
            for (const index_t by : {0, 1, -1, 4, -9, 13, 30}) {
                CAPTURE(partition.str(world.size()));
                CAPTURE(by);
                const DistributedSpace<double> space{"x", {2, n}, world, partition};
                const ScatteredShift<double> S{space, {.axis = 1, .by = by, .ends = ends}};
                check_laws(S);
                const auto x = lop::ArraySpace<double>{"x", {2, n}}.random(4);
                const auto y = parts::gather(S * parts::scatter(space, x));
                for (index_t row = 0; row < 2; ++row)
                    for (index_t i = 0; i < n; ++i) {
                        const index_t j = i - by;
                        const bool inside = j >= 0 && j < n;
                        const double expected = ends == Ends::periodic ? x(row, ((j % n) + n) % n)
                                                                       : (inside ? x(row, j) : 0.0);
                        CHECK(y(row, i) == expected);
                    }
                if (ends == Ends::periodic)
                    CHECK(norm2(S.H() * (S * space.random(3))) == norm2(space.random(3)));
            }
}

TEST_CASE("one slot for each rank: send to the next, receive from the one before") {
    const auto world = Communicator::world();
    const int ranks = world.size();
    const DistributedSpace<double> slots{"x", {ranks, 3}, world, Partition::balanced(ranks, ranks)};
    auto x = slots.zeros();
    x.fill(world.rank());
    const auto y = ScatteredShift<double>{slots, {.ends = Ends::periodic}} * x;
    for (const double v : y.local()) CHECK(v == (world.rank() + ranks - 1) % ranks);
    CHECK_THROWS_AS((ScatteredShift<double>{slots, {.axis = 2}}), lop::ArgumentError);
    CHECK_THROWS_AS((ScatteredShift<double>{slots, {.ends = Ends::clipped}}), lop::ArgumentError);
}

TEST_CASE("a sum to all gives every slot the sum of all") {
    const auto world = Communicator::world();
    const DistributedSpace<double> one{"x", {4}, world};
    for (const auto& slots : parts::all(5, world.size())) {
        const auto S = all_reduce(one, slots);
        check_laws(S);
        auto x = S.domain().zeros();
        for (index_t s = 0; s < slots.count(world.rank()); ++s)
            for (index_t i = 0; i < 4; ++i)
                x.local()(s, i) = static_cast<double>(slots.first(world.rank()) + s + 10 * i);
        const auto sum = sum_reduce(one, slots) * x;
        for (index_t i = 0; i < 4; ++i) CHECK(sum.local()[i] == 10 + 50.0 * static_cast<double>(i));
        const auto y = S * x;
        for (index_t s = 0; s < slots.count(world.rank()); ++s)
            for (index_t i = 0; i < 4; ++i) CHECK(y.local()(s, i) == sum.local()[i]);
    }
}
