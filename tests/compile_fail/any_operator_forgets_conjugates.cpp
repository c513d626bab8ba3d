/// AnyOperator does not know that an operator is linear over the reals only.
// expect: AnyOperator of A: A is linear over the reals only
#include <lop/algebra/algebra.hpp>
#include <lop/operators/parts.hpp>

using namespace lop;

int main() {
    using C = std::complex<double>;
    const ArraySpace<C> space{"x", {3}};
#ifdef LOP_MUST_FAIL
    const AnyOperator a{ConjugateValues{space}};
#else
    const ConjugateValues a{space};
#endif
    return static_cast<int>(a.range().size());
}
