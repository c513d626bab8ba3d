/// The factors of a Kronecker product share their scalars.
// expect: kron(A, B): all four spaces share one scalar type
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
#ifdef LOP_MUST_FAIL
    const Identity b{ArraySpace<float>{"y", {2}}};
#else
    const Identity b{ArraySpace<double>{"y", {2}}};
#endif
    return static_cast<int>(kron(a, b).range().size());
}
