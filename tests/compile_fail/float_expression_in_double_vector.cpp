/// An expression of other scalars than its target is cast.
// expect: an expression of other scalars than its target holds: cast<T>(expression)
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Array<float> x{{3}};
    Array<double> y{{3}};
#ifdef LOP_MUST_FAIL
    y = 2 * x;
#else
    y = cast<double>(2 * x);
#endif
    return 0;
}
