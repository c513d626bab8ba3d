/// The same of a difference, the number first.
// expect: x - c: a vector and a number do not subtract: map(
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Array<double> x{{3}};
#ifdef LOP_MUST_FAIL
    const auto y = 1 - x;
#else
    const Array<double> y = map([](auto v) { return 1 - v; }, x);
#endif
    return sizeof(y) > 0;
}
