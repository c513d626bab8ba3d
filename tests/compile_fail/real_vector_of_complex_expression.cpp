/// A map that returns complex numbers does not fill a real vector.
// expect: an expression of other scalars than its target holds: cast<T>(expression)
#include <lop/algebra/algebra.hpp>

#include <complex>

using namespace lop;

int main() {
    Array<double> x{{3}};
#ifdef LOP_MUST_FAIL
    x = map([](double v) { return std::complex<double>{v, 1}; }, x);
#else
    x = map([](double v) { return v + 1; }, x);
#endif
    return static_cast<int>(x.size());
}
