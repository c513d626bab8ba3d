/// One shot of the acoustic wave equation on raw memory: forward, exact adjoint, Born and its exact
/// adjoint.
///
///     m u_tt - lap u = f,   m = 1 / v^2,   c = dt^2 / m,
///     u[n+1] = 2 u[n] - u[n-1] + c (Lap u[n] + s[n] / (V dt)),   n = 0 .. steps - 2,
///     u[-1] = u[0] = 0,
///
/// V the volume of a cell, s[n] a source measure (what the transpose of sampling puts on the grid),
/// Lap the centred differences with a convolutional PML (Pasalic and McGarry 2010) on every side
/// but a free surface. With R the sampling of all steps, S maps s to R u. The adjoint runs the
/// transposed recurrence, layers included, in the scaled field g = c ubar; it is the transpose to
/// rounding wherever sources, receivers and perturbations lie.
#pragma once

#include "history.hpp"
#include "points.hpp"
#include "state_store.hpp"
#include "sweep.hpp"

#include <array>
#include <vector>

namespace lop::wave {

/// What drives a run. With points: values[point x steps]. Without: values[steps x padded grid], a
/// value everywhere, rows of the padded grid packed, z fastest. Neither: nothing.
template <class T>
struct Input {
    const PointSet* points = nullptr;
    const T* values = nullptr;
};

/// What a run delivers, in the same two forms.
template <class T>
struct Output {
    const PointSet* points = nullptr;
    T* values = nullptr;
};

/// The side of a run where values enter; prepared once per run, without new memory if nothing grew.
template <class T>
class Inlet {
 public:
    void prepare(const Medium<T>& medium, const Input<T>& input, index_t steps, double scale,
                 int threads);
    /// field += c scale values[n], and so the kept increments unless null.
    void apply(const Medium<T>& medium, index_t n, T* field, T* kept) const;
    bool is_finite(const Medium<T>& medium) const;

 private:
    Input<T> input_;
    Injector<T> injector_;
    index_t steps_ = 0;
    double scale_ = 0;
    int threads_ = 1;
};

/// The side where values leave.
template <class T>
class Outlet {
 public:
    void prepare(const Medium<T>& medium, const Output<T>& output, index_t steps, double scale,
                 int threads);
    /// values[n] = scale field
    void read(const Medium<T>& medium, index_t n, const T* field) const;
    void read_zeros(const Medium<T>& medium, index_t n) const;

 private:
    Output<T> output_;
    Sampler<T> sampler_;
    index_t steps_ = 0;
    double scale_ = 0;
    int threads_ = 1;
};

template <class T>
class AcousticEngine;

/// The memory that a run writes: wavefields, layers, history. One per run at a time; used again, it
/// allocates nothing unless something grew.
template <class T>
class Workspace {
    friend class AcousticEngine<T>;

    Schedule<T> schedule_;
    Field<T> field_;   ///< the only one, or the background
    Field<T> second_;  ///< scattered, or the adjoint of the scattered one
    Inlet<T> inlet_;
    Inlet<T> second_inlet_;
    Outlet<T> outlet_;
    FieldBuffer<T> frame_;  ///< image, or the increments of one step
    FieldBuffer<T> scale_;
    FieldBuffer<T> increments_;  ///< of the background
    StateStore states_;          ///< of the background
};

/// Runs shots in one medium. Immutable: any number of runs at the same time, each with a workspace
/// of its own. All maps overwrite their output, except `born_adjoint`, which adds to the image.
///
/// A run that meets a value that is not finite throws StabilityError with the step and the likely
/// cause.
template <class T>
class AcousticEngine {
 public:
    /// `slowness2` in s2/m2 on the model grid, row-major, z fastest. Throws ArgumentError,
    /// ModelError, and StabilityError for a time step above `stable_dt`.
    AcousticEngine(const AcousticProblem& problem, const T* slowness2);

    const AcousticProblem& problem() const { return medium_.problem(); }
    const Medium<T>& medium() const { return medium_; }
    double stable_dt() const { return medium_.stable_dt(); }

    /// Extents of the grid with its layers, {x, z} or {x, y, z}; what PointSet indices refer to.
    std::array<index_t, 3> padded_extents() const;
    /// Cells of the padded grid before the model's first one, on the same axes.
    std::array<index_t, 3> padding_before() const;
    index_t padded_size() const;
    index_t model_size() const;
    PointGrid point_grid() const;
    /// What one step's increments take, and what a state of the fields takes, in bytes.
    std::size_t increment_bytes() const;
    std::size_t state_bytes() const;
    /// How a background of so many steps comes back in reverse (plan_history).
    HistoryPlan plan(index_t steps, index_t comb, const HistoryBudget& budget = {}) const;

    /// receivers = S sources
    void forward(Workspace<T>& workspace, const Input<T>& sources, const Output<T>& receivers,
                 index_t steps) const;

    /// sources = S^T receivers
    void adjoint(Workspace<T>& workspace, const Input<T>& receivers, const Output<T>& sources,
                 index_t steps) const;

    /// receivers = R du, linear in dm (s2/m2, on the model grid, repeated in the layers as m is):
    ///
    ///     du[n+1] = 2 du[n] - du[n-1] + c Lap du[n] - w[n] (dm / m) d[n],
    ///     w[n] = comb where comb divides n, else 0,
    ///     d[n] = u[n+1] - 2 u[n] + u[n-1], as c (Lap u[n] + s[n] / (V dt)) and not as a difference.
    ///
    /// With comb 1 this is the derivative of `forward` with respect to m, at constant layer
    /// profiles. Runs the background along and needs no history.
    void born(Workspace<T>& workspace, const Input<T>& sources, const T* dm,
              const Output<T>& receivers, index_t steps, index_t comb) const;

    /// image += B^T receivers, B the map dm -> receivers of `born` for these sources and the plan's
    /// comb. The same bits by any plan: what is computed again is what was computed before. States on
    /// disk lie in `folder`; throws FileError where they find no room.
    void born_adjoint(Workspace<T>& workspace, const Input<T>& sources, const Input<T>& receivers,
                      T* image, index_t steps, const HistoryPlan& plan,
                      const std::string& folder = {}) const;

 private:
    class Reversal;

    void prepare(Workspace<T>& workspace, index_t steps) const;
    void guard(const Workspace<T>& workspace, const Inlet<T>& inlet, const Field<T>& field,
               index_t n, index_t steps) const;
    void check(const Workspace<T>& workspace, const Inlet<T>& inlet, const Field<T>& field,
               index_t n, index_t steps) const;
    void set_born_scale(const T* dm, index_t comb, T* scale) const;
    void fold_image(const T* raw, double scale, T* image) const;
    double source_scale() const { return 1 / (medium_.cell_volume() * problem().dt); }

    Medium<T> medium_;
};

extern template class AcousticEngine<float>;
extern template class AcousticEngine<double>;

}  // namespace lop::wave
