/// States of solvers, kept in memory: the next call goes on where the last one ended.
#pragma once

#include <lop/core/parameter.hpp>
#include <lop/solvers/state.hpp>

#include <algorithm>
#include <any>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace lop {

namespace detail {

/// Vectors and runs of numbers by name, of whatever type.
class KeptValues {
 public:
    bool empty() const { return iteration_ < 0; }
    index_t iteration() const { return std::max<index_t>(iteration_, 0); }
    void clear() { *this = KeptValues{}; }

    template <class State> void take(State& state) {
        iteration_ = -1;  // until all is here
        solver_ = state.solver();
        state.visit([this](std::string_view name, auto&& value) { take(name, value); });
        iteration_ = state.iteration();
    }
    template <class State> void give(State& state) const {
        check_solver(state.solver());
        state.visit([this](std::string_view name, auto&& value) { give(name, value); });
    }

 private:
    /// A value, and words for it whatever its type.
    struct Slot {
        std::any value;
        std::string (*words)(const std::any&) = nullptr;
    };

    template <class V> void take(std::string_view name, const V& value) {
        const auto found = values_.find(name);
        Slot& slot = found != values_.end() ? found->second : values_[std::string{name}];
        if (auto* held = std::any_cast<V>(&slot.value)) *held = value;
        else
            slot = {value, [](const std::any& kept) -> std::string {
                        if constexpr (requires(const V& v) { v.describe(); })
                            return std::any_cast<const V&>(kept).describe();
                        else return "numbers";
                    }};
    }
    template <class T> void take(std::string_view name, std::span<T> numbers) {
        take(name, std::vector<T>(numbers.begin(), numbers.end()));
    }
    template <class V> void give(std::string_view name, V& value) const {
        const V* held = find<V>(name);
        if (held == nullptr || !value.compatible(*held)) refuse_space(name, value.describe());
        value = *held;
    }
    template <class T> void give(std::string_view name, std::span<T> numbers) const {
        const auto* held = find<std::vector<T>>(name);
        if (held == nullptr || held->size() != numbers.size())
            refuse_count(name, numbers.size(), held == nullptr ? 0 : held->size());
        std::ranges::copy(*held, numbers.begin());
    }
    template <class V> const V* find(std::string_view name) const {
        const auto found = values_.find(name);
        return found == values_.end() ? nullptr : std::any_cast<V>(&found->second.value);
    }

    /// Throw ArgumentError or SpaceError: what is kept is another solver's, or of other spaces.
    void check_solver(std::string_view solver) const;
    [[noreturn]] void refuse_space(std::string_view name, const std::string& expected) const;
    [[noreturn]] void refuse_count(std::string_view name, std::size_t expected,
                                   std::size_t found) const;

    std::map<std::string, Slot, std::less<>> values_;
    std::string solver_;
    index_t iteration_ = -1;
};

}  // namespace detail

/// A solver's state in memory, as the last argument of any solver. The call that finds one goes on
/// from it, to the bits that one run would have given; it must be the same but for the number of
/// iterations, tolerances and what is watched:
///
///     const MemoryCheckpoint kept;
///     const auto ten = lsqr(A, b, {.iterations = 10}, kept);
///     const auto thirty = lsqr(A, b, {.iterations = 30}, kept);   // twenty more
///
/// It costs the memory of the state (the column of docs/solvers.md, less scratch) and a copy of it
/// each time. Copies of a checkpoint share what they keep. A call of another solver, or with other
/// spaces, data, start or options that shape the iteration, throws SpaceError or ArgumentError.
class MemoryCheckpoint {
 public:
    /// Keeps the state at the end of a run, and after every so many iterations where `every` is not
    /// zero: what an operator that throws cannot take back. Throws ArgumentError for less than 0.
    explicit MemoryCheckpoint(Count<"MemoryCheckpoint: every", 0> every = 0) : every_{every} {}

    template <class State> bool restore(State& state) const {
        if (kept_->empty()) return false;
        kept_->give(state);
        return true;
    }
    template <class State> void save(State& state) const {
        if (state.ends() || (every_ > 0 && state.iteration() % every_ == 0)) kept_->take(state);
    }

    bool empty() const { return kept_->empty(); }
    /// The iteration that would be gone on from; 0 where nothing is kept.
    index_t iteration() const { return kept_->iteration(); }
    /// Forgets the state: the next run begins anew.
    void clear() const { kept_->clear(); }

 private:
    index_t every_;
    std::shared_ptr<detail::KeptValues> kept_ = std::make_shared<detail::KeptValues>();
};

}  // namespace lop
