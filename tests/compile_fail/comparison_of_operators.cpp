/// Whether two operators are equal cannot be told from their types.
// expect: A == B: operators are not compared
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
#ifdef LOP_MUST_FAIL
    return a == 2 * a;
#else
    return describe(a) == describe(2 * a);
#endif
    return 0;
}
