/// Angle gathers, coefficients of reflection, chirp Radon transforms, curvelets, and sums of diffractions.
#include "tests/peers/record.hpp"
#include <lop/operators/avo.hpp>
#include <lop/operators/chirp_radon.hpp>
#include <lop/operators/curvelets.hpp>
#include <lop/operators/kirchhoff.hpp>

#include <array>
#include <cmath>
#include <numbers>
#include <utility>

namespace peers {

using namespace lop;

namespace {

const std::vector<double> degrees{0, 7, 15, 26, 38};

std::vector<double> radians() {
    std::vector<double> angles;
    for (const double angle : degrees) angles.push_back(angle * std::numbers::pi / 180);
    return angles;
}

void record_angles(Record& record) {
    constexpr std::array linearizations{std::pair{AvoLinearization::aki_richards, " aki richards"},
                                        std::pair{AvoLinearization::fatti, " fatti"}};
    constexpr std::array derivatives{std::pair{Difference::centered, " centered"},
                                     std::pair{Difference::forward, " forward"}};
    const std::vector<double> ratios{0.4, 0.45, 0.5, 0.52, 0.48, 0.55, 0.61};
    const std::vector<double> wavelet{0.1, -0.4, 1, -0.5, 0.2};
    const Shape parameters{static_cast<index_t>(ratios.size()), 3, 2, 4};
    for (const auto& [linearization, name] : linearizations) {
        record
            .apply(std::string{"AvoModelling"} + name,
                   AvoModelling<double>{parameters, radians(), 0.45, linearization})
            .with("degrees", degrees)
            .with("ratio", 0.45);
        record
            .apply(std::string{"AvoModelling"} + name + " changing ratio",
                   AvoModelling<double>{parameters, radians(), ratios, linearization})
            .with("degrees", degrees)
            .with("ratio", ratios);
        for (const auto& [derivative, words] : derivatives)
            record
                .apply(std::string{"PrestackModelling"} + name + words,
                       PrestackModelling<double>{
                           parameters,
                           wavelet,
                           radians(),
                           ratios,
                           {.linearization = linearization, .derivative = derivative}})
                .with("wavelet", wavelet)
                .with("degrees", degrees)
                .with("ratio", ratios);
    }
}

void record_scattering(Record& record) {
    const ElasticMedium upper{2200, 1000, 2100};
    const ElasticMedium lower{2600, 1350, 2250};
    for (std::size_t a = 0; a < degrees.size(); ++a) {
        const ScatteringMatrix s = zoeppritz(upper, lower, radians()[a]);
        Matrix<C> m(4, 4);
        for (std::size_t i = 0; i < 16; ++i) m.data()[i] = s[i / 4][i % 4];
        record.apply("zoeppritz angle " + std::to_string(a), MatrixOperator<C>{m})
            .with("upper", std::vector<double>{upper.vp, upper.vs, upper.density})
            .with("lower", std::vector<double>{lower.vp, lower.vs, lower.density})
            .with("degrees", degrees[a]);
    }
}

/// PyLops' axis of n places, which starts half a place earlier where n is odd.
RegularAxis axis_of(index_t n, double step) {
    return {n, step, -step * static_cast<double>((n + 1) / 2)};
}

void record_chirps(Record& record) {
    constexpr double interval = 0.004;
    for (const auto& [traces, samples] : {std::pair<index_t, index_t>{8, 15}, {7, 12}}) {
        const TimeAxis time{samples, interval};
        const RegularAxis x = axis_of(traces, 10);
        const RegularAxis p = axis_of(traces, 1e-4);
        const std::string size = " " + std::to_string(traces) + " x " + std::to_string(samples);
        const auto note = [&](Case c) {
            c.with("interval", interval).with("dx", 10).with("dp", 1e-4);
        };
        note(record.apply("ChirpRadon2D" + size, ChirpRadon2D<double>{time, x, p}));
        note(record.apply("ApproximateInverseChirpRadon2D" + size,
                          ApproximateInverseChirpRadon2D<double>{time, x, p}));
        const std::array offsets{axis_of(6, 20), x};
        const std::array slownesses{axis_of(6, 2e-4), p};
        const auto note_both = [&](Case c) {
            c.with("interval", interval);
            c.with("steps", std::vector<double>{20, 10, 2e-4, 1e-4});
        };
        note_both(
            record.apply("ChirpRadon3D" + size, ChirpRadon3D<double>{time, offsets, slownesses}));
        note_both(record.apply("ApproximateInverseChirpRadon3D" + size,
                               ApproximateInverseChirpRadon3D<double>{time, offsets, slownesses}));
    }
}

/// On extents at which no frequency lies on the edge of a window: there PyLops has the root of a
/// rounding as a weight that should be zero.
void record_curvelets(Record& record) {
    const Shape image{20, 28};
    record.apply("CurveletTransform image", CurveletTransform<double>{image});
    record.apply("CurveletTransform image four scales",
                 CurveletTransform<double>{{40, 56}, {.scales = 4}});
    record.apply("CurveletTransform volume", CurveletTransform<double>{{16, 20, 28}});
}

/// Along straight rays in two and three dimensions, and along given tables. Some arrivals leave the
/// axis of time; none is on its last sample, which PyLops drops.
void record_diffractions(Record& record) {
    const KirchhoffOptions<double> options{.wavelet = {0.2, -0.5, 1, -0.4}, .center = 2};
    const TimeAxis time{40, 0.004};
    const double velocity = 1700;
    const auto note = [&](Case c) {
        c.with("wavelet", options.wavelet)
            .with("center", static_cast<double>(options.center))
            .with("interval", time.interval)
            .with("velocity", velocity);
        return c;
    };
    const auto rays = [&](const char* name, const Grid& grid, const std::vector<Point>& sources,
                          const std::vector<Point>& receivers) {
        const auto places = [&](const std::vector<Point>& points) {
            Matrix<double> m(grid.dimension(), std::ssize(points));
            for (index_t p = 0; p < m.cols(); ++p)
                for (int a = 0; a < grid.dimension(); ++a)
                    m(a, p) = grid.coordinate(points[static_cast<std::size_t>(p)], a);
            return m;
        };
        Case c = note(record.apply(
            name, Kirchhoff<double>{
                      {grid, sources, velocity}, {grid, receivers, velocity}, time, options}));
        c.with("sources", places(sources)).with("receivers", places(receivers));
        for (int a = 0; a < grid.dimension(); ++a) {
            std::vector<double> axis;
            for (index_t i = 0; i < grid.shape()[a]; ++i)
                axis.push_back(grid.origin(a) + static_cast<double>(i) * grid.spacing(a));
            c.with("axis" + std::to_string(a), axis);
        }
    };
    rays("Kirchhoff plane", Grid{{13, 17}, {10, 8}, {20, 5}}, {{31, 0, 0}, {70, 0, 3}},
         {{0, 0, 1}, {55, 0, 0}, {120, 0, 2}});
    rays("Kirchhoff volume", Grid{{4, 5, 9}, {15, 10, 8}, {20, -10, 5}}, {{31, 3, 0}, {70, 11, 3}},
         {{0, 0, 1}, {55, 20, 0}, {60, 5, 2}});

    const auto table = [](index_t points, std::uint64_t seed) {
        auto times = ArraySpace<double>{"times", {points, 13, 17}}.random(seed);
        for (index_t i = 0; i < times.size(); ++i) times[i] = 0.06 * std::abs(times[i]);
        return times;
    };
    const auto sources = table(2, 21);
    const auto receivers = table(3, 22);
    note(record.apply("Kirchhoff tables",
                      Kirchhoff<double>{TravelTimes<double>{sources},
                                        TravelTimes<double>{receivers}, time, options}))
        .with("sources", sources)
        .with("receivers", receivers);
}

}  // namespace

void record_gathers(Record& record) {
    record_angles(record);
    record_scattering(record);
    record_chirps(record);
    record_curvelets(record);
    record_diffractions(record);
}

}  // namespace peers
