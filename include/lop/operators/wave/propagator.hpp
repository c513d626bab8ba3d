/// The wave equation's solver and the points where it is driven and recorded.
#pragma once

#include <lop/algebra/nodes.hpp>
#include <lop/operators/wave/medium.hpp>
#include <lop/operators/wave/options.hpp>
#include <lop/seismic/geometry.hpp>

#include <memory>
#include <optional>
#include <string>

namespace lop {

namespace wave {
template <class T> class Engine;
template <class T> struct PlacedGeometry;
template <class T> struct ShotWorkspace;
}  // namespace wave

/// F: the solution of a wave equation for a source everywhere in space and time, per shot. Of acoustic waves
///
///     u[n+1] = 2 u[n] - u[n-1] + (dt^2/m) (Lap u[n] + s[n] / (V dt)),   u[0] = u[-1] = 0,
///
/// s a measure (V is the volume of a cell): what the transpose of sampling puts on the grid.
/// domain = range = wavefields[shots x steps x grid with layers], scattered over shots.
/// By itself F has no time axis and no shots; it gets them from the projections it is multiplied
/// with: Pr * F * Ps.H() is one fused Modeling that never stores a wavefield. `bound` makes it an
/// operator of its own, for wavefields small enough to be held.
/// Throws StabilityError for a time step above the stability limit and for a grid too coarse for
/// max_frequency, ArgumentError for a space order that does not exist.
template <Scalar T = float> class Propagator : public OperatorExpression<Propagator<T>> {
 public:
    using domain_type = DistributedSpace<T>;
    using range_type = DistributedSpace<T>;

    explicit Propagator(WaveMedium<T> medium, PropagatorOptions options = {});

    const WaveMedium<T>& medium() const { return medium_; }
    const PropagatorOptions& options() const { return options_; }
    std::string label() const { return "F"; }

    /// The step of a propagation whose data are sampled every `interval` s: options().time_step,
    /// or the largest below courant * limit that the interval is a multiple of (or that is a
    /// multiple of the interval).
    double time_step(double interval) const;
    /// The longest stable step, in s.
    double stability_limit() const;
    /// Steps between kept ones for a step of dt (History::every resolved).
    index_t comb(const History& history, double dt) const;

    /// The same with shots and steps, so that it acts on wavefields by itself.
    Propagator bound(const Geometry& shots, const TimeAxis& steps) const;
    bool is_bound() const { return wavefields_.has_value(); }
    /// Throws GeometryError unless bound.
    const DistributedSpace<T>& domain() const;
    const DistributedSpace<T>& range() const { return domain(); }
    const TimeAxis& steps() const { return steps_; }
    void forward(const DistributedArray<T>& source, DistributedArray<T>& field) const;
    void adjoint(const DistributedArray<T>& field, DistributedArray<T>& source) const;

    /// The engine for steps of dt. `layer_velocity` in m/s fixes the layers' profiles; 0: from the
    /// model's fastest point.
    std::shared_ptr<const wave::Engine<T>> engine(double dt, double layer_velocity = 0) const;
    /// The engine of its steps, once bound. Throws GeometryError unless bound.
    const wave::Engine<T>& bound_engine() const;
    Propagator with(WaveMedium<T> medium) const;

 private:
    WaveMedium<T> medium_;
    PropagatorOptions options_;
    TimeAxis steps_{};
    std::optional<DistributedSpace<T>> wavefields_;
    std::shared_ptr<const wave::Engine<T>> engine_;
    std::shared_ptr<ScratchPool<wave::ShotWorkspace<T>>> workspaces_;
};

template <Scalar T> Propagator(Acoustic<T>, PropagatorOptions) -> Propagator<T>;

/// P: samples wavefields at points, between grid points by interpolation, and resamples the
/// series to the geometry's time axis (ResamplingKernel). P.H() puts the samples of traces into
/// the field as measures: Diracs in space and time, band-limited.
/// range = traces of the geometry. The domain, wavefields, is that of the propagator it is
/// multiplied with; `bound` to one, it is an operator of its own.
template <Scalar T = float> class Projection : public OperatorExpression<Projection<T>> {
 public:
    using domain_type = DistributedSpace<T>;
    using range_type = DistributedSpace<T>;

    explicit Projection(Geometry points, ProjectionOptions options = {});

    const Geometry& points() const { return points_; }
    const ProjectionOptions& options() const { return options_; }
    std::string label() const { return "P"; }

    /// The same with wavefields: those of a bound propagator.
    Projection bound(const Propagator<T>& propagator) const;
    /// Throws GeometryError unless bound.
    const DistributedSpace<T>& domain() const;
    const DistributedSpace<T>& range() const { return traces_; }
    void forward(const DistributedArray<T>& field, DistributedArray<T>& traces) const;
    void adjoint(const DistributedArray<T>& traces, DistributedArray<T>& field) const;

 private:
    Geometry points_;
    ProjectionOptions options_;
    DistributedSpace<T> traces_;
    std::shared_ptr<const Propagator<T>> propagator_;
    std::shared_ptr<const wave::PlacedGeometry<T>> placed_;
};

}  // namespace lop
