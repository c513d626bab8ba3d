/// NumPy divides arrays element by element.
// expect: x / y: of two vectors: map(
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Array<double> x{{3}};
#ifdef LOP_MUST_FAIL
    const auto y = x / x;
#else
    const Array<double> y = map([](auto a, auto b) { return a / b; }, x, x);
#endif
    return sizeof(y) > 0;
}
