/// Messages in pieces, and persistent ones.
#include <lop/distributed/messages.hpp>

#include <utility>

namespace lop::detail {
namespace {

std::size_t limit_of_messages = std::size_t{1} << 30;

}  // namespace

std::size_t message_limit() { return limit_of_messages; }

std::size_t set_message_limit(std::size_t bytes) { return std::exchange(limit_of_messages, bytes); }

PersistentMessages::~PersistentMessages() {
    int ended = 0;
    MPI_Finalized(&ended);
    if (ended != 0) return;
    for (MPI_Request& request : requests_) MPI_Request_free(&request);
}

int PersistentMessages::tag_of(int number, int piece) const {
    constexpr int kinds = 8;  // of MessageTag, at most
    constexpr int numbers = 16;
    return static_cast<int>(tag_) + kinds * (number + numbers * piece);
}

void PersistentMessages::send(const void* data, std::size_t bytes, int to, int number) {
    in_pieces(static_cast<const char*>(data), bytes, [&](const char* at, int count, int piece) {
        MPI_Send_init(at, count, MPI_BYTE, to, tag_of(number, piece), communicator_.native(),
                      &requests_.emplace_back());
    });
}

void PersistentMessages::receive(void* data, std::size_t bytes, int from, int number) {
    in_pieces(static_cast<char*>(data), bytes, [&](char* at, int count, int piece) {
        MPI_Recv_init(at, count, MPI_BYTE, from, tag_of(number, piece), communicator_.native(),
                      &requests_.emplace_back());
    });
}

// A group of one may never have started MPI, so that lists without messages do not call it.

void PersistentMessages::start() {
    if (!empty()) MPI_Startall(static_cast<int>(requests_.size()), requests_.data());
}

void PersistentMessages::advance() {
    int all = 0;
    if (!empty())
        MPI_Testall(static_cast<int>(requests_.size()), requests_.data(), &all,
                    MPI_STATUSES_IGNORE);
}

void PersistentMessages::wait() {
    if (!empty())
        MPI_Waitall(static_cast<int>(requests_.size()), requests_.data(), MPI_STATUSES_IGNORE);
}

}  // namespace lop::detail
