/// An operator on doubles does not apply to floats.
// expect: x is a vector of another kind than domain(A): its scalar, memory or distribution differs
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
#ifdef LOP_MUST_FAIL
    const Array<float> x{{3}};
#else
    const Array<double> x{{3}};
#endif
    const auto y = a * x;
    return static_cast<int>(y.size());
}
