/// Lays out the text of an error.
#include <lop/core/error.hpp>

#include <lop/core/parameter.hpp>

#include <cmath>
#include <cstdio>
#include <new>

namespace lop {
namespace {

std::string lay_out(const std::string& asked, const ErrorDetails& details) {
    std::string text = asked;
    if (!details.expected.empty()) text += "\n    expected " + details.expected;
    if (!details.found.empty()) text += "\n    found    " + details.found;
    if (!details.remedy.empty()) text += "\n    try      " + details.remedy;
    return text;
}

}  // namespace

std::string number_words(double value, int digits) {
    if (std::isnan(value)) return "NaN";  // without the sign that printf shows
    if (std::isinf(value)) return value > 0 ? "infinity" : "-infinity";
    char text[32];
    std::snprintf(text, sizeof text, "%.*g", digits, value);
    return text;
}

void append_word(std::string& text, const char* glue, const std::string& word) {
    if (!text.empty()) text += glue;
    text += word;
}

std::string error_words(const std::exception& error) {
    const bool is_memory = dynamic_cast<const std::bad_alloc*>(&error) != nullptr ||
                           dynamic_cast<const std::length_error*>(&error) != nullptr;
    if (!is_memory) return error.what();
    return lay_out("out of memory", {.remedy = "smaller extents, fewer points or more ranks"});
}

void refuse_memory(std::size_t bytes) {
    throw MemoryError{
        "memory for one array",
        {.expected = "as much as this machine can give",
         .found = number_words(static_cast<double>(bytes) / (1 << 30), 3) + " GiB asked for",
         .remedy = "smaller extents, fewer points or more ranks"}};
}

Error::Error(const std::string& asked, const ErrorDetails& details)
    : std::runtime_error{lay_out(asked, details)} {}

std::string counted(std::int64_t count, const std::string& noun) {
    return counted(count, noun, noun + "s");
}
std::string counted(std::int64_t count, const std::string& one, const std::string& many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

void detail::refuse_parameter(const char* name, const char* expected, double found) {
    throw ArgumentError{name, {.expected = expected, .found = number_words(found)}};
}

}  // namespace lop
