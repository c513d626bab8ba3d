/// NumPy has Kronecker products of arrays.
// expect: kron(A, B): both are operators
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
    const Array<double> x{{3}};
#ifdef LOP_MUST_FAIL
    const auto b = kron(a, x);
#else
    const auto b = kron(a, Diagonal{x});
#endif
    return sizeof(b) > 0;
}
