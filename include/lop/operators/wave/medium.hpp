/// Media in which waves travel: the parameters of a wave equation on a grid.
#pragma once

#include <lop/distributed/process_grid.hpp>
#include <lop/seismic/model.hpp>

#include <memory>
#include <string>
#include <vector>

namespace lop {

namespace wave {
template <class T> struct Equation;
class Domain;
struct SpeedSurvey;
}  // namespace wave

/// A wave equation with its parameters on a grid, replicated over ranks, or shared out along x among ranks that work
/// on a shot together. The parameters are one array: of the grid's shape where there is one parameter,
/// [parameter x grid] where there are several, in the order of the equation. It is what a Jacobian differentiates by.
template <Scalar T = float> class WaveMedium {
 public:
    /// Collective where the parameters are scattered: over x alone, in as many copies as shots run at a time. Throws
    /// ModelError for parameters of which no wave can be made, saying where; SpaceError for an array that is
    /// scattered otherwise or of another shape.
    WaveMedium(const wave::Equation<T>& equation, Grid grid, DistributedArray<T> parameters,
               std::vector<double> settings = {});

    const Grid& grid() const { return grid_; }
    const DistributedArray<T>& parameters() const { return parameters_; }
    const wave::Equation<T>& equation() const { return *equation_; }
    /// Numbers of the equation that belong to the medium as a whole.
    const std::vector<double>& settings() const { return settings_; }
    const Communicator& communicator() const { return parameters_.communicator(); }
    /// The space of the parameters, and of images.
    DistributedSpace<T> space() const { return space_of(parameters_); }
    /// In m/s.
    double fastest() const;
    double slowest() const;
    /// The same equation with other parameters of the same space; the same errors.
    WaveMedium with(const DistributedArray<T>& parameters) const;
    /// The same medium for shots on several ranks each: `ranks` has two sides, shots at a time and ranks for each of
    /// them, which share the planes along x so that each has as many, layers of so many cells counted. Throws
    /// ArgumentError for a grid of other sides, SpaceError for other ranks than those that hold the parameters.
    WaveMedium over(const ProcessGrid& ranks, index_t layer_cells = 20) const;

    const wave::Domain& domain() const { return *domain_; }
    const wave::SpeedSurvey& speeds() const { return *speeds_; }

 private:
    WaveMedium(const wave::Equation<T>& equation, Grid grid, DistributedArray<T> parameters,
               std::vector<double> settings, std::shared_ptr<const wave::Domain> domain);

    const wave::Equation<T>* equation_;
    Grid grid_;
    DistributedArray<T> parameters_;
    std::vector<double> settings_;
    std::shared_ptr<const wave::Domain> domain_;
    std::shared_ptr<const wave::SpeedSurvey> speeds_;
};

/// One array [parameter x grid] of several, replicated. Throws ModelError for one of another shape.
template <Scalar T>
DistributedArray<T> stacked_parameters(const Grid& grid, const std::vector<Array<T>>& parameters,
                                       const Communicator& communicator);

namespace wave {
enum class TimeOrder;
enum class AcousticParameters;
enum class ElasticParameters;
}  // namespace wave

/// Acoustic waves at constant density: m u_tt - lap u = f, m = 1/v^2 in s2/m2, which is the parameter
/// (wave::AcousticEquation). Of second order in time, or of fourth: more work a step, for longer ones.
template <Scalar T = float> class Acoustic : public WaveMedium<T> {
 public:
    explicit Acoustic(const Model<T>& model);
    Acoustic(const Model<T>& model, wave::TimeOrder order);
};

/// Acoustic waves of variable density: m/rho u_tt - div (1/rho grad u) = f (wave::VariableDensityEquation). The
/// parameters are those asked for, whatever the medium is made from: m and rho, v and rho, or v and the impedance.
template <Scalar T = float> class AcousticDensity : public WaveMedium<T> {
 public:
    /// `density` in kg/m3 over the model's grid.
    AcousticDensity(const Model<T>& model, const Array<T>& density);
    AcousticDensity(const Model<T>& model, const Array<T>& density,
                    wave::AcousticParameters parameters);
    AcousticDensity(const Model<T>& model, const Array<T>& density, wave::TimeOrder order);
};

/// Isotropic elastic waves (wave::ElasticEquation). Parameters: vp, vs and rho, or lambda, mu and rho.
template <Scalar T = float> class Elastic : public WaveMedium<T> {
 public:
    /// vp and vs in m/s, density in kg/m3, over grid.shape(). vs may be zero: a fluid.
    Elastic(const Grid& grid, const Array<T>& vp, const Array<T>& vs, const Array<T>& density,
            const Communicator& communicator = Communicator::world());
    Elastic(const Grid& grid, const Array<T>& vp, const Array<T>& vs, const Array<T>& density,
            wave::ElasticParameters parameters,
            const Communicator& communicator = Communicator::world());
};

/// Acoustic waves of variable density in a medium that attenuates by one to three standard linear solids
/// (wave::ViscoAcousticEquation). Parameters: m at low frequency, rho, and the strength tau.
template <Scalar T = float> class ViscoAcoustic : public WaveMedium<T> {
 public:
    /// The model's velocities are those of the phase at `reference` Hz; the quality factors are met there best.
    /// `frequencies` in Hz, of the solids. Throws ModelError for quality factors that are not above 1.
    ViscoAcoustic(const Model<T>& model, const Array<T>& density, const Array<T>& quality,
                  double reference, std::vector<double> frequencies);
};

}  // namespace lop
