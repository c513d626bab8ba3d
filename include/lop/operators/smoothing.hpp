/// Moving averages along one or two axes.
#pragma once

#include <lop/algebra/operator.hpp>

#include <array>
#include <string>

namespace lop {

struct Smoothing1DOptions {
    index_t length = 3;  ///< number of values in an average, odd
    int axis = -1;       ///< negative ones count from the last
};

/// The average over `length` values around each, along an axis:
///
///     y_k = (x_{k-m} + .. + x_{k+m}) / length,  m = (length - 1) / 2,  x zero outside.
///
/// Self-adjoint. The cost does not depend on the length. domain = range: any shape.
/// Throws ArgumentError for a length that is not positive and odd.
template <Scalar T> class Smoothing1D : public Operator<Smoothing1D<T>, ArraySpace<T>> {
 public:
    explicit Smoothing1D(ArraySpace<T> space, const Smoothing1DOptions& options = {});
    std::string label() const { return "Smoothing1D"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const { forward(y, x); }

 private:
    Smoothing1DOptions options_;  // its axis counted from the first
};

struct Smoothing2DOptions {
    std::array<index_t, 2> lengths{3, 3};  ///< number of values along each of the axes, odd
    std::array<int, 2> axes{-2, -1};       ///< negative ones count from the last
};

/// The average over a rectangle around each value: Smoothing1D along two axes, one after the other.
/// Self-adjoint. domain = range: any shape of at least two axes. Throws ArgumentError for lengths
/// that are not positive and odd, and for one axis named twice.
template <Scalar T> class Smoothing2D : public Operator<Smoothing2D<T>, ArraySpace<T>> {
 public:
    explicit Smoothing2D(ArraySpace<T> space, const Smoothing2DOptions& options = {});
    std::string label() const { return "Smoothing2D"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const { forward(y, x); }

 private:
    Smoothing2DOptions options_;
};

}  // namespace lop
