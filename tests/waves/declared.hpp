/// Wave equations that lop does not ship, declared as its users would: what the engine derives must hold for them too.
#pragma once

#include <lop/operators/wave/equation.hpp>

namespace lop::testing {

/// u_tt + 2 g u_t - v^2 lap u = f: below zero, g feeds the waves.
struct FrictionEquation {
    static constexpr wave::Physics declare(int dimension) {
        wave::Physics w{dimension};
        const auto v = w.parameter("v", "m/s");
        const auto g = w.parameter("g", "1/s");
        const auto u = w.wavefield("u");
        const auto h = 2 * w.dt() * g;
        const auto c = w.dt() * w.dt() * v * v;
        w.update(u, 2 * u - h * u - before(u) + h * before(u) + c * w.laplacian(u));
        w.source("u", u, c);
        w.receiver("u", u);
        w.speeds(v);
        return w;
    }
};

/// Acoustic waves in a medium whose axis of symmetry is tilted in the plane of x and z by an angle of the given tangent,
///
///     s_tt = v^2 ((1 + 2 epsilon) H s + sqrt(1 + 2 delta) V t),   t_tt = v^2 (sqrt(1 + 2 delta) H s + V t),
///     G s = cos s_x - sin s_z,   H = G' G (and s_yy),             V t = (sin D_x + cos D_z)(sin t_x + cos t_z),
///
/// with centred differences, as both components are wanted at the same points (Duveneck and Bakker 2011, Geophysics 76(2)
/// S65-S75, at constant density).
struct TiltedEquation {
    static constexpr wave::Physics declare(int dimension) {
        wave::Physics w{dimension};
        const auto v = w.parameter("v", "m/s");
        const auto epsilon = w.parameter("epsilon", "1");
        const auto delta = w.parameter("delta", "1");
        const auto tilt = w.parameter("tilt", "1");
        const auto s = w.wavefield("horizontal stress");
        const auto t = w.wavefield("vertical stress");
        const int z = dimension - 1;
        const auto along = 1 / (1 + tilt * tilt);  // cos^2
        const auto both = tilt * along;            // sin cos
        const auto across = tilt * both;           // sin^2

        const auto hx = w.temporary("h x"), hz = w.temporary("h z");
        const auto vx = w.temporary("v x"), vz = w.temporary("v z");
        w.update(hx, along * w.centred(0, s) - both * w.centred(z, s));
        w.update(hz, across * w.centred(z, s) - both * w.centred(0, s));
        w.update(vx, across * w.centred(0, t) + both * w.centred(z, t));
        w.update(vz, both * w.centred(0, t) + along * w.centred(z, t));
        wave::Rate horizontal = w.centred(0, hx) + w.centred(z, hz);
        if (dimension == 3) horizontal = horizontal + w.d2(1, s);
        const wave::Rate vertical = w.centred(0, vx) + w.centred(z, vz);

        const auto c = w.dt() * w.dt() * v * v;
        const auto stiffness = c * (1 + 2 * epsilon);
        const auto coupling = c * sqrt(1 + 2 * delta);
        w.update(s, 2 * s - before(s) + stiffness * horizontal + coupling * vertical);
        w.update(t, 2 * t - before(t) + coupling * horizontal + c * vertical);
        w.source("strain", s, stiffness);  // along the layers
        w.source("strain", t, coupling);
        w.receiver("pressure", s, 0.5);
        w.receiver("pressure", t, 0.5);
        w.speeds(v * sqrt(1 + 2 * epsilon), v);
        return w;
    }
};

/// rho v_t = div sigma,  sigma_t = lambda tr(e) I + 2 mu e - r,  T r_t = T d (lambda tr(e) I + 2 mu e) - r: visco-elastic
/// waves with one relaxation mechanism, of strength d and of time T = 1 / (2 pi f) (Robertsson, Blanch and Symes 1994,
/// Geophysics 59(9) 1444-1456).
struct ViscoElasticEquation {
    static constexpr wave::Physics declare(int dimension) {
        wave::Physics w{dimension};
        const auto lambda = w.parameter("lambda", "Pa");
        const auto mu = w.parameter("mu", "Pa");
        const auto rho = w.parameter("rho", "kg/m3");
        const auto strength = w.parameter("strength", "1");
        const auto decay = w.dt() * (6.283185307179586 * w.setting("frequency", "Hz"));
        wave::Field v[3]{};
        wave::Field s[3][3]{};
        wave::Field r[3][3]{};
        for (int k = 0; k < dimension; ++k) v[k] = w.field("velocity", wave::Physics::half(k));
        for (int k = 0; k < dimension; ++k)
            for (int l = k; l < dimension; ++l) {
                const auto position = k == l ? wave::Position{} : wave::Physics::half(k, l);
                s[k][l] = s[l][k] = w.field("stress", position);
                r[k][l] = w.field("relaxation", position);
            }
        for (int k = 0; k < dimension; ++k) {
            wave::Rate force{&w};
            for (int l = 0; l < dimension; ++l) force = force + w.d(l, s[k][l]);
            const auto b = w.at(v[k], w.dt() / rho);
            w.update(v[k], v[k] + b * force);
            w.source(k == 0 ? "force x" : k == dimension - 1 ? "force z" : "force y", v[k], b);
            w.receiver(k == 0               ? "velocity x"
                       : k == dimension - 1 ? "velocity z"
                                            : "velocity y",
                       v[k]);
        }
        wave::Rate dilatation{&w};
        for (int k = 0; k < dimension; ++k) dilatation = dilatation + w.d(k, v[k]);
        // Stresses lose what relaxed by the step before, whose update comes after theirs.
        const auto fading = 1 / (1 + decay);
        const auto loss = fading * decay * strength;
        const auto volume = (w.dt() * lambda) * dilatation;
        const auto relaxing_volume = (loss * w.dt() * lambda) * dilatation;
        const auto twice_mu = 2 * w.dt() * mu;
        const auto relaxing_twice_mu = loss * twice_mu;
        for (int k = 0; k < dimension; ++k) {
            const wave::Rate strain = w.d(k, v[k]);
            w.update(s[k][k], s[k][k] - r[k][k] + volume + twice_mu * strain);
            w.update(r[k][k], fading * r[k][k] + relaxing_volume + relaxing_twice_mu * strain);
        }
        for (int k = 0; k < dimension; ++k)
            for (int l = k + 1; l < dimension; ++l) {
                const wave::Rate strain = w.d(k, v[l]) + w.d(l, v[k]);
                const auto shear = w.dt() * w.harmonic_at(s[k][l], mu);
                w.update(s[k][l], s[k][l] - r[k][l] + shear * strain);
                w.update(r[k][l], fading * r[k][l] + (shear * w.at(r[k][l], loss)) * strain);
            }
        for (int k = 0; k < dimension; ++k) {
            w.source("pressure", s[k][k], w.dt(), -1);
            w.receiver("pressure", s[k][k], -1.0 / dimension);
        }
        w.speeds(sqrt((lambda + 2 * mu) / rho), sqrt(mu / rho));
        return w;
    }
};

}  // namespace lop::testing

namespace lop::wave {

extern template const Equation<float>& equation<testing::TiltedEquation, float>(int);
extern template const Equation<double>& equation<testing::TiltedEquation, double>(int);
extern template const Equation<float>& equation<testing::ViscoElasticEquation, float>(int);
extern template const Equation<double>& equation<testing::ViscoElasticEquation, double>(int);

}  // namespace lop::wave
