/// Expressions of vectors in device memory are computed by code that nvcc compiled.
// expect: expressions of device vectors are compiled by nvcc
#include <lop/algebra/algebra.hpp>

using namespace lop;

#ifdef LOP_MUST_FAIL
using Place = Device;
#else
using Place = Host;
#endif

void update(Array<double, Place>& x, const Array<double, Place>& y) { x += 2 * y; }

int main() { return 0; }
