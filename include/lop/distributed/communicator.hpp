/// Groups of ranks, and the session that starts and ends them.
#pragma once

#include <lop/core/scalar.hpp>

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mpi.h>
#include <string>
#include <vector>

namespace lop {

namespace detail {
class Watchdog;       // lop/distributed/watchdog.hpp
struct WatchedGroup;  // distributed/watch.hpp
}  // namespace detail

/// A group of MPI ranks. A program that never started MPI is a group of one, and no member
/// function then calls MPI.
class Communicator {
 public:
    /// All ranks of the program.
    static Communicator world();
    /// This rank alone.
    static Communicator self();
    explicit Communicator(MPI_Comm native);

    int rank() const { return state_->rank; }
    int size() const { return state_->size; }
    bool root() const { return rank() == 0; }
    MPI_Comm native() const { return state_->native; }

    void barrier() const;
    /// The rank's values become those of `root`.
    void broadcast(void* data, std::size_t bytes, int root = 0) const;
    std::string broadcast(std::string text, int root = 0) const;
    /// The bytes of all ranks, one after the other, on every rank; ArgumentError above 2^31 - 1.
    std::vector<char> gather_bytes(const void* data, std::size_t bytes) const;
    index_t sum(index_t value) const;
    double max(double value) const;
    bool any(bool value) const;
    /// Whether all ranks give the same number.
    bool agree(std::uint64_t number) const;
    /// The ranks that name the same color, in the order of their ranks here. Collective.
    Communicator split(int color) const;
    /// Whether both name the same ranks in the same order.
    bool operator==(const Communicator& other) const;

    /// Runs `work`, which must not communicate, and agrees on the outcome: where it throws on any
    /// rank, every rank throws the error of the lowest such rank, in the same words and type.
    void collectively(const std::function<void()>& work) const;

    /// How the session's watchdog calls this group; nullptr where nobody watches.
    detail::WatchedGroup* watched() const { return state_->watched; }

 private:
    struct State {
        State() = default;
        State(const State&) = delete;
        ~State();
        MPI_Comm native = MPI_COMM_NULL;
        int rank = 0;
        int size = 1;
        bool owned = false;  // made here, and freed here
        detail::WatchedGroup* watched = nullptr;
    };
    std::shared_ptr<const State> state_;
};

/// MPI, logging and error handling from here to the closing brace of main:
///
///     int main(int argc, char** argv) {
///         const lop::Session session{argc, argv};
///
/// An exception that leaves main ends all ranks with its message, printed once. One that leaves
/// the session's scope and is caught there lets the handler finish; when the program then ends,
/// all ranks do, with exit code 1.
///
/// Ranks that wait long for others name them on stderr, and one whose process is killed ends the
/// job by name: lop/distributed/watchdog.hpp.
class Session {
 public:
    Session(int& argc, char**& argv);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    Communicator world() const { return Communicator::world(); }
    bool root() const { return world().root(); }

 private:
    bool started_ = false;
    int exceptions_ = std::uncaught_exceptions();
    std::unique_ptr<detail::Watchdog> watchdog_;
};

/// Prints `message` once for all ranks that fail within a moment, and ends every rank with exit
/// code 1. Ranks that others wait for in a collective are ended too.
[[noreturn]] void abort_all(const std::string& message) noexcept;

}  // namespace lop
