/// Grids of ranks: their groups, and arrays over several axes.
#include <lop/distributed/process_grid.hpp>

#include "parts.hpp"
#include <lop/core/error.hpp>

#include <complex>
#include <doctest/doctest.h>

using lop::Array;
using lop::Communicator;
using lop::DistributedSpace;
using lop::index_t;
using lop::Partition;
using lop::ProcessGrid;
using lop::Shape;
using parts::same_bits;

TEST_CASE("the last side of a grid counts fastest, and its lines and planes are groups") {
    const auto world = Communicator::world();
    for (const auto& sides : parts::grids(world.size(), 3)) {
        const ProcessGrid grid{world, sides};
        const int expected = (grid.place(0) * sides[1] + grid.place(1)) * sides[2] + grid.place(2);
        CHECK(expected == world.rank());
        for (int d = 0; d < 3; ++d) {
            const ProcessGrid line = grid.along({d});
            CHECK(line.communicator().size() == sides[static_cast<std::size_t>(d)]);
            CHECK(line.communicator().rank() == grid.place(d));
        }
        CHECK(grid.shots().rank() == grid.place(0));
        const ProcessGrid domain = grid.domain();
        CHECK(domain.dimension() == 2);
        CHECK(domain.communicator().size() == sides[1] * sides[2]);
        CHECK(domain.place(0) == grid.place(1));
        CHECK(domain.place(1) == grid.place(2));
        CHECK(grid.along({0, 1, 2}).communicator() == world);
        CHECK(grid.along({}).communicator().size() == 1);
    }
}

TEST_CASE("a balanced grid has sides that are as equal as the number of ranks allows") {
    const auto world = Communicator::world();
    const auto grid = ProcessGrid::balanced(world, 2);
    CHECK(grid.side(0) * grid.side(1) == world.size());
    CHECK(grid.side(0) >= grid.side(1));
    if (world.size() == 4) CHECK(grid.side(0) == 2);
    CHECK(ProcessGrid::balanced(world, 1).side(0) == world.size());
}

TEST_CASE("grids of another number of ranks, sides and axes that there are not are refused") {
    const auto world = Communicator::world();
    CHECK_THROWS_WITH_AS((ProcessGrid{world, {world.size(), 2}}),
                         doctest::Contains("sides that multiply to the number of ranks"),
                         lop::ArgumentError);
    CHECK_THROWS_AS((ProcessGrid{world, {-1, -world.size()}}), lop::ArgumentError);
    CHECK_THROWS_AS(ProcessGrid::balanced(world, 0), lop::ArgumentError);
    const ProcessGrid grid{world, {world.size()}};
    CHECK_THROWS_AS(grid.along({1}), lop::ArgumentError);
    CHECK_THROWS_AS(grid.along({0, 0}), lop::ArgumentError);
    CHECK_THROWS_AS(grid.partition({4, 4}, {0, 1}), lop::ArgumentError);
    CHECK_THROWS_AS(grid.partition({4, 4}, {2}), lop::ArgumentError);
}

TEST_CASE("a partition over a grid in words, its boxes, and who holds what") {
    const Partition p = Partition::balanced(5, 2, 0) * Partition::given({3, 0, 4}, 2);
    CHECK(p.str(6) == "scattered over axis 0 of 2 ranks (3, 2) x axis 2 of 3 ranks (3, 0, 4)");
    CHECK(p.ranks() == 6);
    CHECK(p.cut_axes() == 2);
    CHECK_FALSE(p.is_replicated());
    CHECK_FALSE(p.is_over_one_axis());
    const Shape shape{5, 9, 7};
    const lop::IndexBox last = p.box(shape, 5);
    CHECK(last == lop::IndexBox{{3, 0, 3}, {2, 9, 4}});
    CHECK(p.box(shape, 1).is_empty());
    for (int r = 0; r < 6; ++r)
        CHECK(p.rank_of([&](int axis) { return p.part(r, axis); }, p.copy(r)) == r);
    CHECK_THROWS_WITH_AS(p.axis(), doctest::Contains("scattered over one axis"),
                         lop::ArgumentError);

    const Partition twice = Partition::copies(2) * Partition::balanced(6, 3, 1);
    CHECK(twice.str(6) == "scattered over 2 copies x axis 1 of 3 ranks (2, 2, 2)");
    CHECK(twice.copies() == 2);
    CHECK(twice.copy(4) == 1);
    CHECK(twice.part(4, 1) == 1);
    CHECK(twice.axis() == 1);
    CHECK(twice.first(5) == 4);
    for (int r = 0; r < 6; ++r)
        CHECK(twice.rank_of([&](int axis) { return twice.part(r, axis); }, twice.copy(r)) == r);
    CHECK(Partition::copies(4).is_replicated());
    CHECK_FALSE(Partition::copies(4) == Partition::replicated());

    CHECK_THROWS_AS(p * Partition::balanced(5, 2, 0), lop::ArgumentError);
    CHECK_THROWS_AS(p * Partition::replicated(), lop::ArgumentError);
    CHECK_THROWS_AS(Partition::copies(0), lop::ArgumentError);
}

