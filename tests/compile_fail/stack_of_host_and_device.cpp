/// The blocks of a stacked vector lie in one memory.
// expect: the blocks of a stack share one memory: to_device(x), to_host(x)
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
#ifdef LOP_MUST_FAIL
    return sizeof(Stacked<Array<double>, Array<double, Device>>) == 0;
#else
    return sizeof(Stacked<Array<double>, Array<double, Host>>) == 0;
#endif
    return 0;
}
