/// What PyLops solves by a slash is solved by a solver that is named.
// expect: A / y: a system is solved by the solver of your choice
#include <lop/algebra/algebra.hpp>
#include <lop/solvers/solvers.hpp>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
    const Array<double> x{{3}};
#ifdef LOP_MUST_FAIL
    const auto y = a / x;
#else
    const auto y = cg(a, x).x;
#endif
    return sizeof(y) > 0;
}
