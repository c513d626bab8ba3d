/// PyLops' A.H is a function here.
// expect: invalid use of non-static member function
#include <lop/algebra/algebra.hpp>

using namespace lop;

int main() {
    const ArraySpace<double> space{"x", {3}};
    const Identity a{space};
    const auto x = space.random(1);
#ifdef LOP_MUST_FAIL
    a.H* x;
#else
    static_cast<void>(a.H() * x);
#endif
    return 0;
}
