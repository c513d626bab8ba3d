/// The solvers' history, stopping words and refusals.
#include <lop/solvers/solution.hpp>

#include <lop/core/error.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

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

namespace detail {
namespace {

double seconds_now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

}  // namespace

Loop::Loop(std::string call, index_t iterations, const Monitor& monitor, bool progress)
    : call_{std::move(call)}, iterations_{iterations}, monitor_{monitor}, start_{seconds_now()} {
    if (iterations < 0)
        throw ArgumentError{call_ + ": a negative number of iterations",
                            {.expected = "0 or more", .found = std::to_string(iterations)}};
    constexpr index_t most = 1 << 16;  // a bound that is never reached must not cost its memory
    history_.reserve(static_cast<std::size_t>(std::min(iterations, most)) + 1);
    if (progress) progress_.emplace(call_.substr(0, call_.find('(')), iterations, "iterations");
}

bool Loop::append(double residual, double gradient, double solution) {
    const auto at = static_cast<index_t>(history_.size());
    if (!std::isfinite(residual) || !std::isfinite(gradient) || !std::isfinite(solution))
        throw ArgumentError{call_ + ": iteration " + std::to_string(at) + " is not finite",
                            {.expected = "finite |b - A x|, |A'(b - A x)| and |x|",
                             .found = number_words(residual) + ", " + number_words(gradient) +
                                      " and " + number_words(solution),
                             .remedy = "look for NaN and infinity in what A and A' return"}};
    history_.push_back({at, residual, gradient, solution, seconds_now() - start_, objective_});
    if (progress_ && progress_->due(at)) progress_->update(at, "|r| " + number_words(residual));
    return !monitor_ || monitor_(history_.back());
}

void Loop::refuse(const std::string& what, double found, const std::string& remedy) const {
    throw ArgumentError{
        call_ + ": " + what,
        {.expected = "a positive number",
         .found = number_words(found) + " in iteration " + std::to_string(number() + 1),
         .remedy = remedy}};
}

void check_option(const std::string& call, const char* name, double value) {
    if (std::isfinite(value) && value >= 0) return;
    throw ArgumentError{call + ": the option " + name,
                        {.expected = "a finite number, 0 or more", .found = number_words(value)}};
}

void check_finite(const std::string& call, const char* what, double norm) {
    if (std::isfinite(norm)) return;
    throw ArgumentError{
        call + ": " + what + " is not finite",
        {.expected = "finite values, with squares below 1e308",
         .found = std::string{"a norm of "} + (std::isnan(norm) ? "NaN" : "infinity")}};
}

}  // namespace detail
}  // namespace lop
