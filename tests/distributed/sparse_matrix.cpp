/// Sparse matrices over ranks: laws, the bits of one rank, and Eigen's answers.
#include <lop/distributed/sparse_matrix.hpp>

#include "parts.hpp"
#include "support/mpi_count.hpp"
#include <lop/algebra/algebra.hpp>
#include <lop/core/error.hpp>
#include <lop/solvers/cg.hpp>
#include <lop/solvers/gmres.hpp>
#include <lop/testing/doctest.hpp>

#include <Eigen/Sparse>
#include <complex>
#include <doctest/doctest.h>
#include <string>

using namespace lop;
using lop::testing::check_laws;
using parts::same_bits;

namespace {

template <class T> T number(std::uint64_t seed, index_t k) {
    return random_value<T>(seed, static_cast<std::uint64_t>(k));
}

/// Places drawn at random, several of them twice and more; every third row and every fifth column is
/// empty.
template <class T> std::vector<Triplet<T>> drawn(index_t rows, index_t columns, index_t count) {
    std::vector<Triplet<T>> entries;
    if (rows == 0 || columns == 0) return entries;
    for (index_t k = 0; k < count; ++k) {
        const auto pick = [&](std::uint64_t seed, index_t n) {
            return static_cast<index_t>(random_uniform(seed, static_cast<std::uint64_t>(k)) *
                                        static_cast<double>(n));
        };
        const Triplet<T> entry{pick(1, rows), pick(2, columns), number<T>(3, k)};
        if (entry.row % 3 == 1 || entry.column % 5 == 2) continue;
        entries.push_back(entry);
        if (k % 4 == 0) entries.push_back({entry.row, entry.column, number<T>(4, k)});
        if (k % 8 == 0) entries.push_back({entry.row, entry.column, number<T>(5, k)});
    }
    return entries;
}

/// What one rank gives of a list: whatever falls to it, from the back or from the front.
template <class T> std::vector<Triplet<T>> given_by(const std::vector<Triplet<T>>& all, int rank,
                                                    int ranks, bool backwards) {
    std::vector<Triplet<T>> mine;
    for (std::size_t k = 0; k < all.size(); ++k) {
        const std::size_t at = backwards ? all.size() - 1 - k : k;
        if (static_cast<int>(at * 7 % static_cast<std::size_t>(ranks)) == rank)
            mine.push_back(all[at]);
    }
    return mine;
}

template <class T> auto eigen(const std::vector<Triplet<T>>& entries, index_t rows,
                              index_t columns) {
    std::vector<Eigen::Triplet<T>> list;
    for (const auto& e : entries)
        list.emplace_back(static_cast<int>(e.row), static_cast<int>(e.column), e.value);
    Eigen::SparseMatrix<T> matrix(rows, columns);
    matrix.setFromTriplets(list.begin(), list.end());
    return matrix;
}

template <class T> Eigen::Matrix<T, Eigen::Dynamic, 1> eigen(const Array<T>& x) {
    return Eigen::Map<const Eigen::Matrix<T, Eigen::Dynamic, 1>>(x.data(), x.size());
}

template <class T, class V> double distance(const Array<T>& a, const V& b) {
    return static_cast<double>((eigen(a) - b).norm());
}

template <class T> DistributedSpace<T> flat(const Communicator& ranks, const Partition& partition,
                                            const char* name = "x") {
    return {name, {partition.extent()}, ranks, partition};
}

template <class T> DistributedSpace<T> alone(index_t n, const char* name = "x") {
    return flat<T>(Communicator::self(), Partition::balanced(n, 1), name);
}

/// The second derivative with ends at zero, and a part that is not symmetric.
template <class T> std::vector<Triplet<T>> rod(const DistributedSpace<T>& space, T skew = T(0)) {
    std::vector<Triplet<T>> entries;
    const index_t n = space.size();
    for (index_t i = space.box().first(0); i < space.box().end(0); ++i) {
        entries.push_back({i, i, T(2.5)});
        if (i > 0) entries.push_back({i, i - 1, T(-1) - skew});
        if (i + 1 < n) entries.push_back({i, i + 1, T(-1) + skew});
    }
    return entries;
}

template <class Work> std::string refusal(const Work& work) {
    try {
        work();
    } catch (const Error& e) {
        return e.what();
    }
    return "nothing was refused";
}

}  // namespace

