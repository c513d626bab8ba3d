/// The process's log: its level, its sink, and whether it speaks at all.
#include <lop/core/log.hpp>

#include <lop/core/progress.hpp>

#include <atomic>
#include <cstdio>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace lop::logging {
namespace {

struct State {
    std::atomic<bool> root{true};
    std::atomic<Level> last{Level::info};
    std::mutex mutex;  // guards what follows, and keeps lines whole
    Sink sink;
    std::set<std::string, std::less<>> warned;
};

State& state() {
    static State the_state;
    return the_state;
}

/// Whether this warning is new since the sink was set. A warning that a loop meets again is one.
bool is_new_warning(std::string_view text) {
    constexpr std::size_t kept = 1000;
    const std::scoped_lock lock{state().mutex};
    if (state().warned.contains(text)) return false;
    if (state().warned.size() < kept) state().warned.emplace(text);
    return true;
}

const char* prefix(Level level) {
    if (level == Level::error) return "error: ";
    return level == Level::warning ? "warning: " : "";
}

void write(Level level, std::string_view text) {
    if (!speaks(level)) return;
    const std::string line = prefix(level) + std::string{text};
    const std::scoped_lock lock{state().mutex};
    if (state().sink) {
        state().sink(level, line);
        return;
    }
    Progress::clear_terminal_line();
    std::fprintf(stderr, "%s\n", line.c_str());
}

}  // namespace

void set_root(bool root) { state().root = root; }
bool is_root() { return state().root; }
void set_verbosity(Level last) { state().last = last; }
Level verbosity() { return state().last; }
bool speaks(Level level) { return is_root() && level <= verbosity(); }

void error(std::string_view text) { write(Level::error, text); }
void warning(std::string_view text) {
    if (speaks(Level::warning) && is_new_warning(text)) write(Level::warning, text);
}
void info(std::string_view text) { write(Level::info, text); }
void debug(std::string_view text) { write(Level::debug, text); }

void set_sink(Sink sink) {
    const std::scoped_lock lock{state().mutex};
    state().sink = std::move(sink);
    state().warned.clear();
}

}  // namespace lop::logging
