/// Snapshots of a wavefield on their way from a propagation to whoever keeps them.
#pragma once

#include <lop/core/grid.hpp>

#include <functional>
#include <string>
#include <vector>

namespace lop {

/// What the snapshots of one shot show, and where and when. Values over the grid lie as pictures do, x fastest:
/// [z][x] in two dimensions, [z][y][x] in three.
struct SnapshotSeries {
    index_t shot = 0;        ///< counted from 0
    index_t together = 1;    ///< series that the same run makes
    std::string quantity{};  ///< as the wave equation names it: "pressure"
    std::string unit{};      ///< of the values
    Grid grid{};             ///< of the points that are kept
    TimeAxis times{};
    std::vector<float> velocity{};  ///< m/s, of the fastest wave at these points
};

/// Takes the snapshots of a series in the order of time, grid.size() values each. It goes when the shot ends; what it
/// was given by then is the series, be it complete or not.
using SnapshotWriter = std::function<void(const float* values)>;

/// Is asked for a writer when a shot begins, on the one rank that will have its snapshots (io::snapshots_to).
using SnapshotSink = std::function<SnapshotWriter(const SnapshotSeries& series)>;

}  // namespace lop