TEST_CASE("a matrix of four rows gives what a reader finds by hand") {
    //     [ 2 0 0 1 ]
    //     [ 0 0 0 0 ]
    //     [ 5 3 0 0 ]
    //     [ 0 0 0 4 ]
    const auto world = Communicator::world();
    for (const auto& partition : parts::all(4, world.size())) {
        CAPTURE(partition.str(world.size()));
        const auto space = flat<double>(world, partition);
        std::vector<Triplet<double>> entries;
        if (world.root()) entries = {{3, 3, 4}, {0, 3, 1}, {2, 1, 1}, {2, 0, 5}, {0, 0, 2}};
        if (world.rank() == world.size() - 1) entries.push_back({2, 1, 2});
        const SparseMatrix<double> A{space, space, entries};
        CHECK(A.entries() == 5);
        auto x = space.uninitialized();
        for (index_t i = 0; i < x.size(); ++i)
            x.data()[i] = static_cast<double>(space.box().first(0) + i + 1);
        const auto expect = [&](const DistributedArray<double>& y, std::array<double, 4> values) {
            const auto whole = parts::gather(y);
            for (index_t i = 0; i < 4; ++i) CHECK(whole[i] == values[static_cast<std::size_t>(i)]);
        };
        expect(A * x, {6, 0, 11, 16});
        expect(A.H() * x, {17, 9, 0, 17});
        expect(A.transposed() * x, {17, 9, 0, 17});
        // Rows of the pattern, wherever they are.
        const std::vector<std::vector<index_t>> rows{{0, 3}, {}, {0, 1}, {3}};
        for (index_t i = 0; i < x.size(); ++i) {
            const auto at = static_cast<std::size_t>(i);
            const std::vector<index_t> found(A.columns().begin() + A.starts()[at],
                                             A.columns().begin() + A.starts()[at + 1]);
            CHECK(found == rows[static_cast<std::size_t>(A.first_row() + i)]);
        }
    }
}

TEST_CASE_TEMPLATE("sparse matrices over ranks are those of one rank, and Eigen's", T, float,
                   double, std::complex<float>, std::complex<double>) {
    const auto world = Communicator::world();
    const double limit = 20 * exactness_limit<T>();
    for (const auto& [rows, columns, count] : std::vector<std::array<index_t, 3>>{
             {13, 13, 60}, {5, 17, 40}, {19, 4, 40}, {64, 50, 900}, {3, 3, 0}, {1, 1, 1}}) {
        const auto entries = drawn<T>(rows, columns, count);
        const auto oracle = eigen(entries, rows, columns);
        const SparseMatrix<T> one{alone<T>(columns), alone<T>(rows, "y"), entries};
        const auto x = ArraySpace<T>{"x", {columns}}.random(3);
        const auto y = ArraySpace<T>{"y", {rows}}.random(4);
        const auto forward = parts::gather(one * parts::scatter(one.domain(), x));
        const auto adjoint = parts::gather(one.H() * parts::scatter(one.range(), y));
        CHECK(one.entries() == oracle.nonZeros());
        CHECK(distance(forward, oracle * eigen(x)) <= limit * norm(forward));
        CHECK(distance(adjoint, oracle.adjoint() * eigen(y)) <= limit * norm(adjoint));

        const auto of_domain = parts::all(columns, world.size());
        const auto of_range = parts::all(rows, world.size());
        for (std::size_t k = 0; k < 2 * of_domain.size(); ++k) {
            const auto& p = of_domain[k % of_domain.size()];
            const auto& q = of_range[(k * 5 + 2) % of_range.size()];
            CAPTURE(p.str(world.size()));
            CAPTURE(q.str(world.size()));
            const SparseMatrix<T> A{flat<T>(world, p), flat<T>(world, q, "y"),
                                    given_by(entries, world.rank(), world.size(), k % 2 == 1)};
            const auto dx = parts::scatter(A.domain(), x);
            const auto dy = parts::scatter(A.range(), y);
            CHECK(same_bits(parts::gather(A.values()), parts::gather(one.values())));
            CHECK(same_bits(parts::gather(A * dx), forward));
            CHECK(same_bits(parts::gather(A.H() * dy), adjoint));
            CHECK(same_bits(parts::gather(A.adjoint_matrix() * dy), adjoint));
            CHECK(same_bits(parts::gather(A.adjoint_matrix().H() * dx), forward));
            CHECK(distance(parts::gather(A.transposed() * dy), oracle.transpose() * eigen(y)) <=
                  limit * norm(adjoint));
            CHECK(same_bits(parts::gather(A.transposed().transposed().values()),
                            parts::gather(A.values())));
            if (k < 2) check_laws(A);

            // From rows, of which each rank knows its own.
            SparseRows<T> own;
            own.starts = A.starts();
            own.columns = A.columns();
            own.values.assign(A.values().data(), A.values().data() + A.values().size());
            const SparseMatrix<T> again{A.domain(), A.range(), own};
            CHECK(again.columns() == A.columns());
            CHECK(same_bits(parts::gather(again * dx), forward));
        }
    }
}

