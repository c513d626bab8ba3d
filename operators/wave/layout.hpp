/// What is asked of a propagation, and where the points of its grid lie in memory.
#pragma once

#include "domain.hpp"
#include <lop/operators/wave/kernels.hpp>
#include <lop/operators/wave/options.hpp>

#include <algorithm>
#include <array>
#include <vector>

namespace lop::wave {

/// Bytes; rows start on such lines, and lengths along z are whole ones.
inline constexpr index_t cache_line = 64;
constexpr index_t round_up(index_t n, index_t unit) { return (n + unit - 1) / unit * unit; }

/// A medium on a grid. Arrays per axis hold `dimension` entries: {x, z} or {x, y, z}.
struct Problem {
    int dimension = 2;
    std::array<index_t, 3> extents{};  ///< of the model grid
    std::array<double, 3> spacing{};   ///< m
    int order = 8;                     ///< of the space stencils: 2, 4, .. 16
    Pml layer{};
    bool is_sponge = false;          ///< the layer's cells are a sponge's, and its reflection
    double layer_velocity = 0;       ///< m/s, of the layers' profiles; 0: the model's largest
    bool free_surface = false;       ///< at the first z row, with images above it and no layer
    double dt = 0;                   ///< s
    std::vector<double> settings{};  ///< of the equation
    InstructionSet instructions = InstructionSet::best;
    int steps_at_once =
        0;  ///< 0: as it pays; -1: stage after stage; or so many, where the grid has room
    index_t tile_rows = 0;  ///< of tiles when steps run together; 0: as the cache allows
};

/// Cells of the layer at an end of an axis of the problem, {x, z} or {x, y, z}; none at a free surface.
index_t layer_width(const Problem& problem, int axis, bool at_end);

/// Throws ArgumentError for what no propagation can be made of.
void check(const Problem& problem);

/// Where the point (x, y, z) lies in a field (with margins) and in a frame (without). In two dimensions ny is
/// 1. The padded grid is the model with its layers around it; of one that ranks share, this rank's planes, from x = 0
/// on.
struct Layout {
    index_t nx = 0, ny = 1, nz = 0;
    index_t row = 0;           ///< nz rounded up to whole cache lines; pitch of the frames
    index_t field_pitch = 0;   ///< from row to row
    index_t plane_stride = 0;  ///< from x to x + 1 in fields
    index_t origin = 0;        ///< of (0, 0, 0) in fields
    index_t field_size = 0;
    index_t frame_size = 0;
    bool is_planar = true;    ///< two dimensions
    index_t all_planes = 0;   ///< of the padded grid on all ranks
    index_t first_plane = 0;  ///< among them, x = 0 here
    std::array<index_t, 3>
        model{};  ///< extents of the model per axis x, y, z; 1 for y in two dimensions
    std::array<index_t, 3> before{};  ///< cells of the padded grid before the model's first one
    std::array<index_t, 2> own{};     ///< planes of the model here: first, and one past the last
    std::array<index_t, 2> held{};    ///< the same with those within reach of the cuts
    std::array<std::array<index_t, 2>, 3>
        cells{};  ///< of the layers, at the first and the last end of an axis

    index_t field(index_t x, index_t y, index_t z) const {
        return origin + x * plane_stride + (is_planar ? 0 : y * field_pitch) + z;
    }
    index_t frame(index_t x, index_t y, index_t z) const { return (x * ny + y) * row + z; }
    index_t extent(int axis) const { return axis == 0 ? nx : axis == 1 ? ny : nz; }
    index_t size() const { return nx * ny * nz; }
    /// Points of some planes of the model.
    index_t size_of(const std::array<index_t, 2>& planes) const {
        return (planes[1] - planes[0]) * model[1] * model[2];
    }
    /// Of one parameter: points of an image, and of an array that coefficients are made of.
    index_t own_size() const { return size_of(own); }
    index_t held_size() const { return size_of(held); }
    /// Planes of the model that sources fill here: this rank's, and those beyond the cuts that stencils of a radius read.
    std::array<index_t, 2> filled(index_t radius) const {
        return {std::max<index_t>(own[0] - radius, 0), std::min(own[1] + radius, model[0])};
    }
    /// Whether the padded grid goes on beyond an end of axis x, on another rank.
    bool goes_on(bool at_end) const {
        return at_end ? first_plane + nx < all_planes : first_plane > 0;
    }
    /// Index in the model of the point that padded coordinate `i` repeats along an axis.
    index_t model_index(int axis, index_t i) const;
    /// The padded coordinates that repeat index `i` of the model along an axis: first, and one past the last.
    std::array<index_t, 2> copies(int axis, index_t i) const;
    bool operator==(const Layout&) const = default;
};

/// Planes of the model beyond a cut whose parameters a rank needs: for the coefficients of sources there.
constexpr index_t reach_of_parameters(int radius) { return radius + 1; }

/// `value_bytes`: 4 or 8. Throws ArgumentError where ranks share a grid that is too small for them.
Layout lay_out(const Problem& problem, int radius, index_t value_bytes, const Domain& domain = {});

}  // namespace lop::wave
