/// An inner product wants one scalar type.
// expect: dot of vectors of unlike scalar types
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Array<double> x{{3}};
#ifdef LOP_MUST_FAIL
    const Array<float> y{{3}};
#else
    const Array<double> y{{3}};
#endif
    return dot(x, y) > 0;
}
