/// Isotropic elastic waves.
#include <lop/core/error.hpp>
#include <lop/operators/wave/equations.hpp>
#include <lop/operators/wave/medium.hpp>

namespace lop {
namespace {

template <Scalar T> const wave::Equation<T>& elastic(int dimension,
                                                     wave::ElasticParameters parameters) {
    using enum wave::ElasticParameters;
    return parameters == velocities
               ? wave::equation<wave::ElasticEquation<velocities>, T>(dimension)
               : wave::equation<wave::ElasticEquation<moduli>, T>(dimension);
}

template <Scalar T>
std::vector<Array<T>> elastic_parameters(const Array<T>& vp, const Array<T>& vs,
                                         const Array<T>& density,
                                         wave::ElasticParameters parameters) {
    std::vector<Array<T>> all{vp, vs, density};
    if (parameters == wave::ElasticParameters::velocities || !(vp.shape() == vs.shape()) ||
        !(vp.shape() == density.shape()))
        return all;
    for (index_t i = 0; i < vp.size(); ++i) {
        const auto p = static_cast<double>(vp[i]);
        const auto s = static_cast<double>(vs[i]);
        const auto rho = static_cast<double>(density[i]);
        all[0][i] = static_cast<T>(rho * (p * p - 2 * s * s));
        all[1][i] = static_cast<T>(rho * s * s);
    }
    return all;
}

}  // namespace

template <Scalar T>
Elastic<T>::Elastic(const Grid& grid, const Array<T>& vp, const Array<T>& vs,
                    const Array<T>& density, const Communicator& communicator)
    : Elastic{grid, vp, vs, density, wave::ElasticParameters::velocities, communicator} {}

template <Scalar T>
Elastic<T>::Elastic(const Grid& grid, const Array<T>& vp, const Array<T>& vs,
                    const Array<T>& density, wave::ElasticParameters parameters,
                    const Communicator& communicator)
    : WaveMedium<T>{elastic<T>(grid.dimension(), parameters), grid,
                    stacked_parameters(grid, elastic_parameters(vp, vs, density, parameters),
                                       communicator)} {}

template class Elastic<float>;
template class Elastic<double>;

}  // namespace lop
