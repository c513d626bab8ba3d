/// Replication, redistribution, shifts, halo exchange, and sums over slots.
#include <lop/distributed/communication.hpp>

#include <lop/core/error.hpp>
#include <lop/distributed/watchdog.hpp>

#include <algorithm>
#include <cstring>

namespace lop {
namespace {

constexpr int sum_tag = static_cast<int>(detail::MessageTag::sum);

void send(void* data, std::size_t bytes, int rank, const Communicator& communicator) {
    const detail::Waiting waiting{communicator, "sum over slots", {&rank, 1}};
    detail::in_pieces(static_cast<char*>(data), bytes, [&](char* at, int count, int) {
        MPI_Send(at, count, MPI_BYTE, rank, sum_tag, communicator.native());
    });
}

void receive(void* data, std::size_t bytes, int rank, const Communicator& communicator) {
    const detail::Waiting waiting{communicator, "sum over slots", {&rank, 1}};
    detail::in_pieces(static_cast<char*>(data), bytes, [&](char* at, int count, int) {
        MPI_Recv(at, count, MPI_BYTE, rank, sum_tag, communicator.native(), MPI_STATUS_IGNORE);
    });
}

}  // namespace

// ---- sums over slots --------------------------------------------------------------------------

namespace detail {

template <Scalar T> auto PartialSums<T>::take() -> Partial {
    Partial partial = pool_->take();
    if (!partial) partial = std::make_unique<Array<T>>(Array<T>::uninitialized({size_}));
    return partial;
}

template <Scalar T> auto PartialSums<T>::copy_of(const T* values) -> Partial {
    Partial partial = take();
    std::copy(values, values + size_, partial->data());
    return partial;
}

template <Scalar T> void PartialSums<T>::add(Partial& left, Partial& right) const {
    T* to = left->data();
    const T* from = right->data();
    parallel_for(size_, [=](index_t begin, index_t end) {
        for (index_t i = begin; i < end; ++i) to[i] += from[i];
    });
    pool_->give_back(std::move(right));
}

/// Walks the same schedule of additions on every rank; the holder of the left summand receives
/// the right one from its holder and adds.
template <Scalar T> template <class Parts, class Mine>
void PartialSums<T>::finish(const Parts& parts, const Mine& mine, T* sum) {
    const int me = communicator_.rank();
    const std::size_t bytes = static_cast<std::size_t>(size_) * sizeof(T);
    const auto add = [&](const Part& left, const Part& right) {
        if (left.holder == me && right.holder == me) {
            this->add(mine(left.value), mine(right.value));
        } else if (left.holder == me) {
            Partial incoming = take();
            receive(incoming->data(), bytes, right.holder, communicator_);
            this->add(mine(left.value), incoming);
        } else if (right.holder == me) {
            send(mine(right.value)->data(), bytes, left.holder, communicator_);
            pool_->give_back(std::move(mine(right.value)));
        }
    };
    TreeFold<Part, decltype(add)> schedule{add};
    parts([&](TreeNode node, const Part& part) { schedule.push(node, part); });
    if (schedule.pending() == 0) {
        std::fill(sum, sum + size_, T{});
        return;
    }
    const Part total = schedule.finish();
    if (total.holder == me) {
        std::copy(mine(total.value)->data(), mine(total.value)->data() + size_, sum);
        pool_->give_back(std::move(mine(total.value)));
    }
    communicator_.broadcast(sum, bytes, total.holder);
}

}  // namespace detail

template <Scalar T>
OrderedSum<T>::OrderedSum(Communicator communicator, Partition slots, index_t size,
                          std::shared_ptr<Pool> pool)
    : partials_{communicator, size, std::move(pool)},
      slots_{std::move(slots)},
      size_{size},
      next_{slots_.first(communicator.rank())},
      end_{slots_.first(communicator.rank() + 1)},
      fold_{AddInto{&partials_}} {}

template <Scalar T> void OrderedSum<T>::add(const T* values) {
    fold_.push({next_++, 0}, partials_.copy_of(values));
}

template <Scalar T> void OrderedSum<T>::finish(T* sum) {
    if (next_ != end_)
        throw ArgumentError{"an ordered sum finished after another number of slots than it has",
                            {.expected = "slots up to " + std::to_string(end_),
                             .found = "slots up to " + std::to_string(next_)}};
    const auto parts = [&](const auto& push) {
        for (int r = 0; r < slots_.ranks(); ++r) {
            std::size_t count = 0;
            for (index_t at = slots_.first(r); at < slots_.first(r + 1);) {
                const TreeNode node = next_tree_node(at, slots_.first(r + 1));
                push(node, {r, count++});
                at += node.width();
            }
        }
    };
    partials_.finish(parts, [&](std::size_t value) -> Partial& { return fold_.value(value); }, sum);
}

template <Scalar T>
UnorderedSum<T>::UnorderedSum(Communicator communicator, index_t slots, index_t size,
                              std::shared_ptr<Pool> pool)
    : communicator_{communicator},
      partials_{std::move(communicator), size, std::move(pool)},
      slots_{slots},
      size_{size} {}

template <Scalar T> void UnorderedSum<T>::add(index_t slot, const T* values) {
    const auto after = [](index_t begin, const Held& held) { return begin < held.node.begin; };
    auto at = std::upper_bound(held_.begin(), held_.end(), slot, after);
    at = held_.insert(at, Held{{slot, 0}, partials_.copy_of(values)});
    // Siblings make their parent, and it may have a sibling in turn.
    const auto make_parent = [&](auto left) {
        const auto right = left + 1;
        if (left->node.level != right->node.level ||
            left->node.begin + left->node.width() != right->node.begin ||
            ((left->node.begin >> left->node.level) & 1) != 0)
            return false;
        partials_.add(left->sum, right->sum);
        ++left->node.level;
        held_.erase(right);
        return true;
    };
    for (bool made = true; made;) {
        const auto index = at - held_.begin();
        made = at + 1 != held_.end() && make_parent(at);
        at = held_.begin() + index;
        if (!made && at != held_.begin() && make_parent(at - 1)) {
            at = held_.begin() + index - 1;
            made = true;
        }
    }
}

template <Scalar T> void UnorderedSum<T>::finish(T* sum) {
    struct Entry {
        std::int64_t begin;
        std::int32_t level, holder;
        std::int64_t value;
    };
    std::vector<Entry> mine;
    for (std::size_t k = 0; k < held_.size(); ++k)
        mine.push_back({held_[k].node.begin, held_[k].node.level, communicator_.rank(),
                        static_cast<std::int64_t>(k)});
    auto all = communicator_.gather_bytes(mine.data(), mine.size() * sizeof(Entry));
    std::vector<Entry> entries(all.size() / sizeof(Entry));
    std::memcpy(entries.data(), all.data(), all.size());
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
        return a.begin != b.begin ? a.begin < b.begin : a.level > b.level;
    });
    index_t next = 0;
    for (const Entry& entry : entries)
        next = entry.begin == next ? next + (index_t{1} << entry.level) : -1;
    if (next != slots_)
        throw ArgumentError{"a sum over " + std::to_string(slots_) + " slots",
                            {.expected = "every slot once, on all ranks together"}};
    const auto parts = [&](const auto& push) {
        for (const Entry& e : entries)
            push({e.begin, e.level}, {e.holder, static_cast<std::size_t>(e.value)});
    };
    partials_.finish(parts, [&](std::size_t k) -> auto& { return held_[k].sum; }, sum);
    held_.clear();
}

