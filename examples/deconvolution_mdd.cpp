/// Multi-dimensional deconvolution: the reflection response below a receiver level, without what lies
/// above. The kernel, direct waves in the frequency domain, is scattered over frequencies; model and
/// data are over receivers and sources.
// Run: mpirun -n 2 ./deconvolution_mdd
// Run: mpirun -n 3 ./deconvolution_mdd
//
// Closer sources and receivers make it a job for more ranks, here 8 times as many of each:
// mpirun -n 60 ./deconvolution_mdd 8
#include "argument.hpp"
#include <lop/core/units.hpp>
#include <lop/io/picture.hpp>
#include <lop/operators/distributed_transforms.hpp>
#include <lop/seismic/wavelet.hpp>
#include <lop/solvers/lsqr.hpp>

#include <cmath>
#include <iostream>
#include <numbers>

using namespace lop;

namespace {

constexpr index_t samples = 255;  // odd: time zero in the middle
constexpr index_t frequencies = 60;
constexpr double interval = 0.004, velocity = 1800;

struct Line {
    index_t sources, receivers;
    double spacing;  // of receivers, m
};

/// The time from source s, 300 m above the receivers, to receiver r.
double direct_time(const Line& line, index_t s, index_t r) {
    const double at = static_cast<double>(s * line.receivers) / static_cast<double>(line.sources);
    const double offset = line.spacing * (at - static_cast<double>(r));
    return std::hypot(offset, 300) / velocity;
}

/// Hyperbolas of three reflectors between receiver r and a virtual source in the middle.
double response(const Line& line, double time, index_t r) {
    double sum = 0;
    for (const auto& [depth, strength] : {std::pair{200.0, 1.0}, {320.0, -0.7}, {450.0, 0.5}}) {
        const double offset =
            line.spacing * (static_cast<double>(r) - static_cast<double>(line.receivers) / 2);
        const double at = std::hypot(offset, 2 * depth) / 2000;
        sum += strength * ricker(25_Hz, at)(time);
    }
    return sum;
}

}  // namespace

int main(int argc, char** argv) {
    const Session session{argc, argv};
    const auto world = session.world();
    const index_t times = argument(argc, argv, "times as many sources and receivers", 1);
    const Line line{40 * times, 30 * times, 15 / static_cast<double>(times)};
    const auto [sources, receivers, spacing] = line;
    const DistributedSpace<std::complex<double>> kernel_space{
        "direct waves",
        {frequencies, sources, receivers},
        world,
        Partition::balanced(frequencies, world.size())};
    auto kernel = kernel_space.zeros();
    for (index_t i = 0; i < kernel.size(); ++i) {
        const index_t at = kernel.layout()->global_index(i);
        const double f = static_cast<double>(at / (sources * receivers)) / (samples * interval);
        const double time = direct_time(line, at / receivers % sources, at % receivers);
        const double spectrum = std::exp(-std::pow((f - 25) / 18, 2));
        kernel.data()[i] =
            spectrum / (velocity * time) * std::polar(1.0, -2 * std::numbers::pi * f * time);
    }
    const DistributedSpace<double> model{"response",
                                         {samples, receivers, 1},
                                         world,
                                         Partition::balanced(receivers, world.size(), 1)};
    auto truth = model.zeros();
    for (index_t i = 0; i < truth.size(); ++i) {
        const index_t at = truth.layout()->global_index(i);
        const double time = interval * static_cast<double>(at / receivers - samples / 2);
        truth.data()[i] = response(line, time, at % receivers);
    }

    const ScatteredMultiDimensionalConvolution<double> G{
        model,
        kernel,
        {.time_interval = interval, .receiver_interval = spacing, .two_sided = true}};
    const DistributedArray<double> d = G * truth;
    const auto adjoint = G.H() * d;
    const auto solution = lsqr(G, d, {.iterations = 60});

    const double reached = solution.last().residual / solution.history[0].residual;
    const double error = norm(solution.x - truth) / norm(truth);
    const double correlated =
        norm(adjoint * (dot(adjoint, truth) / norm2(adjoint)) - truth) / norm(truth);
    const auto whole = gather(model, 0) * solution.x;
    if (session.root()) {
        std::cout << "|G x - d| / |d| = " << reached << "; |x - true| / |true| = " << error
                  << ", of the scaled cross-correlation " << correlated << '\n';
        std::vector<double> picture;
        for (index_t r = 0; r < receivers; ++r)
            for (index_t t = samples / 2; t < samples; ++t)
                picture.push_back(whole.data()[t * receivers + r]);
        io::write_picture("deconvolution_mdd.png", picture.data(), receivers, samples - samples / 2,
                          {.title = "multi-dimensional deconvolution",
                           .x = {.step = spacing, .label = "receiver", .unit = "m"},
                           .z = {.step = interval, .label = "time", .unit = "s"},
                           .colors = io::ColorMap::grey});
    }
    return reached < 1e-2 && error < 0.5 * correlated ? 0 : 1;
}
