/// Waves of a point source in a homogeneous medium, in closed form or by quadrature to round-off.
#pragma once

#include <array>
#include <complex>
#include <cstddef>
#include <functional>
#include <vector>

namespace analytic {

/// A function of time (s), negligible (below 1e-15 of its peak) before `begin` and after `end`.
struct Pulse {
    std::function<double(double)> value;
    double begin = 0.0;
    double end = 0.0;
    double peak = 1.0;  ///< the largest |value|
};

/// w(t) = (1 - 2 x^2) exp(-x^2),  x = pi f (t - peak)  (Ricker 1953); f in Hz, peak in s.
Pulse ricker(double frequency, double peak);

/// Its time derivative.
Pulse ricker_slope(double frequency, double peak);

/// w(0), w(dt), ..., times dt: the measures of the pulse as a point source of a time-stepping code.
std::vector<double> measures(const Pulse& w, double dt, int steps);

/// u(t) at distance r (m) from the source of  u_tt/c^2 - lap u = w(t) delta(x):
///     2-D   1/(2 pi) integral over s from 0 to infinity of w(t - (r/c) cosh s)
///     3-D   w(t - r/c) / (4 pi r)
/// (Morse and Feshbach 1953, section 7.3). r > 0.
double wave_2d(const Pulse& w, double c, double r, double t);
double wave_3d(const Pulse& w, double c, double r, double t);

/// u[0], ..., u[steps - 1] of the same waves in exact space but stepped time,
///     (u[n+1] - 2 u[n] + u[n-1]) / (c dt)^2 - lap u[n] = s[n]/dt delta(x),   u[0] = u[-1] = 0:
/// what a scheme of second order in time tends to as its grid alone is refined, so that errors in
/// space are seen alone, at any stable dt. For a source that holds nothing near the Nyquist
/// frequency of dt, where this limit has no meaning (std::invalid_argument). Right to about 1e-10
/// of the peak.
std::vector<double> stepped_2d(const std::vector<double>& s, double dt, double c, double r,
                               int steps);
std::vector<double> stepped_3d(const std::vector<double>& s, double dt, double c, double r,
                               int steps);

// ---- by frequency, exp(-i w t) ----------------------------------------------------------------

/// What one frequency becomes on its way to a receiver, at the angular frequency w > 0.
using Response = std::function<std::complex<double>(double w)>;

/// u(n dt), n = 0 .. steps - 1, of the Ricker wavelet of `frequency` Hz about `peak` s behind a response,
///     u(t) = 2 Re integral over f from 0 to infinity of W(f) H(2 pi f) exp(-2 pi i f t),
///     W(f) = 2 f^2/(sqrt(pi) F^3) exp(-f^2/F^2 + 2 pi i f peak),
/// by the trapezoidal rule: what u still is `period` s later adds to it.
std::vector<double> ricker_through(const Response& response, double frequency, double peak,
                                   double dt, int steps, double period = 8.0);

/// Outgoing solutions of  lap G + k^2 G = -delta  at distance r > 0, Im k >= 0, Re k > 0.
std::complex<double> green_2d(std::complex<double> k, double r);
std::complex<double> green_3d(std::complex<double> k, double r);

/// The velocity along z, at (x, z) from a force along z, of plane strain per unit of it:
///     v = -i w u,  u = (k_s^2 G_s + d^2/dz^2 (G_s - G_p)) / (rho w^2)   (Aki and Richards 2002, ch. 4).
std::complex<double> velocity_of_force(double w, double vp, double vs, double rho, double x,
                                       double z);

/// The velocity along axis i, at `at` (x, y, z) from a force along axis j, per unit of it: v = -i w u,
///     u = (k_s^2 G_s delta_ij + d^2/dx_i dx_j (G_s - G_p)) / (rho w^2)   (Aki and Richards 2002, ch. 4).
std::complex<double> velocity_of_force_3d(double w, double vp, double vs, double rho,
                                          const std::array<double, 3>& at, std::size_t i,
                                          std::size_t j);

/// The same in time (Stokes 1849; Aki and Richards 2002, eq. 4.23), for a force with the time derivative `slope`,
/// c the cosines of the direction:
///     4 pi rho v(t) = (3 c_i c_j - delta_ij)/r^3 integral over T from r/vp to r/vs of T slope(t - T)
///                     + c_i c_j slope(t - r/vp)/(vp^2 r) - (c_i c_j - delta_ij) slope(t - r/vs)/(vs^2 r).
double stokes(const Pulse& slope, double vp, double vs, double rho, const std::array<double, 3>& at,
              std::size_t i, std::size_t j, double t);

// ---- a half-space z > 0 with a free surface ----------------------------------------------------

struct HalfSpace {
    double vp, vs, rho;  ///< m/s, kg/m3
};

/// The velocities {along x, along z} at x > 0 on the surface, of plane strain, by slowness p: integrals over real p of
///     explosion  {-4 p eta_s, 2 g} / (vs^2 D),           of unit pressure rate, `depth` below x = 0 (Garvin 1956),
///     force      {p (g - 2 eta_p eta_s), eta_p / vs^2} / D,   of unit force along z on the surface (Lamb 1904),
/// with eta = sqrt(1/v^2 - p^2), g = eta_s^2 - p^2 and Rayleigh's D = g^2 + 4 p^2 eta_p eta_s (Aki and Richards 2002,
/// ch. 5 and 6), on a path around the branch points and the pole of D. Right to about 1e-7.
std::array<std::complex<double>, 2> surface_velocity_of_explosion(double w, const HalfSpace& medium,
                                                                  double x, double depth);
std::array<std::complex<double>, 2> surface_velocity_of_force(double w, const HalfSpace& medium,
                                                              double x);

/// The same of the explosion in time, by the method of Cagniard and de Hoop, for a pressure rate with the time
/// derivative `slope`: with r^2 = x^2 + depth^2, T = r/vp and p r^2 = x t + i depth sqrt(t^2 - T^2) at t = T cosh q,
///     v(t) = -1/(2 pi rho vp^2) integral over q from 0 to infinity of slope(t - T cosh q) Re(F eta_p),
/// F as above (Garvin 1956; Sanchez-Sesma and Iturraran-Viveros 2006).
std::array<double, 2> garvin(const Pulse& slope, const HalfSpace& medium, double x, double depth,
                             double t);

}  // namespace analytic
