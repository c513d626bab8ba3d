/// Transducers and arrays of a finite size, as points with weights.
#pragma once

#include <lop/core/grid.hpp>

#include <vector>

namespace lop {

/// A source or receiver at x that is spread over space: it records  sum_k weights[k] u(x + offsets[k]),  and drives
/// offset k with the share weights[k] of its strength. Offsets in m; without weights the mean: equal ones of sum one.
/// Two-dimensional models know no y: there offsets along it are refused.
struct Aperture {
    std::vector<Point> offsets{};
    std::vector<double> weights{};
};

/// The mean over the line from -span/2 to span/2, by the midpoints of `count` equal pieces. As for the others:
/// the wave sees a continuous aperture where points lie no further apart than a cell, and the strength of a source
/// does not depend on its size (k-Wave's, of a given velocity of the surface, grows with the measure of that).
/// Throws ArgumentError for an aperture of no size or no points.
Aperture line_aperture(Point span, index_t count);

/// The mean over the rectangle (a piston) that two edges span, centred, by the midpoints of count x other_count equal
/// pieces. The edges may be askew, not parallel.
Aperture rectangular_aperture(Point edge, index_t count, Point other_edge, index_t other_count);

/// The mean over a disc (a piston) across `normal`, of any length, by 4 rings^2 points of equal weight: ring i of as
/// many of equal width holds 4 (2 i + 1) of them, at the radius at which the mean of the squared radius is exact.
Aperture disc_aperture(double diameter, Point normal, index_t rings);

}  // namespace lop
