/// The two factors of a windowed sinc: what resampling and interpolation weigh samples with.
#pragma once

#include <cmath>
#include <numbers>

namespace lop {

inline double sinc(double x) {
    if (x == 0) return 1;
    const double a = std::numbers::pi * x;
    return std::sin(a) / a;
}

/// The Kaiser window of beta 8 on [-1, 1].
inline double kaiser(double u) {
    constexpr double beta = 8;
    if (std::abs(u) >= 1) return 0;
    return std::cyl_bessel_i(0.0, beta * std::sqrt(1 - u * u)) / std::cyl_bessel_i(0.0, beta);
}

}  // namespace lop
