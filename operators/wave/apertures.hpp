/// Sources and receivers of a finite size on the grid: their points, summed by weights.
#pragma once

#include "points.hpp"
#include <lop/seismic/geometry.hpp>

#include <vector>

namespace lop::wave {

/// Throws ArgumentError for apertures without points, with as many weights as not, with numbers that are not finite,
/// and for another count of them than none, one, or the traces of the geometry.
void check_apertures(const std::vector<Aperture>& apertures, const Geometry& geometry);

/// Throws GeometryError where a point of the aperture of a source or receiver (`what`) lies outside the grid, or
/// beside it in a third dimension.
void check_apertures_inside(const std::vector<Aperture>& apertures, const Geometry& geometry,
                            const Grid& grid, const char* what);

/// The aperture of a trace; null: a point.
const Aperture* aperture_of(const std::vector<Aperture>& apertures, index_t trace);

/// The points of an aperture at a place.
std::vector<Point> points_at(const Aperture& aperture, const Point& place);

/// Appends one point: the sum of several by an aperture's weights. Grid points that they share become one.
void append_sum(PointSet& points, const PointSet& several, const Aperture& aperture);

}  // namespace lop::wave
