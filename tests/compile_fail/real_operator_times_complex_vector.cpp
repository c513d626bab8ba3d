/// A real operator is not applied to a complex vector: its spaces are real.
// expect: x is a vector of another kind than domain(A): its scalar, memory or distribution differs
#include <lop/algebra/algebra.hpp>

#include <complex>

using namespace lop;

int main() {
    using C = std::complex<double>;
    const Array<C> x{{3}};
#ifdef LOP_MUST_FAIL
    const Identity a{ArraySpace<double>{"x", {3}}};
#else
    const Identity a{ArraySpace<C>{"x", {3}}};
#endif
    return static_cast<int>((a * x).size());
}
