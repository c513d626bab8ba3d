/// Which fields sources and receivers touch, forward and transposed.
#include "taps.hpp"

#include <lop/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

namespace lop::wave {

int stage_that_updates(const Program& program, int field) {
    for (int s = 0; s < program.stages.count; ++s)
        for (const Update& u : program.stages[s].updates)
            if (u.target == field) return s;
    return -1;
}

int sole_hat(const Transposed& transposed, int field, int node) {
    int found = -1;
    for (int h = 0; h < transposed.hats.count; ++h) {
        const Hat& hat = transposed.hats[h];
        if (hat.fields.count != 1 || hat.fields[0].index != field) continue;
        if (found < 0 || hat.node == node) found = h;
    }
    return found;
}

namespace {

/// The group of a field's update that a source adds to the rate of.
int group_with(const Program& forward, int field, int node) {
    const Stage& stage = forward.stages[stage_that_updates(forward, field)];
    for (const Update& u : stage.updates)
        for (const Signed& g : u.groups)
            if (u.target == field &&
                forward.coefficients[stage.groups[g.index].coefficient].node == node)
                return g.index;
    return -1;
}

}  // namespace

std::vector<Tap> source_taps(const Physics& physics, const Program& forward,
                             const PlacedPoints& points) {
    std::vector<Tap> taps;
    for (const PlacedPart& placed : points.parts) {
        const Part& part = placed.part;
        Tap tap{part.field, stage_that_updates(forward, part.field), &placed.points, part.weight};
        tap.declared = part.field;
        tap.is_source = true;
        tap.times = part.node;
        tap.kept_group = group_with(forward, part.field, part.node);
        if (tap.kept_group < 0 && physics.depends(part.node))
            throw ArgumentError{
                std::string{"a source that drives the field "} + physics.fields[part.field].name,
                {.expected = "the coefficient of a rate of that field, the same variable in the "
                             "declaration, or one without parameters"}};
        taps.push_back(tap);
    }
    return taps;
}

std::vector<Tap> source_taps(const Transposed& transposed, const Program& forward,
                             const PlacedPoints& points) {
    std::vector<Tap> taps;
    for (const PlacedPart& placed : points.parts) {
        const Part& part = placed.part;
        const int h = sole_hat(transposed, part.field, part.node);
        if (h < 0)
            throw ArgumentError{
                "a source that drives a field whose multiplier is not kept by itself",
                {.expected = "a field with a rate that no other field has"}};
        const Hat& hat = transposed.hats[h];
        Tap tap{h, forward.stages.count - 1 - stage_that_updates(forward, part.field),
                &placed.points, part.weight * hat.flip * hat.fields[0].sign};
        tap.declared = part.field;
        tap.is_source = true;
        if (hat.node != part.node) {
            tap.times = part.node;
            tap.over = hat.node;
        }
        taps.push_back(tap);
    }
    return taps;
}

std::vector<Tap> receiver_taps(const Program&, const PlacedPoints& points) {
    std::vector<Tap> taps;
    for (const PlacedPart& placed : points.parts) {
        taps.push_back({placed.part.field, -1, &placed.points, placed.part.weight});
        taps.back().declared = placed.part.field;
    }
    return taps;
}

/// Fields of the last stage are read before their own update, when a sponge must have taken its part; it takes its part
/// of the others in that update.
std::vector<Tap> receiver_taps(const Transposed& transposed, const PlacedPoints& points) {
    std::vector<Tap> taps;
    const int last = transposed.program.stages.count - 1;
    for (const PlacedPart& placed : points.parts)
        for (int h = 0; h < transposed.hats.count; ++h)
            for (const Signed& f : transposed.hats[h].fields)
                if (f.index == placed.part.field) {
                    const Hat& hat = transposed.hats[h];
                    Tap tap{h,        -1,  &placed.points, placed.part.weight * hat.flip * f.sign,
                            hat.node, true};
                    tap.declared = f.index;
                    tap.before_sponge = hat.stage == last;
                    taps.push_back(tap);
                }
    return taps;
}

// ---------------------------------------------------------------------------------------------

using detail::reads;

namespace {

/// Whether what enters a field between steps reaches the neighbours with the messages of a stage before they read it: with
/// the last one of this step, or with the first of the next, which makes the field anew in its place.
bool is_carried(const Program& program, int field) {
    const auto& stages = program.stages;
    const int made = stage_that_updates(program, field);
    return made + 1 == stages.count ||
           (made == 0 && program.fields[field].kind == FieldKind::simple &&
            !reads(stages[0], field));
}

}  // namespace

template <class T>
void Inlet<T>::prepare(const Medium<T>& medium, const Program& program, const Input<T>& input,
                       std::vector<Tap> taps, index_t steps, double scale, int threads) {
    input_ = input;
    taps_ = std::move(taps);
    steps_ = steps;
    threads_ = threads;
    find_largest(program.is_transposed);
    may_run_together_ = !input_.weights;
    for (Tap& tap : taps_) {
        const auto& stages = program.stages;
        tap.is_late = tap.stage < 0 && program.fields[tap.field].kind == FieldKind::simple &&
                      reads(stages[stages.count - 1], tap.field);
        if (tap.is_late && reads(stages[0], tap.field)) may_run_together_ = false;
        if (medium.domain().is_cut() && tap.stage < 0 && !is_carried(program, tap.field))
            may_run_together_ = false;
    }
    if (input_.weights) return prepare_volumes(volumes_, medium, program, taps_, scale, true);
    injectors_.resize(std::max(injectors_.size(), taps_.size()));
    for (std::size_t i = 0; i < taps_.size(); ++i)
        injectors_[i].prepare(medium, program, taps_[i], scale);
}

template <class T>
void Inlet<T>::apply(int stage, index_t n, FieldSet<T>& fields,
                     const StageExtras<T>* extras) const {
    const Series at = series(n);
    for (std::size_t i = 0; i < taps_.size(); ++i) {
        const Tap& tap = taps_[i];
        if (tap.stage != stage) continue;
        T* kept = kept_of(tap, extras);
        T* field = stage < 0 ? fields.current(tap.field) : fields.next(tap.field);
        if (input_.weights)
            volumes_[i].inject(input_.weights + n * input_.stride,
                               input_.stride > 0 ? T{1} : input_.values[at.place(0)], field, kept,
                               threads_);
        else injectors_[i].inject(input_.values, at, field, kept, threads_);
    }
}

template <class T>
void Inlet<T>::apply(Moment moment, int stage, index_t n, FieldSet<T>& fields, bool ahead,
                     const StageExtras<T>* extras, const RowRange& rows) const {
    for (std::size_t i = 0; i < taps_.size(); ++i) {
        const Tap& tap = taps_[i];
        if (tap.stage != (moment == Moment::after_stage ? stage : -1) ||
            tap.is_late != (moment == Moment::before_next))
            continue;
        T* field = tap.is_late ? fields.current(tap.field, ahead) : fields.next(tap.field, ahead);
        injectors_[i].inject(input_.values, series(n), field, kept_of(tap, extras), rows);
    }
}

template <class T> void Inlet<T>::apply_late(index_t n, FieldSet<T>& fields) const {
    for (std::size_t i = 0; i < taps_.size(); ++i)
        if (taps_[i].is_late)
            injectors_[i].inject(input_.values, series(n), fields.current(taps_[i].field), nullptr,
                                 threads_);
}

template <class T> Series Inlet<T>::series(index_t n) const {
    const index_t size = input_.points ? input_.points->size() : 0;
    return input_.by_step ? Series{1, n * size} : Series{steps_, n};
}

template <class T>
T* Inlet<T>::kept_of(const Tap& tap, const StageExtras<T>* extras) const {
    T* kept = nullptr;
    for (std::size_t k = 0; extras && k < extras->kept.size(); ++k)
        if (extras->kept[k].group == tap.kept_group) kept = extras->kept[k].frame;
    return kept;
}

template <class T> void Inlet<T>::find_largest(bool is_backward) {
    largest_.assign(static_cast<std::size_t>(steps_), T{});
    const index_t size = input_.points ? input_.points->size() : 0;
    const index_t series = input_.stride > 0 ? 0 : input_.weights ? 1 : size;
    const auto note = [&](index_t n, T value) {
        T& largest = largest_[static_cast<std::size_t>(n)];
        largest = std::max(largest, std::abs(value));
    };
    const T* value = input_.values;
    if (input_.by_step)
        for (index_t n = 0; series > 0 && n < steps_; ++n)
            for (index_t p = 0; p < series; ++p) note(n, *value++);
    else
        for (index_t p = 0; p < series; ++p)
            for (index_t n = 0; n < steps_; ++n) note(n, *value++);
    if (is_backward) std::reverse(largest_.begin(), largest_.end());
    std::partial_sum(largest_.begin(), largest_.end(), largest_.begin(),
                     [](T a, T b) { return std::max(a, b); });
}

template <class T> bool Inlet<T>::is_finite() const {
    const index_t size = input_.points ? input_.points->size() : 0;
    for (index_t i = 0; i < size * steps_; ++i)
        if (!std::isfinite(input_.values[i])) return false;
    for (index_t n = 0; input_.weights && n < (input_.stride > 0 ? steps_ : 1); ++n)
        if (!volumes_.front().is_finite(input_.weights + n * input_.stride)) return false;
    return true;
}

template <class T>
void Outlet<T>::prepare(const Medium<T>& medium, const Program& program, const Output<T>& output,
                        std::vector<Tap> taps, index_t steps, double scale, int threads) {
    output_ = output;
    domain_ = &medium.domain();
    taps_ = std::move(taps);
    std::stable_sort(taps_.begin(), taps_.end(),
                     [](const Tap& a, const Tap& b) { return a.stage < b.stage; });
    steps_ = steps;
    threads_ = threads;
    if (output_.wavelet) {
        prepare_volumes(volumes_, medium, program, taps_, scale, false);
        std::fill_n(output_.values, medium.layout().own_size(), T{});
        return;
    }
    samplers_.resize(std::max(samplers_.size(), taps_.size()));
    for (std::size_t i = 0; i < taps_.size(); ++i) samplers_[i].prepare(medium, taps_[i], scale);
    share_out(medium);
}

/// Which points lie here, on another rank, or on several; these get slots by a count that all ranks make alike.
template <class T> void Outlet<T>::share_out(const Medium<T>& medium) {
    const Layout& l = medium.layout();
    first_plane_ = l.first_plane;
    last_plane_ = l.first_plane + l.nx;
    whole_.clear();
    split_.clear();
    slots_ = 0;
    const index_t size = output_.points ? output_.points->size() : 0;
    const auto owner = [&](index_t plane) {
        const index_t before = l.before[0] + l.first_plane;
        return domain_->owner(std::clamp<index_t>(plane - before, 0, l.model[0] - 1));
    };
    for (index_t p = 0; p < size; ++p) {
        int lowest = -1, highest = -1;
        for (std::size_t i = 0; i < taps_.size(); ++i)
            for (index_t run = samplers_[i].runs(p)[0]; run < samplers_[i].runs(p)[1]; ++run) {
                const int rank = owner(samplers_[i].plane(run));
                lowest = lowest < 0 ? rank : std::min(lowest, rank);
                highest = std::max(highest, rank);
            }
        if (lowest < highest) {
            split_.push_back({p, slots_});
            slots_ += runs_of(p);
        } else if (highest == domain_->ranks().rank()) {
            whole_.push_back(p);
        }
    }
    series_.resize(slots_ * steps_);
    series_.clear();
}

template <class T> index_t Outlet<T>::runs_of(index_t point) const {
    index_t count = 0;
    for (std::size_t i = 0; i < taps_.size(); ++i)
        count += samplers_[i].runs(point)[1] - samplers_[i].runs(point)[0];
    return count;
}

template <class T> Series Outlet<T>::series(index_t n) const {
    const index_t size = output_.points ? output_.points->size() : 0;
    return output_.by_step ? Series{1, n * size} : Series{steps_, n};
}

template <class T> void Outlet<T>::begin(index_t n) const {
    if (output_.wavelet || !output_.points) return;
    const Series series = this->series(n);
    for (index_t p = 0; p < output_.points->size(); ++p) output_.values[series.place(p)] = 0;
}

template <class T> void Outlet<T>::read(int stage, index_t n, const FieldSet<T>& fields) {
    const Series series = this->series(n);
    for (std::size_t i = 0; i < taps_.size(); ++i) {
        if (taps_[i].stage != stage) continue;
        const T* field = fields.current(taps_[i].field);
        if (output_.wavelet) {
            volumes_[i].collect(field, output_.wavelet[n], output_.values, threads_);
            continue;
        }
        samplers_[i].add(field, whole_, output_.values, series, threads_);
        read_split(i, n, [&](index_t run) { return samplers_[i].sum(run, field); });
    }
}

template <class T> index_t Outlet<T>::entries() const {
    index_t count = 0;
    for (std::size_t i = 0; reads_points() && i < taps_.size(); ++i)
        count += samplers_[i].entries();
    return count;
}

template <class T> void Outlet<T>::prepare_gathering(index_t steps) {
    gathered_.resize(steps * entries());
    for (std::size_t i = 0; i < taps_.size(); ++i) samplers_[i].prepare_gathering();
}

template <class T>
void Outlet<T>::gather(int stage, index_t step, FieldSet<T>& fields, bool ahead,
                       const RowRange& rows) {
    T* values = gathered_.data() + step * entries();
    for (std::size_t i = 0; i < taps_.size(); values += samplers_[i++].entries())
        if (taps_[i].stage == stage)
            samplers_[i].gather(fields.current(taps_[i].field, ahead), rows, values);
}

template <class T> void Outlet<T>::read_gathered(index_t step, index_t n) {
    begin(n);
    const Series series = this->series(n);
    const T* values = gathered_.data() + step * entries();
    for (std::size_t i = 0; i < taps_.size(); values += samplers_[i++].entries()) {
        samplers_[i].add_gathered(values, whole_, output_.values, series, threads_);
        read_split(i, n, [&](index_t run) { return samplers_[i].sum_gathered(run, values); });
    }
}

template <class T>
template <class Sum>
void Outlet<T>::read_split(std::size_t tap, index_t n, const Sum& sum) {
    for (const Split& split : split_) {
        index_t slot = split.slot;
        for (std::size_t i = 0; i < tap; ++i)
            slot += samplers_[i].runs(split.point)[1] - samplers_[i].runs(split.point)[0];
        const auto runs = samplers_[tap].runs(split.point);
        for (index_t run = runs[0]; run < runs[1]; ++run, ++slot)
            if (is_here(samplers_[tap].plane(run))) series_.data()[slot * steps_ + n] = sum(run);
    }
}

/// Every value has one rank that holds it, and zeros on the others: their sum is exact. Split points are summed in the
/// order in which one rank alone would have read them.
template <class T> void Outlet<T>::finish() {
    if (!domain_ || !domain_->is_cut() || !output_.points || output_.wavelet) return;
    domain_->sum(output_.values, output_.points->size() * steps_);
    domain_->sum(series_.data(), slots_ * steps_);
    for (const Split& split : split_)
        for (index_t n = 0; n < steps_; ++n) {
            const T* value = series_.data() + split.slot * steps_ + n;
            T total = 0;
            for (std::size_t i = 0; i < taps_.size(); ++i) {
                T sum = 0;
                const auto runs = samplers_[i].runs(split.point);
                for (index_t run = runs[0]; run < runs[1]; ++run, value += steps_) sum += *value;
                total += sum;
            }
            output_.values[series(n).place(split.point)] = total;
        }
}

template class Inlet<float>;
template class Inlet<double>;
template class Outlet<float>;
template class Outlet<double>;

}  // namespace lop::wave
