/// The real part of a complex vector is a vector of another space.
// expect: real(x): RealPart{space_of(x)} * x
#include <lop/algebra/algebra.hpp>
#include <lop/operators/parts.hpp>

using namespace lop;

int main() {
    const Array<std::complex<double>> x{{3}};
#ifdef LOP_MUST_FAIL
    const auto y = real(x);
#else
    const auto y = RealPart{space_of(x)} * x;
#endif
    return sizeof(y) > 0;
}
