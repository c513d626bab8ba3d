/// A vector is no column of an operator.
// expect: hstack(A, B, ..): all of them are operators
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
    const Array<double> x{{3}};
#ifdef LOP_MUST_FAIL
    const auto b = hstack(a, x);
#else
    const auto b = hstack(a, Diagonal{x});
#endif
    return sizeof(b) > 0;
}
