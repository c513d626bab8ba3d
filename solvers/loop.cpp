/// Records, clocks and refusals of a solver's iterations.
#include <lop/solvers/loop.hpp>

#include <lop/core/error.hpp>
#include <lop/core/parameter.hpp>

#include <chrono>

namespace lop::detail {
namespace {

double seconds_now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

[[noreturn]] void refuse_option(const std::string& call, const char* name,
                                const std::string& expected, const std::string& found) {
    throw ArgumentError{call + ": the option " + name, {.expected = expected, .found = found}};
}
void check_number(const std::string& call, const char* name, Allowed allowed, double value) {
    if (!fits(allowed, value)) refuse_option(call, name, words_of(allowed), number_words(value));
}

}  // namespace

Loop::Loop(std::string call, index_t iterations, const Monitor& monitor, bool progress)
    : journal_{std::move(call)}, iterations_{iterations}, monitor_{monitor}, start_{seconds_now()} {
    if (iterations < 0)
        throw ArgumentError{journal_.call + ": a negative number of iterations",
                            {.expected = "0 or more", .found = std::to_string(iterations)}};
    constexpr index_t most = 1 << 16;  // a bound that is never reached must not cost its memory
    journal_.history.reserve(static_cast<std::size_t>(std::min(iterations, most)) + 1);
    if (progress)
        progress_.emplace(journal_.call.substr(0, journal_.call.find('(')), iterations,
                          "iterations");
}

bool Loop::append(const Standing& at) {
    const auto n = static_cast<index_t>(journal_.history.size());
    if (!std::isfinite(at.residual) || !std::isfinite(at.gradient) || !std::isfinite(at.solution))
        throw ArgumentError{
            journal_.call + ": iteration " + std::to_string(n) + " is not finite",
            {.expected = words_.figures,
             .found = number_words(at.residual) + ", " + number_words(at.gradient) + " and " +
                      number_words(at.solution),
             .remedy = words_.growth != nullptr && overgrown(at) ? words_.growth : words_.sources}};
    journal_.history.push_back(
        {n, at.residual, at.gradient, at.solution, seconds_now() - start_, at.objective});
    if (progress_ && progress_->due(n)) progress_->update(n, "|r| " + number_words(at.residual));
    return !monitor_ || monitor_(journal_.history.back());
}

bool Loop::overgrown(const Standing& at) const {
    const auto& history = journal_.history;
    if (history.empty()) return false;  // no step was taken yet
    if (!std::isnan(at.residual) && !std::isnan(at.gradient) && !std::isnan(at.solution))
        return true;
    if (history.size() < 2) return false;
    const double first = history[0].residual > 0 ? history[0].residual : history[1].residual;
    return history.back().residual > first;
}

void Loop::refuse(const std::string& what, double found, const std::string& remedy) const {
    throw ArgumentError{
        journal_.call + ": " + what,
        {.expected = "a positive number",
         .found = number_words(found) + " in iteration " + std::to_string(number() + 1),
         .remedy = remedy}};
}

void check_option(const std::string& call, const char* name, double value) {
    check_number(call, name, Allowed::not_negative, value);
}

void check_positive(const std::string& call, const char* name, double value) {
    check_number(call, name, Allowed::positive, value);
}

void check_count(const std::string& call, const char* name, index_t value, index_t least) {
    if (value < least)
        refuse_option(call, name, std::to_string(least) + " or more", std::to_string(value));
}

void check_share(const std::string& call, const char* name, double value) {
    if (!(value >= 0 && value < 1))
        refuse_option(call, name, "from 0 on, below 1", number_words(value));
}

void refuse_invisible(const std::string& call, const char* what, double largest) {
    throw ArgumentError{call + ": the squares of " + what + " are zero in double precision",
                        {.expected = "values above 1e-150, or zeros",
                         .found = "a largest one of " + number_words(largest),
                         .remedy = "units in which the data are larger"}};
}

void check_finite(const std::string& call, const char* what, double norm) {
    if (std::isfinite(norm)) return;
    throw ArgumentError{
        call + ": " + what + " is not finite",
        {.expected = "finite values, with squares below 1e308",
         .found = std::string{"a norm of "} + (std::isnan(norm) ? "NaN" : "infinity")}};
}

}  // namespace lop::detail
