/// Vectors hold floating-point numbers.
// expect: template constraint failure for
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
#ifdef LOP_MUST_FAIL
    Array<int> n{{3}};
#else
    Array<double> n{{3}};
#endif
    return static_cast<int>(n.size());
}
