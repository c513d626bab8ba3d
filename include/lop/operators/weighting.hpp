/// Weights: diagonal operators, and the ones that condition a migration.
#pragma once

#include <lop/algebra/diagonal.hpp>
#include <lop/distributed/distributed_array.hpp>
#include <lop/seismic/shot_records.hpp>

#include <memory>
#include <string>

namespace lop {

struct DataMuteOptions {
    double velocity = 1500;  ///< m/s, of the wave to be muted
    double delay = 0.1;      ///< s, added to its arrival at every offset
    double taper = 0.1;      ///< s, over which the weight rises from 0 to 1
};

/// Removes the direct wave: the weight of a sample at time t and offset x is 0 before
/// t0 = x / velocity + delay, 1 after t0 + taper, and sin^2 in between. The offset is the
/// distance to the shot's first source point. domain = range = traces of the receivers.
template <Scalar T = float> class DataMute : public Diagonal<DistributedSpace<T>> {
 public:
    explicit DataMute(const Acquisition& geometry, const DataMuteOptions& options = {});
};

struct DepthScalingOptions {
    double power = 0.5;  ///< of the depth
};

/// Weights an image by (depth / largest depth)^power, against the decay of amplitudes with depth
/// (JUDI's judiDepthScaling up to the normalisation). Depth counts from the first row, whose
/// weight is zero. domain = range = images on the grid, replicated.
template <Scalar T = float> class DepthScaling : public Diagonal<DistributedSpace<T>> {
 public:
    explicit DepthScaling(const Grid& grid, const DepthScalingOptions& options = {},
                          const Communicator& communicator = Communicator::world());
};

struct TopMuteOptions {
    double taper = 50;  ///< m, below `depth`, over which the weight rises from 0 to 1
};

/// Keeps an image clear of the water: weight 0 down to `depth` m, 1 below depth + taper, sin^2
/// in between (JUDI's judiTopmute). domain = range = images on the grid, replicated.
template <Scalar T = float> class TopMute : public Diagonal<DistributedSpace<T>> {
 public:
    TopMute(const Grid& grid, double depth, const TopMuteOptions& options = {},
            const Communicator& communicator = Communicator::world());
};

}  // namespace lop
