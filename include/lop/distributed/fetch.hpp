/// Single elements of a vector over ranks, brought to the ranks that need them.
#pragma once

#include <lop/core/scratch.hpp>
#include <lop/distributed/communicator.hpp>
#include <lop/distributed/messages.hpp>

#include <memory>
#include <string>
#include <vector>

namespace lop::detail {

/// wanted[k] of the whole vector becomes element k of a list, for lists of any elements. All that goes
/// between two ranks travels in one message, over persistent requests; nothing is allocated once it
/// has run. Messages above 2^30 bytes are cut.
template <Scalar T> class Fetch {
 public:
    /// Rank r holds the elements from firsts[r] to firsts[r + 1]. `wanted` are sorted by owners, in
    /// ascending order. `name` is that of the vector, for those who wait. Collective.
    Fetch(const Communicator& communicator, std::string name, const std::vector<index_t>& firsts,
          const std::vector<index_t>& wanted);

    class Flight;
    /// Sends what others want of this rank's elements.
    Scratch<Flight> start(const T* own) const;
    /// Waits for what this rank wants; valid as long as the flight.
    const T* finish(Flight& flight) const;
    /// How many elements this rank wants.
    index_t size() const { return plan_->wanted; }
    /// What this rank sends in one application, in bytes.
    index_t bytes_sent() const { return static_cast<index_t>(plan_->given.size() * sizeof(T)); }

 private:
    struct Message {
        int peer;
        index_t count;
    };
    /// An element that this rank has itself.
    struct Kept {
        index_t to, from;
    };
    struct Plan {
        Communicator communicator;
        std::string name;
        index_t wanted = 0;
        std::vector<Message> receives{}, sends{};
        std::vector<index_t> received_at{};  // where each message's elements go
        std::vector<index_t> given{};        // elements of this rank, message by message
        std::vector<Kept> kept{};
        std::vector<int> peers{};
    };

    std::shared_ptr<const Plan> plan_;
    std::shared_ptr<ScratchPool<Flight>> flights_;
};

template <Scalar T> class Fetch<T>::Flight {
 public:
    explicit Flight(const Plan& plan);

 private:
    friend class Fetch;
    std::vector<T> sent, fetched;
    PersistentMessages messages;
};

/// Every rank gives `counts[r]` items to rank r, in the order of ranks, and returns those given to it,
/// in the order of the ranks that gave them. Collective. Throws ArgumentError, on every rank, where
/// one gives or gets 2^31 items or more.
std::vector<std::byte> deal_bytes(const Communicator& communicator, const std::byte* items,
                                  std::size_t item_size, const std::vector<index_t>& counts);

template <class Item> std::vector<Item> deal(const Communicator& communicator,
                                             const std::vector<Item>& items,
                                             const std::vector<index_t>& counts) {
    static_assert(std::is_trivially_copyable_v<Item>);
    const auto bytes = deal_bytes(communicator, reinterpret_cast<const std::byte*>(items.data()),
                                  sizeof(Item), counts);
    std::vector<Item> dealt(bytes.size() / sizeof(Item));
    std::copy(bytes.begin(), bytes.end(), reinterpret_cast<std::byte*>(dealt.data()));
    return dealt;
}

}  // namespace lop::detail
