/// Weights along one axis: of the value between grid points, and of the derivative there.
#pragma once

#include <lop/core/scalar.hpp>
#include <lop/operators/wave/options.hpp>

#include <array>

namespace lop::wave {

/// The sum of weights[j] * u(first + j), j = 0 .. count - 1, on an axis that has no ends.
struct AxisStencil {
    index_t first = 0;
    int count = 0;
    std::array<double, 9> weights{};
};

/// The value at `position`, in cells from point 0. On a grid point (to 1e-6 of a cell) it is the value there; the
/// weights sum to one.
AxisStencil interpolation_weights(double position, Interpolation interpolation);

/// The derivative by the position, per cell, of the linear interpolant or of the windowed sinc (Hicks 2002); on a
/// grid point of linear ones the mean of both sides. Exact for constants and for slopes.
AxisStencil derivative_weights(double position, Interpolation interpolation);

}  // namespace lop::wave
