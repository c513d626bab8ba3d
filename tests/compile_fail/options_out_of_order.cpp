/// Options are given in the order in which they are declared.
// expect: does not match declaration order in 'lop::LsqrOptions'
#include <lop/algebra/algebra.hpp>
#include <lop/solvers/solvers.hpp>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
    const Array<double> x{{3}};
#ifdef LOP_MUST_FAIL
    const auto y = lsqr(a, x, LsqrOptions{.damping = 1, .iterations = 10}).x;
#else
    const auto y = lsqr(a, x, LsqrOptions{.iterations = 10, .damping = 1}).x;
#endif
    return sizeof(y) > 0;
}
