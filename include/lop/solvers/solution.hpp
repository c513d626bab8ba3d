/// What every solver returns and records on its way.
#pragma once

#include <lop/algebra/expression.hpp>

#include <functional>
#include <string_view>
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

}  // namespace lop
