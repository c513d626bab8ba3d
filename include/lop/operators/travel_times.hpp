/// Travel times, and amplitudes, from points to the places of an image.
#pragma once

#include <lop/core/array.hpp>
#include <lop/core/grid.hpp>

#include <memory>
#include <vector>

namespace lop {

/// How an amplitude falls with the distance r in metres from its point.
enum class Spreading {
    none,              ///< 1
    inverse_root,      ///< 1 / sqrt(r): waves of lines, in two dimensions
    inverse_distance,  ///< 1 / r: waves of points, in three
};

struct TravelTimeOptions {
    Spreading spreading = Spreading::none;
    double least_distance = 0;  ///< m; shorter ones count as this. 0: the grid's smallest spacing
};

/// A table for every point of a list: the time in seconds that a wave takes from it to each place of an
/// image, and its amplitude there, 1 unless told. A table serves all pairs that its point is in, so
/// that s sources and r receivers have s + r tables, not s r. Copies share one state.
template <Scalar R>
    requires(!is_complex<R>)
class TravelTimes {
 public:
    /// Along straight rays: time(x) = |x - point| / velocity, velocity in m/s. The points need not lie
    /// in the grid; in two dimensions their y is ignored. Throws ArgumentError for velocities that are
    /// not positive, points that are not finite and least distances below zero.
    TravelTimes(const Grid& image, const std::vector<Point>& points, double velocity,
                const TravelTimeOptions& options = {});
    /// Of first arrivals in a medium of velocities in m/s at the places of the image, by the eikonal
    /// equation, to first order in the spacings (operators/eikonal.hpp); spreading by straight
    /// distances. While it is made, 16 bytes a place for each thread. Throws as above, ArgumentError for another shape and velocities that are not
    /// positive, and GeometryError for points outside the grid.
    TravelTimes(const Grid& image, const std::vector<Point>& points, const Array<R>& velocity,
                const TravelTimeOptions& options = {});
    /// As given: [points x extents of the image]; an infinite time says that nothing arrives. Amplitudes
    /// have the same extents; without axes they are 1. Throws ArgumentError for arrays without axes of
    /// an image, other extents, times that are negative or NaN, and amplitudes that are not finite.
    explicit TravelTimes(Array<R> times, Array<R> amplitudes = {});

    index_t points() const { return count_; }
    const Shape& image() const { return tables_->image; }
    /// The tables of one of the points: the image's values, in its order.
    const R* times(index_t point) const { return of(tables_->times, point); }
    /// Null where all amplitudes are 1.
    const R* amplitudes(index_t point) const {
        return tables_->amplitudes.shape().rank() == 0 ? nullptr : of(tables_->amplitudes, point);
    }
    /// The tables of one point, shared.
    TravelTimes point(index_t which) const;

 private:
    struct Tables {
        Shape image;
        Array<R> times, amplitudes;
    };
    const R* of(const Array<R>& table, index_t point) const {
        return table.data() + (first_ + point) * tables_->image.size();
    }
    std::shared_ptr<const Tables> tables_;
    index_t first_ = 0;
    index_t count_ = 0;
};

}  // namespace lop
