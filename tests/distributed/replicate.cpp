/// Replication and sums over slots: laws, numbers by hand, and bits that no rank count changes.
#include "parts.hpp"
#include <lop/core/error.hpp>
#include <lop/distributed/communication.hpp>
#include <lop/testing/doctest.hpp>

#include <cmath>
#include <complex>
#include <doctest/doctest.h>

using lop::Array;
using lop::Communicator;
using lop::DistributedArray;
using lop::DistributedSpace;
using lop::index_t;
using lop::OrderedSum;
using lop::Partition;
using lop::Replicate;
using lop::Shape;
using lop::testing::check_laws;
using parts::same_bits;

namespace {

/// A value of a slot's array; magnitudes span twelve decades, so that the order of sums shows.
template <class T> T slot_value(index_t slot, index_t i) {
    using R = lop::Real<T>;
    const auto key = static_cast<std::uint64_t>(1000 * slot + i);
    const auto scale = static_cast<R>(std::pow(10.0, 12 * lop::random_uniform(8, key) - 6));
    return lop::random_value<T>(9, static_cast<index_t>(key)) * scale;
}

/// The sum as the tree defines it: a node adds its two halves; what lies beyond the last slot
/// does not exist.
template <class T> T tree_sum(index_t begin, index_t width, index_t slots, index_t i) {
    if (width == 1) return slot_value<T>(begin, i);
    const T left = tree_sum<T>(begin, width / 2, slots, i);
    if (begin + width / 2 >= slots) return left;
    return left + tree_sum<T>(begin + width / 2, width / 2, slots, i);
}

template <class T> std::vector<T> summed(const Partition& slots, index_t size) {
    const auto world = Communicator::world();
    OrderedSum<T> sum{world, slots, size};
    std::vector<T> values(static_cast<std::size_t>(size));
    const int me = world.rank();
    for (index_t s = slots.first(me); s < slots.first(me + 1); ++s) {
        for (index_t i = 0; i < size; ++i)
            values[static_cast<std::size_t>(i)] = slot_value<T>(s, i);
        sum.add(values.data());
    }
    std::vector<T> total(static_cast<std::size_t>(size), T(std::nan("")));
    sum.finish(total.data());
    return total;
}

}  // namespace

TEST_CASE_TEMPLATE("an ordered sum has the bits of its tree, however the slots are shared out", T,
                   float, double, std::complex<float>, std::complex<double>) {
    const auto world = Communicator::world();
    const index_t size = 7;
    for (const index_t slots : {1, 2, 3, 5, 8, 13, 64, 100}) {
        std::vector<T> expected;
        for (index_t i = 0; i < size; ++i) expected.push_back(tree_sum<T>(0, 128, slots, i));
        for (const auto& partition : parts::all(slots, world.size())) {
            CAPTURE(partition.str(world.size()));
            const auto found = summed<T>(partition, size);
            for (std::size_t i = 0; i < expected.size(); ++i)
                CHECK(same_bits(found[i], expected[i]));
        }
    }
}

TEST_CASE("the magnitudes of the slots are such that another order of sums gives other bits") {
    int differing = 0;
    for (index_t i = 0; i < 50; ++i) {
        float forwards = 0;
        for (index_t s = 0; s < 13; ++s) forwards += slot_value<float>(s, i);
        differing += forwards != tree_sum<float>(0, 16, 13, i);
    }
    CHECK(differing > 5);
}

TEST_CASE("images large enough for threads are added alike") {
    const auto world = Communicator::world();
    const index_t size = 40000;
    for (const auto& partition : parts::all(6, world.size())) {
        const auto found = summed<float>(partition, size);
        bool same = true;
        for (index_t i = 0; i < size; ++i)
            same =
                same && same_bits(found[static_cast<std::size_t>(i)], tree_sum<float>(0, 8, 6, i));
        CHECK(same);
    }
}

TEST_CASE("the ordered sum over no slots is zero, on every rank") {
    const auto world = Communicator::world();
    CHECK(summed<double>(Partition::balanced(0, world.size()), 3) == std::vector<double>{0, 0, 0});
    CHECK(summed<double>(Partition::balanced(3, world.size()), 0).empty());
}

