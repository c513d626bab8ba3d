/// What the operators on top of the engine share: points placed on its grid, resampling kernels,
/// and workspaces that are used again.
#pragma once

#include "shot.hpp"
#include <lop/distributed/communication.hpp>
#include <lop/operators/resampling.hpp>
#include <lop/operators/wave/options.hpp>
#include <lop/seismic/geometry.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace lop::wave {

/// The memory of one shot's run: wavefields, and traces at the propagation's step. It waits in a
/// pool for the next shot, so that a run after the first allocates nothing.
template <class T> struct ShotWorkspace {
    Workspace<T> fields;
    std::vector<T> driven;
    std::vector<T> recorded;
    std::vector<T> image;
};

/// The points of one shot as sums of grid points of the engine's padded grid.
template <class T>
PointSet place_points(const AcousticEngine<T>& engine, const Grid& grid,
                      const std::vector<Point>& points, lop::Interpolation interpolation);

/// Sources or receivers of this rank's shots on an engine's grid and time axis.
template <class T> struct PlacedGeometry {
    PlacedGeometry(const Geometry& geometry, lop::Interpolation interpolation,
                   const AcousticEngine<T>& engine, const Grid& grid, const TimeAxis& steps);

    /// The points of a shot of this rank.
    const PointSet& shot(index_t shot) const {
        return points[static_cast<std::size_t>(shot - geometry.first_shot())];
    }
    /// The offset of a shot's traces in a local array of traces.
    index_t trace_offset(index_t shot) const {
        return geometry.first_trace(shot) - geometry.first_trace(geometry.first_shot());
    }
    /// series[points x steps] = W' traces, and traces = W series.
    void to_steps(index_t shot, const T* traces, std::vector<T>& series) const;
    void from_steps(index_t shot, const std::vector<T>& series, T* traces) const;

    Geometry geometry;
    std::vector<PointSet> points;
    ResamplingKernel<T> kernel;
};

/// A workspace from the pool until the end of the scope.
template <class T>
Scratch<ShotWorkspace<T>> lease(const std::shared_ptr<ScratchPool<ShotWorkspace<T>>>& pool) {
    return {pool, [] { return ShotWorkspace<T>{}; }};
}

template <class T> struct ShotSetup {
    std::shared_ptr<const AcousticEngine<T>> engine;
    TimeAxis steps;
    PlacedGeometry<T> sources;
    PlacedGeometry<T> receivers;
    std::shared_ptr<ScratchPool<ShotWorkspace<T>>> workspaces;
    std::shared_ptr<typename OrderedSum<T>::Pool> images;
    std::function<void(index_t)> after_shot;
};

}  // namespace lop::wave
