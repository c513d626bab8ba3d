/// The coefficient of a diffusion from its solution at some points:  -div(kappa grad u) = 1 on the unit
/// square with u = 0 at its edge, kappa = 1 + two bumps whose eight numbers are sought. Each rank holds
/// a stripe of the square; the solver is hypre's multigrid, or lop's cg where there is no hypre.
// Run: mpirun -n 2 ./poisson_coefficient
// Run: ./poisson_coefficient
//
// A finer square makes it a job for more ranks: mpirun -n 64 ./poisson_coefficient 1023
#include "argument.hpp"
#include <lop/algebra/algebra.hpp>
#include <lop/distributed/hypre_solve.hpp>
#include <lop/distributed/sparse_solution.hpp>
#include <lop/solvers/cg.hpp>
#include <lop/solvers/lbfgs.hpp>

#include <array>
#include <cmath>
#include <iostream>

using namespace lop;

namespace {

using Scattered = DistributedSpace<double>;
using X = DistributedArray<double>;
using Triplets = std::vector<Triplet<double>>;

/// How many points there are inside along an axis, those of kappa lie on the edge as well, and their
/// distance; main may choose others before anything else.
index_t n = 63;
double h = 1.0 / 64;

/// kappa(x, y) = f(x, y, m, &derivative by m[0]) at all points, for a function f of a few numbers m
/// that every rank has.
template <class Function>
class Field : public NonlinearOperator<Field<Function>, Scattered> {
 public:
    Field(const Scattered& parameters, const Scattered& points, Function f)
        : NonlinearOperator<Field, Scattered>{parameters, points}, f_{f} {}
    X value(const X& m) const { return computed(m).front(); }
    auto derivative(const X& m) const {
        // One column for each number: sums over the points are inner products, over all ranks.
        auto columns = std::make_shared<const std::vector<X>>(computed(m));
        return make_operator(
            this->domain(), this->range(),
            [columns](const X& dm, X& dkappa) {
                dkappa.fill(0);
                for (index_t j = 0; j < dm.size(); ++j)
                    dkappa += dm.data()[j] * (*columns)[static_cast<std::size_t>(j) + 1];
            },
            [columns](const X& r, X& dm) {
                for (index_t j = 0; j < dm.size(); ++j)
                    dm.data()[j] = dot((*columns)[static_cast<std::size_t>(j) + 1], r);
            },
            "dkappa/dm");
    }

 private:
    /// kappa, and its derivatives by all numbers.
    std::vector<X> computed(const X& m) const {
        const auto count = static_cast<std::size_t>(m.size());
        std::vector<X> fields;
        for (std::size_t j = 0; j <= count; ++j) fields.push_back(this->range().zeros());
        std::vector<double> gradient(count);
        for (index_t i = 0; i < fields[0].size(); ++i) {
            const index_t at = fields[0].layout()->global_index(i);
            fields[0].data()[i] = f_(h * static_cast<double>(at / (n + 2)),
                                     h * static_cast<double>(at % (n + 2)), m.data(), gradient);
            for (std::size_t j = 0; j < count; ++j) fields[j + 1].data()[i] = gradient[j];
        }
        return fields;
    }
    Function f_;
};

/// 1 + sum over bumps of exp(a - |(x, y) - c|^2 / (2 w^2)), for m = (a, c_x, c_y, w) of each.
double bumps(double x, double y, const double* m, std::vector<double>& gradient) {
    double kappa = 1;
    for (std::size_t b = 0; b < gradient.size(); b += 4) {
        const double dx = x - m[b + 1], dy = y - m[b + 2], w = m[b + 3];
        const double r2 = (dx * dx + dy * dy) / (w * w);
        const double bump = std::exp(m[b] - r2 / 2);
        kappa += bump;
        gradient[b] = bump;
        gradient[b + 1] = bump * dx / (w * w);
        gradient[b + 2] = bump * dy / (w * w);
        gradient[b + 3] = bump * r2 / w;
    }
    return kappa;
}

index_t node(index_t point) { return (point / n + 1) * (n + 2) + point % n + 1; }

/// Calls visit(point beside, its node) for the four sides of a point; -1 stands for the edge.
template <class Visit> void sides(index_t point, const Visit& visit) {
    const index_t x = point / n, y = point % n;
    visit(x > 0 ? point - n : -1, node(point) - (n + 2));
    visit(y > 0 ? point - 1 : -1, node(point) - 1);
    visit(y + 1 < n ? point + 1 : -1, node(point) + 1);
    visit(x + 1 < n ? point + n : -1, node(point) + (n + 2));
}

/// Where five points' finite volumes have entries, those of this rank's rows; the values come later.
SparseMatrix<double> pattern(const Scattered& u) {
    Triplets entries;
    for (index_t p = u.box().first(0) * n; p < u.box().end(0) * n; ++p) {
        entries.push_back({p, p, 0});
        sides(p, [&](index_t q, index_t) {
            if (q >= 0) entries.push_back({p, q, 0});
        });
    }
    return {u, u, entries};
}

/// The values of A are linear in kappa: a side's is the mean of two points, over h^2.
SparseMatrix<double> values_from(const Scattered& kappa, const SparseMatrix<double>& A) {
    Triplets weights;
    const index_t first_value = A.values_space().box().first(0);
    for (std::size_t i = 0; i + 1 < A.starts().size(); ++i)
        for (index_t k = A.starts()[i]; k < A.starts()[i + 1]; ++k) {
            const index_t p = A.first_row() + static_cast<index_t>(i);
            const index_t column = A.columns()[static_cast<std::size_t>(k)];
            sides(p, [&](index_t q, index_t beside) {
                if (column != p && column != q) return;
                const double weight = (column == p ? 0.5 : -0.5) / (h * h);
                weights.push_back({first_value + k, node(p), weight});
                weights.push_back({first_value + k, beside, weight});
            });
        }
    return {kappa, A.values_space(), weights};
}

/// A^-1 for any symmetric positive definite A.
const auto solver = []<class A>(const A& a) {
    if constexpr (has_hypre) return HypreSolve{a, {.method = HypreMethod::cg}};
    else
        return inverse(a, refined([](const auto& A_, const auto& b) {
                           return cg(A_, b, {.iterations = 10 * n, .tolerance = 1e-9}).x;
                       }));
};

}  // namespace

