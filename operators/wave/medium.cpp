/// Precomputes coefficients, stencil weights and layers of a medium.
#include "medium.hpp"

#include "schedule.hpp"
#include <lop/core/error.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <numbers>
#include <span>
#include <string>
#include <type_traits>

namespace lop::wave {
namespace {

bool is_first(Difference kind) {
    return kind != Difference::second && kind != Difference::laplacian;
}

/// Where the memory variables of a derivative along an axis lie: forward, where its values do; transposed,
/// where its sources do, which is where the values of the forward difference do.
bool memory_is_half(const Program& program, const Derivative& d, int axis) {
    const bool source = program.fields[d.sources[0].field].position.half[axis];
    const bool moves = d.kind == Difference::forward || d.kind == Difference::backward;
    return moves && !program.is_transposed ? !source : source;
}

}  // namespace

template <class T> std::uint64_t Medium<T>::next_number() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

template <class T>
Medium<T>::Medium(const Equation<T>& equation, const Problem& problem, const T* parameters,
                  const Domain& domain)
    : equation_{equation}, problem_{problem}, domain_{domain} {
    check(problem);
    stencil_ = taylor_stencil(problem.order);
    radius_ = stencil_.radius;
    kernels_ = &row_kernels<T>(radius_, problem.instructions);
    layout_ = lay_out(problem, radius_, sizeof(T), domain);
    expressions_ = std::make_unique<Expressions<T>>(
        *equation.physics, layout_, problem.dt, problem.settings, problem.free_surface, parameters);
    speeds_ =
        survey(*equation.physics, problem.settings, parameters, layout_.held_size(),
               Shape{std::span{problem.extents}.first(static_cast<std::size_t>(problem.dimension))},
               domain, layout_.held[0] * layout_.model[1] * layout_.model[2]);
    zeros_.resize(rows_together * layout_.row);
    zeros_.clear();
    set_weights();
    set_parities();
    if (problem.free_surface && equation.physics->has_tractions()) set_closure();
    if (problem.is_sponge) set_sponge();
    else set_slabs();
    floors_.assign(static_cast<std::size_t>(equation.physics->nodes.count), 0);
    ranges_.assign(floors_.size(), {1, 0});
    for (const Hat& hat : equation.transposed->hats)
        if (hat.node >= 0) scale_floor(hat.node);
    set_recurrence(*equation.forward, false, forward_);
    set_recurrence(equation.transposed->program, true, transposed_);
}

template <class T> double Medium<T>::cell_volume() const {
    double volume = 1;
    for (int k = 0; k < problem_.dimension; ++k)
        volume *= problem_.spacing[static_cast<std::size_t>(k)];
    return volume;
}

template <class T> void Medium<T>::set_weights() {
    double centre = 0;
    weights_.radius = radius_;
    for (int axis = 0; axis < problem_.dimension; ++axis) {
        const double h = problem_.spacing[static_cast<std::size_t>(axis)];
        AxisWeights<T>& w = weights_.axis[axis];
        for (std::size_t j = 0; j <= static_cast<std::size_t>(radius_); ++j) {
            w.second[j] = static_cast<T>(stencil_.second[j] / (h * h));
            w.centred[j] = static_cast<T>(stencil_.first[j] / h);
            w.staggered[j] = static_cast<T>(stencil_.staggered[j] / h);
        }
        centre += stencil_.second[0] / (h * h);
    }
    weights_.centre = static_cast<T>(centre);
}

// ---- free surface ---------------------------------------------------------------------------------

/// A field that vanishes at the surface has odd images above it. A first difference along z turns odd into
/// even, and whatever a field is made of has its parity.
template <class T> void Medium<T>::set_parities() {
    const Physics& w = *equation_.physics;
    odd_.assign(static_cast<std::size_t>(w.fields.count), false);
    for (const int f : w.vanishing) odd_[static_cast<std::size_t>(f)] = true;
    if (!problem_.free_surface) return;
    if (w.vanishing.count == 0)
        throw ArgumentError{"a free surface",
                            {.expected = "an equation that says which of its fields vanish there"}};
    if (w.has_tractions()) return;  // no images
    const int z = w.dimension - 1;
    for (const DeclaredUpdate& u : w.updates) {
        for (const Term& term : u.terms) {
            if (term.kind != TermKind::rate || w.vanishes(u.target)) continue;
            const RateTerm& rate = term.rate[0];
            const bool source = odd_[static_cast<std::size_t>(rate.sources[0].field)];
            odd_[static_cast<std::size_t>(u.target)] =
                is_first(rate.kind) && rate.axis == z ? !source : source;
        }
    }
}

/// The corrections, divided by the spacing, column by column.
template <class T> void Medium<T>::set_closure() {
    closure_.emplace(radius_);
    const index_t line = cache_line / static_cast<index_t>(sizeof(T));
    std::array<SurfaceClosure::Matrix, 8> all;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const Difference kind = i & 4 ? Difference::backward : Difference::forward;
        all[i] = closure_->correction(kind, (i & 2) != 0, (i & 1) != 0);
        closure_length_ = std::max<index_t>(closure_length_, all[i].rows);
    }
    closure_length_ = std::min(round_up(closure_length_, line), layout_.row);
    for (std::size_t i = 0; i < all.size(); ++i) {
        const index_t columns = std::min<index_t>(all[i].columns, layout_.nz);
        closure_columns_[i].resize(columns * closure_length_);
        closure_columns_[i].clear();
        for (index_t column = 0; column < columns; ++column)
            for (index_t row = 0; row < std::min<index_t>(all[i].rows, closure_length_); ++row)
                closure_columns_[i].data()[column * closure_length_ + row] = static_cast<T>(
                    all[i](static_cast<int>(row), static_cast<int>(column)) / spacing(2));
    }
}