TEST_CASE("an ordered sum finished before all its slots were added is refused") {
    const auto world = Communicator::world();
    const Partition slots = Partition::balanced(world.size(), world.size());
    OrderedSum<double> sum{world, slots, 1};
    double total = 0;
    CHECK_THROWS_AS(sum.finish(&total), lop::ArgumentError);
    const double one = 1;
    sum.add(&one);
    sum.finish(&total);
    CHECK(total == world.size());
}

TEST_CASE_TEMPLATE("replication obeys the laws of a linear operator", T, float, double,
                   std::complex<float>, std::complex<double>) {
    const auto world = Communicator::world();
    const DistributedSpace<T> domain{"m", {4, 3}, world};
    for (const index_t slots : {1, 2, 7, 16})
        for (const auto& partition : parts::all(slots, world.size())) {
            CAPTURE(partition.str(world.size()));
            check_laws(Replicate<T>{domain, partition});
        }
}

TEST_CASE("replication into no slots is the zero operator") {
    const auto world = Communicator::world();
    const DistributedSpace<double> domain{"m", {4}, world};
    const Replicate<double> none{domain, Partition::balanced(0, world.size())};
    CHECK(none.range().size() == 0);
    CHECK(norm(none.H() * none.range().zeros()) == 0);
    check_laws(none);
}

TEST_CASE("every slot is a copy, and the adjoint sums the slots") {
    const auto world = Communicator::world();
    for (const auto& partition : parts::all(5, world.size())) {
        const DistributedSpace<double> domain{"m", {3}, world};
        const Replicate<double> replicate{domain, partition};
        CHECK(replicate.range().shape() == Shape{5, 3});
        CHECK(replicate.range().partition() == partition);
        auto x = domain.zeros();
        for (index_t i = 0; i < 3; ++i) x.data()[i] = static_cast<double>(i + 1);
        const Array<double> y = parts::gather(replicate * x);
        for (index_t s = 0; s < 5; ++s)
            for (index_t i = 0; i < 3; ++i) CHECK(y(s, i) == static_cast<double>(i + 1));

        auto slots = replicate.range().zeros();
        for (index_t i = 0; i < slots.size(); ++i)
            slots.data()[i] = static_cast<double>(slots.layout()->global_index(i) / 3 + 1);
        const auto sum = replicate.H() * slots;
        for (index_t i = 0; i < 3; ++i) CHECK(sum.data()[i] == 1 + 2 + 3 + 4 + 5);
    }
}

TEST_CASE_TEMPLATE(
    "the adjoint of replication has the same bits on every rank and in every partition", T, float,
    std::complex<double>) {
    const auto world = Communicator::world();
    const index_t slots = 11;
    const DistributedSpace<T> alone{"m", {6, 5}, Communicator::self()};
    const Replicate<T> serial{alone, Partition::given({slots})};
    const auto expected = serial.H() * serial.range().random(3);
    for (const auto& partition : parts::all(slots, world.size())) {
        const Replicate<T> replicate{DistributedSpace<T>{"m", {6, 5}, world}, partition};
        const auto found = replicate.H() * replicate.range().random(3);
        CHECK(same_bits(found.local(), expected.local()));
    }
}

TEST_CASE("a scattered domain, and slots that are not along axis 0, are refused") {
    const auto world = Communicator::world();
    const int ranks = world.size();
    const DistributedSpace<double> rows{"rows", {4, 4}, world, Partition::balanced(4, ranks)};
    const DistributedSpace<double> whole{"m", {4}, world};
    CHECK_THROWS_WITH_AS((Replicate<double>{rows, Partition::balanced(3, ranks)}),
                         doctest::Contains("rows[4 x 4]"), lop::SpaceError);
    CHECK_THROWS_WITH_AS((Replicate<double>{whole, Partition::balanced(4, ranks, 1)}),
                         doctest::Contains("axis 1"), lop::SpaceError);
    CHECK_THROWS_WITH_AS((Replicate<double>{whole, Partition::replicated()}),
                         doctest::Contains("replicated"), lop::SpaceError);
    CHECK_THROWS_AS((Replicate<double>{whole, Partition::balanced(4, ranks + 1)}), lop::SpaceError);
}
