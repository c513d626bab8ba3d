/// Slowness within a ring of transducers, from times along straight rays: min |T s - t|^2 + |e L s|^2.
// Run: ./tomography
#include "panels.hpp"
#include <lop/algebra/algebra.hpp>
#include <lop/operators/derivative.hpp>
#include <lop/operators/indexing.hpp>
#include <lop/operators/interpolation.hpp>
#include <lop/operators/scaling.hpp>
#include <lop/solvers/lsqr.hpp>
#include <lop/testing/dot_test.hpp>

#include <complex>
#include <iostream>
#include <numbers>

using namespace lop;

int main() {
    const index_t n = 80, ring = 48;
    // Every ray in steps of about half a spacing: where each lies, how long it is, and whose it is.
    std::vector<BilinearPosition> places;
    std::vector<double> lengths;
    std::vector<index_t> owners;
    std::vector<std::complex<double>> transducers;
    for (int a = 0; a < ring; ++a)
        transducers.push_back(std::complex{39.5, 39.5} +
                              std::polar(38.0, 2 * std::numbers::pi * a / ring));
    index_t rays = 0;
    for (std::size_t a = 0; a < transducers.size(); ++a)
        for (std::size_t b = a + 1; b < transducers.size(); ++b, ++rays) {
            const auto along = transducers[b] - transducers[a];
            const double steps = std::ceil(2 * std::abs(along));
            for (double step = 0.5; step < steps; ++step) {
                const auto at = transducers[a] + step / steps * along;
                places.push_back({at.real(), at.imag()});
                lengths.push_back(std::abs(along) / steps);
                owners.push_back(rays);
            }
        }

    const ArraySpace<double> model{"slowness", {n, n}}, times{"times", {rays}};
    const LinearOperator auto B = Bilinear<double>{model.shape(), places};
    const LinearOperator auto W = AxisDiagonal{B.range(), lengths};
    const LinearOperator auto T = Restriction{times, owners}.H() * W * B;  // sums steps of a ray
    std::cout << dot_test(T) << '\n';

    auto truth = model.zeros();  // a slow and a fast body, beside the background's slowness
    for (index_t i = 0; i < n; ++i)
        for (index_t k = 0; k < n; ++k)
            truth(i, k) =
                0.05 * ((std::hypot(i - 28, k - 35) < 11) - (std::hypot(i - 52, k - 50) < 12));
    const Array<double> t = T * truth + 0.02 * times.random(1);
    const LinearOperator auto A = vstack(T, 3 * Laplacian{model});
    const auto s = lsqr(A, Stacked{t, model.zeros()}, {.iterations = 100}).x;
    const double error = norm(s - truth) / norm(truth);
    std::cout << rays << " rays, error " << error << '\n';
    draw_panels("tomography.png", {truth, s}, {.title = "slowness: truth, and from 1128 rays"});
    return error < 0.4 ? 0 : 1;
}
