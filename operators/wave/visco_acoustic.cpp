/// Acoustic waves that are attenuated.
#include <lop/core/error.hpp>
#include <lop/operators/wave/equations.hpp>
#include <lop/operators/wave/medium.hpp>

#include <cmath>
#include <complex>

namespace lop {
namespace wave {

#define LOP_WAVE_COMPILE(...)                                          \
    template const Equation<float>& equation<__VA_ARGS__, float>(int); \
    template const Equation<double>& equation<__VA_ARGS__, double>(int);
LOP_WAVE_COMPILE(ViscoAcousticEquation<1>)
LOP_WAVE_COMPILE(ViscoAcousticEquation<2>)
LOP_WAVE_COMPILE(ViscoAcousticEquation<3>)
#undef LOP_WAVE_COMPILE

}  // namespace wave

namespace {

template <Scalar T> const wave::Equation<T>& visco_acoustic(int dimension, std::size_t mechanisms) {
    switch (mechanisms) {
        case 1: return wave::equation<wave::ViscoAcousticEquation<1>, T>(dimension);
        case 2: return wave::equation<wave::ViscoAcousticEquation<2>, T>(dimension);
        case 3: return wave::equation<wave::ViscoAcousticEquation<3>, T>(dimension);
        default:
            throw ArgumentError{
                "a medium of " + std::to_string(mechanisms) + " standard linear solids",
                {.expected = "1, 2 or 3 relaxation frequencies"}};
    }
}

/// sum_l i w t_l / (1 + i w t_l): the modulus is that at low frequency times (1 + tau * this).
std::complex<double> relaxed(double frequency, const std::vector<double>& frequencies) {
    std::complex<double> sum = 0;
    for (const double own : frequencies) {
        const std::complex<double> iwt{0, frequency / own};
        sum += iwt / (1.0 + iwt);
    }
    return sum;
}

/// Q = Re M / Im M solved for tau; the velocity of the phase, 1 / Re sqrt(rho / M), for the slowness at low
/// frequency.
template <Scalar T>
DistributedArray<T> visco_parameters(const Model<T>& model, const Array<T>& density,
                                     const Array<T>& quality, double reference,
                                     const std::vector<double>& frequencies) {
    for (const double f : frequencies)
        if (!(f > 0) || !std::isfinite(f))
            throw ArgumentError{"a relaxation frequency of " + number_words(f) + " Hz",
                                {.expected = "a positive, finite one"}};
    if (!(reference > 0) || !std::isfinite(reference))
        throw ArgumentError{"a reference frequency of " + number_words(reference) + " Hz",
                            {.expected = "a positive, finite one"}};
    const auto shape = relaxed(reference, frequencies);
    Array<T> m{model.slowness_squared().local()};
    Array<T> tau{m};
    for (index_t i = 0; i < m.size() && quality.shape() == m.shape(); ++i) {
        const auto q = static_cast<double>(quality[i]);
        const double below = q * shape.imag() - shape.real();
        if (!(q > 1) || !(below > 0))
            throw ModelError{"an attenuating medium",
                             {.expected = "quality factors above " +
                                          number_words(std::max(1.0, shape.real() / shape.imag())),
                              .found = number_words(q) + " at flat index " + std::to_string(i)}};
        const double strength = std::isinf(q) ? 0 : 1 / below;
        const double slowness = (1.0 / std::sqrt(1.0 + strength * shape)).real();
        tau[i] = static_cast<T>(strength);
        m[i] = static_cast<T>(static_cast<double>(m[i]) / (slowness * slowness));
    }
    if (!(quality.shape() == m.shape())) tau = quality;  // refused below, by its shape
    return stacked_parameters<T>(model.grid(), {std::move(m), density, std::move(tau)},
                                 model.communicator());
}

}  // namespace

template <Scalar T>
ViscoAcoustic<T>::ViscoAcoustic(const Model<T>& model, const Array<T>& density,
                                const Array<T>& quality, double reference,
                                std::vector<double> frequencies)
    : WaveMedium<T>{visco_acoustic<T>(model.grid().dimension(), frequencies.size()), model.grid(),
                    visco_parameters(model, density, quality, reference, frequencies),
                    frequencies} {}

template class ViscoAcoustic<float>;
template class ViscoAcoustic<double>;

}  // namespace lop
