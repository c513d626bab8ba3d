/// The Radon transform in time and offset.
#pragma once

#include <lop/algebra/operator.hpp>
#include <lop/core/grid.hpp>

#include <memory>
#include <string>
#include <vector>

namespace lop {

/// The curves t(t0, p, x) that a sample of the model spreads along.
enum class RadonCurve {
    linear,      ///< t = t0 + p x, p a slowness in s/m
    parabolic,   ///< t = t0 + p x^2, p in s/m2
    hyperbolic,  ///< t = sqrt(t0^2 + x^2 / p^2), p a velocity in m/s
};

struct RadonOptions {
    RadonCurve curve = RadonCurve::linear;
};

/// Spreads every sample (p, t0) of the model along its curve over the offsets, the sample between two
/// in time linearly divided; what leaves the time axis is dropped. The adjoint stacks along the same
/// curves: m(p, t0) = sum_x d(x, t(t0, p, x)).
/// domain: model[parameters x samples]; range: traces[offsets x samples], on one time axis (s), offsets
/// in m. Throws ArgumentError for no offsets or parameters, values that are not finite, velocities
/// that are not positive, and time axes without samples or with an interval that is not positive.
template <Scalar T> class Radon : public Operator<Radon<T>, ArraySpace<T>> {
 public:
    Radon(const TimeAxis& time, std::vector<double> offsets, std::vector<double> parameters,
          const RadonOptions& options = {});
    std::string label() const { return "Radon"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    struct Curves;
    std::shared_ptr<const Curves> curves_;
};

}  // namespace lop
