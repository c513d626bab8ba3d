/// A complex number does not scale an operator between real spaces.
// expect: c * A: a complex number does not scale an operator that is real
#include <lop/algebra/algebra.hpp>

#include <complex>

using namespace lop;

int main() {
    const std::complex<double> c{0, 1};
#ifdef LOP_MUST_FAIL
    const Identity a{ArraySpace<double>{"x", {3}}};
#else
    const Identity a{ArraySpace<std::complex<double>>{"x", {3}}};
#endif
    return sizeof(c * a) > 0 && (c * a).label().empty();
}
