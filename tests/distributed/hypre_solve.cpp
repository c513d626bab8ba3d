/// Sparse systems solved by hypre: laws, hand numbers, a dense solution, and refusals in one sentence.
#include <lop/distributed/hypre_solve.hpp>

#ifdef LOP_HAVE_HYPRE

#include "parts.hpp"
#include "support/mpi_count.hpp"
#include <lop/algebra/algebra.hpp>
#include <lop/core/error.hpp>
#include <lop/solvers/gmres.hpp>
#include <lop/testing/doctest.hpp>

#include <Eigen/Dense>
#include <doctest/doctest.h>
#include <fstream>
#include <string>
#include <unistd.h>

using namespace lop;
using lop::testing::check_laws;

namespace {

using Triplets = std::vector<Triplet<double>>;
constexpr HypreMethod methods[] = {HypreMethod::gmres, HypreMethod::flexible_gmres,
                                   HypreMethod::cg};

DistributedSpace<double> flat(const Partition& partition, const char* name = "u") {
    return {name, {partition.extent()}, Communicator::world(), partition};
}

/// The five points of -div(kappa grad u) + wind du/dy on nx x ny points with u = 0 around, times the
/// square of their distance; kappa varies by a factor of `contrast`. Each rank gives its own rows.
Triplets diffusion(const DistributedSpace<double>& space, index_t nx, index_t ny, double wind = 0,
                   double contrast = 10, double shift = 0) {
    const auto kappa = [&](index_t x, index_t y) {
        return std::pow(contrast, random_uniform(8, static_cast<std::uint64_t>(x * 1000 + y)));
    };
    Triplets entries;
    const index_t row = space.size() / space.shape()[0];
    for (index_t i = space.box().first(0) * row; i < space.box().end(0) * row; ++i) {
        const index_t x = i / ny, y = i % ny;
        double sum = shift;
        const auto towards = [&](index_t dx, index_t dy) {
            const double k = 0.5 * (kappa(x, y) + kappa(x + dx, y + dy));
            sum += k;
            const bool inside = x + dx >= 0 && x + dx < nx && y + dy >= 0 && y + dy < ny;
            const double blown = static_cast<double>(dy) * wind / 2;
            if (inside) entries.push_back({i, i + dx * ny + dy, blown - k});
        };
        towards(-1, 0);
        towards(0, -1);
        towards(0, 1);
        towards(1, 0);
        entries.push_back({i, i, sum});
    }
    return entries;
}

/// With diagonals that make every row's sum zero.
Triplets graph(Triplets entries) {
    std::erase_if(entries, [](const auto& e) { return e.row == e.column; });
    const Triplets beside = entries;
    for (const auto& e : beside) entries.push_back({e.row, e.row, -e.value});
    return entries;
}

Eigen::MatrixXd dense(const SparseMatrix<double>& a) {
    Eigen::MatrixXd matrix = Eigen::MatrixXd::Zero(a.range().size(), a.domain().size());
    for (index_t j = 0; j < a.domain().size(); ++j) {
        auto unit = ArraySpace<double>{"e", a.domain().shape()}.zeros();
        unit.data()[j] = 1;
        const auto column = parts::gather(a * parts::scatter(a.domain(), unit));
        for (index_t i = 0; i < matrix.rows(); ++i) matrix(i, j) = column.data()[i];
    }
    return matrix;
}

double distance(const DistributedArray<double>& x, const Eigen::VectorXd& expected) {
    const auto whole = parts::gather(x);
    return (Eigen::Map<const Eigen::VectorXd>(whole.data(), whole.size()) - expected).norm() /
           expected.norm();
}

template <class Work> std::string refusal(const Work& work) {
    try {
        work();
    } catch (const Error& e) {
        return e.what();
    }
    return "nothing was refused";
}

bool same_on_all_ranks(const std::string& words) {
    return Communicator::world().broadcast(words) == words;
}

}  // namespace

#ifdef __linux__
TEST_CASE("with hypre, too, arrays that end give their memory back") {
    const auto resident = [] {
        long all = 0, pages = 0;
        std::ifstream{"/proc/self/statm"} >> all >> pages;
        return pages * ::sysconf(_SC_PAGESIZE);
    };
    const long before = resident();
    {
        // More than earlier tests can have left behind.
        Array<double> x{{32'000'000}};
        x.fill(1);
        CHECK(resident() - before > 200'000'000);
    }
    CHECK(resident() - before < 50'000'000);
}
#endif

