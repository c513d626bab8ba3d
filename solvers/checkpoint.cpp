/// Kept states that do not fit, in words.
#include <lop/solvers/checkpoint.hpp>

#include <lop/core/error.hpp>

namespace lop::detail {
namespace {

constexpr const char* another = "a checkpoint of its own for each solve, or clear()";

}  // namespace

void KeptValues::check_solver(std::string_view solver) const {
    if (solver == solver_) return;
    throw ArgumentError{
        std::string{solver} + ": the state kept in memory is another solver's",
        {.expected = "a state of " + std::string{solver}, .found = solver_, .remedy = another}};
}

void KeptValues::refuse_space(std::string_view name, const std::string& expected) const {
    const auto found = values_.find(name);
    throw SpaceError{
        solver_ + ": the state kept in memory is of other spaces: " + std::string{name},
        {.expected = expected,
         .found = found == values_.end() ? "nothing" : found->second.words(found->second.value),
         .remedy = another}};
}

void KeptValues::refuse_count(std::string_view name, std::size_t expected,
                              std::size_t found) const {
    throw ArgumentError{
        solver_ + ": the state kept in memory is of another run: " + std::string{name},
        {.expected = counted(static_cast<index_t>(expected), "number"),
         .found = counted(static_cast<index_t>(found), "number"),
         .remedy = another}};
}

}  // namespace lop::detail
