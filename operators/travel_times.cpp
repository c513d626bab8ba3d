/// Tables of travel times: along straight rays, of first arrivals, and the checks of those that are given.
#include <lop/operators/travel_times.hpp>

#include "operators/eikonal.hpp"
#include <lop/core/error.hpp>
#include <lop/core/parallel.hpp>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cmath>
#include <string>

namespace lop {
namespace {

/// The distances from a point to all places of a grid, z fastest.
template <class R, class Value>
void over_distances(const Grid& grid, const Point& point, R* table, const Value& value) {
    const int z = grid.dimension() - 1;
    const index_t nz = grid.shape()[z];
    const index_t ny = z == 2 ? grid.shape()[1] : 1;
    const index_t rows = grid.shape().product(0, z);
    const auto along = [&](int axis, index_t i) {
        return grid.origin(axis) + static_cast<double>(i) * grid.spacing(axis) -
               grid.coordinate(point, axis);
    };
    [[maybe_unused]] const bool threaded = rows * nz >= parallel_threshold;
#pragma omp parallel for schedule(static) if (threaded)
    for (index_t row = 0; row < rows; ++row) {
        const double x = along(0, row / ny);
        const double y = z == 2 ? along(1, row % ny) : 0;
        for (index_t k = 0; k < nz; ++k) {
            const double depth = along(z, k);
            table[row * nz + k] = static_cast<R>(value(std::sqrt(x * x + y * y + depth * depth)));
        }
    }
}

void check_points(const std::vector<Point>& points) {
    for (std::size_t i = 0; i < points.size(); ++i)
        for (const double coordinate : {points[i].x, points[i].y, points[i].z})
            if (!std::isfinite(coordinate))
                throw ArgumentError{
                    "TravelTimes from point " + std::to_string(i),
                    {.expected = "finite coordinates", .found = number_words(coordinate)}};
}

/// Room for a table a point.
template <class R>
Array<R> tables_of(const Grid& image, const std::vector<Point>& points, const char* name) {
    std::vector<index_t> extents{std::ssize(points)};
    for (int a = 0; a < image.dimension(); ++a) extents.push_back(image.shape()[a]);
    return Array<R>::uninitialized(Shape{extents}, name);
}

template <class R> Array<R> straight_times(const Grid& image, const std::vector<Point>& points,
                                           double velocity) {
    if (!(velocity > 0 && std::isfinite(velocity)))
        throw ArgumentError{"TravelTimes at " + number_words(velocity) + " m/s",
                            {.expected = "a positive velocity"}};
    check_points(points);
    auto times = tables_of<R>(image, points, "times");
    R* table = times.data();
    for (const Point& point : points) {
        over_distances(image, point, table, [=](double r) { return r / velocity; });
        table += image.size();
    }
    return times;
}

/// The threads take one point after the other.
template <class R> Array<R> first_times(const Grid& image, const std::vector<Point>& points,
                                        const Array<R>& velocity) {
    const std::string name = "TravelTimes in a medium of velocities";
    if (!(velocity.shape() == image.shape()))
        throw ArgumentError{name,
                            {.expected = "a velocity for each place of " + image.str(),
                             .found = velocity.shape().str()}};
    check_points(points);
    for (std::size_t p = 0; p < points.size(); ++p)
        if (!image.contains(points[p]))
            throw GeometryError{
                name + ": point " + std::to_string(p) + " lies outside",
                {.expected = "a place in " + image.str(),
                 .found = "x " + number_words(points[p].x) + ", y " + number_words(points[p].y) +
                          ", z " + number_words(points[p].z) + " m"}};
    std::vector<double> slowness;
    for (index_t i = 0; i < velocity.size(); ++i) {
        const auto v = static_cast<double>(velocity[i]);
        if (!(v > 0 && std::isfinite(v)))
            throw ArgumentError{name,
                                {.expected = "positive ones",
                                 .found = number_words(v) + " m/s in place " + std::to_string(i)}};
        slowness.push_back(1 / v);
    }
    auto times = tables_of<R>(image, points, "times");
    const index_t count = std::ssize(points);
    std::vector<FirstArrivals> workers(
        static_cast<std::size_t>(std::min<index_t>(thread_count(), count)), FirstArrivals{image});
    std::atomic<index_t> next{0};
#pragma omp parallel for schedule(static, 1)
    for (index_t w = 0; w < std::ssize(workers); ++w)
        for (index_t p = next++; p < count; p = next++) {
            const auto& found = workers[static_cast<std::size_t>(w)].times(
                points[static_cast<std::size_t>(p)], slowness.data());
            std::transform(found.begin(), found.end(), times.data() + p * image.size(),
                           [](double t) { return static_cast<R>(t); });
        }
    return times;
}

template <class R> Array<R> spread(const Grid& image, const std::vector<Point>& points,
                                   const TravelTimeOptions& options) {
    if (!(options.least_distance >= 0 && std::isfinite(options.least_distance)))
        throw ArgumentError{"TravelTimes: least distance",
                            {.expected = "metres, or 0 for the grid's smallest spacing",
                             .found = number_words(options.least_distance)}};
    if (options.spreading == Spreading::none) return {};
    double least = options.least_distance;
    if (least == 0) {
        least = image.depth_spacing();
        for (int a = 0; a < image.dimension(); ++a) least = std::min(least, image.spacing(a));
    }
    const bool root = options.spreading == Spreading::inverse_root;
    auto amplitudes = tables_of<R>(image, points, "amplitudes");
    R* table = amplitudes.data();
    for (const Point& point : points) {
        over_distances(image, point, table, [=](double r) {
            const double distance = std::max(r, least);
            return 1 / (root ? std::sqrt(distance) : distance);
        });
        table += image.size();
    }
    return amplitudes;
}

/// The extents of one table in [points x image].
template <class R> Shape image_of(const Array<R>& times) {
    const Shape& shape = times.shape();
    if (shape.rank() < 2)
        throw ArgumentError{"TravelTimes of " + shape.str(),
                            {.expected = "an axis of points and those of an image"}};
    std::vector<index_t> extents;
    for (int a = 1; a < shape.rank(); ++a) extents.push_back(shape[a]);
    return Shape{extents};
}

/// Throws ArgumentError naming the first value that is not `good`.
template <class R, class Good>
void check_values(const char* what, const Array<R>& values, const char* expected,
                  const Good& good) {
    for (index_t i = 0; i < values.size(); ++i)
        if (!good(values[i]))
            throw ArgumentError{std::string{"TravelTimes: "} + what,
                                {.expected = expected,
                                 .found = number_words(static_cast<double>(values[i])) +
                                          " in place " + std::to_string(i)}};
}

}  // namespace

template <Scalar R>
    requires(!is_complex<R>)
TravelTimes<R>::TravelTimes(const Grid& image, const std::vector<Point>& points, double velocity,
                            const TravelTimeOptions& options)
    : TravelTimes{straight_times<R>(image, points, velocity), spread<R>(image, points, options)} {}

template <Scalar R>
    requires(!is_complex<R>)
TravelTimes<R>::TravelTimes(const Grid& image, const std::vector<Point>& points,
                            const Array<R>& velocity, const TravelTimeOptions& options)
    : TravelTimes{first_times(image, points, velocity), spread<R>(image, points, options)} {}

template <Scalar R>
    requires(!is_complex<R>)
TravelTimes<R>::TravelTimes(Array<R> times, Array<R> amplitudes) {
    const Shape image = image_of(times);
    if (amplitudes.shape().rank() > 0 && !(amplitudes.shape() == times.shape()))
        throw ArgumentError{"TravelTimes with amplitudes",
                            {.expected = "those of " + times.shape().str() + " times",
                             .found = amplitudes.shape().str()}};
    check_values("times", times, "seconds, zero or more", [](R t) { return t >= 0; });
    check_values("amplitudes", amplitudes, "finite ones", [](R a) { return std::isfinite(a); });
    count_ = times.shape()[0];
    tables_ =
        std::make_shared<const Tables>(Tables{image, std::move(times), std::move(amplitudes)});
}

template <Scalar R>
    requires(!is_complex<R>)
TravelTimes<R> TravelTimes<R>::point(index_t which) const {
    assert(which >= 0 && which < count_);
    TravelTimes one = *this;
    one.first_ += which;
    one.count_ = 1;
    return one;
}

template class TravelTimes<float>;
template class TravelTimes<double>;

}  // namespace lop
