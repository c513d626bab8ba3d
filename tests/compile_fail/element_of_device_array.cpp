/// The elements of an array in device memory are not read on the host.
// expect: elements of a vector in device memory are not read on the host: to_host(x)
#include <lop/algebra/algebra.hpp>

using namespace lop;

#ifdef LOP_MUST_FAIL
double first(const Array<double, Device>& x) { return x[0]; }
#else
double first(const Array<double, Host>& x) { return x[0]; }
#endif

int main() { return 0; }