TEST_CASE("many threads and long rows do not change bits") {
    const auto world = Communicator::world();
    const index_t n = 100000;
    const auto make = [&](const DistributedSpace<float>& space) {
        auto entries = rod<float>(space, 0.25F);
        for (index_t i = space.box().first(0); i < space.box().end(0); ++i)
            if (i % 10 == 0) entries.push_back({i, (i * 31) % n, number<float>(9, i)});
        return SparseMatrix<float>{space, space, entries};
    };
    const auto one = make(alone<float>(n));
    const auto A = make(flat<float>(world, parts::uneven(n, world.size())));
    const auto x = ArraySpace<float>{"x", {n}}.random(1);
    CHECK(same_bits(parts::gather(A * parts::scatter(A.domain(), x)),
                    parts::gather(one * parts::scatter(one.domain(), x))));
    CHECK(same_bits(parts::gather(A.H() * parts::scatter(A.domain(), x)),
                    parts::gather(one.H() * parts::scatter(one.domain(), x))));
}

TEST_CASE("what belongs to one place adds up the same in any order, rounded once") {
    const auto world = Communicator::world();
    const auto space = flat<double>(world, Partition::balanced(2, world.size()));
    const std::vector<Triplet<double>> entries{{1, 0, 1e20},    {1, 0, 1},    {1, 0, -1e20},
                                               {1, 0, 0x1p-60}, {0, 0, -0.0}, {0, 1, 0}};
    for (const bool backwards : {false, true}) {
        const SparseMatrix<double> A{space, space,
                                     given_by(entries, world.rank(), world.size(), backwards)};
        const auto values = parts::gather(A.values());
        REQUIRE(values.size() == 3);  // zeros stay
        CHECK(std::signbit(values[0]));
        CHECK(values[2] == 1.0);
    }
}

TEST_CASE("arrays with several axes, cut along the first, count their elements row by row") {
    const auto world = Communicator::world();
    const DistributedSpace<double> grid{"u", {5, 3}, world, parts::uneven(5, world.size())};
    const auto line = flat<double>(world, Partition::balanced(15, world.size()), "y");
    std::vector<Triplet<double>> entries;
    if (world.root())
        for (index_t i = 0; i < 15; ++i) entries.push_back({i, 14 - i, 1});
    const SparseMatrix<double> flip{grid, line, entries};
    const auto x = grid.random(2);
    const auto y = parts::gather(flip * x);
    const auto whole = parts::gather(x);
    for (index_t i = 0; i < 15; ++i) CHECK(y[i] == whole[14 - i]);
    check_laws(flip);
}

TEST_CASE_TEMPLATE("values change, the pattern stays", T, float, std::complex<double>) {
    const auto world = Communicator::world();
    const auto entries = drawn<T>(14, 11, 70);
    SparseMatrix<T> A{flat<T>(world, parts::uneven(11, world.size())),
                      flat<T>(world, parts::with_empty(14, world.size()), "y"),
                      given_by(entries, world.rank(), world.size(), false)};
    const auto before = A;
    const auto x = A.domain().random(1);
    const auto y = A.range().random(2);
    const auto old_forward = A * x;
    const auto old_adjoint = A.H() * y;
    const auto v = A.values_space().random(7);
    A.set_values(v);
    CHECK(norm(A.values() - v) == 0);
    CHECK(norm(before * x - old_forward) == 0);
    CHECK(norm(before.H() * y - old_adjoint) == 0);
    check_laws(A);
    const auto B = before.with_values(v);
    CHECK(norm(A * x - B * x) == 0);
    CHECK(norm(A.H() * y - B.H() * y) == 0);
    // Nobody else has a copy now: in place, and the adjoint follows.
    A.set_values(T(2) * v);
    CHECK(norm(A.H() * y - T(2) * (B.H() * y)) <= 1e-6 * norm(B.H() * y));
    CHECK_THROWS_AS(A.set_values(A.domain().random(1)), SpaceError);
}

