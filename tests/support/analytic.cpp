/// Waves of a point source in a homogeneous medium: quadrature, and z-transform in stepped time.
#include "analytic.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstddef>
#include <iterator>
#include <numbers>
#include <stdexcept>

namespace analytic {

using std::numbers::pi;
using Complex = std::complex<double>;

Pulse ricker(double frequency, double peak) {
    const double half_width = 6.5 / (pi * frequency);  // there |w| = 85 exp(-42) = 4e-17
    const auto value = [=](double t) {
        const double x = pi * frequency * (t - peak);
        return (1.0 - 2.0 * x * x) * std::exp(-x * x);
    };
    return {value, peak - half_width, peak + half_width, 1.0};
}

Pulse ricker_slope(double frequency, double peak) {
    const Pulse w = ricker(frequency, peak);
    const double rate = pi * frequency;
    const auto value = [=](double t) {
        const double x = rate * (t - peak);
        return rate * (4.0 * x * x - 6.0) * x * std::exp(-x * x);
    };
    return {value, w.begin, w.end, 1.952 * rate};  // at x = 0.525
}

std::vector<double> measures(const Pulse& w, double dt, int steps) {
    std::vector<double> s(steps);
    for (int n = 0; n < steps; ++n) s[n] = dt * w.value(n * dt);
    return s;
}

// The integrand is even in s and vanishes with the pulse, so the trapezoidal rule converges faster
// than any power of its step (Trefethen and Weideman 2014, SIAM Review 56, 385-458): halve the step
// until nothing changes.
double wave_2d(const Pulse& w, double c, double r, double t) {
    const double latest = (t - w.begin) * c / r;
    if (latest <= 1.0) return 0.0;
    const double from = std::acosh(std::max(1.0, (t - w.end) * c / r));
    const double to = std::acosh(latest);
    const auto f = [&](double s) { return w.value(t - r / c * std::cosh(s)); };
    double mean = 0.5 * (f(from) + f(to));
    for (int intervals = 2; intervals <= 1 << 20; intervals *= 2) {
        const double step = (to - from) / intervals;
        double between = 0.0;
        for (int k = 1; k < intervals; k += 2) between += f(from + k * step);
        const double finer = 0.5 * mean + between / intervals;
        const bool settled = std::abs(finer - mean) <= 1e-14 * w.peak;
        mean = finer;
        if (intervals >= 64 && settled) break;
    }
    return mean * (to - from) / (2.0 * pi);
}

double wave_3d(const Pulse& w, double c, double r, double t) {
    return w.value(t - r / c) / (4.0 * pi * r);
}

namespace {

/// K0(z) and K1(z), Re z >= 0, z != 0:
///     K0 = 2 exp(-z) integral over p from 0 to infinity of exp(-p^2) q^(-1/2),  q = 2 z + p^2,
/// (cosh s = 1 + p^2/z in the integral of exp(-z cosh s), on the path where that decays) and K1 = -K0'. The
/// trapezoidal rule, whose error is exp(-2 pi a / step) up to the singularity at a distance a, and
/// exp(-(pi / step)^2) for the Gaussian.
std::array<Complex, 2> bessel_k(Complex z) {
    const double step = std::min(0.5, 2.0 * pi / 38.0 * std::sqrt(2.0 * z).real());
    Complex k0 = 0.0, k1 = 0.0;
    for (int n = 0; n * step < 6.2; ++n) {
        const double p = n * step;
        const Complex q = 2.0 * z + p * p;
        const Complex term = (n == 0 ? 0.5 : 1.0) * std::exp(-p * p) / std::sqrt(q);
        k0 += term;
        k1 += term + term / q;
    }
    const Complex scale = 2.0 * step * std::exp(-z);
    return {scale * k0, scale * k1};
}

/// The inverse z-transform on the circle |zeta| = exp(eta dt) of green(kappa) S(zeta)/dt, where the
/// scheme turns the wavenumber into i kappa, kappa = (zeta^(1/2) - zeta^(-1/2))/(c dt). With 2N
/// points, what wraps around falls by exp(-2 N eta dt) = 2e-11, and rounding grows by 2e5.
template <typename Green>
std::vector<double> stepped(const std::vector<double>& s, double dt, double c, int steps,
                            Green green) {
    const int points = 2 * steps;
    const double decay = std::log(2e5) / steps;  // eta dt
    std::vector<Complex> root(points), spectrum(points);
    for (int k = 0; k < points; ++k) root[k] = std::polar(1.0, 2.0 * pi * k / points);
    std::vector<double> damped(s.begin(),
                               s.begin() + std::min<std::ptrdiff_t>(steps, std::ssize(s)));
    for (std::size_t n = 0; n < damped.size(); ++n)
        damped[n] *= std::exp(-decay * static_cast<double>(n));
    double largest = 0.0;
    for (int k = 0; k <= steps; ++k) {
        for (std::size_t n = 0; n < damped.size(); ++n)
            spectrum[k] += damped[n] * std::conj(root[k * n % points]);
        largest = std::max(largest, std::abs(spectrum[k]));
    }
    for (int k = 0; k <= steps; ++k) {
        const Complex kappa =
            2.0 * std::sinh(0.5 * Complex(decay, 2.0 * pi * k / points)) / (c * dt);
        const bool heard = std::abs(spectrum[k]) > 1e-13 * largest;
        if (heard && 10 * k > 9 * steps)
            throw std::invalid_argument("analytic: the source is heard at the Nyquist frequency");
        spectrum[k] = heard ? spectrum[k] / dt * green(kappa) : 0.0;
        if (k > 0 && k < steps) spectrum[points - k] = std::conj(spectrum[k]);
    }
    std::vector<double> u(steps);
    for (int n = 0; n < steps; ++n) {
        Complex sum = 0.0;
        for (int k = 0; k < points; ++k)
            sum += spectrum[k] * root[static_cast<std::size_t>(k) * n % points];
        u[n] = std::exp(decay * n) * sum.real() / points;
    }
    return u;
}

}  // namespace

std::vector<double> stepped_2d(const std::vector<double>& s, double dt, double c, double r,
                               int steps) {
    return stepped(s, dt, c, steps,
                   [r](Complex kappa) { return bessel_k(kappa * r)[0] / (2.0 * pi); });
}

std::vector<double> stepped_3d(const std::vector<double>& s, double dt, double c, double r,
                               int steps) {
    return stepped(s, dt, c, steps,
                   [r](Complex kappa) { return std::exp(-kappa * r) / (4.0 * pi * r); });
}

std::vector<double> ricker_through(const Response& response, double frequency, double peak,
                                   double dt, int steps, double period) {
    std::vector<double> u(static_cast<std::size_t>(steps));
    const int count = static_cast<int>(std::ceil(6.5 * frequency * period));  // exp(-42) there
    for (int k = 1; k <= count; ++k) {
        const double f = k / period, x = f / frequency, w = 2.0 * pi * f;
        const double size = 4.0 * x * x * std::exp(-x * x) / (std::sqrt(pi) * frequency * period);
        Complex term = size * std::polar(1.0, w * peak) * response(w);
        const Complex turn = std::polar(1.0, -w * dt);
        for (double& value : u) {
            value += term.real();
            term *= turn;
        }
    }
    return u;
}

Complex green_2d(Complex k, double r) {
    return bessel_k(Complex{0.0, -1.0} * k * r)[0] / (2.0 * pi);
}

Complex green_3d(Complex k, double r) {
    return std::exp(Complex{0.0, 1.0} * k * r) / (4.0 * pi * r);
}

Complex velocity_of_force(double w, double vp, double vs, double rho, double x, double z) {
    const double r = std::hypot(x, z);
    // G and d^2 G/dz^2 of a speed: G'' cos^2 + G' sin^2 / r, with G' = -kappa K1, G'' = kappa^2 (K0 + K1/(kappa r)).
    const auto green = [&](double speed) -> std::array<Complex, 2> {
        const Complex kappa{0.0, -w / speed};
        const auto [k0, k1] = bessel_k(kappa * r);
        const double cosine = z / r, sine = x / r;
        return {k0,
                kappa * (cosine * cosine * kappa * (k0 + k1 / (kappa * r)) - sine * sine * k1 / r)};
    };
    const auto p = green(vp), s = green(vs);
    const Complex u = (w * w / (vs * vs) * s[0] + s[1] - p[1]) / (2.0 * pi * rho * w * w);
    return Complex{0.0, -w} * u;
}

Complex velocity_of_force_3d(double w, double vp, double vs, double rho,
                             const std::array<double, 3>& at, std::size_t i, std::size_t j) {
    const double r = std::hypot(at[0], at[1], at[2]), cosines = at[i] * at[j] / (r * r);
    const double same = i == j ? 1.0 : 0.0;
    // d^2 G/dx_i dx_j = c_i c_j (G'' - G'/r) + delta_ij G'/r
    const auto bent = [&](double speed) {
        const Complex ik{0.0, w / speed}, slope = ik - 1.0 / r;   // G'/G
        const Complex curvature = slope * slope + 1.0 / (r * r);  // G''/G
        return green_3d(w / speed, r) * (cosines * (curvature - slope / r) + same * slope / r);
    };
    const Complex direct = same * w * w / (vs * vs) * green_3d(w / vs, r);
    return Complex{0.0, -w} * (direct + bent(vs) - bent(vp)) / (rho * w * w);
}

double stokes(const Pulse& slope, double vp, double vs, double rho, const std::array<double, 3>& at,
              std::size_t i, std::size_t j, double t) {
    const double r = std::hypot(at[0], at[1], at[2]), cosines = at[i] * at[j] / (r * r);
    const double same = i == j ? 1.0 : 0.0;
    const double first = std::max(r / vp, t - slope.end), last = std::min(r / vs, t - slope.begin);
    double near = 0.0;
    constexpr int pieces = 1000;  // by Simpson's rule
    const double step = std::max(0.0, last - first) / (2.0 * pieces);
    for (int k = 0; k <= 2 * pieces; ++k) {
        const double rule = (k == 0 || k == 2 * pieces ? 1.0 : k % 2 == 1 ? 4.0 : 2.0) / 3.0;
        const double delay = first + k * step;
        near += rule * step * delay * slope.value(t - delay);
    }
    const double p = slope.value(t - r / vp) / (vp * vp * r);
    const double s = slope.value(t - r / vs) / (vs * vs * r);
    return ((3.0 * cosines - same) / (r * r * r) * near + cosines * p - (cosines - same) * s) /
           (4.0 * pi * rho);
}

// ---- a half-space ---------------------------------------------------------------------------------

namespace {

using Pair = std::array<Complex, 2>;

/// What the surface makes of waves of slowness p.
struct Slowness {
    Complex p, eta_p, eta_s, g, d;
    double vs;
    Slowness(const HalfSpace& m, Complex p_, Complex eta_p_, Complex eta_s_)
        : p{p_},
          eta_p{eta_p_},
          eta_s{eta_s_},
          g{eta_s * eta_s - p * p},
          d{g * g + 4.0 * p * p * eta_p * eta_s},
          vs{m.vs} {}
    Pair explosion() const { return {-4.0 * p * eta_s / (vs * vs * d), 2.0 * g / (vs * vs * d)}; }
    Pair force() const { return {p * (g - 2.0 * eta_p * eta_s) / d, eta_p / (vs * vs * d)}; }
};

/// Of Im > 0 where p is real and beyond 1/v, and goes on from there to both sides of the axis.
Complex eta(Complex p, double v) {
    if (std::abs(p.real()) < 1.0 / v) return std::sqrt(1.0 / (v * v) - p * p);
    if (p.real() < 0.0) p = -p;
    return Complex{0.0, 1.0} * std::sqrt(p - 1.0 / v) * std::sqrt(p + 1.0 / v);
}

/// The integral of f(p) exp(i w (p x + eta_p depth)): above the axis where p is negative and below it where p is
/// positive, up to beyond Rayleigh's pole, and from there upwards, where the exponential falls.
template <class F>
Pair over_slowness(double w, const HalfSpace& m, double x, double depth, const F& f) {
    const double end = 1.6 / m.vs;  // the pole is below 1.2 / vs wherever vs < vp / sqrt(2)
    const double off = std::min(0.7 / (w * x), 0.2 / m.vs);
    Pair sum{};
    const auto add = [&](Complex from, Complex to, double bend, int pieces) {
        const double step = 1.0 / (2.0 * pieces);
        for (int i = 0; i <= 2 * pieces; ++i) {
            const double u = i * step;
            const Complex p = from + u * (to - from) + Complex{0.0, bend * std::sin(pi * u)};
            const Complex slope = to - from + Complex{0.0, bend * pi * std::cos(pi * u)};
            const double rule = (i == 0 || i == 2 * pieces ? 1.0 : i % 2 == 1 ? 4.0 : 2.0) / 3.0;
            const Slowness here{m, p, eta(p, m.vp), eta(p, m.vs)};
            const Complex wave =
                rule * step * slope * std::exp(Complex{0.0, w} * (p * x + here.eta_p * depth));
            const Pair value = f(here);
            for (std::size_t k = 0; k < 2; ++k) sum[k] += wave * value[k];
        }
    };
    const Complex up{0.0, 40.0 / (w * x)};
    const int pieces = static_cast<int>(std::ceil(15.0 * end / off));
    add(-end + up, -end, 0.0, 800);
    add(-end, 0.0, off, pieces);
    add(0.0, end, -off, pieces);
    add(end, end + up, 0.0, 800);
    return sum;
}

}  // namespace

Pair surface_velocity_of_explosion(double w, const HalfSpace& m, double x, double depth) {
    Pair v = over_slowness(w, m, x, depth, [](const Slowness& s) { return s.explosion(); });
    for (Complex& each : v) each *= -w / (4.0 * pi * m.rho * m.vp * m.vp);
    return v;
}

Pair surface_velocity_of_force(double w, const HalfSpace& m, double x) {
    Pair v = over_slowness(w, m, x, 0.0, [](const Slowness& s) { return s.force(); });
    for (Complex& each : v) each *= w / (2.0 * pi * m.rho * m.vs * m.vs);
    return v;
}

std::array<double, 2> garvin(const Pulse& slope, const HalfSpace& m, double x, double depth,
                             double t) {
    const double r = std::hypot(x, depth), first = r / m.vp;
    if (t - slope.begin <= first) return {0.0, 0.0};
    const double last = std::acosh((t - slope.begin) / first);
    constexpr int pieces = 2000;
    const double step = last / (2.0 * pieces);
    std::array<double, 2> v{};
    for (int i = 0; i <= 2 * pieces; ++i) {
        const double cosh = std::cosh(i * step), sinh = std::sinh(i * step);
        const Complex p = first * Complex{x * cosh, depth * sinh} / (r * r);
        const Complex eta_p = first * Complex{depth * cosh, -x * sinh} / (r * r);
        const Slowness here{m, p, eta_p, std::sqrt(1.0 / (m.vs * m.vs) - p * p)};
        const double rule = (i == 0 || i == 2 * pieces ? 1.0 : i % 2 == 1 ? 4.0 : 2.0) / 3.0;
        const Pair f = here.explosion();
        for (std::size_t k = 0; k < 2; ++k)
            v[k] -= rule * step * slope.value(t - first * cosh) * (f[k] * eta_p).real() /
                    (2.0 * pi * m.rho * m.vp * m.vp);
    }
    return v;
}

}  // namespace analytic
