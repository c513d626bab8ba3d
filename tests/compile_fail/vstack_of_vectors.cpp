/// vstack is of operators; vectors stack to a vector.
// expect: vstack(A, B, ..): all of them are operators; of vectors, Stacked{x, y, ..}
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Array<double> x{{3}};
#ifdef LOP_MUST_FAIL
    const auto y = vstack(x, x);
#else
    const Stacked y{x, x};
#endif
    return sizeof(y) > 0;
}
