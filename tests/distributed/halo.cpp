/// Halo exchange: laws, and ghosts a reader can check by hand.
#include "parts.hpp"
#include <lop/algebra/any_operator.hpp>
#include <lop/algebra/nodes.hpp>
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
using lop::Ends;
using lop::Halo;
using lop::HaloOptions;
using lop::index_t;
using lop::Partition;
using lop::Shape;
using lop::testing::check_laws;
using parts::same_bits;

namespace {

std::string words(const HaloOptions& options) {
    return std::to_string(options.before) + " before, " + std::to_string(options.after) + " after" +
           (options.ends == Ends::periodic ? ", periodic" : "");
}

std::vector<HaloOptions> widths() {
    std::vector<HaloOptions> list;
    for (const Ends ends : {Ends::zero, Ends::periodic})
        for (index_t before = 0; before <= 3; ++before)
            for (index_t after = 0; after <= 3; ++after) list.push_back({before, after, ends});
    return list;
}

/// The index of the whole array behind a place of a rank's extended part; -1 beyond the ends.
index_t behind(const Partition& partition, const HaloOptions& options, int rank, index_t place) {
    const index_t n = partition.extent();
    const index_t index = partition.first(rank) - options.before + place;
    if (options.ends == Ends::periodic) return ((index % n) + n) % n;
    return index < 0 || index >= n ? -1 : index;
}

template <class T> void check_halo_laws(const Shape& shape, int axis, const HaloOptions& options) {
    const auto world = Communicator::world();
    for (const auto& partition : parts::all(shape[axis], world.size(), axis)) {
        CAPTURE(shape.str());
        CAPTURE(partition.str(world.size()));
        CAPTURE(words(options));
        check_laws(Halo<T>{DistributedSpace<T>{"x", shape, world, partition}, options});
    }
}

}  // namespace

TEST_CASE("a halo of any width obeys the laws of a linear operator") {
    for (const auto& options : widths()) check_halo_laws<double>({11}, 0, options);
}

TEST_CASE_TEMPLATE("halos along the axes of larger arrays obey the laws", T, float, double,
                   std::complex<float>, std::complex<double>) {
    for (const Ends ends : {Ends::zero, Ends::periodic}) {
        check_halo_laws<T>({11, 3}, 0, {1, 2, ends});
        check_halo_laws<T>({3, 11}, 1, {2, 1, ends});
        check_halo_laws<T>({2, 5, 3}, 1, {3, 3, ends});
        check_halo_laws<T>({2, 3, 5}, 2, {0, 1, ends});
    }
}

TEST_CASE("ghosts may reach over many parts, and around the ring more than once") {
    for (const Ends ends : {Ends::zero, Ends::periodic}) {
        check_halo_laws<double>({7}, 0, {9, 20, ends});
        check_halo_laws<double>({1, 2}, 0, {3, 4, ends});
        check_halo_laws<double>({2, 2}, 1, {5, 0, ends});
    }
}

TEST_CASE("the halo of an empty array is empty") {
    const auto world = Communicator::world();
    const DistributedSpace<double> space{"x", {0, 4}, world, Partition::balanced(0, world.size())};
    const Halo<double> halo{space, {2, 2, Ends::periodic}};
    CHECK(halo.range().size() == 0);
    CHECK(norm(halo * space.zeros()) == 0);
    check_laws(halo);
}

TEST_CASE("the halo of 0, 1, 2, ... continues the count on both sides") {
    const auto world = Communicator::world();
    const index_t n = 10;
    for (const auto& partition : parts::all(n, world.size()))
        for (const auto& options : widths()) {
            CAPTURE(partition.str(world.size()));
            CAPTURE(words(options));
            const DistributedSpace<double> space{"x", {n}, world, partition};
            auto x = space.zeros();
            const int me = world.rank();
            for (index_t i = 0; i < x.size(); ++i)
                x.data()[i] = static_cast<double>(partition.first(me) + i);
            const auto y = Halo<double>{space, options} * x;
            const index_t own = partition.count(me);
            REQUIRE(y.size() == (own > 0 ? own + options.before + options.after : 0));
            for (index_t g = 0; g < y.size(); ++g) {
                const index_t expected = behind(partition, options, me, g);
                CHECK(y.data()[g] == (expected < 0 ? 0.0 : static_cast<double>(expected)));
            }
        }
}

