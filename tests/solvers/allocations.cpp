/// A solver's loop allocates nothing.
#include "../algebra/counting_new.hpp"
#include "law.hpp"
#include <lop/solvers/solvers.hpp>

#include <doctest/doctest.h>

using namespace lop;

long law::allocations() { return counting::allocations; }

namespace {

/// Notes the number of allocations after iteration 1 and after every later one.
struct Count {
    long after_first = -1;
    long latest = -1;
    long iterations = 0;
    void operator()(const Iteration& at) {
        if (at.number == 1) after_first = counting::allocations;
        latest = counting::allocations;
        iterations = at.number;
    }
};

template <class Solve> void check_steady(const Solve& solve) {
    Count count;
    solve([&](const Iteration& at) {
        count(at);
        return true;
    });
    CHECK(count.iterations == 30);
    CHECK(count.after_first > 0);
    CHECK(count.latest == count.after_first);
}

}  // namespace

TEST_CASE("the counter counts: an array is an allocation") {
    const long before = counting::allocations;
    const Array<double> x{{10}};
    CHECK(counting::allocations > before);
}

TEST_CASE("nothing is allocated between the first iteration and the last") {
    // Gradients of 1000 unlike weights: none of the solvers ends before 30 iterations.
    const ArraySpace<double> x{"x", {1000}};
    const auto weigh = [](const Array<double>& u, Array<double>& v) {
        for (index_t i = 0; i < u.size(); ++i) v[i] = (1 + static_cast<double>(i)) * u[i];
    };
    const auto w = make_operator(x, x, weigh, weigh, "an operator with a rather long name");
    const auto b = x.random(1);
    const auto check_all = [&](const auto& a, const auto& right) {
        check_steady([&](const Monitor& m) {
            lsqr(a, right, {.iterations = 30, .damping = 1e-3, .atol = 0, .btol = 0, .monitor = m});
        });
        check_steady([&](const Monitor& m) {
            cgls(a, right, {.iterations = 30, .damping = 1e-3, .tolerance = 0, .monitor = m});
        });
        check_steady([&](const Monitor& m) {
            steepest_descent(a, right, {.iterations = 30, .tolerance = 0, .monitor = m});
        });
        const auto normal = a.H() * a + 2 * Identity{x};
        check_steady([&](const Monitor& m) {
            cg(normal, a.H() * right, {.iterations = 30, .tolerance = 0, .monitor = m});
        });
    };
    check_all(w, b);
    check_all(0.5 * w * (w + w.H()) - w, b);
    check_all(vstack(w, Identity{x}), Stacked{b, b});
}
