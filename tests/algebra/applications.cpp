/// Tests of promises: expressions apply nothing, applications happen once, scratch is reused.
#include "counting_new.hpp"
#include "zoo.hpp"
#include <lop/algebra/algebra.hpp>

#include <doctest/doctest.h>

using namespace lop;
using zoo::random_dense;

namespace {

struct Operators {
    ArraySpace<double> x{"x", {40}};
    ArraySpace<double> y{"y", {30}};
    zoo::Dense<double> a = random_dense<double>(x, y, 1, "A");
    zoo::Dense<double> b = random_dense<double>(x, y, 2, "B");
    zoo::Dense<double> d = random_dense<double>(y, y, 3, "D");
    int applications() const { return a.applications() + b.applications() + d.applications(); }
};

template <class Work> long allocations_of(const Work& work) {
    const long before = counting::allocations;
    work();
    return counting::allocations - before;
}

}  // namespace

TEST_CASE("building an expression applies nothing") {
    const Operators o;
    const auto built = vstack(o.d * (o.a + 2 * o.b), hstack(o.d, o.d.H()) * vstack(o.a, o.b));
    const auto adjoint = built.H();
    const AnyOperator any{adjoint * built};
    static_cast<void>(any.describe());
    CHECK(o.applications() == 0);
}

TEST_CASE("A * x applies each operator of the expression exactly once") {
    const Operators o;
    const auto x = o.x.random(1);
    auto y = (o.d * (o.a + 2 * o.b)) * x;
    CHECK(o.a.counts().forward == 1);
    CHECK(o.b.counts().forward == 1);
    CHECK(o.d.counts().forward == 1);
    CHECK(o.applications() == 3);
    const auto back = (o.d * (o.a + 2 * o.b)).H() * y;
    CHECK(o.a.counts().adjoint == 1);
    CHECK(o.b.counts().adjoint == 1);
    CHECK(o.d.counts().adjoint == 1);
    CHECK(o.applications() == 6);
    apply(o.a, x, y);
    apply_add(o.a, x, y);
    CHECK(o.a.counts().forward == 3);
}

TEST_CASE("an application is computed now, and is a vector like any other") {
    const Operators o;
    const auto x = o.x.random(1);
    const auto y = o.a * x;
    static_assert(std::same_as<decltype(y), const Array<double>>);
    const auto residual = y - o.b * x;
    CHECK(o.applications() == 2);
    CHECK(norm(residual) == norm(residual));
    CHECK(o.applications() == 2);
}

TEST_CASE("an expression in place of x is computed first, once") {
    const Operators o;
    const auto x = o.x.random(1);
    const auto z = o.x.random(2);
    const auto y = o.a * (x - 2 * z);
    CHECK(o.applications() == 1);
    const Array<double> argument = x - 2 * z;
    CHECK(norm(y - o.a * argument) == 0);
}

TEST_CASE("nothing is allocated by an application after the first") {
    const Operators o;
    const auto a = vstack(o.d * (o.a + 2 * o.b - o.a), hstack(o.d, o.d.H()) * vstack(o.a, o.b));
    const auto normal = a.H() * a + 0.1 * Identity{o.x};
    const AnyOperator any{normal};
    const auto x = o.x.random(1);
    auto y = o.x.zeros();
    const auto apply_all = [&] {
        any.forward(x, y);
        any.adjoint(x, y);
        apply(normal, x, y);
        apply_add(normal, x, y);
    };
    CHECK(allocations_of(apply_all) > 0);  // or the count would prove nothing
    CHECK(allocations_of(apply_all) == 0);
}

TEST_CASE("operators of functions with much captured are not copied by an application") {
    const Operators o;
    const auto weights = o.x.random(9);
    const auto multiply = [weights](const Array<double>& x, Array<double>& y) {
        y = cwise_product(weights, x);
    };
    const auto w = make_operator(o.x, o.x, multiply, multiply, "a weight with a rather long name");
    const auto sum = w + w.H() * w + Identity{o.x};
    const auto stack = vstack(w, sum, 3 * w);
    const auto x = o.x.random(1);
    auto z = o.x.zeros();
    auto y = stack * x;
    stack.adjoint(y, z);
    CHECK(allocations_of([&] {
              stack.forward(x, y);
              stack.adjoint(y, z);
          }) == 0);
}

TEST_CASE("an operator can be applied in several threads at once") {
    const Operators o;
    const auto a = o.d * o.a + o.d * o.b;
    const auto x = o.x.random(1);
    const auto expected = a * x;
    double worst = 0;
#pragma omp parallel for num_threads(4) reduction(max : worst)
    for (int i = 0; i < 32; ++i) {
        auto y = o.y.uninitialized();
        a.forward(x, y);
        double gap = 0;
        for (index_t k = 0; k < y.size(); ++k) gap = std::max(gap, std::abs(y[k] - expected[k]));
        worst = std::max(worst, gap);
    }
    CHECK(worst == 0);
}

TEST_CASE("scratch returns to the pool of its space, and copies of a space share it") {
    const ArraySpace<double> space{"x", {1000}};
    const ArraySpace<double> copy = space;
    const double* memory = nullptr;
    {
        auto t = space.scratch();
        memory = (*t).data();
        auto other = copy.scratch();
        CHECK((*other).data() != memory);
    }
    CHECK(allocations_of([&] {
              auto t = copy.scratch();
              auto u = space.scratch();
              (*t).fill(1);
              (*u).fill(2);
          }) == 0);
}
