/// What programs are told on their command lines.
#pragma once

#include <lop/core/error.hpp>
#include <lop/core/scalar.hpp>

#include <charconv>
#include <string>
#include <string_view>
#include <system_error>

/// The program's first argument, which says how many `what` there are; `otherwise` where there is none.
/// Throws lop::ArgumentError for anything but a whole number of at least `least`.
inline lop::index_t argument(int argc, char** argv, const std::string& what, lop::index_t otherwise,
                             lop::index_t least = 1) {
    if (argc < 2) return otherwise;
    const std::string_view text = argv[1];
    lop::index_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc{} && end == text.data() + text.size() && number >= least) return number;
    throw lop::ArgumentError{
        "the first argument, " + what,
        {.expected = "a whole number of at least " + std::to_string(least), .found = argv[1]}};
}
