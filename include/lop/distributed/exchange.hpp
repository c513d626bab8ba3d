/// The exchange of boxes between the ranks' parts of two arrays: what all communication operators,
/// halos and redistributions among them, are made of.
#pragma once

#include <lop/core/scratch.hpp>
#include <lop/distributed/distributed_array.hpp>
#include <lop/distributed/messages.hpp>

#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace lop {

/// Whether blocks that are ghosts along several axes (edges and corners) belong to a halo, or only
/// those along one (faces).
enum class Corners { with, without };

namespace detail {

/// A run of indices along one axis which the part `reader` of the target copies from the part
/// `owner` of the source; positions count from the begin of the parts.
struct AxisRun {
    int reader, owner;
    index_t read_at, owned_at, count;
    bool ghost = true;  // not so: both arrays hold the run as their own
};

/// Appends what `reader` gets of the indices [begin, end) of an axis, which it keeps from `read_at`
/// on. Indices beyond the ends are those of the ring where it is one, or else nobody's.
void append_runs(std::vector<AxisRun>& runs, const Cuts& owners, int reader, index_t begin,
                 index_t end, index_t read_at, bool periodic);
/// The cuts of an axis, or the one part that all ranks hold.
Cuts cuts_or_whole(const DistributedLayout& layout, int axis);

/// y(read box) = x(owned box) for boxes that are products of runs, axis by axis, and its transpose.
/// All boxes of all fields between two ranks travel in one message, over persistent requests; nothing
/// is allocated once it has run. Messages above message_limit() are cut. A rank sends to itself by copying.
template <Scalar T> class Exchange {
 public:
    /// `runs` has one list for each axis of the arrays. Both lie on one communicator. Where the
    /// source is held in copies, a rank reads its own.
    Exchange(std::shared_ptr<const DistributedLayout> source,
             std::shared_ptr<const DistributedLayout> target,
             const std::vector<std::vector<AxisRun>>& runs, Corners corners = Corners::with,
             std::size_t fields = 1);

    /// The cells of `target` that some run reads; others are left as they are.
    void copy(const T* source, T* target) const { copy({&source, 1}, {&target, 1}); }
    void copy(std::span<const T* const> sources, std::span<T* const> targets) const;
    /// source = the sum over all who read a cell: what is held as its own first, then the ghosts in
    /// ascending order of their ranks.
    void sum(const T* target, T* source) const { sum({&target, 1}, {&source, 1}); }
    void sum(std::span<const T* const> targets, std::span<T* const> sources) const;

    /// An exchange on its way, between start and finish.
    class Flight;
    /// Sends what others read of `source`.
    Scratch<Flight> start(const T* source) const { return start(std::span{&source, 1}); }
    Scratch<Flight> start(std::span<const T* const> sources) const;
    /// Waits for what this rank reads.
    void finish(Flight& flight) const;
    /// Calls f(part, values, box of the values) for everything that this rank reads, in coordinates of
    /// its part of the target; after finish, before the flight ends. Of one field.
    template <class F> void for_each_read(Flight& flight, const T* source, const F& f) const {
        for (const Copy& copy : plan_->copies) f(copy.read, source, source_around(copy));
        const T* values = flight.read.data();
        for (const Message& message : plan_->reads)
            for (const IndexBox& box : message.boxes) {
                f(box, values, box);
                values += box.size();
            }
    }
    /// What this rank sends in one application, in bytes.
    index_t bytes_sent() const;

 private:
    struct Message {
        int peer = 0;
        std::vector<IndexBox> boxes{};
        index_t size = 0;
    };
    /// From this rank to itself.
    struct Copy {
        IndexBox read, owned;
        bool ghost;
    };
    struct Plan {
        std::shared_ptr<const DistributedLayout> source, target;
        std::vector<Message> reads, owns;
        std::vector<Copy> copies;
        std::vector<int> peers;                 // of either
        index_t read_size = 0, owned_size = 0;  // of all fields
        index_t fields = 1;
    };
    enum class Direction { copy, sum };
    Scratch<Flight> flight() const;
    void start(Flight& flight, Direction direction) const;
    void wait(Flight& flight, Direction direction) const;
    IndexBox source_around(const Copy& copy) const;
    void pack(const std::vector<Message>& messages, const IndexBox& whole,
              std::span<const T* const> fields, T* packed) const;

    std::shared_ptr<const Plan> plan_;
    std::shared_ptr<ScratchPool<Flight>> flights_;
};

template <Scalar T> class Exchange<T>::Flight {
 public:
    Flight(index_t owned_size, index_t read_size)
        : owned{Array<T>::uninitialized({owned_size})},
          read{Array<T>::uninitialized({read_size})} {}

 private:
    friend class Exchange;
    Array<T> owned, read;                                // packed, message by message
    std::optional<PersistentMessages> copying, summing;  // made when first used
};

}  // namespace detail

}  // namespace lop
