/// Acoustic waves at constant density.
#include <lop/operators/wave/equations.hpp>
#include <lop/operators/wave/medium.hpp>

namespace lop {
namespace {

template <Scalar T> const wave::Equation<T>& acoustic(int dimension, wave::TimeOrder order) {
    using enum wave::TimeOrder;
    return order == two ? wave::equation<wave::AcousticEquation<two>, T>(dimension)
                        : wave::equation<wave::AcousticEquation<four>, T>(dimension);
}

}  // namespace

namespace wave {
template const Equation<float>& equation<AcousticEquation<TimeOrder::two>, float>(int);
template const Equation<double>& equation<AcousticEquation<TimeOrder::two>, double>(int);
template const Equation<float>& equation<AcousticEquation<TimeOrder::four>, float>(int);
template const Equation<double>& equation<AcousticEquation<TimeOrder::four>, double>(int);
}  // namespace wave

template <Scalar T> Acoustic<T>::Acoustic(const Model<T>& model)
    : Acoustic{model, wave::TimeOrder::two} {}

template <Scalar T>
Acoustic<T>::Acoustic(const Model<T>& model, wave::TimeOrder order)
    : WaveMedium<T>{acoustic<T>(model.grid().dimension(), order), model.grid(),
                    model.slowness_squared()} {}

template class Acoustic<float>;
template class Acoustic<double>;

}  // namespace lop
