/// Guards of blocking calls, and the watch of a session.
#include <lop/distributed/watchdog.hpp>

#include "distributed/watch.hpp"
#include <lop/core/error.hpp>
#include <lop/core/log.hpp>

namespace lop::detail {

Waiting::Waiting(const Communicator& communicator, std::string_view call,
                 std::string_view of) noexcept {
    if (Watch* watch = Watch::current(); watch != nullptr && communicator.watched() != nullptr)
        watch->enter(*communicator.watched(), call, of);
}

Waiting::Waiting(const Communicator& communicator, std::string_view call,
                 std::span<const int> peers, std::string_view of) noexcept {
    if (Watch* watch = Watch::current(); watch != nullptr && communicator.watched() != nullptr)
        watch->enter(*communicator.watched(), peers, call, of);
}

Waiting::~Waiting() {
    if (Watch* watch = Watch::current()) watch->compute();
}

Watchdog::Watchdog() {
    const WatchLimits limits = WatchLimits::from_environment();
    try {
        watch_ = std::make_unique<Watch>(limits);
    } catch (const MemoryError& error) {  // on all ranks of the node, which then go unwatched
        logging::warning(error.what());
    }
}

Watchdog::~Watchdog() {
    if (!watch_) return;
    if (watch_->left()) {
        static_cast<void>(watch_.release());  // others may still read the post
        return;
    }
    const Waiting waiting{Communicator{watch_->node()}, end_of_session};
    MPI_Barrier(watch_->node());
}

void Watchdog::leave() noexcept {
    if (Watch* watch = Watch::current()) watch->leave();
}

}  // namespace lop::detail
