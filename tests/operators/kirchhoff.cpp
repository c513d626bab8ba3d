/// Kirchhoff demigration and migration: laws, arrivals by hand, and the same bits on any number of threads.
#include <lop/operators/kirchhoff.hpp>

#include "support/team.hpp"
#include <lop/core/error.hpp>
#include <lop/testing/doctest.hpp>

#include <cmath>
#include <doctest/doctest.h>
#include <limits>

using namespace lop;
using lop::testing::check_laws;

namespace {

std::vector<Point> line(index_t count, double from, double to, double y = 0) {
    std::vector<Point> points;
    for (index_t i = 0; i < count; ++i)
        points.push_back({.x = from + (to - from) * static_cast<double>(i) /
                                          static_cast<double>(std::max<index_t>(count - 1, 1)),
                          .y = y});
    return points;
}

template <class T> bool same_bits(const Array<T>& a, const Array<T>& b) {
    return a.shape() == b.shape() && std::equal(a.begin(), a.end(), b.begin());
}

/// Random times of an image, some of which nothing reaches, and amplitudes of both signs.
template <class T> TravelTimes<T> given(index_t points, const Shape& image, std::uint64_t seed) {
    const Shape shape{points, image[0], image[1]};
    auto times = ArraySpace<T>{"times", shape}.random(seed);
    for (index_t i = 0; i < times.size(); ++i) times[i] = T(0.05) * std::abs(times[i]);
    for (index_t i = 3; i < times.size(); i += 17) times[i] = std::numeric_limits<T>::infinity();
    return TravelTimes<T>{std::move(times), ArraySpace<T>{"amplitudes", shape}.random(seed + 1)};
}

/// The trace of one diffractor of strength 1 at place `at` of the grid.
Array<double> arrival(const Grid& grid, const Point& source, const Point& receiver, double velocity,
                      const TimeAxis& time, index_t at, const TravelTimeOptions& options = {},
                      const KirchhoffOptions<double>& kirchhoff = {}) {
    const Kirchhoff<double> K{{grid, {source}, velocity, options},
                              {grid, {receiver}, velocity, options},
                              time,
                              kirchhoff};
    auto m = K.domain().zeros();
    m[at] = 1;
    return K * m;
}

/// All values but those that are listed are exactly zero.
void check_trace(const Array<double>& d, const std::vector<std::pair<index_t, double>>& values) {
    double rest = norm2(d);
    for (const auto& [sample, value] : values) {
        CAPTURE(sample);
        CHECK(std::abs(d[sample] - value) < 1e-13);
        rest -= d[sample] * d[sample];
    }
    CHECK(std::abs(rest) < 1e-15);
}

}  // namespace

TEST_CASE_TEMPLATE("demigration by travel times obeys the laws", T, float, double) {
    const Grid plane{{23, 31}, {10, 8}};
    const std::vector<T> wavelet{T(0.1), T(-0.4), T(1), T(-0.5)};
    for (const index_t receivers : {1, 2, 3, 4, 7}) {
        CAPTURE(receivers);
        const TravelTimes<T> s{plane, line(2, 30, 150), 1700};
        const TravelTimes<T> r{plane, line(receivers, 0, 220), 1700};
        check_laws(Kirchhoff<T>{s, r, {60, 0.004}});
        check_laws(Kirchhoff<T>{s, r, {40, 0.004, 0.1}, {.wavelet = wavelet, .center = 2}});
    }
    const TravelTimeOptions root{.spreading = Spreading::inverse_root};
    const TravelTimes<T> weighted{plane, line(3, 0, 220), 1700, root};
    const TravelTimes<T> plain{plane, line(5, 0, 220), 1700};
    check_laws(Kirchhoff<T>{weighted, weighted, {90, 0.004}});
    check_laws(Kirchhoff<T>{weighted, plain, {90, 0.004}});
    check_laws(Kirchhoff<T>{plain, weighted, {90, 0.004}});

    const Grid volume{{5, 6, 40}, {20, 20, 5}, {-40, 100, 10}};
    const TravelTimeOptions distance{.spreading = Spreading::inverse_distance};
    check_laws(Kirchhoff<T>{{volume, line(2, 0, 40, 120), 2000, distance},
                            {volume, line(3, -40, 60, 170), 2000, distance},
                            {50, 0.004}});

    const auto s = given<T>(3, {19, 14}, 3);
    const auto r = given<T>(5, {19, 14}, 5);
    check_laws(Kirchhoff<T>{s, r, {30, 0.004, 0.02}});
    check_laws(Kirchhoff<T>{s, r, {1, 0.1}});
    check_laws(Kirchhoff<T>{given<T>(1, {1, 1}, 3), given<T>(1, {1, 1}, 4), {30, 0.01}});
    // Enough for the team of threads to wake.
    check_laws(Kirchhoff<T>{given<T>(2, {120, 90}, 3), given<T>(6, {120, 90}, 5), {40, 0.01}});
}

