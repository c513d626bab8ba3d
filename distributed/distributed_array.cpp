/// Layouts of distributed arrays, and sums over them in an order that no rank count changes.
#include <lop/distributed/distributed_array.hpp>

#include <cstring>

namespace lop::detail {
namespace {

/// The number of complete tree nodes that tile a rank's slices.
int node_count(const Partition& partition, int rank) {
    int count = 0;
    const index_t end = partition.first(rank + 1);
    for (index_t at = partition.first(rank); at < end; ++count)
        at += next_tree_node(at, end).width();
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
      partition{std::move(partition_)},
      local_shape{shape_} {
    if (partition.is_replicated()) {
        slices = {1, shape[0], shape.product(1, shape.rank()), 0, shape[0]};
        return;
    }
    const int axis = partition.axis();
    if (axis < 0 || axis >= shape.rank() || partition.extent() != shape[axis] ||
        partition.ranks() != communicator.size())
        throw SpaceError{"a partition of " + name.str() + "[" + shape.str() + "]",
                         {.expected = "the extent of an axis shared by " +
                                      std::to_string(communicator.size()) + " ranks",
                          .found = std::to_string(partition.extent()) + " indices of axis " +
                                   std::to_string(axis) + " shared by " +
                                   std::to_string(partition.ranks()) + " ranks"}};
    const int rank = communicator.rank();
    local_shape = shape.with(axis, partition.count(rank));
    slices = {shape.product(0, axis), partition.count(rank), shape.product(axis + 1, shape.rank()),
              partition.first(rank), shape[axis]};
}

bool DistributedLayout::operator==(const DistributedLayout& other) const {
    return shape == other.shape && partition == other.partition &&
           communicator == other.communicator;
}

index_t DistributedLayout::global_index(index_t local) const {
    const index_t row = slices.count * slices.inner;
    const index_t outer = local / row;
    return (outer * slices.total + slices.first) * slices.inner + local % row;
}

void fold_nodes(const DistributedLayout& layout, const double* local, int width, double* sum) {
    const Partition& partition = layout.partition;
    const int ranks = layout.communicator.size();
    const double* values = local;
    if (ranks > 1) {
        thread_local std::vector<int> counts;
        thread_local std::vector<int> offsets;
        counts.resize(static_cast<std::size_t>(ranks));
        offsets.resize(static_cast<std::size_t>(ranks));
        int total = 0;
        for (int r = 0; r < ranks; ++r) {
            counts[static_cast<std::size_t>(r)] = width * node_count(partition, r);
            offsets[static_cast<std::size_t>(r)] = total;
            total += counts[static_cast<std::size_t>(r)];
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
    for (int r = 0; r < ranks; ++r) {
        const index_t end = partition.first(r + 1);
        for (index_t at = partition.first(r); at < end;) {
            const TreeNode node = next_tree_node(at, end);
            Pair value{};
            std::memcpy(value.part, values, static_cast<std::size_t>(width) * sizeof(double));
            values += width;
            fold.push(node, value);
            at += node.width();
        }
    }
    Pair total{};
    if (partition.extent() > 0) total = fold.finish();
    std::memcpy(sum, total.part, static_cast<std::size_t>(width) * sizeof(double));
}

}  // namespace lop::detail
