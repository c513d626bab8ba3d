/// An operator on the host is not applied to a vector on the device.
// expect: x is a vector of another kind than domain(A): its scalar, memory or distribution differs
#include <lop/algebra/algebra.hpp>

using namespace lop;

template <class X> void apply_identity(const X& x) {
    const Identity a{ArraySpace<double>{"x", {3}}};
    if (x.size() > 0) a* x;
}

int main() {
#ifdef LOP_MUST_FAIL
    apply_identity(Array<double, Device>{});
#else
    apply_identity(Array<double, Host>{});
#endif
    return 0;
}
