/// Finite-difference coefficients of even order and the time step they can carry.
#pragma once

#include <array>

namespace lop::wave {

/// Radius of the widest stencil; the order is twice the radius.
inline constexpr int max_radius = 8;

/// Centred differences of order 2 * radius on a grid of unit spacing:
///
///     (D1 u)(i) = sum_j first[j]  (u(i + j) - u(i - j)),                          j = 1 .. radius,
///     (D2 u)(i) = second[0] u(i) + sum_j second[j] (u(i + j) + u(i - j)).
///
///     (D+ u)(i + 1/2) = sum_j staggered[j] (u(i + j) - u(i + 1 - j)).
///
/// first[0] and staggered[0] are zero. On a grid of spacing h divide `first` and `staggered` by h, `second` by h^2.
struct Stencil {
    int radius = 0;
    std::array<double, max_radius + 1> first{};
    std::array<double, max_radius + 1> second{};
    std::array<double, max_radius + 1> staggered{};
};

/// The coefficients of Taylor's expansion (Fornberg 1988) for order 2, 4, .. 16.
/// Throws ArgumentError for another order.
Stencil taylor_stencil(int order);

/// Largest eigenvalue of -D2 at unit spacing: its symbol at the Nyquist wavenumber.
double nyquist_symbol(const Stencil& stencil);

/// The longest stable step of  u[n+1] = 2 u[n] - u[n-1] + (v dt)^2 Lap u[n],  in s:
///
///     dt_max = 2 / (v_max sqrt(sum_k lambda / h_k^2)),      lambda = nyquist_symbol.
///
/// `spacing` in m, its first `dimension` entries are read; `velocity_max` in m/s.
double stable_time_step(int order, int dimension, const std::array<double, 3>& spacing,
                        double velocity_max);

}  // namespace lop::wave
