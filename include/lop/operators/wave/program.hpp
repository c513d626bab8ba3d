/// A declared wave equation as stages of a time step.
///
/// A Program is the step as the engine runs it: stages, each a set of updates that may be computed point by
/// point in one sweep because none reads by a difference what another writes. Within a stage,
///
///     r_g = sum of differences,     f <- own f + before f' + sum_g b_g r_g + sum_q k_q g_q.
#pragma once

#include <lop/operators/wave/physics.hpp>

namespace lop::wave {

struct Derivative {
    Difference kind = Difference::second;
    int axis = 0;
    List<SignedField, most_sources> sources{};
    /// Along z, between rows of which the one on a free surface takes no part: stresses that are zero there, and the
    /// strains that would make them.
    bool is_pinned = false;
    constexpr bool operator==(const Derivative&) const = default;
};

struct Signed {
    int index = -1;
    int sign = 1;
    constexpr bool operator==(const Signed&) const = default;
};

/// A sum of derivatives of the stage with one coefficient of the program.
struct Group {
    int coefficient = -1;
    List<Signed, 9> derivatives{};
    constexpr bool operator==(const Group&) const = default;
};

/// What a field, or its older level, is multiplied by in an update.
enum class Gain : std::int8_t { zero, one, two, minus_one, coefficient };

struct GainOf {
    Gain gain = Gain::zero;
    int coefficient = -1;
    constexpr bool operator==(const GainOf&) const = default;
};

struct ValueTerm {
    int field = -1;
    int coefficient = -1;
    constexpr bool operator==(const ValueTerm&) const = default;
};

struct Update {
    int target = -1;
    GainOf own{};
    GainOf before{};
    List<Signed, 6> groups{};
    List<ValueTerm, 4> values{};
};

struct Stage {
    List<Derivative, most_differences> derivatives{};
    List<Group, most_fields> groups{};
    List<Update, most_fields> updates{};
};

/// sign * node * scale(times) / scale(over): scale is the expression itself, kept off zero where that is
/// divided by.
struct CoefficientRule {
    int node = -1;
    int times = -1;
    int over = -1;
    int sign = 1;
    bool is_scale = false;  ///< of a transposed field: kept off zero
    constexpr bool operator==(const CoefficientRule&) const = default;
};

struct ProgramField {
    FieldKind kind = FieldKind::simple;
    Position position{};
};

struct Program {
    int dimension = 2;
    List<ProgramField, most_fields> fields{};
    List<CoefficientRule, most_coefficients> coefficients{};
    List<Stage, 6> stages{};
    /// Where the memory variables of absorbing layers take the form of a transposed step.
    bool is_transposed = false;

