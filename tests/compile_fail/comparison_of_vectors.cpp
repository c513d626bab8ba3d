/// Whether vectors are equal is a question of a norm.
// expect: x == y: vectors are compared by a norm
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Array<double> x{{3}};
#ifdef LOP_MUST_FAIL
    return x == x;
#else
    return norm(x - x) == 0;
#endif
    return 0;
}
