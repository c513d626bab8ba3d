/// Distributed arrays: the same bits as arrays held whole, however they are shared out.
#include <lop/distributed/distributed_array.hpp>

#include "parts.hpp"
#include <lop/algebra/many.hpp>
#include <lop/core/error.hpp>
#include <lop/solvers/norms.hpp>

#include <complex>
#include <doctest/doctest.h>

using lop::Array;
using lop::ArraySpace;
using lop::Communicator;
using lop::DistributedArray;
using lop::DistributedSpace;
using lop::index_t;
using lop::Partition;
using lop::Shape;
using lop::SpaceError;
using parts::same_bits;

#define LOP_SCALARS float, double, std::complex<float>, std::complex<double>

namespace {

template <class T> T factor() {
    if constexpr (lop::is_complex<T>) return {lop::Real<T>(0.7), lop::Real<T>(-0.3)};
    else return T(0.7);
}

/// All sums over x and y, in the order in which the vectors offer them.
template <class V> auto sums(const V& x, const V& y) {
    using T = typename V::value_type;
    const T a = factor<T>();
    auto z = like(x);
    const double fused = assign_norm2(z, x - a * y);
    struct Result {
        std::complex<double> plain, expressions;
        double norm2, norm, expression, fused;
        V z;
    };
    return Result{dot(x, y), dot(x + y, a * y), norm2(y), norm(x), norm2(x - a * y), fused, z};
}

template <class A, class B> void check_same_sums(const A& serial, const B& distributed) {
    CHECK(same_bits(serial.plain, distributed.plain));
    CHECK(same_bits(serial.expressions, distributed.expressions));
    CHECK(same_bits(serial.norm2, distributed.norm2));
    CHECK(same_bits(serial.norm, distributed.norm));
    CHECK(same_bits(serial.expression, distributed.expression));
    CHECK(same_bits(serial.fused, distributed.fused));
    CHECK(serial.fused == serial.expression);
}

/// Arrays over `shape` scattered over axis 0 in every way against serial ones.
template <class T> void check_against_serial(const Shape& shape) {
    CAPTURE(shape.str());
    const auto world = Communicator::world();
    const ArraySpace<T> whole{"x", shape};
    const Array<T> x0 = whole.random(1);
    const Array<T> y0 = whole.random(2);
    const auto expected = sums(x0, y0);
    for (const auto& partition : parts::all(shape[0], world.size())) {
        CAPTURE(partition.str(world.size()));
        const DistributedSpace<T> space{"x", shape, world, partition};
        const auto x = space.random(1);
        const auto y = space.random(2);
        CHECK(same_bits(parts::gather(x), x0));
        CHECK(same_bits(parts::gather(y), y0));
        const auto found = sums(x, y);
        check_same_sums(expected, found);
        CHECK(same_bits(parts::gather(found.z), expected.z));
    }
}

}  // namespace

TEST_CASE_TEMPLATE("arrays over axis 0 carry the bits of serial ones, sums included", T,
                   LOP_SCALARS) {
    check_against_serial<T>({1, 37});
    check_against_serial<T>({37, 1});
    check_against_serial<T>({7, 13, 5});
    check_against_serial<T>({64, 16});
    check_against_serial<T>({300});
    check_against_serial<T>({10007, 1});
    check_against_serial<T>({0, 5});
    check_against_serial<T>({5, 0});
}

TEST_CASE("ranks that name unlike extents or partitions of one array are told, on all of them") {
    const auto world = Communicator::world();
    const int ranks = world.size();
    if (ranks == 1) return;
    const bool last = world.rank() == ranks - 1;
    const auto refused = [&](const Shape& shape, const Partition& partition) {
        std::string words = "nothing was refused";
        try {
            const DistributedSpace<double> space{"pressure", shape, world, partition};
        } catch (const SpaceError& error) {
            words = error.what();
        }
        CHECK(words.starts_with("ranks disagree about pressure"));
        CHECK(words.find("on rank " + std::to_string(ranks - 1)) != std::string::npos);
        CHECK(world.broadcast(words) == words);
    };
    const index_t n = 3 * ranks;
    std::vector<index_t> counts(static_cast<std::size_t>(ranks), 3);
    if (last) ++counts.front(), --counts.back();
    refused({n, 5}, Partition::given(counts));
    refused({n, n}, Partition::balanced(n, ranks, last ? 1 : 0));
    refused({n, last ? 4 : 5}, Partition::balanced(n, ranks));
    refused({last ? n + 1 : n, 5},
            Partition::balanced(n, ranks));  // and wrong on the last rank alone
    refused({last ? 4 : 5}, Partition::replicated());
    refused({n, 5}, last ? Partition::copies(ranks) : Partition::balanced(n, ranks));
    CHECK_FALSE(world.agree(last ? 1 : 2));
    CHECK(world.agree(7));
}

