/// Solutions of sparse systems as maps: derivatives by hand, Taylor tests of a chain from a coefficient
/// to data, and its fit, with the bits of one rank.
#include <lop/distributed/sparse_solution.hpp>

#include "parts.hpp"
#include <lop/algebra/algebra.hpp>
#include <lop/distributed/hypre_solve.hpp>
#include <lop/solvers/cg.hpp>
#include <lop/solvers/gmres.hpp>
#include <lop/solvers/lbfgs.hpp>
#include <lop/testing/doctest.hpp>

#include <doctest/doctest.h>

using namespace lop;
using lop::testing::check_laws;
using parts::same_bits;

namespace {

using Triplets = std::vector<Triplet<double>>;
using X = DistributedArray<double>;

const auto by_gmres = [](const auto& a) {
    return inverse(
        a, refined([](const auto& a_, const auto& b) {
            return gmres(a_, b, {.iterations = 300, .restart = 100, .tolerance = 1e-9}).x;
        }));
};
const auto by_cg = [](const auto& a) {
    return inverse(a, refined([](const auto& a_, const auto& b) {
                       return cg(a_, b, {.iterations = 500, .tolerance = 1e-9}).x;
                   }));
};

/// -div(kappa grad u) = f on n x n points with u = 0 around, kappa given there too: between two
/// points it is their mean. The values of the matrix are linear in kappa, through another matrix.
struct Diffusion {
    index_t n;
    DistributedSpace<double> u, kappa;
    SparseMatrix<double> matrix, values;

    Diffusion(index_t points, const Communicator& ranks, const Partition& of_u,
              const Partition& of_kappa)
        : n{points},
          u{"u", {n, n}, ranks, of_u},
          kappa{"kappa", {n + 2, n + 2}, ranks, of_kappa},
          matrix{u, u, pattern()},
          values{kappa, matrix.values_space(), weights()} {}

    index_t node(index_t point) const { return (point / n + 1) * (n + 2) + point % n + 1; }
    /// Calls visit(neighbour, its node) for every side; the neighbour is -1 outside.
    template <class Visit> void sides(index_t point, const Visit& visit) const {
        const index_t x = point / n, y = point % n;
        visit(x > 0 ? point - n : -1, node(point) - (n + 2));
        visit(y > 0 ? point - 1 : -1, node(point) - 1);
        visit(y + 1 < n ? point + 1 : -1, node(point) + 1);
        visit(x + 1 < n ? point + n : -1, node(point) + (n + 2));
    }
    Triplets pattern() const {
        Triplets entries;
        for (index_t p = u.box().first(0) * n; p < u.box().end(0) * n; ++p) {
            entries.push_back({p, p, 0});
            sides(p, [&](index_t q, index_t) {
                if (q >= 0) entries.push_back({p, q, 0});
            });
        }
        return entries;
    }
    Triplets weights() const {
        Triplets entries;
        const double half = 0.5 * static_cast<double>((n + 1) * (n + 1));  // 1 / (2 h^2)
        const index_t first = matrix.values_space().box().first(0);
        for (std::size_t i = 0; i + 1 < matrix.starts().size(); ++i)
            for (index_t k = matrix.starts()[i]; k < matrix.starts()[i + 1]; ++k) {
                const index_t p = matrix.first_row() + static_cast<index_t>(i);
                const index_t column = matrix.columns()[static_cast<std::size_t>(k)];
                sides(p, [&](index_t q, index_t beside) {
                    const double w = column == p ? half : column == q ? -half : 0;
                    if (w == 0) return;
                    entries.push_back({first + k, node(p), w});
                    entries.push_back({first + k, beside, w});
                });
            }
        return entries;
    }
    /// Four points of five are seen.
    X seen() const {
        X mask = u.zeros();
        for (index_t i = 0; i < mask.size(); ++i)
            mask.data()[i] = mask.layout()->global_index(i) % 5 == 3 ? 0 : 1;
        return mask;
    }
};

/// kappa(m) = 1 + exp(m), point by point.
class Exponential : public NonlinearOperator<Exponential, DistributedSpace<double>> {
 public:
    explicit Exponential(const DistributedSpace<double>& both) : NonlinearOperator{both, both} {}
    X value(const X& m) const {
        return map([](double v) { return 1 + std::exp(v); }, m);
    }
    auto derivative(const X& m) const {
        return Diagonal{X{map([](double v) { return std::exp(v); }, m)}};
    }
};

Diffusion over_ranks(index_t n, bool with_empty = false) {
    const auto world = Communicator::world();
    return {n, world,
            with_empty ? parts::with_empty(n, world.size()) : parts::uneven(n, world.size()),
            parts::uneven(n + 2, world.size(), 0, 9)};
}
Diffusion on_one(index_t n) {
    return {n, Communicator::self(), Partition::balanced(n, 1), Partition::balanced(n + 2, 1)};
}

template <class InverseOf> auto chain(const Diffusion& diffusion, const InverseOf& inverse_of) {
    X f = diffusion.u.zeros();
    f.fill(1);
    return Diagonal{diffusion.seen()} * SparseSolution{diffusion.matrix, f, inverse_of} *
           diffusion.values * Exponential{diffusion.kappa};
}

template <class F> void check_derivative(const F& f, const DistributedSpace<double>& models) {
    const X m = 0.5 * models.random(1);
    const auto at = f.linearized(m);
    CHECK(norm(at.value - f(m)) == 0);
    check_laws(at.jacobian);
    const auto report = taylor_test(f, at.jacobian, m, models.random(2),
                                    {.first_step = 0.25, .halvings = 6, .limit = 0.05});
    INFO(report.str());
    CHECK(report.pass);
}

}  // namespace

