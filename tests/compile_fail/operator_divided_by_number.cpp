/// An operator is scaled from the left.
// expect: A / c: an operator is scaled by a product: (1 / c) * A
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
#ifdef LOP_MUST_FAIL
    const auto b = a / 2;
#else
    const auto b = 0.5 * a;
#endif
    return sizeof(b) > 0;
}
