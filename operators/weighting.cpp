/// The weights of mutes and scalings.
#include <lop/operators/weighting.hpp>

#include <lop/core/error.hpp>

#include <cmath>
#include <numbers>

namespace lop {
namespace {

/// 0 below 0, 1 above 1, sin^2 in between.
double rise(double u) {
    if (!(u > 0)) return 0;
    if (u >= 1) return 1;
    const double s = std::sin(0.5 * std::numbers::pi * u);
    return s * s;
}

double ramp(double distance, double taper) {
    if (taper > 0) return rise(distance / taper);
    return distance >= 0 ? 1 : 0;
}

void refuse_unless(bool good, const char* what, const char* expected, double found) {
    if (!good) throw ArgumentError{what, {.expected = expected, .found = number_words(found)}};
}

template <Scalar T>
DistributedArray<T> mute_weights(const Acquisition& geometry, const DataMuteOptions& options) {
    refuse_unless(std::isfinite(options.velocity) && options.velocity > 0, "DataMute: the velocity",
                  "a positive velocity, m/s", options.velocity);
    refuse_unless(std::isfinite(options.delay), "DataMute: the delay", "a finite time, s",
                  options.delay);
    refuse_unless(std::isfinite(options.taper) && options.taper >= 0, "DataMute: the taper",
                  "0 s or more", options.taper);
    const Geometry& receivers = geometry.receivers;
    if (!(geometry.sources.shares() == receivers.shares()))
        throw GeometryError{
            "DataMute: sources and receivers have unlike shots",
            {.expected = std::to_string(receivers.shot_count()) + " shots of sources, shared alike",
             .found = std::to_string(geometry.sources.shot_count()) + " shots"}};
    const TimeAxis& time = receivers.time();
    auto weights = receivers.space<T>().uninitialized();
    T* w = weights.data();
    for (index_t shot = receivers.first_shot(); shot < receivers.last_shot(); ++shot) {
        const auto& sources = geometry.sources.points(shot);
        if (sources.empty())
            throw GeometryError{"DataMute: shot " + std::to_string(shot) + " has no source",
                                {.expected = "a source point to count offsets from"}};
        for (const Point& point : receivers.points(shot)) {
            const double offset =
                std::hypot(point.x - sources[0].x, point.y - sources[0].y, point.z - sources[0].z);
            const double onset = offset / options.velocity + options.delay;
            for (index_t i = 0; i < time.samples; ++i)
                *w++ = static_cast<T>(ramp(
                    time.start + time.interval * static_cast<double>(i) - onset, options.taper));
        }
    }
    return weights;
}

/// A weight that depends on the depth below the first row alone.
template <Scalar T, class Weight>
DistributedArray<T> depth_weights(const Grid& grid, const Communicator& communicator,
                                  const Weight& weight) {
    DistributedSpace<T> space{"image", grid.shape(), communicator};
    auto weights = space.uninitialized();
    const index_t nz = grid.shape()[grid.dimension() - 1];
    for (index_t i = 0; i < weights.size(); ++i)
        weights.data()[i] =
            static_cast<T>(weight(grid.depth_spacing() * static_cast<double>(i % nz)));
    return weights;
}

template <Scalar T>
DistributedArray<T> scaling_weights(const Grid& grid, const DepthScalingOptions& options,
                                    const Communicator& communicator) {
    refuse_unless(std::isfinite(options.power) && options.power >= 0, "DepthScaling: the power",
                  "0 or more", options.power);
    const int axis = grid.dimension() - 1;
    const double deepest = grid.last(axis) - grid.origin(axis);
    return depth_weights<T>(grid, communicator, [&](double z) {
        return std::pow(deepest > 0 ? z / deepest : 1, options.power);
    });
}

template <Scalar T>
DistributedArray<T> top_weights(const Grid& grid, double depth, const TopMuteOptions& options,
                                const Communicator& communicator) {
    refuse_unless(std::isfinite(depth), "TopMute: the depth", "a finite depth, m", depth);
    refuse_unless(std::isfinite(options.taper) && options.taper >= 0, "TopMute: the taper",
                  "0 m or more", options.taper);
    const double top = grid.origin(grid.dimension() - 1);
    return depth_weights<T>(grid, communicator,
                            [&](double z) { return ramp(z + top - depth, options.taper); });
}

}  // namespace

template <Scalar T>
DataMute<T>::DataMute(const Acquisition& geometry, const DataMuteOptions& options)
    : Diagonal<DistributedSpace<T>>{mute_weights<T>(geometry, options), "DataMute"} {}

template <Scalar T>
DepthScaling<T>::DepthScaling(const Grid& grid, const DepthScalingOptions& options,
                              const Communicator& communicator)
    : Diagonal<DistributedSpace<T>>{scaling_weights<T>(grid, options, communicator),
                                    "DepthScaling"} {}

template <Scalar T>
TopMute<T>::TopMute(const Grid& grid, double depth, const TopMuteOptions& options,
                    const Communicator& communicator)
    : Diagonal<DistributedSpace<T>>{top_weights<T>(grid, depth, options, communicator), "TopMute"} {
}

template class DataMute<float>;
template class DataMute<double>;
template class DepthScaling<float>;
template class DepthScaling<double>;
template class TopMute<float>;
template class TopMute<double>;

}  // namespace lop
