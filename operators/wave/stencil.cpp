/// Closed forms of the centred finite-difference coefficients, and the CFL limit.
#include "operators/wave/stencil.hpp"

#include <lop/core/error.hpp>

#include <cmath>
#include <string>

namespace lop::wave {

Stencil taylor_stencil(int order) {
    if (order < 2 || order > 2 * max_radius || order % 2 != 0) {
        throw ArgumentError{
            "a finite-difference stencil of order " + std::to_string(order),
            {.expected = "an even order from 2 to " + std::to_string(2 * max_radius),
             .found = std::to_string(order)}};
    }
    Stencil s;
    s.radius = order / 2;
    // (R!)^2 / ((R - j)! (R + j)!) by its recurrence in j, exact enough at every order.
    double ratio = 1;
    for (int j = 1; j <= s.radius; ++j) {
        ratio *= static_cast<double>(s.radius - j + 1) / (s.radius + j);
        const double sign = j % 2 == 1 ? 1 : -1;
        s.first[j] = sign * ratio / j;
        s.second[j] = 2 * sign * ratio / (static_cast<double>(j) * j);
        s.second[0] -= 2 * s.second[j];
    }
    // (-1)^(j+1) / (2 (j - 1/2)) * product over k != j of (k - 1/2)^2 / |(k - 1/2)^2 - (j - 1/2)^2|
    for (int j = 1; j <= s.radius; ++j) {
        const double own = (j - 0.5) * (j - 0.5);
        double weight = (j % 2 == 1 ? 1 : -1) / (2 * (j - 0.5));
        for (int k = 1; k <= s.radius; ++k) {
            const double other = (k - 0.5) * (k - 0.5);
            if (k != j) weight *= other / std::abs(other - own);
        }
        s.staggered[j] = weight;
    }
    return s;
}

double nyquist_symbol(const Stencil& stencil) {
    double symbol = -stencil.second[0];
    for (int j = 1; j <= stencil.radius; ++j)
        symbol -= 2 * stencil.second[j] * (j % 2 == 0 ? 1 : -1);
    return symbol;
}

double stable_time_step(int order, int dimension, const std::array<double, 3>& spacing,
                        double velocity_max) {
    if (dimension != 2 && dimension != 3) {
        throw ArgumentError{"a stable time step in " + std::to_string(dimension) + " dimensions",
                            {.expected = "2 or 3", .found = std::to_string(dimension)}};
    }
    if (!(velocity_max > 0) || !std::isfinite(velocity_max)) {
        throw ModelError{
            "a stable time step for the velocity " + number_words(velocity_max) + " m/s",
            {.expected = "a positive, finite velocity"}};
    }
    const double lambda = nyquist_symbol(taylor_stencil(order));
    double sum = 0;
    for (int k = 0; k < dimension; ++k) {
        if (!(spacing[k] > 0) || !std::isfinite(spacing[k])) {
            throw ArgumentError{
                "a stable time step on a grid of spacing " + number_words(spacing[k]) + " m",
                {.expected = "a positive, finite spacing"}};
        }
        sum += lambda / (spacing[k] * spacing[k]);
    }
    return 2 / (velocity_max * std::sqrt(sum));
}

}  // namespace lop::wave
