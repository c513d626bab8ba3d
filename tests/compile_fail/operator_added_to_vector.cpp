/// An operator is no vector, and is not added to one.
// expect: x += A: an operator is no vector
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
    Array<double> x{{3}};
#ifdef LOP_MUST_FAIL
    x += a;
#else
    x += a * x;
#endif
    return static_cast<int>(x.size());
}
