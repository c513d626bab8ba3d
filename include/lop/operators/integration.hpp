/// Integrals from the start of an axis up to each of its values.
#pragma once

#include <lop/algebra/operator.hpp>

#include <string>

namespace lop {

/// What part of its own value, and of the first one, an integral counts.
enum class Integral {
    full,         ///< all values whole
    half,         ///< half of its own value
    trapezoidal,  ///< half of its own value and half of the first one
};

struct CausalIntegrationOptions {
    int axis = -1;       ///< negative ones count from the last
    double spacing = 1;  ///< distance between values along the axis; y is in units of x times it
    Integral kind = Integral::full;
    bool remove_first = false;  ///< leave out the integral up to the first value
};

/// Integrates along an axis from its start, with the spacing h:
///
///     full         y_i = h (x_0 + .. + x_i)
///     half         y_i = h (x_0 + .. + x_{i-1} + x_i / 2)
///     trapezoidal  y_i = h (x_0 / 2 + x_1 + .. + x_{i-1} + x_i / 2),  y_0 = h x_0 / 2.
///
/// The adjoint runs the same sums backwards, from the last value. Both accumulate in double.
/// domain: any shape; range: the same, or one value less along the axis with remove_first.
/// Throws ArgumentError for a spacing that is not positive, and where there is no first value to
/// remove.
template <Scalar T> class CausalIntegration : public Operator<CausalIntegration<T>, ArraySpace<T>> {
 public:
    explicit CausalIntegration(ArraySpace<T> domain, const CausalIntegrationOptions& options = {});
    std::string label() const { return "CausalIntegration"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    CausalIntegrationOptions options_;  // its axis counted from the first
};

}  // namespace lop
