/// Where the vectors of blocks lie in an array over ranks.
#include <lop/distributed/blocks.hpp>

#include <lop/distributed/watchdog.hpp>

#include <algorithm>
#include <numeric>

namespace lop::detail {
namespace {

/// What ranks tell each other of their blocks: how many, how many values in all, and the extents that
/// all of them have; rank -1 where they differ.
struct Told {
    std::int64_t blocks = 0;
    std::int64_t values = 0;
    std::int64_t rank = -1;
    std::array<std::int64_t, Shape::max_rank> extents{};
    bool same_extents(const Told& other) const {
        return rank == other.rank && extents == other.extents;
    }
};

Told tell(const std::vector<Shape>& shapes) {
    Told told;
    told.blocks = static_cast<std::int64_t>(shapes.size());
    for (const Shape& shape : shapes) told.values += shape.size();
    const bool equal = std::all_of(shapes.begin(), shapes.end(),
                                   [&](const Shape& shape) { return shape == shapes.front(); });
    if (shapes.empty() || !equal) return told;
    told.rank = shapes.front().rank();
    for (int axis = 0; axis < shapes.front().rank(); ++axis)
        told.extents[static_cast<std::size_t>(axis)] = shapes.front()[axis];
    return told;
}

std::vector<Told> tell_all(const Communicator& communicator, const Told& mine) {
    std::vector<Told> all(static_cast<std::size_t>(communicator.size()), mine);
    if (communicator.size() > 1) {
        const detail::Waiting waiting{communicator, "layout of blocks"};
        MPI_Allgather(&mine, sizeof mine, MPI_BYTE, all.data(), sizeof mine, MPI_BYTE,
                      communicator.native());
    }
    return all;
}

/// The extents that all blocks of all ranks have, if they have, with room for one axis more.
const Told* common(const std::vector<Told>& all) {
    const Told* first = nullptr;
    for (const Told& told : all) {
        if (told.blocks == 0) continue;
        if (told.rank < 0 || told.rank >= Shape::max_rank) return nullptr;
        if (first && !told.same_extents(*first)) return nullptr;
        first = &told;
    }
    return first;
}

}  // namespace

BlockLayout layout_of_blocks(const Communicator& communicator, const std::vector<Shape>& shapes,
                             Label name) {
    const auto all = tell_all(communicator, tell(shapes));
    std::vector<index_t> blocks, values;
    for (const Told& told : all) {
        blocks.push_back(told.blocks);
        values.push_back(told.values);
    }
    std::vector<index_t> offsets{0};
    for (const Shape& shape : shapes) offsets.push_back(offsets.back() + shape.size());
    std::vector<index_t> extents{std::accumulate(values.begin(), values.end(), index_t{0})};
    if (const Told* told = common(all)) {
        extents = {std::accumulate(blocks.begin(), blocks.end(), index_t{0})};
        extents.insert(extents.end(), told->extents.begin(), told->extents.begin() + told->rank);
        values = blocks;
    }
    return {std::make_shared<const DistributedLayout>(
                std::move(name), Shape{std::span<const index_t>{extents}}, communicator,
                Partition::given(std::move(values))),
            Partition::given(std::move(blocks)), std::move(offsets)};
}

}  // namespace lop::detail
