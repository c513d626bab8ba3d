/// Which bands a curvelet transform has, and how far each can be thinned out.
#pragma once

#include <lop/operators/curvelets.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace lop::curvelets {

/// Extents as the kernels count them: always three, an image has one sample along the first.
using Extents = std::array<index_t, 3>;

inline index_t volume(const Extents& n) { return n[0] * n[1] * n[2]; }

struct Layout {
    Extents samples{1, 1, 1};
    Extents padded{1, 1, 1};
    int first_axis = 0;  // of those that the array has: 1 of an image
    int finest = 1;      // the number of the finest scale
    double overlap = 0;
    bool directional_finest = true;
    std::vector<int> wedges{};      // of scales 1, 2, ...; none of one without directions
    std::vector<index_t> across{};  // their angular_step
    std::vector<CurveletBand> bands{};
    index_t coefficients = 0;

    bool directional(int scale) const {
        return scale > 0 && (scale < finest || directional_finest);
    }
    int wedges_of(int scale) const { return wedges[static_cast<std::size_t>(scale - 1)]; }
    int rank() const { return 3 - first_axis; }
    /// The place among three of an axis that the array counts.
    std::size_t place(int axis) const {
        return static_cast<std::size_t>(axis) + static_cast<std::size_t>(first_axis);
    }
    /// How many times the box of a scale is smaller than that of the finest one.
    index_t times_smaller(int scale) const { return index_t{1} << std::max(0, finest - scale); }
    Shape padded_shape() const;
};

/// Throws ArgumentError, as CurveletTransform says. `two_sided`: both signs of frequencies have
/// bands of their own.
Layout layout_of(const Shape& shape, const CurveletOptions& options, bool two_sided);

/// Samples between neighbouring curvelets across their wedge, at the finest scale: as many as keep a
/// sampled wedge from meeting itself, and twice as many for twice the wedges where that does too. 0
/// where wedges of this overlap alias however close they stand.
index_t angular_step(int wedges, double overlap);

}  // namespace lop::curvelets
