/// The transposed step of a wave equation, derived from the forward one.
///
/// It is the exact transpose, as a program of the same kind. Its fields are not the
/// multipliers of the forward fields but, for every coefficient b_g, the scaled sum of those that it enters,
///
///     hat_g = +- b_g * (sum of the multipliers of the fields that b_g r_g is added to),
///
/// so that differences act on what is stored: the transposed step costs what the forward step costs, and of a
/// self-adjoint equation it is the same stages. Signs are chosen so that minus signs of transposed first
/// differences cancel. The gradient by b_g is  sum over steps of r_g * hat_g / b_g.
#pragma once

#include <lop/operators/wave/program.hpp>

namespace lop::wave {

/// A field of the transposed program, and what it stands for.
struct Hat {
    int stage = -1;  ///< of the forward group
    int group = -1;  ///< -1: of a field without rates, whose multiplier it is
    int node = -1;   ///< of the group's coefficient; -1: one
    int flip = 1;
    List<Signed, 6> fields{};  ///< the forward fields whose multipliers it sums
};

struct Transposed {
    Program program{};
    List<Hat, most_fields> hats{};
};

/// The transpose of a forward step.
constexpr Transposed transposed_program(const Physics& w, const Program& forward);

namespace detail {

class Transposition {
 public:
    constexpr Transposition(const Physics& w, const Program& forward) : w_{w}, forward_{forward} {
        find_hats();
        for (int s = forward.stages.count - 1; s >= 0; --s) result_.program.stages.push(Stage{});
        for (int s = forward.stages.count - 1; s >= 0; --s) transpose_derivatives(s);
        for (int h = 0; h < hats().count; ++h) transpose_gains(h);
        for (int s = forward.stages.count - 1; s >= 0; --s) transpose_values(s);
        for (int s = 0; s < program().stages.count; ++s) merge_derivatives(program().stages[s]);
        take_turns();
        choose_signs();
    }
    constexpr const Transposed& result() const { return result_; }

 private:
    constexpr List<Hat, most_fields>& hats() { return result_.hats; }
    constexpr Program& program() { return result_.program; }
    /// The transposed stage of a forward one.
    constexpr Stage& stage_of(int forward_stage) {
        return program().stages[forward_.stages.count - 1 - forward_stage];
    }
    constexpr int stage_that_updates(int field) const {
        for (int s = 0; s < forward_.stages.count; ++s)
            if (writes(forward_.stages[s], field)) return s;
        throw "a field without an update";
    }
    constexpr const Update& update_of(int field) const {
        const Stage& stage = forward_.stages[stage_that_updates(field)];
        for (const Update& u : stage.updates)
            if (u.target == field) return u;
        throw "a field without an update";
    }
    constexpr bool is_leap(int field) const { return w_.fields[field].kind == FieldKind::leap; }

    /// The forward stage in whose transposed one the multiplier of a field receives what comes from `stage`.
    /// A wavefield is read, at one level, by several stages and updated once: where all has come together.
    constexpr int place(int field, int stage) const {
        if (!is_leap(field)) return stage;
        int first = stage_that_updates(field);
        for (int s = 0; s < first; ++s) {
            if (reads(forward_.stages[s], field)) first = s;
            for (const Update& u : forward_.stages[s].updates)
                for (const ValueTerm& v : u.values)
                    if (v.field == field) first = s;
        }
        return first;
    }

    constexpr void find_hats() {
        program().dimension = forward_.dimension;
        program().is_transposed = true;
        for (int s = 0; s < forward_.stages.count; ++s) {
            const Stage& stage = forward_.stages[s];
            for (int g = 0; g < stage.groups.count; ++g) {
                Hat hat{s, g, forward_.coefficients[stage.groups[g].coefficient].node};
                for (const Update& u : stage.updates)
                    for (const Signed& mine : u.groups)
                        if (mine.index == g) hat.fields.push({u.target, mine.sign});
                add_hat(hat);
            }
            for (const Update& u : stage.updates) {
                if (u.groups.count > 0) continue;
                Hat hat{s};
                hat.fields.push({u.target, 1});
                add_hat(hat);
            }
        }
    }
    constexpr void add_hat(const Hat& hat) {
        const int first = hat.fields[0].index;
        for (const Signed& f : hat.fields) {
            if (w_.fields[f.index].kind != w_.fields[first].kind ||
                !(update_of(f.index).own == update_of(first).own))
                throw "one rate for fields of unlike kinds";
        }
        hats().push(hat);
        program().fields.push({w_.fields[first].kind, w_.fields[first].position});
    }
    /// The hat that is the scaled multiplier of this field alone.
    constexpr int sole_hat(int field) {
        for (int h = 0; h < hats().count; ++h)
            if (hats()[h].fields.count == 1 && hats()[h].fields[0].index == field) return h;
        throw "a field whose multiplier is not kept by itself";
    }

