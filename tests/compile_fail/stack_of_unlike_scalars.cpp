/// The blocks of a stacked vector share one scalar type.
// expect: the blocks of a stack share one scalar type
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Array<double> x{{3}};
#ifdef LOP_MUST_FAIL
    const Array<float> y{{2}};
#else
    const Array<double> y{{2}};
#endif
    const Stacked z{x, y};
    return static_cast<int>(z.size());
}
