/// What every solver does around its iterations: refuses, begins or goes on, notes where it stands,
/// and stops.
#pragma once

#include <lop/algebra/operator.hpp>
#include <lop/core/progress.hpp>
#include <lop/solvers/norms.hpp>
#include <lop/solvers/state.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace lop::detail {

/// The relative size of a rounding error in the numbers of a vector.
template <class T> constexpr double rounding() {
    return static_cast<double>(std::numeric_limits<Real<T>>::epsilon());
}

/// Where a solver stands after an iteration, as Iteration tells, and whether its own rules end it
/// there. A function of the state alone, so that a run that goes on stops where one at once would.
struct Standing {
    double residual = 0;
    double gradient = 0;
    double solution = 0;
    double objective = 0;
    std::optional<StopReason> reached{};
};

/// What a watch sees: the state's x, unless it has a better one.
template <class State> const auto& iterate_of(const State& state) {
    if constexpr (requires { state.iterate(); }) return state.iterate();
    else return state.x;
}

/// The iterations of a solver: journal, clock, progress bar, monitors, and the kept state that it
/// may go on from.
///
///     Loop loop{call, options};
///     State s{...};                                     // x, and what goes from one iteration to the next
///     if (!loop.resume(s, watch, Given{"b", &b}, Given{"A", a})) { ... }   // r = b - A x and so on
///     const auto step = [&] { ... };                    // one iteration
///     const auto stand = [&] { return Standing{...}; };
///     return loop.run(s, step, stand, watch);
class Loop {
 public:
    /// Throws ArgumentError for a negative number of iterations.
    Loop(std::string call, index_t iterations, const Monitor& monitor, bool progress);
    template <class Options>
    Loop(std::string call, const Options& options)
        : Loop{std::move(call), options.iterations, options.monitor, options.progress} {}

    /// Fills the state if the watch keeps one, and then throws ArgumentError unless that is of the same
    /// problem, which is known by what is `given`: vectors (by pointers, which may be null), operators,
    /// each applied once, and ProxOn functions. None is looked at where nothing can be kept.
    template <class State, class Watch, class... T>
    bool resume(State& s, const Watch& watch, const Given<T>&... given) {
        if constexpr (keeps<State, Watch>) {
            journal_.marks = {mark_of(given)...};
            SolverState<State> kept{journal_, s, false};
            resumed_ = watch.restore(kept);
            if (resumed_) start_ -= journal_.history.back().seconds;
        }
        return resumed_;
    }
    /// Throws ArgumentError unless the run that is gone on from began with this residual.
    void check_first_residual(const char* name, double value) const {
        check_given(journal_.call, name, journal_.history.front().residual, value, std::abs(value));
    }

    /// Iterates until the solver's rules, the monitor, the watch or the number of iterations end it.
    /// step() may return a reason to stop without a record. Allocates nothing before 65 536
    /// iterations, unless the watch does. Throws ArgumentError where a figure is not finite.
    template <class State, class Step, class Stand, class Watch>
    StopReason iterate(State& s, const Step& step, const Stand& stand, const Watch& watch) {
        std::optional<StopReason> stop =
            resumed_ ? verdict(stand().reached, true) : record(stand(), s, watch);
        while (!stop) {
            if constexpr (std::is_void_v<std::invoke_result_t<const Step&>>) step();
            else if ((stop = step())) break;
            stop = record(stand(), s, watch);
        }
        return *stop;
    }
    /// The same, and the solution.
    template <class State, class Step, class Stand, class Watch>
    auto run(State& s, const Step& step, const Stand& stand, const Watch& watch) {
        const StopReason reason = iterate(s, step, stand, watch);
        return finish(std::move(s.x), reason);
    }
    template <Vector X> Solution<X> finish(X x, StopReason reason) {
        const index_t done = number();
        return {std::move(x), std::move(journal_.history), done, reason};
    }

    /// What a refusal of figures that are not finite says.
    struct Words {
        /// Residual, gradient and solution of Standing, in the solver's own terms.
        const char* figures = "a finite residual, gradient and |x|";
        /// Where NaN and infinity may come from.
        const char* sources = "look for NaN and infinity in what A and A' return";
        /// The remedy where the figures grew until they overflowed; null: the sources.
        const char* growth = nullptr;
    };
    void explain(const Words& words) { words_ = words; }

    /// The iteration that was recorded last; 0 before the first step.
    index_t number() const { return journal_.history.empty() ? 0 : journal_.history.back().number; }

    /// Throws ArgumentError: at this iteration, `what` was `found` where `expected` is needed.
    [[noreturn]] void refuse(const std::string& what, double found,
                             const std::string& remedy) const;

 private:
    template <class State, class Watch> static constexpr bool keeps =
        StateKeeper<Watch, std::remove_cvref_t<decltype(std::declval<State&>().x)>>;

    /// Notes where the solver stands, asks those who watch, and lets the state be kept.
    template <class State, class Watch>
    std::optional<StopReason> record(const Standing& at, State& s, const Watch& watch) {
        bool go_on = append(at);
        using X = std::remove_cvref_t<decltype(iterate_of(s))>;
        if constexpr (Onlooker<Watch, X>) {
            if constexpr (std::is_void_v<
                              std::invoke_result_t<const Watch&, const Iteration&, const X&>>)
                watch(journal_.history.back(), iterate_of(s));
            else go_on = watch(journal_.history.back(), iterate_of(s)) && go_on;
        }
        const auto stop = verdict(at.reached, go_on);
        if constexpr (keeps<State, Watch>) {
            SolverState<State> kept{journal_, s, stop.has_value()};
            if (number() > 0) watch.save(kept);  // a start costs little, and need not be complete
        }
        return stop;
    }
    std::optional<StopReason> verdict(std::optional<StopReason> reached, bool go_on) const {
        if (reached) return number() == 0 ? StopReason::start : reached;
        if (!go_on) return StopReason::monitor;
        if (number() >= iterations_) return StopReason::iterations;
        return std::nullopt;
    }
    bool append(const Standing& at);
    /// Whether it is growth that led to these figures, not a NaN that came from elsewhere.
    bool overgrown(const Standing& at) const;

