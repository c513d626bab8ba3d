/// Lays out the grid of a propagation.
#include "layout.hpp"

#include <lop/core/error.hpp>
#include <lop/core/grid.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace lop::wave {
namespace {

void refuse_if(bool wrong, const std::string& expected, const std::string& found) {
    if (wrong)
        throw ArgumentError{"a propagation of waves", {.expected = expected, .found = found}};
}

}  // namespace

index_t layer_width(const Problem& p, int axis, bool at_end) {
    if (p.free_surface && axis == p.dimension - 1 && !at_end) return 0;
    return p.layer.widths.empty()
               ? p.layer.cells
               : p.layer.widths[static_cast<std::size_t>(2 * axis + (at_end ? 1 : 0))];
}

void check(const Problem& p) {
    refuse_if(p.dimension != 2 && p.dimension != 3, "2 or 3 dimensions",
              std::to_string(p.dimension));
    for (std::size_t k = 0; k < static_cast<std::size_t>(p.dimension); ++k) {
        refuse_if(p.extents[k] < 1, "at least one point on every axis",
                  std::to_string(p.extents[k]) + " on axis " + std::to_string(k));
        refuse_if(!(p.spacing[k] > 0) || !std::isfinite(p.spacing[k]), "a positive, finite spacing",
                  number_words(p.spacing[k]) + " m on axis " + std::to_string(k));
    }
    refuse_if(!(p.dt > 0) || !std::isfinite(p.dt), "a positive, finite time step",
              number_words(p.dt) + " s");
    const Pml& layer = p.layer;
    constexpr index_t most_cells = 1'000'000;
    refuse_if(
        !layer.widths.empty() && layer.widths.size() != static_cast<std::size_t>(2 * p.dimension),
        "a width of the absorbing layer for each of " + std::to_string(2 * p.dimension) +
            " sides, or for none",
        std::to_string(layer.widths.size()));
    for (int axis = 0; axis < p.dimension; ++axis)
        for (const bool at_end : {false, true}) {
            const index_t cells = layer_width(p, axis, at_end);
            refuse_if(cells < 0 || cells > most_cells, "an absorbing layer of 0 to a million cells",
                      std::to_string(cells));
        }
    refuse_if(!(layer.reflection > 0 && layer.reflection < 1),
              "a reflection coefficient between 0 and 1", number_words(layer.reflection));
    refuse_if(!(layer.frequency >= 0) || !std::isfinite(layer.frequency),
              "a layer frequency of 0 Hz or more", number_words(layer.frequency) + " Hz");
}

index_t Layout::model_index(int axis, index_t i) const {
    const auto k = static_cast<std::size_t>(axis);
    return std::clamp<index_t>(i - before[k], 0, model[k] - 1);
}

std::array<index_t, 2> Layout::copies(int axis, index_t i) const {
    const auto k = static_cast<std::size_t>(axis);
    const index_t at = i + before[k];
    return {i == 0 ? 0 : at, i == model[k] - 1 ? extent(axis) : at + 1};
}

namespace {

/// This rank's planes. A layer with memory, and all within its reach, stays on one rank, and what is read across a cut
/// lies on the next rank.
void share_out(Layout& l, index_t planes, int radius, bool has_memory, const Domain& domain) {
    l.own = domain.own(l.model[0]);
    const index_t reach = reach_of_parameters(radius);
    l.held = {std::max<index_t>(l.own[0] - reach, 0), std::min(l.own[1] + reach, l.model[0])};
    l.all_planes = planes;
    l.first_plane = l.own[0] == 0 ? 0 : l.own[0] + l.before[0];
    const index_t last = l.own[1] == l.model[0] ? planes : l.own[1] + l.before[0];
    l.nx = last - l.first_plane;
    l.before[0] -= l.first_plane;
    if (!domain.is_cut()) return;
    auto& cells = l.cells[0];
    if (l.goes_on(false)) cells[0] = 0;
    if (l.goes_on(true)) cells[1] = 0;
    const index_t layers = has_memory ? cells[0] + cells[1] : 0;
    const index_t least = layers + (layers > 0 ? radius + 1 : radius);
    domain.together([&] {
        refuse_if(l.own[1] <= l.own[0] || l.nx < least,
                  "at least " + std::to_string(least) + " planes along x on rank " +
                      std::to_string(domain.ranks().rank()) + " of those that share a shot" +
                      (layers > 0 ? ", layer included" : ""),
                  std::to_string(l.nx) + " (fewer ranks for each shot, or other cuts)");
    });
}

}  // namespace

/// Rows start on cache lines. Their pitch is an odd number of lines, and so is that of the planes, which spreads
/// the 2 R + 1 rows and planes of a stencil over all sets of a cache.
Layout lay_out(const Problem& problem, int radius, index_t value_bytes, const Domain& domain) {
    Layout l;
    l.is_planar = problem.dimension == 2;
    l.model = {problem.extents[0], l.is_planar ? 1 : problem.extents[1],
               problem.extents[static_cast<std::size_t>(problem.dimension - 1)]};
    std::array<index_t, 3> n = l.model;
    for (std::size_t axis = 0; axis < 3; ++axis) {
        if (l.is_planar && axis == 1) continue;
        const int side = axis == 2 ? problem.dimension - 1 : static_cast<int>(axis);
        l.cells[axis] = {layer_width(problem, side, false), layer_width(problem, side, true)};
        if (problem.layer.inside) continue;
        l.before[axis] = l.cells[axis][0];
        n[axis] += l.cells[axis][0] + l.cells[axis][1];
    }
    const index_t line = cache_line / value_bytes;
    const index_t r = radius;
    // Refuses what cannot be counted, margins and rounding included, before it is multiplied.
    static_cast<void>(
        Shape{n[0] + 2 * r + 1, l.is_planar ? 1 : n[1] + 2 * r + 1, n[2] + 4 * line + 2 * r});
    share_out(l, n[0], radius, !problem.is_sponge, domain);
    l.ny = n[1];
    l.nz = n[2];
    l.row = round_up(l.nz, line);
    l.field_pitch = (round_up(std::max(l.row + r, l.nz + 2 * r), line) / line | 1) * line;
    l.plane_stride = l.is_planar ? l.field_pitch : ((l.ny + 2 * r) | 1) * l.field_pitch;
    l.origin = r * l.plane_stride + (l.is_planar ? 0 : r * l.field_pitch) + line;
    l.field_size = l.origin + (l.nx + r) * l.plane_stride + (l.is_planar ? 0 : r * l.field_pitch);
    l.frame_size = l.nx * l.ny * l.row;
    return l;
}

}  // namespace lop::wave