namespace {

template <class T> std::vector<std::complex<double>> sums(const lop::DistributedSpace<T>& space) {
    const auto x = space.random(1);
    const auto y = space.random(2);
    auto z = like(x);
    const double fused = assign_norm2(z, x - T(2) * y);
    return {dot(x, y), norm2(x), norm(y), norm2(x - T(2) * y), fused, dot(x + y, y)};
}

template <class T> void check_grids(const Shape& shape, const std::vector<int>& axes) {
    const auto world = Communicator::world();
    std::vector<Partition> ones;
    Partition one = Partition::balanced(shape[axes[0]], 1, axes[0]);
    for (std::size_t d = 1; d < axes.size(); ++d)
        one = one * Partition::balanced(shape[axes[d]], 1, axes[d]);
    const DistributedSpace<T> serial{"x", shape, Communicator::self(), one};
    const auto expected = sums(serial);
    const Array<T> values = lop::ArraySpace<T>{"x", shape}.random(1);
    CHECK(same_bits(serial.random(1).local(), values));
    for (const auto& partition : parts::over(shape, axes, world.size())) {
        CAPTURE(partition.str(world.size()));
        const DistributedSpace<T> space{"x", shape, world, partition};
        CHECK(same_bits(parts::gather(space.random(1)), values));
        const auto found = sums(space);
        for (std::size_t i = 0; i < found.size(); ++i) CHECK(same_bits(found[i], expected[i]));
    }
}

}  // namespace

TEST_CASE_TEMPLATE("arrays over several axes carry the same values and sums on every grid", T,
                   float, double, std::complex<float>, std::complex<double>) {
    check_grids<T>({7, 5}, {0, 1});
    check_grids<T>({6, 4, 300}, {1, 2});
    check_grids<T>({3, 4, 5}, {0, 1, 2});
    check_grids<T>({3, 0, 5}, {0, 2});
    check_grids<T>({1, 1}, {0, 1});
}

TEST_CASE("copies of a scattered array are counted once") {
    const auto world = Communicator::world();
    const Shape shape{11, 3};
    const DistributedSpace<double> serial{"x", shape, Communicator::self(),
                                          Partition::balanced(11, 1)};
    for (const auto& grid : parts::grids(world.size(), 2))
        for (const bool copies_first : {true, false}) {
            const Partition copies = Partition::copies(grid[0]);
            const Partition cut = parts::uneven(11, grid[1]);
            const Partition both = copies_first ? copies * cut : cut * copies;
            CAPTURE(both.str(world.size()));
            const DistributedSpace<double> space{"x", shape, world, both};
            const auto x = space.random(1);
            CHECK(norm2(x) == norm2(serial.random(1)));
            CHECK(dot(x, space.random(2)) == dot(serial.random(1), serial.random(2)));
            // Over two axes, in copies.
            const Partition all = both * Partition::balanced(3, 1, 1);
            const DistributedSpace<double> wide{"x", shape, world, all};
            const DistributedSpace<double> wide_serial{
                "x", shape, Communicator::self(),
                Partition::balanced(11, 1) * Partition::balanced(3, 1, 1)};
            CHECK(norm2(wide.random(1)) == norm2(wide_serial.random(1)));
        }
}