TEST_CASE("three cells on two ranks, by hand") {
    const auto world = Communicator::world();
    if (world.size() != 2) return;
    const DistributedSpace<double> space{"x", {3}, world, Partition::given({2, 1})};
    const auto x = parts::scatter(space, [] {
        Array<double> v{{3}};
        v[0] = 10;
        v[1] = 20;
        v[2] = 30;
        return v;
    }());
    const auto numbers = [](const Array<double>& a) {
        return std::vector<double>(a.begin(), a.end());
    };
    using Numbers = std::vector<double>;
    const Halo<double> halo{space, {2, 1}};
    // Rank 0 keeps [. . 10 20 30], rank 1 [10 20 30 .].
    CHECK(numbers(parts::gather(halo * x)) == Numbers{0, 0, 10, 20, 30, 10, 20, 30, 0});
    const Halo<double> ring{space, {2, 1, Ends::periodic}};
    CHECK(numbers(parts::gather(ring * x)) == Numbers{20, 30, 10, 20, 30, 10, 20, 30, 10});
    auto ones = halo.range().zeros();
    ones.fill(1);
    CHECK(numbers(parts::gather(halo.H() * ones)) == Numbers{2, 2, 2});
    CHECK(numbers(parts::gather(ring.H() * ones)) == Numbers{3, 3, 3});
}

TEST_CASE_TEMPLATE("the adjoint adds every ghost to its owner, in ascending order of ranks", T,
                   float, std::complex<double>) {
    const auto world = Communicator::world();
    const index_t n = 9;
    const index_t inner = 2;
    for (const auto& partition : parts::all(n, world.size()))
        for (const HaloOptions options :
             {HaloOptions{1, 1}, {3, 2, Ends::periodic}, {2, 3}, {11, 4, Ends::periodic}}) {
            CAPTURE(partition.str(world.size()));
            CAPTURE(words(options));
            const DistributedSpace<T> space{"x", {n, inner}, world, partition};
            const Halo<T> halo{space, options};
            // Values of very unlike magnitude show the order of addition.
            const auto spread = [](T v) {
                return v * static_cast<lop::Real<T>>(std::exp(8 * std::abs(v)));
            };
            const DistributedArray<T> y = map(spread, halo.range().random(7));
            const Array<T> ghosted = parts::gather(y);
            const Partition& extended = halo.range().partition();
            Array<T> expected{{n, inner}};
            for (index_t i = 0; i < n; ++i)
                for (index_t k = 0; k < inner; ++k) {
                    const int owner = partition.owner(i);
                    T sum = ghosted(
                        (extended.first(owner) + options.before + i - partition.first(owner)), k);
                    for (int r = 0; r < world.size(); ++r)
                        for (index_t g = 0; g < extended.count(r); ++g) {
                            const bool ghost =
                                g < options.before || g >= options.before + partition.count(r);
                            if (ghost && behind(partition, options, r, g) == i)
                                sum += ghosted(extended.first(r) + g, k);
                        }
                    expected(i, k) = sum;
                }
            CHECK(same_bits(parts::gather(halo.H() * y), expected));
        }
}

TEST_CASE_TEMPLATE("a derivative behind a halo is the serial derivative to the bit", T, float,
                   double, std::complex<double>) {
    const auto world = Communicator::world();
    const Shape shape{4, 13, 3};
    for (int axis = 0; axis < 3; ++axis)
        for (const Ends ends : {Ends::zero, Ends::periodic})
            for (const auto& partition : parts::all(shape[axis], world.size(), axis)) {
                CAPTURE(partition.str(world.size()));
                const DistributedSpace<T> space{"u", shape, world, partition};
                const Halo<T> halo{space, {1, 1, ends}};
                const auto half = static_cast<lop::Real<T>>(0.5);
                const index_t outer = shape.product(0, axis);
                const index_t inner = shape.product(axis + 1, 3);
                const index_t own = partition.count(world.rank());
                // y(i) = (u(i + 1) - u(i - 1)) / 2 on the extended part, and its transpose.
                const auto centred = make_operator(
                    halo.range(), space,
                    [=](const DistributedArray<T>& u, DistributedArray<T>& y) {
                        for (index_t o = 0; o < outer; ++o)
                            for (index_t i = 0; i < own * inner; ++i) {
                                const T* at = u.data() + o * (own + 2) * inner + i;
                                y.data()[o * own * inner + i] = half * (at[2 * inner] - at[0]);
                            }
                    },
                    [=](const DistributedArray<T>& y, DistributedArray<T>& u) {
                        u.fill(T{});
                        for (index_t o = 0; o < outer; ++o)
                            for (index_t i = 0; i < own * inner; ++i) {
                                T* at = u.data() + o * (own + 2) * inner + i;
                                at[2 * inner] += half * y.data()[o * own * inner + i];
                                at[0] -= half * y.data()[o * own * inner + i];
                            }
                    },
                    "Centred");
                const auto derivative = centred * halo;
                check_laws(derivative);

                const auto u = space.random(3);
                const Array<T> whole = parts::gather(u);
                Array<T> expected{shape};
                const index_t n = shape[axis];
                for (index_t o = 0; o < outer; ++o)
                    for (index_t i = 0; i < n; ++i)
                        for (index_t k = 0; k < inner; ++k) {
                            const auto value = [&](index_t j) {
                                if (ends == Ends::zero && (j < 0 || j >= n)) return T{};
                                return whole[(o * n + (j + n) % n) * inner + k];
                            };
                            expected[(o * n + i) * inner + k] =
                                half * (value(i + 1) - value(i - 1));
                        }
                CHECK(same_bits(parts::gather(derivative * u), expected));
            }
}

