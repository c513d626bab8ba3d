/// How the ranks of a communicator share an array: all of it, or ranges of one or several axes.
#pragma once

#include <lop/core/index_box.hpp>

#include <memory>
#include <string>
#include <vector>

namespace lop {

/// An axis cut into parts that follow each other; parts may be uneven and empty.
class Cuts {
 public:
    /// Throws ArgumentError for parts with a negative number of indices.
    Cuts(int axis, const std::vector<index_t>& counts);

    int axis() const { return axis_; }
    int parts() const { return static_cast<int>(firsts_->size()) - 1; }
    index_t first(int part) const { return (*firsts_)[static_cast<std::size_t>(part)]; }
    index_t count(int part) const { return first(part + 1) - first(part); }
    index_t extent() const { return firsts_->back(); }
    /// The part that holds an index.
    int owner(index_t index) const;
    /// The same parts of another axis.
    Cuts of_axis(int axis) const;

    bool operator==(const Cuts& other) const;

 private:
    int axis_;
    std::shared_ptr<const std::vector<index_t>> firsts_;  // one more than there are parts
};

/// Replicated: every rank holds the whole array, and its values agree. That is a fact of the
/// space: inner products count them once. Scattered: the ranks form a grid, a side of which shares
/// out an axis of the array, or copies: the ranks along that side hold the same values.
///
///     Partition::balanced(nx, 4)                                         axis 0 over 4 ranks
///     Partition::balanced(nx, 2, 0) * Partition::balanced(ny, 3, 1)      a grid of 2 x 3 ranks
///     Partition::copies(2) * Partition::balanced(nx, 3)                  twice over 3 ranks
///
/// Ranks count along the last side first.
class Partition {
 public:
    static Partition replicated();
    /// `count` ranks that hold the same. Throws ArgumentError for less than one.
    static Partition copies(int count);
    /// `extent` indices in parts as equal as can be, the longer ones first. Throws ArgumentError
    /// for a negative extent, and without ranks.
    static Partition balanced(index_t extent, int ranks, int axis = 0);
    /// Given numbers of indices, one per rank. Throws ArgumentError for negative ones.
    static Partition given(std::vector<index_t> counts, int axis = 0);
    /// The grid of both, `slow` with the slower sides. Throws ArgumentError where an axis is cut
    /// twice, and for factors that do not tell their number of ranks.
    friend Partition operator*(const Partition& slow, const Partition& fast);

    bool is_replicated() const { return cut_axes_ == 0; }
    /// Whether one axis is shared out, and no other.
    bool is_over_one_axis() const { return cut_axes_ == 1; }
    /// How many axes are shared out.
    int cut_axes() const { return cut_axes_; }
    /// The number of ranks; 0 where replicated() leaves it to the communicator.
    int ranks() const;
    /// How many ranks hold the same values.
    int copies() const;
    /// Which of the copies a rank holds.
    int copy(int rank) const;
    /// How an axis is cut; null where every rank holds all its indices.
    const Cuts* cuts(int axis) const;
    /// Which part of an axis a rank holds; 0 where it is not cut.
    int part(int rank, int axis) const;
    /// The rank that holds given parts of the axes (part(axis)), and the given copy.
    template <class PartOf> int rank_of(const PartOf& part, int copy) const;
    /// What a rank holds of an array.
    IndexBox box(const Shape& shape, int rank) const;

    /// Of the one axis that is shared out; they throw ArgumentError where there is not one.
    int axis() const { return only().axis(); }
    index_t first(int rank) const;
    index_t count(int rank) const { return only().count(part(rank, axis())); }
    index_t extent() const { return only().extent(); }
    int owner(index_t index) const;
    /// The same parts with every axis counted from `by` further on.
    Partition shifted(int by) const;
    /// The same partition with an axis in other parts, one for each there was.
    Partition with(const Cuts& cuts) const { return replaced(cuts.axis(), cuts); }
    /// The same grid of ranks, the side that cut `axis` with other cuts, or with copies.
    Partition replaced(int axis, const Cuts& cuts) const;
    Partition without(int axis) const;
    /// Of an array that has lost an axis, which must be whole.
    Partition dropped(int axis) const;

    /// "replicated on 4 ranks", "scattered over axis 0 of 4 ranks (3, 3, 2, 2)"
    std::string str(int ranks) const;

    /// Of all cuts; equal for equal partitions.
    std::uint64_t hash() const;
    bool operator==(const Partition& other) const {
        return sides_ == other.sides_ || *sides_ == *other.sides_;
    }

 private:
    /// A side of the grid of ranks.
    struct Side {
        int length;
        std::vector<Cuts> cuts;  // one, or none: copies
        bool operator==(const Side&) const = default;
    };
    explicit Partition(std::vector<Side> sides);
    const Cuts& only() const;
    int place(int rank, std::size_t side) const;

    std::shared_ptr<const std::vector<Side>> sides_;  // the slowest first; copies share them
    int cut_axes_ = 0;
};

/// The partition of an array by which `axis` is whole: the side of the grid of ranks that cut it cuts
/// the longest axis that was whole, or holds copies where there is none.
Partition whole_along(const Shape& shape, const Partition& partition, int axis);

template <class PartOf> int Partition::rank_of(const PartOf& part, int copy) const {
    int rank = 0;
    int copies_left = copies();
    for (const Side& side : *sides_) {
        int place = 0;
        if (side.cuts.empty()) {
            copies_left /= side.length;
            place = copy / copies_left % side.length;
        } else {
            place = part(side.cuts.front().axis());
        }
        rank = rank * side.length + place;
    }
    return rank;
}

}  // namespace lop
