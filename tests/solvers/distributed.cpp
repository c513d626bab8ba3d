/// The solvers on distributed vectors: the same bits as on vectors held whole.
#include "../algebra/zoo.hpp"
#include <lop/distributed/distributed_array.hpp>
#include <lop/solvers/solvers.hpp>

#include <algorithm>
#include <doctest/doctest.h>
#include <limits>

using namespace lop;

namespace {

constexpr index_t rows = 13;
constexpr index_t samples = 40;

/// y = (1 + row) times the running sum of a trace; `first` is the row of x's first trace.
void integrate(const Array<double>& x, Array<double>& y, index_t first) {
    for (index_t i = 0; i < x.shape()[0]; ++i) {
        double sum = 0;
        for (index_t t = 0; t < samples; ++t)
            y(i, t) = static_cast<double>(1 + first + i) * (sum += x(i, t));
    }
}
void integrate_back(const Array<double>& y, Array<double>& x, index_t first) {
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

/// Solves both ways and compares every figure and every value held here.
template <class Solve> void check_same_bits(const Solve& solve) {
    const Whole whole;
    const Scattered parts;
    const auto expected = solve(whole.op(), whole.space.random(1), whole.space.random(2));
    const auto found = solve(parts.op(), parts.space.random(1), parts.space.random(2));
    REQUIRE(found.history.size() == expected.history.size());
    CHECK(found.iterations == 12);
    CHECK(found.reason == expected.reason);
    for (std::size_t i = 0; i < found.history.size(); ++i) {
        CHECK(found.history[i].residual == expected.history[i].residual);
        CHECK(found.history[i].gradient == expected.history[i].gradient);
        CHECK(found.history[i].solution == expected.history[i].solution);
    }
    const Array<double>& local = found.x.local();
    const double* mine = expected.x.data() + parts.first() * samples;
    CHECK(std::equal(local.begin(), local.end(), mine));
}

}  // namespace

TEST_CASE("on scattered vectors every solver gives the bits of one that holds them whole") {
    check_same_bits([](const auto& a, const auto& b, const auto&) {
        return lsqr(a, b, {.iterations = 12, .damping = 0.1});
    });
    check_same_bits([](const auto& a, const auto& b, const auto& x0) {
        return lsqr(a, b, x0, {.iterations = 12, .damping = 0.1});
    });
    check_same_bits([](const auto& a, const auto& b, const auto& x0) {
        return cgls(a, b, x0, {.iterations = 12, .damping = 0.1});
    });
    check_same_bits([](const auto& a, const auto& b, const auto&) {
        return steepest_descent(a, b, {.iterations = 12});
    });
    check_same_bits([](const auto& a, const auto& b, const auto& x0) {
        return cg(a.H() * a + 0.1 * Identity{a.domain()}, b, x0, {.iterations = 12});
    });
}

TEST_CASE("NaN on one rank ends every rank in the same words") {
    const Scattered parts;
    auto b = parts.space.random(1);
    if (parts.world.rank() == parts.world.size() - 1 && b.local().size() > 0)
        b.local()[0] = std::numeric_limits<double>::quiet_NaN();
    CHECK(zoo::message_of([&] { lsqr(parts.op(), b); }) ==
          "lsqr(A, b): b is not finite\n"
          "    expected finite values, with squares below 1e308\n"
          "    found    a norm of NaN");
}
