/// Blocks over ranks: laws, and the results of one rank to the bit.
#include <lop/distributed/blocks.hpp>

#include "parts.hpp"
#include <lop/algebra/any_operator.hpp>
#include <lop/algebra/diagonal.hpp>
#include <lop/algebra/eigen.hpp>
#include <lop/core/error.hpp>
#include <lop/operators/derivative.hpp>
#include <lop/testing/doctest.hpp>

#include <complex>
#include <doctest/doctest.h>

using lop::Array;
using lop::ArraySpace;
using lop::Communicator;
using lop::DistributedSpace;
using lop::index_t;
using lop::Partition;
using lop::Shape;
using lop::testing::check_laws;
using parts::same_bits;

namespace {

template <class T> using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;

/// Block i of a list, the same on every rank that makes it.
template <class T> lop::MatrixOperator<Matrix<T>> block(index_t i, index_t rows, index_t columns) {
    const auto values = ArraySpace<T>{"m", {rows, columns}}.random(static_cast<std::uint64_t>(i));
    Matrix<T> m(rows, columns);
    for (index_t r = 0; r < rows; ++r)
        for (index_t c = 0; c < columns; ++c) m(r, c) = values(r, c);
    return lop::MatrixOperator<Matrix<T>>{m};
}

/// This rank's blocks of a list of `slots`.
template <class Make> auto mine(const Partition& slots, const Make& make) {
    std::vector<decltype(make(index_t{}))> blocks;
    const int me = Communicator::world().rank();
    for (index_t i = slots.first(me); i < slots.first(me) + slots.count(me); ++i)
        blocks.push_back(make(i));
    return blocks;
}

/// All blocks of a list.
template <class Make> auto all(index_t slots, const Make& make) {
    std::vector<decltype(make(index_t{}))> blocks;
    for (index_t i = 0; i < slots; ++i) blocks.push_back(make(i));
    return blocks;
}

/// put_together(communicator, blocks) over ranks against the same on one.
template <class Make, class PutTogether>
void check_against_one(index_t slots, const Make& make, const PutTogether& put_together) {
    const auto world = Communicator::world();
    const auto one = put_together(Communicator::self(), all(slots, make));
    const auto forward = parts::gather(one * one.domain().random(1));
    const auto adjoint = parts::gather(one.H() * one.range().random(2));
    for (const auto& partition : parts::all(slots, world.size())) {
        CAPTURE(partition.str(world.size()));
        const auto A = put_together(world, mine(partition, make));
        check_laws(A);
        CHECK(same_bits(parts::gather(A * A.domain().random(1)), forward));
        CHECK(same_bits(parts::gather(A.H() * A.range().random(2)), adjoint));
    }
}

}  // namespace

TEST_CASE_TEMPLATE("a block diagonal over ranks has every rank's blocks in order", T, float, double,
                   std::complex<double>) {
    const auto world = Communicator::world();
    const auto equal = [](index_t i) { return block<T>(i, 3, 4); };
    const auto unlike = [](index_t i) { return block<T>(i, 2 + i, 5 - i % 3); };
    const auto diagonal = [](const Communicator& c, auto blocks) {
        return lop::block_diagonal(c, std::move(blocks));
    };
    for (const index_t slots : {1, 5}) {
        CAPTURE(slots);
        check_against_one(slots, equal, diagonal);
        check_against_one(slots, unlike, diagonal);
    }
    const auto shared =
        lop::block_diagonal(world, mine(Partition::balanced(5, world.size()), equal));
    CHECK(shared.domain().shape() == Shape{5, 4});
    CHECK(shared.range().shape() == Shape{5, 3});
}

TEST_CASE_TEMPLATE("stacks over ranks add up in the order of a tree over the blocks", T, float,
                   double, std::complex<double>) {
    const ArraySpace<T> model{"m", {4}};
    check_against_one(
        6, [](index_t i) { return block<T>(i, 2 + i % 2, 4); },
        [&](const Communicator& c, const auto& blocks) { return lop::vstack(c, model, blocks); });
    check_against_one(
        6, [](index_t i) { return block<T>(i, 4, 3); },
        [&](const Communicator& c, const auto& blocks) { return lop::hstack(c, model, blocks); });
}

TEST_CASE("unlike operators of one pair of spaces stack behind AnyOperator") {
    const auto world = Communicator::world();
    const ArraySpace<double> line{"line", {7}};
    using Any = lop::AnyOperator<ArraySpace<double>>;
    const auto make = [&](index_t i) -> Any {
        if (i % 2 == 0) return lop::FirstDerivative<double>{line};
        return 3.0 * lop::Identity<ArraySpace<double>>{line};
    };
    for (const auto& slots : parts::all(4, world.size()))
        check_laws(lop::vstack(world, line, mine(slots, make)));
}

TEST_CASE("blocks of another domain than the stack's end all ranks with one sentence") {
    const auto world = Communicator::world();
    const ArraySpace<double> model{"m", {4}};
    std::vector<lop::MatrixOperator<Matrix<double>>> blocks;
    if (world.rank() == world.size() - 1) blocks.push_back(block<double>(0, 2, 5));
    CHECK_THROWS_WITH_AS(lop::vstack(world, model, blocks),
                         doctest::Contains("the domains of the blocks differ"), lop::SpaceError);
}
