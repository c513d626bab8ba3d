/// Polynomials and lines seen at given places.
#pragma once

#include <lop/algebra/operator.hpp>

#include <memory>
#include <string>
#include <vector>

namespace lop {

/// The values of a polynomial with the coefficients x at the places t:
///
///     y_i = sum_k x_k t_i^k,  k = 0 .. order.
///
/// The adjoint sums t_i^k y_i over all places, in double, for each k. The table of powers is kept, in
/// double: (order + 1) times as many numbers as places. domain: coefficients[order + 1];
/// range: values[places]. Throws ArgumentError for a negative order and for powers that are not
/// finite.
template <Scalar T = double>
class PolynomialRegression : public Operator<PolynomialRegression<T>, ArraySpace<T>> {
 public:
    PolynomialRegression(const std::vector<double>& places, int order);
    std::string label() const { return "PolynomialRegression"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    std::shared_ptr<const std::vector<double>> powers_;  // [order + 1 x places]
};

/// The values of a line at the places t:  y_i = x_0 + x_1 t_i.
/// domain: coefficients[2]; range: values[places].
template <Scalar T = double> class LinearRegression : public PolynomialRegression<T> {
 public:
    explicit LinearRegression(const std::vector<double>& places)
        : PolynomialRegression<T>{places, 1} {}
};

}  // namespace lop
