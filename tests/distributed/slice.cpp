/// Boxes of distributed arrays and norms along axes: laws, and the numbers of one rank.
#include <lop/distributed/slice.hpp>

#include "parts.hpp"
#include <lop/core/error.hpp>
#include <lop/testing/doctest.hpp>

#include <cmath>
#include <complex>
#include <doctest/doctest.h>

using lop::Array;
using lop::ArraySpace;
using lop::Communicator;
using lop::DistributedSpace;
using lop::index_t;
using lop::IndexBox;
using lop::Norm;
using lop::Partition;
using lop::Shape;
using parts::same_bits;

namespace {

std::vector<Partition> ways(const Shape& shape, int ranks) {
    std::vector<Partition> list{Partition::replicated()};
    for (int axis = 0; axis < shape.rank(); ++axis)
        for (const auto& p : parts::all(shape[axis], ranks, axis)) list.push_back(p);
    if (shape.rank() > 1)
        for (const auto& p : parts::over(shape, {0, 1}, ranks)) list.push_back(p);
    return list;
}

}  // namespace

TEST_CASE("a box of an array stays where it is, and goes back among zeros") {
    const auto world = Communicator::world();
    const Shape shape{7, 6, 2};
    const auto x = ArraySpace<double>{"x", shape}.random(1);
    for (const auto& partition : ways(shape, world.size()))
        for (const IndexBox& box :
             {IndexBox{{2, 0, 1}, {3, 6, 1}}, IndexBox{shape}, IndexBox{{6, 5, 0}, {1, 1, 2}},
              IndexBox{{3, 2, 0}, {0, 2, 2}}}) {
            CAPTURE(partition.str(world.size()));
            const DistributedSpace<double> space{"x", shape, world, partition};
            const lop::Slice<double> S{space, box};
            lop::testing::check_laws(S);
            const auto y = parts::gather(S * parts::scatter(space, x));
            Array<double> expected{box.shape()};
            Array<double> back{shape};
            lop::copy_box(box, x.data(), IndexBox{shape}, expected.data(), box);
            lop::copy_box(box, x.data(), IndexBox{shape}, back.data(), IndexBox{shape});
            CHECK(same_bits(y, expected));
            CHECK(same_bits(parts::gather(S.H() * (S * parts::scatter(space, x))), back));
        }
    const DistributedSpace<double> space{"x", shape, world};
    CHECK_THROWS_WITH_AS((lop::Slice<double>{space, IndexBox{{5, 0, 0}, {3, 1, 1}}}),
                         doctest::Contains("found    [5 to 8, 0 to 1, 0 to 1)"),
                         lop::ArgumentError);
    CHECK_THROWS_AS((lop::Slice<double>{space, IndexBox{{-1, 0, 0}, {3, 1, 1}}}),
                    lop::ArgumentError);
    CHECK_THROWS_AS((lop::Slice<double>{space, IndexBox{{0, 0}, {3, 1}}}), lop::ArgumentError);
}

TEST_CASE_TEMPLATE("norms along every axis are those of one rank, and of the schoolbook", T, float,
                   double, std::complex<double>) {
    const auto world = Communicator::world();
    for (const Shape& shape : {Shape{7, 6, 3}, Shape{9}, Shape{3, 0, 2}, Shape{1, 300}}) {
        const auto x = ArraySpace<T>{"x", shape}.random(1);
        for (int axis = 0; axis < shape.rank(); ++axis)
            for (const Norm norm : {Norm::one, Norm::two, Norm::infinity}) {
                const DistributedSpace<T> one{"x", shape, Communicator::self()};
                const auto expected = norm_along(parts::scatter(one, x), axis, norm);
                const index_t inner = shape.product(axis + 1, shape.rank());
                for (index_t line = 0; line < expected.size(); ++line) {
                    double sum = 0, most = 0;
                    for (index_t k = 0; k < shape[axis]; ++k) {
                        const double v =
                            std::abs(x[(line / inner * shape[axis] + k) * inner + line % inner]);
                        sum += norm == Norm::one ? v : v * v;
                        most = std::max(most, v);
                    }
                    const double by_hand = norm == Norm::infinity ? most
                                           : norm == Norm::one    ? sum
                                                                  : std::sqrt(sum);
                    CHECK(expected.data()[line] == doctest::Approx(by_hand).epsilon(1e-6));
                }
                for (const auto& partition : ways(shape, world.size())) {
                    CAPTURE(partition.str(world.size()));
                    const DistributedSpace<T> space{"x", shape, world, partition};
                    const auto found = norm_along(space.random(1), axis - shape.rank(), norm);
                    CHECK(found.shape() == expected.shape());
                    CHECK(same_bits(parts::gather(found), expected.local()));
                }
            }
        CHECK_THROWS_AS(norm_along(DistributedSpace<T>{"x", shape, world}.zeros(), shape.rank()),
                        lop::ArgumentError);
    }
}

TEST_CASE_TEMPLATE("other extents hold the same elements in the same order", T, float,
                   std::complex<double>) {
    const auto world = Communicator::world();
    const Shape shape{6, 4, 3};
    const auto x = ArraySpace<T>{"x", shape}.random(1);
    for (const auto& partition : ways(shape, world.size())) {
        CAPTURE(partition.str(world.size()));
        const DistributedSpace<T> space{"x", shape, world, partition};
        const auto whole = parts::scatter(space, x);
        const auto flat = parts::gather(lop::Reshape<T>{space, Shape{72}} * whole);
        for (index_t i = 0; i < 72; ++i) CHECK(flat[i] == x[i]);
        for (const auto& other :
             {Partition::replicated(), parts::uneven(9, world.size(), 0),
              parts::with_empty(8, world.size(), 1), parts::alone(9, world.size(), 0)}) {
            const DistributedSpace<T> range{"y", {9, 8}, world, other};
            const lop::Reshape<T> R{space, range};
            const auto y = parts::gather(R * whole);
            for (index_t i = 0; i < 72; ++i) CHECK(y[i] == x[i]);
            CHECK(same_bits((R.H() * (R * whole)).local(), whole.local()));
        }
        lop::testing::check_laws(lop::Reshape<T>{space, Shape{2, 36}});
    }
    const DistributedSpace<T> space{"x", shape, world};
    CHECK_THROWS_WITH_AS((lop::Reshape<T>{space, Shape{5, 14}}),
                         doctest::Contains("both sides hold the same elements"), lop::SpaceError);
}
