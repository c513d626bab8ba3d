/// Products of dense matrices on grids of ranks: laws, numbers by hand, the bits of one rank on every
/// grid, and what is sent.
#include <lop/operators/matrix_product.hpp>

#include "parts.hpp"
#include <lop/core/error.hpp>
#include <lop/testing/doctest.hpp>

#include <complex>
#include <doctest/doctest.h>

using lop::Array;
using lop::Communicator;
using lop::DistributedSpace;
using lop::index_t;
using lop::MatrixProduct;
using lop::Partition;
using lop::ProcessGrid;
using lop::Shape;
using lop::testing::check_laws;

namespace {

using Parts = std::vector<Partition>;

/// The rows of A (N), the summed axis (K) and the columns of X (M).
struct Sizes {
    index_t n, k, m;
};

/// Axis `axis` in the given way over a side of the grid.
Partition side(index_t extent, int ranks, int axis, std::size_t way) {
    const auto ways = parts::all(extent, ranks, axis);
    return ways[way % ways.size()];
}

template <class T> MatrixProduct<T> product(const ProcessGrid& grid, const Sizes& s, bool cut_a,
                                            bool cut_x, std::size_t way) {
    const auto& world = grid.communicator();
    const Partition rows = side(s.n, grid.side(0), 0, way);
    const Partition columns = side(s.m, grid.side(1), 1, way + 1);
    const Partition depth_of_a =
        cut_a ? side(s.k, grid.side(1), 1, way + 2) : Partition::copies(grid.side(1));
    const Partition depth_of_x =
        cut_x ? side(s.k, grid.side(0), 0, way + 3) : Partition::copies(grid.side(0));
    const DistributedSpace<T> a{"A", {s.n, s.k}, world, rows * depth_of_a};
    const DistributedSpace<T> x{"X", {s.k, s.m}, world, depth_of_x * columns};
    const DistributedSpace<T> y{"Y", {s.n, s.m}, world, rows * columns};
    return MatrixProduct<T>{grid, a.random(1), x, y};
}

template <class T> double error(const Array<T>& found, const Array<T>& expected) {
    return lop::norm(found - expected) / std::max(lop::norm(expected), 1e-300);
}

/// Sums in double precision, one after the other.
template <class T> Array<T> by_definition(const Sizes& s, const Array<T>& a, const Array<T>& x) {
    Array<T> y{Shape{s.n, s.m}, "Y"};
    for (index_t i = 0; i < s.n; ++i)
        for (index_t j = 0; j < s.m; ++j) {
            std::complex<double> sum = 0;
            for (index_t k = 0; k < s.k; ++k)
                sum += std::complex<double>(a[i * s.k + k]) * std::complex<double>(x[k * s.m + j]);
            if constexpr (lop::is_complex<T>) y[i * s.m + j] = T(sum);
            else y[i * s.m + j] = static_cast<T>(sum.real());
        }
    return y;
}

Array<double> matrix(index_t rows, index_t columns, const std::vector<double>& values) {
    Array<double> array{Shape{rows, columns}, "matrix"};
    std::copy(values.begin(), values.end(), array.begin());
    return array;
}

}  // namespace

TEST_CASE_TEMPLATE("products of matrices on every grid have the bits of one rank", T, float, double,
                   std::complex<float>, std::complex<double>) {
    const auto world = Communicator::world();
    const ProcessGrid alone{Communicator::self(), {1, 1}};
    constexpr double limit = sizeof(lop::Real<T>) == 4 ? 1e-6 : 1e-14;
    // The last has several panels along the summed axis, and several blocks of rows.
    const std::vector<Sizes> sizes{
        {1, 1, 1}, {5, 3, 2}, {29, 401, 11}, {14, 9, 70}, {430, 1100, 9}};
    for (const Sizes& s : sizes) {
        const auto one = product<T>(alone, s, false, false, 0);
        const auto x = one.domain().random(2);
        const auto y = one.range().random(3);
        const auto expected = (one * x).local();
        const auto expected_back = (one.H() * y).local();
        const DistributedSpace<T> a{"A", {s.n, s.k}, Communicator::self()};
        CHECK(error(expected, by_definition(s, a.random(1).local(), x.local())) <= limit);
        for (const auto& sides : parts::grids(world.size(), 2))
            for (std::size_t way = 0; way < (world.size() == 1 || s.n > 100 ? 1u : 6u); ++way)
                for (const bool cut_a : {false, true})
                    for (const bool cut_x : {false, true}) {
                        const ProcessGrid grid{world, sides};
                        CAPTURE(sides);
                        CAPTURE(way);
                        const auto A = product<T>(grid, s, cut_a, cut_x, way);
                        CHECK(parts::same_bits(
                            parts::gather(A * parts::scatter(A.domain(), x.local())), expected));
                        CHECK(parts::same_bits(
                            parts::gather(A.H() * parts::scatter(A.range(), y.local())),
                            expected_back));
                        if (way < 2) check_laws(A);
                    }
    }
}

