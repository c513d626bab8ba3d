/// The counter and the values that ranks share while they compute.
#include <lop/distributed/scheduling.hpp>

#include <lop/core/error.hpp>
#include <lop/distributed/messages.hpp>
#include <lop/distributed/watchdog.hpp>

#include <algorithm>
#include <numeric>

namespace lop::detail {

std::vector<index_t> longest_first(const std::vector<double>& costs) {
    std::vector<index_t> order(costs.size());
    std::iota(order.begin(), order.end(), index_t{0});
    std::stable_sort(order.begin(), order.end(), [&](index_t a, index_t b) {
        return costs[static_cast<std::size_t>(a)] > costs[static_cast<std::size_t>(b)];
    });
    return order;
}

SharedWork::SharedWork(const Communicator& communicator, std::size_t bytes_here)
    : communicator_{communicator} {
    const std::size_t bytes = std::max<std::size_t>(bytes_here, 8);
    if (communicator.size() == 1) {
        counter_ = new std::int64_t{0};
        data_ = static_cast<char*>(::operator new(bytes, std::align_val_t{64}));
        return;
    }
    MPI_Win_allocate(communicator.root() ? sizeof(std::int64_t) : 0, sizeof(std::int64_t),
                     MPI_INFO_NULL, communicator.native(), &counter_, &counter_window_);
    MPI_Win_allocate(static_cast<MPI_Aint>(bytes), 1, MPI_INFO_NULL, communicator.native(), &data_,
                     &window_);
    MPI_Win_lock_all(MPI_MODE_NOCHECK, counter_window_);
    MPI_Win_lock_all(MPI_MODE_NOCHECK, window_);
}

SharedWork::~SharedWork() {
    if (communicator_.size() == 1) {
        delete counter_;
        ::operator delete(data_, std::align_val_t{64});
        return;
    }
    int ended = 0;
    MPI_Finalized(&ended);
    if (ended != 0) return;
    for (MPI_Win* window : {&counter_window_, &window_}) {
        MPI_Win_unlock_all(*window);
        MPI_Win_free(window);
    }
}

void SharedWork::begin() {
    if (communicator_.root()) *counter_ = 0;
    if (communicator_.size() == 1) return;
    MPI_Win_sync(counter_window_);
    MPI_Win_sync(window_);
    communicator_.barrier();
    MPI_Win_sync(window_);
}

void SharedWork::end() {
    if (communicator_.size() == 1) return;
    MPI_Win_flush_all(window_);
    communicator_.barrier();
    MPI_Win_sync(window_);
}

index_t SharedWork::next() {
    if (communicator_.size() == 1) return (*counter_)++;
    const std::int64_t one = 1;
    std::int64_t taken = 0;
    MPI_Fetch_and_op(&one, &taken, MPI_INT64_T, 0, 0, MPI_SUM, counter_window_);
    MPI_Win_flush(0, counter_window_);
    return taken;
}

void SharedWork::get(int owner, std::size_t offset, void* to, std::size_t bytes) const {
    if (owner == communicator_.rank()) {
        std::copy_n(data_ + offset, bytes, static_cast<char*>(to));
        return;
    }
    auto from = static_cast<MPI_Aint>(offset);
    in_pieces(static_cast<char*>(to), bytes, [&](char* at, int count, int) {
        MPI_Get(at, count, MPI_BYTE, owner, from, count, MPI_BYTE, window_);
        from += count;
    });
    MPI_Win_flush(owner, window_);
}

void SharedWork::put(int owner, std::size_t offset, const void* from, std::size_t bytes) const {
    if (owner == communicator_.rank()) {
        std::copy_n(static_cast<const char*>(from), bytes, data_ + offset);
        return;
    }
    auto to = static_cast<MPI_Aint>(offset);
    in_pieces(static_cast<const char*>(from), bytes, [&](const char* at, int count, int) {
        MPI_Put(at, count, MPI_BYTE, owner, to, count, MPI_BYTE, window_);
        to += count;
    });
    MPI_Win_flush(owner, window_);
}

}  // namespace lop::detail
