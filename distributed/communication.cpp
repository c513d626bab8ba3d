/// Replication, halo exchange, and sums over slots.
#include <lop/distributed/communication.hpp>

#include <lop/core/error.hpp>

#include <algorithm>

namespace lop {
namespace {

constexpr int sum_tag = 101;
constexpr int halo_tag = 102;

/// Counts of MPI are of type int: long messages go in pieces.
constexpr std::size_t message_limit = std::size_t{1} << 30;

template <class Transfer> void in_pieces(void* data, std::size_t bytes, const Transfer& transfer) {
    for (std::size_t at = 0; at < bytes; at += message_limit)
        transfer(static_cast<char*>(data) + at,
                 static_cast<int>(std::min(message_limit, bytes - at)));
}

void send(void* data, std::size_t bytes, int rank, MPI_Comm comm) {
    in_pieces(data, bytes,
              [&](char* at, int count) { MPI_Send(at, count, MPI_BYTE, rank, sum_tag, comm); });
}

void receive(void* data, std::size_t bytes, int rank, MPI_Comm comm) {
    in_pieces(data, bytes, [&](char* at, int count) {
        MPI_Recv(at, count, MPI_BYTE, rank, sum_tag, comm, MPI_STATUS_IGNORE);
    });
}

}  // namespace

// ---- sums over slots --------------------------------------------------------------------------

template <Scalar T>
OrderedSum<T>::OrderedSum(Communicator communicator, Partition slots, index_t size,
                          std::shared_ptr<Pool> pool)
    : communicator_{std::move(communicator)},
      slots_{std::move(slots)},
      size_{size},
      next_{slots_.first(communicator_.rank())},
      pool_{std::move(pool)},
      fold_{AddInto{this}} {}

template <Scalar T> void OrderedSum<T>::AddInto::operator()(Partial& left, Partial& right) const {
    T* to = left->data();
    const T* from = right->data();
    parallel_for(owner->size_, [=](index_t begin, index_t end) {
        for (index_t i = begin; i < end; ++i) to[i] += from[i];
    });
    owner->pool_->give_back(std::move(right));
}

template <Scalar T> auto OrderedSum<T>::take() -> Partial {
    Partial partial = pool_->take();
    if (!partial) partial = std::make_unique<Array<T>>(Array<T>::uninitialized({size_}));
    return partial;
}

template <Scalar T> void OrderedSum<T>::add(const T* values) {
    Partial partial = take();
    std::copy(values, values + size_, partial->data());
    fold_.push({next_++, 0}, std::move(partial));
}

/// Walks the same schedule of additions on every rank; the holder of the left summand receives
/// the right one from its holder and adds.
template <Scalar T> auto OrderedSum<T>::exchange() -> Partial {
    struct Part {
        int holder;
        std::size_t value;
    };
    const int me = communicator_.rank();
    const std::size_t bytes = static_cast<std::size_t>(size_) * sizeof(T);
    const auto mine = [&](const Part& part) -> Partial& { return fold_.value(part.value); };
    const auto add = [&](Part& left, Part& right) {
        if (left.holder == me && right.holder == me) {
            AddInto{this}(mine(left), mine(right));
        } else if (left.holder == me) {
            Partial incoming = take();
            receive(incoming->data(), bytes, right.holder, communicator_.native());
            AddInto{this}(mine(left), incoming);
        } else if (right.holder == me) {
            send(mine(right)->data(), bytes, left.holder, communicator_.native());
            pool_->give_back(std::move(mine(right)));
        }
    };
    TreeFold<Part, decltype(add)> schedule{add};
    for (int r = 0; r < communicator_.size(); ++r) {
        std::size_t count = 0;
        for (index_t at = slots_.first(r); at < slots_.first(r + 1);) {
            const TreeNode node = next_tree_node(at, slots_.first(r + 1));
            schedule.push(node, {r, count++});
            at += node.width();
        }
    }
    const Part total = schedule.finish();
    Partial sum = total.holder == me ? std::move(mine(total)) : take();
    communicator_.broadcast(sum->data(), bytes, total.holder);
    return sum;
}

template <Scalar T> void OrderedSum<T>::finish(T* sum) {
    const index_t end = slots_.first(communicator_.rank() + 1);
    if (next_ != end)
        throw ArgumentError{"an ordered sum finished after another number of slots than it has",
                            {.expected = "slots up to " + std::to_string(end),
                             .found = "slots up to " + std::to_string(next_)}};
    if (slots_.extent() == 0) {
        std::fill(sum, sum + size_, T{});
        return;
    }
    Partial total = exchange();
    std::copy(total->data(), total->data() + size_, sum);
    pool_->give_back(std::move(total));
}

// ---- replication ------------------------------------------------------------------------------

namespace {

template <Scalar T>
DistributedSpace<T> slot_space(const DistributedSpace<T>& space, const Partition& slots) {
    if (!space.partition().is_replicated())
        throw SpaceError{
            "Replicate: its domain is not replicated",
            {.expected = "an array that every rank holds whole", .found = space.describe()}};
    if (slots.is_replicated() || slots.axis() != 0)
        throw SpaceError{"Replicate: slots that are not shared out over axis 0",
                         {.expected = "a partition of the slots, the first axis of the range",
                          .found = slots.str(space.communicator().size())}};
    std::vector<index_t> extents{slots.extent()};
    for (int axis = 0; axis < space.shape().rank(); ++axis) extents.push_back(space.shape()[axis]);
    return {space.name(), Shape{std::span<const index_t>{extents}}, space.communicator(), slots};
}

}  // namespace

template <Scalar T>
Replicate<T>::Replicate(DistributedSpace<T> domain, Partition slots)
    : Operator<Replicate, DistributedSpace<T>>{domain, slot_space(domain, slots)} {}

template <Scalar T>
void Replicate<T>::forward(const DistributedArray<T>& x, DistributedArray<T>& y) const {
    for (index_t slot = 0; slot < y.local().shape()[0]; ++slot)
        std::copy(x.data(), x.data() + x.size(), y.data() + slot * x.size());
}

template <Scalar T>
void Replicate<T>::adjoint(const DistributedArray<T>& y, DistributedArray<T>& x) const {
    OrderedSum<T> sum{x.communicator(), y.partition(), x.size(), pool_};
    for (index_t slot = 0; slot < y.local().shape()[0]; ++slot) sum.add(y.data() + slot * x.size());
    sum.finish(x.data());
}

// ---- halo -------------------------------------------------------------------------------------

namespace {

template <Scalar T>
DistributedSpace<T> extended_space(const DistributedSpace<T>& space, const HaloOptions& options) {
    const Partition& part = space.partition();
    if (part.is_replicated())
        throw SpaceError{
            "Halo: its domain has no neighbours",
            {.expected = "an array scattered over an axis", .found = space.describe()}};
    if (options.before < 0 || options.after < 0)
        throw ArgumentError{"Halo: ghosts of negative width"};
    std::vector<index_t> counts;
    for (int r = 0; r < part.ranks(); ++r)
        counts.push_back(part.count(r) > 0 ? part.count(r) + options.before + options.after : 0);
    auto extended = Partition::given(std::move(counts), part.axis());
    const index_t extent = extended.extent();
    return {space.name(), space.shape().with(part.axis(), extent), space.communicator(),
            std::move(extended)};
}

/// Slices of one local array along its scattered axis: `outer` runs of `inner` values each.
struct AxisView {
    index_t outer, inner, count;
    index_t at(index_t o, index_t slice) const { return (o * count + slice) * inner; }
};

template <class T, class Move> void over_runs(const AxisView& view, index_t begin, index_t count,
                                              T* packed, const Move& move) {
    for (index_t o = 0; o < view.outer; ++o) {
        move(view.at(o, begin), packed, count * view.inner);
        packed += count * view.inner;
    }
}

}  // namespace

template <Scalar T>
Halo<T>::Halo(DistributedSpace<T> domain, HaloOptions options)
    : Operator<Halo, DistributedSpace<T>>{domain, extended_space(domain, options)},
      options_{options} {
    const Partition& part = domain.partition();
    std::vector<Run> runs;
    const auto add = [&](int reader, index_t index, index_t ghost) {
        if (options.periodic) index = (index % part.extent() + part.extent()) % part.extent();
        if (index < 0 || index >= part.extent()) return;
        const int owner = part.owner(index);
        const index_t owned = index - part.first(owner);
        Run* last = runs.empty() ? nullptr : &runs.back();
        if (last && last->reader == reader && last->owner == owner &&
            last->ghost_at + last->count == ghost && last->owned_at + last->count == owned)
            ++last->count;
        else runs.push_back({reader, owner, ghost, owned, 1});
    };
    for (int r = 0; r < part.ranks(); ++r) {
        if (part.count(r) == 0) continue;
        for (index_t g = 0; g < options.before; ++g) add(r, part.first(r) - options.before + g, g);
        for (index_t g = 0; g < options.after; ++g)
            add(r, part.first(r + 1) + g, options.before + part.count(r) + g);
    }
    runs_ = std::make_shared<const std::vector<Run>>(std::move(runs));
}

template <Scalar T> void Halo<T>::exchange(bool forward, const T* from, T* to) const {
    const Communicator& comm = this->domain().communicator();
    const int me = comm.rank();
    const Partition& part = this->domain().partition();
    const Shape& shape = this->domain().shape();
    const index_t outer = shape.product(0, part.axis());
    const index_t inner = shape.product(part.axis() + 1, shape.rank());
    const AxisView owned{outer, inner, part.count(me)};
    const AxisView ghosted{outer, inner, this->range().partition().count(me)};
    const AxisView& source = forward ? owned : ghosted;
    const AxisView& target = forward ? ghosted : owned;

    index_t staged = 0;
    for (const Run& run : *runs_)
        staged += ((run.owner == me) + (run.reader == me)) * run.count * outer * inner;
    thread_local std::vector<T> stage;
    thread_local std::vector<MPI_Request> requests;
    thread_local std::vector<T*> arrived;
    if (stage.size() < static_cast<std::size_t>(staged))
        stage.resize(static_cast<std::size_t>(staged));
    requests.clear();
    arrived.clear();

    T* at = stage.data();
    for (const Run& run : *runs_) {
        const index_t size = run.count * outer * inner;
        const std::size_t bytes = static_cast<std::size_t>(size) * sizeof(T);
        const int sender = forward ? run.owner : run.reader;
        const int receiver = forward ? run.reader : run.owner;
        T* packed = nullptr;
        if (sender == me) {
            packed = at;
            at += size;
            over_runs(source, forward ? run.owned_at : run.ghost_at, run.count, packed,
                      [&](index_t i, T* p, index_t n) { std::copy(from + i, from + i + n, p); });
            if (receiver != me)
                in_pieces(packed, bytes, [&](char* piece, int count) {
                    MPI_Isend(piece, count, MPI_BYTE, receiver, halo_tag, comm.native(),
                              &requests.emplace_back());
                });
        }
        if (receiver == me) {
            if (sender != me) {
                packed = at;
                at += size;
                in_pieces(packed, bytes, [&](char* piece, int count) {
                    MPI_Irecv(piece, count, MPI_BYTE, sender, halo_tag, comm.native(),
                              &requests.emplace_back());
                });
            }
            arrived.push_back(packed);
        }
    }
    if (!requests.empty())  // a group of one may never have started MPI
        MPI_Waitall(static_cast<int>(requests.size()), requests.data(), MPI_STATUSES_IGNORE);
    auto packed = arrived.begin();
    for (const Run& run : *runs_) {
        if ((forward ? run.reader : run.owner) != me) continue;
        over_runs(target, forward ? run.ghost_at : run.owned_at, run.count, *packed++,
                  [&](index_t i, const T* p, index_t n) {
                      for (index_t k = 0; k < n; ++k) to[i + k] = forward ? p[k] : to[i + k] + p[k];
                  });
    }
}

template <Scalar T>
void Halo<T>::forward(const DistributedArray<T>& x, DistributedArray<T>& y) const {
    y.fill(T{});
    const SliceLayout own = x.slices();
    const index_t ghosted = y.slices().count;
    for (index_t o = 0; o < own.outer; ++o)
        std::copy(x.data() + o * own.count * own.inner, x.data() + (o + 1) * own.count * own.inner,
                  y.data() + (o * ghosted + (own.count > 0 ? options_.before : 0)) * own.inner);
    exchange(true, x.data(), y.data());
}

template <Scalar T>
void Halo<T>::adjoint(const DistributedArray<T>& y, DistributedArray<T>& x) const {
    const SliceLayout own = x.slices();
    const index_t ghosted = y.slices().count;
    for (index_t o = 0; o < own.outer; ++o) {
        const T* from =
            y.data() + (o * ghosted + (own.count > 0 ? options_.before : 0)) * own.inner;
        std::copy(from, from + own.count * own.inner, x.data() + o * own.count * own.inner);
    }
    exchange(false, y.data(), x.data());
}

template class OrderedSum<float>;
template class OrderedSum<double>;
template class OrderedSum<std::complex<float>>;
template class OrderedSum<std::complex<double>>;
template class Replicate<float>;
template class Replicate<double>;
template class Replicate<std::complex<float>>;
template class Replicate<std::complex<double>>;
template class Halo<float>;
template class Halo<double>;
template class Halo<std::complex<float>>;
template class Halo<std::complex<double>>;

}  // namespace lop
