/// A matrix and a vector do not add, as they would not on paper.
// expect: A + x: an operator and a vector do not add
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
    const Array<double> x{{3}};
#ifdef LOP_MUST_FAIL
    const auto y = a + x;
#else
    const Array<double> y = a * x + x;
#endif
    return sizeof(y) > 0;
}
