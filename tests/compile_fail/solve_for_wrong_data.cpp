/// A solver refuses data of another kind than the operator's range while compiling, in words.
// expect: b is a vector of another kind than range(A): its scalar, memory or distribution differs
#include <lop/algebra/algebra.hpp>
#include <lop/solvers/solvers.hpp>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
#ifdef LOP_MUST_FAIL
    const Array<float> b{{3}};
#else
    const Array<double> b{{3}};
#endif
    return static_cast<int>(lsqr(a, b, {.iterations = 10}).iterations);
}
