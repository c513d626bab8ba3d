/// Checks of the parameters of wave equations.
#include "stability.hpp"
#include <lop/core/error.hpp>
#include <lop/operators/wave/equation.hpp>
#include <lop/operators/wave/medium.hpp>

#include <algorithm>
#include <span>

namespace lop {
namespace {

Shape parameter_shape(const Grid& grid, int count) {
    if (count == 1) return grid.shape();
    std::vector<index_t> extents{count};
    for (int axis = 0; axis < grid.dimension(); ++axis) extents.push_back(grid.shape()[axis]);
    return Shape{std::span<const index_t>{extents}};
}

}  // namespace

template <Scalar T>
WaveMedium<T>::WaveMedium(const wave::Equation<T>& equation, Grid grid,
                          DistributedArray<T> parameters, std::vector<double> settings)
    : equation_{&equation},
      grid_{std::move(grid)},
      parameters_{std::move(parameters)},
      settings_{std::move(settings)} {
    const Shape shape = parameter_shape(grid_, equation.physics->parameters.count);
    if (!parameters_.partition().is_replicated() || !(parameters_.local().shape() == shape))
        throw SpaceError{"the parameters of a medium for waves",
                         {.expected = shape.str() + " values, replicated over ranks",
                          .found = parameters_.describe()}};
    const auto speeds =
        wave::survey(*equation.physics, settings_, parameters_.data(), grid_.size());
    fastest_ = speeds.fastest;
    slowest_ = speeds.slowest;
}

template <Scalar T> WaveMedium<T> WaveMedium<T>::with(const DistributedArray<T>& parameters) const {
    if (!(parameters.communicator() == communicator()))
        throw SpaceError{"a medium with other parameters",
                         {.expected = parameters_.describe(), .found = parameters.describe()}};
    return {*equation_, grid_, parameters, settings_};
}

template <Scalar T>
DistributedArray<T> stacked_parameters(const Grid& grid, const std::vector<Array<T>>& parameters,
                                       const Communicator& communicator) {
    const int count = static_cast<int>(parameters.size());
    const DistributedSpace<T> space{"medium", parameter_shape(grid, count), communicator};
    auto all = space.zeros();
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        if (!(parameters[p].shape() == grid.shape()))
            throw ModelError{"a medium with parameter " + std::to_string(p),
                             {.expected = grid.shape().str() + " values, the grid's points",
                              .found = parameters[p].shape().str() + " values"}};
        std::copy_n(parameters[p].data(), grid.size(),
                    all.data() + static_cast<index_t>(p) * grid.size());
    }
    return all;
}

template class WaveMedium<float>;
template class WaveMedium<double>;
template DistributedArray<float> stacked_parameters(const Grid&, const std::vector<Array<float>>&,
                                                    const Communicator&);
template DistributedArray<double> stacked_parameters(const Grid&, const std::vector<Array<double>>&,
                                                     const Communicator&);

}  // namespace lop
