/// The watch of one rank: its post, the groups that it calls in, and the thread that looks around.
#pragma once

#include "distributed/watch_post.hpp"

#include <list>
#include <mpi.h>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace lop::detail {

/// The ranks of a communicator. Communicators of the same ranks in the same order share one.
struct WatchedGroup {
    std::vector<int> ranks;  ///< of the world
    std::uint64_t id = 0;    ///< the same on every rank; never 0
    std::uint64_t number = 0;
    std::atomic<std::uint64_t>* entered = nullptr;
};

/// The group that a communicator stands for; nullptr where nobody watches.
WatchedGroup* watched_group(MPI_Comm native);

/// The call in which ranks wait for all others before they leave MPI.
inline constexpr std::string_view end_of_session = "the end of the session";

/// Limits in nanoseconds; 0: never.
struct WatchLimits {
    std::int64_t warn = 0;
    std::int64_t abort = 0;
    /// Throws ArgumentError for variables that are not a number of seconds.
    static WatchLimits from_environment();
};

class Watch {
 public:
    explicit Watch(WatchLimits limits);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    /// The watch of this process, if it has one.
    static Watch* current() noexcept;

    WatchedGroup* group(MPI_Comm native);
    void enter(WatchedGroup& group, std::string_view call, std::string_view of) noexcept;
    void enter(WatchedGroup& group, std::span<const int> peers, std::string_view call,
               std::string_view of) noexcept;
    void compute() noexcept;
    void leave() noexcept;
    bool left() const { return left_; }
    MPI_Comm node() const { return node_; }

 private:
    struct Findings;

    Post& post() { return *posts_[me_]; }
    const Post* post_of(int rank) const;
    void start();
    void stop() noexcept;
    // What the thread does.
    void run();
    void obey_signal();
    void look_for_the_gone();
    void look_at_own_wait();
    bool speaks_for(const Sight& mine) const;
    std::vector<int> at_the_end(const Sight& mine, const WatchedGroup& group) const;
    std::string report(const Sight& mine, const WatchedGroup& group) const;
    std::string obituary(const std::vector<const Post*>& gone) const;
    [[noreturn]] void end_job(const std::string& message);

    WatchLimits limits_;
    MPI_Comm node_ = MPI_COMM_NULL;
    MPI_Win window_ = MPI_WIN_NULL;
    std::vector<Post*> posts_;  ///< of the ranks of this node
    std::size_t me_ = 0;
    std::list<WatchedGroup> groups_;  ///< the first is the world
    std::atomic<const WatchedGroup*> calling_{nullptr};
    std::atomic<bool> left_{false};
    std::thread thread_;
    int wake_[2] = {-1, -1};  ///< a pipe: 'q' to quit, 't' for a signal to terminate
    bool obeys_signals_ = false;
    // The thread's own.
    std::int64_t resumed_ = 0;          ///< when this process last ran again after a pause
    std::uint64_t warned_version_ = 0;  ///< of the wait that next_warning_ belongs to
    std::int64_t next_warning_ = 0;
    std::int64_t left_and_gone_ = 0;  ///< since when the next rank's process is, after leave()
};

}  // namespace lop::detail
