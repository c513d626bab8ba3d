/// The stability limit and the dispersion of a declared wave equation, from what its step does to plane waves.
#pragma once

#include "domain.hpp"
#include <lop/core/grid.hpp>
#include <lop/operators/wave/program.hpp>

#include <array>
#include <vector>

namespace lop::wave {

/// A medium without bounds and without variation.
struct UniformMedium {
    const Physics* physics = nullptr;
    const Program* program = nullptr;
    std::vector<double> parameters{};
    std::vector<double> settings{};
    int order = 8;
    std::array<double, 3> spacing{};  ///< {x, z} or {x, y, z}, m
};

/// The longest step, in s, at which no plane wave grows. Throws StabilityError where one does at every step.
double stable_time_step(const UniformMedium& medium);

/// The relative error of the phase velocity of a wave of `velocity` m/s along the coarsest axis at a frequency in
/// Hz; infinite with fewer than two points a wavelength.
double dispersion_error(const UniformMedium& medium, double velocity, double frequency, double dt);

/// Where the waves of a model are fastest and slowest.
struct SpeedSurvey {
    double fastest = 0;  ///< m/s
    double slowest = 0;
    std::vector<double> at_fastest;  ///< the parameters there
    std::vector<double> at_slowest;
};

/// `parameters`: one after the other, `size` values each, the first of them at flat index `first` of a model of a
/// shape; of a model that ranks share, the survey of all of it, on every rank. Throws ModelError for a value that is not
/// finite, or within no bound of the declaration, or of which no wave with a finite, positive speed can be made, with the
/// place of the first. A slowest speed of
/// zero (shear waves in a fluid) is passed over for the fastest one there.
template <class T>
SpeedSurvey survey(const Physics& physics, const std::vector<double>& settings, const T* parameters,
                   index_t size, const Shape& shape, const Domain& domain = {}, index_t first = 0);

extern template SpeedSurvey survey(const Physics&, const std::vector<double>&, const float*,
                                   index_t, const Shape&, const Domain&, index_t);
extern template SpeedSurvey survey(const Physics&, const std::vector<double>&, const double*,
                                   index_t, const Shape&, const Domain&, index_t);

}  // namespace lop::wave