template <class T> const FieldBuffer<T>& Medium<T>::closure_columns(const Derivative& derivative,
                                                                    bool is_transposed) const {
    return closure_columns_[(derivative.kind == Difference::backward ? 4U : 0U) +
                            (is_transposed ? 2U : 0U) + (derivative.is_pinned ? 1U : 0U)];
}

template <class T> double Medium<T>::share(int declared_field, index_t z) const {
    if (!closure_) return 1;
    const Position& at = equation_.physics->fields[declared_field].position;
    return closure_->share(at.half[problem_.dimension - 1], static_cast<std::size_t>(z));
}

// ---- coefficients ---------------------------------------------------------------------------------

/// Scales divide: they are kept off zero, so far that what they scale is not changed in its last digit.
template <class T> const std::array<double, 2>& Medium<T>::range(int node) {
    auto& known = ranges_[static_cast<std::size_t>(node)];
    if (known[0] <= known[1]) return known;
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
#pragma omp parallel reduction(min : low) reduction(max : high)
    {
        std::vector<double> row(static_cast<std::size_t>(layout_.nz));
#pragma omp for schedule(static)
        for (index_t i = 0; i < layout_.nx * layout_.ny; ++i) {
            expressions_->values(node, i / layout_.ny, i % layout_.ny, row.data());
            for (const double value : row) {
                low = std::min(low, value);
                high = std::max(high, value);
            }
        }
    }
    if (domain_.is_cut()) {
        low = -domain_.ranks().max(-low);
        high = domain_.ranks().max(high);
    }
    return known = {low, high};
}

template <class T> double Medium<T>::scale_floor(int node) {
    constexpr double share = std::is_same_v<T, float> ? 1e-12 : 1e-25;
    const auto& found = range(node);
    return floors_[static_cast<std::size_t>(node)] =
               share * std::max(std::abs(found[0]), std::abs(found[1]));
}

template <class T> double Medium<T>::scale(int node,
                                           const typename Expressions<T>::Cell& at) const {
    const double value = expressions_->value(node, at);
    const double floor = floors_[static_cast<std::size_t>(node)];
    return std::abs(value) < floor ? floor : value;
}

