/// What every solver returns, records on its way, and refuses at its door.
#pragma once

#include <lop/algebra/operator.hpp>
#include <lop/core/progress.hpp>

#include <cmath>
#include <concepts>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace lop {

/// Where a solver stands after an iteration. Number 0 is the start.
struct Iteration {
    index_t number = 0;
    double residual = 0;  ///< |b - A x|
    double gradient =
        0;  ///< |A'(b - A x) - damping^2 x|; in cg, which minimises x'A x / 2 - b'x, |b - A x|
    double solution = 0;   ///< |x|
    double seconds = 0;    ///< since the solver began
    double objective = 0;  ///< what is minimised, in the solvers of sparse problems; elsewhere 0
};

/// Called after every iteration, and once at the start; false ends the solver. On several ranks
/// it is called on each and must answer the same on all.
using Monitor = std::function<bool(const Iteration&)>;

/// Why a solver stopped. In brackets: ISTOP of Paige and Saunders (1982b).
enum class StopReason {
    start,               ///< the start solves the problem (0)
    residual,            ///< A x = b to the tolerance (1)
    gradient,            ///< A'(b - A x) = damping^2 x to the tolerance: least squares (2)
    condition,           ///< A seems worse conditioned than the limit (3)
    residual_rounding,   ///< A x = b as far as the precision goes (4)
    gradient_rounding,   ///< least squares as far as the precision goes (5)
    condition_rounding,  ///< A is singular as far as the precision goes (6)
    iterations,          ///< all iterations were done (7)
    monitor,             ///< the monitor ended it
    stationary           ///< x moves no more, to the tolerance: the optimum of a nonsmooth problem
};

/// The reason as a sentence, without a full stop.
std::string_view words(StopReason reason);

/// The outcome of a solver.
template <Vector X> struct Solution {
    X x;
    std::vector<Iteration> history;  ///< from number 0, the start, to the last
    index_t iterations = 0;
    StopReason reason = StopReason::iterations;

    const Iteration& last() const { return history.back(); }
};

namespace detail {

/// The relative size of a rounding error in the numbers of a vector.
template <class T> constexpr double rounding() {
    return static_cast<double>(std::numeric_limits<Real<T>>::epsilon());
}

/// Watches nothing.
struct NoWatch {
    template <class X> void operator()(const Iteration&, const X&) const {}
};

/// A call that sees the iterate as well: watch(iteration, x); a false that it returns ends the
/// solver.
template <class W, class X>
concept WatchOf = std::invocable<const W&, const Iteration&, const X&>;

/// The state that all solvers share: history, clock, progress bar and monitors.
class Loop {
 public:
    /// Throws ArgumentError for a negative number of iterations.
    Loop(std::string call, index_t iterations, const Monitor& monitor, bool progress);

    /// Notes where the solver stands, asks those who watch, and tells whether and why to stop;
    /// `reached` is what the solver's own rules say. Throws ArgumentError where a figure is not
    /// finite. Allocates nothing before 65 536 iterations.
    template <class X, class Watch>
    std::optional<StopReason> record(double residual, double gradient, double solution, const X& x,
                                     const Watch& watch, std::optional<StopReason> reached) {
        bool go_on = append(residual, gradient, solution);
        if constexpr (std::same_as<std::invoke_result_t<const Watch&, const Iteration&, const X&>,
                                   void>)
            watch(history_.back(), x);
        else go_on = watch(history_.back(), x) && go_on;
        if (reached) return number() == 0 ? StopReason::start : reached;
        if (!go_on) return StopReason::monitor;
        if (number() >= iterations_) return StopReason::iterations;
        return std::nullopt;
    }

    /// The objective that the next record carries.
    void objective(double value) { objective_ = value; }
    index_t number() const { return history_.empty() ? 0 : history_.back().number; }
    template <Vector X> Solution<X> finish(X x, StopReason reason) {
        const index_t done = number();
        return {std::move(x), std::move(history_), done, reason};
    }

    /// Throws ArgumentError: at this iteration, `what` was `found` where `expected` is needed.
    [[noreturn]] void refuse(const std::string& what, double found,
                             const std::string& remedy) const;

 private:
    bool append(double residual, double gradient, double solution);

    std::string call_;
    index_t iterations_;
    const Monitor& monitor_;
    std::optional<Progress> progress_;
    double start_;
    double objective_ = 0;
    std::vector<Iteration> history_;
};

/// "lsqr(A, b)", with the operator's own name.
template <LinearOperator A> std::string call_of(const char* solver, const A& a) {
    return std::string{solver} + "(" + a.label() + ", b)";
}

/// Throws ArgumentError unless `value` is finite and not negative.
void check_option(const std::string& call, const char* name, double value);

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

struct StartNorms {
    double residual2 = 0;  ///< |b - A x|^2
    double solution2 = 0;  ///< |x|^2
    double data = 0;       ///< |b|
};

/// x = x0, or zero; r = b - A x.
template <LinearOperator A>
StartNorms start_at(const std::string& call, const A& a, const RangeVector<A>& b,
                    const DomainVector<A>* x0, DomainVector<A>& x, RangeVector<A>& r) {
    StartNorms norms;
    norms.residual2 = assign_norm2(r, b);
    norms.data = std::sqrt(norms.residual2);
    check_finite(call, "b", norms.data);
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

}  // namespace detail
}  // namespace lop
