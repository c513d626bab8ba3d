/// Shares of an axis.
#include <lop/distributed/partition.hpp>

#include <lop/core/error.hpp>

#include <algorithm>

namespace lop {

Partition Partition::replicated() { return {}; }

Partition Partition::balanced(index_t extent, int ranks, int axis) {
    if (ranks < 1 || extent < 0)
        throw ArgumentError{"a balanced partition of " + std::to_string(extent) + " indices over " +
                                std::to_string(ranks) + " ranks",
                            {.expected = "no negative number of indices, and at least one rank"}};
    std::vector<index_t> counts(static_cast<std::size_t>(ranks), extent / ranks);
    for (index_t r = 0; r < extent % ranks; ++r) ++counts[static_cast<std::size_t>(r)];
    return given(std::move(counts), axis);
}

Partition Partition::given(std::vector<index_t> counts, int axis) {
    std::vector<index_t> firsts{0};
    for (const index_t count : counts) {
        if (count < 0)
            throw ArgumentError{"a partition with a part of " + std::to_string(count) + " indices",
                                {.expected = "none or more"}};
        firsts.push_back(firsts.back() + count);
    }
    Partition partition;
    partition.firsts_ = std::make_shared<const std::vector<index_t>>(std::move(firsts));
    partition.axis_ = axis;
    return partition;
}

int Partition::owner(index_t index) const {
    const auto after = std::upper_bound(firsts_->begin(), firsts_->end(), index);
    return static_cast<int>(after - firsts_->begin()) - 1;
}

std::string Partition::str(int ranks) const {
    const std::string on = ranks == 1 ? "1 rank" : std::to_string(ranks) + " ranks";
    if (is_replicated()) return "replicated on " + on;
    // The parts tell unlike partitions apart in errors; of many ranks the first ones must do.
    constexpr int shown = 8;
    std::string parts;
    for (int r = 0; r < std::min(shown, this->ranks()); ++r)
        parts += (r > 0 ? ", " : "") + std::to_string(count(r));
    if (this->ranks() > shown) parts += ", ...";
    return "scattered over axis " + std::to_string(axis()) + " of " + on + " (" + parts + ")";
}

bool Partition::operator==(const Partition& other) const {
    if (is_replicated() || other.is_replicated()) return is_replicated() == other.is_replicated();
    return axis_ == other.axis_ && (firsts_ == other.firsts_ || *firsts_ == *other.firsts_);
}

}  // namespace lop
