/// NumPy adds a number to every element; here that is a map.
// expect: x + c: a vector and a number do not add: map(
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Array<double> x{{3}};
#ifdef LOP_MUST_FAIL
    const auto y = x + 1;
#else
    const Array<double> y = map([](auto v) { return v + 1; }, x);
#endif
    return sizeof(y) > 0;
}
