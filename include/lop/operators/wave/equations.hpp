/// The wave equations that lop ships, as declarations.
#pragma once

#include <lop/operators/wave/equation.hpp>

namespace lop::wave {

/// Order in time of the acoustic equations: 2, or 4 by one more application of the space operator (the modified
/// equation of Dablain 1986, Geophysics 51(1) 54-66, eq. 16), which carries 1.7 times the step.
enum class TimeOrder { two, four };

/// m u_tt - lap u = f  with m = 1 / v^2: acoustic waves at constant density,
///
///     u[n+1] = 2 u[n] - u[n-1] + c (Lap u[n] + f[n]),                    c = dt^2 / m,
///
/// and to fourth order in time  u[n+1] = 2 u[n] - u[n-1] + c Lap (u[n] + w) + c f[n],   w = c/12 Lap u[n]. Beside its
/// source that is the wave of (1 + (w dt)^2/6) f for each angular frequency w: f[n] + (f[n+1] - 2 f[n] + f[n-1])/6
/// drives that of f to fourth order.
template <TimeOrder order = TimeOrder::two> struct AcousticEquation {
    static constexpr Physics declare(int dimension) {
        Physics w{dimension};
        const auto m = w.parameter("m", "s2/m2");
        const auto u = w.wavefield("u");
        const auto c = w.dt() * w.dt() / m;
        if (order == TimeOrder::two) {
            w.update(u, 2 * u - before(u) + c * w.laplacian(u));
        } else {
            const auto q = w.temporary("q");
            w.update(q, (c / 12) * w.laplacian(u));
            w.update(u, 2 * u - before(u) + c * w.laplacian(u + q));
        }
        w.source("pressure", u, c);
        w.receiver("pressure", u);
        w.vanishes_at_surface(u);
        w.speeds(1 / sqrt(m));
        return w;
    }
};

/// What the medium of acoustic waves of variable density is described by.
enum class AcousticParameters {
    slowness_density,   ///< m = 1 / v^2 in s2/m2, rho in kg/m3
    velocity_density,   ///< v in m/s, rho
    velocity_impedance  ///< v, rho v in kg/(m2 s)
};

/// m/rho u_tt - div (1/rho grad u) = f: acoustic waves of variable density, with staggered first differences,
///
///     u[n+1] = 2 u[n] - u[n-1] + c (sum_k D-_k (1/rho D+_k u[n]) + f[n]),     c = rho dt^2 / m,
///
/// 1/rho averaged between grid points.
template <AcousticParameters parameters = AcousticParameters::slowness_density,
          TimeOrder order = TimeOrder::two>
struct VariableDensityEquation {
    using Kernels = VariableDensityEquation<AcousticParameters::slowness_density, order>;

