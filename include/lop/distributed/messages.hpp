/// Messages of any length, and messages that go the same way again and again.
#pragma once

#include <lop/distributed/communicator.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace lop::detail {

/// How many bytes of a message go at once, since counts of MPI are of type int: 2^30, unless a test,
/// which cannot wait for gigabytes, sets another limit. Setting returns the limit that was.
std::size_t message_limit();
std::size_t set_message_limit(std::size_t bytes);

/// Calls transfer(first byte, count as MPI takes it, number of the piece) piece by piece.
template <class Byte, class Transfer>
void in_pieces(Byte* data, std::size_t bytes, const Transfer& transfer) {
    const std::size_t limit = message_limit();
    int piece = 0;
    for (std::size_t at = 0; at < bytes; at += limit)
        transfer(data + at, static_cast<int>(std::min(limit, bytes - at)), piece++);
}

/// What a message is about. Pieces of one have tags of their own, since MPI may start the requests of
/// a list in any order.
enum class MessageTag : int { sum = 101, exchange, fetch };

/// Messages that go from and to the same places of memory in every round, over persistent requests:
/// nothing is allocated once they are prepared. Messages between two ranks that go the same way differ in their
/// number, 0 to 15.
class PersistentMessages {
 public:
    PersistentMessages(Communicator communicator, MessageTag tag)
        : communicator_{std::move(communicator)}, tag_{tag} {}
    PersistentMessages(PersistentMessages&&) = default;
    PersistentMessages& operator=(PersistentMessages&&) = delete;
    ~PersistentMessages();

    void send(const void* data, std::size_t bytes, int to, int number = 0);
    void receive(void* data, std::size_t bytes, int from, int number = 0);
    bool empty() const { return requests_.empty(); }
    /// Begins a round; the round before has ended.
    void start();
    /// Lets this round's messages get on, where the library does not by itself.
    void advance();
    /// Until all of this round's messages have gone and come.
    void wait();

 private:
    int tag_of(int number, int piece) const;

    Communicator communicator_;
    MessageTag tag_;
    std::vector<MPI_Request> requests_{};
};

}  // namespace lop::detail