// ---- replication ------------------------------------------------------------------------------

namespace {

template <Scalar T>
DistributedSpace<T> slot_space(const DistributedSpace<T>& space, const Partition& slots) {
    if (!space.partition().is_replicated())
        throw SpaceError{
            "Replicate: its domain is not replicated",
            {.expected = "an array that every rank holds whole", .found = space.describe()}};
    if (!slots.is_over_one_axis() || slots.copies() > 1 || slots.axis() != 0)
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

// ---- redistribution ---------------------------------------------------------------------------

namespace {

using Runs = std::vector<std::vector<detail::AxisRun>>;

/// For every part of the target along an axis: where indices [first - by, end - by) lie in the source.
std::vector<detail::AxisRun> moved_runs(const Cuts& source, const Cuts& target, index_t by,
                                        bool periodic) {
    std::vector<detail::AxisRun> runs;
    for (int p = 0; p < target.parts(); ++p)
        detail::append_runs(runs, source, p, target.first(p) - by, target.first(p + 1) - by, 0,
                            periodic);
    return runs;
}

template <Scalar T> const DistributedSpace<T>& checked_target(const DistributedSpace<T>& source,
                                                              const DistributedSpace<T>& target) {
    if (source.shape() == target.shape() && source.communicator() == target.communicator())
        return target;
    throw SpaceError{"Redistribute: its spaces are not one array on the same ranks",
                     {.expected = source.describe(), .found = target.describe()}};
}

}  // namespace

template <Scalar T>
detail::Exchange<T> detail::exchange_between(const DistributedSpace<T>& source,
                                             const DistributedSpace<T>& target, const Move& move) {
    Runs runs;
    for (int axis = 0; axis < source.shape().rank(); ++axis)
        runs.push_back(
            moved_runs(cuts_or_whole(*source.layout(), axis), cuts_or_whole(*target.layout(), axis),
                       axis == move.axis ? move.by : 0, axis == move.axis && move.periodic));
    return {source.layout(), target.layout(), runs};
}

template <Scalar T>
Redistribute<T>::Redistribute(DistributedSpace<T> domain, DistributedSpace<T> range)
    : Operator<Redistribute, DistributedSpace<T>>{domain, range},
      there_{detail::exchange_between(domain, checked_target(domain, range))},
      back_{detail::exchange_between(range, domain)} {}

template <Scalar T> Redistribute<T> gather(const DistributedSpace<T>& space, int root) {
    const int ranks = space.communicator().size();
    if (root < 0 || root >= ranks)
        throw ArgumentError{
            "gather: its root",
            {.expected = "0 to " + std::to_string(ranks - 1), .found = std::to_string(root)}};
    std::vector<index_t> counts(static_cast<std::size_t>(ranks), 0);
    counts[static_cast<std::size_t>(root)] = space.shape()[0];
    return {space, Partition::given(std::move(counts))};
}

// ---- shifts -----------------------------------------------------------------------------------

namespace {

/// With the axis counted from the first.
template <Scalar T> ScatteredShiftOptions checked(ScatteredShiftOptions options,
                                                  const DistributedSpace<T>& space) {
    const int rank = space.shape().rank();
    if (options.axis < -rank || options.axis >= rank)
        throw ArgumentError{"ScatteredShift: its axis",
                            {.expected = "one of " + counted(rank, "axis", "axes"),
                             .found = std::to_string(options.axis)}};
    if (options.ends == Ends::clipped)
        throw ArgumentError{"ScatteredShift: its ends",
                            {.expected = "Ends::zero or Ends::periodic"}};
    if (options.axis < 0) options.axis += rank;
    return options;
}

template <Scalar T> detail::Exchange<T> shifted(const DistributedSpace<T>& space,
                                                const ScatteredShiftOptions& options, index_t by) {
    const bool periodic = options.ends == Ends::periodic;
    return detail::exchange_between(space, space, {options.axis, by, periodic});
}

}  // namespace

template <Scalar T>
ScatteredShift<T>::ScatteredShift(DistributedSpace<T> space, const ScatteredShiftOptions& options)
    : Operator<ScatteredShift, DistributedSpace<T>>{space},
      fills_{options.ends == Ends::zero},
      there_{shifted(space, checked(options, space), options.by)},
      back_{shifted(space, checked(options, space), -options.by)} {}

template <Scalar T>
void ScatteredShift<T>::forward(const DistributedArray<T>& x, DistributedArray<T>& y) const {
    if (fills_) y.fill(T{});
    there_.copy(x.data(), y.data());
}

template <Scalar T>
void ScatteredShift<T>::adjoint(const DistributedArray<T>& y, DistributedArray<T>& x) const {
    if (fills_) x.fill(T{});
    back_.copy(y.data(), x.data());
}

// ---- halo -------------------------------------------------------------------------------------

namespace {

template <Scalar T>
std::vector<AxisHalo> every_axis(const DistributedSpace<T>& space, const HaloOptions& options) {
    std::vector<AxisHalo> axes;
    for (int axis = 0; axis < space.shape().rank(); ++axis)
        if (space.partition().cuts(axis))
            axes.push_back({axis, options.before, options.after, options.ends});
    return axes;
}

template <Scalar T>
void check_halo(const DistributedSpace<T>& space, const std::vector<AxisHalo>& axes) {
    if (space.partition().is_replicated())
        throw SpaceError{
            "Halo: its domain has no neighbours",
            {.expected = "an array scattered over an axis", .found = space.describe()}};
    for (const AxisHalo& halo : axes) {
        const auto same = [&](const AxisHalo& other) { return other.axis == halo.axis; };
        if (std::count_if(axes.begin(), axes.end(), same) > 1)
            throw ArgumentError{"Halo: axis " + std::to_string(halo.axis) + " is named twice",
                                {.expected = "each axis once, with its widths"}};
        if (!space.partition().cuts(halo.axis))
            throw SpaceError{
                "Halo: axis " + std::to_string(halo.axis) + " of its domain is whole",
                {.expected = "ghosts along scattered axes", .found = space.describe()}};
        if (halo.before < 0 || halo.after < 0)
            throw ArgumentError{"Halo: ghosts of negative width",
                                {.expected = "0 or more before and after each part",
                                 .found = std::to_string(halo.before) + " before, " +
                                          std::to_string(halo.after) + " after"}};
    }
}

/// How many ghosts a part has; ends may cut them off.
struct Widths {
    index_t before, after;
};
Widths widths_of(const Cuts& cuts, int part, const AxisHalo& halo) {
    if (cuts.count(part) == 0) return {0, 0};
    if (halo.ends != Ends::clipped) return {halo.before, halo.after};
    return {std::min(halo.before, cuts.first(part)),
            std::min(halo.after, cuts.extent() - cuts.first(part + 1))};
}

template <Scalar T>
DistributedSpace<T> extended_space(const DistributedSpace<T>& space,
                                   const std::vector<AxisHalo>& axes) {
    check_halo(space, axes);
    Partition extended = space.partition();
    Shape shape = space.shape();
    for (const AxisHalo& halo : axes) {
        const Cuts& cuts = *space.partition().cuts(halo.axis);
        std::vector<index_t> counts;
        for (int p = 0; p < cuts.parts(); ++p) {
            const Widths ghosts = widths_of(cuts, p, halo);
            counts.push_back(ghosts.before + cuts.count(p) + ghosts.after);
        }
        const Cuts wide{halo.axis, counts};
        shape = shape.with(halo.axis, wide.extent());
        extended = extended.with(wide);
    }
    return {space.name(), shape, space.communicator(), std::move(extended)};
}

std::vector<detail::AxisRun> halo_runs(const Cuts& cuts, const AxisHalo& halo) {
    std::vector<detail::AxisRun> runs;
    const bool periodic = halo.ends == Ends::periodic;
    for (int p = 0; p < cuts.parts(); ++p) {
        if (cuts.count(p) == 0) continue;
        const index_t first = cuts.first(p);
        const index_t end = cuts.first(p + 1);
        const Widths ghosts = widths_of(cuts, p, halo);
        detail::append_runs(runs, cuts, p, first - ghosts.before, first, 0, periodic);
        runs.push_back({p, p, ghosts.before, 0, cuts.count(p), false});
        detail::append_runs(runs, cuts, p, end, end + ghosts.after, ghosts.before + cuts.count(p),
                            periodic);
    }
    return runs;
}

template <Scalar T> detail::Exchange<T> halo_exchange(const DistributedSpace<T>& owned,
                                                      const DistributedSpace<T>& extended,
                                                      const std::vector<AxisHalo>& axes,
                                                      Corners corners, std::size_t fields = 1) {
    Runs runs;
    for (int axis = 0; axis < owned.shape().rank(); ++axis) {
        AxisHalo halo{axis, 0, 0};
        for (const AxisHalo& given : axes)
            if (given.axis == axis) halo = given;
        runs.push_back(halo_runs(detail::cuts_or_whole(*owned.layout(), axis), halo));
    }
    return {owned.layout(), extended.layout(), runs, corners, fields};
}

/// The cells around this rank's own that nobody may hold: those beyond ends that are zero, and, without
/// corners, those that are ghosts along several axes.
template <Scalar T>
std::vector<IndexBox> surroundings(const DistributedSpace<T>& owned,
                                   const DistributedSpace<T>& extended,
                                   const std::vector<AxisHalo>& axes, Corners corners) {
    std::vector<IndexBox> boxes;
    const bool all = corners == Corners::without && axes.size() > 1;
    const IndexBox whole{extended.local_shape()};
    for (const AxisHalo& halo : axes) {
        if (!all && halo.ends != Ends::zero) continue;
        const Cuts& cuts = *owned.partition().cuts(halo.axis);
        const int part = owned.partition().part(owned.communicator().rank(), halo.axis);
        const Widths ghosts = widths_of(cuts, part, halo);
        boxes.push_back(whole.with(halo.axis, 0, ghosts.before));
        boxes.push_back(whole.with(halo.axis, ghosts.before + cuts.count(part), ghosts.after));
    }
    return boxes;
}

}  // namespace

template <Scalar T>
Halo<T>::Halo(const DistributedSpace<T>& domain, const HaloOptions& options)
    : Halo{domain, options.corners, every_axis(domain, options)} {}

template <Scalar T>
Halo<T>::Halo(DistributedSpace<T> domain, Corners corners, std::vector<AxisHalo> axes)
    : Operator<Halo, DistributedSpace<T>>{domain, extended_space(domain, axes)},
      axes_{std::move(axes)},
      exchange_{halo_exchange(this->domain(), this->range(), axes_, corners)},
      unread_{surroundings(this->domain(), this->range(), axes_, corners)} {}

template <Scalar T> void Halo<T>::clear_unread(DistributedArray<T>& y) const {
    const IndexBox whole{y.local().shape()};
    for (const IndexBox& box : unread_)
        detail::for_each_run(box, whole, whole, [&](index_t at, index_t, index_t run) {
            std::fill_n(y.data() + at, run, T{});
        });
}

template <Scalar T>
void Halo<T>::forward(const DistributedArray<T>& x, DistributedArray<T>& y) const {
    clear_unread(y);
    exchange_.copy(x.data(), y.data());
}

namespace {

template <Scalar T>
ManySpace<DistributedSpace<T>> fields_of(const DistributedSpace<T>& space, index_t fields) {
    if (fields < 1)
        throw ArgumentError{"FieldsHalo of " + counted(fields, "field"),
                            {.expected = "at least one"}};
    return ManySpace{std::vector(static_cast<std::size_t>(fields), space)};
}

}  // namespace

template <Scalar T>
FieldsHalo<T>::FieldsHalo(Halo<T> one, index_t fields, Corners corners)
    : Operator<FieldsHalo, ManySpace<DistributedSpace<T>>>{fields_of(one.domain(), fields),
                                                           fields_of(one.range(), fields)},
      one_{std::move(one)},
      exchange_{halo_exchange(one_.domain(), one_.range(), one_.axes(), corners,
                              static_cast<std::size_t>(fields))} {}

template <Scalar T>
Scratch<typename FieldsHalo<T>::Places> FieldsHalo<T>::places(const Fields& from,
                                                              Fields& to) const {
    Scratch<Places> places{pool_, [] { return Places{}; }};
    places->from.clear();
    places->to.clear();
    for (index_t f = 0; f < from.count(); ++f) {
        places->from.push_back(from.block(f).data());
        places->to.push_back(to.block(f).data());
    }
    return places;
}

template <Scalar T> void FieldsHalo<T>::forward(const Fields& x, Fields& y) const {
    for (index_t f = 0; f < y.count(); ++f) one_.clear_unread(y.block(f));
    auto at = places(x, y);
    exchange_.copy(at->from, at->to);
}

template <Scalar T> void FieldsHalo<T>::adjoint(const Fields& y, Fields& x) const {
    auto at = places(y, x);
    exchange_.sum(at->from, at->to);
}

template class OrderedSum<float>;
template class OrderedSum<double>;
template class OrderedSum<std::complex<float>>;
template class OrderedSum<std::complex<double>>;
template class UnorderedSum<float>;
template class UnorderedSum<double>;
template class UnorderedSum<std::complex<float>>;
template class UnorderedSum<std::complex<double>>;
template class Replicate<float>;
template class Replicate<double>;
template class Replicate<std::complex<float>>;
template class Replicate<std::complex<double>>;
template detail::Exchange<float> detail::exchange_between(const DistributedSpace<float>&,
                                                          const DistributedSpace<float>&,
                                                          const Move&);
template detail::Exchange<double> detail::exchange_between(const DistributedSpace<double>&,
                                                           const DistributedSpace<double>&,
                                                           const Move&);
template detail::Exchange<std::complex<float>> detail::exchange_between(
    const DistributedSpace<std::complex<float>>&, const DistributedSpace<std::complex<float>>&,
    const Move&);
template detail::Exchange<std::complex<double>> detail::exchange_between(
    const DistributedSpace<std::complex<double>>&, const DistributedSpace<std::complex<double>>&,
    const Move&);
template class Redistribute<float>;
template class Redistribute<double>;
template class Redistribute<std::complex<float>>;
template class Redistribute<std::complex<double>>;
template Redistribute<float> gather(const DistributedSpace<float>&, int);
template Redistribute<double> gather(const DistributedSpace<double>&, int);
template Redistribute<std::complex<float>> gather(const DistributedSpace<std::complex<float>>&,
                                                  int);
template Redistribute<std::complex<double>> gather(const DistributedSpace<std::complex<double>>&,
                                                   int);
template class ScatteredShift<float>;
template class ScatteredShift<double>;
template class ScatteredShift<std::complex<float>>;
template class ScatteredShift<std::complex<double>>;
template class Halo<float>;
template class Halo<double>;
template class Halo<std::complex<float>>;
template class Halo<std::complex<double>>;
template class FieldsHalo<float>;
template class FieldsHalo<double>;
template class FieldsHalo<std::complex<float>>;
template class FieldsHalo<std::complex<double>>;

}  // namespace lop