TEST_CASE("hypre solves three equations as a reader does") {
    //     [ 4 -1  0 ]       [ 1 ]   [ 2 ]          [ 1 ]   [  0 ]
    //     [-2  4 -1 ]   A * [ 2 ] = [ 3 ],    A' * [ 2 ] = [  4 ]
    //     [ 0 -1  4 ]       [ 3 ]   [10 ]          [ 3 ]   [ 10 ]
    const auto world = Communicator::world();
    for (const auto& partition : parts::all(3, world.size())) {
        CAPTURE(partition.str(world.size()));
        const auto space = flat(partition);
        Triplets entries;
        if (world.root())
            entries = {{0, 0, 4},  {0, 1, -1}, {1, 0, -2}, {1, 1, 4},
                       {1, 2, -1}, {2, 1, -1}, {2, 2, 4}};
        const HypreSolve S{SparseMatrix<double>{space, space, entries}};
        Array<double> b{{3}}, c{{3}};
        b[0] = 2, b[1] = 3, b[2] = 10;
        c[0] = 0, c[1] = 4, c[2] = 10;
        const auto x = parts::gather(S * parts::scatter(space, b));
        const auto y = parts::gather(S.H() * parts::scatter(space, c));
        for (index_t i = 0; i < 3; ++i) {
            CHECK(x[i] == doctest::Approx(static_cast<double>(i + 1)).epsilon(1e-15));
            CHECK(y[i] == doctest::Approx(static_cast<double>(i + 1)).epsilon(1e-15));
        }
    }
}

TEST_CASE("solutions by hypre obey the laws and are those of a dense solver, for every cut") {
    const auto world = Communicator::world();
    for (const HypreMethod method : methods)
        for (const auto& partition : parts::all(70, world.size())) {
            CAPTURE(static_cast<int>(method));
            CAPTURE(partition.str(world.size()));
            const auto space = flat(partition);
            const auto range = flat(partition, "f");
            const double wind = method == HypreMethod::cg ? 0 : 3;
            const SparseMatrix<double> A{space, range, diffusion(space, 10, 7, wind)};
            const HypreSolve S{A, {.method = method}};
            CHECK(S.domain() == range);
            CHECK(S.range() == space);
            check_laws(S);
            const auto b = range.random(5);
            const auto whole = parts::gather(b);
            const Eigen::VectorXd rhs = Eigen::Map<const Eigen::VectorXd>(whole.data(), 70);
            const auto matrix = dense(A);
            // The dense solver's own error: its condition, below 1e3, times rounding.
            CHECK(distance(S * b, matrix.partialPivLu().solve(rhs)) <= 1e-12);
            const auto d = parts::scatter(space, whole);
            CHECK(distance(S.H() * d, matrix.transpose().partialPivLu().solve(rhs)) <= 1e-12);
        }
}

TEST_CASE("solutions by hypre are right to rounding, by whatever tolerance and method") {
    const auto world = Communicator::world();
    const DistributedSpace<double> space{"u", {60, 50}, world, parts::uneven(60, world.size())};
    const SparseMatrix<double> A{space, space, diffusion(space, 60, 50, 0, 1e3)};
    const auto x = space.random(3);
    // A x in one rounding for each row: twice double's precision, of -x against nothing.
    auto b = space.zeros();
    A.residual(-1.0 * x, space.zeros(), b);
    // b itself is rounded, which moves x by its condition times that; hence two answers are compared.
    const DistributedArray<double> tight = HypreSolve{A, {.tolerance = 1e-12}} * b;
    CHECK(norm(tight - x) <= 1e-11 * norm(x));
    for (const HypreMethod method : methods)
        for (const double tolerance : {1e-3, 1e-6, 1e-10}) {
            const HypreSolve S{A, {.method = method, .tolerance = tolerance}};
            CHECK(norm(S * b - tight) <= 1e-15 * norm(x));
            CHECK(dot_test(S));
        }
}

TEST_CASE("multigrid keeps the number of iterations small, on fine grids as well") {
    const auto world = Communicator::world();
    for (const index_t n : {20, 160}) {
        const DistributedSpace<double> space{
            "u", {n, n}, world, Partition::balanced(n, world.size())};
        const SparseMatrix<double> A{space, space, diffusion(space, n, n, 0, 1)};
        const HypreSolve S{A, {.method = HypreMethod::cg, .iterations = 15}};
        CHECK(dot_test(S));
    }
}

TEST_CASE("a symmetric matrix needs one multigrid for itself and its adjoint") {
    const auto world = Communicator::world();
    const auto space = flat(Partition::balanced(70, world.size()));
    const auto b = space.random(1);
    const auto messages = [&](const auto& work) {
        const lop::testing::MpiCounter counter;
        (void)(work * b);
        return world.sum(counter.counts().sends());
    };
    for (const double wind : {0.0, 3.0}) {
        CAPTURE(wind);
        const HypreSolve S{SparseMatrix<double>{space, space, diffusion(space, 10, 7, wind)}};
        const LinearOperator auto transposed = S.H();
        const index_t first = messages(transposed);
        const index_t later = messages(transposed);
        if (wind == 0) CHECK(norm(S * b - transposed * b) == 0);
        // Levels are made by many messages; to compare A with its transpose takes a few.
        if (world.size() > 1) CHECK((first - later > later / 10) == (wind != 0));
    }
}

