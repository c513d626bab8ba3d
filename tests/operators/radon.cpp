/// The Radon transform: laws, and curves by hand.
#include <lop/operators/radon.hpp>

#include <lop/core/error.hpp>
#include <lop/testing/doctest.hpp>

#include <cmath>
#include <doctest/doctest.h>

using namespace lop;
using lop::testing::check_laws;

TEST_CASE_TEMPLATE("Radon transforms obey the laws", T, float, double, std::complex<float>,
                   std::complex<double>) {
    const TimeAxis time{40, 0.004, 0.1};
    check_laws(Radon<T>{time, {-100, -20, 0, 33, 80}, {-1e-3, 0, 3e-4, 1e-3}});
    check_laws(
        Radon<T>{time, {-100, -20, 0, 33, 80}, {-1e-6, 0, 5e-6}, {.curve = RadonCurve::parabolic}});
    check_laws(
        Radon<T>{time, {-100, -20, 0, 33, 80}, {900, 1500}, {.curve = RadonCurve::hyperbolic}});
    check_laws(Radon<T>{{1, 0.004}, {0}, {0}});
    std::vector<double> offsets, slownesses;
    for (int i = 0; i < 60; ++i) {
        offsets.push_back(10.0 * i);
        slownesses.push_back(1e-5 * (i - 20));
    }
    check_laws(Radon<T>{{100, 0.004}, offsets, slownesses});
}

TEST_CASE("a spike spreads along the line, the parabola and the hyperbola it should") {
    const TimeAxis time{10, 0.5, 1};
    const auto spread = [&](RadonCurve curve, double p, double x, index_t at) {
        const Radon<double> R{time, {x}, {p}, {.curve = curve}};
        auto m = R.domain().zeros();
        m[at] = 1;
        return R * m;
    };
    // t0 = 2 s: 2 + 0.1 * 6 = 2.6 s, 0.2 samples after sample 3.
    const auto line = spread(RadonCurve::linear, 0.1, 6, 2);
    CHECK(std::abs(line[3] - 0.8) < 1e-14);
    CHECK(std::abs(line[4] - 0.2) < 1e-14);
    CHECK(std::abs(norm(line) - std::hypot(0.8, 0.2)) < 1e-14);
    // 2 + 0.05 * 9 = 2.45 s.
    const auto parabola = spread(RadonCurve::parabolic, 0.05, -3, 2);
    CHECK(std::abs(parabola[2] - 0.1) < 1e-14);
    CHECK(std::abs(parabola[3] - 0.9) < 1e-14);
    // sqrt(1.5^2 + (4 / 2)^2) = 2.5 s.
    const auto hyperbola = spread(RadonCurve::hyperbolic, 2, 4, 1);
    CHECK(std::abs(hyperbola[3] - 1) < 1e-14);
    // Beyond the axis: nothing.
    CHECK(norm(spread(RadonCurve::linear, 1, 6, 2)) == 0);
}

TEST_CASE("impossible Radon transforms are refused by name") {
    const TimeAxis time{10, 0.5};
    CHECK_THROWS_WITH_AS((Radon<double>{time, {}, {0}}), doctest::Contains("without offsets"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS((Radon<double>{time, {1}, {}}), doctest::Contains("without parameters"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS((Radon<double>{time, {1}, {0}, {.curve = RadonCurve::hyperbolic}}),
                         doctest::Contains("positive velocities"), ArgumentError);
    CHECK_THROWS_WITH_AS((Radon<double>{{10, 0}, {1}, {0}}),
                         doctest::Contains("a positive interval"), ArgumentError);
}
