/// Binomial checkpointing, and the choice of what is kept.
#include "operators/wave/history.hpp"

#include <lop/core/error.hpp>

#include <algorithm>
#include <limits>

namespace lop::wave {
namespace {

constexpr index_t plenty = index_t{1} << 40;  // more steps than any run has

/// (s + r)! / (s! r!), or plenty; how many steps s states can reverse with none taken more than r times.
index_t binomial(index_t s, index_t r) {
    if (s < 0 || r < 0) return 0;
    index_t value = 1;
    for (index_t i = 1; i <= std::min(s, r); ++i) {
        value = value * (std::max(s, r) + i) / i;
        if (value >= plenty) return plenty;
    }
    return value;
}

/// How often a step is taken at most.
index_t repetitions(index_t steps, index_t states) {
    index_t r = 0;
    while (binomial(states, r) < steps) ++r;
    return r;
}

std::string megabytes(std::size_t bytes) {
    return number_words(1e-6 * static_cast<double>(bytes), 3) + " MB";
}

}  // namespace

index_t repeated_steps(index_t steps, index_t states) {
    if (steps < 2) return 0;
    if (states == 1) return steps * (steps - 1) / 2;
    const index_t r = repetitions(steps, states);
    return r * steps - binomial(states + 1, r - 1);
}

index_t next_state(index_t steps, index_t states) {
    if (states == 1) return steps - 1;
    const index_t r = repetitions(steps, states);
    // One of these is best: as many steps as fewer repetitions of what lies before reverse, or all but as
    // many as fewer states reverse behind it.
    index_t best = 1, least = std::numeric_limits<index_t>::max();
    for (const index_t k : {binomial(states, r - 2), binomial(states, r - 1),
                            steps - binomial(states - 1, r - 1), steps - binomial(states - 1, r)}) {
        const index_t at = std::clamp<index_t>(k, 1, steps - 1);
        const index_t cost =
            at + repeated_steps(steps - at, states - 1) + repeated_steps(at, states);
        if (cost < least) least = cost, best = at;
    }
    return best;
}

index_t HistoryPlan::begin(index_t stretch) const {
    return std::max<index_t>(0, increments - (stretches() - stretch) * together);
}

index_t HistoryPlan::repeated() const {
    const index_t count = stretches();
    // How often the first stretch, which may be shorter, is taken again.
    index_t of_first = 0;
    for (index_t end = count; end > 1; ++of_first) end = next_state(end, states + 1);
    const index_t all = repeated_steps(count, states + 1);
    return ((all - of_first) * together + of_first * begin(1)) * every;
}

std::string HistoryPlan::counted_frequencies() const {
    return counted(static_cast<index_t>(cycles.size()), "frequency", "frequencies");
}

std::string HistoryPlan::str(std::size_t increment, std::size_t state) const {
    const std::string all = (cycles.empty() ? "" : counted_frequencies() + " of ") +
                            std::to_string(increments) + " increments of " + megabytes(increment) +
                            (storage == History::Storage::half ? " in 16 bits" : "") +
                            (every > 1 ? ", of every " + std::to_string(every) + " steps" : "");
    if (is_reversed)
        return "a belt of " + megabytes(aside) +
               ", within which the field runs backwards: 1 forward run more";
    if (is_whole()) return all;
    const double runs = static_cast<double>(repeated()) /
                        static_cast<double>(std::max<index_t>(increments * every, 1));
    return std::to_string(together) + " of " + all + ", at a time, and " +
           counted(states, "state") + " of " + megabytes(state) + (on_disk ? " on disk" : "") +
           ": " + number_words(runs, 2) + " forward runs more";
}

HistoryPlan plan_history(index_t steps, index_t every, std::size_t increment, std::size_t state,
                         const HistoryBudget& budget, History::Storage storage, std::size_t aside) {
    const index_t increments = steps < 2 ? 0 : (steps - 2) / every + 1;
    const std::size_t memory = budget.memory;
    HistoryPlan best{every, increments, std::max<index_t>(increments, 1), 0, false, storage, aside};
    if (memory == 0 || best.bytes(increment, state) <= memory) return best;
    if (aside + increment > memory)
        throw ArgumentError{
            "a history of the forward field in " + megabytes(memory),
            {.expected = "room for one increment at least",
             .found = megabytes(increment) + " each" +
                      (aside > 0 ? ", and " + megabytes(aside) + " for one on its way" : ""),
             .remedy = aside > 0
                           ? "more of History::memory, or History::Storage::full, which needs "
                             "none on its way"
                           : "more of History::memory, or more ranks for each shot"}};
    index_t least = std::numeric_limits<index_t>::max();
    for (index_t together = 1; together < increments; ++together) {
        const std::size_t taken = aside + static_cast<std::size_t>(together) * increment;
        if (taken > memory) break;
        HistoryPlan plan{every, increments, together, 0, budget.on_disk, storage, aside};
        const std::size_t room = budget.on_disk ? budget.disk : memory - taken;
        plan.states = plan.stretches() - 1;
        if (!budget.on_disk || budget.disk > 0)
            plan.states = std::min(plan.states, static_cast<index_t>(room / state));
        const index_t repeated = plan.repeated();
        if (repeated < least) least = repeated, best = plan;
    }
    return best;
}

HistoryPlan plan_frequencies(index_t steps, index_t every, const std::vector<double>& frequencies,
                             double dt, std::size_t increment, std::size_t aside,
                             const HistoryBudget& budget) {
    HistoryPlan plan = plan_history(steps, every, increment, 0, {});
    const double interval = static_cast<double>(every) * dt;
    double before = -1;
    for (const double f : frequencies) {
        if (!(f > before && f >= 0 && f * interval <= 0.5 * (1 + 1e-9)))
            throw ArgumentError{
                "a history of the forward field at " + number_words(f) + " Hz",
                {.expected = "frequencies that ascend from 0 to " + number_words(0.5 / interval) +
                             " Hz, the Nyquist frequency of every " + std::to_string(every) +
                             "th step",
                 .found = number_words(f) + " Hz" +
                          (before < 0 ? "" : " after " + number_words(before) + " Hz")}};
        before = f;
        plan.cycles.push_back(std::min(f * interval, 0.5));
    }
    plan.aside = aside;
    if (budget.memory > 0 && plan.bytes(increment, 0) > budget.memory)
        throw ArgumentError{"a history of the forward field at " + plan.counted_frequencies() +
                                " in " + megabytes(budget.memory),
                            {.expected = "room for " + megabytes(plan.bytes(increment, 0)),
                             .remedy = "fewer frequencies, or a history of steps in that memory"}};
    return plan;
}

HistoryPlan plan_reversal(index_t steps, index_t every, std::size_t increment, std::size_t belt,
                          const HistoryBudget& budget) {
    HistoryPlan plan = plan_history(steps, every, increment, 0, {});
    plan.is_reversed = true;
    plan.aside = static_cast<std::size_t>(steps) * belt;
    if (budget.memory > 0 && plan.bytes(increment, 0) > budget.memory)
        throw ArgumentError{"a belt of the forward field in " + megabytes(budget.memory),
                            {.expected = "room for " + megabytes(plan.bytes(increment, 0)),
                             .remedy = "a history of steps in that memory"}};
    return plan;
}

}  // namespace lop::wave
