/// Your own operator: causal integration, proved adjoint, and inverted by least squares.
// Run: ./first_operator
#include <lop/algebra/algebra.hpp>
#include <lop/solvers/lsqr.hpp>
#include <lop/testing/laws.hpp>

#include <iostream>

using namespace lop;

/// Integrates every trace in time:  y(t) = dt * ( x(0) + ... + x(t) ).
/// The adjoint runs the same sum backwards, from the last sample to t.
class CausalIntegration : public Operator<CausalIntegration, ArraySpace<double>> {
 public:
    CausalIntegration(ArraySpace<double> traces, double dt)
        : Operator{std::move(traces)}, dt_{dt} {}
    std::string label() const { return "C"; }

    void forward(const Array<double>& x, Array<double>& y) const {
        for (index_t trace = 0; trace < x.shape()[0]; ++trace) {
            double sum = 0;
            for (index_t t = 0; t < x.shape()[1]; ++t) y(trace, t) = sum += dt_ * x(trace, t);
        }
    }
    void adjoint(const Array<double>& y, Array<double>& x) const {
        for (index_t trace = 0; trace < y.shape()[0]; ++trace) {
            double sum = 0;
            for (index_t t = y.shape()[1]; t-- > 0;) x(trace, t) = sum += dt_ * y(trace, t);
        }
    }

 private:
    double dt_;
};

int main() {
    const ArraySpace<double> traces{"traces", {12, 250}};
    const LinearOperator auto C = CausalIntegration{traces, 0.004};

    // Two things to prove before anything else: C is linear, and C.H() is its adjoint.
    bool proved = true;
    for (const TestReport& report : laws::linear_operator(C)) {
        std::cout << report << '\n';
        proved = proved && report.pass;
    }

    // Expressions are values: this computes nothing yet, and is proved like any operator.
    const LinearOperator auto A = C.H() * C + 1e-4 * Identity{traces};
    std::cout << A.describe() << '\n' << dot_test(A) << '\n';

    const auto x = traces.random(1);
    const auto y = C * x;
    const auto solution = lsqr(C, y, {.iterations = 300, .atol = 1e-12, .btol = 1e-12});
    const double error = norm(solution.x - x) / norm(x);
    std::cout << "lsqr: " << solution.iterations << " iterations, " << words(solution.reason)
              << ", error " << error << '\n';
    return proved && error < 1e-6 ? 0 : 1;
}