TEST_CASE("large arrays, added by several threads, carry the bits of serial ones") {
    check_against_serial<float>({1000003, 1});
    check_against_serial<double>({1000003});
    check_against_serial<std::complex<float>>({1, 100003});
    check_against_serial<double>({997, 211});
}

TEST_CASE_TEMPLATE("arrays over other axes carry the bits of one rank that holds all", T,
                   LOP_SCALARS) {
    const auto world = Communicator::world();
    const std::pair<Shape, int> cases[] = {{{6, 37}, 1},    {{1, 300}, 1},  {{7, 13, 5}, 1},
                                           {{7, 13, 5}, 2}, {{3, 0, 4}, 1}, {{2, 5000}, 1}};
    for (const auto& [shape, axis] : cases) {
        CAPTURE(shape.str());
        const DistributedSpace<T> one{"x", shape, Communicator::self(),
                                      Partition::balanced(shape[axis], 1, axis)};
        const auto x0 = one.random(1);
        const auto y0 = one.random(2);
        CHECK(same_bits(x0.local(), ArraySpace<T>{"x", shape}.random(1)));
        const auto expected = sums(x0, y0);
        for (const auto& partition : parts::all(shape[axis], world.size(), axis)) {
            CAPTURE(partition.str(world.size()));
            const DistributedSpace<T> space{"x", shape, world, partition};
            const auto x = space.random(1);
            CHECK(same_bits(parts::gather(x), x0.local()));
            check_same_sums(expected, sums(x, space.random(2)));
        }
    }
}

TEST_CASE_TEMPLATE("a replicated array is counted once", T, LOP_SCALARS) {
    const Shape shape{30, 7};
    const DistributedSpace<T> space{"m", shape, Communicator::world()};
    const ArraySpace<T> whole{"m", shape};
    const auto x = space.random(1);
    CHECK(same_bits(x.local(), whole.random(1)));
    check_same_sums(sums(whole.random(1), whole.random(2)), sums(x, space.random(2)));
    auto ones = space.zeros();
    ones.fill(T(1));
    CHECK(norm2(ones) == 210);
}

TEST_CASE("the sign of a sum of negative zeros does not tell how it was shared out") {
    const auto world = Communicator::world();
    for (const index_t count : {1, 255, 256, 512, 700}) {
        const ArraySpace<double> whole{"x", {count}};
        auto ones = whole.zeros();
        ones.fill(-1);
        const double expected = dot(whole.zeros(), ones);
        for (const auto& partition : parts::all(count, world.size())) {
            const DistributedSpace<double> space{"x", {count}, world, partition};
            auto y = space.zeros();
            y.fill(-1);
            CHECK(same_bits(dot(space.zeros(), y), expected));
        }
    }
}

TEST_CASE("sums of whole numbers are those of the schoolbook") {
    const auto world = Communicator::world();
    const index_t n = 100;
    for (const auto& partition : parts::all(n, world.size())) {
        const DistributedSpace<float> space{"x", {n}, world, partition};
        auto x = space.zeros();
        for (index_t i = 0; i < x.size(); ++i)
            x.data()[i] = static_cast<float>(partition.first(world.rank()) + i + 1);
        auto ones = space.zeros();
        ones.fill(1);
        CHECK(dot(x, ones) == n * (n + 1) / 2);
        CHECK(norm2(x) == n * (n + 1) * (2 * n + 1) / 6);
    }
}

