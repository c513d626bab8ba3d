/// Weights and time resampling: laws, and numbers a reader can check by hand.
#include <lop/core/error.hpp>
#include <lop/operators/resampling.hpp>
#include <lop/operators/weighting.hpp>
#include <lop/testing/doctest.hpp>

#include <cmath>
#include <doctest/doctest.h>
#include <numbers>

using namespace lop;
using lop::testing::check_laws;

namespace {

/// Three shots at x = 0 with receivers 0, 150 and 300 m away, on all ranks.
Acquisition small_line(TimeAxis time) {
    const auto world = Communicator::world();
    return {shots_at({{0, 0, 0}, {0, 0, 0}, {0, 0, 0}}, time, world),
            fixed_spread(line_of_points({0, 0, 0}, {300, 0, 0}, 3), 3, time, world)};
}

/// The trace of this rank with a number, or null if another rank holds it.
const double* trace(const DistributedArray<double>& d, index_t number) {
    const index_t first = d.partition().first(d.communicator().rank());
    const index_t local = number - first;
    if (local < 0 || local >= d.local().shape()[0]) return nullptr;
    return d.data() + local * d.shape()[1];
}

}  // namespace

TEST_CASE_TEMPLATE("weights obey the laws of linear operators", T, float, double) {
    const Grid grid{Shape{7, 5}, {10, 10}};
    check_laws(DataMute<T>{small_line({40, 0.01})});
    check_laws(DepthScaling<T>{grid});
    check_laws(TopMute<T>{grid, 15});
    const DistributedSpace<T> space{"x", {4, 3}, Communicator::world()};
    check_laws(Diagonal{space.random(1)});
}

TEST_CASE_TEMPLATE("weights and resampling obey the laws for single samples and for no trace", T,
                   float, double) {
    const auto world = Communicator::world();
    for (const index_t samples : {1, 7})
        for (const index_t shots : {0, 1, 3})
            for (const std::size_t receivers : {0, 1, 3}) {
                const TimeAxis time{samples, 0.01};
                const std::vector<Point> points(receivers, {15, 0, 0});
                const auto spread = fixed_spread(points, shots, time, world);
                const std::vector<Point> sources(static_cast<std::size_t>(shots));
                const Acquisition line{shots_at(sources, time, world), spread};
                check_laws(DataMute<T>{line, {.delay = -0.05}});
                check_laws(TimeResampling<T>{spread, time, {5, 0.004}});
                check_laws(TimeResampling<T>{spread, time, {1, 0.02}});
            }
    for (const Shape& shape : {Shape{1, 1}, Shape{5, 1}, Shape{1, 7}, Shape{3, 1, 5}}) {
        const std::vector<double> spacing(static_cast<std::size_t>(shape.rank()), 10);
        const Grid grid{shape, spacing};
        check_laws(DepthScaling<T>{grid});
        check_laws(TopMute<T>{grid, 5});
    }
}

TEST_CASE("a diagonal of complex weights is conjugated in its adjoint") {
    using T = std::complex<double>;
    const DistributedSpace<T> space{"x", {1}, Communicator::world()};
    auto w = space.zeros();
    w.data()[0] = {0, 2};
    auto x = space.zeros();
    x.data()[0] = {1, 1};
    const Diagonal D{w};
    CHECK((D * x).data()[0] == T{-2, 2});
    CHECK((D.H() * x).data()[0] == T{2, -2});
    check_laws(Diagonal{space.random(4)});
}

TEST_CASE("the data mute opens after the direct wave of each offset") {
    // 1500 m/s, delay 0.05 s, taper 0.1 s: trace k opens at k * 0.1 + 0.05 s.
    const auto line = small_line({40, 0.01});
    const DataMute<double> mute{line, {.velocity = 1500, .delay = 0.05, .taper = 0.1}};
    for (index_t k = 0; k < 9; ++k) {
        const double* w = trace(mute.weights(), k);
        if (!w) continue;
        const index_t onset = 10 * (k % 3) + 5;
        CHECK(w[onset - 1] == 0);
        CHECK(w[onset + 5] == doctest::Approx(0.5).epsilon(1e-9));
        CHECK(w[onset + 11] == 1);
    }
    CHECK_THROWS_WITH_AS((DataMute<double>{line, {.velocity = 0}}),
                         doctest::Contains("a positive velocity"), ArgumentError);
}

