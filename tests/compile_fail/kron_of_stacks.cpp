/// The factors of a Kronecker product map between arrays.
// expect: kron(A, B): both operators map between arrays on the host
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
#ifdef LOP_MUST_FAIL
    const auto b = kron(a, block_diagonal(a, a));
#else
    const auto b = block_diagonal(kron(a, a), kron(a, a));
#endif
    return sizeof(b) > 0;
}
