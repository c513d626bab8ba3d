/// gnuplot as a child process.
#pragma once

#include <string>

namespace lop::io {

enum class GnuplotResult { drawn, absent, failed };

struct GnuplotOutcome {
    GnuplotResult result = GnuplotResult::failed;
    std::string output{};     // the bytes that it drew
    std::string complaint{};  // the last line of what it said
};

/// Runs gnuplot on a script of commands with inline data, whose drawing goes to its standard
/// output.
GnuplotOutcome run_gnuplot(const std::string& script);

}  // namespace lop::io
