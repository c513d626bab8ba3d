/// The functions of make_operator write to their second argument: nothing is allocated.
// expect: make_operator: forward(x, y) takes x of the domain and writes y of the range
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    using X = Array<double>;
    const ArraySpace<double> space{"x", {3}};
    const auto copy = [](const X& x, X& y) { y = x; };
#ifdef LOP_MUST_FAIL
    const auto a = make_operator(space, space, [](const X& x) { return x; }, copy);
#else
    const auto a = make_operator(space, space, copy, copy);
#endif
    return static_cast<int>(a.range().size());
}
