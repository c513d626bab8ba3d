/// Blocks that free ranks take: laws, and the bits of blocks that stay where they are.
#include <lop/distributed/scheduling.hpp>

#include "parts.hpp"
#include <lop/algebra/diagonal.hpp>
#include <lop/algebra/eigen.hpp>
#include <lop/core/error.hpp>
#include <lop/distributed/blocks.hpp>
#include <lop/testing/doctest.hpp>

#include <chrono>
#include <complex>
#include <doctest/doctest.h>
#include <thread>

using lop::ArraySpace;
using lop::Communicator;
using lop::index_t;
using lop::Partition;
using lop::UnorderedSum;
using lop::testing::check_laws;
using parts::same_bits;

namespace {

template <class T> using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;

template <class T> lop::MatrixOperator<Matrix<T>> block(index_t i) {
    const auto values = ArraySpace<T>{"m", {3, 4}}.random(static_cast<std::uint64_t>(i));
    Matrix<T> m(3, 4);
    for (index_t k = 0; k < 12; ++k) m(k / 4, k % 4) = values[k];
    return lop::MatrixOperator<Matrix<T>>{m};
}

}  // namespace

TEST_CASE_TEMPLATE("blocks that free ranks take give the bits of blocks that stay", T, float,
                   double, std::complex<double>) {
    const auto world = Communicator::world();
    const ArraySpace<T> model{"m", {4}};
    const ArraySpace<T> data{"d", {3}};
    for (const index_t slots : {1, 2, 7, 13}) {
        const std::vector<double> costs(static_cast<std::size_t>(slots), 1.0);
        std::vector<lop::MatrixOperator<Matrix<T>>> all;
        for (index_t i = 0; i < slots; ++i) all.push_back(block<T>(i));
        const auto one = lop::vstack(Communicator::self(), model, all);
        const auto forward = parts::gather(one * one.domain().random(1));
        const auto adjoint = parts::gather(one.H() * one.range().random(2));
        for (const auto& partition : parts::all(slots, world.size())) {
            CAPTURE(partition.str(world.size()));
            const lop::ScheduledVStack<lop::MatrixOperator<Matrix<T>>> A{
                world, model, data, costs, block<T>, partition};
            for (int again = 0; again < 3; ++again) {
                CHECK(same_bits(parts::gather(A * A.domain().random(1)), forward));
                CHECK(same_bits(parts::gather(A.H() * A.range().random(2)), adjoint));
            }
            check_laws(A);
        }
    }
}

TEST_CASE("a slow rank is left the blocks that others do not take") {
    const auto world = Communicator::world();
    const ArraySpace<double> line{"m", {4}};
    const index_t slots = 6 * world.size();
    std::vector<double> costs;
    for (index_t i = 0; i < slots; ++i) costs.push_back(static_cast<double>(i));
    index_t made = 0;
    std::vector<index_t> order;
    const lop::ScheduledVStack<lop::Identity<ArraySpace<double>>> A{
        world, line, line, costs, [&](index_t slot) {
            ++made;
            order.push_back(slot);
            std::this_thread::sleep_for(std::chrono::milliseconds(world.rank() == 0 ? 20 : 1));
            return lop::Identity<ArraySpace<double>>{line};
        }};
    const auto y = A * A.domain().random(1);
    CHECK(world.sum(made) == slots);
    // Every rank got its blocks from the most expensive on.
    CHECK(std::is_sorted(order.rbegin(), order.rend()));
    if (world.size() > 1 && world.root()) CHECK(made < slots / world.size());
}

TEST_CASE("an error of one block ends the work of all ranks") {
    const auto world = Communicator::world();
    const ArraySpace<double> line{"m", {4}};
    const ArraySpace<double> longer{"m", {5}};
    using Identity = lop::Identity<ArraySpace<double>>;
    const lop::ScheduledVStack<Identity> A{
        world, line, line, std::vector<double>(9, 1.0),
        [&](index_t slot) { return Identity{slot == 4 ? longer : line}; }};
    CHECK_THROWS_WITH_AS(A * A.domain().zeros(), doctest::Contains("the operator of slot 4"),
                         lop::SpaceError);
    CHECK_THROWS_AS((lop::ScheduledVStack<Identity>{world, line, line, {}, nullptr}),
                    lop::ArgumentError);
}

TEST_CASE("the order of slots leaves no trace, and missing or doubled ones are refused") {
    const auto world = Communicator::world();
    for (const index_t slots : {1, 5, 8, 21}) {
        std::vector<double> expected(2), found(2);
        const auto values = ArraySpace<double>{"v", {slots, 2}}.random(5);
        lop::OrderedSum<double> ordered{Communicator::self(), Partition::balanced(slots, 1), 2};
        for (index_t s = 0; s < slots; ++s) ordered.add(values.data() + 2 * s);
        ordered.finish(expected.data());
        for (const index_t stride : {1, 2, 4, 11}) {
            UnorderedSum<double> sum{world, slots, 2};
            for (index_t k = 0; k < slots; ++k) {
                const index_t s = slots % stride == 0 ? k : k * stride % slots;
                if (s % world.size() == world.rank()) sum.add(s, values.data() + 2 * s);
            }
            sum.finish(found.data());
            CHECK(found == expected);
        }
    }
    const double one[] = {1, 1};
    std::vector<double> found(2);
    UnorderedSum<double> missing{world, 3, 2};
    if (world.root()) missing.add(1, one);
    CHECK_THROWS_AS(missing.finish(found.data()), lop::ArgumentError);
    UnorderedSum<double> twice{world, world.size(), 2};
    twice.add(0, one);
    if (world.size() > 1) CHECK_THROWS_AS(twice.finish(found.data()), lop::ArgumentError);
}