template <class T> void Medium<T>::scales(int node, index_t x, index_t y, double* out) const {
    expressions_->values(node, x, y, out);
    const double floor = floors_[static_cast<std::size_t>(node)];
    for (index_t z = 0; z < layout_.nz; ++z) out[z] = std::abs(out[z]) < floor ? floor : out[z];
}

template <class T> const T* Medium<T>::array(const CoefficientRule& rule, bool vanishes) {
    for (const auto& known : arrays_)
        if (known->rule == rule && known->vanishes == vanishes) return known->values.data();
    arrays_.push_back(std::make_unique<Array>());
    Array& made = *arrays_.back();
    made.rule = rule;
    made.vanishes = vanishes;
    made.values.resize(layout_.frame_size);
    made.values.clear();
#pragma omp parallel
    {
        const auto length = static_cast<std::size_t>(layout_.nz);
        std::vector<double> row(length, 1.0), other(length);
        const auto values = [&](int node, index_t i, bool is_scale, std::vector<double>& out) {
            if (is_scale) scales(node, i / layout_.ny, i % layout_.ny, out.data());
            else expressions_->values(node, i / layout_.ny, i % layout_.ny, out.data());
        };
#pragma omp for schedule(static)
        for (index_t i = 0; i < layout_.nx * layout_.ny; ++i) {
            if (rule.node >= 0) values(rule.node, i, rule.is_scale, row);
            else std::fill(row.begin(), row.end(), 1.0);
            if (rule.times >= 0) {
                values(rule.times, i, true, other);
                for (std::size_t z = 0; z < length; ++z) row[z] *= other[z];
            }
            if (rule.over >= 0) {
                values(rule.over, i, true, other);
                for (std::size_t z = 0; z < length; ++z) row[z] /= other[z];
            }
            // A surface row stays at zero because its coefficients are.
            for (std::size_t z = vanishes ? 1 : 0; z < length; ++z)
                made.values.data()[i * layout_.row + static_cast<index_t>(z)] =
                    static_cast<T>(rule.sign * row[z]);
        }
    }
    return made.values.data();
}

// ---- recurrences ----------------------------------------------------------------------------------

template <class T>
void Medium<T>::set_recurrence(const Program& program, bool is_transposed, Recurrence<T>& run) {
    run.program = &program;
    for (int s = 0; s < program.stages.count; ++s) {
        StageRun<T> stage;
        stage.stage = &program.stages[s];
        stage.slots = slots_of(*equation_.physics, program, s);
        stage.kernel = equation_.kernel(is_transposed, s, radius_, problem_.instructions);
        run.stages.push_back(std::move(stage));
        set_coefficients(program, run.stages.back());
        set_layers(program, run.stages.back(), run);
        set_surfaces(program, run.stages.back());
        for (int u = 0; u < program.stages[s].updates.count; ++u)
            if (needs_images(program, program.stages[s].updates[u].target))
                run.stages.back().mirrored.push_back(u);
        for (const Update& u : program.stages[s].updates)
            if (domain_.is_cut() && is_read_along(program, u.target, 0))
                run.stages.back().crossing.push_back(u.target);
    }
}

/// The fields whose coefficients these are decide, all together, where they vanish.
template <class T> void Medium<T>::set_coefficients(const Program& program, StageRun<T>& run) {
    const StageSlots& slots = run.slots;
    std::vector<bool> vanishes(static_cast<std::size_t>(slots.coefficients.count), false);
    std::fill_n(vanishes.begin(), run.stage->groups.count, true);
    for (const Update& u : run.stage->updates)
        if (!vanishes_at_surface(program, u.target))
            for (const Signed& g : u.groups) vanishes[static_cast<std::size_t>(g.index)] = false;
    for (int c = 0; c < slots.coefficients.count; ++c) {
        const CoefficientRule& rule = program.coefficients[slots.coefficients[c]];
        const bool uniform = slots.shape.is_uniform[c];
        const bool vanishing = vanishes[static_cast<std::size_t>(c)];
        const typename Expressions<T>::Cell origin{0, 0, 0};
        const auto value = [&](int node) {
            return node < 0 ? 1.0 : expressions_->value(node, origin);
        };
        run.numbers.push_back(uniform ? static_cast<T>(rule.sign * value(rule.node) *
                                                       value(rule.times) / value(rule.over))
                                      : T{});
        run.coefficients.push_back(uniform ? nullptr : array(plain_if_sound(rule), vanishing));
    }
}

