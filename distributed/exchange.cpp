/// Plans of exchanges, and their messages.
#include <lop/distributed/exchange.hpp>

#include <lop/core/error.hpp>
#include <lop/distributed/watchdog.hpp>

#include <algorithm>
#include <cassert>
#include <utility>

namespace lop::detail {
namespace {

using Runs = std::vector<std::vector<AxisRun>>;

/// Calls f(read box, owned box, whether it is a ghost) for the products of all runs between two
/// parts, the last axis fastest: the same order on both sides.
template <class F> void for_each_block(const Runs& runs, const std::vector<int>& reader,
                                       const std::vector<int>& owner, Corners corners, const F& f) {
    const std::size_t axes = runs.size();
    std::vector<std::vector<const AxisRun*>> chosen(axes);
    for (std::size_t a = 0; a < axes; ++a) {
        for (const AxisRun& run : runs[a])
            if (run.reader == reader[a] && run.owner == owner[a] && run.count > 0)
                chosen[a].push_back(&run);
        if (chosen[a].empty()) return;
    }
    std::vector<std::size_t> at(axes, 0);
    for (;;) {
        Shape shape = [&] {
            std::vector<index_t> extents;
            for (std::size_t a = 0; a < axes; ++a) extents.push_back(chosen[a][at[a]]->count);
            return Shape{std::span<const index_t>{extents}};
        }();
        std::array<index_t, Shape::max_rank> read{}, owned{};
        int ghosts = 0;
        for (std::size_t a = 0; a < axes; ++a) {
            const AxisRun& run = *chosen[a][at[a]];
            read[a] = run.read_at;
            owned[a] = run.owned_at;
            ghosts += run.ghost ? 1 : 0;
        }
        if (ghosts <= 1 || corners == Corners::with)
            f(IndexBox{read, shape}, IndexBox{owned, shape}, ghosts > 0);
        std::size_t a = axes;
        while (a > 0 && ++at[a - 1] == chosen[a - 1].size()) at[--a] = 0;
        if (a == 0) return;
    }
}

std::vector<int> parts_of(const DistributedLayout& layout, int rank) {
    std::vector<int> parts;
    for (int axis = 0; axis < layout.shape.rank(); ++axis)
        parts.push_back(layout.partition.part(rank, axis));
    return parts;
}

/// Whether a rank that reads gets what it reads of the source from `owner`.
bool reads_from(const Partition& source, int reader, int owner) {
    if (source.is_replicated()) return reader == owner;
    return source.copy(reader) == source.copy(owner);
}

}  // namespace

void append_runs(std::vector<AxisRun>& runs, const Cuts& owners, int reader, index_t begin,
                 index_t end, index_t read_at, bool periodic) {
    const index_t n = owners.extent();
    if (n == 0) return;
    for (index_t at = begin; at < end;) {
        const index_t index = periodic ? ((at % n) + n) % n : at;
        if (index >= n) return;
        if (index < 0) {
            at = std::min<index_t>(0, end);
            continue;
        }
        const int owner = owners.owner(index);
        const index_t count = std::min(end - at, owners.first(owner + 1) - index);
        runs.push_back({reader, owner, read_at + (at - begin), index - owners.first(owner), count});
        at += count;
    }
}

Cuts cuts_or_whole(const DistributedLayout& layout, int axis) {
    if (const Cuts* cuts = layout.partition.cuts(axis)) return *cuts;
    return Cuts{axis, {layout.shape[axis]}};
}

template <Scalar T>
Exchange<T>::Exchange(std::shared_ptr<const DistributedLayout> source,
                      std::shared_ptr<const DistributedLayout> target, const Runs& runs,
                      Corners corners, std::size_t fields)
    : flights_{std::make_shared<ScratchPool<Flight>>()} {
    auto plan = std::make_shared<Plan>();
    const int me = source->communicator.rank();
    const int ranks = source->communicator.size();
    const auto my_reads = parts_of(*target, me);
    const auto my_parts = parts_of(*source, me);
    const auto append = [](std::vector<Message>& list, int peer, const IndexBox& box) {
        if (list.empty() || list.back().peer != peer) list.push_back({.peer = peer});
        list.back().boxes.push_back(box);
        list.back().size += box.size();
    };
    for (int r = 0; r < ranks; ++r) {
        if (r == me) {
            for_each_block(runs, my_reads, my_parts, corners,
                           [&](const IndexBox& read, const IndexBox& owned, bool ghost) {
                               plan->copies.push_back({read, owned, ghost});
                           });
            continue;
        }
        if (reads_from(source->partition, me, r))
            for_each_block(
                runs, my_reads, parts_of(*source, r), corners,
                [&](const IndexBox& read, const IndexBox&, bool) { append(plan->reads, r, read); });
        if (reads_from(source->partition, r, me))
            for_each_block(runs, parts_of(*target, r), my_parts, corners,
                           [&](const IndexBox&, const IndexBox& owned, bool) {
                               append(plan->owns, r, owned);
                           });
    }
    for (const auto* messages : {&plan->reads, &plan->owns})
        for (const Message& message : *messages) plan->peers.push_back(message.peer);
    std::sort(plan->peers.begin(), plan->peers.end());
    plan->peers.erase(std::unique(plan->peers.begin(), plan->peers.end()), plan->peers.end());
    plan->fields = static_cast<index_t>(fields);
    for (Message& message : plan->reads) plan->read_size += message.size *= plan->fields;
    for (Message& message : plan->owns) plan->owned_size += message.size *= plan->fields;
    plan->source = std::move(source);
    plan->target = std::move(target);
    plan_ = std::move(plan);
}

template <Scalar T> Scratch<typename Exchange<T>::Flight> Exchange<T>::flight() const {
    return {flights_, [this] { return Flight{plan_->owned_size, plan_->read_size}; }};
}

template <Scalar T> void Exchange<T>::start(Flight& flight, Direction direction) const {
    const bool copies = direction == Direction::copy;
    auto& messages = copies ? flight.copying : flight.summing;
    if (!messages) {
        messages.emplace(plan_->source->communicator, MessageTag::exchange);
        const auto prepare = [&](const std::vector<Message>& list, T* packed, bool sends) {
            for (const Message& message : list) {
                const std::size_t bytes = static_cast<std::size_t>(message.size) * sizeof(T);
                if (sends) messages->send(packed, bytes, message.peer);
                else messages->receive(packed, bytes, message.peer);
                packed += message.size;
            }
        };
        prepare(plan_->reads, flight.read.data(), !copies);
        prepare(plan_->owns, flight.owned.data(), copies);
    }
    messages->start();
}

template <Scalar T> void Exchange<T>::wait(Flight& flight, Direction direction) const {
    auto& messages = *(direction == Direction::copy ? flight.copying : flight.summing);
    if (messages.empty()) return;
    const Waiting waiting{plan_->source->communicator, "exchange", plan_->peers,
                          plan_->source->name.str()};
    messages.wait();
}

/// All fields of a box, box by box.
template <Scalar T>
void Exchange<T>::pack(const std::vector<Message>& messages, const IndexBox& whole,
                       std::span<const T* const> fields, T* packed) const {
    assert(static_cast<index_t>(fields.size()) == plan_->fields);
    for (const Message& message : messages)
        for (const IndexBox& box : message.boxes)
            for (const T* field : fields) {
                copy_box(box, field, whole, packed, box);
                packed += box.size();
            }
}

template <Scalar T> Scratch<typename Exchange<T>::Flight> Exchange<T>::start(
    std::span<const T* const> sources) const {
    auto flight = this->flight();
    pack(plan_->owns, IndexBox{plan_->source->local_shape}, sources, flight->owned.data());
    start(*flight, Direction::copy);
    return flight;
}

template <Scalar T> void Exchange<T>::finish(Flight& flight) const {
    wait(flight, Direction::copy);
}

/// The local part of the source as a box in coordinates of the target.
template <Scalar T> IndexBox Exchange<T>::source_around(const Copy& copy) const {
    IndexBox around{plan_->source->local_shape};
    for (int axis = 0; axis < around.rank(); ++axis)
        around =
            around.with(axis, copy.read.first(axis) - copy.owned.first(axis), around.count(axis));
    return around;
}

template <Scalar T>
void Exchange<T>::copy(std::span<const T* const> sources, std::span<T* const> targets) const {
    auto flight = start(sources);
    const IndexBox whole{plan_->target->local_shape};
    for (const Copy& copy : plan_->copies)
        for (std::size_t f = 0; f < targets.size(); ++f)
            copy_box(copy.read, sources[f], source_around(copy), targets[f], whole);
    finish(*flight);
    const T* values = flight->read.data();
    for (const Message& message : plan_->reads)
        for (const IndexBox& box : message.boxes)
            for (T* target : targets) {
                copy_box(box, values, box, target, whole);
                values += box.size();
            }
}

template <Scalar T>
void Exchange<T>::sum(std::span<const T* const> targets, std::span<T* const> sources) const {
    auto flight = this->flight();
    const IndexBox read_whole{plan_->target->local_shape};
    const IndexBox owned_whole{plan_->source->local_shape};
    pack(plan_->reads, read_whole, targets, flight->read.data());
    start(*flight, Direction::sum);
    for (T* source : sources)
        std::fill(source, source + owned_whole.size() * (owned_whole.rank() > 0), T{});
    const auto copies = [&](bool ghosts, const auto& put) {
        for (const Copy& copy : plan_->copies)
            for (std::size_t f = 0; copy.ghost == ghosts && f < sources.size(); ++f)
                put(copy.read, targets[f], read_whole, sources[f], source_around(copy));
    };
    copies(false, copy_box<T>);
    wait(*flight, Direction::sum);
    const T* values = flight->owned.data();
    const int me = plan_->source->communicator.rank();
    bool added = false;
    for (const Message& message : plan_->owns) {
        if (message.peer > me && !std::exchange(added, true)) copies(true, add_box<T>);
        for (const IndexBox& box : message.boxes)
            for (T* source : sources) {
                add_box(box, values, box, source, owned_whole);
                values += box.size();
            }
    }
    if (!added) copies(true, add_box<T>);
}

template <Scalar T> index_t Exchange<T>::bytes_sent() const {
    return plan_->owned_size * static_cast<index_t>(sizeof(T));
}

template class Exchange<float>;
template class Exchange<double>;
template class Exchange<std::complex<float>>;
template class Exchange<std::complex<double>>;

}  // namespace lop::detail
