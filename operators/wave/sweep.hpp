/// Time steps of wavefields, forward or transposed, over tiles that fit the cache: stage after stage, or some together.
#pragma once

#include "medium.hpp"
#include "schedule.hpp"
#include <lop/distributed/messages.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <vector>

namespace lop::wave {

/// The fields of a program, and the memory variables of the layers: all that the next steps depend on.
template <class T> class FieldSet {
 public:
    /// All zeros, of the size that the medium asks for.
    void reset(const Medium<T>& medium, const Recurrence<T>& run);

    /// `ahead`: as many steps later as levels take turns by then.
    T* current(int field, bool ahead = false) { return slot(field, ahead); }
    const T* current(int field, bool ahead = false) const {
        return const_cast<FieldSet*>(this)->slot(field, ahead);
    }
    /// Where an update of the field goes: its other level, where it has one.
    T* next(int field, bool ahead = false) { return slot(field, !ahead); }
    /// Takes note of the largest value at a look, beside what had entered. Whether it has grown as no stable scheme's
    /// does: beyond the first two looks that see something, the first of which may see a source that has just begun.
    bool note_growth(double largest, double entered) {
        constexpr double limit = 1e10;  // units differ between fields
        if (!(entered > 0 && largest > 0)) return false;
        const double growth = largest / entered;
        if (looks_ == 2) return growth > limit * first_growth_;
        ++looks_;
        first_growth_ = std::max(first_growth_, growth);
        return false;
    }
    /// Ends a step.
    void turn() { turned_ = !turned_; }
    T* memory(int i) { return memories_[static_cast<std::size_t>(i)].data(); }
    /// The messages that carry what a stage has made of the planes at the cuts to where it is read.
    lop::detail::PersistentMessages& crossing(int stage, bool ahead = false) {
        return crossings_[by_]
            .messages[2 * static_cast<std::size_t>(stage) + (turned_ != ahead ? 1 : 0)];
    }
    /// f(values, count) for all parts. Copied away and back again, they go on to the same bits.
    template <class F> void for_each_part(const F& f) {
        for (int field = 0; field < count_; ++field) {
            if (kinds_[static_cast<std::size_t>(field)] == FieldKind::temporary) continue;
            f(current(field), size_);
            if (kinds_[static_cast<std::size_t>(field)] == FieldKind::leap) f(next(field), size_);
        }
        for (FieldBuffer<T>& memory : memories_) f(memory.data(), memory.size());
    }

 private:
    void set_crossings(const Medium<T>& medium, const Recurrence<T>& run);
    T* slot(int field, bool other) {
        const auto f = static_cast<std::size_t>(field);
        const bool second = kinds_[f] == FieldKind::leap && turned_ != other;
        return buffers_[2 * f + (second ? 1 : 0)].data();
    }

    int count_ = 0;
    index_t size_ = 0;
    std::vector<FieldKind> kinds_;
    std::vector<FieldBuffer<T>> buffers_;  ///< two for each field
    std::vector<FieldBuffer<T>> memories_;
    /// Of one program, made for buffers at certain places; two for each stage.
    struct Crossings {
        const Program* program = nullptr;
        std::vector<const T*> places{};
        std::vector<lop::detail::PersistentMessages> messages{};
    };
    std::array<Crossings, 2> crossings_{};
    std::size_t by_ = 0;  ///< those in use
    bool turned_ = false;
    double first_growth_ = 0;  ///< largest value beside what had entered, at the first looks
    int looks_ = 0;
};

/// What a stage does besides its updates; frames are those of the layout.
template <class T> struct StageExtras {
    /// Receives a rate: the derivatives of a group, summed.
    struct Kept {
        int group;
        T* frame;
    };
    /// Receives a field before the stage, or its older level.
    struct Copy {
        int field;
        bool older;
        T* frame;
    };
    /// After the stage:  next level of a field += rate * scale.
    struct Scattered {
        int field;
        const T* rate;
        const T* scale;
    };
    /// image += rate * field, as it is before the stage.
    struct Imaged {
        int field;
        const T* rate;
        T* image;
    };
    std::vector<Kept> kept;
    std::vector<Copy> copies;
    std::vector<Scattered> scattered;
    std::vector<Imaged> imaged;
    void clear() {
        kept.clear();
        copies.clear();
        scattered.clear();
        imaged.clear();
    }
};

/// Rows y0 .. y1 - 1 of plane x, between z0 and z1.
struct RowRange {
    index_t x, y0, y1, z0, z1;
};

/// What meets fields at single points while stages of several steps are under way. Threads call it at the same time, for
/// rows that are theirs.
template <class T> class Visitor {
 public:
    virtual ~Visitor() = default;
    /// Rows that a stage of a step of the block is about to take, and those that it has taken.
    virtual void before(int step, int stage, FieldSet<T>& fields, const RowRange& rows) = 0;
    virtual void after(int step, int stage, FieldSet<T>& fields, const RowRange& rows) = 0;
};

/// Advances the fields through one stage of a step. Ranks that share a grid call it together; meanwhile what they have
/// computed first, at the cuts, goes to their neighbours.
template <class T>
void run_stage(const Medium<T>& medium, const Recurrence<T>& run, int stage, Schedule<T>& schedule,
               FieldSet<T>& fields, const StageExtras<T>& extras);

/// Fields that are swept, what their steps do besides, [step x stage], and what meets them.
template <class T> struct Swept {
    FieldSet<T>* fields = nullptr;
    const std::vector<StageExtras<T>>* extras = nullptr;
    Visitor<T>* visitor = nullptr;
};

/// Advances sets of fields through all stages of some steps at once, tile by tile, to the bits of stage after stage. A
/// stage follows the one before at a radius's distance along x, and its tiles lie a radius further back across it: what
/// it reads is whole, and of what later stages overwrite nothing is still needed. Every value moves through the cache
/// once, and those of the medium once for all sets. As many steps and sets as the schedule was made for, or fewer. Ranks
/// that share a grid call it together, for as many steps: messages of two calls must not mix. What enters at points has
/// entered when planes at the cuts go to the neighbours.
template <class T>
void run_block(const Medium<T>& medium, const Recurrence<T>& run, int steps, Schedule<T>& schedule,
               std::span<const Swept<T>> sets);

/// The largest magnitude of the current fields on this rank; NaN where a value is not finite.
template <class T> double largest(const Medium<T>& medium, const Recurrence<T>& run,
                                  const Schedule<T>& schedule, const FieldSet<T>& fields);

/// Where values are beyond a limit or no numbers, in words: "in cells 3 to 20 along x and 5 to 9 along z of the model",
/// whose first cell is 0; layers lie below it and above its last one.
template <class T>
std::string place_beyond(const Medium<T>& medium, const Recurrence<T>& run,
                         const FieldSet<T>& fields, double limit);

}  // namespace lop::wave
