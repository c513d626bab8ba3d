/// Nor is a number added in place.
// expect: x += c: a vector and a number do not add
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    Array<double> x{{3}};
#ifdef LOP_MUST_FAIL
    x += 1;
#else
    x = map([](auto v) { return v + 1; }, x);
#endif
    return static_cast<int>(x.size());
}
