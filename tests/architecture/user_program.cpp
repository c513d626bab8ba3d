/// A user's program of the usual kind, compiled against a budget: one operator, an expression, a proof.
#include <lop/algebra/algebra.hpp>
#include <lop/testing/dot_test.hpp>

#include <iostream>

/// y(t) = dt ( x(0) + ... + x(t) ) along every trace; the adjoint runs the sum backwards.
class CausalIntegration : public lop::Operator<CausalIntegration, lop::ArraySpace<double>> {
 public:
    CausalIntegration(const lop::ArraySpace<double>& traces, double dt)
        : Operator{traces}, dt_{dt} {}

    void forward(const lop::Array<double>& x, lop::Array<double>& y) const {
        const auto [traces, samples] = extents();
        for (lop::index_t i = 0; i < traces; ++i) {
            double sum = 0;
            for (lop::index_t t = 0; t < samples; ++t) y(i, t) = sum += dt_ * x(i, t);
        }
    }
    void adjoint(const lop::Array<double>& y, lop::Array<double>& x) const {
        const auto [traces, samples] = extents();
        for (lop::index_t i = 0; i < traces; ++i) {
            double sum = 0;
            for (lop::index_t t = samples; t-- > 0;) x(i, t) = sum += dt_ * y(i, t);
        }
    }

 private:
    std::pair<lop::index_t, lop::index_t> extents() const {
        return {domain().shape()[0], domain().shape()[1]};
    }
    double dt_;
};

int main() {
    const lop::ArraySpace<double> traces{"traces", {12, 250}};
    const CausalIntegration integration{traces, 0.004};
    lop::LinearOperator auto twice = integration * integration;
    lop::LinearOperator auto normal = twice.H() * twice;

    auto x = traces.random(1);
    const auto y = traces.random(2);
    x += 0.5 * y - normal * y;
    const lop::TestReport report = lop::dot_test(normal);
    std::cout << report.str() << '\n' << norm(x) << '\n';
    return report.pass ? 0 : 1;
}
