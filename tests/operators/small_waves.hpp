/// Small wave problems for the laws of sources and receivers: rough media, shots all over them.
#pragma once

#include <lop/operators/wave/equations.hpp>
#include <lop/operators/wave/modeling.hpp>
#include <lop/testing/doctest.hpp>

#include <cmath>
#include <vector>

namespace small_waves {

using namespace lop;

/// Asked for when MPI runs: a constant at namespace scope would be made before that.
inline Communicator world() { return Communicator::world(); }

struct Case {
    int dimension = 2;
    bool free_surface = false;
    bool inside = false;
    bool is_large = false;  ///< beyond the second-level caches
};

inline Grid grid_of(const Case& c) {
    const index_t n = c.is_large ? 500 : (c.dimension == 2 ? 22 : 14) + (c.inside ? 10 : 0);
    if (c.dimension == 2) return {Shape{n + 5, n}, {10, 12}, {100, 50}};
    return {Shape{n + 1, n - 1, n}, {10, 12, 11}, {100, -40, 50}};
}

template <Scalar T> Array<T> rough(const Grid& grid, std::uint64_t seed, double low, double high) {
    auto values = ArraySpace<T>{"values", grid.shape()}.random(seed);
    for (T& value : values)
        value = static_cast<T>((high + low) / 2 + (high - low) / 2 * std::tanh(value));
    return values;
}

inline PropagatorOptions options_of(const Case& c) {
    return {.space_order = 4,
            .boundary = {.cells = 5, .inside = c.inside},
            .free_surface = c.free_surface};
}

template <Scalar T> Propagator<T> acoustic(const Case& c) {
    const Grid grid = grid_of(c);
    return Propagator<T>{
        Acoustic{Model<T>::from_velocity(grid, rough<T>(grid, 11, 1800, 2200), world())},
        options_of(c)};
}

template <Scalar T> Propagator<T> elastic(const Case& c) {
    const Grid grid = grid_of(c);
    return Propagator<T>{
        Elastic<T>{grid, rough<T>(grid, 1, 1900, 2100), rough<T>(grid, 2, 900, 1100),
                   rough<T>(grid, 3, 1500, 2500), world()},
        options_of(c)};
}

/// `count` points a shot, off the grid: the first right under the surface, the others at least `margin` cells from
/// the edges.
inline Geometry scattered(const Grid& grid, int count, std::uint64_t seed, TimeAxis time,
                          double margin = 0, index_t shots = 3) {
    std::vector<std::vector<Point>> all;
    for (index_t shot = 0; shot < shots; ++shot) {
        auto& points = all.emplace_back();
        for (int i = 0; i < count; ++i) {
            const auto along = [&](int axis) {
                const double u = random_uniform(seed, 97 * static_cast<std::uint64_t>(shot) +
                                                          8 * static_cast<std::uint64_t>(i) +
                                                          static_cast<std::uint64_t>(axis));
                const double room = margin * grid.spacing(axis);
                return grid.origin(axis) + room +
                       u * (grid.last(axis) - grid.origin(axis) - 2 * room);
            };
            Point p{along(0), 0, along(grid.dimension() - 1)};
            if (grid.dimension() == 3) p.y = along(1);
            if (i == 0)
                p.z = grid.origin(grid.dimension() - 1) + (margin + 0.3) * grid.depth_spacing();
            points.push_back(p);
        }
    }
    return {all, time, world()};
}

inline const TimeAxis short_time{12, 0.004};

template <Scalar T, class Sources> void check_exact(const Propagator<T>& F,
                                                    const ProjectionOptions& receivers,
                                                    const Sources& S) {
    const Projection<T> Pr{scattered(F.medium().grid(), 4, 7, short_time, 1), receivers};
    const auto M = Pr * F * S.H();
    const auto x = M.domain().random(5);
    lop::testing::check_reports({dot_test(M), dot_test(jacobian(M, x, {.every = 2}))});
}

template <Scalar T> Projection<T> sources(const Propagator<T>& F, ProjectionOptions options) {
    return Projection<T>{scattered(F.medium().grid(), 2, 3, short_time, 1), options};
}

inline const std::vector<Case> cases{
    {2, false, false}, {2, true, false}, {2, false, true}, {3, true, false}, {3, false, true}};

}  // namespace small_waves