    constexpr int coefficient(const CoefficientRule& rule) {
        for (int i = 0; i < coefficients.count; ++i)
            if (coefficients[i] == rule) return i;
        coefficients.push(rule);
        return coefficients.count - 1;
    }
};

/// A declaration, if it has what every one must have.
constexpr Physics whole(const Physics& w) {
    if (w.updates.count == 0) throw "a wave equation without an update";
    if (w.sources.count == 0) throw "a wave equation without a source";
    if (w.receivers.count == 0) throw "a wave equation without a receiver";
    if (w.fastest_speed < 0) throw "a wave equation without speeds(fastest, slowest)";
    return w;
}

/// The forward step.
constexpr Program forward_program(const Physics& w);

// ---- the forward step -----------------------------------------------------------------------------

namespace detail {

constexpr bool reads(const Stage& stage, int field) {
    for (const Derivative& d : stage.derivatives)
        for (const SignedField& s : d.sources)
            if (s.field == field) return true;
    return false;
}

constexpr bool writes(const Stage& stage, int field) {
    for (const Update& u : stage.updates)
        if (u.target == field) return true;
    return false;
}

/// Whether an update has to see what the stage has written, or would overwrite what it reads.
constexpr bool needs_new_stage(const Physics& w, const Stage& stage, const DeclaredUpdate& update) {
    const auto is_written = [&](int field) {
        return writes(stage, field) && w.fields[field].kind != FieldKind::leap;
    };
    for (const Term& term : update.terms) {
        if (term.kind == TermKind::value && term.field != update.target && is_written(term.field))
            return true;
        for (const RateTerm& rate : term.rate)
            for (const SignedField& s : rate.sources)
                if (is_written(s.field)) return true;
    }
    return reads(stage, update.target) && w.fields[update.target].kind != FieldKind::leap;
}

constexpr int derivative_index(Stage& stage, const Derivative& derivative) {
    for (int i = 0; i < stage.derivatives.count; ++i)
        if (stage.derivatives[i] == derivative) return i;
    stage.derivatives.push(derivative);
    return stage.derivatives.count - 1;
}

constexpr int group_index(Stage& stage, const Group& group) {
    for (int i = 0; i < stage.groups.count; ++i)
        if (stage.groups[i] == group) return i;
    stage.groups.push(group);
    return stage.groups.count - 1;
}

/// Whether a difference along z is one of a field that is held at zero on a surface, or of what such a field is made of.
constexpr bool is_pinned(const Physics& w, const RateTerm& rate) {
    if (!w.has_tractions() || rate.axis != w.dimension - 1) return false;
    const int field = rate.sources[0].field;
    if (w.is_held(field)) return true;
    for (const DeclaredUpdate& update : w.updates) {
        if (!w.is_held(update.target)) continue;
        for (const Term& term : update.terms)
            for (const RateTerm& other : term.rate)
                if (other.axis == rate.axis && other.sources[0].field == field) return true;
    }
    return false;
}

constexpr Group make_group(const Physics& w, Stage& stage, const List<RateTerm, 9>& rate,
                           int coefficient) {
    Group group{coefficient};
    for (const RateTerm& term : rate)
        group.derivatives.push(
            {derivative_index(stage, {term.kind, term.axis, term.sources, is_pinned(w, term)}),
             term.sign});
    return group;
}

constexpr Position rate_position(const Physics& w, const RateTerm& term) {
    const Position at = w.fields[term.sources[0].field].position;
    const bool moves = term.kind == Difference::forward || term.kind == Difference::backward;
    return moves ? at.toggled(term.axis) : at;
}

constexpr bool averages(const Physics& w, int node) {
    const Node& n = w.nodes[node];
    if (n.op == Op::average || n.op == Op::harmonic) return true;
    if (n.op == Op::parameter || n.op == Op::setting) return false;
    return (n.left >= 0 && averages(w, n.left)) || (n.right >= 0 && averages(w, n.right));
}

/// With tractions, differences along z have closures at a surface: staggered ones alone.
constexpr bool has_closure(const Physics& w, const RateTerm& rate) {
    const bool is_staggered = rate.kind == Difference::forward || rate.kind == Difference::backward;
    const bool is_along_z = rate.kind == Difference::laplacian || rate.axis == w.dimension - 1;
    return !w.has_tractions() || !is_along_z || is_staggered;
}

constexpr void check_term(const Physics& w, const DeclaredUpdate& update, const Term& term) {
    const Position at = w.fields[update.target].position;
    for (const RateTerm& rate : term.rate)
        if (!has_closure(w, rate))
            throw "with a traction that vanishes at the surface, only d(axis, field) goes along z";
    for (const RateTerm& rate : term.rate)
        if (!(rate_position(w, rate) == at))
            throw "a difference that does not lie where its field lies";
    if (term.kind != TermKind::rate && !(w.fields[term.field].position == at))
        throw "values of a field that lies elsewhere";
    if (term.kind == TermKind::before && term.field != update.target)
        throw "the older level of another field";
    if (at.is_half() && w.depends(term.node) && !averages(w, term.node))
        throw "a coefficient of a staggered field without at(field, expression)";
}

constexpr GainOf gain_of(const Physics& w, Program& program, int node) {
    if (w.is_constant(node, 1)) return {Gain::one};
    if (w.is_constant(node, 2)) return {Gain::two};
    if (w.is_constant(node, -1)) return {Gain::minus_one};
    return {Gain::coefficient, program.coefficient({node})};
}

constexpr void add_update(const Physics& w, Program& program, Stage& stage,
                          const DeclaredUpdate& declared) {
    Update update{declared.target};
    for (const Term& term : declared.terms) {
        check_term(w, declared, term);
        if (term.kind == TermKind::before) {
            update.before = gain_of(w, program, term.node);
        } else if (term.kind == TermKind::value && term.field == declared.target) {
            update.own = gain_of(w, program, term.node);
        } else if (term.kind == TermKind::value) {
            update.values.push({term.field, program.coefficient({term.node})});
        } else {
            const Group group = make_group(w, stage, term.rate, program.coefficient({term.node}));
            update.groups.push({group_index(stage, group), 1});
        }
    }
    const FieldKind kind = w.fields[declared.target].kind;
    if (kind == FieldKind::temporary && update.own.gain != Gain::zero)
        throw "a temporary field that needs itself";
    if (kind != FieldKind::leap && update.before.gain != Gain::zero)
        throw "an older level of a field that has none";
    stage.updates.push(update);
}

}  // namespace detail

constexpr Program forward_program(const Physics& w) {
    Program program;
    program.dimension = w.dimension;
    for (const DeclaredField& f : w.fields) program.fields.push({f.kind, f.position});
    Stage stage;
    for (const DeclaredUpdate& declared : w.updates) {
        if (stage.updates.count > 0 && detail::needs_new_stage(w, stage, declared)) {
            program.stages.push(stage);
            stage = {};
        }
        bool is_written = detail::writes(stage, declared.target);
        for (const Stage& earlier : program.stages)
            is_written = is_written || detail::writes(earlier, declared.target);
        if (is_written) throw "a field with two updates in one step";
        detail::add_update(w, program, stage, declared);
    }
    program.stages.push(stage);
    return program;
}

}  // namespace lop::wave
