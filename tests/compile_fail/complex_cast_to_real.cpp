/// A complex vector is not cast to a real one.
// expect: a complex number is not a real one
#include <lop/algebra/algebra.hpp>

#include <complex>

using namespace lop;

int main() {
    const Array<double> x{{3}};
    const Array<std::complex<double>> z{{3}};
#ifdef LOP_MUST_FAIL
    const auto y = cast<double>(z);
#else
    const auto y = cast<std::complex<double>>(x);
#endif
    return static_cast<int>(x.size() + y.size() + z.size());
}
