/// Ways to share an axis among ranks, and arrays put together again, for tests.
#pragma once

#include <lop/distributed/distributed_array.hpp>

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

namespace parts {

using lop::index_t;

/// How many times this program has allocated (allocations.cpp).
long allocations();

/// Shares cut at random places; the same on every rank.
inline lop::Partition uneven(index_t extent, int ranks, int axis = 0, std::uint64_t seed = 5) {
    std::vector<index_t> cuts{0, extent};
    for (int r = 1; r < ranks; ++r)
        cuts.push_back(
            static_cast<index_t>(lop::random_uniform(seed, static_cast<std::uint64_t>(r)) *
                                 static_cast<double>(extent + 1)));
    std::sort(cuts.begin(), cuts.end());
    std::vector<index_t> counts;
    for (int r = 0; r < ranks; ++r)
        counts.push_back(cuts[static_cast<std::size_t>(r) + 1] - cuts[static_cast<std::size_t>(r)]);
    return lop::Partition::given(std::move(counts), axis);
}

/// Every second rank, from the last one on, has a part; the others have none.
inline lop::Partition with_empty(index_t extent, int ranks, int axis = 0) {
    const int holders = (ranks + 1) / 2;
    std::vector<index_t> counts(static_cast<std::size_t>(ranks), 0);
    for (int h = 0; h < holders; ++h)
        counts[static_cast<std::size_t>(ranks - 1 - 2 * h)] =
            extent / holders + (h < extent % holders ? 1 : 0);
    return lop::Partition::given(std::move(counts), axis);
}

/// All on one rank.
inline lop::Partition alone(index_t extent, int ranks, int holder, int axis = 0) {
    std::vector<index_t> counts(static_cast<std::size_t>(ranks), 0);
    counts[static_cast<std::size_t>(holder)] = extent;
    return lop::Partition::given(std::move(counts), axis);
}

/// Balanced, uneven, with empty parts, and all on the first or the last rank.
inline std::vector<lop::Partition> all(index_t extent, int ranks, int axis = 0) {
    std::vector<lop::Partition> list{lop::Partition::balanced(extent, ranks, axis)};
    if (ranks == 1) return list;
    list.push_back(uneven(extent, ranks, axis, 5));
    list.push_back(uneven(extent, ranks, axis, 6));
    list.push_back(with_empty(extent, ranks, axis));
    list.push_back(alone(extent, ranks, 0, axis));
    list.push_back(alone(extent, ranks, ranks - 1, axis));
    return list;
}

/// All ways to write `ranks` as a product of `sides` factors.
inline std::vector<std::vector<int>> grids(int ranks, int sides) {
    if (sides == 1) return {{ranks}};
    std::vector<std::vector<int>> list;
    for (int first = 1; first <= ranks; ++first)
        if (ranks % first == 0)
            for (auto rest : grids(ranks / first, sides - 1)) {
                rest.insert(rest.begin(), first);
                list.push_back(std::move(rest));
            }
    return list;
}

/// An array over several axes: all grids of ranks, each with all cuts of the first of the axes and
/// several of the others.
inline std::vector<lop::Partition> over(const lop::Shape& shape, const std::vector<int>& axes,
                                        int ranks) {
    std::vector<lop::Partition> list;
    for (const auto& grid : grids(ranks, static_cast<int>(axes.size()))) {
        const std::size_t ways = all(shape[axes[0]], grid[0], axes[0]).size();
        for (std::size_t way = 0; way < std::max<std::size_t>(ways, ranks > 1 ? 6 : 1); ++way) {
            lop::Partition whole = lop::Partition::replicated();
            for (std::size_t d = 0; d < axes.size(); ++d) {
                const auto cuts = all(shape[axes[d]], grid[d], axes[d]);
                const auto& cut = cuts[(way + d) % cuts.size()];
                whole = d == 0 ? cut : whole * cut;
            }
            list.push_back(whole);
        }
    }
    return list;
}

/// The whole of a scattered array, on every rank.
template <class T> lop::Array<T> gather(const lop::DistributedArray<T>& x) {
    if (x.partition().is_replicated()) return x.local();
    lop::Array<T> whole{x.shape(), "whole"};
    for (int r = 0; r < x.communicator().size(); ++r) {
        const lop::IndexBox box = x.partition().box(x.shape(), r);
        lop::Array<T> part{box.shape(), "part"};
        if (r == x.communicator().rank()) part = x.local();
        x.communicator().broadcast(part.data(), static_cast<std::size_t>(part.size()) * sizeof(T),
                                   r);
        lop::copy_box(box, part.data(), box, whole.data(), lop::IndexBox{x.shape()});
    }
    return whole;
}

/// The local part of a scattered array whose value at every position of the whole is given.
template <class T>
lop::DistributedArray<T> scatter(const lop::DistributedSpace<T>& space,
                                 const lop::Array<T>& whole) {
    auto x = space.uninitialized();
    for (index_t i = 0; i < x.size(); ++i) x.data()[i] = whole[x.layout()->global_index(i)];
    return x;
}

/// Equal to the bit: signs of zero count, and a NaN equals itself.
template <class T> bool same_bits(const T& a, const T& b) {
    return std::memcmp(&a, &b, sizeof(T)) == 0;
}
template <class T> bool same_bits(const lop::Array<T>& a, const lop::Array<T>& b) {
    return a.shape() == b.shape() &&
           (a.size() == 0 ||
            std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(T)) == 0);
}

}  // namespace parts
