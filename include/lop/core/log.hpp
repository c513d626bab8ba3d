/// Messages for people, on stderr and on the root process alone.
#pragma once

#include <functional>
#include <string_view>

namespace lop::logging {

/// How grave a message is; each level includes those before it.
enum class Level { error, warning, info, debug };

/// Whether this process is the one that speaks (true until set). Set by whoever knows the ranks.
void set_root(bool root);
bool is_root();

/// The last level that is printed (Level::info until set).
void set_verbosity(Level last);
Level verbosity();
/// Whether a message of this level would be printed here; for messages that are costly to make.
bool speaks(Level level);

/// One line each; errors and warnings say so: "warning: ...". A warning is said once, however often
/// it is met. Safe from several threads.
// The namespace is not called log: that would hide the function log from `using namespace lop`.
void error(std::string_view text);
void warning(std::string_view text);
void info(std::string_view text);
void debug(std::string_view text);

/// Where lines go instead of stderr, without their end of line; an empty sink restores stderr.
using Sink = std::function<void(Level level, std::string_view line)>;
void set_sink(Sink sink);

}  // namespace lop::logging