TEST_CASE_TEMPLATE("the derivative of a product by the values", T, float, double,
                   std::complex<float>, std::complex<double>) {
    const auto world = Communicator::world();
    const auto entries = drawn<T>(23, 17, 150);
    const SparseMatrix<T> one{alone<T>(17), alone<T>(23, "y"), entries};
    const auto x = ArraySpace<T>{"x", {17}}.random(3);
    const auto r = ArraySpace<T>{"r", {23}}.random(4);
    const ValuesDerivative<T> whole{one, parts::scatter(one.domain(), x)};
    const auto back = parts::gather(whole.H() * parts::scatter(one.range(), r));
    for (const auto& p : parts::all(17, world.size())) {
        CAPTURE(p.str(world.size()));
        const SparseMatrix<T> A{flat<T>(world, p),
                                flat<T>(world, parts::uneven(23, world.size()), "y"),
                                given_by(entries, world.rank(), world.size(), false)};
        const auto dx = parts::scatter(A.domain(), x);
        const ValuesDerivative<T> D{A, dx};
        check_laws(D);
        CHECK(norm(D * A.values() - A * dx) == 0);  // A(v) x is linear in v
        const auto dv = A.values_space().random(9);
        CHECK(norm(D * dv - A.with_values(dv) * dx) == 0);
        const auto gradient = D.H() * parts::scatter(A.range(), r);
        CHECK(same_bits(parts::gather(gradient), back));
        for (std::size_t i = 0; i + 1 < A.starts().size(); ++i)
            for (index_t k = A.starts()[i]; k < A.starts()[i + 1]; ++k)
                CHECK(gradient.data()[k] == conjugate(x[A.columns()[static_cast<std::size_t>(k)]]) *
                                                r[A.first_row() + static_cast<index_t>(i)]);
    }
}

TEST_CASE("ranks send what others need, once, and nothing else; nothing is allocated") {
    const auto world = Communicator::world();
    const index_t n = 40;
    const auto space = flat<double>(world, Partition::balanced(n, world.size()));
    SparseMatrix<double> A{space, space, rod<double>(space, 0.5)};
    const auto x = space.random(1);
    auto y = space.zeros();
    A.forward(x, y);
    A.adjoint(x, y);
    const auto v = A.values_space().random(4);
    A.set_values(v);
    A.adjoint(x, y);
    const int neighbours = (world.rank() > 0) + (world.rank() + 1 < world.size());
    for (const bool forward : {true, false}) {
        const lop::testing::MpiCounter counter;
        const auto allocated = parts::allocations();
        if (forward) A.forward(x, y);
        else A.adjoint(x, y);
        CHECK(parts::allocations() == allocated);
        const auto counts = counter.counts();
        CHECK(counts.collectives == 0);
        CHECK(counts.sends() == neighbours);
        CHECK(counts.sent_bytes() == neighbours * 8);
    }
    const auto allocated = parts::allocations();
    A.set_values(v);
    A.adjoint(x, y);
    CHECK(parts::allocations() == allocated);
}

