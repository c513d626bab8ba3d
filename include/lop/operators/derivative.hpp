/// Finite differences along the axes of local arrays: derivatives, gradient and Laplacian.
#pragma once

#include <lop/algebra/operator.hpp>

#include <memory>
#include <string>
#include <vector>

namespace lop {

/// On which side of a value its difference looks.
enum class Difference { forward, backward, centered };

namespace detail {
/// Difference matrices along one or several axes and their transposes.
struct Differences;
}  // namespace detail

struct FirstDerivativeOptions {
    int axis = -1;       ///< negative ones count from the last
    double spacing = 1;  ///< distance between values along the axis; y is in units of x over it
    Difference kind = Difference::centered;
    int points = 3;     ///< of the centred difference: 3 (second order) or 5 (fourth order)
    bool edge = false;  ///< centred: lower-order differences at the ends instead of zeros
};

/// y ~ dx/ds along an axis, with the spacing h:
///
///     forward     y_k = (x_{k+1} - x_k) / h,                                   y_{n-1} = 0
///     backward    y_k = (x_k - x_{k-1}) / h,                                   y_0 = 0
///     centred, 3  y_k = (x_{k+1} - x_{k-1}) / (2 h)
///     centred, 5  y_k = (x_{k-2} - 8 x_{k-1} + 8 x_{k+1} - x_{k+2}) / (12 h)
///
/// The one or two values at either end that a centred difference cannot reach are zero, or, with
/// `edge`, differences that reach less far: centred of 3 points for the second, one-sided for the
/// first value. The adjoint is a stencil as well, gathered from the transposed rows.
/// domain = range: any shape. Throws ArgumentError for a spacing that is not positive, other numbers
/// of points, and with `edge` for an axis of less than 2 (3 points) or 3 values (5 points).
template <Scalar T> class FirstDerivative : public Operator<FirstDerivative<T>, ArraySpace<T>> {
 public:
    explicit FirstDerivative(ArraySpace<T> space, const FirstDerivativeOptions& options = {});
    std::string label() const { return "FirstDerivative"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;
    void forward_rows(const Array<T>& x, index_t begin, index_t end, T* y) const;
    void adjoint_rows(const Array<T>& y, index_t begin, index_t end, T* x) const;

 private:
    std::shared_ptr<const detail::Differences> differences_;
};

struct SecondDerivativeOptions {
    int axis = -1;       ///< negative ones count from the last
    double spacing = 1;  ///< distance between values along the axis
    Difference kind = Difference::centered;
    bool edge = false;  ///< centred: one-sided differences at the ends instead of zeros
};

/// y ~ d2x/ds2 along an axis, with the spacing h, by three points:
///
///     forward   y_k = (x_k - 2 x_{k+1} + x_{k+2}) / h^2,    zero for the last two
///     backward  y_k = (x_{k-2} - 2 x_{k-1} + x_k) / h^2,    zero for the first two
///     centred   y_k = (x_{k-1} - 2 x_k + x_{k+1}) / h^2,    zero for the first and the last, or,
///
/// with `edge`, the forward difference for the first and the backward one for the last.
/// domain = range: any shape. Throws ArgumentError for a spacing that is not positive, and with
/// `edge` for an axis of less than 3 values.
template <Scalar T> class SecondDerivative : public Operator<SecondDerivative<T>, ArraySpace<T>> {
 public:
    explicit SecondDerivative(ArraySpace<T> space, const SecondDerivativeOptions& options = {});
    std::string label() const { return "SecondDerivative"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;
    void forward_rows(const Array<T>& x, index_t begin, index_t end, T* y) const;
    void adjoint_rows(const Array<T>& y, index_t begin, index_t end, T* x) const;

 private:
    std::shared_ptr<const detail::Differences> differences_;
};

struct LaplacianOptions {
    std::vector<int> axes{};         ///< all of them if empty
    std::vector<double> weights{};   ///< one for each of `axes`; ones if empty
    std::vector<double> spacings{};  ///< one for each of `axes`; ones if empty
    Difference kind = Difference::centered;
    bool edge = false;  ///< as in SecondDerivative
};

/// y = sum_a weight_a D2_a x, the second derivatives (SecondDerivative) along several axes, in one
/// pass: x is read once and y written once. domain = range: any shape of at least one axis.
/// Throws ArgumentError for an axis that is named twice, lists of unlike lengths, weights that are
/// not finite, and what SecondDerivative refuses.
template <Scalar T> class Laplacian : public Operator<Laplacian<T>, ArraySpace<T>> {
 public:
    explicit Laplacian(ArraySpace<T> space, const LaplacianOptions& options = {});
    std::string label() const { return "Laplacian"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;
    void forward_rows(const Array<T>& x, index_t begin, index_t end, T* y) const;
    void adjoint_rows(const Array<T>& y, index_t begin, index_t end, T* x) const;

 private:
    std::shared_ptr<const detail::Differences> differences_;
};

struct GradientOptions {
    std::vector<double> spacings{};  ///< one for each axis; ones if empty
    Difference kind = Difference::centered;
    int points = 3;     ///< of the centred difference, 3 or 5
    bool edge = false;  ///< as in FirstDerivative
};

/// The first derivatives along all axes, one after the other:  y[a, i, j, ..] = (D_a x)[i, j, ..].
/// The adjoint is sum_a D_a' y[a], minus a divergence, in one pass. domain: any shape of one to five
/// axes; range: [number of axes x domain]. Throws ArgumentError for what FirstDerivative refuses.
template <Scalar T> class Gradient : public Operator<Gradient<T>, ArraySpace<T>> {
 public:
    explicit Gradient(ArraySpace<T> domain, const GradientOptions& options = {});
    std::string label() const { return "Gradient"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;
    void forward_rows(const Array<T>& x, index_t begin, index_t end, T* y) const;
    void adjoint_rows(const Array<T>& y, index_t begin, index_t end, T* x) const;

 private:
    std::shared_ptr<const detail::Differences> differences_;
};

/// The derivative along a direction v, the same everywhere or one at each point:
///
///     y_i = sum_a v_a(i) (D_a x)_i,  D_a the FirstDerivative along axis a.
///
/// v is meant to have length one; it is used as it is given. domain = range: any shape of at least
/// one axis. Throws ArgumentError for a direction with other than one finite number for each axis,
/// SpaceError for a field that is not [number of axes x domain].
template <Scalar T>
class FirstDirectionalDerivative : public Operator<FirstDirectionalDerivative<T>, ArraySpace<T>> {
 public:
    FirstDirectionalDerivative(ArraySpace<T> space, const std::vector<double>& direction,
                               const GradientOptions& options = {});
    FirstDirectionalDerivative(ArraySpace<T> space, Array<Real<T>> directions,
                               const GradientOptions& options = {});
    std::string label() const { return "FirstDirectionalDerivative"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    std::shared_ptr<const detail::Differences> differences_;
    std::shared_ptr<const Array<Real<T>>> directions_;  // null where one is in the differences
};

/// The second derivative along a direction,  y = -D_v' D_v x,  D_v the FirstDirectionalDerivative:
/// self-adjoint and never positive. domain = range, arguments and errors: those of D_v.
template <Scalar T>
class SecondDirectionalDerivative : public Operator<SecondDirectionalDerivative<T>, ArraySpace<T>> {
 public:
    SecondDirectionalDerivative(ArraySpace<T> space, const std::vector<double>& direction,
                                const GradientOptions& options = {});
    SecondDirectionalDerivative(ArraySpace<T> space, Array<Real<T>> directions,
                                const GradientOptions& options = {});
    std::string label() const { return "SecondDirectionalDerivative"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const { forward(y, x); }

 private:
    FirstDirectionalDerivative<T> first_;
};

}  // namespace lop