TEST_CASE("one diffractor arrives where it should, divided between two samples") {
    // (30, 40) is 50 m from (0, 0) and from (60, 0): 100 m at 1600 m/s, 62.5 ms, sample 15.625.
    const Grid plane{{7, 6}, {10, 10}};
    const index_t at = 3 * 6 + 4;
    const TimeAxis time{30, 0.004};
    const auto trace = [&](const TravelTimeOptions& o = {},
                           const KirchhoffOptions<double>& k = {}) {
        return arrival(plane, {0, 0, 0}, {60, 0, 0}, 1600, time, at, o, k);
    };
    check_trace(trace(), {{15, 0.375}, {16, 0.625}});
    check_trace(trace({.spreading = Spreading::inverse_root}),
                {{15, 0.375 / 50}, {16, 0.625 / 50}});
    check_trace(trace({.spreading = Spreading::inverse_distance}),
                {{15, 0.375 / 2500}, {16, 0.625 / 2500}});
    check_trace(trace({.spreading = Spreading::inverse_distance, .least_distance = 100}),
                {{15, 0.375 / 10000}, {16, 0.625 / 10000}});
    // The wavelet (2, 4, -8) with its middle at time zero.
    check_trace(trace({}, {.wavelet = {2, 4, -8}, .center = 1}),
                {{14, 0.75}, {15, 1.5 + 1.25}, {16, 2.5 - 3}, {17, -5}});
    // The same with the first value at time zero is a sample later.
    check_trace(trace({}, {.wavelet = {2, 4, -8}, .center = 0}),
                {{15, 0.75}, {16, 1.5 + 1.25}, {17, 2.5 - 3}, {18, -5}});
}

TEST_CASE("in three dimensions distances have three legs") {
    // (20, 30, 60) is 70 m from the origin, and 10 m from (20, 30, 50): 80 m at 2000 m/s, 40 ms.
    const Grid volume{{3, 4, 7}, {10, 10, 10}};
    const index_t at = (2 * 4 + 3) * 7 + 6;
    const TravelTimeOptions distance{.spreading = Spreading::inverse_distance};
    check_trace(arrival(volume, {0, 0, 0}, {20, 30, 50}, 2000, {20, 0.0125}, at, distance),
                {{3, 0.8 / 700}, {4, 0.2 / 700}});
    // At its own place a point counts as one spacing away.
    check_trace(arrival(volume, {20, 30, 60}, {20, 30, 60}, 2000, {20, 0.01}, at, distance),
                {{0, 0.01}});
}

TEST_CASE("what leaves the time axis is dropped, its ends count") {
    const Grid plane{{7, 6}, {10, 10}};
    const index_t at = 3 * 6 + 4;  // 0.1 s at 1000 m/s
    const auto trace = [&](const TimeAxis& time) {
        return arrival(plane, {0, 0, 0}, {60, 0, 0}, 1000, time, at);
    };
    check_trace(trace({11, 0.01}), {{10, 1}});     // the last sample
    check_trace(trace({10, 0.01}), {});            // one too few
    check_trace(trace({5, 0.01, 0.1}), {{0, 1}});  // the first
    check_trace(trace({5, 0.01, 0.105}), {});      // half a sample too late
    check_trace(trace({5, 0.01, 0.075}), {{2, 0.5}, {3, 0.5}});
    check_trace(trace({3, 0.04}), {});  // half a sample after the last
}

TEST_CASE("the adjoint reads every trace at the arrival and adds up") {
    const Grid plane{{7, 6}, {10, 10}};
    const Kirchhoff<double> K{{plane, {{0, 0, 0}, {60, 0, 0}}, 1600},
                              {plane, {{0, 0, 0}, {60, 0, 0}, {30, 0, 0}}, 1600},
                              {30, 0.004}};
    auto d = K.range().zeros();
    // Samples 15 and 16 of the four pairs at 50 m; 90 m to the third receiver: sample 14.0625.
    for (const index_t pair : {0, 1, 3, 4}) {
        d[pair * 30 + 15] = 8;
        d[pair * 30 + 16] = 16;
    }
    d[2 * 30 + 14] = 32;
    const auto m = K.H() * d;
    CHECK(std::abs(m[3 * 6 + 4] - (4 * (3 + 10) + 0.9375 * 32)) < 1e-12);
}

