/// The data of a solver are a vector of lop.
// expect: solver(A, b): b is no vector of lop
#include <lop/algebra/algebra.hpp>
#include <lop/solvers/solvers.hpp>

#include <vector>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
    std::vector<double> b(3);
#ifdef LOP_MUST_FAIL
    const auto y = cgls(a, b, {.iterations = 10}).x;
#else
    const auto y = cgls(a, Array<double>::borrowed(b.data(), {3}), {.iterations = 10}).x;
#endif
    return sizeof(y) > 0;
}
