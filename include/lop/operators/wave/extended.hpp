/// Sources that fill the model: weights over the grid times a known wavelet, as in JUDI's judiLRWF and judiWeights.
#pragma once

#include <lop/distributed/communication.hpp>
#include <lop/operators/wave/modeling.hpp>

#include <memory>
#include <string>

namespace lop {

struct WaveletProjectionOptions {
    std::string quantity{};  ///< that the source drives, as for Projection; empty: the first one
};

/// Pw: projects wavefields on a wavelet for each shot, at every point x of the model,
///
///     lambda(x) = sum_n s[n] u[n](x),    s = the wavelet resampled to the steps, as Projection resamples it.
///
/// Pw.H() turns weights into a source all over the model, s[n] lambda(x): the sum over grid points of point sources
/// of strength lambda(x), measures as everywhere. (JUDI's weights are densities: lambda is those times the volume of
/// a cell.) Layers around the model hold no source. Of quantities on points between grid points ("force x") lambda(x)
/// belongs to the point that follows x.
///
/// range = weights[shots x grid], scattered over shots, and over x among ranks that share them. The domain, wavefields, is
/// that of the propagator it is multiplied with; `bound` to one, it is an operator of its own. Pr * F * Pw.H() is one fused
/// ExtendedModeling that stores no wavefield.
template <Scalar T = float>
class WaveletProjection : public OperatorExpression<WaveletProjection<T>> {
 public:
    using domain_type = DistributedSpace<T>;
    using range_type = DistributedSpace<T>;

    /// `wavelets`: a trace for each shot, samples as point_sources(shots, wavelet) makes them; where the points of
    /// `shots` lie counts for nothing. Throws GeometryError unless every shot has one trace, SpaceError for wavelets
    /// of another geometry.
    WaveletProjection(const Grid& grid, const Geometry& shots, const DistributedArray<T>& wavelets,
                      WaveletProjectionOptions options = {});
    /// The same over a medium's grid. Of a medium that ranks share (WaveMedium::over) each rank of a shot has the
    /// weights of its own planes: they are scattered over shots and over x. Throws GeometryError for shots on another
    /// process grid.
    WaveletProjection(const WaveMedium<T>& medium, const Geometry& shots,
                      const DistributedArray<T>& wavelets, WaveletProjectionOptions options = {});

    const Grid& grid() const { return grid_; }
    const DistributedArray<T>& wavelets() const { return *wavelets_; }
    std::string label() const { return "Pw"; }

    /// The same with wavefields: those of a bound propagator. Throws SpaceError for weights that are scattered over x.
    WaveletProjection bound(const Propagator<T>& propagator) const;
    /// Throws GeometryError unless bound.
    const DistributedSpace<T>& domain() const { return points_.domain(); }
    const DistributedSpace<T>& range() const { return weights_; }
    void forward(const DistributedArray<T>& field, DistributedArray<T>& weights) const;
    void adjoint(const DistributedArray<T>& weights, DistributedArray<T>& field) const;

    /// The same shots with a point source each, of the same quantity, at the grid's first point.
    const Projection<T>& at_points() const { return points_; }
    /// Throws GeometryError for another grid.
    void check_grid(const Grid& grid) const;

 private:
    WaveletProjection(const Grid& grid, const Geometry& shots, const DistributedArray<T>& wavelets,
                      WaveletProjectionOptions options, Partition weights);

    Grid grid_;
    Projection<T> points_;
    std::shared_ptr<const DistributedArray<T>> wavelets_;
    DistributedSpace<T> weights_;
    std::shared_ptr<const Propagator<T>> propagator_;
};

/// M = Pr F Pw': weights over the model to recorded traces, shot by shot; the source is s[n] lambda(x). Exactly
/// adjoint: M' d is the sum over steps of s[n] times the adjoint field, layers and free surface included.
/// domain: weights[shots x grid]; range: traces of the receivers; both scattered over shots, and weights over x among the
/// ranks that share a shot. A shot takes the memory of a Modeling, and one number for each point of the model and each
/// field that the source drives; a step takes up to twice as long while the wavelet is not zero.
/// Throws GeometryError for a grid that is not the medium's, SpaceError for weights that are not shared out as the
/// medium is, and what Modeling throws.
template <Scalar T = float>
class ExtendedModeling : public Operator<ExtendedModeling<T>, DistributedSpace<T>> {
 public:
    ExtendedModeling(const Projection<T>& receivers, const Propagator<T>& propagator,
                     const WaveletProjection<T>& sources);

    std::string label() const { return "M"; }
    const WaveMedium<T>& medium() const { return at_points_.medium(); }
    const Propagator<T>& propagator() const { return at_points_.propagator(); }
    const WaveletProjection<T>& sources() const { return sources_; }
    const TimeAxis& steps() const { return at_points_.steps(); }
    /// The same discretisation in another medium.
    ExtendedModeling at(const DistributedArray<T>& parameters) const;

    void forward(const DistributedArray<T>& weights, DistributedArray<T>& d) const;
    void adjoint(const DistributedArray<T>& d, DistributedArray<T>& weights) const;

    /// The same shots with a point source each.
    const Modeling<T>& at_points() const { return at_points_; }
    /// Where ranks share shots: weights, to those that a rank fills.
    const std::shared_ptr<const Halo<T>>& filled() const { return filled_; }

 private:
    ExtendedModeling(Modeling<T> at_points, WaveletProjection<T> sources,
                     std::shared_ptr<const Halo<T>> filled);

    Modeling<T> at_points_;
    WaveletProjection<T> sources_;
    std::shared_ptr<const Halo<T>> filled_;
};

/// The Jacobian of m -> M(m) weights.
template <Scalar T>
Jacobian<T> jacobian(const ExtendedModeling<T>& modeling, const DistributedArray<T>& weights,
                     const History& history = {}) {
    return {modeling, weights, history};
}

// ---- fusion -----------------------------------------------------------------------------------

template <Scalar T> ExtendedModeling<T> compose(const Recording<T>& pf,
                                                const Adjoint<WaveletProjection<T>>& w) {
    return {pf.receivers(), pf.propagator(), w.inner()};
}
template <Scalar T> Driving<T, WaveletProjection<T>> compose(
    const Propagator<T>& f, const Adjoint<WaveletProjection<T>>& w) {
    return {f, w.inner()};
}
template <Scalar T>
ExtendedModeling<T> compose(const Projection<T>& p, const Driving<T, WaveletProjection<T>>& fw) {
    return {p, fw.propagator(), fw.sources()};
}
// The same products transposed: Pw F' Pr' is M'.
template <Scalar T>
auto compose(const WaveletProjection<T>& w, const Adjoint<Propagator<T>>& f) {
    return compose(f.inner(), w.H()).H();
}
template <Scalar T> auto compose(const Adjoint<Driving<T, WaveletProjection<T>>>& fw,
                                 const Adjoint<Projection<T>>& p) {
    return compose(p.inner(), fw.inner()).H();
}
template <Scalar T>
auto compose(const WaveletProjection<T>& w, const Adjoint<Recording<T>>& pf) {
    return compose(pf.inner(), w.H()).H();
}

}  // namespace lop
