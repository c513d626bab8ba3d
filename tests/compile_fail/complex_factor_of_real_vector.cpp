/// A complex number does not scale a real vector: half of it would be lost.
// expect: c * x: a complex number does not scale a real vector
#include <lop/algebra/algebra.hpp>

#include <complex>

using namespace lop;

int main() {
#ifdef LOP_MUST_FAIL
    const Array<double> x{{3}};
#else
    const Array<std::complex<double>> x{{3}};
#endif
    const auto y = std::complex<double>{0, 1} * x;
    return sizeof(y) == 0;
}
