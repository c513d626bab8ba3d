/// A std::vector has no space, and is no vector of lop until it is borrowed.
// expect: x + y: one of them is no vector of lop
#include <vector>

#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Array<double> x{{3}};
    std::vector<double> y(3);
#ifdef LOP_MUST_FAIL
    const auto z = x + y;
#else
    const Array<double> z = x + Array<double>::borrowed(y.data(), {3});
#endif
    return sizeof(z) > 0;
}
