/// What a kernel is compiled for: the arithmetic of a stage, whatever its fields and coefficients are.
#pragma once

#include <lop/operators/wave/program.hpp>

namespace lop::wave {

/// The arithmetic of a stage, whatever the fields and coefficients are: stages of equal shape share a kernel.
/// Fields are numbered by slots: sources of derivatives, then targets, then others that are read.
/// Coefficients: of the groups in their order, then own, before and values of the updates.
struct StageShape {
    struct UpdateShape {
        int slot = -1;
        bool takes_turns = false;  ///< written to the older level
        Gain own = Gain::zero;
        Gain before = Gain::zero;
        int own_coefficient = -1;
        int before_coefficient = -1;
        List<Signed, 6> groups{};
        List<ValueTerm, 4> values{};  ///< slots, coefficient slots
        constexpr bool operator==(const UpdateShape&) const = default;
    };
    int dimension = 2;
    int slots = 0;
    int coefficients = 0;
    bool is_uniform[most_coefficients]{};  ///< coefficient slots: one number, not an array
    List<Derivative, most_differences> derivatives{};  ///< of slots
    List<List<Signed, 9>, most_fields> groups{};
    List<UpdateShape, most_fields> updates{};
    constexpr bool operator==(const StageShape&) const = default;
};

/// Which fields and coefficients of a program fill the slots of a stage's shape.
struct StageSlots {
    List<int, most_fields> fields{};
    List<int, most_coefficients> coefficients{};
    StageShape shape{};
};

namespace detail {

constexpr int slot_of(StageSlots& slots, int field) {
    for (int i = 0; i < slots.fields.count; ++i)
        if (slots.fields[i] == field) return i;
    slots.fields.push(field);
    return slots.fields.count - 1;
}

constexpr bool is_uniform(const Physics& w, const CoefficientRule& rule) {
    const auto depends = [&](int node) { return node >= 0 && w.depends(node); };
    return !depends(rule.node) && !depends(rule.times) && !depends(rule.over);
}

constexpr int coefficient_slot(const Physics& w, const Program& program, StageSlots& slots,
                               int coefficient) {
    slots.coefficients.push(coefficient);
    const int slot = slots.coefficients.count - 1;
    slots.shape.is_uniform[slot] = is_uniform(w, program.coefficients[coefficient]);
    return slot;
}

}  // namespace detail

constexpr StageSlots slots_of(const Physics& w, const Program& program, int index) {
    const Stage& stage = program.stages[index];
    StageSlots slots;
    slots.shape.dimension = program.dimension;
    for (const Derivative& derivative : stage.derivatives) {
        Derivative shape = derivative;
        shape.is_pinned = false;  // the kernel's arithmetic is that of the inner rows
        for (int k = 0; k < shape.sources.count; ++k)
            shape.sources[k].field = detail::slot_of(slots, derivative.sources[k].field);
        slots.shape.derivatives.push(shape);
    }
    for (const Group& group : stage.groups) {
        slots.shape.groups.push(group.derivatives);
        detail::coefficient_slot(w, program, slots, group.coefficient);
    }
    for (const Update& u : stage.updates) {
        StageShape::UpdateShape shape;
        shape.slot = detail::slot_of(slots, u.target);
        shape.takes_turns = program.fields[u.target].kind == FieldKind::leap;
        shape.own = u.own.gain;
        shape.before = u.before.gain;
        if (u.own.gain == Gain::coefficient)
            shape.own_coefficient = detail::coefficient_slot(w, program, slots, u.own.coefficient);
        if (u.before.gain == Gain::coefficient)
            shape.before_coefficient =
                detail::coefficient_slot(w, program, slots, u.before.coefficient);
        shape.groups = u.groups;
        slots.shape.updates.push(shape);
    }
    for (int i = 0; i < stage.updates.count; ++i)
        for (const ValueTerm& v : stage.updates[i].values)
            slots.shape.updates[i].values.push(
                {detail::slot_of(slots, v.field),
                 detail::coefficient_slot(w, program, slots, v.coefficient)});
    slots.shape.slots = slots.fields.count;
    slots.shape.coefficients = slots.coefficients.count;
    return slots;
}

}  // namespace lop::wave