TEST_CASE("given tables are those of straight rays where they hold the same numbers") {
    const Grid plane{{23, 31}, {10, 8}, {50, 0}};
    const auto sources = line(3, 30, 150);
    const auto receivers = line(6, 0, 220);
    const auto tables = [&](const std::vector<Point>& points, bool amplitudes) {
        Array<double> times{{std::ssize(points), 23, 31}}, a{{std::ssize(points), 23, 31}};
        for (std::size_t p = 0; p < points.size(); ++p)
            for (index_t i = 0; i < 23; ++i)
                for (index_t k = 0; k < 31; ++k) {
                    const double x = 50 + 10 * static_cast<double>(i) - points[p].x;
                    const double z = 8 * static_cast<double>(k) - points[p].z;
                    const double r = std::sqrt(x * x + z * z);
                    times(static_cast<index_t>(p), i, k) = r / 1700;
                    a(static_cast<index_t>(p), i, k) = 1 / std::max(r, 8.0);
                }
        return amplitudes ? TravelTimes<double>{std::move(times), std::move(a)}
                          : TravelTimes<double>{std::move(times)};
    };
    for (const bool spreading : {false, true}) {
        CAPTURE(spreading);
        const TravelTimeOptions o{.spreading =
                                      spreading ? Spreading::inverse_distance : Spreading::none};
        const Kirchhoff<double> K{
            {plane, sources, 1700, o}, {plane, receivers, 1700, o}, {60, 0.004}};
        const Kirchhoff<double> G{
            tables(sources, spreading), tables(receivers, spreading), {60, 0.004}};
        const auto m = K.domain().random(1);
        CHECK(norm(K * m - G * m) < 1e-12 * norm(K * m));
        CHECK(norm(K * m) > 0);
    }
}

TEST_CASE_TEMPLATE("shots are the rows of the whole, to the bit", T, float, double) {
    const Grid plane{{23, 31}, {10, 8}};
    const TravelTimes<T> s{plane, line(4, 30, 150), 1700, {.spreading = Spreading::inverse_root}};
    const TravelTimes<T> r{plane, line(6, 0, 220), 1700};
    const Kirchhoff<T> K{s, r, {60, 0.004}, {.wavelet = {T(1), T(-2), T(1)}, .center = 1}};
    const auto m = K.domain().random(1);
    const auto d = K * m;
    const auto shots = K.shots();
    REQUIRE(shots.size() == 4);
    for (std::size_t i = 0; i < shots.size(); ++i) {
        check_laws(shots[i]);
        const auto one = shots[i] * m;
        CHECK(one.shape() == Shape{6, 60});
        CHECK(std::equal(one.begin(), one.end(), d.data() + static_cast<index_t>(i) * 360));
    }
    // No shots: nothing to model, nothing to image.
    const Kirchhoff<T> none{{plane, {}, 1700}, r, {60, 0.004}};
    CHECK(none.shots().empty());
    CHECK((none * m).size() == 0);
    CHECK(norm(none.H() * none.range().zeros()) == 0);
}

TEST_CASE_TEMPLATE("the bits do not depend on threads", T, float, double) {
    const Kirchhoff<T> K{given<T>(3, {120, 90}, 3),
                         given<T>(7, {120, 90}, 5),
                         {100, 0.004},
                         {.wavelet = {T(1), T(-2), T(1)}, .center = 1}};
    const auto m = K.domain().random(1);
    const auto d = K.range().random(2);
    const Team one{1};
    const auto forward = K * m;
    const auto adjoint = K.H() * d;
    for (const int threads : {2, 3, 4, 7}) {
        const Team team{threads};
        CHECK(same_bits(K * m, forward));
        CHECK(same_bits(K.H() * d, adjoint));
    }
}

