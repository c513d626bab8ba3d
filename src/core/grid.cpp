/// Extents, grids and time axes: checks and words.
#include <lop/core/grid.hpp>

#include <lop/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <complex>
#include <sstream>

namespace lop {

Shape::Shape(std::initializer_list<index_t> extents)
    : Shape{std::span<const index_t>{extents.begin(), extents.size()}} {}

Shape::Shape(std::span<const index_t> extents) : rank_{static_cast<int>(extents.size())} {
    if (rank_ > max_rank)
        throw ArgumentError{"a shape with " + counted(rank_, "axis", "axes"),
                            {.expected = "at most " + std::to_string(max_rank) + " axes"}};
    for (int axis = 0; axis < rank_; ++axis) {
        const index_t extent = extents[static_cast<std::size_t>(axis)];
        if (extent < 0)
            throw ArgumentError{
                "a shape with a negative extent",
                {.found = std::to_string(extent) + " along axis " + std::to_string(axis)}};
        extents_[static_cast<std::size_t>(axis)] = extent;
    }
    // The bytes of the widest scalar must be countable; an empty axis hides no overflow.
    index_t bytes = sizeof(std::complex<double>);
    for (int axis = 0; axis < rank_; ++axis)
        if (__builtin_mul_overflow(bytes, std::max<index_t>((*this)[axis], 1), &bytes))
            throw ArgumentError{"a shape of " + str() + " values",
                                {.expected = "a number of bytes below 2^63"}};
}

index_t Shape::size() const { return product(0, rank_); }

index_t Shape::product(int first, int last) const {
    index_t count = 1;
    for (int axis = first; axis < last; ++axis) count *= (*this)[axis];
    return count;
}

Shape Shape::with(int axis, index_t extent) const {
    Shape other = *this;
    other.extents_[static_cast<std::size_t>(axis)] = extent;
    return other;
}

std::string Shape::str() const {
    std::string text;
    for (int axis = 0; axis < rank_; ++axis)
        text += (axis > 0 ? " x " : "") + std::to_string((*this)[axis]);
    return text;
}

bool Shape::operator==(const Shape& other) const {
    if (rank_ != other.rank_) return false;
    for (int axis = 0; axis < rank_; ++axis)
        if ((*this)[axis] != other[axis]) return false;
    return true;
}

Grid::Grid(Shape shape, std::span<const double> spacing, std::span<const double> origin)
    : shape_{shape} {
    const auto rank = static_cast<std::size_t>(shape.rank());
    if (rank < 2 || rank > 3 || spacing.size() != rank ||
        (!origin.empty() && origin.size() != rank))
        throw ArgumentError{
            "a grid from a shape, spacings and an origin",
            {.expected = "two axes (x, z) or three (x, y, z) in each",
             .found = std::to_string(rank) + " extents, " + std::to_string(spacing.size()) +
                      " spacings, " + std::to_string(origin.size()) + " origins"}};
    for (std::size_t axis = 0; axis < rank; ++axis) {
        if (shape[static_cast<int>(axis)] < 1 || !(spacing[axis] > 0) ||
            !std::isfinite(spacing[axis]))
            throw ArgumentError{"a grid of " + shape.str() + " points",
                                {.expected = "at least one point and a positive spacing in m "
                                             "along each axis",
                                 .found = "spacing " + number_words(spacing[axis]) +
                                          " m along axis " + std::to_string(axis)}};
        spacing_[axis] = spacing[axis];
        origin_[axis] = origin.empty() ? 0.0 : origin[axis];
    }
}

Grid::Grid(Shape shape, std::initializer_list<double> spacing, std::initializer_list<double> origin)
    : Grid{shape, std::span<const double>{spacing.begin(), spacing.size()},
           std::span<const double>{origin.begin(), origin.size()}} {}

double Grid::last(int axis) const {
    return origin(axis) + spacing(axis) * static_cast<double>(shape_[axis] - 1);
}

double Grid::coordinate(const Point& point, int axis) const {
    if (axis == 0) return point.x;
    return axis == dimension() - 1 ? point.z : point.y;
}

bool Grid::contains(const Point& point) const {
    for (int axis = 0; axis < dimension(); ++axis) {
        // A thousandth of a cell of tolerance: coordinates in files are rounded to integers.
        const double slack = 1e-3 * spacing(axis);
        const double at = coordinate(point, axis);
        if (!(at >= origin(axis) - slack && at <= last(axis) + slack)) return false;
    }
    return true;
}

std::string Grid::str() const {
    std::ostringstream text;
    text << shape_.str() << " points every ";
    for (int axis = 0; axis < dimension(); ++axis) text << (axis > 0 ? " x " : "") << spacing(axis);
    text << " m";
    return text.str();
}

std::string TimeAxis::str() const {
    std::ostringstream text;
    text << samples << " samples every " << interval * 1e3 << " ms";
    if (start != 0) text << " from " << start << " s";
    return text.str();
}

}  // namespace lop
