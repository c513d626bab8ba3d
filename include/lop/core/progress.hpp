/// How far a long computation has come: one line that is drawn over itself.
#pragma once

#include <lop/core/scalar.hpp>

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

namespace lop {

/// What a Progress draws on; the defaults are stderr, whether that is a terminal, and real time.
struct ProgressOptions {
    std::ostream* stream = nullptr;
    std::optional<bool> terminal{};
    std::function<double()> clock{};  ///< seconds from any origin
    double interval = 0.1;            ///< least seconds between two drawings
};

/// A bar with per cent, elapsed time and estimated time left:
///
///     LSQR [=======>        ]  45 %  9/20 iterations  0:18, 0:22 left  |r| 3.1e-02
///
/// Drawn only on a terminal and on the root process; into a file or a pipe it writes nothing. A
/// total of zero is unknown: no bar, no time left. The line is ended by the destructor. One thread
/// at a time.
class Progress {
 public:
    Progress(std::string title, index_t total, std::string unit = {}, ProgressOptions options = {});
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// Tells that `done` of the total are done, with a few words on the state.
    void update(index_t done, std::string_view note = {});
    /// Whether update(done) would draw now; for notes that are costly to make.
    bool due(index_t done) const;

    /// Wipes the line of a bar on stderr, so that a message can take its place; the next update
    /// draws the bar again below.
    static void clear_terminal_line();

 private:
    std::string line(index_t done, double elapsed, std::string_view note) const;

    std::string title_;
    index_t total_;
    std::string unit_;
    ProgressOptions options_;
    bool on_stderr_;
    bool active_;
    double start_ = 0;
    double drawn_at_ = 0;
    bool drawn_ = false;
    std::size_t width_ = 0;
};

}  // namespace lop
