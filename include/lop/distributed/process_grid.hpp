/// Ranks as a Cartesian grid, its lines and planes as groups, and arrays shared out over its sides.
#pragma once

#include <lop/distributed/communicator.hpp>
#include <lop/distributed/partition.hpp>

#include <initializer_list>
#include <vector>

namespace lop {

/// The ranks of a communicator in a grid, the last side counting fastest. It is named once:
///
///     const ProcessGrid grid{world, {4, 2, 2}};       // 16 ranks: 4 shots at a time, each on 2 x 2
///     grid.shots();                                   // the 4 ranks that hold the same part of a model
///     const ProcessGrid domain = grid.domain();       // the 2 x 2 that share a shot
///     DistributedSpace<float> model{"model", shape, domain.communicator(),
///                                   domain.partition(shape, {0, 1})};
class ProcessGrid {
 public:
    /// Throws ArgumentError where the sides do not multiply to the number of ranks.
    ProcessGrid(Communicator communicator, std::vector<int> sides);
    /// As close to a cube as the number of ranks allows, the longer sides first.
    static ProcessGrid balanced(Communicator communicator, int dimension);

    const Communicator& communicator() const { return communicator_; }
    int dimension() const { return static_cast<int>(sides_.size()); }
    int side(int d) const { return sides_[static_cast<std::size_t>(d)]; }
    /// Where this rank lies along a side.
    int place(int d) const;

    /// The grid of those ranks that differ from this one along the given sides alone. Collective.
    ProcessGrid along(const std::vector<int>& sides) const;
    /// Along the first side, and along all others: groups of ranks that work on shots of their own,
    /// each on a domain that its ranks share. Collective.
    Communicator shots() const { return along({0}).communicator(); }
    ProcessGrid domain() const;

    /// An array over the grid: side d shares out axis axes[d] in parts as equal as can be; -1: its
    /// ranks hold the same. Throws ArgumentError for other than one axis per side.
    Partition partition(const Shape& shape, const std::vector<int>& axes) const;

 private:
    Communicator communicator_;
    std::vector<int> sides_;
};

}  // namespace lop
