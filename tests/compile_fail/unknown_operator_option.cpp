/// A misspelt option of an operator is no option.
// expect: has no non-static data member named 'sampling'
#include <lop/algebra/algebra.hpp>
#include <lop/operators/derivative.hpp>

using namespace lop;

int main() {
    const ArraySpace<double> space{"x", {3}};
#ifdef LOP_MUST_FAIL
    const FirstDerivative a{space, FirstDerivativeOptions{.sampling = 2}};
#else
    const FirstDerivative a{space, FirstDerivativeOptions{.spacing = 2}};
#endif
    return sizeof(a) > 0;
}
