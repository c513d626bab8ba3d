/// Weights: diagonal operators, and the ones that condition a migration.
#pragma once

#include <lop/algebra/operator.hpp>
#include <lop/distributed/distributed_array.hpp>
#include <lop/seismic/shot_records.hpp>

#include <memory>
#include <string>

namespace lop {

/// y_i = w_i x_i with real weights, and so its own adjoint.
/// domain = range = any distributed space; the weights are a vector of it.
template <Scalar T> class Diagonal : public Operator<Diagonal<T>, DistributedSpace<T>> {
 public:
    explicit Diagonal(DistributedArray<T> weights, std::string label = "Diagonal")
        : Operator<Diagonal, DistributedSpace<T>>{space_of(weights)},
          weights_{std::make_shared<const DistributedArray<T>>(std::move(weights))},
          label_{std::move(label)} {}
    std::string label() const { return label_; }
    const DistributedArray<T>& weights() const { return *weights_; }
    void forward(const DistributedArray<T>& x, DistributedArray<T>& y) const {
        assign(y, cwise_product(*weights_, x));
    }
    void adjoint(const DistributedArray<T>& y, DistributedArray<T>& x) const {
        assign(x, map([](T w, T v) { return conjugate(w) * v; }, *weights_, y));
    }
    void forward_add(const DistributedArray<T>& x, DistributedArray<T>& y) const {
        y += cwise_product(*weights_, x);
    }

 private:
    std::shared_ptr<const DistributedArray<T>> weights_;
    std::string label_;
};

struct DataMuteOptions {
    double velocity = 1500;  ///< m/s, of the wave to be muted
    double delay = 0.1;      ///< s, added to its arrival at every offset
    double taper = 0.1;      ///< s, over which the weight rises from 0 to 1
};

/// Removes the direct wave: the weight of a sample at time t and offset x is 0 before
/// t0 = x / velocity + delay, 1 after t0 + taper, and sin^2 in between. The offset is the
/// distance to the shot's first source point. domain = range = traces of the receivers.
template <Scalar T = float> class DataMute : public Diagonal<T> {
 public:
    explicit DataMute(const Acquisition& geometry, const DataMuteOptions& options = {});
};

struct DepthScalingOptions {
    double power = 0.5;  ///< of the depth
};

/// Weights an image by (depth / largest depth)^power, against the decay of amplitudes with depth
/// (JUDI's judiDepthScaling up to the normalisation). Depth counts from the first row, whose
/// weight is zero. domain = range = images on the grid, replicated.
template <Scalar T = float> class DepthScaling : public Diagonal<T> {
 public:
    explicit DepthScaling(const Grid& grid, const DepthScalingOptions& options = {},
                          const Communicator& communicator = Communicator::world());
};

struct TopMuteOptions {
    double taper = 50;  ///< m, below `depth`, over which the weight rises from 0 to 1
};

/// Keeps an image clear of the water: weight 0 down to `depth` m, 1 below depth + taper, sin^2
/// in between (JUDI's judiTopmute). domain = range = images on the grid, replicated.
template <Scalar T = float> class TopMute : public Diagonal<T> {
 public:
    TopMute(const Grid& grid, double depth, const TopMuteOptions& options = {},
            const Communicator& communicator = Communicator::world());
};

}  // namespace lop