TEST_CASE("a product of matrices by hand") {
    // | 1 2 |   | 1 0 2 |   | 1 2 4 |      A' Y = | 1 3 5 | Y
    // | 3 4 | x | 0 1 1 | = | 3 4 10|             | 2 4 6 |
    // | 5 6 |               | 5 6 16|
    const auto world = Communicator::world();
    const auto grid = ProcessGrid::balanced(world, 2);
    const DistributedSpace<double> a{"A", {3, 2}, world, grid.partition({3, 2}, {0, 1})};
    const MatrixProduct<double> A{grid, parts::scatter(a, matrix(3, 2, {1, 2, 3, 4, 5, 6})), 3};
    const auto y = A * parts::scatter(A.domain(), matrix(2, 3, {1, 0, 2, 0, 1, 1}));
    CHECK(parts::same_bits(parts::gather(y), matrix(3, 3, {1, 2, 4, 3, 4, 10, 5, 6, 16})));
    CHECK(parts::same_bits(parts::gather(A.H() * y), matrix(2, 3, {35, 44, 114, 44, 56, 144})));
}

TEST_CASE("what a product of matrices receives is the panels that others hold") {
    const auto world = Communicator::world();
    const auto grid = ProcessGrid::balanced(world, 2);
    const Shape shape{24, 48};
    const auto bytes = [&](int depth) {
        const DistributedSpace<double> a{"A", shape, world, grid.partition(shape, {0, depth})};
        return MatrixProduct<double>{grid, a.random(1), 36}.bytes_received();
    };
    CHECK(bytes(-1) == 0);
    // Parts of 12 x 24 of A and 24 x 18 of X are another rank's; 12 rows fill tiles of any size.
    if (world.size() == 4) CHECK(bytes(1) == (12 * 24 + 24 * 18) * 8);
    if (world.size() == 1) CHECK(bytes(1) == 0);
}

TEST_CASE("matrices that do not lie on the grid are refused, by name") {
    const auto world = Communicator::world();
    const ProcessGrid grid{world, {world.size(), 1}};
    const DistributedSpace<double> whole{"A", {6, 4}, world};
    CHECK_THROWS_WITH_AS((MatrixProduct<double>{grid, whole.zeros(), 3}),
                         doctest::Contains("the matrix does not lie on it"), lop::SpaceError);
    const DistributedSpace<double> a{"A", {6, 4}, world, grid.partition({6, 4}, {0, -1})};
    const DistributedSpace<double> x{"X", {4, 3}, world, grid.partition({4, 3}, {-1, 1})};
    const DistributedSpace<double> y{"Y", {6, 3}, world, grid.partition({6, 3}, {0, 1})};
    const DistributedSpace<double> longer{"X", {5, 3}, world, grid.partition({5, 3}, {-1, 1})};
    CHECK_NOTHROW((MatrixProduct<double>{grid, a.zeros(), x, y}));
    CHECK_THROWS_WITH_AS((MatrixProduct<double>{grid, a.zeros(), longer, y}),
                         doctest::Contains("its domain does not fit"), lop::SpaceError);
    CHECK_THROWS_WITH_AS((MatrixProduct<double>{grid, a.zeros(), x, x}),
                         doctest::Contains("its range does not fit"), lop::SpaceError);
    if (world.size() > 1) {
        // Of a grid of as many ranks whose sides are others.
        const ProcessGrid turned{world, {1, world.size()}};
        const DistributedSpace<double> b{"A", {6, 4}, world, turned.partition({6, 4}, {0, 1})};
        const DistributedSpace<double> u{"X", {4, 3}, world, turned.partition({4, 3}, {0, 1})};
        const DistributedSpace<double> v{"Y", {6, 3}, world, turned.partition({6, 3}, {0, 1})};
        CHECK_THROWS_WITH_AS((MatrixProduct<double>{grid, b.zeros(), 3}),
                             doctest::Contains("the matrix does not lie on it"), lop::SpaceError);
        CHECK_THROWS_WITH_AS((MatrixProduct<double>{grid, a.zeros(), x, v}),
                             doctest::Contains("its range does not fit"), lop::SpaceError);
        CHECK_THROWS_WITH_AS((MatrixProduct<double>{grid, a.zeros(), u, y}),
                             doctest::Contains("its domain does not fit"), lop::SpaceError);
    }
    const index_t many = index_t{1} << 30;  // rows of nothing, which take no memory
    const Shape tall{many * world.size(), 0};
    const DistributedSpace<double> rows{"A", tall, world, grid.partition(tall, {0, -1})};
    CHECK_THROWS_WITH_AS((MatrixProduct<double>{grid, rows.zeros(), 3}),
                         doctest::Contains("more ranks along that side"), lop::ArgumentError);
    const ProcessGrid line{world, {world.size()}};
    CHECK_THROWS_WITH_AS((MatrixProduct<double>{line, a.zeros(), 3}), doctest::Contains("1 side"),
                         lop::ArgumentError);
}
