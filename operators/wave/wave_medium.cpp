/// Checks of the parameters of wave equations.
#include "domain.hpp"
#include "stability.hpp"
#include <lop/core/error.hpp>
#include <lop/distributed/communication.hpp>
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

/// The axis of the parameters that is x.
int axis_x(const wave::Physics& physics) { return physics.parameters.count == 1 ? 0 : 1; }

template <Scalar T> std::shared_ptr<const wave::Domain> domain_of(
    const wave::Equation<T>& equation, const Grid& grid, const DistributedArray<T>& parameters) {
    const Shape shape = parameter_shape(grid, equation.physics->parameters.count);
    const Partition& partition = parameters.partition();
    const int axis = axis_x(*equation.physics);
    const Cuts* planes = partition.cuts(axis);
    const bool is_sound = partition.is_replicated() || (planes && partition.is_over_one_axis());
    if (!is_sound || !(parameters.shape() == shape))
        throw SpaceError{
            "the parameters of a medium for waves",
            {.expected = shape.str() + " values, replicated over ranks or scattered along x alone",
             .found = parameters.describe()}};
    if (partition.is_replicated()) return std::make_shared<const wave::Domain>();
    for (int part = 0; part < planes->parts(); ++part)
        if (planes->count(part) == 0)
            throw ArgumentError{
                "a medium that ranks share",
                {.expected = "planes along x for each of them",
                 .found = parameters.describe(),
                 .remedy = "fewer ranks for each shot, or over(ranks, fewer cells)"}};
    const Communicator& all = parameters.communicator();
    return std::make_shared<const wave::Domain>(all.split(partition.copy(all.rank())), *planes);
}

template <Scalar T>
std::shared_ptr<const wave::SpeedSurvey> speeds_of(const wave::Equation<T>& equation,
                                                   const std::vector<double>& settings,
                                                   const Grid& grid,
                                                   const DistributedArray<T>& parameters,
                                                   const wave::Domain& domain) {
    const index_t count = equation.physics->parameters.count;
    const index_t size = parameters.size() / count;
    const int axis = axis_x(*equation.physics);
    const auto own = domain.own(parameters.shape()[axis]);
    const index_t planes = own[1] - own[0];
    const index_t first = planes > 0 ? size / planes * own[0] : 0;
    return std::make_shared<const wave::SpeedSurvey>(wave::survey(
        *equation.physics, settings, parameters.data(), size, grid.shape(), domain, first));
}

}  // namespace

template <Scalar T>
WaveMedium<T>::WaveMedium(const wave::Equation<T>& equation, Grid grid,
                          DistributedArray<T> parameters, std::vector<double> settings)
    : WaveMedium{equation, grid, parameters, std::move(settings),
                 domain_of(equation, grid, parameters)} {}

template <Scalar T>
WaveMedium<T>::WaveMedium(const wave::Equation<T>& equation, Grid grid,
                          DistributedArray<T> parameters, std::vector<double> settings,
                          std::shared_ptr<const wave::Domain> domain)
    : equation_{&equation},
      grid_{std::move(grid)},
      parameters_{std::move(parameters)},
      settings_{std::move(settings)},
      domain_{std::move(domain)},
      speeds_{speeds_of(equation, settings_, grid_, parameters_, *domain_)} {}

template <Scalar T> double WaveMedium<T>::fastest() const { return speeds_->fastest; }
template <Scalar T> double WaveMedium<T>::slowest() const { return speeds_->slowest; }

template <Scalar T> WaveMedium<T> WaveMedium<T>::with(const DistributedArray<T>& parameters) const {
    if (!parameters.compatible(parameters_) &&
        !(parameters.partition() == parameters_.partition() &&
          parameters.communicator() == communicator() && parameters.shape() == parameters_.shape()))
        throw SpaceError{"a medium with other parameters",
                         {.expected = parameters_.describe(), .found = parameters.describe()}};
    return {*equation_, grid_, parameters, settings_, domain_};
}

template <Scalar T>
WaveMedium<T> WaveMedium<T>::over(const ProcessGrid& ranks, index_t layer_cells) const {
    if (ranks.dimension() != 2)
        throw ArgumentError{
            "a medium for shots over a process grid of " + counted(ranks.dimension(), "side"),
            {.expected = "two: shots at a time, and ranks for each of them"}};
    const int axis = axis_x(*equation_->physics);
    const index_t extent = parameters_.shape()[axis];
    const index_t all = extent + 2 * layer_cells;
    std::vector<index_t> planes;
    index_t before = 0;
    for (index_t r = 1; r <= ranks.side(1); ++r) {
        const index_t cut =
            r == ranks.side(1)
                ? extent
                : std::clamp<index_t>(all * r / ranks.side(1) - layer_cells, before, extent);
        planes.push_back(cut - before);
        before = cut;
    }
    const Partition shared =
        Partition::copies(ranks.side(0)) * Partition::given(std::move(planes), axis);
    const DistributedSpace<T> space{"medium", parameters_.shape(), ranks.communicator(), shared};
    return {*equation_, grid_, Redistribute<T>{this->space(), space} * parameters_, settings_};
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
