/// The time loops of one shot.
#include "shot.hpp"

#include "stability.hpp"
#include "threads.hpp"
#include <lop/core/error.hpp>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <string>

namespace lop::wave {
namespace {

/// Steps between two looks at the fields.
constexpr index_t guard_interval = 100;
/// Of scattered fields: they grow as the background does, which is looked at as well.
constexpr double driven_by_other_fields = 0;

bool is_guarded(index_t n, index_t steps) {
    return (n + 1) % guard_interval == 0 || n == steps - 1;
}

/// The step of n, .., n + count - 1 (at least of n) that lies on the comb, of which there is one at most; -1: none.
index_t kept_step(index_t n, index_t count, index_t comb) {
    const index_t next = (n + comb - 1) / comb * comb;
    return next < n + std::max<index_t>(count, 1) ? next : -1;
}

bool on_comb(index_t n, index_t comb) { return comb > 0 && n % comb == 0; }

template <class T> void refuse_unless_finite(const T* perturbation, index_t size) {
    bool all = true;
#pragma omp parallel for schedule(static) reduction(&& : all)
    for (index_t i = 0; i < size; ++i) all = all && std::isfinite(perturbation[i]);
    if (!all)
        throw ArgumentError{"a perturbation of the medium",
                            {.expected = "finite values",
                             .found = "NaN or infinity",
                             .remedy = "input without NaN or infinity"}};
}

void refuse_comb(index_t comb) {
    if (comb < 1) {
        throw ArgumentError{"a wavefield history",
                            {.expected = "every step or every k-th one, k >= 1",
                             .found = "k = " + std::to_string(comb)}};
    }
}

}  // namespace

// ---- what follows from the equation ------------------------------------------------------------------

template <class T>
Engine<T>::Engine(const Equation<T>& equation, const Problem& problem, const T* parameters,
                  const Domain& domain)
    : medium_{equation, problem, parameters, domain} {
    find_partners();
    if (is_symmetric_in_time()) belt_ = make_belt();
    stable_dt_ = stable_time_step(UniformMedium{equation.physics, equation.forward,
                                                medium_.speeds().at_fastest, problem.settings,
                                                problem.order, problem.spacing});
    if (problem.dt > stable_dt_ * (1 + 1e-9)) {
        throw StabilityError{
            "a propagation of waves with the time step " + number_words(problem.dt) + " s",
            {.expected = "at most " + number_words(stable_dt_) + " s for " +
                         number_words(medium_.speeds().fastest) + " m/s at order " +
                         std::to_string(problem.order),
             .found = number_words(problem.dt) + " s",
             .remedy = "a shorter step or a coarser grid"}};
    }
}

template <class T> void Engine<T>::find_partners() {
    const Physics& w = physics();
    const Program& program = *medium_.equation().forward;
    const auto node_of = [&](int coefficient) { return program.coefficients[coefficient].node; };
    for (int s = 0; s < program.stages.count; ++s) {
        const Stage& stage = program.stages[s];
        for (int g = 0; g < stage.groups.count; ++g)
            if (w.depends(node_of(stage.groups[g].coefficient)))
                add_rate(s, g, node_of(stage.groups[g].coefficient));
        for (const Update& u : stage.updates) {
            if (u.own.gain == Gain::coefficient)
                add_value(Partner::Kind::now, s, u, u.target, node_of(u.own.coefficient));
            if (u.before.gain == Gain::coefficient)
                add_value(Partner::Kind::older, s, u, u.target, node_of(u.before.coefficient));
            for (const ValueTerm& v : u.values)
                add_value(Partner::Kind::now, s, u, v.field, node_of(v.coefficient));
        }
    }
}

template <class T> void Engine<T>::add_rate(int stage, int group, int node) {
    const Transposed& transposed = *medium_.equation().transposed;
    Partner partner{Partner::Kind::rate, stage, group, node};
    for (int h = 0; h < transposed.hats.count; ++h)
        if (transposed.hats[h].stage == stage && transposed.hats[h].group == group) partner.hat = h;
    for (const Signed& f : transposed.hats[partner.hat].fields) partner.targets.push(f.index);
    partner.sign = transposed.hats[partner.hat].flip;
    add(partner);
}

template <class T>
void Engine<T>::add_value(Partner::Kind kind, int stage, const Update& update, int field,
                          int node) {
    if (!physics().depends(node)) return;
    const Transposed& transposed = *medium_.equation().transposed;
    Partner partner{kind, stage, field, node};
    partner.targets.push(update.target);
    partner.hat = sole_hat(transposed, update.target, -1);
    partner.sign = transposed.hats[partner.hat].flip * transposed.hats[partner.hat].fields[0].sign;
    add(partner);
}

template <class T> void Engine<T>::add(Partner partner) {
    const auto known = std::find(nodes_.begin(), nodes_.end(), partner.node);
    partner.scale = static_cast<int>(known - nodes_.begin());
    if (known == nodes_.end()) nodes_.push_back(partner.node);
    partner.image = static_cast<int>(images_.size());
    const auto hat_node = [&](const Partner& p) {
        return medium_.equation().transposed->hats[p.hat].node;
    };
    for (std::size_t i = 0; i < images_.size(); ++i) {
        const Partner& other = partners_[static_cast<std::size_t>(images_[i])];
        if (other.node == partner.node && hat_node(other) == hat_node(partner) &&
            other.sign == partner.sign)
            partner.image = static_cast<int>(i);
    }
    if (partner.image == static_cast<int>(images_.size()))
        images_.push_back(static_cast<int>(partners_.size()));
    partners_.push_back(partner);
}

template <class T> std::array<index_t, 3> Engine<T>::padded_extents() const {
    const Layout& l = medium_.layout();
    return l.is_planar ? std::array<index_t, 3>{l.all_planes, l.nz, 1}
                       : std::array<index_t, 3>{l.all_planes, l.ny, l.nz};
}

template <class T> std::array<index_t, 3> Engine<T>::padding_before() const {
    std::array<index_t, 3> b = medium_.layout().before;
    b[0] += medium_.layout().first_plane;
    return medium_.layout().is_planar ? std::array<index_t, 3>{b[0], b[2], 0} : b;
}

template <class T> PointGrid Engine<T>::point_grid(int field) const {
    PointGrid grid{problem().dimension, padded_extents(), problem().free_surface};
    const Position& position = physics().fields[field].position;
    for (std::size_t k = 0; k < static_cast<std::size_t>(grid.dimension); ++k)
        grid.shift[k] = position.half[k] ? 0.5 : 0;
    grid.is_odd = medium_.is_odd(field);
    grid.goes_on = medium_.has_closure();
    grid.spacing = problem().spacing;
    return grid;
}

template <class T> PlacedPoints Engine<T>::everywhere(const Port& port) const {
    PlacedPoints all;
    for (const Part& part : port.parts) {
        PlacedPart placed{part, {}};
        for (index_t i = 0; i < padded_size(); ++i) {
            placed.points.indices.push_back(i);
            placed.points.weights.push_back(1);
            placed.points.begins.push_back(i + 1);
        }
        all.parts.push_back(std::move(placed));
    }
    return all;
}

template <class T> std::size_t Engine<T>::increment_bytes(History::Storage storage) const {
    return PartnerStore<T>::bytes(planes_of_partners(), plane_size(), storage);
}

template <class T> std::size_t Engine<T>::state_bytes() const {
    index_t size = 0;
    for (const ProgramField& field : medium_.equation().forward->fields)
        size += (field.kind == FieldKind::temporary ? 0
                 : field.kind == FieldKind::leap    ? 2
                                                    : 1) *
                medium_.layout().field_size;
    for (const index_t memory : medium_.forward().memories) size += memory;
    return static_cast<std::size_t>(size) * sizeof(T);
}

/// What the poorest of the ranks that share the grid has: they go the same way.
template <class T> HistoryBudget Engine<T>::agreed(const HistoryBudget& budget) const {
    const Domain& domain = medium_.domain();
    const auto least = [&](std::size_t bytes) {  // 0: any number
        constexpr auto any = std::numeric_limits<index_t>::max() / 2;
        const index_t all = domain.least(bytes == 0 ? any : static_cast<index_t>(bytes));
        return all >= any ? std::size_t{0} : static_cast<std::size_t>(all);
    };
    return {least(budget.memory), domain.all(budget.on_disk), least(budget.disk)};
}

template <class T>
HistoryPlan Engine<T>::plan(index_t steps, index_t comb, const HistoryBudget& budget,
                            History::Storage storage) const {
    refuse_comb(comb);
    const auto most = [&](std::size_t bytes) { return medium_.domain().most(bytes); };
    const std::size_t aside = storage == History::Storage::full ? 0 : most(increment_bytes());
    return plan_history(steps, comb, most(increment_bytes(storage)), most(state_bytes()),
                        agreed(budget), storage, aside);
}

template <class T>
HistoryPlan Engine<T>::plan_frequencies(index_t steps, index_t comb,
                                        const std::vector<double>& frequencies,
                                        const HistoryBudget& budget) const {
    refuse_comb(comb);
    const std::size_t most = medium_.domain().most(increment_bytes());
    return wave::plan_frequencies(steps, comb, frequencies, problem().dt, most, batch_length * most,
                                  agreed(budget));
}

/// Whether u[n + 1] + u[n - 1] is all that a step makes of the other fields.
template <class T> bool Engine<T>::is_symmetric_in_time() const {
    const Program& program = *medium_.equation().forward;
    for (const ProgramField& field : program.fields)
        if (field.kind == FieldKind::simple) return false;
    for (const Stage& stage : program.stages)
        for (const Update& update : stage.updates)
            if (program.fields[update.target].kind == FieldKind::leap &&
                update.before.gain != Gain::minus_one)
                return false;
    return true;
}

template <class T> Belt Engine<T>::make_belt() const {
    const index_t radius = medium_.radius();
    return {medium_.layout(),
            {layer_width(problem(), 0, false), layer_width(problem(), 0, true)},
            radius,
            stages() * radius,
            problem().free_surface ? radius : 0};
}

template <class T>
HistoryPlan Engine<T>::plan_reversal(index_t steps, index_t comb,
                                     const HistoryBudget& budget) const {
    refuse_comb(comb);
    if (!is_symmetric_in_time() || belt_.is_empty())
        throw ArgumentError{
            "a forward field that runs backwards",
            {.expected = is_symmetric_in_time()
                             ? "points that no absorbing layer reaches"
                             : "a wave equation of second order in time without losses",
             .remedy = "a history of steps, with History::memory where they are many"}};
    std::size_t leaps = 0;
    for (const ProgramField& field : medium_.equation().forward->fields)
        leaps += field.kind == FieldKind::leap;
    const Domain& domain = medium_.domain();
    return wave::plan_reversal(
        steps, comb, domain.most(increment_bytes()),
        domain.most(leaps * static_cast<std::size_t>(belt_.size()) * sizeof(T)), agreed(budget));
}

// ---- guards -----------------------------------------------------------------------------------------

template <class T>
void Engine<T>::prepare(Workspace<T>& workspace, index_t steps, std::size_t shots) const {
    if (steps < 1)
        throw ArgumentError{"a propagation over " + std::to_string(steps) + " steps",
                            {.expected = "at least one"}};
    workspace.schedule_.prepare(medium_, team_size(medium_.layout().size()),
                                static_cast<int>(shots));
    for (std::vector<StageExtras<T>>* extras : {&workspace.extras_, &workspace.other_extras_}) {
        extras->resize(static_cast<std::size_t>(most_steps * stages()));
        for (StageExtras<T>& e : *extras) e.clear();
    }
}

template <class T>
void Engine<T>::guard(const Workspace<T>& workspace, const Inlet<T>& inlet,
                      const Recurrence<T>& run, FieldSet<T>& fields, index_t n, index_t steps,
                      double entered) const {
    if (is_guarded(n, steps)) check(workspace, inlet, run, fields, n, steps, entered);
}

/// `entered`: the size of what drives the fields, 0 where that is not known.
template <class T>
void Engine<T>::check(const Workspace<T>& workspace, const Inlet<T>& inlet,
                      const Recurrence<T>& run, FieldSet<T>& fields, index_t n, index_t steps,
                      double entered) const {
    const Domain& domain = medium_.domain();
    const double here = largest(medium_, run, workspace.schedule_, fields);
    const bool is_sound = std::isfinite(here);
    if (!domain.all(is_sound)) {
        const bool is_input_sound = domain.all(inlet.is_finite());
        domain.together([&] {
            if (!is_sound) refuse_fields(is_input_sound, run, fields, n, steps);
        });
    }
    const double most = domain.largest(here);
    if (!fields.note_growth(most, entered)) return;
    domain.together([&] {
        if (here == most) refuse_growth(run, fields, n, steps, most);
    });
}

template <class T>
void Engine<T>::refuse_fields(bool is_input_sound, const Recurrence<T>& run,
                              const FieldSet<T>& fields, index_t n, index_t steps) const {
    throw StabilityError{
        "a propagation over " + std::to_string(steps) + " steps",
        {.expected = "a finite wavefield",
         .found =
             "NaN or infinity at step " + std::to_string(n) + " or up to " +
             std::to_string(guard_interval) + " steps before, by now " +
             place_beyond(medium_, run, fields, static_cast<double>(std::numeric_limits<T>::max())),
         .remedy = is_input_sound ? "a shorter time step: the limit of this medium is " +
                                        number_words(stable_dt()) +
                                        " s, and input small enough not to overflow"
                                  : "input without NaN or infinity"}};
}

/// The time step is below the limit of the differences, or the medium would have been refused.
template <class T>
void Engine<T>::refuse_growth(const Recurrence<T>& run, const FieldSet<T>& fields, index_t n,
                              index_t steps, double most) const {
    throw StabilityError{
        "a propagation over " + std::to_string(steps) + " steps",
        {.expected = "a wavefield that stays bounded beside what drives it",
         .found = "one that has grown beyond ten orders of magnitude at step " + std::to_string(n) +
                  ", and is largest " + place_beyond(medium_, run, fields, most / 2),
         .remedy = "an equation whose terms do not feed it; a sponge, if it grows in matched "
                   "layers; a shorter step than " +
                   number_words(problem().dt) + " s, if terms of its own call for one"}};
}

// ---- forward and adjoint ------------------------------------------------------------------------------

namespace {

/// The sources and receivers of steps that run together, n, n + 1, .. forward or n, n - 1, .. of the transposed program.
template <class T> class ShotVisitor final : public Visitor<T> {
 public:
    ShotVisitor(const Inlet<T>* inlet, Outlet<T>* outlet, index_t n, index_t direction, int stages,
                const std::vector<StageExtras<T>>& extras)
        : inlet_{inlet},
          outlet_{outlet},
          n_{n},
          direction_{direction},
          stages_{stages},
          extras_{extras} {}

    void before(int step, int stage, FieldSet<T>& fields, const RowRange& rows) override {
        const bool ahead = step % 2 != 0;
        if (inlet_ && step > 0 && stage == 0)
            inlet_->apply(Inlet<T>::Moment::before_next, -1, n_ + direction_ * (step - 1), fields,
                          ahead, nullptr, rows);
        if (!outlet_) return;
        if (stage == 0) outlet_->gather(-1, step, fields, ahead, rows);
        outlet_->gather(stage, step, fields, ahead, rows);
    }
    void after(int step, int stage, FieldSet<T>& fields, const RowRange& rows) override {
        if (!inlet_) return;
        const bool ahead = step % 2 != 0;
        const index_t n = n_ + direction_ * step;
        inlet_->apply(Inlet<T>::Moment::after_stage, stage, n, fields, ahead,
                      &extras_[static_cast<std::size_t>(step * stages_ + stage)], rows);
        if (stage == stages_ - 1)
            inlet_->apply(Inlet<T>::Moment::after_step, -1, n, fields, ahead, nullptr, rows);
    }

 private:
    const Inlet<T>* inlet_;
    Outlet<T>* outlet_;
    index_t n_;
    index_t direction_;
    int stages_;
    const std::vector<StageExtras<T>>& extras_;
};

}  // namespace

/// The most steps that are ever run together, on all ranks that share the grid; 0: stage after stage.
template <class T>
index_t Engine<T>::together(const Workspace<T>& workspace, bool is_transposed,
                            bool may_block) const {
    const Blocks& blocks = workspace.schedule_.blocks(is_transposed);
    return medium_.domain().least(may_block && blocks.is_one_sweep ? blocks.steps : 0);
}

/// How many of them now, when `done` of `steps` are and `left` may be taken: up to the next look at the fields, and to the
/// next step but one of a comb; 0: one, stage after stage.
template <class T>
index_t Engine<T>::at_once(index_t most, bool is_transposed, index_t n, index_t done, index_t steps,
                           index_t left, index_t comb) const {
    index_t count = 0;
    index_t kept = 0;
    while (count < std::min(most, left)) {
        const index_t step = is_transposed ? n - count : n + count;
        if (count > 0 && is_guarded(done + count, steps)) break;
        kept += on_comb(step, comb) ? 1 : 0;
        if (count > 0 && kept > 1) break;
        ++count;
    }
    return count;
}

/// `count` forward steps from n on (0: one, stage after stage); outlets of levels n, n + 1, ..
template <class T>
void Engine<T>::advance(Schedule<T>& schedule, const Lanes& lanes, index_t n, index_t count) const {
    if (count > 0) return sweep(medium_.forward(), schedule, lanes, n, 1, count);
    for (const Lane& lane : lanes) {
        if (lane.outlet) {
            lane.outlet->begin(n);
            lane.outlet->read(-1, n, *lane.fields);
        }
        step(schedule, *lane.fields, lane.inlet, n, *lane.extras);
    }
}

/// `count` transposed steps n, n - 1, .., each driven at its end.
template <class T>
void Engine<T>::retreat(Schedule<T>& schedule, const Lanes& lanes, index_t n, index_t count) const {
    if (count > 0) {
        sweep(medium_.transposed(), schedule, lanes, n, -1, count);
        for (const Lane& lane : lanes) lane.inlet->apply_late(n - count + 1, *lane.fields);
        return;
    }
    for (const Lane& lane : lanes) {
        transposed_step(schedule, lane, n);
        lane.inlet->apply(-1, n, *lane.fields);
    }
}

/// The transposed step n. After the last value, of level 0, is read nothing moves any more.
template <class T>
void Engine<T>::transposed_step(Schedule<T>& schedule, const Lane& lane, index_t n) const {
    if (lane.outlet) lane.outlet->begin(n);
    for (int s = 0; s < stages(); ++s) {
        if (lane.outlet) lane.outlet->read(s, n, *lane.fields);
        if (!lane.outlet || n > 0 || s + 1 < stages())
            run_stage(medium_, medium_.transposed(), s, schedule, *lane.fields,
                      (*lane.extras)[static_cast<std::size_t>(s)]);
    }
    lane.fields->turn();
}

template <class T>
void Engine<T>::sweep(const Recurrence<T>& run, Schedule<T>& schedule, const Lanes& lanes,
                      index_t n, index_t direction, index_t count) const {
    std::array<std::optional<ShotVisitor<T>>, most_sets> visitors;
    std::array<Swept<T>, most_sets> sets;
    const auto size = static_cast<std::size_t>(lanes.count);
    for (std::size_t i = 0; i < size; ++i) {
        const Lane& lane = lanes.items[i];
        visitors[i].emplace(lane.inlet, lane.outlet, n, direction, stages(), *lane.extras);
        sets[i] = {lane.fields, lane.extras, &*visitors[i]};
    }
    run_block(medium_, run, static_cast<int>(count), schedule,
              std::span<const Swept<T>>{sets.data(), size});
    for (const Lane& lane : lanes)
        for (index_t k = 0; lane.outlet && k < count; ++k)
            lane.outlet->read_gathered(k, n + direction * k);
}

/// The forward step n.
template <class T>
void Engine<T>::step(Schedule<T>& schedule, FieldSet<T>& fields, const Inlet<T>* inlet, index_t n,
                     const std::vector<StageExtras<T>>& extras) const {
    for (int s = 0; s < stages(); ++s) {
        const StageExtras<T>& here = extras[static_cast<std::size_t>(s)];
        run_stage(medium_, medium_.forward(), s, schedule, fields, here);
        if (inlet) inlet->apply(s, n, fields, &here);
    }
    fields.turn();
}

template <class T>
void Engine<T>::read_receivers(Workspace<T>& workspace, const Output<T>& receivers,
                               index_t steps) const {
    const Program& program = *medium_.equation().forward;
    workspace.outlet_.prepare(
        medium_, program, receivers,
        receivers.points ? receiver_taps(program, *receivers.points) : std::vector<Tap>{}, steps, 1,
        workspace.schedule_.threads());
}

template <class T>
void Engine<T>::forward(Workspace<T>& workspace, const Input<T>& sources,
                        const Output<T>& receivers, index_t steps,
                        const Onlooker<T>& onlooker) const {
    const ShotRun<T> shot{&workspace, sources, receivers};
    forward({&shot, 1}, steps, onlooker);
}

template <class T>
void Engine<T>::forward(std::span<const ShotRun<T>> shots, index_t steps,
                        const Onlooker<T>& onlooker) const {
    Workspace<T>& first = *shots.front().workspace;
    Lanes lanes;
    bool may_block = !onlooker;  // who looks on sees whole levels
    medium_.domain().together([&] {
        for (const ShotRun<T>& shot : shots) {
            Workspace<T>& w = *shot.workspace;
            prepare(w, steps, shots.size());
            prepare_forward(w, shot.input, steps);
            read_receivers(w, shot.output, steps);
            lanes.push({&w.background_, &w.inlet_, &w.outlet_, &w.extras_});
            may_block = may_block && w.inlet_.may_run_together() && prepare_blocks(w, false);
        }
    });
    const index_t most = together(first, false, may_block);
    for (index_t n = 0; n < steps;) {
        if (onlooker) onlooker(n, first.background_);
        for (const Lane& lane : lanes)
            guard(first, *lane.inlet, medium_.forward(), *lane.fields, n, steps,
                  lane.inlet->entered(n));
        if (n + 1 == steps) break;
        const index_t count = at_once(most, false, n, n, steps, steps - 1 - n, 0);
        advance(first.schedule_, lanes, n, count);
        n += std::max<index_t>(count, 1);
    }
    finish(lanes, steps);
}

/// The last level, and what was held back.
template <class T> void Engine<T>::finish(const Lanes& lanes, index_t steps) const {
    for (const Lane& lane : lanes) {
        lane.outlet->begin(steps - 1);
        lane.outlet->read(-1, steps - 1, *lane.fields);
        lane.outlet->finish();
    }
}

/// Whether steps may run together as far as the outlet goes, which then has the room for it: where it reads so few
/// points that copies of them cost nothing.
template <class T>
bool Engine<T>::prepare_blocks(Workspace<T>& workspace, bool is_transposed) const {
    constexpr index_t share = 8;
    const Blocks& blocks = workspace.schedule_.blocks(is_transposed);
    if (!blocks.is_one_sweep || !workspace.outlet_.reads_points()) return false;
    if (workspace.outlet_.entries() > medium_.layout().size() / share &&
        problem().steps_at_once <= 0)
        return false;
    workspace.outlet_.prepare_gathering(blocks.steps);
    return true;
}

template <class T>
void Engine<T>::prepare_forward(Workspace<T>& workspace, const Input<T>& sources,
                                index_t steps) const {
    workspace.background_.reset(medium_, medium_.forward());
    const Program& program = *medium_.equation().forward;
    workspace.inlet_.prepare(
        medium_, program, sources,
        sources.points ? source_taps(physics(), program, *sources.points) : std::vector<Tap>{},
        steps, source_scale(), workspace.schedule_.threads());
}

template <class T>
void Engine<T>::prepare_transposed(Workspace<T>& workspace, FieldSet<T>& fields, Inlet<T>& inlet,
                                   const Input<T>& receivers, index_t steps) const {
    fields.reset(medium_, medium_.transposed());
    const Transposed& transposed = *medium_.equation().transposed;
    inlet.prepare(
        medium_, transposed.program, receivers,
        receivers.points ? receiver_taps(transposed, *receivers.points) : std::vector<Tap>{}, steps,
        1, workspace.schedule_.threads());
}

template <class T>
void Engine<T>::adjoint(Workspace<T>& workspace, const Input<T>& receivers,
                        const Output<T>& sources, index_t steps) const {
    const ShotRun<T> shot{&workspace, receivers, sources};
    adjoint({&shot, 1}, steps);
}

template <class T>
void Engine<T>::adjoint(std::span<const ShotRun<T>> shots, index_t steps) const {
    Workspace<T>& first = *shots.front().workspace;
    Lanes lanes;
    bool may_block = true;
    medium_.domain().together([&] {
        for (const ShotRun<T>& shot : shots) {
            Workspace<T>& w = *shot.workspace;
            prepare(w, steps, shots.size());
            prepare_transposed(w, w.background_, w.inlet_, shot.input, steps);
            prepare_sources_out(w, shot.output, steps);
            lanes.push({&w.background_, &w.inlet_, &w.outlet_, &w.extras_});
            may_block = may_block && w.inlet_.may_run_together() && prepare_blocks(w, true);
            w.inlet_.apply(-1, steps - 1, w.background_);
            w.outlet_.begin(steps - 1);
        }
    });
    const index_t most = together(first, true, may_block);
    for (index_t n = steps - 2; n > 0;) {
        const index_t count = at_once(most, true, n, steps - 2 - n, steps, n, 0);
        retreat(first.schedule_, lanes, n, count);
        n -= std::max<index_t>(count, 1);
        for (const Lane& lane : lanes)
            guard(first, *lane.inlet, medium_.transposed(), *lane.fields, steps - 2 - n, steps,
                  lane.inlet->entered(steps - 1 - n));
    }
    for (const Lane& lane : lanes) {
        if (steps > 1) finish_back(first, lane, steps);
        lane.outlet->finish();
    }
}

/// What sources receive of level 0.
template <class T>
void Engine<T>::finish_back(Workspace<T>& workspace, const Lane& lane, index_t steps) const {
    transposed_step(workspace.schedule_, lane, 0);
    guard(workspace, *lane.inlet, medium_.transposed(), *lane.fields, steps - 1, steps,
          lane.inlet->entered(steps));
}

template <class T>
void Engine<T>::prepare_sources_out(Workspace<T>& workspace, const Output<T>& sources,
                                    index_t steps) const {
    const Transposed& transposed = *medium_.equation().transposed;
    workspace.outlet_.prepare(
        medium_, transposed.program, sources,
        sources.points ? source_taps(transposed, *medium_.equation().forward, *sources.points)
                       : std::vector<Tap>{},
        steps, source_scale(), workspace.schedule_.threads());
}

// ---- the transform of a run ---------------------------------------------------------------------------

/// What a receiver reads over the model, of rows of its fields: row(part, x, y) from z = 0 on.
template <class T>
template <class Row>
void Engine<T>::read_level(const PlacedPoints& receiver, const Row& row, int threads,
                           T* values) const {
    const Layout& l = medium_.layout();
    const index_t length = l.model[2];
    const index_t rows = l.own_size() / length;
#pragma omp parallel for schedule(static) num_threads(threads)
    for (index_t i = 0; i < rows; ++i) {
        const index_t x = l.own[0] + l.before[0] + i / l.model[1];
        const index_t y = l.before[1] + i % l.model[1];
        T* to = values + i * length;
        for (std::size_t p = 0; p < receiver.parts.size(); ++p) {
            const T* from = row(p, x, y) + l.before[2];
            const T weight = static_cast<T>(receiver.parts[p].part.weight);
            const T at_surface = p == 0 ? T{} : to[0];
            for (index_t z = 0; z < length; ++z) to[z] = (p == 0 ? T{} : to[z]) + weight * from[z];
            if (medium_.vanishes_at_surface(receiver.parts[p].part.field))
                to[0] = at_surface;  // what lies there counts for nothing
        }
    }
}

/// Levels over the model, each from a cache line on.
template <class T>
void Engine<T>::prepare_levels(Workspace<T>& workspace, const HistoryPlan& plan,
                               index_t points) const {
    workspace.history_.prepare(plan, batch_length, 1, round_up(points, block_length),
                               workspace.schedule_.threads(), problem().instructions);
}

template <class T>
void Engine<T>::transform(Workspace<T>& workspace, const Input<T>& sources,
                          const PlacedPoints& receiver, T* transform, index_t steps,
                          const HistoryPlan& plan) const {
    PartnerStore<T>& levels = workspace.history_;
    const auto parts = receiver.parts.size();
    medium_.domain().together([&] {
        prepare(workspace, steps);
        prepare_forward(workspace, sources, steps);
        prepare_levels(workspace, plan, model_size());
        workspace.frames_.resize(static_cast<index_t>(parts) * frame_size());
    });
    FieldSet<T>& fields = workspace.background_;
    const Layout& l = medium_.layout();
    const auto field_of = [&](std::size_t part) { return receiver.parts[part].part.field; };
    const auto frame = [&](std::size_t part) {
        return workspace.frames_.data() + static_cast<index_t>(part) * frame_size();
    };
    const auto keep = [&](index_t level, const auto& row) {
        read_level(receiver, row, workspace.schedule_.threads(), levels.room(level));
        levels.keep(level);
    };
    Lanes lanes;
    lanes.push({&workspace.background_, &workspace.inlet_, nullptr, &workspace.extras_});
    const index_t most = together(workspace, false, workspace.inlet_.may_run_together());
    for (index_t n = 0; n < steps;) {
        guard(workspace, workspace.inlet_, medium_.forward(), fields, n, steps,
              workspace.inlet_.entered(n));
        if (n + 1 == steps) break;
        const index_t count = at_once(most, false, n, n, steps, steps - 1 - n, plan.every);
        const index_t kept = kept_step(n, count, plan.every);
        clear(workspace.extras_);
        for (std::size_t p = 0; kept >= 0 && p < parts; ++p) {
            const int stage = stage_that_updates(*medium_.equation().forward, field_of(p));
            workspace.extras_[static_cast<std::size_t>((kept - n) * stages() + stage)]
                .copies.push_back({field_of(p), false, frame(p)});
        }
        advance(workspace.schedule_, lanes, n, count);
        if (kept >= 0)
            keep(kept / plan.every, [&](std::size_t part, index_t x, index_t y) {
                return frame(part) + l.frame(x, y, 0);
            });
        n += std::max<index_t>(count, 1);
    }
    if (on_comb(steps - 1, plan.every))
        keep((steps - 1) / plan.every, [&](std::size_t part, index_t x, index_t y) {
            return fields.current(field_of(part)) + l.field(x, y, 0);
        });
    levels.get_transform(static_cast<double>(plan.every) * problem().dt, model_size(), transform);
}

template <class T>
void Engine<T>::transform_adjoint(Workspace<T>& workspace, const PlacedPoints& receiver,
                                  const T* transform, const Output<T>& sources, index_t steps,
                                  const HistoryPlan& plan) const {
    PartnerStore<T>& levels = workspace.history_;
    medium_.domain().together([&] {
        prepare(workspace, steps);
        prepare_levels(workspace, plan, filled_size());
        levels.set_transform(static_cast<double>(plan.every) * problem().dt, filled_size(),
                             transform);
        const Input<T> driving{.points = &receiver,
                               .weights = levels.room(0),
                               .stride = levels.room(1) - levels.room(0)};
        prepare_transposed(workspace, workspace.background_, workspace.inlet_, driving,
                           batch_length);
        prepare_sources_out(workspace, sources, steps);
    });
    const Lane lane{&workspace.background_, &workspace.inlet_, &workspace.outlet_,
                    &workspace.extras_};
    const auto drive = [&](index_t n) {
        if (!on_comb(n, plan.every)) return;
        const index_t level = n / plan.every;
        levels.partners(level);
        workspace.inlet_.apply(-1, level % batch_length, *lane.fields);
    };
    drive(steps - 1);
    workspace.outlet_.begin(steps - 1);
    for (index_t n = steps - 2; n > 0; --n) {
        transposed_step(workspace.schedule_, lane, n);
        drive(n);
        guard(workspace, *lane.inlet, medium_.transposed(), *lane.fields, steps - 1 - n, steps,
              lane.inlet->entered(steps - n));
    }
    if (steps > 1) finish_back(workspace, lane, steps);
    lane.outlet->finish();
}

// ---- Born ---------------------------------------------------------------------------------------------

template <class T>
void Engine<T>::prepare_history(Workspace<T>& workspace, const HistoryPlan& plan,
                                index_t together) const {
    workspace.history_.prepare(plan, together, planes_of_partners(), plane_size(),
                               workspace.schedule_.threads(), problem().instructions);
}

template <class T> void Engine<T>::keep_partners(std::vector<StageExtras<T>>& extras, index_t step,
                                                 T* frames) const {
    for (std::size_t p = 0; p < partners_.size(); ++p) {
        const Partner& partner = partners_[p];
        StageExtras<T>& here = extras[static_cast<std::size_t>(step * stages() + partner.stage)];
        T* frame = frames + static_cast<index_t>(p) * frame_size();
        if (partner.kind == Partner::Kind::rate) here.kept.push_back({partner.index, frame});
        else here.copies.push_back({partner.index, partner.kind == Partner::Kind::older, frame});
    }
}

template <class T>
void Engine<T>::scatter_partners(std::vector<StageExtras<T>>& extras, index_t step,
                                 const T* partners, const T* scales) const {
    for (std::size_t p = 0; p < partners_.size(); ++p) {
        const Partner& partner = partners_[p];
        for (const int target : partner.targets)
            extras[static_cast<std::size_t>(step * stages() + partner.stage)].scattered.push_back(
                {target, partners + static_cast<index_t>(p) * frame_size(),
                 scales + partner.scale * frame_size()});
    }
}

/// The multipliers of a stage's targets are whole when the transposed stage begins.
template <class T>
void Engine<T>::image_partners(std::vector<StageExtras<T>>& extras, index_t step, const T* partners,
                               T* images) const {
    for (std::size_t p = 0; p < partners_.size(); ++p) {
        const Partner& partner = partners_[p];
        const index_t stage = stages() - 1 - partner.stage;
        extras[static_cast<std::size_t>(step * stages() + stage)].imaged.push_back(
            {partner.hat, partners + static_cast<index_t>(p) * frame_size(),
             images + partner.image * frame_size()});
    }
}

template <class T> void Engine<T>::clear(std::vector<StageExtras<T>>& extras) {
    for (StageExtras<T>& e : extras) e.clear();
}

template <class T>
void Engine<T>::born(Workspace<T>& workspace, const Input<T>& sources, const T* perturbation,
                     const Output<T>& receivers, index_t steps, const HistoryPlan& plan) const {
    const ShotRun<T> shot{&workspace, sources, receivers};
    born({&shot, 1}, perturbation, steps, plan);
}

template <class T>
void Engine<T>::born(std::span<const ShotRun<T>> shots, const T* perturbation, index_t steps,
                     const HistoryPlan& plan) const {
    Workspace<T>& first = *shots.front().workspace;
    Lanes scattered;
    bool may_block = true;
    medium_.domain().together([&] {
        for (const ShotRun<T>& shot : shots) {
            Workspace<T>& w = *shot.workspace;
            prepare(w, steps, shots.size());
            prepare_forward(w, shot.input, steps);
            read_receivers(w, shot.output, steps);
            w.other_.reset(medium_, medium_.forward());
            prepare_history(w, plan, 1);
            scattered.push({&w.other_, nullptr, &w.outlet_, &w.other_extras_});
            may_block = may_block && w.inlet_.may_run_together() && prepare_blocks(w, false);
        }
        first.frames_.resize(static_cast<index_t>(nodes_.size()) * frame_size());
        refuse_unless_finite(perturbation,
                             physics().parameters.count * medium_.layout().held_size());
        set_scales(perturbation, plan.every, first.frames_.data());
    });
    const index_t most = together(first, false, may_block);
    const auto count_at = [&](index_t n) {
        return at_once(most, false, n, n, steps, steps - 1 - n, plan.every);
    };
    const auto go_on = [&](index_t n, index_t count) {
        for (const ShotRun<T>& shot : shots)
            guard(first, shot.workspace->inlet_, medium_.forward(), shot.workspace->background_, n,
                  steps, shot.workspace->inlet_.entered(n));
        if (n + 1 < steps) advance_and_keep(shots, n, count, plan);
    };
    // Sums over time are complete at their end alone.
    const bool is_ahead = !plan.cycles.empty();
    for (index_t n = 0; is_ahead && n < steps; n += std::max<index_t>(count_at(n), 1))
        go_on(n, count_at(n));
    for (index_t n = 0; n < steps;) {
        const index_t count = count_at(n);
        if (!is_ahead) go_on(n, count);
        for (const ShotRun<T>& shot : shots)
            guard(first, shot.workspace->inlet_, medium_.forward(), shot.workspace->other_, n,
                  steps, driven_by_other_fields);
        if (n + 1 == steps) break;
        const index_t kept = kept_step(n, count, plan.every);
        for (const ShotRun<T>& shot : shots) {
            Workspace<T>& w = *shot.workspace;
            clear(w.other_extras_);
            if (kept >= 0)
                scatter_partners(w.other_extras_, kept - n, w.history_.partners(kept / plan.every),
                                 first.frames_.data());
        }
        advance(first.schedule_, scattered, n, count);
        n += std::max<index_t>(count, 1);
    }
    finish(scattered, steps);
}

/// Steps of the backgrounds from n on, run together, of which one at most is kept; of one that runs backwards, inside
/// its belt.
template <class T>
template <class Shots>
void Engine<T>::advance_and_keep(const Shots& shots, index_t n, index_t count,
                                 const HistoryPlan& plan) const {
    const index_t kept = kept_step(n, count, plan.every);
    const index_t increment = kept / plan.every;
    Lanes lanes;
    for (const auto& shot : shots) {
        Workspace<T>& w = *shot.workspace;
        clear(w.extras_);
        if (kept >= 0) keep_partners(w.extras_, kept - n, w.history_.room(increment));
        lanes.push({&w.background_, &w.inlet_, nullptr, &w.extras_});
    }
    advance(shots.front().workspace->schedule_, lanes, n, count);
    for (const auto& shot : shots) {
        Workspace<T>& w = *shot.workspace;
        if (kept < 0) continue;
        for (std::size_t p = 0; plan.is_reversed && p < partners_.size(); ++p)
            belt_.clear_frame(w.history_.room(increment) + static_cast<index_t>(p) * frame_size(),
                              w.schedule_.threads());
        w.history_.keep(increment);
    }
}

// ---- the adjoint of Born modelling --------------------------------------------------------------------

/// The backgrounds forwards in stretches of so many kept steps, and the adjoint fields backwards against them. A
/// stretch that is computed again takes the very steps that it took before.
template <class T> class Engine<T>::Reversal {
 public:
    Reversal(const Engine& engine, std::span<const ImageRun<T>> shots, index_t steps,
             const HistoryPlan& plan, const std::string& folder)
        : engine_{engine}, shots_{shots}, steps_{steps}, plan_{plan} {
        for (const ImageRun<T>& shot : shots) {
            Workspace<T>& w = *shot.workspace;
            engine.prepare_history(w, plan, plan.is_reversed ? 1 : plan.together);
            if (plan.is_reversed) w.belts_.resize(static_cast<index_t>(plan.aside / sizeof(T)));
            w.states_.prepare(plan.states, engine.state_bytes(), folder);
            may_go_ = may_go_ && !plan.is_reversed && w.inlet_.may_run_together();
            may_go_back_ = may_go_back_ && !plan.is_reversed && w.other_inlet_.may_run_together();
        }
    }

    void run() {
        most_ = engine_.together(first_workspace(), false, may_go_);
        most_back_ = engine_.together(first_workspace(), true, may_go_back_);
        reverse(0, plan_.stretches(), 0);
    }

 private:
    /// All parts of a kept state of every shot by `move`, StateStore's write or read.
    template <class Move> void move_state(index_t state, const Move& move) {
        engine_.medium_.domain().together([&] {
            for (const ImageRun<T>& shot : shots_) {
                std::size_t at = 0;
                shot.workspace->background_.for_each_part([&](T* values, index_t count) {
                    const std::size_t bytes = static_cast<std::size_t>(count) * sizeof(T);
                    std::invoke(move, shot.workspace->states_, state, at, values, bytes);
                    at += bytes;
                });
            }
        });
    }
    Workspace<T>& first_workspace() const { return *shots_.front().workspace; }
    Schedule<T>& schedule() const { return first_workspace().schedule_; }
    int threads() const { return schedule().threads(); }
    /// move(field, its belt at level n) for the current level of all fields that have two.
    template <class Move> void move_belts(index_t n, const Move& move) {
        const Program& program = *engine_.medium_.equation().forward;
        for (const ImageRun<T>& shot : shots_) {
            T* belt = shot.workspace->belts_.data() +
                      static_cast<index_t>(plan_.aside / sizeof(T)) / steps_ * n;
            for (int f = 0; f < program.fields.count; ++f) {
                if (program.fields[f].kind != FieldKind::leap) continue;
                move(shot.workspace->background_.current(f), belt);
                belt += engine_.belt_.size();
            }
        }
    }
    void step_and_belt(index_t n) {
        move_belts(n, [&](T* field, T* belt) { engine_.belt_.save(field, belt, threads()); });
        for (const ImageRun<T>& shot : shots_) {
            Workspace<T>& w = *shot.workspace;
            clear(w.extras_);
            engine_.step(schedule(), w.background_, &w.inlet_, n, w.extras_);
        }
    }
    /// From levels n and n + 1 of the backgrounds to n - 1 and n: a step looks the same backwards.
    void step_back(index_t n) {
        engine_.advance_and_keep(shots_, n, 0, plan_);
        if (n == 0) return;
        move_belts(n - 1, [&](T* field, T* belt) {
            engine_.belt_.restore(belt, field, threads());
            engine_.belt_.clear_outside(field, threads());
        });
    }
    /// The step that stretch i begins with.
    index_t first(index_t i) const { return std::min(plan_.begin(i) * plan_.every, steps_ - 1); }

    /// Stretches begin to end, backwards; the backgrounds stand at the first of them, whose state is the last of
    /// `states` ones, or zero.
    void reverse(index_t begin, index_t end, index_t states) {
        while (end - begin > 1) {
            const index_t far = begin + next_state(end - begin, plan_.states + 1 - states);
            go(first(begin), first(far));
            const bool keeps = end - far > 1;
            if (keeps) move_state(states, &StateStore::write);
            reverse(far, end, keeps ? states + 1 : states);
            if (states == 0) reset();
            else move_state(states - 1, &StateStore::read);
            end = far;
        }
        if (end < plan_.stretches()) {
            go(first(begin), first(end));
        } else {
            const index_t last =
                std::min(std::max<index_t>(plan_.increments - 1, 0) * plan_.every + 1, steps_ - 1);
            go(first(begin), last);
            for (const ImageRun<T>& shot : shots_)
                engine_.check(first_workspace(), shot.workspace->inlet_, engine_.medium_.forward(),
                              shot.workspace->background_, last, steps_,
                              shot.workspace->inlet_.entered(last));
        }
        go_back(end);
    }
    void reset() {
        for (const ImageRun<T>& shot : shots_)
            shot.workspace->background_.reset(engine_.medium_, engine_.medium_.forward());
    }

    void go(index_t from, index_t to) {
        for (index_t n = from; n < to;) {
            const index_t count = engine_.at_once(most_, false, n, n, steps_, to - n, plan_.every);
            if (plan_.is_reversed) step_and_belt(n);
            else engine_.advance_and_keep(shots_, n, count, plan_);
            n += std::max<index_t>(count, 1);
            for (const ImageRun<T>& shot : shots_)
                engine_.guard(first_workspace(), shot.workspace->inlet_, engine_.medium_.forward(),
                              shot.workspace->background_, n, steps_,
                              shot.workspace->inlet_.entered(n));
        }
    }

    /// From the step before the stretch `end` to the first step of the one before, which the step itself imaged.
    void go_back(index_t end) {
        const index_t last = end < plan_.stretches() ? first(end) - 1 : steps_ - 2;
        const index_t turning = (plan_.increments - 1) * plan_.every;
        for (const ImageRun<T>& shot : shots_)
            if (plan_.is_reversed) shot.workspace->background_.turn();
        for (index_t n = last; n >= first(end - 1);) {
            if (plan_.is_reversed && n <= turning) step_back(n);
            const index_t count = engine_.at_once(most_back_, true, n, steps_ - 1 - n, steps_,
                                                  n - first(end - 1) + 1, plan_.every);
            image(n, count);
            n -= std::max<index_t>(count, 1);
            for (const ImageRun<T>& shot : shots_)
                engine_.guard(first_workspace(), shot.workspace->other_inlet_,
                              engine_.medium_.transposed(), shot.workspace->other_, steps_ - 1 - n,
                              steps_, shot.workspace->other_inlet_.entered(steps_ - 1 - n));
        }
    }

    /// Transposed steps n, n - 1, .. of which one at most is imaged.
    void image(index_t n, index_t count) {
        const index_t lowest = n - std::max<index_t>(count, 1) + 1;
        const index_t kept = kept_step(lowest, n - lowest + 1, plan_.every);
        Lanes lanes;
        for (const ImageRun<T>& shot : shots_) {
            Workspace<T>& w = *shot.workspace;
            clear(w.other_extras_);
            if (kept >= 0)
                engine_.image_partners(w.other_extras_, n - kept,
                                       w.history_.partners(kept / plan_.every), w.frames_.data());
            lanes.push({&w.other_, &w.other_inlet_, nullptr, &w.other_extras_});
        }
        engine_.retreat(schedule(), lanes, n, count);
    }

    const Engine& engine_;
    std::span<const ImageRun<T>> shots_;
    index_t steps_;
    const HistoryPlan& plan_;
    bool may_go_ = true;
    bool may_go_back_ = true;
    index_t most_ = 0;  ///< steps that run together
    index_t most_back_ = 0;
};

template <class T>
void Engine<T>::born_adjoint(Workspace<T>& workspace, const Input<T>& sources,
                             const Input<T>& receivers, T* image, index_t steps,
                             const HistoryPlan& plan, const std::string& folder) const {
    const ImageRun<T> shot{&workspace, sources, receivers, image};
    born_adjoint({&shot, 1}, steps, plan, folder);
}

template <class T>
void Engine<T>::born_adjoint(std::span<const ImageRun<T>> shots, index_t steps,
                             const HistoryPlan& plan, const std::string& folder) const {
    assert(plan.increments == (steps < 2 ? 0 : (steps - 2) / plan.every + 1));
    std::optional<Reversal> reversal;
    medium_.domain().together([&] {
        for (const ImageRun<T>& shot : shots) {
            Workspace<T>& w = *shot.workspace;
            prepare(w, steps, shots.size());
            prepare_forward(w, shot.sources, steps);
            prepare_transposed(w, w.other_, w.other_inlet_, shot.receivers, steps);
            w.frames_.resize(static_cast<index_t>(images_.size()) * frame_size());
            w.frames_.clear();
        }
        reversal.emplace(*this, shots, steps, plan, plan.on_disk ? folder : std::string{});
    });
    for (const ImageRun<T>& shot : shots)
        shot.workspace->other_inlet_.apply(-1, steps - 1, shot.workspace->other_);
    reversal->run();
    for (const ImageRun<T>& shot : shots)
        fold_images(*shot.workspace, static_cast<double>(plan.every), shot.image);
}

/// Whether all that a node is the coefficient of is held at zero in the row of a free surface.
template <class T> bool Engine<T>::is_held_at_surface(int node) const {
    return std::all_of(partners_.begin(), partners_.end(), [&](const Partner& partner) {
        return partner.node != node || medium_.vanishes_at_surface(partner.targets[0]);
    });
}

/// comb * dk for every node of a coefficient; zero where its targets are held at zero.
template <class T> void Engine<T>::set_scales(const T* perturbation, index_t comb,
                                              T* scales) const {
    const Layout& l = medium_.layout();
    for (std::size_t k = 0; k < nodes_.size(); ++k) {
        T* scale = scales + static_cast<index_t>(k) * frame_size();
        const bool vanishes = is_held_at_surface(nodes_[k]);
#pragma omp parallel
        {
            std::vector<double> row(static_cast<std::size_t>(l.nz));
#pragma omp for schedule(static)
            for (index_t i = 0; i < l.nx * l.ny; ++i) {
                medium_.expressions().tangents(nodes_[k], i / l.ny, i % l.ny, perturbation,
                                               row.data());
                T* out = scale + i * l.row;
                for (index_t z = 0; z < l.row; ++z)
                    out[z] = z >= l.nz || (vanishes && z == 0)
                                 ? T{}
                                 : static_cast<T>(static_cast<double>(comb) *
                                                  row[static_cast<std::size_t>(z)]);
            }
        }
    }
}

/// Hats become multipliers.
template <class T> void Engine<T>::divide_by_scale(const Partner& partner, T* frame) const {
    const Layout& l = medium_.layout();
    const int hat_node = medium_.equation().transposed->hats[partner.hat].node;
    const bool vanishes = is_held_at_surface(partner.node);
#pragma omp parallel
    {
        std::vector<double> scale(static_cast<std::size_t>(l.nz), 1.0);
#pragma omp for schedule(static)
        for (index_t line = 0; line < l.nx * l.ny; ++line) {
            if (hat_node >= 0) medium_.scales(hat_node, line / l.ny, line % l.ny, scale.data());
            T* row = frame + line * l.row;
            for (index_t z = 0; z < l.nz; ++z)
                row[z] = vanishes && z == 0
                             ? T{}
                             : row[z] / static_cast<T>(scale[static_cast<std::size_t>(z)]);
        }
    }
}

/// The last plane of the frame of the rank before; null where there is none.
template <class T>
const T* Engine<T>::plane_before(const T* frame, FieldBuffer<T>& room) const {
    const Domain& domain = medium_.domain();
    if (!domain.is_cut()) return nullptr;
    const Layout& l = medium_.layout();
    const index_t plane = l.ny * l.row;
    room.resize(plane);
    lop::detail::PersistentMessages messages{domain.ranks(), lop::detail::MessageTag::exchange};
    const auto bytes = static_cast<std::size_t>(plane) * sizeof(T);
    if (l.goes_on(true)) messages.send(frame + (l.nx - 1) * plane, bytes, domain.after());
    if (l.goes_on(false)) messages.receive(room.data(), bytes, domain.before());
    messages.start();
    messages.wait();
    return l.goes_on(false) ? room.data() : nullptr;
}

/// Every point of the model collects its copies.
template <class T>
void Engine<T>::fold_images(Workspace<T>& workspace, double factor, T* image) const {
    const Expressions<T>& expressions = medium_.expressions();
    for (std::size_t i = 0; i < images_.size(); ++i) {
        const Partner& partner = partners_[static_cast<std::size_t>(images_[i])];
        T* frame = workspace.frames_.data() + static_cast<index_t>(i) * frame_size();
        divide_by_scale(partner, frame);
        const T* before = expressions.reaches_back(partner.node)
                              ? plane_before(frame, workspace.plane_)
                              : nullptr;
        expressions.fold(partner.node, frame, before, partner.sign * factor, image);
    }
}

template class Workspace<float>;
template class Workspace<double>;
template class Engine<float>;
template class Engine<double>;

}  // namespace lop::wave
