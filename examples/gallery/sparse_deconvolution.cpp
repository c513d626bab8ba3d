/// Reflectors out of a trace: min 1/2 |W x - b|^2 + sum_i w_i |x_i|, and weights learnt from x itself.
// Run: ./sparse_deconvolution
#include <lop/core/units.hpp>
#include <lop/io/picture.hpp>
#include <lop/operators/convolution.hpp>
#include <lop/seismic/wavelet.hpp>
#include <lop/solvers/lsqr.hpp>
#include <lop/solvers/prox_weighted.hpp>
#include <lop/solvers/proximal_gradient.hpp>

#include <iostream>

using namespace lop;

int main() {
    const index_t samples = 240;
    const ArraySpace<double> trace{"trace", {samples}};
    auto truth = trace.zeros();
    const std::pair<index_t, double> reflectors[] = {{20, 1.0},   {46, -0.7}, {53, 0.6}, {85, 0.4},
                                                     {112, -1.1}, {118, 0.8}, {140, 0.5}};
    for (const auto& [at, value] : reflectors) truth[at] = value;
    const Wavelet ricker25 = ricker(25_Hz, 0);
    std::vector<double> wavelet;
    for (int i = -20; i <= 20; ++i) wavelet.push_back(ricker25(4_ms * i));

    const LinearOperator auto W = Convolution1D<double>{trace.shape(), wavelet, {.offset = 20}};
    const Array<double> b = W * truth + 0.03 * trace.random(3);

    const auto damped = lsqr(W, b, {.iterations = 200, .damping = 0.1}).x;
    const ProximalOptions options{.iterations = 3000, .restart = true};
    const auto sparse = fista(W, b, L1{0.1}, options).x;
    // Reweighting (Candes, Wakin and Boyd 2008): what is large already is thresholded less.
    auto reweighted = sparse;
    for (int round = 0; round < 4; ++round)
        reweighted =
            fista(W, b,
                  WeightedL1{map([](double x) { return 0.1 / (std::abs(x) + 0.1); }, reweighted),
                             0.2},
                  reweighted, options)
                .x;

    const std::pair<const char*, const Array<double>*> shown[] = {{"reflectivity", &truth},
                                                                  {"trace", &b},
                                                                  {"damped least squares", &damped},
                                                                  {"one-norm", &sparse},
                                                                  {"reweighted", &reweighted}};
    std::vector<io::Curve> curves;
    double offset = 9;
    for (const auto& [name, x] : shown) {
        curves.push_back({.name = name});
        for (const double value : *x) curves.back().y.push_back(offset + value);
        offset -= 2.5;
        std::cout << name << ": error " << norm(*x - truth) / norm(truth) << '\n';
    }
    io::write_curves("sparse_deconvolution.png", curves,
                     {.title = "sparse deconvolution", .x_label = "sample", .log_scale = false});
    return norm(reweighted - truth) < 0.5 * norm(damped - truth) ? 0 : 1;
}