TEST_CASE("samples far from time 0 count to half a sample beyond the ends, and no further") {
    // At 6e5 samples from time 0 eight roundings of single precision are more than half a sample.
    const index_t n = 600'000;
    Array<float> times{{1, 1}}, nothing{{1, 1}};
    const auto ends = [&](double sample) {
        times[0] = static_cast<float>(sample);
        const Kirchhoff<float> K{TravelTimes<float>{times}, TravelTimes<float>{nothing}, {n, 1.0}};
        auto image = K.domain().zeros();
        image[0] = 1;
        const auto trace = K * image;
        CHECK(dot_test(K));
        return sum_over([](double v) { return v; }, trace);
    };
    const auto last = static_cast<double>(n - 1);
    CHECK(ends(last) == 1);
    CHECK(ends(last + 1) == 0);
    CHECK(ends(last + 13) == 0);
    CHECK_THROWS_WITH_AS(
        (Kirchhoff<float>{
            TravelTimes<float>{times}, TravelTimes<float>{nothing}, {2'000'000, 1e-4}}),
        doctest::Contains("double precision"), ArgumentError);
    CHECK_THROWS_WITH_AS(
        (Kirchhoff<float>{
            TravelTimes<float>{times}, TravelTimes<float>{nothing}, {100, 1e-4, 200.0}}),
        doctest::Contains("times counted from later on"), ArgumentError);
}

TEST_CASE("impossible travel times and operators are refused by name") {
    const Grid plane{{7, 6}, {10, 10}};
    const auto refused = [](const auto& make, const char* words) {
        CHECK_THROWS_WITH_AS(make(), doctest::Contains(words), ArgumentError);
    };
    using Times = TravelTimes<double>;
    const double nan = std::numeric_limits<double>::quiet_NaN();
    refused([&] { return Times{plane, {{0, 0, 0}}, 0}; }, "a positive velocity");
    refused([&] { return Times{plane, {{0, 0, 0}, {0, 0, nan}}, 1500}; }, "from point 1");
    refused([&] { return Times{plane, {{0, 0, 0}}, 1500, {.least_distance = -1}}; },
            "least distance");
    refused([&] { return Times{Array<double>{{5}}}; }, "an axis of points");
    Array<double> late{{2, 3, 4}};
    late[5] = -1;
    refused([&] { return Times{late}; }, "-1 in place 5");
    late[5] = nan;
    refused([&] { return Times{late}; }, "NaN in place 5");
    refused([&] { return Times{Array<double>{{2, 3, 4}}, Array<double>{{2, 4, 3}}}; },
            "found    2 x 4 x 3");
    refused([&] { return Times{Array<double>{{2, 3, 4}}, late}; }, "finite ones");
    const Times s{plane, {{0, 0, 0}}, 1500};
    const Times other{Array<double>{{2, 3, 4}}};
    refused([&] { return Kirchhoff<double>{s, other, {10, 0.004}}; }, "one image, 7 x 6");
    refused([&] { return Kirchhoff<double>{s, s, {10, 0}}; }, "a positive interval");
    refused([&] { return Kirchhoff<double>{s, s, {0, 0.004}}; }, "a positive interval");
    refused([&] { return Kirchhoff<double>{s, s, {10, 0.004, nan}}; }, "from a finite time on");
    refused([&] { return Kirchhoff<double>{s, s, {10, 0.004}, {.wavelet = {1, 2}, .center = 2}}; },
            "an index of the wavelet, 0 to 1");
}

namespace {

/// The largest error of first arrivals in v = v0 + g z, over the largest time: rays are arcs of circles,
/// T = acosh(1 + g^2 r^2 / (2 v(z) v(source))) / g.
double error_in_a_gradient(const Grid& grid, const Point& source) {
    constexpr double v0 = 1500, g = 1;
    const int z = grid.dimension() - 1;
    const index_t nz = grid.shape()[z];
    Array<double> velocity{grid.shape()};
    const auto depth = [&](index_t i) {
        return grid.origin(z) + static_cast<double>(i % nz) * grid.spacing(z);
    };
    for (index_t i = 0; i < velocity.size(); ++i) velocity[i] = v0 + g * depth(i);
    const TravelTimes<double> first{grid, {source}, velocity};
    const TravelTimes<double> straight{grid, {source}, 1.0};  // distances
    double error = 0, longest = 0;
    for (index_t i = 0; i < grid.size(); ++i) {
        const double r = straight.times(0)[i];
        const double exact =
            std::acosh(1 + g * g * r * r / (2 * velocity[i] * (v0 + g * source.z))) / g;
        error = std::max(error, std::abs(first.times(0)[i] - exact));
        longest = std::max(longest, exact);
    }
    return error / longest;
}

}  // namespace

