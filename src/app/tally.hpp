/// Progress of a command, counted in propagations of this rank's shots whatever operator runs them.
#pragma once

#include <lop/core/progress.hpp>

#include <optional>
#include <string>

namespace lop::app {

/// A progress bar that operators hold before its length is known; silent until it is started.
class Tally {
 public:
    void start(const std::string& title, index_t total) {
        progress_.emplace(title, total, "runs");
        progress_->update(0);
    }
    void add(index_t count) {
        if (progress_) progress_->update(done_ += count, note_);
    }
    /// A few words beside the bar from now on.
    void note(std::string words) { note_ = std::move(words); }

 private:
    std::optional<Progress> progress_;
    index_t done_ = 0;
    std::string note_;
};

}  // namespace lop::app