    static constexpr Physics declare(int dimension) {
        Physics w{dimension};
        const auto first = parameters == AcousticParameters::slowness_density
                               ? w.parameter("m", "s2/m2")
                               : w.parameter("v", "m/s");
        const auto second = parameters == AcousticParameters::velocity_impedance
                                ? w.parameter("impedance", "kg/(m2 s)")
                                : w.parameter("rho", "kg/m3");
        const auto m =
            parameters == AcousticParameters::slowness_density ? first : 1 / (first * first);
        const auto rho =
            parameters == AcousticParameters::velocity_impedance ? second / first : second;
        const auto u = w.wavefield("u");
        const auto c = rho * w.dt() * w.dt() / m;
        const auto divergence_of_flux = [&](const Terms& sum) {
            Rate divergence{&w};
            for (int k = 0; k < dimension; ++k) {
                const auto flux = w.temporary("flux", Physics::half(k));
                w.update(flux, w.at(flux, 1 / rho) * w.d(k, sum));
                divergence = divergence + w.d(k, flux);
            }
            return divergence;
        };
        if (order == TimeOrder::two) {
            w.update(u, 2 * u - before(u) + c * divergence_of_flux(terms_of(u)));
        } else {
            const auto q = w.temporary("q");
            w.update(q, (c / 12) * divergence_of_flux(terms_of(u)));
            w.update(u, 2 * u - before(u) + c * divergence_of_flux(u + q));
        }
        w.source("pressure", u, c);
        w.receiver("pressure", u);
        w.vanishes_at_surface(u);
        w.speeds(1 / sqrt(m));
        w.positive("density", rho);
        if (parameters != AcousticParameters::slowness_density) w.positive("velocity", first);
        return w;
    }
};

/// What an elastic medium is described by: vp, vs in m/s and rho in kg/m3, or lambda, mu in Pa and rho.
enum class ElasticParameters { velocities, moduli };

/// rho v_t = div sigma + f,  sigma_t = lambda tr(e) I + 2 mu e - M_t,  e = (grad v + grad v') / 2: isotropic elastic
/// waves, velocities and stresses staggered (Virieux 1986; Levander 1988). Buoyancies are averaged between grid
/// points, shear moduli harmonically (Moczo et al. 2002); vs may be zero. P-SV in two dimensions.
///
/// A free surface carries no traction: sigma_zz, which lies on it, counts as zero (nothing reads that row), and without it
///     sigma_xx_t = (l + 2 mu) e_xx + l e_yy,    l = 2 mu lambda / (lambda + 2 mu),   there.
///
/// Sources: "pressure" (an explosion: s raises the pressure), "force x", "moment xz", .. with s the force or the
/// rate of the moment; receivers: "pressure", "velocity x", "stress xz", "strain rate xz" (e_t, 1/s), ..
template <ElasticParameters parameters = ElasticParameters::velocities> struct ElasticEquation {
    using Kernels = ElasticEquation<ElasticParameters::velocities>;

    static constexpr Physics declare(int dimension) {
        Physics w{dimension};
        constexpr bool speeds = parameters == ElasticParameters::velocities;
        const auto first = speeds ? w.parameter("vp", "m/s") : w.parameter("lambda", "Pa");
        const auto second = speeds ? w.parameter("vs", "m/s") : w.parameter("mu", "Pa");
        const auto rho = w.parameter("rho", "kg/m3");
        const auto mu = speeds ? rho * second * second : second;
        const auto lambda = speeds ? rho * first * first - 2 * mu : first;

        Field v[3]{};
        Field s[3][3]{};
        for (int k = 0; k < dimension; ++k) v[k] = w.field("velocity", Physics::half(k));
        for (int k = 0; k < dimension; ++k)
            for (int l = k; l < dimension; ++l)
                s[k][l] = s[l][k] = w.field("stress", k == l ? Position{} : Physics::half(k, l));

        for (int k = 0; k < dimension; ++k) {
            Rate force{&w};
            for (int l = 0; l < dimension; ++l) force = force + w.d(l, s[k][l]);
            const auto b = w.at(v[k], w.dt() / rho);
            w.update(v[k], v[k] + b * force);
            w.source(force_names[axis_of(dimension, k)], v[k], b);
            w.receiver(velocity_names[axis_of(dimension, k)], v[k]);
        }
        Rate dilatation{&w};
        for (int k = 0; k < dimension; ++k) dilatation = dilatation + w.d(k, v[k]);
        const auto coupling = w.surface(lambda, 2 * mu * lambda / (lambda + 2 * mu));
        const auto volume = (coupling * w.dt()) * dilatation;
        const auto twice_mu = 2 * mu * w.dt();
        for (int k = 0; k < dimension; ++k)
            w.update(s[k][k], s[k][k] + volume + twice_mu * w.d(k, v[k]));
        for (int k = 0; k < dimension; ++k)
            for (int l = k + 1; l < dimension; ++l) {
                const auto shear = w.dt() * w.harmonic_at(s[k][l], mu);
                w.update(s[k][l], s[k][l] + shear * (w.d(k, v[l]) + w.d(l, v[k])));
            }
        for (int k = 0; k < dimension; ++k) {
            w.source("pressure", s[k][k], w.dt(), -1);
            w.receiver("pressure", s[k][k], -1.0 / dimension);
        }
        for (int k = 0; k < dimension; ++k)
            for (int l = k; l < dimension; ++l) {
                const int name = 3 * axis_of(dimension, k) + axis_of(dimension, l);
                w.source(moment_names[name], s[k][l], w.dt(), -1);
                w.receiver(stress_names[name], s[k][l]);
                if (k == l) w.receiver(strain_rate_names[name], w.d(k, v[k]));
                else w.receiver(strain_rate_names[name], w.d(k, v[l]) + w.d(l, v[k]), 0.5);
            }
        for (int k = 0; k < dimension; ++k) w.vanishes_at_surface(s[k][dimension - 1]);
        w.speeds(sqrt((lambda + 2 * mu) / rho), sqrt(mu / rho));
        w.positive("density", rho);
        w.positive("lambda + mu, with which P waves are faster than S waves,", lambda + mu);
        if (speeds) w.positive("vp", first);
        if (speeds) w.not_negative("vs", second);
        return w;
    }

 private:
    static constexpr int axis_of(int dimension, int k) { return k == dimension - 1 ? 2 : k; }
    static constexpr const char* force_names[]{"force x", "force y", "force z"};
    static constexpr const char* velocity_names[]{"velocity x", "velocity y", "velocity z"};
    static constexpr const char* moment_names[]{
        "moment xx", "moment xy", "moment xz", "", "moment yy", "moment yz", "", "", "moment zz"};
    static constexpr const char* stress_names[]{
        "stress xx", "stress xy", "stress xz", "", "stress yy", "stress yz", "", "", "stress zz"};
    static constexpr const char* strain_rate_names[]{"strain rate xx",
                                                     "strain rate xy",
                                                     "strain rate xz",
                                                     "",
                                                     "strain rate yy",
                                                     "strain rate yz",
                                                     "",
                                                     "",
                                                     "strain rate zz"};
};

/// Acoustic waves in a medium with memory: `mechanisms` standard linear solids,
///
///     m/rho u_tt = (1 + sum tau) (L + f) - sum_l tau y_l,    y_l' = 2 pi f_l (L + f - y_l),
///
/// L = div (1/rho grad u), with 1 / sqrt(m) the velocity at low frequency, f_l the relaxation frequencies in Hz
/// (settings) and tau the strength of all mechanisms (Blanch, Robertsson and Symes 1995, Geophysics 60(1) 176-184).
/// The memories are held at half steps and take exact steps of their own equation,  y_l <- a_l y_l + (1 - a_l)(L + f),
/// a_l = exp(-2 pi f_l dt); the wave sees them half way,  L + f - y_l(n dt) = sqrt(a_l) (L + f - y_l), so that all
/// is of second order in time.
template <int mechanisms = 1> struct ViscoAcousticEquation {
    static_assert(mechanisms >= 1 && mechanisms <= 3);
    using Kernels = VariableDensityEquation<>;

    static constexpr Physics declare(int dimension) {
        Physics w{dimension};
        const auto m = w.parameter("m", "s2/m2");
        const auto rho = w.parameter("rho", "kg/m3");
        const auto tau = w.parameter("tau", "1");
        const auto u = w.wavefield("u");
        Rate divergence{&w};
        for (int k = 0; k < dimension; ++k) {
            const auto flux = w.temporary("flux", Physics::half(k));
            w.update(flux, w.at(flux, 1 / rho) * w.d(k, u));
            divergence = divergence + w.d(k, flux);
        }
        const auto c = rho * w.dt() * w.dt() / m;
        // Of the memories half way, b y + (1 - b) L with b^2 = a: what L adds to the wave at once, and what is left of
        // the old ones.
        Field y[3]{};
        Coefficient a[3]{};
        Coefficient b[3]{};
        Coefficient at_once = w.constant(1) + 0;
        for (int l = 0; l < mechanisms; ++l) {
            y[l] = w.field("memory");
            b[l] = exp(-(3.141592653589793 * w.dt() * w.setting(frequency_names[l], "Hz")));
            a[l] = b[l] * b[l];
            at_once = at_once + tau * b[l];
        }
        const auto unrelaxed = c * at_once;
        Terms next = 2 * u - before(u) + unrelaxed * divergence;
        for (int l = 0; l < mechanisms; ++l) next = next - (c * tau * b[l]) * y[l];
        w.update(u, next);
        w.source("pressure", u, unrelaxed);
        for (int l = 0; l < mechanisms; ++l) {
            const auto rest = 1 - a[l];
            w.update(y[l], a[l] * y[l] + rest * divergence);
            w.source("pressure", y[l], rest);
        }
        w.receiver("pressure", u);
        w.vanishes_at_surface(u);
        w.speeds(sqrt((1 + mechanisms * tau) / m), 1 / sqrt(m));
        w.positive("density", rho);
        w.not_negative("strength of relaxation", tau);
        return w;
    }

 private:
    static constexpr const char* frequency_names[]{"frequency 1", "frequency 2", "frequency 3"};
};

// Compiled once, in the library.
#define LOP_WAVE_COMPILED(...)                                                \
    extern template const Equation<float>& equation<__VA_ARGS__, float>(int); \
    extern template const Equation<double>& equation<__VA_ARGS__, double>(int);
LOP_WAVE_COMPILED(AcousticEquation<TimeOrder::two>)
LOP_WAVE_COMPILED(AcousticEquation<TimeOrder::four>)
LOP_WAVE_COMPILED(VariableDensityEquation<AcousticParameters::slowness_density, TimeOrder::two>)
LOP_WAVE_COMPILED(VariableDensityEquation<AcousticParameters::velocity_density, TimeOrder::two>)
LOP_WAVE_COMPILED(VariableDensityEquation<AcousticParameters::velocity_impedance, TimeOrder::two>)
LOP_WAVE_COMPILED(VariableDensityEquation<AcousticParameters::slowness_density, TimeOrder::four>)
LOP_WAVE_COMPILED(ElasticEquation<ElasticParameters::velocities>)
LOP_WAVE_COMPILED(ElasticEquation<ElasticParameters::moduli>)
LOP_WAVE_COMPILED(ViscoAcousticEquation<1>)
LOP_WAVE_COMPILED(ViscoAcousticEquation<2>)
LOP_WAVE_COMPILED(ViscoAcousticEquation<3>)
#undef LOP_WAVE_COMPILED

}  // namespace lop::wave
