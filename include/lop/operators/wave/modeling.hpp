/// Modelling and its Jacobian: the fused product Pr * F * Ps.H(), and Born modelling.
#pragma once

#include <lop/operators/wave/propagator.hpp>

#include <memory>
#include <string>

namespace lop {

namespace wave {
struct HistoryPlan;
template <class T> struct ShotSetup;
}  // namespace wave

template <Scalar T> class Jacobian;
template <Scalar T> class ExtendedModeling;

/// M = Pr F Ps': source traces to recorded traces, shot by shot, without a stored wavefield.
/// domain: traces of the sources; range: traces of the receivers; both scattered over shots.
/// A sample of q is a measure (lop/seismic/wavelet.hpp), so that M q solves
/// m u_tt - lap u = sum_s w_s(t) delta(x - x_s) in the unit that w implies.
/// Throws GeometryError for points outside the model and for unlike shots, and what Propagator
/// throws. A run that meets NaN, or grows beside what drives it by ten orders of
/// magnitude, ends on all ranks with StabilityError, which says when and where.
template <Scalar T = float>
class Modeling : public Operator<Modeling<T>, DistributedSpace<T>> {
 public:
    Modeling(const Projection<T>& receivers, const Propagator<T>& propagator,
             const Projection<T>& sources);

    std::string label() const { return "M"; }
    const WaveMedium<T>& medium() const { return propagator_.medium(); }
    const Propagator<T>& propagator() const { return propagator_; }
    /// The time axis of the propagation.
    const TimeAxis& steps() const;
    /// The same discretisation in another medium: M as a function of the parameters, for Taylor tests and
    /// inversions. Time step and layers stay as they are.
    Modeling at(const DistributedArray<T>& parameters) const;

    void forward(const DistributedArray<T>& q, DistributedArray<T>& d) const;
    void adjoint(const DistributedArray<T>& d, DistributedArray<T>& q) const;

    const std::shared_ptr<const wave::ShotSetup<T>>& setup() const { return setup_; }

 private:
    Modeling(Propagator<T> propagator, std::shared_ptr<const wave::ShotSetup<T>> setup);

    Propagator<T> propagator_;
    std::shared_ptr<const wave::ShotSetup<T>> setup_;
};

/// J = d(M(m) q)/dm at M's medium: Born modelling; its adjoint is migration.
///
///     du[n+1] = 2 du[n] - du[n-1] + c Lap du[n] - w[n] (dm/m) (u[n+1] - 2 u[n] + u[n-1]),
///
/// w[n] = every on the steps of the history's comb and 0 between them; with every = 1 it is the
/// exact derivative of the discrete M. domain: models, replicated; range: traces of the
/// receivers. The adjoint is exact for any comb, layers and free surface included, and sums the
/// shots in a fixed order. It keeps the forward field's increments of one shot at a time, all of them or
/// as many as History::memory holds, as they are or in fewer bits: then J has the rounded increments too, and stays the
/// exact transpose of its adjoint, though not the exact derivative (History::storage); or a few frequencies of them, and J is
/// the part of the derivative at these (History::frequencies); or a belt of them, and J is the derivative by the points inside
/// it, adjoint to the rounding of a field that runs backwards (History::reversal). Throws ArgumentError for a memory that holds none.
template <Scalar T = float>
class Jacobian : public Operator<Jacobian<T>, DistributedSpace<T>> {
 public:
    Jacobian(const Modeling<T>& modeling, const DistributedArray<T>& q,
             const History& history = {});
    /// Of a source over the whole model with these weights (extended.hpp).
    Jacobian(const ExtendedModeling<T>& modeling, const DistributedArray<T>& weights,
             const History& history = {});

    std::string label() const { return "J"; }
    /// Steps from one kept step of the forward field to the next.
    index_t every() const;
    /// What the history of one shot takes, in bytes.
    std::size_t history_bytes() const;
    /// What is kept of it, and how much is computed again, in words.
    std::string history() const;

    void forward(const DistributedArray<T>& dm, DistributedArray<T>& dd) const;
    void adjoint(const DistributedArray<T>& dd, DistributedArray<T>& dm) const;