TEST_CASE_TEMPLATE("first arrivals in a constant medium are along straight rays", T, float,
                   double) {
    for (const Grid& grid : {Grid{{23, 31}, {10, 8}, {-50, 0}}, Grid{{9, 8, 11}, {10, 20, 8}},
                             Grid{{1, 31}, {10, 8}}, Grid{{9, 1, 11}, {10, 20, 8}}}) {
        CAPTURE(grid.str());
        Array<T> velocity{grid.shape()};
        velocity.fill(T(1700));
        // On a place, between places, and in a corner.
        const std::vector<Point> points{{0, 0, 16}, {0, 0, 30.3}, {grid.last(0), 0, 0}};
        const TravelTimes<T> first{grid, points, velocity};
        const TravelTimes<T> straight{grid, points, 1700};
        // A place inherits the roundings of the one before, and adds some of its own.
        index_t steps = 0;
        for (int a = 0; a < grid.dimension(); ++a) steps += grid.shape()[a];
        const double limit =
            4 * static_cast<double>(steps) * std::numeric_limits<double>::epsilon() +
            std::numeric_limits<T>::epsilon();
        for (index_t p = 0; p < 3; ++p)
            for (index_t i = 0; i < grid.size(); ++i)
                CHECK(std::abs(first.times(p)[i] - straight.times(p)[i]) <=
                      limit * straight.times(p)[i]);
    }
}

TEST_CASE("first arrivals in a gradient are right to first order") {
    // One spacing changes the slowness by at most g h / v0; the times' error is below that share.
    const auto plane = [](index_t n) {
        const double h = 1000 / static_cast<double>(n);
        return error_in_a_gradient(Grid{{2 * n + 1, n + 1}, {h, h}}, {333, 0, 21});
    };
    const auto volume = [](index_t n) {
        const double h = 600 / static_cast<double>(n);
        return error_in_a_gradient(Grid{{n + 1, n + 1, n + 1}, {h, h, h}}, {133, 210, 33});
    };
    const double coarse = plane(50), fine = plane(100);
    CAPTURE(coarse);
    CAPTURE(fine);
    CHECK(coarse < 20.0 / 1500);
    CHECK(fine < 10.0 / 1500);
    CHECK(fine < 0.6 * coarse);
    const double coarse3 = volume(20), fine3 = volume(40);
    CAPTURE(coarse3);
    CAPTURE(fine3);
    CHECK(coarse3 < 30.0 / 1500);
    CHECK(fine3 < 15.0 / 1500);
    CHECK(fine3 < 0.6 * coarse3);
}

TEST_CASE("a refraction along a faster layer arrives first where it should") {
    // 200 m at 1500 m/s over 3000 m/s, from the surface: x / v2 + 2 z cos(ic) / v1 beyond the crossing at
    // 2 z sqrt((v2 + v1) / (v2 - v1)) = 693 m, and x / v1 before it.
    const Grid grid{{201, 61}, {10, 5}};
    Array<double> velocity{grid.shape()};
    for (index_t i = 0; i < velocity.size(); ++i) velocity[i] = i % 61 < 40 ? 1500 : 3000;
    const TravelTimes<double> first{grid, {{0, 0, 0}}, velocity};
    const double critical = std::sqrt(1 - 0.25);
    for (index_t i = 0; i < 201; ++i) {
        const double x = 10 * static_cast<double>(i);
        const double exact = std::min(x / 1500, x / 3000 + 2 * 200 * critical / 1500);
        CAPTURE(x);
        // The layer's edge is known to one spacing, and passed twice.
        CHECK(std::abs(first.times(0)[i * 61] - exact) < 2 * 5.0 / 1500 + 0.01 * exact);
    }
}

TEST_CASE("impossible media are refused by name") {
    const Grid plane{{7, 6}, {10, 10}};
    Array<double> velocity{{7, 6}};
    velocity.fill(1500);
    using Times = TravelTimes<double>;
    CHECK_THROWS_WITH_AS((Times{plane, {{0, 0, 0}}, Array<double>{{6, 7}}}),
                         doctest::Contains("found    6 x 7"), ArgumentError);
    CHECK_THROWS_WITH_AS((Times{plane, {{0, 0, 0}, {61, 0, 0}}, velocity}),
                         doctest::Contains("point 1 lies outside"), GeometryError);
    velocity[4] = 0;
    CHECK_THROWS_WITH_AS((Times{plane, {{0, 0, 0}}, velocity}),
                         doctest::Contains("0 m/s in place 4"), ArgumentError);
}
