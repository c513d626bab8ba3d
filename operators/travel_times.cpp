/// Tables of travel times along straight rays, and the checks of those that are given.
#include <lop/operators/travel_times.hpp>

#include <lop/core/error.hpp>
#include <lop/core/parallel.hpp>

#include <algorithm>
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

void check_rays(const std::vector<Point>& points, double velocity,
                const TravelTimeOptions& options) {
    const std::string name = "TravelTimes";
    if (!(velocity > 0 && std::isfinite(velocity)))
        throw ArgumentError{name + " at " + number_words(velocity) + " m/s",
                            {.expected = "a positive velocity"}};
    for (std::size_t i = 0; i < points.size(); ++i)
        for (const double coordinate : {points[i].x, points[i].y, points[i].z})
            if (!std::isfinite(coordinate))
                throw ArgumentError{
                    name + " from point " + std::to_string(i),
                    {.expected = "finite coordinates", .found = number_words(coordinate)}};
    if (!(options.least_distance >= 0 && std::isfinite(options.least_distance)))
        throw ArgumentError{name + ": least distance",
                            {.expected = "metres, or 0 for the grid's smallest spacing",
                             .found = number_words(options.least_distance)}};
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
    : count_{static_cast<index_t>(points.size())} {
    check_rays(points, velocity, options);
    std::vector<index_t> extents{count_};
    double least = image.depth_spacing();
    for (int a = 0; a < image.dimension(); ++a) {
        extents.push_back(image.shape()[a]);
        least = std::min(least, image.spacing(a));
    }
    if (options.least_distance > 0) least = options.least_distance;
    const bool spreads = options.spreading != Spreading::none;
    Tables tables{.image = image.shape(),
                  .times = Array<R>::uninitialized(Shape{extents}, "times"),
                  .amplitudes = {}};
    if (spreads) tables.amplitudes = Array<R>::uninitialized(Shape{extents}, "amplitudes");
    for (index_t p = 0; p < count_; ++p) {
        const Point& point = points[static_cast<std::size_t>(p)];
        over_distances(image, point, tables.times.data() + p * image.size(),
                       [=](double r) { return r / velocity; });
        if (spreads)
            over_distances(
                image, point, tables.amplitudes.data() + p * image.size(), [&](double r) {
                    const double far = std::max(r, least);
                    return 1 /
                           (options.spreading == Spreading::inverse_root ? std::sqrt(far) : far);
                });
    }
    tables_ = std::make_shared<const Tables>(std::move(tables));
}

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
    TravelTimes one = *this;
    one.first_ += which;
    one.count_ = 1;
    return one;
}

template class TravelTimes<float>;
template class TravelTimes<double>;

}  // namespace lop
