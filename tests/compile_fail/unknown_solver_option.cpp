/// A misspelt option is no option.
// expect: has no non-static data member named 'iteration'
#include <lop/algebra/algebra.hpp>
#include <lop/solvers/solvers.hpp>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
    const Array<double> b{{3}};
#ifdef LOP_MUST_FAIL
    const auto solution = lsqr(a, b, LsqrOptions{.iteration = 10});
#else
    const auto solution = lsqr(a, b, LsqrOptions{.iterations = 10});
#endif
    return static_cast<int>(solution.iterations);
}
