/// What the operators on top of the engine share: points placed on its grid, resampling kernels,
/// and workspaces that are used again.
#pragma once

#include "shot.hpp"
#include <lop/distributed/communication.hpp>
#include <lop/operators/resampling.hpp>
#include <lop/operators/wave/medium.hpp>
#include <lop/operators/wave/options.hpp>
#include <lop/seismic/geometry.hpp>

#include <functional>
#include <memory>
#include <optional>
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

/// Sources drive, receivers record.
enum class Side { source, receiver };

/// The source or receiver of an equation by name, the first one for an empty name. Throws ArgumentError for a name
/// that it does not have, listing those that it has.
const Port& port_of(const Physics& physics, Side side, const std::string& quantity);

/// The same with its derivative along the axis that the options name. Throws ArgumentError for a derivative of one,
/// and along an axis that the model does not have.
Port port_for(const Physics& physics, Side side, const ProjectionOptions& options);

/// The points of one shot as sums of grid points of the engine's padded grid, on the fields of a port.
/// `first_trace`: that of the shot, to find apertures by.
template <class T>
PlacedPoints place_points(const Engine<T>& engine, const Grid& grid,
                          const std::vector<Point>& points, index_t first_trace, const Port& port,
                          const ProjectionOptions& options);

/// Sources or receivers of this rank's shots on an engine's grid and time axis.
template <class T> struct PlacedGeometry {
    PlacedGeometry(const Geometry& geometry, const ProjectionOptions& options, Side side,
                   const Engine<T>& engine, const Grid& grid, const TimeAxis& steps);

    /// The points of a shot of this rank.
    const PlacedPoints& shot(index_t shot) const {
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
    std::vector<PlacedPoints> points;
    ResamplingKernel<T> kernel;
};

/// A workspace from the pool until the end of the scope.
template <class T>
Scratch<ShotWorkspace<T>> lease(const std::shared_ptr<ScratchPool<ShotWorkspace<T>>>& pool) {
    return {pool, [] { return ShotWorkspace<T>{}; }};
}

/// Where ranks share a grid: gives each the planes beyond its own that an engine of a space order asks for.
template <class T>
std::optional<Halo<T>> planes_within_reach(const WaveMedium<T>& medium, int order);

/// How an array [shots x .. x grid] is shared out: over shots, and where ranks share the grid over its planes along x,
/// axis `axis` of the array. Throws GeometryError where ranks that share a shot are not those that share a medium.
template <class T>
Partition shares_of_grids(const WaveMedium<T>& medium, const Geometry& shots, int axis);

/// Gives each rank, of an array shared out like that, the planes beyond the cuts that it fills as well
/// (Layout::filled); null where every rank has the grid whole.
template <class T>
std::shared_ptr<const Halo<T>> filled_planes(const Engine<T>& engine,
                                             const DistributedSpace<T>& space, int axis);

/// An array with what a halo gives it besides, in the halo's own room; the array itself without one.
template <Scalar T> class Extended {
 public:
    Extended(const Halo<T>* halo, const DistributedArray<T>& x) : x_{&x} {
        if (!halo) return;
        room_.emplace(halo->range().scratch());
        halo->forward(x, **room_);
        x_ = &**room_;
    }
    Extended(const Extended&) = delete;
    Extended& operator=(const Extended&) = delete;
    const DistributedArray<T>& operator*() const { return *x_; }

 private:
    std::optional<Scratch<DistributedArray<T>>> room_;
    const DistributedArray<T>* x_;
};

/// The parts of an axis, one after the other.
std::vector<index_t> counts_of(const Cuts& cuts);

template <class T> struct ShotSetup {
    std::shared_ptr<const Engine<T>> engine;
    std::optional<Halo<T>> halo;  ///< of parameters and perturbations
    Communicator across;          ///< the ranks that hold the same part of an image
    Partition shots;              ///< over them
    TimeAxis steps;
    PlacedGeometry<T> sources;
    PlacedGeometry<T> receivers;
    std::shared_ptr<ScratchPool<ShotWorkspace<T>>> workspaces;
    std::shared_ptr<typename OrderedSum<T>::Pool> images;
    std::function<void(index_t)> after_shot;
    index_t shots_at_once = 1;
};

/// Runs `work(shot, workspace)`, which takes so many propagations, for each shot of this rank; an
/// error on any rank ends all.
template <Scalar T, class Work>
void for_each_shot(const ShotSetup<T>& setup, index_t propagations, const Work& work) {
    const Geometry& geometry = setup.sources.geometry;
    geometry.communicator().collectively([&] {
        auto workspace = lease(setup.workspaces);
        for (index_t shot = geometry.first_shot(); shot < geometry.last_shot(); ++shot) {
            work(shot, *workspace);
            if (setup.after_shot) setup.after_shot(propagations);
        }
    });
}

/// The same for as many shots at once as the setup says: `work(shot, workspace)` makes a run of each, and `run(runs)`
/// runs them; then `after(shot, workspace)`.
template <class Run, Scalar T, class Work, class Together, class After>
void for_each_batch(const ShotSetup<T>& setup, index_t propagations, const Work& work,
                    const Together& run, const After& after) {
    const Geometry& geometry = setup.sources.geometry;
    geometry.communicator().collectively([&] {
        List<std::optional<Scratch<ShotWorkspace<T>>>, most_sets> workspaces;
        List<Run, most_sets> runs;
        for (index_t first = geometry.first_shot(); first < geometry.last_shot();
             first += runs.count) {
            const index_t count = std::min(setup.shots_at_once, geometry.last_shot() - first);
            runs.count = 0;
            for (index_t i = 0; i < count; ++i) {
                if (workspaces.count == i) {
                    workspaces.items[i].emplace(lease(setup.workspaces));
                    ++workspaces.count;
                }
                runs.push(work(first + i, **workspaces.items[i]));
            }
            run(std::span<const Run>{runs.items, static_cast<std::size_t>(count)});
            for (index_t i = 0; i < count; ++i) {
                after(first + i, **workspaces.items[i]);
                if (setup.after_shot) setup.after_shot(propagations);
            }
        }
    });
}

template <class T> void resize_for(std::vector<T>& series, const PlacedPoints& points,
                                   index_t steps) {
    series.resize(static_cast<std::size_t>(points.size() * steps));
}

/// The run of a shot that `input` drives, which records into its workspace.
template <Scalar T>
ShotRun<T> recording(const ShotSetup<T>& s, index_t shot, ShotWorkspace<T>& w,
                     const Input<T>& input) {
    resize_for(w.recorded, s.receivers.shot(shot), s.steps.samples);
    return {&w.fields, input, {&s.receivers.shot(shot), w.recorded.data()}};
}

}  // namespace lop::wave
