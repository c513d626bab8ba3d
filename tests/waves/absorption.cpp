/// What the layers leave of the energy of elastic waves.
#include "support/analytic.hpp"
#include "support/modelled.hpp"
#include "support/series.hpp"

#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace lop;

namespace {

using namespace series;

constexpr double rho = 2000.0, lambda = rho * (2500.0 * 2500.0 - 2 * 1500.0 * 1500.0),
                 mu = rho * 1500.0 * 1500.0;
constexpr double h = 10.0, dt = 2e-3;  // m, s
constexpr int last = 60, steps = 1000;

/// A quantity at all points of the model at all steps; those half a cell after them where it lies there.
Traces everywhere(const char* driven, const char* recorded, double shift_x, double shift_z) {
    const Grid grid{Shape{last + 1, last + 1}, {h, h}};
    const auto constant = [&](double value) {
        Array<double> all{grid.shape()};
        std::fill_n(all.data(), all.size(), value);
        return all;
    };
    const Elastic<double> medium{grid, constant(2500), constant(1500), constant(rho),
                                 Communicator::self()};
    modelled::Shot shot{
        {{100, 0, 300}}, {analytic::measures(analytic::ricker(10, 0.2), dt, steps)}, {}};
    for (int i = 0; i < last; ++i)
        for (int k = 0; k < last; ++k)
            shot.receivers.push_back({h * (i + shift_x), 0, h * (k + shift_z)});
    return modelled::record<double>(medium, {}, {shot}, dt, steps,
                                    {{.quantity = driven}, {.quantity = recorded}});
}

/// rho v^2/2 and the energy of the strain, (sigma_xx e_xx + sigma_zz e_zz)/2 + sigma_xz e_xz, per step.
Series energy_of(const char* driven) {
    const Traces vx = everywhere(driven, "velocity x", 0.5, 0),
                 vz = everywhere(driven, "velocity z", 0, 0.5),
                 xx = everywhere(driven, "stress xx", 0, 0),
                 zz = everywhere(driven, "stress zz", 0, 0),
                 xz = everywhere(driven, "stress xz", 0.5, 0.5);
    Series energy(steps);
    for (std::size_t p = 0; p < vx.size(); ++p)
        for (std::size_t n = 0; n < energy.size(); ++n) {
            const double x = xx[p][n], z = zz[p][n], shear = xz[p][n];
            energy[n] += rho * (vx[p][n] * vx[p][n] + vz[p][n] * vz[p][n]) / 2 +
                         ((lambda + 2 * mu) * (x * x + z * z) - 2 * lambda * x * z) /
                             (8 * mu * (lambda + mu)) +
                         shear * shear / (2 * mu);
        }
    return energy;
}

}  // namespace

TEST_CASE("nothing is left of an elastic wave that has passed") {
    for (const char* driven : {"pressure", "force z"}) {
        const Series energy = energy_of(driven);
        const auto left_at = [&](double t) {
            return energy.at(static_cast<std::size_t>(std::lround(t / dt))) / largest(energy);
        };
        // The wavelet ends by 0.4 s, and the farthest corner is 0.39 s away for shear waves.
        MESSAGE(std::string{driven} << ": left of the energy " << left_at(0.8) << " at 0.8 s, "
                                    << left_at(1.99) << " at 2 s");
        CHECK(left_at(0.8) < 1e-7);
        CHECK(left_at(1.99) < 1e-12);
    }
}
