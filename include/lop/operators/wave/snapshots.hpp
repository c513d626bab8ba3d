/// Wavefields of a modelling, when they are asked for.
#pragma once

#include <lop/operators/wave/modeling.hpp>
#include <lop/seismic/snapshots.hpp>

#include <string>
#include <vector>

namespace lop {

/// Which part of a wavefield is kept. Lists along x, (y,) z; of one value for all axes; or empty.
struct Snapshots {
    /// By the name that the wave equation gives a receiver ("pressure", "velocity z", "stress xz", ..); empty: the first one.
    std::string quantity{};
    index_t every = 20;  ///< steps from one snapshot to the next; the first is that of time 0
    std::vector<index_t> stride{};  ///< every so many points of the grid; empty: every one
    /// m, the first and the last point, at the nearest points of the grid; empty: all. Equal along an axis: a section.
    std::vector<double> from{}, to{};
    /// The absorbing layers around the model too, where `from` and `to` do not say.
    bool with_layers = false;
    std::vector<index_t> shots{};  ///< counted from 0; empty: all
    bool others = true;            ///< model the other shots too; false: their traces are zero
    /// Of fields that lie between grid points: 8 or 64 points are read for one by sinc, 2 or 4 by linear.
    Interpolation interpolation = Interpolation::sinc;
    /// Empty: Pa, m/s or 1/s by the name of the quantity, as of sources in SI units.
    std::string unit{};
};

/// d = M q, as M * q is to the bit, and hands to the sink what a receiver on every kept point of the grid would read
///
///     u(n every dt, x0 + (i, j, k) * stride * spacing),     n = 0, 1, .. up to the last step,
///
/// in single precision. M, its adjoint and its Jacobian do not know of it. A shot on one rank is handed over there; one that
/// ranks share on the first of them, to the bits of one rank's. Beside the wavefield it takes a snapshot in the precision of
/// the fields, and one in single. Throws ArgumentError for a quantity that the equation does not have, for counts below 1,
/// boxes without points and shots that are not there, before anything runs; and, on all ranks, what the sink throws.
template <Scalar T>
DistributedArray<T> record(const Modeling<T>& M, const DistributedArray<T>& q,
                           const Snapshots& snapshots, const SnapshotSink& sink);

/// Of how many snapshots and points the series of a shot will be. Throws what record throws.
struct SnapshotExtent {
    index_t count = 0;
    Grid grid{};
    std::size_t bytes() const {
        return static_cast<std::size_t>(count * grid.size()) * sizeof(float);
    }
};
template <Scalar T>
SnapshotExtent extent_of(const Modeling<T>& M, const Snapshots& snapshots);

}  // namespace lop