TEST_CASE_TEMPLATE("a space makes vectors of its own, with the extents of each rank's part", T,
                   LOP_SCALARS) {
    const auto world = Communicator::world();
    for (const auto& partition : parts::all(11, world.size(), 1)) {
        const DistributedSpace<T> space{"x", {4, 11, 3}, world, partition};
        CHECK(space.size() == 132);
        CHECK(space.local_shape() == Shape{4, partition.count(world.rank()), 3});
        auto x = space.zeros();
        CHECK(norm(x) == 0);
        CHECK(x.size() == 12 * partition.count(world.rank()));
        CHECK(world.sum(x.size()) == space.size());
        CHECK(space.contains(x));
        CHECK(space.contains(space.uninitialized()));
        CHECK(space.contains(like(x)));
        CHECK(space.contains(*space.scratch()));
        CHECK(space_of(x) == space);
        CHECK(x.name() == "x");
        // Made apart, but equal.
        const DistributedSpace<T> twin{"twin", {4, 11, 3}, world, Partition{partition}};
        CHECK(twin == space);
        CHECK(twin.contains(x));
        x += twin.random(3);
        CHECK(norm(x) > 0);
    }
}

TEST_CASE_TEMPLATE("arithmetic is that of every element alone", T, LOP_SCALARS) {
    const auto world = Communicator::world();
    const Shape shape{9, 5};
    const ArraySpace<T> whole{"x", shape};
    const Array<T> x0 = whole.random(1);
    const Array<T> y0 = whole.random(2);
    const T a = factor<T>();
    for (const auto& partition : parts::all(shape[0], world.size())) {
        const DistributedSpace<T> space{"x", shape, world, partition};
        const auto x = space.random(1);
        const auto y = space.random(2);
        const auto equal = [](const DistributedArray<T>& found, const Array<T>& expected) {
            return same_bits(parts::gather(found), expected);
        };
        CHECK(equal(x + y, x0 + y0));
        CHECK(equal(x - a * y + 2 * x, x0 - a * y0 + 2 * x0));
        CHECK(equal(-x, -x0));
        CHECK(equal(x * a, x0 * a));
        CHECK(equal(x / a, x0 / a));
        CHECK(equal(cwise_product(x, y), cwise_product(x0, y0)));
        const auto cube = [](T v) { return v * v * v; };
        CHECK(equal(map(cube, x), map(cube, x0)));
        auto z = x;
        z += a * y;
        z -= x;
        z *= a;
        z = z + z;
        Array<T> z0 = x0;
        z0 += a * y0;
        z0 -= x0;
        z0 *= a;
        z0 = z0 + z0;
        CHECK(equal(z, z0));
        CHECK(equal(x, x0));
        CHECK(norm((x + y) - (y + x)) == 0);
        CHECK(equal(space.random(1) + space.random(2), x0 + y0));  // temporaries, held by value
    }
}

TEST_CASE("a copy is deep, and keeps to its space") {
    const DistributedSpace<double> space{
        "x", {8, 2}, Communicator::world(), Partition::balanced(8, Communicator::world().size())};
    const auto x = space.random(1);
    auto y = x;
    CHECK(y.compatible(x));
    y *= 2;
    CHECK(norm(y - 2 * x) == 0);
    CHECK(norm(x - space.random(1)) == 0);
    y.fill(3);
    CHECK(norm2(y) == 16 * 9);
}

TEST_CASE("arrays shared out unlike are refused in words that tell the parts apart") {
    const auto world = Communicator::world();
    const index_t n = 2 * world.size();
    const Shape shape{n, n};
    const DistributedSpace<double> rows{"rows", shape, world, Partition::balanced(n, world.size())};
    const DistributedSpace<double> columns{"columns", shape, world,
                                           Partition::balanced(n, world.size(), 1)};
    const DistributedSpace<double> whole{"whole", shape, world};
    auto x = rows.random(1);
    const auto y = columns.random(1);
    const auto z = whole.random(1);
    CHECK_FALSE(rows == columns);
    CHECK_FALSE(rows == whole);
    CHECK_FALSE(rows.contains(z));
    CHECK_THROWS_WITH_AS(dot(x, y), doctest::Contains(columns.describe().c_str()), SpaceError);
    CHECK_THROWS_WITH_AS(x += y, doctest::Contains("scattered over axis 1 of "), SpaceError);
    CHECK_THROWS_WITH_AS(x += z, doctest::Contains(whole.describe().c_str()), SpaceError);
    CHECK_THROWS_WITH_AS(x = 2 * z, doctest::Contains("replicated on "), SpaceError);
    CHECK_THROWS_WITH_AS(static_cast<void>(z - x), doctest::Contains(rows.describe().c_str()),
                         SpaceError);
    CHECK_THROWS_AS(assign_norm2(x, y), SpaceError);
    CHECK(norm(x - rows.random(1)) == 0);  // a refused assignment leaves its target alone

    const DistributedSpace<double> last{"last", shape, world,
                                        parts::alone(n, world.size(), world.size() - 1)};
    CHECK((last == rows) == (world.size() == 1));
    if (world.size() == 1) return;
    CHECK_FALSE(last.describe().substr(4) == rows.describe().substr(4));
    CHECK_THROWS_WITH_AS(x += last.random(1), doctest::Contains(last.describe().c_str()),
                         SpaceError);
    // The same extents on every rank alone are another array than one that all of them share.
    const DistributedSpace<double> own{"own", shape, Communicator::self()};
    CHECK_FALSE(own == whole);
    CHECK_THROWS_AS(dot(z, own.random(1)), SpaceError);
}