TEST_CASE("the halo's range is the extended parts one behind the other") {
    const auto world = Communicator::world();
    const int ranks = world.size();
    const DistributedSpace<float> space{
        "u", {3, 2 * ranks}, world, Partition::balanced(2 * ranks, ranks, 1)};
    const Halo<float> halo{space, {.before = 2, .after = 1}};
    CHECK(halo.range().shape() == Shape{3, 5 * ranks});
    CHECK(halo.range().partition().axis() == 1);
    CHECK(halo.range().local_shape() == Shape{3, 5});
    CHECK(halo.axes().front().before == 2);
    CHECK(halo.label() == "Halo");
}

TEST_CASE("a group of one that knows no MPI exchanges with itself") {
    const Communicator one{MPI_COMM_NULL};
    const DistributedSpace<double> space{"x", {6}, one, Partition::given({6})};
    check_laws(Halo<double>{space, {2, 2, Ends::periodic}});
    CHECK(norm2(Halo<double>{space, {6, 0, Ends::periodic}} * space.random(1)) ==
          doctest::Approx(2 * norm2(space.random(1))));
}

TEST_CASE(
    "halos that cannot be are refused: of replicated arrays, of negative width, named twice") {
    const auto world = Communicator::world();
    const DistributedSpace<double> whole{"m", {5, 5}, world};
    CHECK_THROWS_WITH_AS(Halo<double>{whole},
                         doctest::Contains("m[5 x 5] of float64 on host, replicated"),
                         lop::SpaceError);
    const DistributedSpace<double> rows{"m", {5, 5}, world, Partition::balanced(5, world.size())};
    CHECK_THROWS_AS((Halo<double>{rows, {-1, 1}}), lop::ArgumentError);
    CHECK_THROWS_AS((Halo<double>{rows, {.before = -1}}), lop::ArgumentError);
    CHECK_THROWS_AS((Halo<double>{rows, {1, -1}}), lop::ArgumentError);
    CHECK_THROWS_WITH_AS((Halo<double>{rows, {{0, 1, 50}, {0, 1, 1}}}),
                         doctest::Contains("axis 0 is named twice"), lop::ArgumentError);
    CHECK_THROWS_WITH_AS(Halo<double>{rows} * whole.zeros(),
                         doctest::Contains("x is not in domain(Halo)"), lop::SpaceError);
}

// ---- several axes -----------------------------------------------------------------------------

