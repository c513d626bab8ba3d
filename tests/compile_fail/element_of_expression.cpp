/// An expression is computed when it is assigned; it has no elements before.
// expect: an expression holds no elements: evaluate(x + y) makes a vector that does
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Array<double> x{{3}};
#ifdef LOP_MUST_FAIL
    return (x + x)[0] > 0;
#else
    return evaluate(x + x)[0] > 0;
#endif
    return 0;
}
