/// Layouts of distributed arrays, and sums over them in an order that no rank count changes.
#include <lop/distributed/distributed_array.hpp>

#include <lop/core/random.hpp>
#include <lop/distributed/watchdog.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
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

std::shared_ptr<const DistributedLayout> agreed_layout(Label name, Shape shape,
                                                       Communicator communicator,
                                                       Partition partition) {
    // First, so that what is wrong with them is then wrong on every rank.
    std::uint64_t hash = partition.hash();
    for (int axis = 0; axis < shape.rank(); ++axis)
        hash = mix_bits(hash ^ static_cast<std::uint64_t>(shape[axis]));
    const Communicator& ranks = communicator;
    if (!ranks.agree(hash)) {
        const std::string mine = "[" + shape.str() + "], " + partition.str(ranks.size());
        const std::string first = ranks.broadcast(mine, 0);
        const double other = ranks.max(mine == first ? -1.0 : ranks.rank());
        const int rank = std::max(0, static_cast<int>(other));
        throw SpaceError{
            "ranks disagree about " + ranks.broadcast(name.str(), 0),
            {.expected = "the same on all: " + first + " on rank 0",
             .found = ranks.broadcast(mine, rank) + " on rank " + std::to_string(rank),
             .remedy = "extents and cuts from what all ranks know: Communicator::broadcast"}};
    }
    return std::make_shared<const DistributedLayout>(std::move(name), shape,
                                                     std::move(communicator), std::move(partition));
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
    if (ranks > 1) {
        const Waiting waiting{communicator, "layout of parts", name.str()};
        MPI_Allgather(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, all.data(), static_cast<int>(width),
                      MPI_INT64_T, communicator.native());
    }
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

namespace {

/// A sum whose nodes the ranks put together: where they lie among this rank's numbers, and how many
/// numbers a node has.
struct TreeSum {
    const DistributedLayout* layout;
    const double* nodes;
    int width;
    double* sum;
};

int nodes_of(const Partition& partition, int rank) {
    const Cuts& cuts = *partition.cuts(partition.axis());
    const int part = partition.part(rank, partition.axis());
    return node_count(cuts.first(part), cuts.first(part + 1));
}

/// The nodes of one sum, of all ranks, in order; `of_rank` finds those of a rank.
template <class OfRank> void fold_tree(const TreeSum& tree, const OfRank& of_rank) {
    const auto add = [](Pair& left, const Pair& right) {
        left.part[0] += right.part[0];
        left.part[1] += right.part[1];
    };
    const Partition& partition = tree.layout->partition;
    const std::size_t bytes = static_cast<std::size_t>(tree.width) * sizeof(double);
    TreeFold<Pair, decltype(add)> fold{add};
    for_each_holder(partition, [&](int rank, index_t at, index_t end) {
        for (const double* node_sum = of_rank(rank); at < end; node_sum += tree.width) {
            const TreeNode node = next_tree_node(at, end);
            Pair value{};
            std::memcpy(value.part, node_sum, bytes);
            fold.push(node, value);
            at += node.width();
        }
    });
    Pair total{};
    if (partition.extent() > 0) total = fold.finish();
    std::memcpy(tree.sum, total.part, bytes);
}

void add_words(std::int64_t* words, int count, const Communicator& communicator) {
    if (communicator.size() == 1) return;
    const Waiting waiting{communicator, "sum"};
    MPI_Allreduce(MPI_IN_PLACE, words, count, MPI_INT64_T, MPI_SUM, communicator.native());
}

/// Sums whose numbers are the words of exact ones, in one message.
void fold_exact_sums(std::span<const TreeSum> sums) {
    constexpr std::size_t words = ExactSum::words;
    const Communicator& communicator = sums.front().layout->communicator;
    thread_local std::vector<std::int64_t> all;
    all.assign(sums.size() * words, 0);
    for (std::size_t s = 0; s < sums.size(); ++s)
        if (sums[s].layout->partition.copy(communicator.rank()) == 0)
            std::memcpy(all.data() + s * words, sums[s].nodes, words * sizeof(double));
    add_words(all.data(), static_cast<int>(all.size()), communicator);
    for (std::size_t s = 0; s < sums.size(); ++s)
        *sums[s].sum = ExactSum::from_words(all.data() + s * words).value();
}

/// All sums in one message; they share a communicator, and their nodes lie one after the other.
void fold_trees(std::span<const TreeSum> trees) {
    const Communicator& communicator = trees.front().layout->communicator;
    const auto ranks = static_cast<std::size_t>(communicator.size());
    if (ranks == 1) {
        for (const TreeSum& tree : trees) fold_tree(tree, [&](int) { return tree.nodes; });
        return;
    }
    thread_local std::vector<int> counts;
    thread_local std::vector<int> offsets;
    thread_local std::vector<double> mine;
    counts.assign(ranks, 0);
    offsets.assign(ranks, 0);
    mine.clear();
    int total = 0;
    for (std::size_t r = 0; r < ranks; ++r) {
        offsets[r] = total;
        for (const TreeSum& tree : trees)
            counts[r] += tree.width * nodes_of(tree.layout->partition, static_cast<int>(r));
        total += counts[r];
    }
    for (const TreeSum& tree : trees)
        mine.insert(
            mine.end(), tree.nodes,
            tree.nodes + tree.width * nodes_of(tree.layout->partition, communicator.rank()));
    auto& all = scratch(static_cast<std::size_t>(total));
    const Waiting waiting{communicator, "sum", trees.front().layout->name.str()};
    MPI_Allgatherv(mine.data(), static_cast<int>(mine.size()), MPI_DOUBLE, all.data(),
                   counts.data(), offsets.data(), MPI_DOUBLE, communicator.native());
    for (const TreeSum& tree : trees) {
        fold_tree(tree,
                  [&](int rank) { return all.data() + offsets[static_cast<std::size_t>(rank)]; });
        for (std::size_t r = 0; r < ranks; ++r)
            offsets[r] += tree.width * nodes_of(tree.layout->partition, static_cast<int>(r));
    }
}

}  // namespace

void check_copies(const DistributedLayout& layout, const void* values, std::size_t bytes) {
    const Communicator& communicator = layout.communicator;
    const Partition& partition = layout.partition;
    if (communicator.size() == 1 || (!partition.is_replicated() && partition.copies() == 1)) return;
    std::uint64_t hash = 0;  // of eight bytes at a time, each mixed with what came before
    const char* at = static_cast<const char*>(values);
    for (std::size_t k = 0; k < bytes; k += sizeof hash) {
        std::uint64_t word = 0;
        std::memcpy(&word, at + k, std::min(sizeof word, bytes - k));
        hash = mix_bits(hash ^ word);
    }
    const auto all = communicator.gather_bytes(&hash, sizeof hash);
    for (int rank = 0; rank < communicator.size(); ++rank) {
        const int first =
            partition.is_replicated()
                ? 0
                : partition.rank_of([&](int axis) { return partition.part(rank, axis); }, 0);
        const auto of = [&](int r) {
            return all.data() + static_cast<std::size_t>(r) * sizeof hash;
        };
        if (std::memcmp(of(rank), of(first), sizeof hash) != 0)
            throw SpaceError{
                "copies of " + layout.name.str() + "[" + layout.shape.str() + "] differ",
                {.expected = "the values of rank " + std::to_string(first),
                 .found = "others on rank " + std::to_string(rank),
                 .remedy = "make replicated arrays from what all ranks know: "
                           "Communicator::broadcast, or the adjoint of Replicate"}};
    }
}

void fold_nodes(const DistributedLayout& layout, const double* local, int width, double* sum) {
    const TreeSum tree{&layout, local, width, sum};
    fold_trees({&tree, 1});
}

void fold_together(SumsTogether& sums) {
    thread_local std::vector<TreeSum> trees;
    for (auto& first : sums.parts()) {
        if (!first.fold) continue;
        const auto& of_first = *static_cast<const DistributedLayout*>(first.layout);
        const bool exact = !of_first.partition.is_over_one_axis();
        trees.clear();
        // All sums like this one that still wait; `fold` is null once they do not.
        for (auto* part = &first; part != sums.parts().data() + sums.parts().size(); ++part) {
            if (!part->fold) continue;
            const auto& layout = *static_cast<const DistributedLayout*>(part->layout);
            if (layout.partition.is_over_one_axis() == exact ||
                !(layout.communicator == of_first.communicator))
                continue;
            trees.push_back({&layout, sums.numbers().data() + part->begin, 1, &part->sum});
            part->fold = nullptr;
        }
        if (exact) fold_exact_sums(trees);
        else fold_trees(trees);
    }
}

void fold_exact(const DistributedLayout& layout, ExactSum* sums, int width) {
    const int ranks = layout.communicator.size();
    if (ranks == 1) return;
    std::array<std::int64_t, 2 * ExactSum::words> all{};
    if (layout.partition.copy(layout.communicator.rank()) == 0)
        for (int s = 0; s < width; ++s) sums[s].to_words(all.data() + s * ExactSum::words);
    add_words(all.data(), width * ExactSum::words, layout.communicator);
    for (int s = 0; s < width; ++s)
        sums[s] = ExactSum::from_words(all.data() + s * ExactSum::words);
}

}  // namespace lop::detail