TEST_CASE("one equation, its solution and its derivative by hand") {
    // Four sides with means of kappa = 1, and h = 1/2: A = 4 sum of sides = 16, f = 16: u = 1.
    // A grows by 4 * 4 / 2 for each unit of kappa in the middle, by 4 / 2 for one beside:
    // du = -f / A^2 dA = -1/2 and -1/8.
    const auto world = Communicator::world();
    const Diffusion one{1, world, parts::alone(1, world.size(), world.size() - 1),
                        Partition::balanced(3, world.size())};
    X f = one.u.zeros();
    f.fill(16);
    const auto u = SparseSolution{one.matrix, f, by_gmres} * one.values;
    X kappa = one.kappa.zeros();
    kappa.fill(1);
    const auto at = u.linearized(kappa);
    CHECK(parts::gather(at.value)[0] == 1);
    X unit = one.u.zeros();
    unit.fill(1);
    const auto gradient = parts::gather(at.jacobian.H() * unit);
    const double expected[] = {0, -0.125, 0, -0.125, -0.5, -0.125, 0, -0.125, 0};
    for (index_t i = 0; i < 9; ++i) CHECK(gradient[i] == expected[i]);
    CHECK_THROWS_AS((SparseSolution{one.matrix, one.kappa.zeros(), by_gmres}), SpaceError);
}

TEST_CASE("a chain from a coefficient to data has the derivative that it says") {
    for (const bool with_empty : {false, true}) {
        const Diffusion diffusion = over_ranks(9, with_empty);
        check_derivative(chain(diffusion, by_gmres), diffusion.kappa);
    }
}

TEST_CASE("data and gradients of a chain carry the bits of one rank") {
    const Diffusion one = on_one(9);
    const Diffusion all = over_ranks(9);
    const auto f = chain(one, by_cg).linearized(0.5 * one.kappa.random(1));
    const auto g = chain(all, by_cg).linearized(0.5 * all.kappa.random(1));
    CHECK(same_bits(parts::gather(g.value), parts::gather(f.value)));
    CHECK(same_bits(parts::gather(g.jacobian.H() * all.u.random(4)),
                    parts::gather(f.jacobian.H() * one.u.random(4))));
}

namespace {

/// Twelve steps towards the coefficient of exact data, from kappa = 2.
template <class InverseOf> auto fitted(const Diffusion& diffusion, const InverseOf& inverse_of) {
    const auto f = chain(diffusion, inverse_of);
    const X truth = 0.5 * diffusion.kappa.random(1);
    return lbfgs(objective(LeastSquaresLoss{}, f, f(truth)), diffusion.kappa.zeros(),
                 {.iterations = 12, .tolerance = 0});
}

}  // namespace

TEST_CASE("a coefficient is fitted over ranks in the steps of one rank, to the bit") {
    const auto one = fitted(on_one(9), by_cg);
    const auto all = fitted(over_ranks(9), by_cg);
    CHECK(same_bits(parts::gather(all.x), parts::gather(one.x)));
    CHECK(all.evaluations == one.evaluations);
    // The first gradient alone is worth some of the misfit; twelve steps of a quasi-Newton method on a
    // problem of 121 unknowns more than nine tenths of it.
    CHECK(all.last().objective < 0.1 * all.history.front().objective);
}

#ifdef LOP_HAVE_HYPRE

TEST_CASE("the same by hypre: exact adjoints, and the numbers of lop's solver to rounding") {
    const auto by_hypre = [](const auto& a) { return HypreSolve{a, {.method = HypreMethod::cg}}; };
    const Diffusion diffusion = over_ranks(9, true);
    const auto f = chain(diffusion, by_hypre);
    check_derivative(f, diffusion.kappa);
    const X m = 0.5 * diffusion.kappa.random(1);
    const auto at = f.linearized(m);
    const auto by_lop = chain(diffusion, by_cg).linearized(m);
    const auto r = diffusion.u.random(4);
    // Two solutions that are right to about the last bit, and a product of them.
    CHECK(norm(at.value - by_lop.value) <= 1e-14 * norm(at.value));
    const X gradient = at.jacobian.H() * r;
    CHECK(norm(gradient - by_lop.jacobian.H() * r) <= 1e-13 * norm(gradient));
    const auto one = fitted(on_one(9), by_hypre);
    const auto all = fitted(diffusion, by_hypre);
    // Rounding grows from step to step, but not beyond 1e-6 of the model in twelve.
    CHECK(norm(parts::gather(all.x) - parts::gather(one.x)) <= 1e-6 * norm(one.x));
}

#endif
