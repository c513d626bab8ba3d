/// Angle gathers: laws; coefficients against Zoeppritz' exact ones; stacked data at angle zero.
#include <lop/operators/avo.hpp>

#include <lop/core/error.hpp>
#include <lop/core/units.hpp>
#include <lop/operators/poststack.hpp>
#include <lop/testing/doctest.hpp>

#include <cmath>
#include <doctest/doctest.h>

using namespace lop;
using doctest::Approx;
using lop::testing::check_laws;

namespace {

constexpr auto all = {AvoLinearization::aki_richards, AvoLinearization::fatti,
                      AvoLinearization::ps};

const ElasticMedium shale{2800, 1300, 2350};

/// The medium whose parameters' logarithms differ from those of shale by `size` times a contrast.
ElasticMedium beneath(double size) {
    return {shale.vp * std::exp(0.7 * size), shale.vs * std::exp(-0.4 * size),
            shale.density * std::exp(0.3 * size)};
}

/// The reflection of P by a contrast of this size, exactly less linearised.
double linearization_error(AvoLinearization kind, double angle, double size) {
    const auto s = zoeppritz(shale, beneath(size), angle);
    const auto g = avo_coefficients(kind, angle, shale.vs / shale.vp);
    const double vp = 0.7, vs = -0.4, density = 0.3;
    const bool impedances = kind == AvoLinearization::fatti;
    const double linear = g[0] * (vp + (impedances ? density : 0)) +
                          g[1] * (vs + (impedances ? density : 0)) + g[2] * density;
    return s[kind == AvoLinearization::ps ? 1 : 0][0].real() - size * linear;
}

}  // namespace

TEST_CASE_TEMPLATE("modelling of angle gathers obeys the laws", T, float, double) {
    const std::vector<double> angles{0, 10_deg, 25_deg, 40_deg};
    const std::vector<double> ratios{0.4, 0.5, 0.45, 0.6, 0.3, 0.5, 0.7};
    for (const auto kind : all) {
        check_laws(AvoModelling<T>{{7, 3}, angles, ratios, kind});
        check_laws(AvoModelling<T>{{7, 3, 5, 2}, angles, 0.5, kind});
        for (const auto derivative :
             {Difference::forward, Difference::centered, Difference::backward})
            check_laws(
                PrestackModelling<T>{{7, 3, 5}, {1, 2, -1}, angles, ratios, {kind, derivative}});
    }
    check_laws(AvoModelling<T>{{1, 3}, {0.1}, 0.5});
    check_laws(AvoModelling<T>{{5, 2, 3}, ArraySpace<T>{"g", {5, 4, 2}}.random(1)});
    check_laws(PrestackModelling<T>{{1, 3}, {1}, {0.1}, 0.5});
    check_laws(PrestackModelling<T>{{60, 3, 300}, {1, 2, 4, 2, 1}, angles, 0.5});
}

TEST_CASE("Zoeppritz: impedances at normal incidence, energy at angles, and total reflection") {
    const ElasticMedium sand{3400, 1900, 2250};
    const auto normal = zoeppritz(shale, sand, 0);
    const double above = shale.vp * shale.density;
    const double below = sand.vp * sand.density;
    CHECK(std::abs(normal[0][0] - (below - above) / (below + above)) < 1e-15);
    CHECK(std::abs(normal[1][0]) < 1e-15);
    CHECK(std::abs(normal[2][0] - 2 * above / (below + above)) < 1e-15);
    const double p = std::sin(30_deg) / shale.vp;
    const auto flux = [p](double density, double velocity) {
        return density * velocity * std::sqrt(1 - std::pow(p * velocity, 2));
    };
    const double out[] = {flux(shale.density, shale.vp), flux(shale.density, shale.vs),
                          flux(sand.density, sand.vp), flux(sand.density, sand.vs)};
    const auto oblique = zoeppritz(shale, sand, 30_deg);
    for (std::size_t in = 0; in < 4; ++in) {
        double energy = 0;
        for (std::size_t i = 0; i < 4; ++i) energy += out[i] * std::norm(oblique[i][in]);
        CHECK(energy == Approx(out[in]).epsilon(1e-13));  // P down, S down, P up, S up
    }
    // Beyond the critical angle of P, 55 degrees, the reflection has a phase.
    CHECK(std::abs(zoeppritz(shale, sand, 50_deg)[0][0].imag()) < 1e-15);
    CHECK(std::abs(zoeppritz(shale, sand, 65_deg)[0][0].imag()) > 0.1);
}