/// A scale that never comes near zero is the coefficient itself, and shares its array.
template <class T> CoefficientRule Medium<T>::plain_if_sound(CoefficientRule rule) {
    if (!rule.is_scale || rule.node < 0) return rule;
    const auto& found = range(rule.node);
    const double least = found[0] > 0 ? found[0] : found[1] < 0 ? -found[1] : 0;
    if (least > floors_[static_cast<std::size_t>(rule.node)]) rule.is_scale = false;
    return rule;
}

/// The declared field that a field of a program stands for.
template <class T> int Medium<T>::declared_field(const Program& program, int field) const {
    return program.is_transposed ? equation_.transposed->hats[field].fields[0].index : field;
}

template <class T> bool Medium<T>::vanishes_at_surface(const Program& program, int field) const {
    return vanishes_at_surface(declared_field(program, field));
}

template <class T> bool Medium<T>::vanishes_at_surface(int declared_field) const {
    if (!problem_.free_surface) return false;
    const Position& at = equation_.physics->fields[declared_field].position;
    return !at.half[problem_.dimension - 1] && is_odd(declared_field);
}

template <class T> bool Medium<T>::needs_images(const Program& program, int field) const {
    return problem_.free_surface && !has_closure() &&
           is_read_along(program, field, problem_.dimension - 1);
}

template <class T> bool Medium<T>::is_read_along(const Program& program, int field, int axis) {
    for (const Stage& stage : program.stages)
        for (const Derivative& d : stage.derivatives)
            for (const SignedField& source : d.sources)
                if (source.field == field && (d.kind == Difference::laplacian || d.axis == axis))
                    return true;
    return false;
}

template <class T> void Medium<T>::set_layers(const Program& program, StageRun<T>& run,
                                              Recurrence<T>& all) {
    for (int d = 0; d < run.stage->derivatives.count; ++d) {
        const Derivative& derivative = run.stage->derivatives[d];
        for (int s = 0; s < static_cast<int>(slabs_.size()); ++s) {
            const Slab<T>& slab = slabs_[static_cast<std::size_t>(s)];
            const int axis = physics_axis(slab.axis);
            if (derivative.kind != Difference::laplacian && derivative.axis != axis) continue;
            if (slab.half != memory_is_half(program, derivative, axis)) continue;
            const bool second = !is_first(derivative.kind);
            run.layers.push_back({d, s, static_cast<int>(all.memories.size()), second});
            for (int k = 0; k < (second ? 2 : 1); ++k) all.memories.push_back(slab.memory);
        }
    }
}

template <class T>
void Medium<T>::set_surfaces(const Program& program, StageRun<T>& run) const {
    if (!has_closure()) return;
    for (int d = 0; d < run.stage->derivatives.count; ++d) {
        const Derivative& derivative = run.stage->derivatives[d];
        if (derivative.axis != problem_.dimension - 1) continue;
        const FieldBuffer<T>& columns = closure_columns(derivative, program.is_transposed);
        run.surfaces.push_back(
            {d, columns.data(), columns.size() / closure_length_, closure_length_});
    }
}

// ---- layers -----------------------------------------------------------------------------------------

