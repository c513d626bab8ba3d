/// How the ranks of a communicator share an array: each holds all of it, or a range of one axis.
#pragma once

#include <lop/core/grid.hpp>
#include <lop/distributed/communicator.hpp>

#include <memory>
#include <string>
#include <vector>

namespace lop {

/// Replicated: every rank holds the whole array, and its values agree. That is a fact of the
/// space: inner products count them once. Scattered: rank r holds the indices
/// [first(r), first(r) + count(r)) of one axis; parts may be uneven and empty.
class Partition {
 public:
    static Partition replicated();
    /// `extent` indices in parts as equal as can be, the longer ones first. Throws ArgumentError
    /// for a negative extent, and without ranks.
    static Partition balanced(index_t extent, int ranks, int axis = 0);
    /// Given numbers of indices, one per rank. Throws ArgumentError for negative ones.
    static Partition given(std::vector<index_t> counts, int axis = 0);

    bool is_replicated() const { return !firsts_; }
    int axis() const { return axis_; }
    int ranks() const { return firsts_ ? static_cast<int>(firsts_->size()) - 1 : 0; }
    index_t first(int rank) const { return (*firsts_)[static_cast<std::size_t>(rank)]; }
    index_t count(int rank) const { return first(rank + 1) - first(rank); }
    index_t extent() const { return firsts_->back(); }
    /// The rank that holds an index.
    int owner(index_t index) const;
    /// "replicated on 4 ranks", "scattered over axis 0 of 4 ranks (3, 3, 2, 2)"
    std::string str(int ranks) const;

    bool operator==(const Partition& other) const;

 private:
    std::shared_ptr<const std::vector<index_t>> firsts_{};  // one more than there are ranks
    int axis_ = 0;
};

}  // namespace lop
