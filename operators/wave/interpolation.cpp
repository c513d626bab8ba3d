/// Linear and Kaiser-windowed sinc interpolation, and their derivatives.
#include "interpolation.hpp"

#include <cmath>
#include <numbers>

namespace lop::wave {
namespace {

constexpr double half_width = 4;

double sinc(double x) {
    const double phase = std::numbers::pi * x;
    return phase == 0 ? 1 : std::sin(phase) / phase;
}

/// b of the window is the optimum of Hicks (2002, table 1) for half-width 4 and wavenumbers up to pi/2 a cell.
double windowed_sinc(double x) {
    constexpr double b = 6.31;
    const double inside = 1 - (x / half_width) * (x / half_width);
    if (inside <= 0) return 0;
    const double window = std::cyl_bessel_i(0.0, b * std::sqrt(inside)) / std::cyl_bessel_i(0.0, b);
    return window * sinc(x);
}

/// With the optimum for dipoles (table 2) and d/dz I0(z) = I1(z).
double derivative_of_windowed_sinc(double x) {
    constexpr double b = 6.42;
    const double inside = 1 - (x / half_width) * (x / half_width);
    if (x == 0 || inside <= 0) return 0;
    const double root = std::sqrt(inside);
    const double at_centre = std::cyl_bessel_i(0.0, b);
    const double window = std::cyl_bessel_i(0.0, b * root) / at_centre;
    const double window_slope =
        -b * x / (half_width * half_width * root) * std::cyl_bessel_i(1.0, b * root) / at_centre;
    const double sinc_slope = (std::cos(std::numbers::pi * x) - sinc(x)) / x;
    return window_slope * sinc(x) + window * sinc_slope;
}

bool is_on_grid(double position) { return std::abs(position - std::round(position)) < 1e-6; }

/// The least change of the weights after which constants have no derivative and j has that of one.
void make_exact_on_slopes(AxisStencil& stencil) {
    const double middle = 0.5 * (stencil.count - 1);
    double sum = 0;
    for (int j = 0; j < stencil.count; ++j) sum += stencil.weights[j];
    double slope = 0;
    double square = 0;
    for (int j = 0; j < stencil.count; ++j) {
        stencil.weights[j] -= sum / stencil.count;
        slope += stencil.weights[j] * (j - middle);
        square += (j - middle) * (j - middle);
    }
    for (int j = 0; j < stencil.count; ++j)
        stencil.weights[j] += (1 - slope) * (j - middle) / square;
}

}  // namespace

AxisStencil interpolation_weights(double position, Interpolation interpolation) {
    if (is_on_grid(position)) return {static_cast<index_t>(std::round(position)), 1, {1}};
    const int half = interpolation == Interpolation::linear ? 1 : 4;
    AxisStencil stencil{static_cast<index_t>(std::floor(position)) - half + 1, 2 * half};
    double sum = 0;
    for (int j = 0; j < stencil.count; ++j) {
        const double x = position - static_cast<double>(stencil.first + j);
        stencil.weights[j] = half == 1 ? 1 - std::abs(x) : windowed_sinc(x);
        sum += stencil.weights[j];
    }
    for (int j = 0; j < stencil.count; ++j) stencil.weights[j] /= sum;
    return stencil;
}

AxisStencil derivative_weights(double position, Interpolation interpolation) {
    const bool on_grid = is_on_grid(position);
    if (on_grid) position = std::round(position);
    const index_t below = static_cast<index_t>(std::floor(position));
    if (interpolation == Interpolation::linear)
        return on_grid ? AxisStencil{below - 1, 3, {-0.5, 0, 0.5}} : AxisStencil{below, 2, {-1, 1}};
    // On a grid point the ends of the window are two of the points.
    AxisStencil stencil{below - (on_grid ? 4 : 3), on_grid ? 9 : 8};
    for (int j = 0; j < stencil.count; ++j)
        stencil.weights[j] =
            derivative_of_windowed_sinc(position - static_cast<double>(stencil.first + j));
    make_exact_on_slopes(stencil);
    return stencil;
}

}  // namespace lop::wave
