/// A linear operator has no other derivative than itself.
// expect: jacobian(A, m): a linear operator is its own derivative everywhere: A
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
    const Array<double> x{{3}};
#ifdef LOP_MUST_FAIL
    const auto j = jacobian(a, x);
#else
    const auto j = a;
#endif
    return sizeof(j) > 0;
}