    Journal journal_;
    index_t iterations_;
    const Monitor& monitor_;
    std::optional<Progress> progress_;
    double start_;
    bool resumed_ = false;
    Words words_{};
};

/// "lsqr(A, b)", with the operator's own name.
template <LinearOperator A> std::string call_of(const char* solver, const A& a) {
    return std::string{solver} + "(" + a.label() + ", b)";
}

/// Throws ArgumentError unless `value` is finite and not negative.
void check_option(const std::string& call, const char* name, double value);
/// Throws ArgumentError unless `value` is finite and positive.
void check_positive(const std::string& call, const char* name, double value);
/// Throws ArgumentError unless `value` is `least` or more.
void check_count(const std::string& call, const char* name, index_t value, index_t least = 1);
/// Throws ArgumentError unless `value` is a share, from 0 on and below 1.
void check_share(const std::string& call, const char* name, double value);

/// Throws SpaceError unless b lies in range(A) and the start, where there is one, in domain(A).
template <LinearOperator A>
void check_spaces(const std::string& call, const A& a, const RangeVector<A>& b,
                  const DomainVector<A>* x0) {
    if (!a.range().contains(b))
        throw SpaceError{call + ": b is not in range(" + a.label() + ")",
                         {.expected = a.range().describe(), .found = b.describe()}};
    if (x0 != nullptr && !a.domain().contains(*x0))
        throw SpaceError{call + ": the start is not in domain(" + a.label() + ")",
                         {.expected = a.domain().describe(), .found = x0->describe()}};
}

/// Throws SpaceError unless A maps its domain into itself.
template <LinearOperator A>
void check_square(const std::string& call, const A& a,
                  const char* remedy = "cgls or lsqr, which solve for any A") {
    if constexpr (std::same_as<DomainOf<A>, RangeOf<A>>)
        if (a.domain() == a.range()) return;
    throw SpaceError{
        call + ": the range of " + a.label() + " is not its domain",
        {.expected = a.domain().describe(), .found = a.range().describe(), .remedy = remedy}};
}

/// Refuses, while compiling, data and a start of other kinds than the operator's spaces.
template <class A, class B, class X = DomainVector<A>> constexpr void check_kinds() {
    static_assert(std::same_as<typename B::vector_type, RangeVector<A>>,
                  "b is a vector of another kind than range(A): its scalar, memory or "
                  "distribution differs");
    static_assert(std::same_as<typename X::vector_type, DomainVector<A>>,
                  "the start is a vector of another kind than domain(A): its scalar, memory or "
                  "distribution differs");
}

/// Throws ArgumentError where the norm of `what` is not finite.
void check_finite(const std::string& call, const char* what, double norm);
[[noreturn]] void refuse_invisible(const std::string& call, const char* what, double largest);

struct StartNorms {
    double residual2 = 0;  ///< |b - A x|^2
    double solution2 = 0;  ///< |x|^2
    double data = 0;       ///< |b|
};

/// Throws ArgumentError where values are so small that their squares vanish: to a solver they are zero.
template <Vector V> void check_visible(const std::string& call, const char* what, const V& v,
                                       double norm2) {
    if (norm2 > 0) return;
    if constexpr (std::same_as<typename V::memory, Host>)
        if (const double largest = norm_inf(v); largest > 0) refuse_invisible(call, what, largest);
}

/// x = x0, or zero; r = b - A x.
template <LinearOperator A>
StartNorms start_at(const std::string& call, const A& a, const RangeVector<A>& b,
                    const DomainVector<A>* x0, DomainVector<A>& x, RangeVector<A>& r) {
    StartNorms norms;
    norms.residual2 = assign_norm2(r, b);
    norms.data = std::sqrt(norms.residual2);
    check_finite(call, "b", norms.data);
    check_visible(call, "b", r, norms.residual2);
    if (x0 == nullptr) {
        x.fill({});
        return norms;
    }
    norms.solution2 = assign_norm2(x, *x0);
    check_finite(call, "the start", std::sqrt(norms.solution2));
    a.forward(x, r);
    norms.residual2 = assign_norm2(r, b - r);
    return norms;
}

/// The rule of cg, bicgstab and gmres: |b - A x| is small beside |b|, or as small as rounding lets it
/// be.
struct ResidualRule {
    double tolerance = 0;
    double rounding = 0;
    double data = 0;  ///< |b|
    double most = 0;  ///< max(|b|, |b - A x0|)

    void begin(const StartNorms& start) {
        data = start.data;
        most = std::max(data, std::sqrt(start.residual2));
    }
    double floor() const { return rounding * most; }
    std::optional<StopReason> reached(double residual) const {
        if (residual <= tolerance * data) return StopReason::residual;
        if (residual <= floor()) return StopReason::residual_rounding;
        return std::nullopt;
    }
    Standing standing(double residual, double solution) const {
        return {residual, residual, solution, 0, reached(residual)};
    }
    template <class F> void visit(const F& f) { f("data", data)("most", most); }
};

}  // namespace lop::detail
