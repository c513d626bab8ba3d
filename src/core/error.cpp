/// Lays out the text of an error.
#include <lop/core/error.hpp>

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

Error::Error(const std::string& asked, const ErrorDetails& details)
    : std::runtime_error{lay_out(asked, details)} {}

}  // namespace lop
