/// Layouts of distributed arrays, and sums over them in an order that no rank count changes.
#include <lop/distributed/distributed_array.hpp>

#include <array>
#include <cstring>
#include <tuple>

namespace lop::detail {
namespace {

/// Throws SpaceError where the partition is not one of this array for these ranks.
void check_cuts(const DistributedLayout& layout) {
    const auto& [name, shape, communicator, partition] =
        std::tie(layout.name, layout.shape, layout.communicator, layout.partition);
    const std::string what = "a partition of " + name.str() + "[" + shape.str() + "]";
    const int cut_axes = partition.cut_axes();
    int found = 0;
    for (int axis = 0; axis < shape.rank(); ++axis)
        if (const Cuts* cuts = partition.cuts(axis)) {
            ++found;
            if (cuts->extent() != shape[axis])
                throw SpaceError{what,
                                 {.expected = std::to_string(shape[axis]) + " indices of axis " +
                                              std::to_string(axis),
                                  .found = std::to_string(cuts->extent()) + " indices of axis " +
                                           std::to_string(axis)}};
        }
    if (found == cut_axes && (partition.ranks() == 0 || partition.ranks() == communicator.size()))
        return;
    throw SpaceError{
        what,
        {.expected = "axes of the array, shared by " + counted(communicator.size(), "rank"),
         .found = partition.str(partition.ranks())}};
}

/// Calls f(rank, first slice, end) for the holders of the first copy, in ascending order of slices.
template <class F> void for_each_holder(const Partition& partition, const F& f) {
    const Cuts& cuts = *partition.cuts(partition.axis());
    for (int part = 0; part < cuts.parts(); ++part)
        f(partition.rank_of([&](int) { return part; }, 0), cuts.first(part), cuts.first(part + 1));
}

/// The number of complete tree nodes that tile slices.
int node_count(index_t at, index_t end) {
    int count = 0;
    for (; at < end; ++count) at += next_tree_node(at, end).width();
    return count;
}

/// Scratch that grows to what is asked and is kept: sums allocate nothing once they have run.
std::vector<double>& scratch(std::size_t size) {
    thread_local std::vector<double> buffer;
    if (buffer.size() < size) buffer.resize(size);
    return buffer;
}

/// Numbers of at most two doubles, as a complex sum has them.
struct Pair {
    double part[2];
};

}  // namespace

DistributedLayout::DistributedLayout(Label name_, Shape shape_, Communicator communicator_,
                                     Partition partition_)
    : name{std::move(name_)},
      shape{shape_},
      communicator{std::move(communicator_)},
      partition{std::move(partition_)} {
    check_cuts(*this);
    box = partition.box(shape, communicator.rank());
    local_shape = box.shape();
    const int axis = partition.is_over_one_axis() ? partition.axis() : 0;
    slices = {shape.product(0, axis), local_shape[axis],
              local_shape.product(axis + 1, shape.rank()), box.first(axis), shape[axis]};
}

bool DistributedLayout::operator==(const DistributedLayout& other) const {
    return shape == other.shape && partition == other.partition &&
           communicator == other.communicator;
}

index_t DistributedLayout::global_index(index_t local) const {
    index_t global = 0;
    index_t stride = 1;
    for (int axis = shape.rank(); axis-- > 0;) {
        const index_t at = local % local_shape[axis];
        local /= local_shape[axis];
        global += (box.first(axis) + at) * stride;
        stride *= shape[axis];
    }
    return global;
}

DistributedLayout layout_of_parts(const DistributedLayout& domain, const Shape& part, Label name) {
    const Communicator& communicator = domain.communicator;
    constexpr auto width = static_cast<std::size_t>(Shape::max_rank) + 1;
    const auto ranks = static_cast<std::size_t>(communicator.size());
    std::vector<std::int64_t> all(ranks * width, 0);
    const std::size_t mine = static_cast<std::size_t>(communicator.rank()) * width;
    all[mine] = part.rank();
    for (int axis = 0; axis < part.rank(); ++axis)
        all[mine + 1 + static_cast<std::size_t>(axis)] = part[axis];
    if (ranks > 1)
        MPI_Allgather(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, all.data(), static_cast<int>(width),
                      MPI_INT64_T, communicator.native());
    const int lead = part.rank() - domain.shape.rank();
    Shape shape = part;
    Partition partition = domain.partition.shifted(lead);
    for (int axis = 0; axis < part.rank(); ++axis) {
        const Cuts* cuts = partition.cuts(axis);
        if (!cuts) continue;
        std::vector<index_t> counts(static_cast<std::size_t>(cuts->parts()), 0);
        for (std::size_t r = 0; r < ranks; ++r)
            counts[static_cast<std::size_t>(partition.part(static_cast<int>(r), axis))] =
                all[r * width + 1 + static_cast<std::size_t>(axis)];
        const Cuts made{axis, counts};
        shape = shape.with(axis, made.extent());
        partition = partition.with(made);
    }
    DistributedLayout layout{std::move(name), shape, communicator, std::move(partition)};
    bool fits = true;
    for (std::size_t r = 0; r < ranks; ++r) {
        const IndexBox box = layout.partition.box(shape, static_cast<int>(r));
        fits = fits && all[r * width] == part.rank();
        for (int axis = 0; axis < part.rank(); ++axis)
            fits = fits && box.count(axis) == all[r * width + 1 + static_cast<std::size_t>(axis)];
    }
    if (!fits)
        throw SpaceError{"parts of " + layout.name.str() + " do not fit together",
                         {.expected = "equal extents along axes that are not scattered"}};
    return layout;
}

void fold_nodes(const DistributedLayout& layout, const double* local, int width, double* sum) {
    const Partition& partition = layout.partition;
    const auto ranks = static_cast<std::size_t>(layout.communicator.size());
    const double* values = local;
    thread_local std::vector<int> counts;
    thread_local std::vector<int> offsets;
    if (ranks > 1) {
        counts.resize(ranks);
        offsets.resize(ranks);
        int total = 0;
        for (std::size_t r = 0; r < ranks; ++r) {
            const int part = partition.part(static_cast<int>(r), partition.axis());
            const Cuts& cuts = *partition.cuts(partition.axis());
            counts[r] = width * node_count(cuts.first(part), cuts.first(part + 1));
            offsets[r] = total;
            total += counts[r];
        }
        auto& all = scratch(static_cast<std::size_t>(total));
        MPI_Allgatherv(local, counts[static_cast<std::size_t>(layout.communicator.rank())],
                       MPI_DOUBLE, all.data(), counts.data(), offsets.data(), MPI_DOUBLE,
                       layout.communicator.native());
        values = all.data();
    }
    const auto add = [](Pair& left, const Pair& right) {
        left.part[0] += right.part[0];
        left.part[1] += right.part[1];
    };
    TreeFold<Pair, decltype(add)> fold{add};
    for_each_holder(partition, [&](int rank, index_t at, index_t end) {
        const double* of_rank = values + (ranks > 1 ? offsets[static_cast<std::size_t>(rank)] : 0);
        for (; at < end; of_rank += width) {
            const TreeNode node = next_tree_node(at, end);
            Pair value{};
            std::memcpy(value.part, of_rank, static_cast<std::size_t>(width) * sizeof(double));
            fold.push(node, value);
            at += node.width();
        }
    });
    Pair total{};
    if (partition.extent() > 0) total = fold.finish();
    std::memcpy(sum, total.part, static_cast<std::size_t>(width) * sizeof(double));
}

void fold_exact(const DistributedLayout& layout, ExactSum* sums, int width) {
    const int ranks = layout.communicator.size();
    if (ranks == 1) return;
    constexpr int words = ExactSum::words;
    std::array<std::int64_t, 2 * words> all{};
    if (layout.partition.copy(layout.communicator.rank()) == 0)
        for (int s = 0; s < width; ++s) sums[s].to_words(all.data() + s * words);
    MPI_Allreduce(MPI_IN_PLACE, all.data(), width * words, MPI_INT64_T, MPI_SUM,
                  layout.communicator.native());
    for (int s = 0; s < width; ++s) sums[s] = ExactSum::from_words(all.data() + s * words);
}

}  // namespace lop::detail