TEST_CASE("new values in the same places are solved for, and copies keep the old ones") {
    const auto world = Communicator::world();
    const auto space = flat(parts::with_empty(70, world.size()));
    const SparseMatrix<double> A{space, space, diffusion(space, 10, 7, 3, 10)};
    const SparseMatrix<double> B{space, space, diffusion(space, 10, 7, -2, 50)};
    REQUIRE(A.columns() == B.columns());
    const auto b = space.random(1);
    HypreSolve S{A};
    const auto before = S;
    const auto of_a = S * b;
    const auto adjoint_of_a = S.H() * b;
    S.set_values(B.values());
    CHECK(norm(S.matrix().values() - B.values()) == 0);
    check_laws(S);
    const HypreSolve fresh{B};
    CHECK(norm(S * b - fresh * b) == 0);
    CHECK(norm(S.H() * b - fresh.H() * b) == 0);
    CHECK(norm(S * b - of_a) > 0.1 * norm(of_a));
    CHECK(norm(before * b - of_a) == 0);
    CHECK(norm(before.H() * b - adjoint_of_a) == 0);
    // Back again: what a solve leaves behind does not show.
    S.set_values(A.values());
    CHECK(norm(S * b - of_a) == 0);
    CHECK_THROWS_AS(S.set_values(space.zeros()), SpaceError);
}

TEST_CASE("lengths of b far from one, and zero, are no matter") {
    const auto world = Communicator::world();
    const auto space = flat(Partition::balanced(70, world.size()));
    const HypreSolve S{SparseMatrix<double>{space, space, diffusion(space, 10, 7, 3)}};
    const auto b = space.random(1);
    const auto x = S * b;
    for (const double factor : {0x1p-900, 0x1p-400, 0x1p400, 0x1p900})
        CHECK(norm((1 / factor) * (S * (factor * b)) - x) == 0);
    Triplets diagonal;
    for (index_t i = space.box().first(0); i < space.box().end(0); ++i)
        diagonal.push_back({i, i, 0.01});
    auto huge = space.zeros();
    huge.fill(1e308);
    const HypreSolve hundred{SparseMatrix<double>{space, space, diagonal}};
    CHECK_THROWS_WITH_AS(hundred * huge, doctest::Contains("larger than numbers are"),
                         ArgumentError);
    CHECK(norm(S * space.zeros()) == 0);
    CHECK(norm(S.H() * space.zeros()) == 0);
    const DistributedSpace<double> none{"u", {0}, world, Partition::balanced(0, world.size())};
    const HypreSolve nothing{SparseMatrix<double>{none, none, Triplets{}}};
    CHECK(norm(nothing * none.zeros()) == 0);
}

TEST_CASE("answers on all ranks agree with those of one to about the last bit") {
    const auto world = Communicator::world();
    const index_t nx = 40, ny = 30;
    const DistributedSpace<double> alone{
        "u", {nx, ny}, Communicator::self(), Partition::balanced(nx, 1)};
    const DistributedSpace<double> space{"u", {nx, ny}, world, parts::uneven(nx, world.size())};
    const HypreSolve one{SparseMatrix<double>{alone, alone, diffusion(alone, nx, ny, 2)}};
    const HypreSolve S{SparseMatrix<double>{space, space, diffusion(space, nx, ny, 2)}};
    const auto expected = one * alone.random(1);
    const auto found = S * space.random(1);
    CHECK(norm(parts::gather(found) - parts::gather(expected)) <= 1e-15 * norm(expected));
}