TEST_CASE("entries outside the matrix are refused on every rank, in the words of one") {
    const auto world = Communicator::world();
    const auto domain = flat<double>(world, Partition::balanced(6, world.size()));
    const auto range = flat<double>(world, Partition::balanced(4, world.size()), "y");
    for (const Triplet<double> wrong :
         {Triplet<double>{4, 0, 1}, {-1, 0, 1}, {0, 6, 1}, {3, -2, 1}}) {
        std::vector<Triplet<double>> entries{{0, 0, 1}};
        if (world.rank() == world.size() - 1) entries.push_back(wrong);
        const std::string words = refusal([&] { SparseMatrix<double>{domain, range, entries}; });
        CHECK(words ==
              "SparseMatrix: an entry lies outside the matrix\n"
              "    expected rows from 0 to 3, columns from 0 to 5\n"
              "    found    row " +
                  std::to_string(wrong.row) + ", column " + std::to_string(wrong.column));
    }
    SparseRows<double> rows;
    rows.starts.assign(static_cast<std::size_t>(range.local_shape().size()) + 1, 0);
    CHECK(SparseMatrix<double>{domain, range, rows}.entries() == 0);
    auto wrong = rows;
    if (world.root()) wrong.starts.push_back(0);
    CHECK(refusal([&] { SparseMatrix<double>{domain, range, wrong}; }).find("starts of a rank") !=
          std::string::npos);
    wrong = rows;
    if (world.root()) wrong.starts.back() = 1;
    CHECK(refusal([&] { SparseMatrix<double>{domain, range, wrong}; }).find("contradict") !=
          std::string::npos);
    wrong = rows;
    if (range.local_shape().size() > 0) {
        wrong.starts.back() = 1;
        wrong.columns = {6};
        wrong.values = {1.0};
    }
    CHECK(refusal([&] { SparseMatrix<double>{domain, range, wrong}; }).find("column 6") !=
          std::string::npos);
}

TEST_CASE("spaces that are not cut along their first axis are refused") {
    const auto world = Communicator::world();
    const auto good = flat<double>(world, Partition::balanced(6, world.size()));
    const DistributedSpace<double> second{
        "x", {1, 6}, world, Partition::balanced(6, world.size(), 1)};
    CHECK_THROWS_AS((SparseMatrix<double>{second, good, std::vector<Triplet<double>>{}}),
                    SpaceError);
    CHECK_THROWS_AS((SparseMatrix<double>{good, second, std::vector<Triplet<double>>{}}),
                    SpaceError);
    if (world.size() > 1) {
        const DistributedSpace<double> all{"x", {6}, world};
        CHECK_THROWS_AS((SparseMatrix<double>{all, good, std::vector<Triplet<double>>{}}),
                        SpaceError);
        CHECK_THROWS_AS(
            (SparseMatrix<double>{alone<double>(6), good, std::vector<Triplet<double>>{}}),
            SpaceError);
    }
}

TEST_CASE_TEMPLATE("residuals keep what a sum in working precision loses", T, double,
                   std::complex<double>) {
    const auto world = Communicator::world();
    const auto space = flat<T>(world, Partition::balanced(3, world.size()));
    // Row 1: 1e17 x0 + x1 - 1e17 x2 with x = (1, 1, 1), whose sum in double is 0 and not 1.
    std::vector<Triplet<T>> entries;
    if (world.root()) entries = {{1, 0, T(1e17)}, {1, 1, T(1)}, {1, 2, T(-1e17)}};
    const SparseMatrix<T> A{space, space, entries};
    auto x = space.zeros();
    x.fill(T(1));
    auto b = space.zeros();
    auto r = space.zeros();
    A.residual(x, b, r);
    CHECK(parts::gather(r)[1] == T(-1));
    A.transposed().adjoint_residual(x, b, r);
    CHECK(parts::gather(r)[1] == T(-1));
}

TEST_CASE("a refined solver is adjoint to rounding, where a plain one is to its tolerance") {
    const auto world = Communicator::world();
    const auto space = flat<double>(world, parts::uneven(60, world.size()));
    const SparseMatrix<double> S{space, space, rod<double>(space)};
    const auto by_cg = [](const auto& a, const auto& b) {
        return cg(a, b, {.iterations = 200, .tolerance = 1e-6}).x;
    };
    CHECK_FALSE(dot_test(inverse(S, by_cg)));
    CHECK(dot_test(inverse(S, refined(by_cg))));
    const SparseMatrix<double> N{space, space, rod<double>(space, 0.4)};
    const auto by_gmres = [](const auto& a, const auto& b) {
        return gmres(a, b, {.iterations = 200, .tolerance = 1e-6}).x;
    };
    const auto inv = inverse(N, refined(by_gmres));
    CHECK(dot_test(inv));
    const auto x = space.random(3);
    CHECK(norm(inv * (N * x) - x) <= 1e-14 * norm(x));
    CHECK(norm(inv.H() * (N.H() * x) - x) <= 1e-14 * norm(x));
    CHECK(norm(inv * space.zeros()) == 0);
}
