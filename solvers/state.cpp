/// Records as runs of numbers, and kept states of other calls refused.
#include <lop/solvers/state.hpp>

#include <lop/core/error.hpp>

#include <algorithm>
#include <cmath>

namespace lop::detail {
namespace {

constexpr std::size_t figures_of_record = 5;

}  // namespace

void check_given(const std::string& call, std::string_view name, double kept, double given,
                 double size) {
    // Data that another processor computed may differ by their rounding.
    constexpr double near = 1e-5;
    if (std::abs(kept - given) <= near * size) return;
    throw ArgumentError{call + ": the kept state belongs to another call",
                        {.expected = std::string{name} + " " + number_words(kept, 12),
                         .found = number_words(given, 12),
                         .remedy = "the operator, data, start and options of the run that is to go "
                                   "on, or forget its state"}};
}

std::vector<double> Journal::flattened(index_t count) const {
    std::vector<double> figures(figures_of_record * static_cast<std::size_t>(count));
    auto out = figures.begin();
    for (const Iteration& at : history)
        for (const double figure :
             {at.residual, at.gradient, at.solution, at.seconds, at.objective}) {
            if (out == figures.end()) return figures;
            *out++ = figure;
        }
    return figures;
}

void Journal::adopt(const std::vector<double>& figures) {
    history.resize(figures.size() / figures_of_record);
    auto in = figures.begin();
    for (std::size_t k = 0; k < history.size(); ++k) {
        Iteration& at = history[k];
        at.number = static_cast<index_t>(k);
        for (double* figure :
             {&at.residual, &at.gradient, &at.solution, &at.seconds, &at.objective})
            *figure = *in++;
    }
}

}  // namespace lop::detail
