/// Points of equal weight over lines, rectangles and discs.
#include <lop/seismic/aperture.hpp>

#include <lop/core/error.hpp>

#include <cmath>
#include <numbers>
#include <string>

namespace lop {
namespace {

Point operator*(double a, const Point& p) { return {a * p.x, a * p.y, a * p.z}; }
Point operator+(const Point& p, const Point& q) { return {p.x + q.x, p.y + q.y, p.z + q.z}; }
Point cross(const Point& p, const Point& q) {
    return {p.y * q.z - p.z * q.y, p.z * q.x - p.x * q.z, p.x * q.y - p.y * q.x};
}
double length(const Point& p) { return std::hypot(p.x, p.y, p.z); }

void refuse_unless(bool sound, const char* what, const char* expected, const std::string& found) {
    if (!sound) throw ArgumentError{what, {.expected = expected, .found = found}};
}

void check_count(const char* what, index_t count) {
    constexpr index_t most = 10'000;
    refuse_unless(count >= 1 && count <= most, what, "1 to 10000 pieces", std::to_string(count));
}

void check_size(const char* what, double size) {
    refuse_unless(size > 0 && std::isfinite(size), what, "a positive, finite size",
                  number_words(size));
}

/// The middle of piece i of `count`, in shares of the whole, from its centre.
double middle(index_t i, index_t count) {
    return static_cast<double>(2 * i + 1 - count) / static_cast<double>(2 * count);
}

}  // namespace

Aperture line_aperture(Point span, index_t count) {
    check_size("the span of a line aperture", length(span));
    check_count("a line aperture", count);
    Aperture line;
    for (index_t i = 0; i < count; ++i) line.offsets.push_back(middle(i, count) * span);
    return line;
}

Aperture rectangular_aperture(Point edge, index_t count, Point other_edge, index_t other_count) {
    check_size("an edge of a rectangular aperture", length(edge));
    check_size("an edge of a rectangular aperture", length(other_edge));
    check_size("the area of a rectangular aperture", length(cross(edge, other_edge)));
    check_count("a rectangular aperture", count);
    check_count("a rectangular aperture", other_count);
    Aperture rectangle;
    for (index_t i = 0; i < count; ++i)
        for (index_t j = 0; j < other_count; ++j)
            rectangle.offsets.push_back(middle(i, count) * edge +
                                        middle(j, other_count) * other_edge);
    return rectangle;
}

Aperture disc_aperture(double diameter, Point normal, index_t rings) {
    check_size("the diameter of a disc aperture", diameter);
    check_size("the normal of a disc aperture", length(normal));
    check_count("a disc aperture", rings);
    // Two directions across the normal: from the axis that is the least along it.
    const double x = std::abs(normal.x), y = std::abs(normal.y), z = std::abs(normal.z);
    const Point least = x <= y && x <= z ? Point{1, 0, 0}
                        : y <= z         ? Point{0, 1, 0}
                                         : Point{0, 0, 1};
    Point first = cross(normal, least);
    first = (1 / length(first)) * first;
    Point second = cross(normal, first);
    second = (1 / length(second)) * second;
    Aperture disc;
    const double width = diameter / 2 / static_cast<double>(rings);
    for (index_t ring = 0; ring < rings; ++ring) {
        const double inner = width * static_cast<double>(ring);
        const double radius = std::hypot(inner, inner + width) / std::numbers::sqrt2;
        const index_t count = 4 * (2 * ring + 1);
        for (index_t i = 0; i < count; ++i) {
            const double angle =
                2 * std::numbers::pi * (static_cast<double>(i) + 0.5) / static_cast<double>(count);
            disc.offsets.push_back(radius * std::cos(angle) * first +
                                   radius * std::sin(angle) * second);
        }
    }
    return disc;
}

}  // namespace lop