TEST_CASE("matrices that hypre cannot solve are refused on every rank, in the words of one") {
    const auto world = Communicator::world();
    const auto space = flat(parts::uneven(36, world.size()));
    const auto expect = [&](const std::string& found, const std::vector<std::string>& words) {
        CAPTURE(found);
        for (const auto& part : words) CHECK(found.find(part) != std::string::npos);
        CHECK(same_on_all_ranks(found));
    };
    const auto solve = [&](const Triplets& entries, const HypreOptions& options = {}) {
        return refusal([&] {
            const HypreSolve S{SparseMatrix<double>{space, space, entries}, options};
            (void)(S * space.random(1));
        });
    };
    SUBCASE("a row of zeros") {
        auto entries = diffusion(space, 6, 6);
        for (auto& e : entries)
            if (e.row == 17) e.value = 0;
        expect(solve(entries), {"singular or indefinite", "0 in row 17"});
    }
    SUBCASE("a zero on the diagonal") {
        auto entries = diffusion(space, 6, 6);
        std::erase_if(entries, [](const auto& e) { return e.row == 35 && e.column == 35; });
        expect(solve(entries), {"singular or indefinite", "0 in row 35"});
    }
    SUBCASE("a graph's Laplacian, which a constant solves with zero") {
        const auto entries = graph(diffusion(space, 6, 6, 0, 1));
        for (const HypreMethod method : methods)
            expect(solve(entries, {.method = method}), {"HypreSolve: ", "singular"});
    }
    SUBCASE("cg, and a matrix that is not symmetric") {
        expect(solve(diffusion(space, 6, 6, 1), {.method = HypreMethod::cg}),
               {"conjugate gradients want a symmetric A", "HypreMethod::gmres"});
    }
    SUBCASE("cg, and a negative value on the diagonal") {
        auto entries = diffusion(space, 6, 6);
        for (auto& e : entries) e.value = -e.value;
        expect(solve(entries, {.method = HypreMethod::cg}),
               {"singular or indefinite", "positive values on the diagonal"});
    }
    SUBCASE("cg, and an indefinite matrix with a positive diagonal") {
        // The eigenvalues are 4 - 2 cos(i pi / 7) - 2 cos(k pi / 7) - 2, from -1.6 on.
        const SparseMatrix<double> A{space, space, diffusion(space, 6, 6, 0, 1, -2)};
        const HypreSolve S{A, {.method = HypreMethod::cg}};
        auto b = space.zeros();
        b.fill(1);
        expect(refusal([&] { (void)(S * b); }), {"A is not positive definite"});
        // Multigrid may fail by GMRES as well: then it says so. What it advises solves.
        const std::string words = refusal([&] {
            const auto report = dot_test(HypreSolve{A});
            CHECK(report);
        });
        if (words != "nothing was refused")
            expect(words, {"hypre did not solve A x = b", "inverse(A, refined(solver))"});
        CHECK(dot_test(inverse(A, refined([](const auto& a, const auto& c) {
                                   return gmres(a, c, {.restart = 40}).x;
                               }))));
    }
    SUBCASE("too few iterations") {
        expect(solve(diffusion(space, 6, 6, 1), {.iterations = 2}),
               {"hypre did not solve A x = b", "after 2 iterations", "within 2 iterations"});
    }
    SUBCASE("too few corrections of too small a gain") {
        const std::string words =
            solve(diffusion(space, 6, 6), {.tolerance = 0.5, .corrections = 2});
        expect(words, {"corrections do not make x right", "more corrections"});
        CHECK(words.find("singular") == std::string::npos);
    }
    SUBCASE("a value that is not finite") {
        auto entries = diffusion(space, 6, 6);
        for (auto& e : entries)
            if (e.row == 20) e.value = HUGE_VAL;
        expect(solve(entries), {"a value of A is not finite", "infinity in row 20, column"});
    }
    SUBCASE("b that is not finite") {
        const HypreSolve S{SparseMatrix<double>{space, space, diffusion(space, 6, 6)}};
        auto b = space.random(1);
        if (b.size() > 0) b.data()[0] = HUGE_VAL;
        expect(refusal([&] { (void)(S * b); }), {"b is not finite"});
        CHECK(dot_test(S));  // it goes on as before
    }
    SUBCASE("rows and columns that are not cut alike") {
        const auto other = flat(Partition::balanced(35, world.size()));
        expect(refusal([&] { HypreSolve{SparseMatrix<double>{space, other, Triplets{}}}; }),
               {"not cut alike"});
    }
    SUBCASE("options out of range") {
        for (const HypreOptions& options : {HypreOptions{.iterations = 0},
                                            {.restart = 0},
                                            {.tolerance = 0},
                                            {.tolerance = 0.7},
                                            {.strong_threshold = -1},
                                            {.corrections = 0}})
            expect(solve(diffusion(space, 6, 6), options), {"HypreSolve: ", "expected"});
    }
}

TEST_CASE("nearly singular matrices are solved to rounding or refused, never in between") {
    const auto world = Communicator::world();
    const auto space = flat(Partition::balanced(36, world.size()));
    int solved = 0;
    for (const double shift : {1e-2, 1e-5, 1e-8, 1e-11, 1e-14}) {
        auto entries = graph(diffusion(space, 6, 6));
        for (index_t i = space.box().first(0); i < space.box().end(0); ++i)
            entries.push_back({i, i, shift});
        try {
            const SparseMatrix<double> A{space, space, entries};
            const HypreSolve S{A};
            CHECK(dot_test(S));
            const auto b = space.random(1);
            const auto x = S * b;
            auto rest = space.zeros();
            A.residual(x, b, rest);
            CHECK(norm(rest) <= 1e-15 * norm(A.values()) * norm(x));
            ++solved;
        } catch (const ArgumentError& e) {
            CHECK(std::string{e.what()}.find("singular") != std::string::npos);
        }
    }
    CHECK(solved >= 2);
}

#endif
