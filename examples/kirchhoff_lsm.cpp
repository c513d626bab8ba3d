/// Least-squares Kirchhoff migration: shots over ranks, every rank with the whole image and the travel
/// times of its own sources. The adjoint is a migration; the inversion also takes the wavelet and the
/// acquisition out of it.
// Run: mpirun -n 2 ./kirchhoff_lsm
// Run: mpirun -n 3 ./kirchhoff_lsm
//
// More shots make it a job for more ranks, here 40 times as many: mpirun -n 64 ./kirchhoff_lsm 40
#include "argument.hpp"
#include "gallery/panels.hpp"
#include <lop/core/units.hpp>
#include <lop/distributed/blocks.hpp>
#include <lop/operators/kirchhoff.hpp>
#include <lop/seismic/wavelet.hpp>
#include <lop/solvers/cgls.hpp>

#include <cmath>
#include <iostream>

using namespace lop;

namespace {

constexpr double velocity = 2000, spacing = 10;
constexpr index_t stations = 60;
const Grid grid{{121, 81}, {spacing, spacing}, {0, 100}};
const TimeAxis time_axis{320, 4_ms};

std::vector<double> wavelet_samples() {
    std::vector<double> samples;
    for (int k = -20; k <= 20; ++k) samples.push_back(ricker(20_Hz, 0)(k * time_axis.interval));
    return samples;
}

/// Three layers with a dip, and a few diffractors between them.
void draw_reflectivity(Array<double>& m) {
    const auto [nx, nz] = std::pair{m.shape()[0], m.shape()[1]};
    m.fill(0);
    for (const auto& [depth, dip, strength] :
         {std::tuple{15.0, 0.05, 1.0}, {38.0, -0.08, -0.8}, {55.0, 0.12, 0.6}})
        for (index_t i = 0; i < nx; ++i)
            m(i, std::lround(depth + dip * static_cast<double>(i))) = strength;
    for (index_t point = 1; point <= 4; ++point) m(point * nx / 5, nz / 3) = 2;
}

/// What a migration reaches at best, all dips lit alike: there a layer is the autocorrelation of the
/// wavelet in depth, z = velocity t / 2. Its correlation with the layer, one cell thick.
double correlation_of_a_migration() {
    const auto value = ricker(20_Hz, 0);
    const auto at = [&](double lag) {
        double sum = 0;
        for (double t = -0.2; t < 0.2; t += 5e-4) sum += value(t) * value(t + lag);
        return sum;
    };
    double squares = 0;
    for (int k = -20; k <= 20; ++k) squares += std::pow(at(2 * spacing * k / velocity), 2);
    return at(0) / std::sqrt(squares);
}

}  // namespace

int main(int argc, char** argv) {
    const Session session{argc, argv};
    const auto world = session.world();
    const index_t shots = 24 * argument(argc, argv, "times 24 shots", 1);
    const auto mine = Partition::balanced(shots, world.size());
    const double last = grid.last(0);
    const auto all = line_of_points({0, 0, 0}, {last, 0, 0}, shots);
    const auto first = all.begin() + mine.first(world.rank());
    const Kirchhoff<double> of_this_rank{
        {grid, {first, first + mine.count(world.rank())}, velocity},
        {grid, line_of_points({0, 0, 0}, {last, 0, 0}, stations), velocity},
        time_axis,
        {.wavelet = wavelet_samples(), .center = 20}};
    const LinearOperator auto K = vstack(world, of_this_rank.domain(), of_this_rank.shots());

    auto truth = K.domain().zeros();
    draw_reflectivity(truth.local());
    const DistributedArray<double> clean = K * truth;
    const auto random = K.range().random(7);
    const DistributedArray<double> noise = (0.05 * norm(clean) / norm(random)) * random;
    const DistributedArray<double> d = clean + noise;

    // Until the data are fitted as well as they are known (Morozov 1966), and no further.
    const double known = norm(noise);
    const auto solution = cgls(K, d, {.iterations = 100, .monitor = [=](const Iteration& i) {
                                          return i.residual > 1.05 * known;
                                      }});
    const DistributedArray<double> migrated = K.H() * d;

    const auto correlation = [&](const auto& x) { return dot(x, truth) / (norm(x) * norm(truth)); };
    const DistributedArray<double> modelled = K * migrated;
    const double scale = dot(modelled, d) / norm2(modelled);
    const double size = norm(d);
    const double misfits[] = {norm(scale * modelled - d) / size, solution.last().residual / size};
    const double correlations[] = {correlation(migrated), correlation(solution.x)};
    const double best = correlation_of_a_migration();
    if (session.root()) {
        std::cout << "|K x - d| / |d|: migration, scaled, " << misfits[0] << ", inversion "
                  << misfits[1] << " after " << solution.iterations << " iterations, noise "
                  << known / size << '\n'
                  << "correlation with the truth: migration " << correlations[0] << ", inversion "
                  << correlations[1] << "; of any migration at best " << best << '\n';
        const auto panel = [](const DistributedArray<double>& x) {
            return Array<double>{(1 / norm_inf(x.local())) * x.local()};
        };
        draw_panels("kirchhoff_lsm.png", {panel(truth), panel(migrated), panel(solution.x)},
                    {.title = "reflectivity, migration, least-squares migration",
                     .x = {.step = spacing, .label = "distance", .unit = "m"},
                     .z = {.start = grid.origin(1), .step = spacing, .label = "depth", .unit = "m"},
                     .colors = io::ColorMap::grey,
                     .percentile = 99});
    }
    return misfits[1] <= 1.05 * known / size && correlations[1] > best &&
                   correlations[1] > correlations[0]
               ? 0
               : 1;
}