TEST_CASE("depth scaling and top mute weigh by depth alone") {
    const Grid grid{Shape{2, 5}, {10, 10}, {0, 100}};
    const auto world = Communicator::world();
    const auto scale = DepthScaling<double>{grid, {.power = 2}, world}.weights();
    const auto mute = TopMute<double>{grid, 110, {.taper = 20}, world}.weights();
    const double squares[] = {0, 1. / 16, 4. / 16, 9. / 16, 1};
    const double ramp[] = {0, 0, 0.5, 1, 1};
    for (index_t x = 0; x < 2; ++x)
        for (index_t z = 0; z < 5; ++z) {
            CHECK(std::abs(scale.local()(x, z) - squares[z]) < 1e-15);
            CHECK(std::abs(mute.local()(x, z) - ramp[z]) < 1e-15);
        }
}

TEST_CASE_TEMPLATE("time resampling obeys the laws towards finer and coarser axes", T, float,
                   double) {
    const auto receivers = small_line({40, 0.01}).receivers;
    const TimeAxis fine{173, 0.00237};
    const TimeAxis coarse{41, 0.01, 0.003};
    check_laws(TimeResampling<T>{receivers, fine, coarse});
    check_laws(TimeResampling<T>{receivers, coarse, fine});
    check_laws(TimeResampling<T>{receivers, fine, fine});
}

TEST_CASE("axes with common samples are copied exactly, shifted and cut") {
    const ResamplingKernel<double> kernel{{6, 0.5}, {4, 0.5, 1.0}};
    const double u[] = {0, 1, 2, 3, 4, 5};
    double y[4];
    kernel.forward(u, y);
    for (int i = 0; i < 4; ++i) CHECK(y[i] == u[i + 2]);
    double back[6];
    kernel.adjoint(y, back);
    const double expected[] = {0, 0, 2, 3, 4, 5};
    for (int i = 0; i < 6; ++i) CHECK(back[i] == expected[i]);
}

TEST_CASE("a constant is kept, and a wave below the band limit is read between samples") {
    const TimeAxis from{400, 0.001};
    const TimeAxis to{60, 0.004, 0.0713};
    const ResamplingKernel<double> kernel{from, to};
    const double frequency = 60;  // of 125 Hz, the coarser Nyquist frequency
    std::vector<double> ones(400, 1.0), wave(400), y(60);
    for (std::size_t j = 0; j < wave.size(); ++j)
        wave[j] = std::sin(2 * std::numbers::pi * frequency * 0.001 * static_cast<double>(j));
    kernel.forward(ones.data(), y.data());
    for (const double value : y) CHECK(std::abs(value - 1) < 1e-14);
    kernel.forward(wave.data(), y.data());
    for (std::size_t i = 0; i < y.size(); ++i) {
        const double t = to.start + to.interval * static_cast<double>(i);
        CHECK(std::abs(y[i] - std::sin(2 * std::numbers::pi * frequency * t)) < 1e-3);
    }
}

TEST_CASE("what the coarser axis cannot carry is filtered out") {
    const ResamplingKernel<double> kernel{{800, 0.001}, {100, 0.004, 0.2}};
    std::vector<double> wave(800), y(100);
    for (std::size_t j = 0; j < wave.size(); ++j)
        wave[j] = std::sin(2 * std::numbers::pi * 200 * 0.001 * static_cast<double>(j) + 0.4);
    kernel.forward(wave.data(), y.data());
    for (const double value : y) CHECK(std::abs(value) < 1e-3);
}

TEST_CASE("weights without meaning are refused by name") {
    const TimeAxis time{40, 0.01};
    const Grid grid{Shape{7, 5}, {10, 10}};
    const auto line = small_line(time);
    const double nan = std::nan("");
    CHECK_THROWS_WITH_AS((DataMute<float>{line, {.delay = nan}}), doctest::Contains("the delay"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS((DataMute<float>{line, {.taper = -1}}), doctest::Contains("the taper"),
                         ArgumentError);
    CHECK_THROWS_AS((DepthScaling<float>{grid, {.power = -1}}), ArgumentError);
    CHECK_THROWS_AS((TopMute<float>{grid, nan}), ArgumentError);
    const auto world = Communicator::world();
    const Acquisition unlike{shots_at({{0, 0, 0}}, time, world), line.receivers};
    CHECK_THROWS_WITH_AS((DataMute<float>{unlike}), doctest::Contains("unlike shots"),
                         GeometryError);
}
