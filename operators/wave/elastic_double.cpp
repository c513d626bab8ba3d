/// The kernels of elastic waves in double precision.
#include <lop/operators/wave/equations.hpp>

namespace lop::wave {

template const Equation<double>& equation<ElasticEquation<ElasticParameters::velocities>, double>(
    int);
template const Equation<double>& equation<ElasticEquation<ElasticParameters::moduli>, double>(int);

}  // namespace lop::wave
