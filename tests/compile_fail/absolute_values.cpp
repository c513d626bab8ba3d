/// NumPy has functions of arrays; here a map has any.
// expect: abs(x): map([](auto v) { return std::abs(v); }, x)
#include <lop/algebra/algebra.hpp>

#include <cmath>

using namespace lop;

int main() {
    const Array<double> x{{3}};
#ifdef LOP_MUST_FAIL
    const auto y = abs(x);
#else
    const Array<double> y = map([](auto v) { return std::abs(v); }, x);
#endif
    return sizeof(y) > 0;
}
