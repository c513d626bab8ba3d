/// Waves of an equation that a user declares.
#pragma once

#include <lop/operators/wave/equation.hpp>
#include <lop/operators/wave/medium.hpp>

namespace lop {

/// A medium for the waves of a declaration (lop/operators/wave/physics.hpp):
///
///     const auto F = Propagator{Waves<Telegraph>{grid, {m, eta}}, {.space_order = 8}};
///
/// `parameters` in the order and the units of the declaration, over grid.shape(). Throws ModelError for one of
/// another shape, and for values of which no wave can be made.
template <class Declaration, Scalar T = float> class Waves : public WaveMedium<T> {
 public:
    Waves(const Grid& grid, const std::vector<Array<T>>& parameters,
          std::vector<double> settings = {},
          const Communicator& communicator = Communicator::world())
        : WaveMedium<T>{wave::equation<Declaration, T>(grid.dimension()), grid,
                        stacked_parameters(grid, parameters, communicator), std::move(settings)} {}
};

}  // namespace lop