    constexpr Update& update_of_hat(Stage& stage, int h) {
        for (int i = 0; i < stage.updates.count; ++i)
            if (stage.updates[i].target == h) return stage.updates[i];
        Update update{h};
        update.own = {Gain::one};
        stage.updates.push(update);
        return stage.updates[stage.updates.count - 1];
    }
    constexpr Group& group_of_hat(Stage& stage, int h) {
        Update& update = update_of_hat(stage, h);
        if (update.groups.count == 0) {
            stage.groups.push({program().coefficient({hats()[h].node, -1, -1, 1, true})});
            update.groups.push({stage.groups.count - 1, 1});
        }
        return stage.groups[update.groups[0].index];
    }

    static constexpr Difference transposed(Difference kind) {
        if (kind == Difference::forward) return Difference::backward;
        if (kind == Difference::backward) return Difference::forward;
        return kind;
    }
    static constexpr int transposed_sign(Difference kind) {
        return kind == Difference::laplacian || kind == Difference::second ? 1 : -1;
    }

    constexpr void transpose_derivatives(int s) {
        const Stage& stage = forward_.stages[s];
        for (int d = 0; d < stage.derivatives.count; ++d) {
            const Derivative& derivative = stage.derivatives[d];
            Derivative other{
                transposed(derivative.kind), derivative.axis, {}, derivative.is_pinned};
            for (int h = 0; h < hats().count; ++h) {
                if (hats()[h].stage != s || hats()[h].group < 0) continue;
                for (const Signed& term : stage.groups[hats()[h].group].derivatives)
                    if (term.index == d) other.sources.push({h, term.sign});
            }
            for (const SignedField& source : derivative.sources)
                for (int h = 0; h < hats().count; ++h)
                    for (const Signed& f : hats()[h].fields)
                        if (f.index == source.field)
                            receive(stage_of(place(source.field, s)), h, other,
                                    source.sign * f.sign * transposed_sign(derivative.kind));
        }
    }
    constexpr void receive(Stage& stage, int h, const Derivative& derivative, int sign) {
        const int d = derivative_index(stage, derivative);
        group_of_hat(stage, h).derivatives.push({d, sign});
    }

    constexpr void transpose_gains(int h) {
        const int field = hats()[h].fields[0].index;
        const Update& forward = update_of(field);
        const int s = stage_that_updates(field);
        if (w_.fields[field].kind == FieldKind::temporary) {
            // Whatever comes first makes it anew.
            for (int i = 0; i < program().stages.count; ++i) {
                if (!writes(program().stages[i], h)) continue;
                update_of_hat(program().stages[i], h).own = {Gain::zero};
                return;
            }
            return;
        }
        if (is_leap(field)) {
            Update& update = update_of_hat(stage_of(place(field, s)), h);
            update.own = copied(forward.own);
            update.before = copied(forward.before);
        } else if (forward.own.gain != Gain::one) {
            update_of_hat(stage_of(s), h).own = copied(forward.own);
        }
    }
    constexpr GainOf copied(const GainOf& gain) {
        if (gain.gain != Gain::coefficient) return gain;
        return {Gain::coefficient, program().coefficient(forward_.coefficients[gain.coefficient])};
    }

    constexpr void transpose_values(int s) {
        for (const Update& update : forward_.stages[s].updates) {
            for (const ValueTerm& value : update.values) {
                const int from = sole_hat(update.target);
                const int node = forward_.coefficients[value.coefficient].node;
                for (int h = 0; h < hats().count; ++h)
                    for (const Signed& f : hats()[h].fields)
                        if (f.index == value.field)
                            update_of_hat(stage_of(place(value.field, s)), h)
                                .values.push({from, program().coefficient(
                                                        {node, hats()[h].node, hats()[from].node,
                                                         f.sign * hats()[from].fields[0].sign})});
            }
        }
    }

