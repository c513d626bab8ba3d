/// Draws the bar.
#include <lop/core/progress.hpp>

#include <lop/core/log.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <unistd.h>
#include <utility>

namespace lop {
namespace {

// The columns that a bar occupies on stderr now; shared with the log, which writes there too.
std::atomic<std::size_t> open_columns{0};

constexpr std::size_t columns = 79;  // a line that wraps cannot be drawn over
constexpr int bar_width = 16;

double steady_seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

/// 0:07, 12:30 or 3:05:00.
std::string clock_words(double seconds) {
    const auto whole = static_cast<long long>(std::llround(std::max(0.0, seconds)));
    char text[32];
    if (whole < 3600) std::snprintf(text, sizeof text, "%lld:%02lld", whole / 60, whole % 60);
    else
        std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60,
                      whole % 60);
    return text;
}

std::string bar(double share) {
    const int full = static_cast<int>(share * bar_width);
    std::string text(static_cast<std::size_t>(full), '=');
    if (full < bar_width) text += '>';
    text.resize(bar_width, ' ');
    return "[" + text + "]";
}

}  // namespace

Progress::Progress(std::string title, index_t total, std::string unit, ProgressOptions options)
    : title_{std::move(title)},
      total_{total},
      unit_{std::move(unit)},
      options_{std::move(options)},
      on_stderr_{options_.stream == nullptr} {
    active_ =
        logging::is_root() && options_.terminal.value_or(on_stderr_ && isatty(STDERR_FILENO) != 0);
    if (on_stderr_) options_.stream = &std::cerr;
    if (!options_.clock) options_.clock = steady_seconds;
    start_ = options_.clock();
}

Progress::~Progress() {
    if (!drawn_) return;
    *options_.stream << '\n' << std::flush;
    if (on_stderr_) open_columns = 0;
}

bool Progress::due(index_t done) const {
    if (!active_) return false;
    return !drawn_ || done == total_ || options_.clock() - drawn_at_ >= options_.interval;
}

void Progress::update(index_t done, std::string_view note) {
    if (!due(done)) return;
    drawn_at_ = options_.clock();
    std::string text = line(done, drawn_at_ - start_, note);
    const std::size_t length = text.size();
    if (length < width_) text.resize(width_, ' ');  // over the end of a longer line
    width_ = length;
    drawn_ = true;
    *options_.stream << '\r' << text << std::flush;
    if (on_stderr_) open_columns = text.size();
}

std::string Progress::line(index_t done, double elapsed, std::string_view note) const {
    const std::string suffix = unit_.empty() ? "" : " " + unit_;
    std::string text = title_;
    if (total_ > 0) {
        const double share =
            std::clamp(static_cast<double>(done) / static_cast<double>(total_), 0.0, 1.0);
        char percent[16];
        std::snprintf(percent, sizeof percent, " %3.0f %%", std::floor(100 * share));
        text += " " + bar(share) + percent + "  " + std::to_string(done) + "/" +
                std::to_string(total_) + suffix + "  " + clock_words(elapsed);
        if (share > 0 && share < 1)
            text += ", " + clock_words(elapsed * (1 - share) / share) + " left";
    } else {
        text += "  " + std::to_string(done) + suffix + "  " + clock_words(elapsed);
    }
    if (!note.empty()) text += "  " + std::string{note};
    if (text.size() > columns) text.resize(columns);
    return text;
}

void Progress::clear_terminal_line() {
    const std::size_t width = open_columns.exchange(0);
    if (width > 0) std::fprintf(stderr, "\r%s\r", std::string(width, ' ').c_str());
}

}  // namespace lop
