/// The norm of an operator is not a sum over elements: it is estimated.
// expect: norm(A): the norm of an operator is estimated: estimate_norm(A)
#include <lop/algebra/algebra.hpp>
#include <lop/solvers/solvers.hpp>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
#ifdef LOP_MUST_FAIL
    return norm(a) > 1;
#else
    return estimate_norm(a) > 1;
#endif
    return 0;
}
