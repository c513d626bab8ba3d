/// The kernels of the equations that the tests declare.
#include "declared.hpp"

namespace lop::wave {

template const Equation<float>& equation<testing::TiltedEquation, float>(int);
template const Equation<double>& equation<testing::TiltedEquation, double>(int);
template const Equation<float>& equation<testing::ViscoElasticEquation, float>(int);
template const Equation<double>& equation<testing::ViscoElasticEquation, double>(int);

}  // namespace lop::wave
