/// What each rank tells the others of its node, in memory that they share.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lop::detail {

/// Nanoseconds of a clock that all processes of a node share.
std::int64_t clock_now() noexcept;

/// What a process of this node is known to be doing.
enum class ProcessState { runs, stopped, gone };

/// What a rank did when it was looked at.
struct Sight {
    int rank = 0;
    bool waiting = false;
    std::int64_t since = 0;     ///< to a fraction of a second
    std::uint64_t version = 0;  ///< another one for each call, and between calls
    std::uint64_t group = 0;
    std::uint64_t number = 0;  ///< of the call among those of its group; 0: messages of peers
    std::vector<int> peers;    ///< the first of them
    int peer_count = 0;
    std::string call;  ///< the current or, where it computes, the last one
};

/// One rank's place. The rank alone writes, and any process of the node reads at any time.
class Post {
 public:
    static constexpr int named_peers = 8;
    static constexpr std::size_t text_size = 64;

    /// A call among those of `group`, or, with number 0, messages of peers.
    struct Call {
        std::uint64_t group = 0;
        std::uint64_t number = 0;
        std::span<const int> peers{};
        int peer_count = 0;
    };

    void open(int rank) noexcept;
    void enter(const Call& call, std::string_view name, std::string_view of) noexcept;
    void compute() noexcept;
    /// Notes when what the rank does was first seen; for a thread that looks a few times a second, so
    /// that calls need not read the clock.
    void note_time() noexcept;
    void leave() noexcept { leaving_.store(true); }
    /// A place for the number of calls of a group; nullptr when there are too many groups.
    std::atomic<std::uint64_t>* count_of(std::uint64_t group) noexcept;

    int rank() const { return rank_.load(); }
    std::int64_t process() const { return process_.load(); }
    Sight look() const;
    /// Calls of the group that this rank has entered.
    std::uint64_t entered(std::uint64_t group) const;
    /// Whether the rank said that it would end.
    bool leaves() const { return leaving_.load(); }
    ProcessState state() const;

    /// Whether this process is the first of the node to ask, on the post that all agree on.
    bool claim_last_words() noexcept { return !last_words_.exchange(true); }
    bool last_words() const { return last_words_.load(); }

 private:
    template <class T> using Atom = std::atomic<T>;
    struct Count {
        Atom<std::uint64_t> group;
        Atom<std::uint64_t> entered;
    };
    static_assert(Atom<std::uint64_t>::is_always_lock_free && Atom<int>::is_always_lock_free &&
                      Atom<bool>::is_always_lock_free,
                  "a lock would not work between processes");

    void begin_writing() noexcept;
    void end_writing() noexcept;

    Atom<int> rank_;
    Atom<std::int64_t> process_;
    Atom<std::uint64_t> process_space_;  ///< processes of another one have numbers of their own
    Atom<std::uint64_t> born_;
    Atom<bool> leaving_;
    Atom<bool> last_words_;
    Atom<std::int64_t> since_;  ///< when noted_ was first seen
    Atom<std::uint64_t> noted_;
    Atom<std::uint64_t> version_;  ///< odd while what follows is written
    Atom<bool> waiting_;
    Atom<std::uint64_t> group_;
    Atom<std::uint64_t> number_;
    Atom<int> peer_count_;
    std::array<Atom<int>, named_peers> peers_;
    std::array<Atom<std::uint64_t>, text_size / 8> text_;
    std::array<Count, 64> counts_;
};

}  // namespace lop::detail