namespace {

/// The value of the whole array behind a cell of a rank's extended part, axis by axis; zero beyond the
/// ends, and for ghosts along several axes where corners are left out.
void check_extended(const Shape& shape, const Partition& partition,
                    const std::vector<lop::AxisHalo>& axes, lop::Corners corners) {
    const auto world = Communicator::world();
    const DistributedSpace<double> space{"x", shape, world, partition};
    const Halo<double> halo{space, axes, corners};
    const auto x = lop::ArraySpace<double>{"x", shape}.random(3);
    const auto y = halo * parts::scatter(space, x);
    const lop::IndexBox own = space.box();
    const Shape extended = y.local().shape();
    for (index_t flat = 0; flat < y.size(); ++flat) {
        index_t rest = flat;
        index_t source = 0;
        index_t stride = 1;
        int ghosts = 0;
        bool nobody = false;
        for (int axis = shape.rank(); axis-- > 0;) {
            const index_t at = rest % extended[axis];
            rest /= extended[axis];
            lop::AxisHalo widths{axis, 0, 0};
            for (const auto& given : axes)
                if (given.axis == axis) widths = given;
            const index_t before = widths.ends == Ends::clipped
                                       ? std::min(widths.before, own.first(axis))
                                       : widths.before;
            index_t i = own.first(axis) + at - before;
            ghosts += i < own.first(axis) || i >= own.end(axis) ? 1 : 0;
            if (widths.ends == Ends::periodic) i = ((i % shape[axis]) + shape[axis]) % shape[axis];
            nobody = nobody || i < 0 || i >= shape[axis];
            source += i * stride;
            stride *= shape[axis];
        }
        nobody = nobody || (ghosts > 1 && corners == lop::Corners::without);
        CHECK(y.data()[flat] == (nobody ? 0.0 : x[source]));
    }
    check_laws(halo);
}

}  // namespace

TEST_CASE("halos over several axes have faces, edges and corners") {
    const auto world = Communicator::world();
    const Shape shape{5, 6};
    for (const auto& partition : parts::over(shape, {0, 1}, world.size())) {
        CAPTURE(partition.str(world.size()));
        for (const auto corners : {lop::Corners::with, lop::Corners::without})
            for (const Ends ends : {Ends::zero, Ends::clipped, Ends::periodic}) {
                check_extended(shape, partition, {{0, 1, 1, ends}, {1, 2, 1, ends}}, corners);
                check_extended(shape, partition, {{0, 0, 7, ends}, {1, 9, 0, Ends::zero}}, corners);
                check_extended(shape, partition, {{1, 1, 1, ends}}, corners);
            }
    }
    for (const auto& partition : parts::over({3, 4, 5}, {0, 1, 2}, world.size()))
        check_extended({3, 4, 5}, partition,
                       {{0, 1, 1, Ends::periodic}, {1, 1, 1, Ends::zero}, {2, 2, 2, Ends::clipped}},
                       lop::Corners::with);
}

TEST_CASE("a halo sends the bytes of its ghosts, and no others") {
    const auto world = Communicator::world();
    const Shape shape{12, 8, 10};
    for (const auto& grid : parts::grids(world.size(), 2)) {
        const auto partition =
            Partition::balanced(12, grid[0], 0) * Partition::balanced(8, grid[1], 1);
        const DistributedSpace<float> space{"x", shape, world, partition};
        const Halo<float> halo{space, {.ends = Ends::clipped, .corners = lop::Corners::without}};
        const lop::IndexBox own = space.box();
        index_t faces = 0;
        if (own.first(0) > 0) faces += own.size() / own.count(0);
        if (own.end(0) < 12) faces += own.size() / own.count(0);
        if (own.first(1) > 0) faces += own.size() / own.count(1);
        if (own.end(1) < 8) faces += own.size() / own.count(1);
        CHECK(halo.bytes_sent() == faces * 4);
    }
}

TEST_CASE_TEMPLATE("the halo of several fields is that of each, to the bit", T, float,
                   std::complex<double>) {
    const auto world = Communicator::world();
    for (const auto& partition : parts::over({5, 6}, {0, 1}, world.size()))
        for (const Ends ends : {Ends::zero, Ends::clipped, Ends::periodic}) {
            CAPTURE(partition.str(world.size()));
            const DistributedSpace<T> space{"x", {5, 6}, world, partition};
            const HaloOptions options{2, 1, ends};
            const Halo<T> one{space, options};
            const lop::FieldsHalo<T> all{space, 3, options};
            CHECK(all.bytes_sent() == 3 * one.bytes_sent());
            const auto x = all.domain().random(1);
            const auto y = all.range().random(2);
            const auto extended = all * x;
            const auto back = all.H() * y;
            for (index_t f = 0; f < 3; ++f) {
                CHECK(same_bits(extended.block(f).local(), (one * x.block(f)).local()));
                CHECK(same_bits(back.block(f).local(), (one.H() * y.block(f)).local()));
            }
            check_laws(all);
        }
    const DistributedSpace<T> space{"x", {5}, world, Partition::balanced(5, world.size())};
    CHECK_THROWS_WITH_AS((lop::FieldsHalo<T>{space, 0}), doctest::Contains("at least one"),
                         lop::ArgumentError);
}
