/// A blurred, noisy image, sharpened with the total variation: min 1/2 |K x - b|^2 + mu TV(x).
// Run: ./deblurring
#include "panels.hpp"
#include <lop/algebra/blocks.hpp>
#include <lop/operators/convolution.hpp>
#include <lop/operators/derivative.hpp>
#include <lop/solvers/admm.hpp>
#include <lop/solvers/lsqr.hpp>
#include <lop/solvers/prox_groups.hpp>

#include <cmath>
#include <iostream>

using namespace lop;

int main() {
    const ArraySpace<double> image{"image", {80, 160}};
    auto truth = image.zeros();
    for (index_t i = 0; i < 80; ++i)
        for (index_t k = 0; k < 160; ++k) {
            if (i > 10 && i < 42 && k > 20 && k < 90) truth(i, k) = 1;
            if (std::hypot(i - 46, k - 110) < 28) truth(i, k) += 0.7;
            if (i > 52 && i < 70 && k > 34 && k < 38) truth(i, k) = 1;
        }
    Array<double> spread{{13, 13}, "point spread"};
    double sum = 0;
    for (index_t i = 0; i < 13; ++i)
        for (index_t k = 0; k < 13; ++k) {
            const auto r2 = static_cast<double>((i - 6) * (i - 6) + (k - 6) * (k - 6));
            sum += spread(i, k) = std::exp(-r2 / 12);
        }
    spread *= 1 / sum;

    const LinearOperator auto K = ConvolutionND<double>{image.shape(), spread};
    const LinearOperator auto Dx = FirstDerivative{image, {.axis = 0, .kind = Difference::forward}};
    const LinearOperator auto Dz = FirstDerivative{image, {.axis = 1, .kind = Difference::forward}};
    const Array<double> b = K * truth + 0.01 * image.random(1);

    const auto damped = lsqr(K, b, {.iterations = 60, .damping = 0.05}).x;
    const auto sharp = admm(K, b, vstack(Dx, Dz), JointL1{2e-3},
                            {.iterations = 100, .penalty = 0.05, .tolerance = 1e-4})
                           .x;

    const double of_damped = norm(damped - truth) / norm(truth);
    const double of_sharp = norm(sharp - truth) / norm(truth);
    std::cout << "error: blurred " << norm(b - truth) / norm(truth) << ", damped least squares "
              << of_damped << ", total variation " << of_sharp << '\n';
    draw_panels("deblurring.png", {truth, b, damped, sharp},
                {.title = "truth, blurred, damped least squares, total variation",
                 .x = {.label = "column", .unit = "pixels"},
                 .z = {.label = "row", .unit = "pixels"},
                 .colors = io::ColorMap::perceptual,
                 .low = 0,
                 .high = 1.7});
    return of_sharp < 0.7 * of_damped ? 0 : 1;
}
