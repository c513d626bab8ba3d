/// Extents of arrays, regular grids in space, and axes in time.
#pragma once

#include <lop/core/scalar.hpp>

#include <array>
#include <initializer_list>
#include <span>
#include <string>

namespace lop {

/// The extents of a dense array, slowest axis first: Shape{12, 250} is 12 rows of 250 values.
class Shape {
 public:
    static constexpr int max_rank = 6;

    Shape() = default;
    /// Throws ArgumentError for more than max_rank axes, negative extents, and more values than
    /// memory can ever hold.
    Shape(std::initializer_list<index_t> extents);
    explicit Shape(std::span<const index_t> extents);

    int rank() const { return rank_; }
    index_t operator[](int axis) const { return extents_[static_cast<std::size_t>(axis)]; }
    /// The number of values: the product of the extents, 1 for a shape without axes.
    index_t size() const;
    /// The product of the extents from axis `first` up to, and without, axis `last`.
    index_t product(int first, int last) const;
    /// The same shape with another extent along one axis.
    Shape with(int axis, index_t extent) const;
    /// "12 x 250"
    std::string str() const;

    bool operator==(const Shape& other) const;

 private:
    std::array<index_t, max_rank> extents_{};
    int rank_ = 0;
};

/// A place in metres; z points down. Models in two dimensions ignore y.
struct Point {
    double x = 0;
    double y = 0;
    double z = 0;
    bool operator==(const Point&) const = default;
};

/// A regular grid of points in two (x, z) or three (x, y, z) dimensions; z is the fastest axis.
/// Point (i, k) lies at origin + (i * dx, k * dz). Spacings and origins in metres.
class Grid {
 public:
    Grid() = default;
    /// Two axes (x, z) or three (x, y, z), in the order of `shape`; a missing origin is zero.
    /// Throws ArgumentError for other ranks, empty axes and spacings that are not positive.
    Grid(Shape shape, std::span<const double> spacing, std::span<const double> origin = {});
    Grid(Shape shape, std::initializer_list<double> spacing,
         std::initializer_list<double> origin = {});

    int dimension() const { return shape_.rank(); }
    const Shape& shape() const { return shape_; }
    index_t size() const { return shape_.size(); }
    double spacing(int axis) const { return spacing_[static_cast<std::size_t>(axis)]; }
    double origin(int axis) const { return origin_[static_cast<std::size_t>(axis)]; }
    double last(int axis) const;
    /// The spacing along z, the last axis.
    double depth_spacing() const { return spacing(dimension() - 1); }
    /// The coordinate of `point` along `axis`.
    double coordinate(const Point& point, int axis) const;
    bool contains(const Point& point) const;
    /// "300 x 150 points every 10 x 10 m"
    std::string str() const;

    bool operator==(const Grid& other) const = default;

 private:
    Shape shape_{};
    std::array<double, 3> spacing_{};
    std::array<double, 3> origin_{};
};

/// Regular samples in time: sample i lies at start + i * interval, in seconds.
struct TimeAxis {
    index_t samples = 0;
    double interval = 0;
    double start = 0;

    /// The time of the last sample.
    double last() const { return start + interval * static_cast<double>(samples - 1); }
    /// "501 samples every 4 ms"
    std::string str() const;
    bool operator==(const TimeAxis&) const = default;
};

}  // namespace lop
