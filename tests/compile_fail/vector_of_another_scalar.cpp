/// An operator on double refuses a vector of float, in words.
// expect: x is a vector of another kind than domain(A)
#include <lop/algebra/algebra.hpp>

using Doubles = lop::ArraySpace<double>;

lop::Array<double> apply_identity(const lop::Identity<Doubles>& identity) {
#ifdef LOP_MUST_FAIL
    const auto x = lop::ArraySpace<float>{"x", {3}}.zeros();
#else
    const auto x = Doubles{"x", {3}}.zeros();
#endif
    return identity * x;
}
