/// Acoustic waves of variable density.
#include <lop/operators/wave/equations.hpp>
#include <lop/operators/wave/medium.hpp>

namespace lop {
namespace wave {

#define LOP_WAVE_COMPILE(...)                                          \
    template const Equation<float>& equation<__VA_ARGS__, float>(int); \
    template const Equation<double>& equation<__VA_ARGS__, double>(int);
LOP_WAVE_COMPILE(VariableDensityEquation<AcousticParameters::slowness_density, TimeOrder::two>)
LOP_WAVE_COMPILE(VariableDensityEquation<AcousticParameters::velocity_density, TimeOrder::two>)
LOP_WAVE_COMPILE(VariableDensityEquation<AcousticParameters::velocity_impedance, TimeOrder::two>)
LOP_WAVE_COMPILE(VariableDensityEquation<AcousticParameters::slowness_density, TimeOrder::four>)
#undef LOP_WAVE_COMPILE

}  // namespace wave

namespace {

template <Scalar T>
const wave::Equation<T>& density_equation(int dimension, wave::AcousticParameters parameters,
                                          wave::TimeOrder order) {
    using wave::VariableDensityEquation;
    using enum wave::AcousticParameters;
    using enum wave::TimeOrder;
    if (order == four)
        return wave::equation<VariableDensityEquation<slowness_density, four>, T>(dimension);
    switch (parameters) {
        case slowness_density:
            return wave::equation<VariableDensityEquation<slowness_density, two>, T>(dimension);
        case velocity_density:
            return wave::equation<VariableDensityEquation<velocity_density, two>, T>(dimension);
        case velocity_impedance: break;
    }
    return wave::equation<VariableDensityEquation<velocity_impedance, two>, T>(dimension);
}

/// In double, so that one parametrisation rounds to another.
template <Scalar T>
DistributedArray<T> density_parameters(const Model<T>& model, const Array<T>& density,
                                       wave::AcousticParameters parameters) {
    using enum wave::AcousticParameters;
    Array<T> first =
        parameters == slowness_density ? model.slowness_squared().local() : model.velocity();
    Array<T> second = density;
    const bool sound = density.shape() == first.shape();
    for (index_t i = 0; parameters == velocity_impedance && sound && i < first.size(); ++i)
        second[i] = static_cast<T>(static_cast<double>(density[i]) * static_cast<double>(first[i]));
    return stacked_parameters<T>(model.grid(), {std::move(first), std::move(second)},
                                 model.communicator());
}

}  // namespace

template <Scalar T>
AcousticDensity<T>::AcousticDensity(const Model<T>& model, const Array<T>& density)
    : AcousticDensity{model, density, wave::AcousticParameters::slowness_density} {}

template <Scalar T>
AcousticDensity<T>::AcousticDensity(const Model<T>& model, const Array<T>& density,
                                    wave::AcousticParameters parameters)
    : WaveMedium<T>{density_equation<T>(model.grid().dimension(), parameters, wave::TimeOrder::two),
                    model.grid(), density_parameters(model, density, parameters)} {}

template <Scalar T>
AcousticDensity<T>::AcousticDensity(const Model<T>& model, const Array<T>& density,
                                    wave::TimeOrder order)
    : WaveMedium<T>{
          density_equation<T>(model.grid().dimension(), wave::AcousticParameters::slowness_density,
                              order),
          model.grid(),
          density_parameters(model, density, wave::AcousticParameters::slowness_density)} {}

template class AcousticDensity<float>;
template class AcousticDensity<double>;

}  // namespace lop
