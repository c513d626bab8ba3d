/// Checks apertures and adds up their points.
#include "apertures.hpp"

#include <lop/core/error.hpp>

#include <cmath>
#include <map>
#include <string>

namespace lop::wave {
namespace {

bool is_sound(const Aperture& aperture) {
    const bool fits =
        aperture.weights.empty() || aperture.weights.size() == aperture.offsets.size();
    if (aperture.offsets.empty() || !fits) return false;
    for (const Point& p : aperture.offsets)
        if (!std::isfinite(p.x + p.y + p.z)) return false;
    for (const double weight : aperture.weights)
        if (!std::isfinite(weight)) return false;
    return true;
}

}  // namespace

void check_apertures(const std::vector<Aperture>& apertures, const Geometry& geometry) {
    const auto count = static_cast<index_t>(apertures.size());
    if (count > 1 && count != geometry.trace_count())
        throw ArgumentError{
            std::to_string(count) + " apertures",
            {.expected = "none, one for all points, or one for each of the " +
                         std::to_string(geometry.trace_count()) + " traces of the geometry"}};
    for (const Aperture& aperture : apertures)
        if (!is_sound(aperture))
            throw ArgumentError{
                "an aperture",
                {.expected = "one offset at least, as many weights or none, all of them finite",
                 .found = std::to_string(aperture.offsets.size()) + " offsets and " +
                          std::to_string(aperture.weights.size()) + " weights"}};
}

void check_apertures_inside(const std::vector<Aperture>& apertures, const Geometry& geometry,
                            const Grid& grid, const char* what) {
    if (apertures.empty()) return;
    for (const Aperture& aperture : apertures)
        for (const Point& offset : aperture.offsets)
            if (grid.dimension() == 2 && offset.y != 0)
                throw GeometryError{std::string{"the aperture of a "} + what,
                                    {.expected = "offsets along x and z, as the model has no y",
                                     .found = "one of " + number_words(offset.y) + " m along y"}};
    std::vector<std::vector<Point>> outside;
    for (index_t shot = 0; shot < geometry.shot_count(); ++shot) {
        auto& points = outside.emplace_back();
        index_t trace = geometry.first_trace(shot);
        for (const Point& place : geometry.points(shot))
            for (const Point& point : points_at(*aperture_of(apertures, trace++), place))
                if (!grid.contains(point)) points.push_back(point);
    }
    Geometry{std::move(outside), geometry.time(), geometry.communicator(), geometry.shares()}
        .check_inside(grid, (std::string{"point of the aperture of a "} + what).c_str());
}

const Aperture* aperture_of(const std::vector<Aperture>& apertures, index_t trace) {
    if (apertures.empty()) return nullptr;
    return &apertures[apertures.size() == 1 ? 0 : static_cast<std::size_t>(trace)];
}

std::vector<Point> points_at(const Aperture& aperture, const Point& place) {
    std::vector<Point> points;
    for (const Point& offset : aperture.offsets)
        points.push_back({place.x + offset.x, place.y + offset.y, place.z + offset.z});
    return points;
}

void append_sum(PointSet& points, const PointSet& several, const Aperture& aperture) {
    std::map<index_t, double> weights;
    for (index_t p = 0; p < several.size(); ++p) {
        const double share = aperture.weights.empty()
                                 ? 1 / static_cast<double>(several.size())
                                 : aperture.weights[static_cast<std::size_t>(p)];
        for (index_t e = several.begins[p]; e < several.begins[p + 1]; ++e)
            weights[several.indices[e]] += share * several.weights[e];
    }
    for (const auto& [index, weight] : weights) {
        points.indices.push_back(index);
        points.weights.push_back(weight);
    }
    points.begins.push_back(static_cast<index_t>(points.indices.size()));
}

}  // namespace lop::wave
