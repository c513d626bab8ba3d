/// A sum of operators whose spaces are of unlike kinds does not compile.
// expect: A + B: the spaces of A and B are of unlike kinds
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
#ifdef LOP_MUST_FAIL
    const Identity b{ArraySpace<float>{"x", {3}}};
#else
    const Identity b{ArraySpace<double>{"x", {3}}};
#endif
    const auto c = a + b;
    return static_cast<int>(c.range().size());
}