/// Slabs of one axis must not feel each other, nor the mirror images of a surface: the transposes of their
/// one-sided differences would then need terms of their own.
template <class T> void Medium<T>::refuse_narrow(int axis) const {
    const auto& cells = layout_.cells[static_cast<std::size_t>(axis)];
    const index_t free = layout_.extent(axis) - cells[0] - cells[1];
    bool is_staggered = false;
    for (const DeclaredField& f : equation_.physics->fields)
        is_staggered = is_staggered || f.position.is_half();
    const index_t least = radius_ + (is_staggered ? 1 : 0);
    if (free >= least) return;
    throw ArgumentError{"an absorbing layer of " + std::to_string(std::max(cells[0], cells[1])) +
                            " cells on axis " + "xyz" [axis],
                        {
                            .expected = "at least " + std::to_string(least) +
                                        " grid points between the layers at order " +
                                        std::to_string(problem_.order),
                            .found = std::to_string(free),
                            .remedy = "a larger model, a thinner layer or a lower order"
                        }};
}

template <class T> void Medium<T>::set_edges() {
    const index_t line = cache_line / static_cast<index_t>(sizeof(T));
    const auto& cells = layout_.cells[2];
    edges_ = {EdgeBlock{0, closure_length_}, EdgeBlock{layout_.row, 0}};
    if (cells[0] > 0)
        edges_[0] = {0, std::min(round_up(cells[0] + radius_ + 1, line), layout_.row)};
    if (cells[1] == 0) return;
    const index_t begin = std::max<index_t>(layout_.nz - cells[1] - 1 - radius_, 0) / line * line;
    if (begin < edges_[0].length) edges_[0].length = layout_.row;
    else edges_[1] = {begin, layout_.row - begin};
}

// ---- sponge -----------------------------------------------------------------------------------------

/// At a coordinate of an axis of the whole grid, in 1/s.
template <class T> double Medium<T>::sponge_rate(int axis, double at) const {
    const index_t extent = axis == 0 ? layout_.all_planes : layout_.extent(axis);
    const double velocity = problem_.layer_velocity > 0 ? problem_.layer_velocity : speeds_.fastest;
    double rate = 0;
    for (const bool at_end : {false, true}) {
        const auto cells = static_cast<double>(layer_width(problem_, physics_axis(axis), at_end));
        const double depth = at_end ? at - static_cast<double>(extent) + cells + 1 : cells - at;
        if (cells == 0 || depth <= 0) continue;
        const double share = depth / cells;
        const double turns = 2 * std::numbers::pi * share;
        rate += velocity * std::log(1 / problem_.layer.reflection) / (cells * spacing(axis)) *
                (share - std::sin(turns) / (2 * std::numbers::pi));
    }
    return rate;
}

template <class T> void Medium<T>::set_sponge() {
    edges_ = {EdgeBlock{0, closure_length_}, EdgeBlock{layout_.row, 0}};
    const index_t line = cache_line / static_cast<index_t>(sizeof(T));
    const index_t first = std::min(round_up(layout_.cells[2][0], line), layout_.row);
    const index_t last = std::max(first, (layout_.nz - layout_.cells[2][1] - 1) / line * line);
    sponge_ends_ = {EdgeBlock{0, first}, EdgeBlock{last, layout_.row - last}};
    if (layout_.cells[2][1] == 0) sponge_ends_[1] = {layout_.row, 0};
    const auto factor = [&](int axis, index_t i, std::size_t half, std::size_t levels) {
        const double at = static_cast<double>(i) + (half == 1 ? 0.5 : 0);
        return std::exp(-static_cast<double>(levels + 1) * sponge_rate(axis, at) * problem_.dt);
    };
    for (const std::size_t half : {0, 1})
        for (const std::size_t levels : {0, 1}) {
            for (index_t x = -radius_; x < layout_.nx + radius_; ++x)
                sponge_across_[0][half][levels].push_back(
                    factor(0, x + layout_.first_plane, half, levels));
            for (index_t y = 0; y < layout_.ny; ++y)
                sponge_across_[1][half][levels].push_back(
                    layout_.is_planar ? 1 : factor(1, y, half, levels));
            FieldBuffer<T>& along = sponge_along_[half][levels];
            along.resize(layout_.row);
            for (index_t z = 0; z < layout_.row; ++z)
                along.data()[z] =
                    z < layout_.nz ? static_cast<T>(factor(2, z, half, levels)) : T{1};
        }
}

