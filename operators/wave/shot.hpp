/// One shot of a wave equation on raw memory: forward, exact adjoint, Born and its exact adjoint.
///
/// A step n takes the fields from level n to n + 1: receivers read level n, then the stages of the equation's
/// program run, and a source enters right after the stage that updates its field,
///
///     f += coefficient * s[n] / (V dt),      n = 0 .. steps - 2,  fields zero at level 0,
///
/// V the volume of a cell, s[n] a source measure (what the transpose of sampling puts on the grid). With R the
/// sampling of all levels, S maps s to R f. The adjoint runs the transposed program (transposed.hpp), layers included;
/// it is the transpose to rounding wherever sources, receivers and perturbations lie.
#pragma once

#include "belt.hpp"
#include "history.hpp"
#include "partner_store.hpp"
#include "state_store.hpp"
#include "taps.hpp"

#include <array>
#include <functional>
#include <span>
#include <vector>

namespace lop::wave {

template <class T> class Engine;

/// The memory that a run writes: wavefields, layers, history. One per run at a time; used again, it allocates
/// nothing unless something grew.
template <class T> class Workspace {
    friend class Engine<T>;

    Schedule<T> schedule_;
    FieldSet<T> background_;  ///< or the only one
    FieldSet<T> other_;       ///< scattered, or the adjoint of the scattered one
    Inlet<T> inlet_;
    Inlet<T> other_inlet_;
    Outlet<T> outlet_;
    std::vector<StageExtras<T>> extras_;  ///< [step of a block x stage]
    std::vector<StageExtras<T>> other_extras_;
    /// Images, what multiplies the partners of one step, or fields of a level.
    FieldBuffer<T> frames_;
    PartnerStore<T> history_;
    FieldBuffer<T> plane_;  ///< of a frame, from another rank
    StateStore states_;     ///< of the background
    FieldBuffer<T> belts_;  ///< of its levels
};

/// Sees the fields of a run at level n, as its receivers do; of ranks that share a grid, each its own at the same time.
template <class T> using Onlooker = std::function<void(index_t n, const FieldSet<T>& fields)>;

/// A shot among those that run at once, in a workspace of its own.
template <class T> struct ShotRun {
    Workspace<T>* workspace = nullptr;
    Input<T> input{};
    Output<T> output{};
};

/// A shot of several whose images are made at once.
template <class T> struct ImageRun {
    Workspace<T>* workspace = nullptr;
    Input<T> sources{};
    Input<T> receivers{};
    T* image = nullptr;
};

/// What a coefficient that depends on parameters multiplies in an update: the derivative of the step by that
/// coefficient. Born modelling scatters partners, gradients correlate them with the multipliers of the targets.
struct Partner {
    enum class Kind { rate, now, older };
    Kind kind = Kind::rate;
    int stage = 0;
    int index = 0;  ///< of the group, or of the field
    int node = -1;  ///< of the coefficient
    List<int, 6> targets{};
    int hat = -1;  ///< of the targets; divided by its own scale it is the sum of their multipliers
    int sign = 1;
    int scale = 0;  ///< number of its node
    int image = 0;  ///< partners with the same node and the same scale share an image
};

/// Runs shots in one medium. Immutable: any number of runs at the same time, each with a workspace of its own.
/// All maps overwrite their output, except `born_adjoint`, which adds to the image.
template <class T> class Engine {
 public:
    /// `parameters`: those of the equation one after the other, each on the model grid, row-major, z fastest. Where
    /// ranks share the grid, they make and call the engine together: `parameters` are then of the planes that
    /// Layout::held names, this rank's and some beyond the cuts, and so are perturbations; an image has this rank's
    /// planes alone; sources and receivers, with their values, are the same on all ranks. Throws StabilityError for a
    /// time step above the stability limit, ModelError for parameters that are not finite or make no wave.
    Engine(const Equation<T>& equation, const Problem& problem, const T* parameters,
           const Domain& domain = {});

    const Problem& problem() const { return medium_.problem(); }
    const Medium<T>& medium() const { return medium_; }
    const Physics& physics() const { return *medium_.equation().physics; }
    double stable_dt() const { return stable_dt_; }

    /// Extents of the grid with its layers, {x, z} or {x, y, z}; what PointSet indices refer to.
    std::array<index_t, 3> padded_extents() const;
    /// Cells of the padded grid before the model's first one, on the same axes.
    std::array<index_t, 3> padding_before() const;
    /// Of the grid of all ranks.
    index_t padded_size() const {
        const Layout& l = medium_.layout();
        return l.all_planes * l.ny * l.nz;
    }
    /// Of one parameter, on this rank; and of what fills the model here (Layout::filled).
    index_t model_size() const { return medium_.layout().own_size(); }
    index_t filled_size() const {
        return medium_.layout().size_of(medium_.layout().filled(medium_.radius()));
    }
    index_t parameter_size() const { return physics().parameters.count * model_size(); }
    /// The steps that a workspace which was used last for so many shots runs together; 0: stage after stage.
    int steps_at_once(const Workspace<T>& workspace, bool is_transposed) const {
        const Blocks& blocks = workspace.schedule_.blocks(is_transposed);
        return blocks.is_one_sweep ? blocks.steps : 0;
    }
    /// The grid of points on a field: shifted where the field is, its images where there is a free surface.
    PointGrid point_grid(int field) const;
    /// Every point of the grid, as a source or a receiver.
    PlacedPoints everywhere(const Port& port) const;
    /// What one step's partners take, and what a state of the fields takes, in bytes.
    std::size_t increment_bytes(History::Storage storage = History::Storage::full) const;
    std::size_t state_bytes() const;
    /// How a background of so many steps comes back in reverse (plan_history). Ranks that share the grid call this and what
    /// follows together, and keep to the smallest of their budgets.
    HistoryPlan plan(index_t steps, index_t comb, const HistoryBudget& budget = {},
                     History::Storage storage = History::Storage::full) const;
    /// The same with the partners' sums over time at some frequencies, in Hz, instead of steps (plan_frequencies).
    HistoryPlan plan_frequencies(index_t steps, index_t comb,
                                 const std::vector<double>& frequencies,
                                 const HistoryBudget& budget = {}) const;

    /// The same with the background run backwards inside a belt (plan_reversal). Throws ArgumentError for an equation
    /// that is not symmetric in time, and where layers reach every point.
    HistoryPlan plan_reversal(index_t steps, index_t comb, const HistoryBudget& budget = {}) const;

    /// receivers = S sources; `onlooker`, if there is one, sees every level (of the first shot). Here and below: of one
    /// shot, or of up to most_sets at once, which share what is read of the medium, to the same bits.
    void forward(Workspace<T>& workspace, const Input<T>& sources, const Output<T>& receivers,
                 index_t steps, const Onlooker<T>& onlooker = {}) const;
    void forward(std::span<const ShotRun<T>> shots, index_t steps,
                 const Onlooker<T>& onlooker = {}) const;

    /// sources = S^T receivers
    void adjoint(Workspace<T>& workspace, const Input<T>& receivers, const Output<T>& sources,
                 index_t steps) const;
    void adjoint(std::span<const ShotRun<T>> shots, index_t steps) const;

    /// The Fourier transform of what a receiver reads at every point of the model (`receiver` gives its fields), of steps
    /// on the plan's comb,
    ///
    ///     transform[f][0] + i transform[f][1] = comb dt sum over n of (S s)[n] exp(-2 pi i f n dt),
    ///
    /// [frequency x 2 x point of the model], for a plan of levels: plan_frequencies(steps + 1, ..).
    void transform(Workspace<T>& workspace, const Input<T>& sources, const PlacedPoints& receiver,
                   T* transform, index_t steps, const HistoryPlan& plan) const;
    /// Its transpose. Where ranks share the grid, the transform is of the planes that they fill (Layout::filled).
    void transform_adjoint(Workspace<T>& workspace, const PlacedPoints& receiver,
                           const T* transform, const Output<T>& sources, index_t steps,
                           const HistoryPlan& plan) const;

    /// receivers = R df, linear in the perturbation of the parameters (on the model grid, repeated in the layers as
    /// they are): the fields df run the same step, to which
    ///
    ///     w[n] * sum over coefficients k of  dk * partner_k[n],   w[n] = comb where comb divides n, else 0,
    ///
    /// is added, where dk is the derivative of the coefficient in the direction of the perturbation and partner_k
    /// what k multiplies in the background's step, as the plan keeps it. With comb 1 and full precision this is the
    /// derivative of `forward` with respect to the parameters, at constant layer profiles. Runs the background along
    /// and keeps no history; ahead, where the plan has frequencies, and keeps their sums.
    void born(Workspace<T>& workspace, const Input<T>& sources, const T* perturbation,
              const Output<T>& receivers, index_t steps, const HistoryPlan& plan) const;
    void born(std::span<const ShotRun<T>> shots, const T* perturbation, index_t steps,
              const HistoryPlan& plan) const;

    /// image += B^T receivers, B the map perturbation -> receivers of `born` for these sources and this plan. The same
    /// bits in any memory: what is computed again is what was computed before. States on disk lie in
    /// `folder`; throws FileError where they find no room.
    void born_adjoint(Workspace<T>& workspace, const Input<T>& sources, const Input<T>& receivers,
                      T* image, index_t steps, const HistoryPlan& plan,
                      const std::string& folder = {}) const;
    void born_adjoint(std::span<const ImageRun<T>> shots, index_t steps, const HistoryPlan& plan,
                      const std::string& folder = {}) const;

 private:
    class Reversal;
    /// One of the sets of fields that take steps together, with what enters and leaves.
    struct Lane {
        FieldSet<T>* fields = nullptr;
        const Inlet<T>* inlet = nullptr;
        Outlet<T>* outlet = nullptr;
        const std::vector<StageExtras<T>>* extras = nullptr;
    };
    using Lanes = List<Lane, most_sets>;

    void find_partners();
    void add_rate(int stage, int group, int node);
    void add_value(Partner::Kind kind, int stage, const Update& update, int field, int node);
    void add(Partner partner);
    void prepare(Workspace<T>& workspace, index_t steps, std::size_t shots = 1) const;
    void guard(const Workspace<T>& workspace, const Inlet<T>& inlet, const Recurrence<T>& run,
               FieldSet<T>& fields, index_t n, index_t steps, double entered) const;
    void check(const Workspace<T>& workspace, const Inlet<T>& inlet, const Recurrence<T>& run,
               FieldSet<T>& fields, index_t n, index_t steps, double entered) const;
    [[noreturn]] void refuse_fields(bool is_input_sound, const Recurrence<T>& run,
                                    const FieldSet<T>& fields, index_t n, index_t steps) const;
    [[noreturn]] void refuse_growth(const Recurrence<T>& run, const FieldSet<T>& fields, index_t n,
                                    index_t steps, double most) const;
    void prepare_forward(Workspace<T>& workspace, const Input<T>& sources, index_t steps) const;
    void prepare_transposed(Workspace<T>& workspace, FieldSet<T>& fields, Inlet<T>& inlet,
                            const Input<T>& receivers, index_t steps) const;
    void finish(const Lanes& lanes, index_t steps) const;
    bool prepare_blocks(Workspace<T>& workspace, bool is_transposed) const;
    void finish_back(Workspace<T>& workspace, const Lane& lane, index_t steps) const;
    void prepare_sources_out(Workspace<T>& workspace, const Output<T>& sources,
                             index_t steps) const;
    index_t together(const Workspace<T>& workspace, bool is_transposed, bool may_block) const;
    index_t at_once(index_t most, bool is_transposed, index_t n, index_t done, index_t steps,
                    index_t left, index_t comb) const;
    void advance(Schedule<T>& schedule, const Lanes& lanes, index_t n, index_t count) const;
    void retreat(Schedule<T>& schedule, const Lanes& lanes, index_t n, index_t count) const;
    void sweep(const Recurrence<T>& run, Schedule<T>& schedule, const Lanes& lanes, index_t n,
               index_t direction, index_t count) const;
    void step(Schedule<T>& schedule, FieldSet<T>& fields, const Inlet<T>* inlet, index_t n,
              const std::vector<StageExtras<T>>& extras) const;
    void transposed_step(Schedule<T>& schedule, const Lane& lane, index_t n) const;
    static void clear(std::vector<StageExtras<T>>& extras);
    template <class Row>
    void read_level(const PlacedPoints& receiver, const Row& row, int threads, T* values) const;
    void prepare_levels(Workspace<T>& workspace, const HistoryPlan& plan, index_t points) const;
    void prepare_history(Workspace<T>& workspace, const HistoryPlan& plan, index_t together) const;
    template <class Shots>
    void advance_and_keep(const Shots& shots, index_t n, index_t count,
                          const HistoryPlan& plan) const;
    HistoryBudget agreed(const HistoryBudget& budget) const;
    bool is_symmetric_in_time() const;
    Belt make_belt() const;
    void keep_partners(std::vector<StageExtras<T>>& extras, index_t step, T* frames) const;
    void scatter_partners(std::vector<StageExtras<T>>& extras, index_t step, const T* partners,
                          const T* scales) const;
    void image_partners(std::vector<StageExtras<T>>& extras, index_t step, const T* partners,
                        T* images) const;
    bool is_held_at_surface(int node) const;
    void set_scales(const T* perturbation, index_t comb, T* scales) const;
    void fold_images(Workspace<T>& workspace, double factor, T* image) const;
    void divide_by_scale(const Partner& partner, T* frame) const;
    const T* plane_before(const T* frame, FieldBuffer<T>& room) const;
    void read_receivers(Workspace<T>& workspace, const Output<T>& receivers, index_t steps) const;
    int stages() const { return medium_.equation().forward->stages.count; }
    index_t frame_size() const { return medium_.layout().frame_size; }
    /// Histories are kept plane by plane, so that what they round does not depend on the planes that a rank holds.
    index_t plane_size() const { return medium_.layout().ny * medium_.layout().row; }
    index_t planes_of_partners() const {
        return static_cast<index_t>(partners_.size()) * medium_.layout().nx;
    }
    double source_scale() const { return 1 / (medium_.cell_volume() * problem().dt); }

    Medium<T> medium_;
    double stable_dt_ = 0;
    Belt belt_;  ///< of an equation that is symmetric in time
    std::vector<Partner> partners_;
    std::vector<int> nodes_;   ///< of the partners, each once
    std::vector<int> images_;  ///< a partner of each image
};

extern template class Engine<float>;
extern template class Engine<double>;

}  // namespace lop::wave
