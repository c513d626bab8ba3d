/// Impedance from stacked data: min |P m - d|^2 + |e Dxx m|^2, smooth along the layers.
// Run: ./poststack_inversion
#include "panels.hpp"
#include <lop/algebra/algebra.hpp>
#include <lop/core/units.hpp>
#include <lop/operators/derivative.hpp>
#include <lop/operators/poststack.hpp>
#include <lop/operators/smoothing.hpp>
#include <lop/seismic/wavelet.hpp>
#include <lop/solvers/lsqr.hpp>

#include <iostream>
#include <numbers>

using namespace lop;

int main() {
    const index_t traces = 100, samples = 180;
    const ArraySpace<double> section{"section", {traces, samples}};
    auto truth = section.zeros();  // ln(impedance) of folded layers with a lens
    for (index_t j = 0; j < traces; ++j)
        for (index_t i = 0; i < samples; ++i) {
            const auto x = static_cast<double>(j), t = static_cast<double>(i);
            const double depth = t + 12 * std::sin(2 * std::numbers::pi * x / 100);
            double value = 8.2 + 0.002 * t;
            for (const double top : {40.0, 62.0, 95.0, 120.0, 158.0})
                if (depth > top) value += top == 62 || top == 120 ? -0.12 : 0.1;
            if (std::pow((x - 58) / 25, 2) + std::pow((t - 138) / 7, 2) < 1) value -= 0.2;
            truth(j, i) = value;
        }
    const Wavelet ricker20 = ricker(20_Hz, 0);
    std::vector<double> wavelet;
    for (int i = -25; i <= 25; ++i) wavelet.push_back(ricker20(4_ms * i));

    const LinearOperator auto P = PoststackModelling<double>{section.shape(), wavelet};
    const LinearOperator auto Dxx = SecondDerivative{section, {.axis = 0}};
    const LinearOperator auto S = Smoothing2D{section, {.lengths = {21, 41}}};
    auto ones = section.zeros();
    ones.fill(1);
    // Below the band of the wavelet: a smooth version of the truth.
    const Array<double> background =
        map([](double a, double b) { return a / b; }, S * truth, S * ones);
    const Array<double> r = P * truth + 0.005 * section.random(1) - P * background;

    const auto alone = lsqr(P, r, {.iterations = 100, .damping = 0.2}).x;
    const auto along = lsqr(vstack(P, Dxx, 0.05 * Identity{section}),
                            Stacked{r, section.zeros(), section.zeros()}, {.iterations = 300})
                           .x;
    const Array<double> by_traces = background + alone, by_layers = background + along;
    const double of_traces = norm(by_traces - truth), of_layers = norm(by_layers - truth);
    std::cout << "error: background " << norm(background - truth) << ", trace by trace "
              << of_traces << ", smooth along x " << of_layers << '\n';
    draw_panels("poststack_inversion.png", {truth, background, by_traces, by_layers},
                {.title = "truth, background, trace by trace, smooth along x",
                 .x = {.label = "trace, panel by panel"},
                 .z = {.step = 4_ms, .label = "time", .unit = "s"},
                 .quantity = "ln(impedance)",
                 .colors = io::ColorMap::perceptual});
    return of_layers < of_traces ? 0 : 1;
}
