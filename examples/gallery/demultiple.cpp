/// Multiples removed where they curve: min |m|_1, |R m - d| <= noise, R the parabolic Radon transform.
// Run: ./demultiple
#include "panels.hpp"
#include <lop/core/units.hpp>
#include <lop/operators/radon.hpp>
#include <lop/operators/scaling.hpp>
#include <lop/seismic/wavelet.hpp>
#include <lop/solvers/spgl1.hpp>

#include <iostream>

using namespace lop;

namespace {
/// Adds a Ricker wavelet along t = t0 + q x^2 to a gather with a trace every 50 m.
void add_event(Array<double>& gather, double t0, double q, double amplitude) {
    const Wavelet wavelet = ricker(20_Hz, 0);
    for (index_t j = 0; j < gather.shape()[0]; ++j)
        for (index_t i = 0; i < gather.shape()[1]; ++i) {
            const double x = 50_m * static_cast<double>(j);
            const double t = 4_ms * static_cast<double>(i);
            gather(j, i) += amplitude * wavelet(t - t0 - q * x * x);
        }
}
}  // namespace

int main() {
    std::vector<double> offsets, curvatures, is_multiple;
    for (int j = 0; j < 50; ++j) offsets.push_back(50_m * j);
    for (int k = -10; k < 50; ++k) {
        curvatures.push_back(1e-9 * k);
        is_multiple.push_back(k >= 10 ? 1 : 0);
    }
    const LinearOperator auto R =
        Radon<double>{TimeAxis{250, 4_ms}, offsets, curvatures, {.curve = RadonCurve::parabolic}};
    auto primaries = R.range().zeros();
    add_event(primaries, 0.25_s, 0, 1);
    add_event(primaries, 0.5_s, 0, -0.8);
    add_event(primaries, 0.7_s, 2e-9, 0.6);
    auto multiples = R.range().zeros();
    add_event(multiples, 0.48_s, 32e-9, 0.9);
    add_event(multiples, 0.66_s, 25e-9, -0.7);
    const Array<double> d = primaries + multiples + 0.05 * R.range().random(1);

    const double noise = 0.05 * std::sqrt(static_cast<double>(d.size()));
    const auto m = spgl1(R, d, {.iterations = 200, .noise = noise}).x;
    const LinearOperator auto curved = AxisDiagonal{R.domain(), is_multiple, {.axis = 0}};
    const Array<double> predicted = R * (curved * m);
    const Array<double> kept = d - predicted;

    const double error = norm(kept - primaries) / norm(multiples);
    std::cout << "what is left of the multiples, with the noise: " << error << '\n';
    draw_panels("demultiple.png", {d, predicted, kept},
                {.title = "gather, predicted multiples, their difference",
                 .x = {.step = 50, .label = "offset, panel by panel", .unit = "m"},
                 .z = {.step = 4_ms, .label = "time", .unit = "s"},
                 .colors = io::ColorMap::grey});
    return error < 0.4 ? 0 : 1;
}
