/// A map without an adjoint is no linear operator: there is no default adjoint.
// expect: constraints not satisfied
// expect: a.adjoint(v, u)
#include <lop/algebra/algebra.hpp>

using namespace lop;

class OneWay : public Operator<OneWay, ArraySpace<double>> {
 public:
    explicit OneWay(ArraySpace<double> space) : Operator{std::move(space)} {}
    void forward(const Array<double>& x, Array<double>& y) const { y = x; }
#ifndef LOP_MUST_FAIL
    void adjoint(const Array<double>& y, Array<double>& x) const { x = y; }
#endif
};

int main() {
    const LinearOperator auto a = OneWay{ArraySpace<double>{"x", {3}}};
    return static_cast<int>(a.domain().size());
}