TEST_CASE("linearised coefficients miss the exact ones by the square of the contrast") {
    for (const auto kind : all)
        for (const double angle : {0.0, 15_deg, 35_deg}) {
            if (kind == AvoLinearization::ps && angle == 0) continue;  // there is no conversion
            const double error = linearization_error(kind, angle, 1e-3);
            CHECK(std::abs(error) < 1e-6);
            CHECK(std::abs(linearization_error(kind, angle, 5e-4)) < 0.3 * std::abs(error) + 1e-14);
        }
    const auto g = avo_coefficients(AvoLinearization::aki_richards, 30_deg, 0.5);
    CHECK(g[0] == Approx(2.0 / 3));  // 1 / (2 * 3/4)
    CHECK(g[1] == Approx(-0.25));    // -4 / 16
    CHECK(g[2] == Approx(0.375));    // 1/2 - 2 / 16
    const auto f = avo_coefficients(AvoLinearization::fatti, 30_deg, 0.5);
    CHECK(f[2] == Approx(1.0 / 8 - 1.0 / 6));
    for (const double zero : avo_coefficients(AvoLinearization::ps, 0, 0.5)) CHECK(zero == 0);
}

TEST_CASE("each time and angle sums its three contrasts, alike at all places") {
    Array<double> g{{2, 2, 3}, "g"};
    for (index_t i = 0; i < 12; ++i) g[i] = static_cast<double>(i + 1);
    const AvoModelling<double> G{{2, 3, 2}, g};
    auto m = G.domain().zeros();
    m(0, 0, 0) = 1;
    m(0, 2, 0) = 10;
    m(1, 1, 1) = 1;
    auto expected = G.range().zeros();
    expected(0, 0, 0) = 31;  // 1 + 3 * 10
    expected(0, 1, 0) = 64;
    expected(1, 0, 1) = 8;
    expected(1, 1, 1) = 11;
    CHECK(norm(G * m - expected) == 0);
    CHECK((G.H() * expected)(0, 1, 0) == 2 * 31 + 5 * 64);
}

TEST_CASE("gathers at angle zero are stacked data; impedances and velocities model alike") {
    const Shape shape{40, 3, 4};
    const std::vector<double> wavelet{1, 3, 5, 2, -1};
    const std::vector<double> angles{0, 30_deg};
    const PrestackModelling<double> velocities{shape, wavelet, angles, 0.4};
    const PrestackModelling<double> impedances{
        shape, wavelet, angles, 0.4, {.linearization = AvoLinearization::fatti}};
    const PoststackModelling<double> stacked{{40, 4}, wavelet, {.axis = 0}};
    auto m = velocities.domain().random(1);
    auto logs = m;  // of impedances
    auto impedance = stacked.domain().zeros();
    for (index_t t = 0; t < 40; ++t)
        for (index_t k = 0; k < 4; ++k) {
            logs(t, 0, k) += m(t, 2, k);
            logs(t, 1, k) += m(t, 2, k);
            impedance(t, k) = logs(t, 0, k);
        }
    const auto d = velocities * m;
    CHECK(norm(d - impedances * logs) < 1e-14 * norm(d));
    const auto stack = stacked * impedance;
    for (index_t t = 0; t < 40; ++t)
        for (index_t k = 0; k < 4; ++k) CHECK(std::abs(d(t, 0, k) - stack(t, k)) < 1e-13);
}

TEST_CASE("impossible angles, ratios, media and parameters are refused by name") {
    using G = AvoModelling<double>;
    using P = PrestackModelling<double>;
    CHECK_THROWS_WITH_AS((G{{8, 2}, {0.1}, 0.5}),
                         doctest::Contains("[samples x 3 parameters x any axes]"), ArgumentError);
    CHECK_THROWS_WITH_AS((G{{8}, {0.1}, 0.5}), doctest::Contains("AvoModelling of 8"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS((G{{8, 3}, {}, 0.5}), doctest::Contains("at no angle"), ArgumentError);
    CHECK_THROWS_WITH_AS((G{{8, 3}, {30}, 0.5}), doctest::Contains("30_deg"), ArgumentError);
    CHECK_THROWS_WITH_AS((G{{8, 3}, {0.1}, 2}), doctest::Contains("vs/vp = 2"), ArgumentError);
    CHECK_THROWS_WITH_AS((G{{8, 3}, {0.1}, {0.5, 0.5}}), doctest::Contains("one for each sample"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS((G{{8, 3}, Array<double>{{8, 4, 2}, "g"}}),
                         doctest::Contains("[samples x 2 parameters"), ArgumentError);
    CHECK_THROWS_WITH_AS((G{{8, 3}, Array<double>{{7, 4, 3}, "g"}}),
                         doctest::Contains("with coefficients[7 x 4 x 3]"), ArgumentError);
    CHECK_THROWS_WITH_AS((P{{8, 3}, {1, 2}, {0.1}, 0.5}),
                         doctest::Contains("PrestackModelling with a wavelet of 2 values"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS(zoeppritz(shale, {2000, 0, 1000}, 0.1),
                         doctest::Contains("the lower medium"), ArgumentError);
}