template <class T> bool Medium<T>::is_damped(const Program& program, int field) const {
    return has_sponge() &&
           equation_.physics->fields[declared_field(program, field)].kind != FieldKind::temporary;
}

template <class T> typename Medium<T>::SpongeRow Medium<T>::sponge(const Program& program,
                                                                   int field, index_t x,
                                                                   index_t y) const {
    const DeclaredField& declared = equation_.physics->fields[declared_field(program, field)];
    const auto half = [&](int axis) {
        return static_cast<std::size_t>(declared.position.half[physics_axis(axis)] ? 1 : 0);
    };
    const std::size_t levels = declared.kind == FieldKind::leap ? 1 : 0;
    const double across =
        sponge_across_[0][half(0)][levels][static_cast<std::size_t>(x + radius_)] *
        sponge_across_[1][layout_.is_planar ? 0 : half(1)][levels][static_cast<std::size_t>(y)];
    return {static_cast<T>(across), sponge_along_[half(2)][levels].data(), levels == 1};
}

template <class T> void Medium<T>::set_slabs() {
    set_edges();
    for (int axis = 0; axis < 3; ++axis) {
        const auto& cells = layout_.cells[static_cast<std::size_t>(axis)];
        if (cells[0] + cells[1] == 0) continue;
        refuse_narrow(axis);
        for (const bool at_end : {false, true})
            for (const bool half : {false, true})
                if (cells[at_end ? 1 : 0] > 0) slabs_.push_back(make_slab(axis, at_end, half));
    }
}

/// Profiles after Pasalic and McGarry (2010): b = exp(-(sigma + alpha) dt), a = sigma / (sigma + alpha) (b - 1).
template <class T> Slab<T> Medium<T>::make_slab(int axis, bool at_end, bool half) const {
    const Pml& layer = problem_.layer;
    const index_t r = radius_;
    const index_t extent = layout_.extent(axis);
    const index_t cells = layout_.cells[static_cast<std::size_t>(axis)][at_end ? 1 : 0];
    Slab<T> slab;
    slab.axis = axis;
    slab.at_end = at_end;
    slab.half = half;
    slab.begin = at_end ? extent - cells - (half ? 1 : 0) : 0;
    slab.end = at_end ? extent : cells;
    if (axis == 2) slab.edge = at_end && edges_[1].length > 0 ? 1 : 0;
    const EdgeBlock& edge = edges_[slab.edge == 1 ? 1 : 0];
    const index_t shift = axis == 2 ? edge.begin : slab.begin - 2 * r;
    for (FieldBuffer<T>* profile : {&slab.a, &slab.b}) {
        profile->resize(axis == 2 ? edge.length : slab.end - slab.begin + 4 * r);
        profile->clear();
    }
    const double velocity = problem_.layer_velocity > 0 ? problem_.layer_velocity : speeds_.fastest;
    const double sigma_max = -3 * velocity * std::log(layer.reflection) /
                             (2 * static_cast<double>(cells) * spacing(axis));
    for (index_t i = slab.begin; i < slab.end; ++i) {
        const double at = static_cast<double>(i) + (half ? 0.5 : 0);
        const double depth =
            at_end ? at - static_cast<double>(extent - cells) + 1 : static_cast<double>(cells) - at;
        const double xi = depth / static_cast<double>(cells);
        const double sigma = sigma_max * xi * xi;
        const double alpha = std::numbers::pi * layer.frequency * std::max(0.0, 1 - xi);
        const double b = std::exp(-(sigma + alpha) * problem_.dt);
        slab.b.data()[i - shift] = static_cast<T>(b);
        slab.a.data()[i - shift] = static_cast<T>(sigma / (sigma + alpha) * (b - 1));
    }
    const index_t thick = slab.end - slab.begin;
    slab.memory = axis == 0   ? thick * layout_.ny * layout_.row
                  : axis == 1 ? layout_.nx * thick * layout_.row
                              : layout_.nx * layout_.ny * edge.length;
    return slab;
}

template class Medium<float>;
template class Medium<double>;

}  // namespace lop::wave
