/// Missing traces from plane waves in overlapping windows: min 1/2 |M S (I x R) m - d|^2 + w |m|_1.
// Run: ./trace_interpolation
#include "panels.hpp"
#include <lop/algebra/algebra.hpp>
#include <lop/core/units.hpp>
#include <lop/operators/chirp_radon.hpp>
#include <lop/operators/indexing.hpp>
#include <lop/operators/windows.hpp>
#include <lop/seismic/wavelet.hpp>
#include <lop/solvers/proximal_gradient.hpp>

#include <iostream>

using namespace lop;

int main() {
    const index_t traces = 76, samples = 200, width = 16, windows = 7;
    const auto R = ChirpRadon2D<double>{{samples, 4_ms},
                                        RegularAxis::centered(width, 10_m),
                                        RegularAxis::centered(41, 4e-5),
                                        {.nfft = 256}};
    const SlidingWindows<double> S{{traces, samples},
                                   {.axes = {0}, .size = {width}, .overlap = {6}}};
    const ArraySpace<double> places{"windows", {windows}};

    // Hyperbolas around a source in the middle, and a steep line.
    auto truth = S.range().zeros();
    const Wavelet wavelet = ricker(25_Hz, 0);
    for (index_t j = 0; j < traces; ++j)
        for (index_t i = 0; i < samples; ++i) {
            const double x = 10_m * static_cast<double>(j - 38), t = 4_ms * static_cast<double>(i);
            for (const double t0 : {0.15, 0.3, 0.45})
                truth(j, i) += wavelet(t - std::hypot(t0, x / 1500));
            truth(j, i) += 0.7 * wavelet(t - 0.55 - 5e-4 * x);
        }
    std::vector<index_t> live;
    for (index_t j = 0; j < traces; ++j)
        if (random_value<double>(7, j) > -0.1) live.push_back(j);
    const LinearOperator auto M = Restriction{S.range(), live, {.axis = 0}};
    const LinearOperator auto A = M * S * kron(Identity{places}, R);
    const auto d = M * truth;

    const auto m = fista(A, d, L1{0.02}, {.iterations = 150, .restart = true}).x;
    const Array<double> found = S * (kron(Identity{places}, R) * m);
    const double error = norm(found - truth) / norm(truth);
    std::cout << live.size() << " of " << traces << " traces, error " << error << '\n';
    draw_panels("trace_interpolation.png", {truth, M.H() * d, found},
                {.title = "all traces, those recorded, those found",
                 .x = {.step = 10, .label = "offset, panel by panel", .unit = "m"},
                 .z = {.step = 4_ms, .label = "time", .unit = "s"},
                 .colors = io::ColorMap::grey});
    return error < 0.35 ? 0 : 1;
}
