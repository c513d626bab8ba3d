/// The kernels of elastic waves in single precision.
#include <lop/operators/wave/equations.hpp>

namespace lop::wave {

template const Equation<float>& equation<ElasticEquation<ElasticParameters::velocities>, float>(
    int);
template const Equation<float>& equation<ElasticEquation<ElasticParameters::moduli>, float>(int);

}  // namespace lop::wave
