/// A product of operators whose spaces are of unlike kinds does not compile.
// expect: A * B: range(B) is a space of another kind than domain(A)
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
#ifdef LOP_MUST_FAIL
    const Zero a{ArraySpace<float>{"x", {3}}, ArraySpace<float>{"y", {2}}};
#else
    const Zero a{ArraySpace<double>{"x", {3}}, ArraySpace<double>{"y", {2}}};
#endif
    const Zero b{ArraySpace<double>{"z", {4}}, ArraySpace<double>{"x", {3}}};
    const auto c = a * b;
    return static_cast<int>(c.range().size());
}
