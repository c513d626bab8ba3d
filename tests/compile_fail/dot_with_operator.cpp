/// What NumPy calls dot is an application.
// expect: dot(x, y) is of vectors: A * x, or A * B, applies an operator
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
    const Array<double> x{{3}};
#ifdef LOP_MUST_FAIL
    return dot(a, x) > 0;
#else
    return dot(x, a * x) > 0;
#endif
    return 0;
}
