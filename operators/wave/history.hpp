/// How a forward run comes back in reverse: kept whole, or computed again from states kept on the way.
#pragma once

#include <lop/core/scalar.hpp>
#include <lop/operators/wave/options.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace lop::wave {

/// The least number of steps that are taken again to run `steps` of them backwards one by one, with at
/// most `states` kept at a time, the first among them (Griewank and Walther 2000, ACM Trans. Math. Softw.
/// 26(1) 19-45):  r l - b(s + 1, r - 1)  for l steps and s states,  b(s, r) = (s + r)! / (s! r!),  r the
/// least integer with b(s, r) >= l. The one step of each reversal itself is not among them.
index_t repeated_steps(index_t steps, index_t states);
/// After how many steps the next state is kept, so that no more are taken again. At least two steps.
index_t next_state(index_t steps, index_t states);

/// What a shot keeps of its forward run for the adjoint, which reads increments of every `every`-th step
/// in descending order: `together` of them at a time, and up to `states` states of the fields, besides
/// the first, from which others are computed again.
struct HistoryPlan {
    index_t every = 1;
    index_t increments = 0;  ///< that the adjoint reads
    index_t together = 1;    ///< that are kept at a time, room for one at least
    index_t states = 0;      ///< that are kept at most
    bool on_disk = false;    ///< the states; the increments are in memory
    History::Storage storage = History::Storage::full;  ///< of the increments
    std::size_t aside =
        0;  ///< bytes besides, for increments on their way to something smaller and back
    /// Where there are some, increments are kept as the sums over time of these frequencies, in cycles per increment
    /// and at most 1/2, and come back as the series of these: a projection where they are multiples of 1 / increments.
    std::vector<double> cycles{};
    bool is_reversed =
        false;  ///< no increments are kept: the field runs backwards, and `aside` is its belt's

    bool is_whole() const { return together >= increments; }
    /// Runs of `together` increments; the first, which is taken again most often, may be shorter. Where
    /// there are no increments, one of none.
    index_t stretches() const {
        return increments == 0 ? 1 : (increments + together - 1) / together;
    }
    /// The first increment of a stretch; of the one behind the last, their number.
    index_t begin(index_t stretch) const;
    /// Frames of sums that stand for an increment's frames.
    std::size_t sums() const { return 2 * cycles.size(); }
    std::string counted_frequencies() const;
    /// Steps that are taken again.
    index_t repeated() const;
    /// In memory; `increment` as it is kept.
    std::size_t bytes(std::size_t increment, std::size_t state) const {
        if (is_reversed) return aside + increment;
        return aside + (cycles.empty() ? static_cast<std::size_t>(together) : sums()) * increment +
               (on_disk ? 0 : static_cast<std::size_t>(states) * state);
    }
    /// "1200 increments of 3.1 MB, of every 4th step", or "12 of 1200 increments ... at a time, and 40 states
    /// of 6.5 MB: 1.8 forward runs more"
    std::string str(std::size_t increment, std::size_t state) const;
};

/// In bytes.
struct HistoryBudget {
    std::size_t memory = 0;  ///< 0: what a whole history takes
    bool on_disk = false;    ///< the states
    std::size_t disk = 0;    ///< for them; 0: without limit
};

/// Of the plans of equal stretches within a budget the one that takes the fewest steps again. Throws
/// ArgumentError where not even one increment fits beside what is `aside`.
HistoryPlan plan_history(index_t steps, index_t every, std::size_t increment, std::size_t state,
                         const HistoryBudget& budget,
                         History::Storage storage = History::Storage::full, std::size_t aside = 0);

/// The field run backwards, for which `belt` bytes are kept at every step. Throws ArgumentError where they do not fit.
HistoryPlan plan_reversal(index_t steps, index_t every, std::size_t increment, std::size_t belt,
                          const HistoryBudget& budget);

/// Sums over time at some frequencies, in Hz, with room for `aside` bytes beside them. Throws ArgumentError for frequencies
/// that do not ascend from 0 to the Nyquist frequency of the kept steps, and where they do not fit.
HistoryPlan plan_frequencies(index_t steps, index_t every, const std::vector<double>& frequencies,
                             double dt, std::size_t increment, std::size_t aside,
                             const HistoryBudget& budget);

}  // namespace lop::wave