int main(int argc, char** argv) {
    const Session session{argc, argv};
    const auto world = session.world();
    n = argument(argc, argv, "points along an axis", n, n);  // with fewer the fit below is not sure
    h = 1.0 / static_cast<double>(n + 1);
    const Scattered points{"u", {n, n}, world, Partition::balanced(n, world.size())};
    const Scattered nodes{"kappa", {n + 2, n + 2}, world, Partition::balanced(n + 2, world.size())};
    const Scattered numbers{"m", {8}, world};

    X f = points.zeros();
    f.fill(1);
    X seen = points.zeros();
    for (index_t i = 0; i < seen.size(); ++i)  // 80 % of the points
        seen.data()[i] =
            random_uniform(3, static_cast<std::uint64_t>(seen.layout()->global_index(i))) < 0.8;

    const auto A = pattern(points);
    const LinearOperator auto B = values_from(nodes, A);
    const LinearOperator auto R = Diagonal{seen};
    const NonlinearMap auto kappa = Field{numbers, nodes, bumps};
    const NonlinearMap auto F = R * SparseSolution{A, f, solver} * B * kappa;

    const auto given = [&](const std::array<double, 8>& values) {
        X m = numbers.zeros();
        std::copy(values.begin(), values.end(), m.data());
        return m;
    };
    const X truth = given({0.2, 0.3, 0.35, 0.12, -0.2, 0.7, 0.6, 0.16});
    const X m0 = given({-1.2, 0.4, 0.4, 0.2, -1.2, 0.6, 0.6, 0.2});

    const X clean = F(truth);
    const X drawn = R * points.random(7);
    const X noise = 0.01 * norm(clean) / norm(drawn) * drawn;  // 1 % of the data
    const auto phi = objective(LeastSquaresLoss{}, F, clean + noise);

    const auto fit = lbfgs(phi, m0, {.iterations = 100, .first_length = 0.1});

    const auto error = [&](const X& m) { return norm(kappa(m) - kappa(truth)); };
    const double start = fit.history.front().objective, end = fit.last().objective;
    const double of_noise = phi(truth);
    const double error_start = error(m0), error_end = error(fit.x);
    if (session.root())
        std::cout << (has_hypre ? "hypre: " : "cg: ") << fit.iterations << " iterations, "
                  << fit.evaluations << " evaluations\nmisfit " << start << " -> " << end
                  << ", of the noise " << of_noise << "\n|kappa - true| " << error_start << " -> "
                  << error_end << '\n';

    // What must hold. The misfit of the truth is that of the noise, and a minimum lies no higher. It is
    // at most a tenth of the start's: bumps as high as 1 change u by more than the 3.2 % (sqrt(10)
    // times 1 %) at which 1 % of noise would be a tenth; so the noise e is at most 0.32 of the residual
    // at the start. kappa: of e, the fit of 8 numbers to 3200 (or more) follows the part in the range of
    // their derivatives, about sqrt(8 / 3200) |e| = 0.05 |e|, and puts right the rest. kappa with k half-waves
    // across the square moves u by about 1 / k of what it does with one, and bumps of width w have k up
    // to 2 / (pi w), about 5: an error of kappa of at most 5 * 0.05 * 0.32 < 1/10 of the start's.
    const bool fits = end <= of_noise && end <= 0.1 * start;
    return fits && error_end <= 0.1 * error_start ? 0 : 1;
}
