/// A std::vector is not in the domain of an operator.
// expect: A * x: x is no vector of lop: Array<T>::borrowed(data, shape)
#include <lop/algebra/algebra.hpp>

#include <vector>

using namespace lop;

int main() {
    const Identity a{ArraySpace<double>{"x", {3}}};
    std::vector<double> x(3);
#ifdef LOP_MUST_FAIL
    const auto y = a * x;
#else
    const auto y = a * Array<double>::borrowed(x.data(), {3});
#endif
    return sizeof(y) > 0;
}
