/// The same in place.
// expect: x *= y: of two vectors: x = cwise_product(x, y)
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    Array<double> x{{3}};
#ifdef LOP_MUST_FAIL
    x *= x;
#else
    x = cwise_product(x, x);
#endif
    return static_cast<int>(x.size());
}