 private:
    std::shared_ptr<const wave::ShotSetup<T>> setup_;
    std::shared_ptr<const DistributedArray<T>> q_;
    std::shared_ptr<const DistributedArray<T>> weights_;  // of a source over the model, or none
    std::shared_ptr<const wave::HistoryPlan> plan_;
    std::string folder_;  // of the states
};

/// The Jacobian of m -> M(m) q.
template <Scalar T>
Jacobian<T> jacobian(const Modeling<T>& modeling, const DistributedArray<T>& q,
                     const History& history = {}) {
    return {modeling, q, history};
}

// ---- fusion -----------------------------------------------------------------------------------

namespace detail {
/// Points on the wavefields of a propagator that has some; otherwise they go on waiting.
template <Scalar T, class Points> Points bound_where(const Propagator<T>& f, Points points) {
    return f.is_bound() ? points.bound(f) : std::move(points);
}
}  // namespace detail

/// Pr F, waiting for the sources.
template <Scalar T> class Recording : public OperatorExpression<Recording<T>> {
 public:
    using domain_type = DistributedSpace<T>;
    using range_type = DistributedSpace<T>;
    Recording(Projection<T> receivers, Propagator<T> propagator)
        : receivers_{detail::bound_where(propagator, std::move(receivers))},
          propagator_{std::move(propagator)} {}
    const Projection<T>& receivers() const { return receivers_; }
    const Propagator<T>& propagator() const { return propagator_; }
    std::string label() const { return "P * F"; }
    const DistributedSpace<T>& domain() const { return propagator_.domain(); }
    const DistributedSpace<T>& range() const { return receivers_.range(); }
    void forward(const DistributedArray<T>& source, DistributedArray<T>& traces) const {
        auto field = domain().scratch();
        propagator_.forward(source, *field);
        receivers_.forward(*field, traces);
    }
    void adjoint(const DistributedArray<T>& traces, DistributedArray<T>& source) const {
        auto field = domain().scratch();
        receivers_.adjoint(traces, *field);
        propagator_.adjoint(*field, source);
    }

 private:
    Projection<T> receivers_;
    Propagator<T> propagator_;
};

template <Scalar T> Recording<T> compose(const Projection<T>& p, const Propagator<T>& f) {
    return {p, f};
}
template <Scalar T> Modeling<T> compose(const Recording<T>& pf, const Adjoint<Projection<T>>& s) {
    return {pf.receivers(), pf.propagator(), s.inner()};
}
/// F Ps' is the adjoint of Ps F'; both wait in the same class, F' standing for itself transposed.
template <Scalar T, class Sources = Projection<T>>
class Driving : public OperatorExpression<Driving<T, Sources>> {
 public:
    using domain_type = DistributedSpace<T>;
    using range_type = DistributedSpace<T>;
    Driving(Propagator<T> propagator, Sources sources)
        : propagator_{std::move(propagator)},
          sources_{detail::bound_where(propagator_, std::move(sources))} {}
    const Propagator<T>& propagator() const { return propagator_; }
    const Sources& sources() const { return sources_; }
    std::string label() const { return "F * " + sources_.label() + ".H()"; }
    const DistributedSpace<T>& domain() const { return sources_.range(); }
    const DistributedSpace<T>& range() const { return propagator_.range(); }
    void forward(const DistributedArray<T>& traces, DistributedArray<T>& field) const {
        auto source = range().scratch();
        sources_.adjoint(traces, *source);
        propagator_.forward(*source, field);
    }
    void adjoint(const DistributedArray<T>& field, DistributedArray<T>& traces) const {
        auto source = range().scratch();
        propagator_.adjoint(field, *source);
        sources_.forward(*source, traces);
    }

 private:
    Propagator<T> propagator_;
    Sources sources_;
};

template <Scalar T> Driving<T> compose(const Propagator<T>& f, const Adjoint<Projection<T>>& s) {
    return {f, s.inner()};
}
template <Scalar T> Modeling<T> compose(const Projection<T>& p, const Driving<T>& fs) {
    return {p, fs.propagator(), fs.sources()};
}
// The same products transposed: Ps F' Pr' is M'.
template <Scalar T> auto compose(const Projection<T>& s, const Adjoint<Propagator<T>>& f) {
    return compose(f.inner(), s.H()).H();
}
template <Scalar T> auto compose(const Adjoint<Propagator<T>>& f, const Adjoint<Projection<T>>& p) {
    return compose(p.inner(), f.inner()).H();
}
template <Scalar T> auto compose(const Adjoint<Driving<T>>& fs, const Adjoint<Projection<T>>& p) {
    return compose(p.inner(), fs.inner()).H();
}
template <Scalar T> auto compose(const Projection<T>& s, const Adjoint<Recording<T>>& pf) {
    return compose(pf.inner(), s.H()).H();
}

}  // namespace lop