    /// Equal differences that add to the same groups become one of the sum of their sources.
    static constexpr void merge_derivatives(Stage& stage) {
        for (int d = 0; d < stage.derivatives.count; ++d)
            for (int other = stage.derivatives.count - 1; other > d; --other) {
                Derivative& kept = stage.derivatives[d];
                const Derivative& merged = stage.derivatives[other];
                if (kept.kind != merged.kind || kept.axis != merged.axis ||
                    kept.is_pinned != merged.is_pinned || !add_alike(stage, d, other))
                    continue;
                for (const SignedField& source : merged.sources) kept.sources.push(source);
                remove_derivative(stage, other);
            }
    }
    static constexpr bool add_alike(const Stage& stage, int a, int b) {
        for (const Group& group : stage.groups) {
            int balance = 0;
            for (const Signed& term : group.derivatives)
                balance += term.index == a ? term.sign : term.index == b ? -term.sign : 0;
            if (balance != 0) return false;
        }
        return true;
    }
    static constexpr void remove_derivative(Stage& stage, int d) {
        List<Derivative, most_differences> derivatives;
        for (int i = 0; i < stage.derivatives.count; ++i)
            if (i != d) derivatives.push(stage.derivatives[i]);
        stage.derivatives = derivatives;
        for (int g = 0; g < stage.groups.count; ++g) {
            List<Signed, 9> terms;
            for (const Signed& term : stage.groups[g].derivatives)
                if (term.index != d)
                    terms.push({term.index > d ? term.index - 1 : term.index, term.sign});
            stage.groups[g].derivatives = terms;
        }
    }

    /// A field that its own stage reads by differences is written to another level.
    constexpr void take_turns() {
        for (Stage& stage : program().stages.items)
            for (const Update& u : stage.updates)
                if (program().fields[u.target].kind == FieldKind::simple && reads(stage, u.target))
                    program().fields[u.target].kind = FieldKind::leap;
        for (int h = 0; h < hats().count; ++h) {
            int updates = 0;
            for (const Stage& stage : program().stages) updates += writes(stage, h) ? 1 : 0;
            if (program().fields[h].kind == FieldKind::leap && updates > 1)
                throw "an equation whose transposed step updates a wavefield twice";
        }
    }

    /// The sign of what flows from one hat to another: a flip of either turns it.
    struct Flow {
        int from = -1;
        int to = -1;
        int sign = 1;
    };
    constexpr List<Flow, 128> flows() {
        List<Flow, 128> all;
        for (const Stage& stage : program().stages)
            for (const Update& u : stage.updates)
                for (const Signed& g : u.groups)
                    for (const Signed& d : stage.groups[g.index].derivatives)
                        for (const SignedField& source : stage.derivatives[d.index].sources)
                            all.push({source.field, u.target, d.sign * source.sign});
        return all;
    }
    constexpr void choose_signs() {
        const List<Flow, 128> all = flows();
        bool known[most_fields]{};
        for (int start = 0; start < hats().count; ++start) {
            if (known[start]) continue;
            known[start] = true;
            for (bool changed = true; changed;) {
                changed = false;
                for (const Flow& flow : all) {
                    if (known[flow.from] == known[flow.to]) continue;
                    const int seen = known[flow.from] ? flow.from : flow.to;
                    const int next = known[flow.from] ? flow.to : flow.from;
                    hats()[next].flip = hats()[seen].flip * flow.sign;
                    known[next] = true;
                    changed = true;
                }
            }
        }
        for (int s = 0; s < program().stages.count; ++s) apply_signs(program().stages[s]);
    }
    constexpr void apply_signs(Stage& stage) {
        for (int i = 0; i < stage.updates.count; ++i) {
            Update& u = stage.updates[i];
            for (const Signed& g : u.groups)
                for (int k = 0; k < stage.groups[g.index].derivatives.count; ++k)
                    stage.groups[g.index].derivatives[k].sign *= hats()[u.target].flip;
            for (int k = 0; k < u.values.count; ++k) {
                CoefficientRule rule = program().coefficients[u.values[k].coefficient];
                rule.sign *= hats()[u.target].flip * hats()[u.values[k].field].flip;
                u.values[k].coefficient = program().coefficient(rule);
            }
        }
        for (int d = 0; d < stage.derivatives.count; ++d) {
            List<SignedField, most_sources>& sources = stage.derivatives[d].sources;
            bool all_negative = true;
            for (int k = 0; k < sources.count; ++k) {
                sources[k].sign *= hats()[sources[k].field].flip;
                all_negative = all_negative && sources[k].sign < 0;
            }
            if (!all_negative) continue;
            for (int k = 0; k < sources.count; ++k) sources[k].sign = 1;
            for (int g = 0; g < stage.groups.count; ++g)
                for (int k = 0; k < stage.groups[g].derivatives.count; ++k)
                    if (stage.groups[g].derivatives[k].index == d)
                        stage.groups[g].derivatives[k].sign *= -1;
        }
    }
    const Physics& w_;
    const Program& forward_;
    Transposed result_{};
};

}  // namespace detail

constexpr Transposed transposed_program(const Physics& w, const Program& forward) {
    return detail::Transposition{w, forward}.result();
}

}  // namespace lop::wave
