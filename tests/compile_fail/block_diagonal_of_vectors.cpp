/// NumPy makes a diagonal of a vector: here Diagonal does.
// expect: block_diagonal(A, B, ..): all of them are operators: Diagonal{w} is that of a vector
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Array<double> x{{3}};
#ifdef LOP_MUST_FAIL
    const auto b = block_diagonal(x, x);
#else
    const auto b = block_diagonal(Diagonal{x}, Diagonal{x});
#endif
    return sizeof(b) > 0;
}
