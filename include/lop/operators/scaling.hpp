/// Weights along one axis of an array, the same at all places of the others.
#pragma once

#include <lop/algebra/operator.hpp>

#include <memory>
#include <string>
#include <vector>

namespace lop {

struct AxisDiagonalOptions {
    int axis = -1;  ///< of the weights; negative ones count from the last
};

/// y[.., k, ..] = w_k x[.., k, ..]: a gain in time, a weight per trace. The adjoint multiplies by the
/// conjugate weights. domain = range: any shape. Throws ArgumentError for other than one weight for
/// each place along the axis. Weights of every value: Diagonal.
template <Scalar T> class AxisDiagonal : public Operator<AxisDiagonal<T>, ArraySpace<T>> {
 public:
    AxisDiagonal(ArraySpace<T> space, std::vector<T> weights,
                 const AxisDiagonalOptions& options = {});
    std::string label() const { return "AxisDiagonal"; }
    const std::vector<T>& weights() const { return *weights_; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    int axis_;
    std::shared_ptr<const std::vector<T>> weights_;
};

}  // namespace lop
