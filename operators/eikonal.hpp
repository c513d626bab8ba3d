/// First arrivals from a point in a heterogeneous medium.
#pragma once

#include <lop/core/grid.hpp>

#include <vector>

namespace lop {

/// The viscosity solution of |grad T| = slowness, T(source) = 0, at all places of a grid: the times of
/// first arrivals in s, from slownesses in s/m in the order of the grid. The source lies in the grid.
///
/// T = T0 u with T0 the time in a medium that is everywhere as at the source: what has no derivative
/// there is known, and u is smooth (Fomel, Luo and Zhao 2009). First order in the spacings, exact for
/// constant slowness. Upwind differences, by sweeps in all directions until nothing changes (Zhao 2005).
class FirstArrivals {
 public:
    explicit FirstArrivals(const Grid& grid);
    /// Valid until the next call. Allocates nothing and throws nothing.
    const std::vector<double>& times(const Point& source, const double* slowness);

 private:
    Grid grid_;
    std::vector<double> u_, t0_;
};

}  // namespace lop
