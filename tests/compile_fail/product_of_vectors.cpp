/// NumPy multiplies arrays element by element: here the kind of product is named.
// expect: x * y: of two vectors there are cwise_product(x, y) and dot(x, y)
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Array<double> x{{3}};
#ifdef LOP_MUST_FAIL
    const auto y = x * x;
#else
    const Array<double> y = cwise_product(x, x);
#endif
    return sizeof(y) > 0;
}
