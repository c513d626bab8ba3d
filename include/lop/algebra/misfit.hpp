/// Misfits: scalar functions of a residual with gradients and Gauss-Newton Hessians, and objectives
/// that apply them to a nonlinear map.
#pragma once

#include <lop/algebra/diagonal.hpp>
#include <lop/algebra/nonlinear.hpp>
#include <lop/algebra/normal.hpp>
#include <lop/core/error.hpp>
#include <lop/core/parameter.hpp>

#include <cmath>

namespace lop {

/// A sum over the elements of a residual,  phi(r) = sum_i rho(|r_i|),  by three real functions:
///   rho(a)     the loss of a residual of size a
///   slope(a)   rho'(a) / a, so that the gradient is slope(|r_i|) r_i
///   weight(a)  of the Gauss-Newton Hessian's diagonal, positive: slope(a) unless told otherwise
template <class M>
concept ElementwiseLoss = requires(const M& loss, double a) {
    { loss.rho(a) } -> std::convertible_to<double>;
    { loss.slope(a) } -> std::convertible_to<double>;
};

/// 1/2 |r|^2
struct LeastSquaresLoss {
    double rho(double a) const { return 0.5 * a * a; }
    double slope(double) const { return 1; }
};

/// Quadratic up to `threshold`, which may be infinite, linear beyond it (Huber 1964): a^2/2, or
/// threshold (a - threshold/2).
struct HuberLoss {
    Parameter<"HuberLoss: threshold", Allowed::positive_or_infinite> threshold = 1;
    double rho(double a) const {
        return a <= threshold ? 0.5 * a * a : threshold * (a - 0.5 * threshold);
    }
    double slope(double a) const { return a <= threshold ? 1 : threshold / a; }
};

/// A smooth Huber loss: threshold^2 (sqrt(1 + (a / threshold)^2) - 1).
struct PseudoHuberLoss {
    Parameter<"PseudoHuberLoss: threshold", Allowed::positive> threshold = 1;
    double rho(double a) const {
        const double t = a / threshold;
        return threshold * threshold * (std::sqrt(1 + t * t) - 1);
    }
    double slope(double a) const { return 1 / std::sqrt(1 + a * a / (threshold * threshold)); }
};

/// Student's t with nu degrees of freedom: (nu + 1)/2 log(1 + (a / scale)^2 / nu). Outliers lose their
/// influence (Aravkin, van Leeuwen, Herrmann 2011).
struct StudentLoss {
    Parameter<"StudentLoss: scale", Allowed::positive> scale = 1;
    Parameter<"StudentLoss: degrees", Allowed::positive> degrees = 2;
    double rho(double a) const {
        return 0.5 * (degrees + 1) * std::log1p(a * a / (scale * scale * degrees));
    }
    double slope(double a) const { return (degrees + 1) / (scale * scale * degrees + a * a); }
};

/// phi(r) in double.
template <ElementwiseLoss M, VectorLike R> double misfit(const M& loss, const R& r) {
    using T = ValueOf<R>;
    return sum_over([loss](const T& v) { return loss.rho(static_cast<double>(std::abs(v))); }, r);
}

/// The gradient of phi at r.
template <ElementwiseLoss M, Vector R> R misfit_gradient(const M& loss, const R& r) {
    using T = ValueOf<R>;
    return map(
        [loss](const T& v) {
            return T(static_cast<Real<T>>(loss.slope(static_cast<double>(std::abs(v)))) * v);
        },
        r);
}

/// The diagonal, positive approximation of the Hessian of phi at r.
template <ElementwiseLoss M, Vector R> auto misfit_hessian(const M& loss, const R& r) {
    using T = ValueOf<R>;
    R weights = map(
        [loss](const T& v) {
            const double a = static_cast<double>(std::abs(v));
            if constexpr (requires { loss.weight(a); })
                return T(static_cast<Real<T>>(loss.weight(a)));
            else return T(static_cast<Real<T>>(loss.slope(a)));
        },
        r);
    return Diagonal{std::move(weights), "W"};
}

/// An objective at one point: its value, and what gradient and Hessian need, from one forward solve.
template <ElementwiseLoss M, LinearOperator J> class ObjectiveAt {
 public:
    ObjectiveAt(const M& loss, RangeVector<J> residual, J jacobian)
        : loss_{loss},
          residual_{std::move(residual)},
          jacobian_{std::move(jacobian)},
          value_{misfit(loss_, residual_)} {}
    double value() const { return value_; }
    const RangeVector<J>& residual() const { return residual_; }
    const J& jacobian() const { return jacobian_; }
    /// J' phi'(r)
    DomainVector<J> gradient() const { return jacobian_.H() * misfit_gradient(loss_, residual_); }
    /// J' phi''(r) J, the Gauss-Newton Hessian, as a linear operator.
    auto hessian() const {
        if constexpr (std::same_as<M, LeastSquaresLoss>) return normal(jacobian_);
        else return jacobian_.H() * misfit_hessian(loss_, residual_) * jacobian_;
    }

 private:
    M loss_;
    RangeVector<J> residual_;
    J jacobian_;
    double value_;
};

/// m -> phi(F(m) - d).
template <ElementwiseLoss M, NonlinearMap F> class Objective {
 public:
    using X = DomainVector<F>;
    /// Throws SpaceError where the data are not in range(F).
    Objective(M loss, F map, RangeVector<F> data)
        : loss_{std::move(loss)}, map_{std::move(map)}, data_{std::move(data)} {
        if (map_.range().contains(data_)) return;
        throw SpaceError{"the data of an objective are not in range(" + map_.label() + ")",
                         {.expected = map_.range().describe(), .found = data_.describe()}};
    }
    double operator()(const X& m) const { return misfit(loss_, map_(m) - data_); }
    /// Value, gradient and Hessian at m from one evaluation of F.
    auto at(const X& m) const {
        auto linear = map_.linearized(m);
        linear.value -= data_;
        return ObjectiveAt{loss_, std::move(linear.value), std::move(linear.jacobian)};
    }

 private:
    M loss_;
    F map_;
    RangeVector<F> data_;
};

template <ElementwiseLoss M, MapLike F>
auto objective(const M& loss, const F& f, RangeVector<F> data) {
    auto map = as_map(f);
    return Objective<M, decltype(map)>{loss, std::move(map), std::move(data)};
}

}  // namespace lop
