/// Angle gathers, coefficients of reflection, chirp Radon transforms, and curvelets.
#include "tests/peers/record.hpp"
#include <lop/operators/avo.hpp>
#include <lop/operators/chirp_radon.hpp>
#include <lop/operators/curvelets.hpp>

#include <array>
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

}  // namespace

void record_gathers(Record& record) {
    record_angles(record);
    record_scattering(record);
    record_chirps(record);
    record_curvelets(record);
}

}  // namespace peers
