/// A nonlinear map knows its derivative.
// expect: a nonlinear map has derivative(m), which returns dF/dm at m, a linear operator
#include <lop/algebra/algebra.hpp>

using namespace lop;

class Square : public NonlinearOperator<Square, ArraySpace<double>> {
 public:
    explicit Square(const ArraySpace<double>& space) : NonlinearOperator{space, space} {}
    Array<double> value(const Array<double>& m) const { return cwise_product(m, m); }
#ifndef LOP_MUST_FAIL
    auto derivative(const Array<double>& m) const { return Diagonal{Array<double>{2 * m}}; }
#endif
};

int main() {
    const Square f{ArraySpace<double>{"m", {3}}};
    const Array<double> x{{3}};
    return static_cast<int>(jacobian(f, x).range().size());
}