TEST_CASE("a space in words names its extents, scalar, memory and partition") {
    const auto self = Communicator::self();
    CHECK(DistributedSpace<float>{"traces", {12, 250}, self, Partition::given({12})}.describe() ==
          "traces[12 x 250] of float32 on host, scattered over axis 0 of 1 rank (12)");
    CHECK(DistributedSpace<std::complex<double>>{"m", {3, 4}, self}.describe() ==
          "m[3 x 4] of complex128 on host, replicated on 1 rank");
}

TEST_CASE("a partition of another extent, axis or number of ranks than its array is refused") {
    const auto world = Communicator::world();
    const int ranks = world.size();
    const auto make = [&](Partition p) {
        return DistributedSpace<double>{"x", {10, 20}, world, p};
    };
    CHECK_THROWS_WITH_AS(make(Partition::balanced(11, ranks)),
                         doctest::Contains("a partition of x[10 x 20]"), SpaceError);
    CHECK_THROWS_WITH_AS(make(Partition::balanced(10, ranks, 1)),
                         doctest::Contains("10 indices of axis 1"), SpaceError);
    CHECK_THROWS_AS(make(Partition::balanced(10, ranks + 1)), SpaceError);
    CHECK_THROWS_AS(make(Partition::balanced(10, ranks, 2)), SpaceError);
    CHECK_THROWS_AS(make(Partition::balanced(10, ranks, -1)), SpaceError);
    CHECK(make(Partition::balanced(20, ranks, 1)).local_shape()[0] == 10);
}

TEST_CASE("a local part of other extents than the layout's is refused") {
    const auto world = Communicator::world();
    const DistributedSpace<float> space{
        "x", {world.size(), 3}, world, Partition::balanced(world.size(), world.size())};
    const auto x = space.zeros();
    CHECK_THROWS_WITH_AS((DistributedArray<float>{x.layout(), Array<float>{{2, 3}, "y"}}),
                         doctest::Contains("found    y[2 x 3] of float32"), SpaceError);
}

TEST_CASE_TEMPLATE("stacks of unlike distributed arrays add up block by block", T, LOP_SCALARS) {
    const auto world = Communicator::world();
    const ArraySpace<T> data0{"data", {13, 7}};
    const ArraySpace<T> model0{"model", {5, 4}};
    const lop::StackedSpace serial{data0, model0};
    const auto expected = serial.random(4);
    const auto other0 = serial.random(5);
    const T a = factor<T>();
    for (const auto& partition : parts::all(13, world.size())) {
        const DistributedSpace<T> data{"data", {13, 7}, world, partition};
        const DistributedSpace<T> model{"model", {5, 4}, world};
        const lop::StackedSpace space{data, model};
        using Pair = lop::StackedDistributedArray<DistributedArray<T>, DistributedArray<T>>;
        const Pair x = space.random(4);
        const Pair y = space.random(5);
        CHECK(space.contains(x));
        CHECK(space.size() == 13 * 7 + 20);
        CHECK(same_bits(parts::gather(x.template block<0>()), expected.template block<0>()));
        CHECK(same_bits(x.template block<1>().local(), expected.template block<1>()));
        CHECK(same_bits(dot(x, y), dot(expected, other0)));
        CHECK(same_bits(norm(x - a * y), norm(expected - a * other0)));
        Pair z = x;
        const double fused = assign_norm2(z, z + a * y);
        auto z0 = expected;
        CHECK(same_bits(fused, assign_norm2(z0, z0 + a * other0)));
        CHECK(same_bits(parts::gather(z.template block<0>()), z0.template block<0>()));
        z -= a * y;
        CHECK(norm(z - x) <= 1e-6 * norm(x));

        // Nested: a stack of a stack and an array.
        const lop::StackedSpace nested{space, model};
        const lop::StackedSpace nested0{serial, model0};
        CHECK(same_bits(norm2(nested.random(6)), norm2(nested0.random(6))));
    }
}

