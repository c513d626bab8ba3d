/// Models of the medium on a grid, held whole by every rank.
#pragma once

#include <lop/distributed/distributed_array.hpp>

namespace lop {

/// An acoustic medium on a grid: its squared slowness m = 1/v^2 in s2/m2, which is what the wave
/// equation is linear in and what a Jacobian differentiates by. Replicated over ranks.
template <Scalar T = float> class Model {
 public:
    /// `velocity` in m/s over grid.shape(). Throws ModelError for a wrong shape, and for values
    /// that are not finite and positive, saying where the first of them is.
    static Model from_velocity(const Grid& grid, const Array<T>& velocity,
                               const Communicator& communicator = Communicator::world());
    /// `m` in s2/m2 over grid.shape(); the same errors.
    static Model from_slowness_squared(const Grid& grid, const Array<T>& m,
                                       const Communicator& communicator = Communicator::world());

    const Grid& grid() const { return grid_; }
    const Communicator& communicator() const { return m_.communicator(); }
    /// m in s2/m2.
    const DistributedArray<T>& slowness_squared() const { return m_; }
    /// v in m/s.
    Array<T> velocity() const;
    /// The space of m, and of images.
    DistributedSpace<T> space() const { return space_of(m_); }
    double min_velocity() const;
    double max_velocity() const;
    /// The same medium with another m; the same checks, and SpaceError where it is scattered.
    Model with(const DistributedArray<T>& m) const;
    /// In another precision.
    template <Scalar U> Model<U> as() const;

    /// The medium seen through a Gaussian of standard deviation `length` in m (of the slowness,
    /// so that travel times are kept). Rows above `keep_above` m of depth (water) stay as they are.
    Model smoothed(double length, double keep_above = 0) const;

 private:
    template <Scalar U> friend class Model;
    Model(Grid grid, DistributedArray<T> m) : grid_{std::move(grid)}, m_{std::move(m)} {}
    Grid grid_;
    DistributedArray<T> m_;
};

/// The velocity in m/s of a built-in section: water, dipping and wavy layers, a normal fault that
/// offsets them, and a fast lens. Made for any two- or three-dimensional grid; features scale with
/// its extent. `water_depth` in m.
template <Scalar T = float> Array<T> synthetic_velocity(const Grid& grid, double water_depth = 200);

}  // namespace lop
