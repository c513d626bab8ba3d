/// Who waits for whom: ranks that wait too long say which others they wait for, and a rank that is
/// gone ends the job by name.
#pragma once

#include <lop/distributed/communicator.hpp>

#include <memory>
#include <span>
#include <string_view>

namespace lop::detail {

class Watch;

/// Marks a call that waits for other ranks, from here to the end of the scope. One guard around one
/// blocking call of MPI, on the thread that calls MPI; guards do not nest:
///
///     const detail::Waiting waiting{communicator, "sum", space.name()};
///     MPI_Allreduce(...);                                     // all ranks of the communicator
///
///     const detail::Waiting waiting{communicator, "halo", neighbours, space.name()};
///     MPI_Waitall(...);                                       // messages of some of them
///
/// The words stand in messages as 'sum of traces'; they are cut after 63 characters. The calls of
/// the first kind are counted, so every rank of the communicator must make them in the same order.
/// It costs a few stores, and where nobody watches one comparison.
class Waiting {
 public:
    Waiting(const Communicator& communicator, std::string_view call,
            std::string_view of = {}) noexcept;
    /// `peers` are ranks of the communicator; the first eight are named.
    Waiting(const Communicator& communicator, std::string_view call, std::span<const int> peers,
            std::string_view of = {}) noexcept;
    ~Waiting();
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
};

/// The watch of a session. Each rank posts what it does in memory that the ranks of its node share;
/// a thread of each rank, which never calls MPI, reads it a few times a second. What ranks of other
/// nodes do is not known.
///
/// LOP_WATCHDOG_WARN    seconds of waiting until a warning names those who are waited for, and again
///                      each time that it has doubled: 60. 0: no warnings.
/// LOP_WATCHDOG_ABORT   seconds of waiting that end the job: 0, which is never, since a rank may
///                      honestly compute for hours.
///
/// A process of the node that is gone without having ended its session ends the job at once, whether
/// or not someone waits for it.
class Watchdog {
 public:
    /// On all ranks. Throws ArgumentError for variables that are not a number of seconds.
    Watchdog();
    /// On all ranks: waits for those of the node. Not after leave().
    ~Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

    /// This rank ends by itself, and will have said why: others need not report it. Ends its watch.
    static void leave() noexcept;

 private:
    std::unique_ptr<Watch> watch_;
};

}  // namespace lop::detail
