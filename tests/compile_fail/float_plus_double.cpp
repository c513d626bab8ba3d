/// Vectors of unlike scalar types do not combine.
// expect: vectors of unlike scalar types do not combine: cast<T>(x) converts one of them
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Array<double> x{{3}};
#ifdef LOP_MUST_FAIL
    const Array<float> y{{3}};
#else
    const Array<double> y{{3}};
#endif
    const Array<double> z = x + y;
    return static_cast<int>(z.size());
}
