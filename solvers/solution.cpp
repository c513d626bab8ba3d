/// The reasons to stop, in words.
#include <lop/solvers/solution.hpp>

namespace lop {

std::string_view words(StopReason reason) {
    switch (reason) {
        case StopReason::start: return "the start solves the problem";
        case StopReason::residual: return "A x equals b to the tolerance";
        case StopReason::gradient: return "x is a least-squares solution to the tolerance";
        case StopReason::condition: return "the condition of A exceeds the limit";
        case StopReason::residual_rounding: return "A x equals b as far as the precision goes";
        case StopReason::gradient_rounding:
            return "x is a least-squares solution as far as the precision goes";
        case StopReason::condition_rounding: return "A is singular as far as the precision goes";
        case StopReason::iterations: return "all iterations were done";
        case StopReason::monitor: return "the monitor ended it";
        case StopReason::stationary: return "x is stationary to the tolerance";
    }
    return "unknown";
}

}  // namespace lop
