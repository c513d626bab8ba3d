/// Vectors of the host and of a device do not combine.
// expect: host and device vectors do not combine
#include <lop/algebra/algebra.hpp>

using namespace lop;

#ifdef LOP_MUST_FAIL
using Place = Device;
#else
using Place = Host;
#endif

void update(Array<double>& x, const Array<double, Place>& y) { x = 2 * y; }

int main() { return 0; }
