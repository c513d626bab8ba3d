/// Laws that every iterative solver keeps: a steady loop allocates nothing, scattered vectors give the
/// bits of whole ones, and a run that was stopped goes on to the bits of one that was not.
#pragma once

#include "support.hpp"
#include <lop/distributed/distributed_array.hpp>
#include <lop/solvers/checkpoint.hpp>

#include <algorithm>
#include <doctest/doctest.h>

namespace law {

using namespace lop;

constexpr index_t rows = 13;
constexpr index_t samples = 40;

/// y = (1 + row) times the running sum of a trace; `first` is the row of x's first trace.
inline void integrate(const Array<double>& x, Array<double>& y, index_t first) {
    for (index_t i = 0; i < x.shape()[0]; ++i) {
        double sum = 0;
        for (index_t t = 0; t < samples; ++t)
            y(i, t) = static_cast<double>(1 + first + i) * (sum += x(i, t));
    }
}
inline void integrate_back(const Array<double>& y, Array<double>& x, index_t first) {
    for (index_t i = 0; i < y.shape()[0]; ++i) {
        double sum = 0;
        for (index_t t = samples; t-- > 0;)
            x(i, t) = static_cast<double>(1 + first + i) * (sum += y(i, t));
    }
}

struct Whole {
    ArraySpace<double> space{"traces", {rows, samples}};
    auto op() const {
        return make_operator(
            space, space, [](const auto& x, auto& y) { integrate(x, y, 0); },
            [](const auto& y, auto& x) { integrate_back(y, x, 0); });
    }
};

struct Scattered {
    Communicator world = Communicator::world();
    Partition partition = Partition::balanced(rows, world.size());
    DistributedSpace<double> space{"traces", {rows, samples}, world, partition};
    index_t first() const { return partition.first(world.rank()); }
    auto op() const {
        return make_operator(
            space, space,
            [row = first()](const auto& x, auto& y) { integrate(x.local(), y.local(), row); },
            [row = first()](const auto& y, auto& x) { integrate_back(y.local(), x.local(), row); });
    }
};

/// Every figure of the history but the seconds, and the reason.
template <class Found, class Expected> void same_history(const Found& found,
                                                         const Expected& expected) {
    REQUIRE(found.history.size() == expected.history.size());
    CHECK(found.iterations == expected.iterations);
    CHECK(found.reason == expected.reason);
    for (std::size_t i = 0; i < found.history.size(); ++i) {
        CHECK(found.history[i].number == expected.history[i].number);
        CHECK(found.history[i].residual == expected.history[i].residual);
        CHECK(found.history[i].gradient == expected.history[i].gradient);
        CHECK(found.history[i].solution == expected.history[i].solution);
        CHECK(found.history[i].objective == expected.history[i].objective);
    }
}

/// Solves both ways, by solve(A, b, x0), and compares every figure and every value held here.
template <class Solve> void same_bits(const Solve& solve) {
    const Whole whole;
    const Scattered parts;
    const auto expected = solve(whole.op(), whole.space.random(1), whole.space.random(2));
    const auto found = solve(parts.op(), parts.space.random(1), parts.space.random(2));
    CHECK(found.iterations > 3);
    same_history(found, expected);
    const Array<double>& local = found.x.local();
    const double* mine = expected.x.data() + parts.first() * samples;
    CHECK(std::equal(local.begin(), local.end(), mine));
}

struct InMemory {
    MemoryCheckpoint operator()() const { return MemoryCheckpoint{}; }
};

/// A run of n iterations has the bits of runs that end after the first, the middle, the last but one
/// and go on: solve(n, watch). make() gives an empty checkpoint.
template <class Solve, class Make = InMemory>
void goes_on_with(const Solve& solve, index_t n, const Make& make = {}) {
    const auto expected = solve(n, detail::NoWatch{});
    REQUIRE(expected.iterations == n);
    const auto check = [&](const auto& found) {
        same_history(found, expected);
        CHECK(norm(found.x - expected.x) == 0);
    };
    const auto in_steps = make();
    for (const index_t k : {index_t{1}, n / 2, n - 1}) {
        CAPTURE(k);
        const auto kept = make();
        CHECK(solve(k, kept).iterations == k);
        CHECK(kept.iteration() == k);
        check(solve(n, kept));
        solve(k, in_steps);
    }
    check(solve(n, in_steps));
    check(solve(n, in_steps));  // there is nothing left to do
}

/// The same for solve(A, b, x0, n, watch) on vectors held whole, and scattered over the ranks.
template <class Solve, class Make = InMemory>
void goes_on(const Solve& solve, index_t n, const Make& make = {}) {
    const auto check = [&](const auto& setting) {
        const auto b = setting.space.random(1);
        const auto x0 = setting.space.random(2);
        goes_on_with(
            [&](index_t k, const auto& watch) { return solve(setting.op(), b, x0, k, watch); }, n,
            make);
    };
    check(Whole{});
    check(Scattered{});
}

/// The number of allocations so far; counted in allocations.cpp.
long allocations();

/// Solves by solve(monitor) and counts allocations after iteration `first`.
template <class Solve> void steady(const Solve& solve, index_t first = 1) {
    long after_first = -1;
    long latest = -1;
    index_t iterations = 0;
    solve([&](const Iteration& at) {
        if (at.number == first) after_first = allocations();
        latest = allocations();
        iterations = at.number;
        return true;
    });
    CHECK(iterations > first + 5);
    CHECK(after_first > 0);
    CHECK(latest == after_first);
}

}  // namespace law
