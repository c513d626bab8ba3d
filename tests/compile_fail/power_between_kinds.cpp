/// An operator between unlike spaces is not applied twice.
// expect: pow(A, n): domain(A) and range(A) are spaces of unlike kinds
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const ArraySpace<double> x{"x", {3}};
#ifdef LOP_MUST_FAIL
    const Zero a{x, ArraySpace<float>{"y", {3}}};
#else
    const Zero a{x, x};
#endif
    return sizeof(pow(a, 2)) > 0 && pow(a, 2).label().empty();
}