TEST_CASE_TEMPLATE("many distributed arrays, and stacks of many, add up block by block", T,
                   LOP_SCALARS) {
    const auto world = Communicator::world();
    const ArraySpace<T> data0{"data", {11, 3}};
    const lop::ManySpace serial{std::vector(4, data0)};
    const lop::StackedSpace serial_stack{serial, data0};
    const T a = factor<T>();
    const auto x0 = serial.random(4);
    const auto y0 = serial.random(5);
    for (const auto& partition : parts::all(11, world.size())) {
        const DistributedSpace<T> data{"data", {11, 3}, world, partition};
        const lop::ManySpace space{std::vector(4, data)};
        const auto x = space.random(4);
        const auto y = space.random(5);
        CHECK(space.contains(x));
        CHECK(same_bits(dot(x, y), dot(x0, y0)));
        CHECK(same_bits(norm1(x - a * y), norm1(x0 - a * y0)));
        CHECK(same_bits(norm_inf(x), norm_inf(x0)));
        auto z = x;
        auto z0 = x0;
        CHECK(same_bits(assign_norm2(z, z + a * y), assign_norm2(z0, z0 + a * y0)));
        for (index_t i = 0; i < 4; ++i) CHECK(same_bits(parts::gather(z.block(i)), z0.block(i)));

        const lop::StackedSpace stack{space, data};
        CHECK(same_bits(norm2(stack.random(6)), norm2(serial_stack.random(6))));
        const auto w = stack.random(6);
        CHECK(same_bits(norm2(2 * w - w), norm2(w)));
    }
}

TEST_CASE("stacks with a block of another space are refused by that block's name") {
    const auto world = Communicator::world();
    const DistributedSpace<double> data{
        "data", {12, 7}, world, Partition::balanced(12, world.size())};
    const DistributedSpace<double> model{"model", {5, 4}, world};
    const DistributedSpace<double> tall{"tall", {5, 5}, world};
    auto x = lop::StackedSpace{data, model}.random(1);
    const auto y = lop::StackedSpace{data, tall}.random(1);
    CHECK_FALSE(x.compatible(y));
    CHECK_THROWS_WITH_AS(x += y, doctest::Contains("tall[5 x 5]"), SpaceError);
    CHECK_THROWS_WITH_AS(dot(x, y), doctest::Contains("tall[5 x 5]"), SpaceError);
}

TEST_CASE("copies that differ are found on every rank, and only there") {
    const auto world = Communicator::world();
    const DistributedSpace<double> whole{"m", {5, 3}, world};
    auto x = whole.random(1);
    x.check_replicated();
    if (world.size() == 1) return;
    if (world.rank() == world.size() - 1) x.data()[7] += 1e-15;
    CHECK_THROWS_WITH_AS(x.check_replicated(), doctest::Contains("copies of m[5 x 3] differ"),
                         SpaceError);
    for (const auto& grid : parts::grids(world.size(), 2)) {
        const auto partition = parts::uneven(5, grid[0]) * Partition::copies(grid[1]);
        const DistributedSpace<float> space{"m", {5, 3}, world, partition};
        auto y = space.random(2);
        y.check_replicated();
        const bool changed = grid[1] > 1 && y.size() > 0 && partition.copy(world.rank()) == 1;
        if (changed) y.data()[0] = 42;
        if (world.any(changed)) CHECK_THROWS_AS(y.check_replicated(), SpaceError);
    }
    const DistributedSpace<double> rows{"x", {5, 3}, world, Partition::balanced(5, world.size())};
    rows.random(3).check_replicated();
}
