/// The result of apply is written to a vector of the range.
// expect: apply(A, x, y): x is a vector of another kind than domain(A), or y than range(A)
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
    const Array<double> x{{3}};
#ifdef LOP_MUST_FAIL
    Array<float> y{{3}};
#else
    Array<double> y{{3}};
#endif
    return (apply(a, x, y), 0);
}
