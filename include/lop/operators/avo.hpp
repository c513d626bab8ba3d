/// Reflection at plane interfaces, exact and linearised, and modelling of angle gathers.
#pragma once

#include <lop/operators/convolution.hpp>
#include <lop/operators/derivative.hpp>

#include <array>
#include <complex>
#include <memory>
#include <string>
#include <vector>

namespace lop {

/// An elastic medium: velocities in m/s, density in kg/m3.
struct ElasticMedium {
    double vp = 0;
    double vs = 0;
    double density = 0;
};

/// Amplitudes of displacement that leave an interface, [P up, S up, P down, S down], for those that
/// meet it, [P down, S down, P up, S up]: element [0][0] is the reflection of P as P, [1][0] as S.
using ScatteringMatrix = std::array<std::array<std::complex<double>, 4>, 4>;

/// The exact coefficients of plane waves (Zoeppritz 1919; Aki and Richards 2002, section 5.2) of the
/// slowness that a P wave in the upper medium has at `angle` from the normal, in radians. Waves that
/// do not propagate have the cosine i sqrt(sin^2 - 1).
/// Throws ArgumentError for velocities and densities that are not positive, and angles outside
/// [0, pi/2).
ScatteringMatrix zoeppritz(const ElasticMedium& upper, const ElasticMedium& lower, double angle);

/// Which reflection coefficient is linearised in which parameters.
enum class AvoLinearization {
    aki_richards,  ///< P to P, in ln vp, ln vs, ln density
    fatti,         ///< P to P, in ln(vp density), ln(vs density), ln density
    ps,            ///< P to S, in ln vp, ln vs, ln density; vp has no effect
};

/// The coefficients of the three parameters' contrasts: R = sum_i g_i dm_i. With s = sin(angle),
/// c = cos(angle), k = vs/vp, S the angle of the converted wave, sin S = k s:
///
///     aki_richards  1/(2 c^2),   -4 k^2 s^2,   1/2 - 2 k^2 s^2
///     fatti         1/(2 c^2),   -4 k^2 s^2,   2 k^2 s^2 - s^2/(2 c^2)
///     ps            0,   h (4 k^2 s^2 - 4 k c cos S),   -h (1 - 2 k^2 s^2 + 2 k c cos S),
///                   h = s/(2 cos S)
///
/// Aki and Richards 2002, section 5.2; Fatti et al. 1994, Geophysics 59(9) 1362-1376. Exact to first
/// order in the contrasts; the angle is the mean of those above and below the interface.
/// Throws ArgumentError for angles outside [0, pi/2) and ratios outside (0, 1).
std::array<double, 3> avo_coefficients(AvoLinearization linearization, double angle, double vs_vp);

/// r(t, a, ..) = sum_i g_i(t, a) m_i(t, ..): the reflectivity of each time at each angle a, from the
/// contrasts of three parameters. The adjoint is m_i(t, ..) = sum_a g_i(t, a) r(t, a, ..).
/// domain: contrasts[samples x parameters x any axes]; range: reflectivity[samples x angles x the same
/// axes]. Throws ArgumentError for shapes of less than two axes or with another number of parameters,
/// no angles, another number of ratios than samples, and what avo_coefficients refuses.
template <Scalar T>
    requires(!is_complex<T>)
class AvoModelling : public Operator<AvoModelling<T>, ArraySpace<T>> {
 public:
    /// `contrasts` is the shape of the domain, with three parameters. Angles in radians; vs/vp the
    /// same at all times.
    AvoModelling(const Shape& contrasts, const std::vector<double>& angles, double vs_vp,
                 AvoLinearization linearization = AvoLinearization::aki_richards);
    /// vs/vp for each time.
    AvoModelling(const Shape& contrasts, const std::vector<double>& angles,
                 const std::vector<double>& vs_vp,
                 AvoLinearization linearization = AvoLinearization::aki_richards);
    /// A linearisation of one's own: g[samples x angles x parameters].
    AvoModelling(const Shape& contrasts, const Array<T>& coefficients);
    std::string label() const { return "AvoModelling"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    std::shared_ptr<const Array<T>> coefficients_;
};

struct PrestackOptions {
    AvoLinearization linearization = AvoLinearization::aki_richards;
    Difference derivative =
        Difference::centered;  ///< along time, per sample; ends without are zero
};

/// d = W G D m: angle gathers from the logarithms of elastic parameters. D is the derivative per
/// sample, whose values are contrasts, G = AvoModelling, and W convolves with the wavelet, whose
/// middle value is at time zero. At angle zero it is PoststackModelling of ln(vp density).
/// domain: parameters[samples x 3 x any axes]; range: gathers[samples x angles x the same axes].
/// Errors: those of AvoModelling; ArgumentError for wavelets of an even number of values.
template <Scalar T>
    requires(!is_complex<T>)
class PrestackModelling : public Operator<PrestackModelling<T>, ArraySpace<T>> {
 public:
    PrestackModelling(const Shape& parameters, std::vector<T> wavelet,
                      const std::vector<double>& angles, double vs_vp,
                      const PrestackOptions& options = {});
    PrestackModelling(const Shape& parameters, std::vector<T> wavelet,
                      const std::vector<double>& angles, const std::vector<double>& vs_vp,
                      const PrestackOptions& options = {});
    std::string label() const { return "PrestackModelling"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    PrestackModelling(AvoModelling<T> reflectivity, std::vector<T> wavelet, Difference derivative);
    FirstDerivative<T> derivative_;
    AvoModelling<T> reflectivity_;
    Convolution1D<T> wavelet_;
};

}  // namespace lop
