/// Weights over the model as sources of wavefields that are held.
#include "setup.hpp"
#include <lop/core/error.hpp>
#include <lop/operators/wave/extended.hpp>

#include <string>
#include <vector>

namespace lop {
namespace {

/// The same shots with a source each at the grid's first point.
Geometry at_first_point(const Grid& grid, const Geometry& shots) {
    Point first{grid.origin(0), 0, grid.origin(grid.dimension() - 1)};
    if (grid.dimension() == 3) first.y = grid.origin(1);
    std::vector<std::vector<Point>> points;
    for (index_t shot = 0; shot < shots.shot_count(); ++shot) {
        if (shots.points(shot).size() != 1)
            throw GeometryError{"the wavelets of sources over a model",
                                {.expected = "one for each shot",
                                 .found = std::to_string(shots.points(shot).size()) + " of shot " +
                                          std::to_string(shot)}};
        points.push_back({first});
    }
    return {std::move(points), shots.time(), shots.communicator(), shots.shares()};
}

template <Scalar T>
DistributedSpace<T> weights_of(const Grid& grid, const Geometry& shots, Partition partition) {
    std::vector<index_t> extents{shots.shot_count()};
    for (int axis = 0; axis < grid.dimension(); ++axis) extents.push_back(grid.shape()[axis]);
    return {"weights", Shape{std::span<const index_t>{extents}}, shots.communicator(),
            std::move(partition)};
}

/// f(place in the field, place in the weights, sample) for every point of the model at every step of this rank's
/// shots.
template <Scalar T, class F>
void for_each_point(const Propagator<T>& propagator, const Geometry& shots,
                    const DistributedArray<T>& wavelets, const F& f) {
    const Grid& grid = propagator.medium().grid();
    const wave::Engine<T>& engine = propagator.bound_engine();
    const auto padded = engine.padded_extents();
    const auto before = engine.padding_before();
    const bool planar = grid.dimension() == 2;
    const index_t length = grid.shape()[grid.dimension() - 1];
    const index_t rows = grid.size() / length;
    const index_t across = planar ? 1 : grid.shape()[1];
    const std::size_t z = planar ? 1 : 2;
    const ResamplingKernel<T> kernel{propagator.steps(), shots.time()};
    std::vector<T> series(static_cast<std::size_t>(kernel.from_samples()));
    for (index_t shot = 0; shot < shots.last_shot() - shots.first_shot(); ++shot) {
        kernel.adjoint(wavelets.data() + shot * kernel.to_samples(), series.data());
        for (index_t n = 0; n < kernel.from_samples(); ++n)
            for (index_t row = 0; row < rows; ++row) {
                const index_t x = row / across + before[0];
                const index_t line = planar ? x : x * padded[1] + row % across + before[1];
                const index_t field =
                    (shot * kernel.from_samples() + n) * engine.padded_size() + line * padded[z];
                for (index_t i = 0; i < length; ++i)
                    f(field + before[z] + i, (shot * rows + row) * length + i,
                      series[static_cast<std::size_t>(n)]);
            }
    }
}

}  // namespace

template <Scalar T>
WaveletProjection<T>::WaveletProjection(const Grid& grid, const Geometry& shots,
                                        const DistributedArray<T>& wavelets,
                                        WaveletProjectionOptions options)
    : WaveletProjection{grid, shots, wavelets, std::move(options), shots.shares()} {}

template <Scalar T>
WaveletProjection<T>::WaveletProjection(const WaveMedium<T>& medium, const Geometry& shots,
                                        const DistributedArray<T>& wavelets,
                                        WaveletProjectionOptions options)
    : WaveletProjection{medium.grid(), shots, wavelets, std::move(options),
                        wave::shares_of_grids(medium, shots, 1)} {}

template <Scalar T>
WaveletProjection<T>::WaveletProjection(const Grid& grid, const Geometry& shots,
                                        const DistributedArray<T>& wavelets,
                                        WaveletProjectionOptions options, Partition weights)
    : grid_{grid},
      points_{at_first_point(grid, shots), {.quantity = std::move(options.quantity)}},
      wavelets_{std::make_shared<const DistributedArray<T>>(wavelets)},
      weights_{weights_of<T>(grid, shots, std::move(weights))} {
    if (!points_.range().contains(wavelets))
        throw SpaceError{"the wavelets of sources over a model",
                         {.expected = points_.range().describe(), .found = wavelets.describe()}};
}

template <Scalar T>
WaveletProjection<T> WaveletProjection<T>::bound(const Propagator<T>& propagator) const {
    check_grid(propagator.medium().grid());
    if (!(weights_.partition() == points_.points().shares()))
        throw SpaceError{"weights over a model that ranks share, and wavefields that are held",
                         {.expected = "weights of whole models",
                          .found = weights_.describe(),
                          .remedy = "WaveletProjection{grid, shots, wavelets}"}};
    WaveletProjection other = *this;
    other.points_ = points_.bound(propagator);
    other.propagator_ = std::make_shared<const Propagator<T>>(propagator);
    return other;
}

template <Scalar T> void WaveletProjection<T>::check_grid(const Grid& grid) const {
    if (grid == grid_) return;
    throw GeometryError{"a source over a model of another grid",
                        {.expected = grid.str(), .found = grid_.str()}};
}

template <Scalar T> void WaveletProjection<T>::forward(const DistributedArray<T>& field,
                                                       DistributedArray<T>& weights) const {
    weights.fill(T{});
    const T* from = field.data();
    T* to = weights.data();
    for_each_point(*propagator_, points_.points(), *wavelets_,
                   [=](index_t at, index_t weight, T sample) { to[weight] += sample * from[at]; });
}

template <Scalar T> void WaveletProjection<T>::adjoint(const DistributedArray<T>& weights,
                                                       DistributedArray<T>& field) const {
    field.fill(T{});
    const T* from = weights.data();
    T* to = field.data();
    for_each_point(*propagator_, points_.points(), *wavelets_,
                   [=](index_t at, index_t weight, T sample) { to[at] = sample * from[weight]; });
}

template class WaveletProjection<float>;
template class WaveletProjection<double>;

}  // namespace lop
