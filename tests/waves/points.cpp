/// Derivatives between grid points: exact numbers, their error, and images above a free surface.
#include "operators/wave/points.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <doctest/doctest.h>
#include <functional>
#include <random>
#include <vector>

using namespace lop;
using namespace lop::wave;

namespace {

constexpr Interpolation both[]{Interpolation::linear, Interpolation::sinc};

PointSet derivative_at(const PointGrid& grid, const std::array<double, 3>& at,
                       Interpolation interpolation, int axis) {
    PointSet points;
    append_point(points, grid, at, interpolation, axis);
    return points;
}

/// The sum that a point reads of a function of the grid's indices, and the sum of the sizes of its terms.
struct Read {
    double value = 0;
    double size = 0;
};
Read read(const PointSet& points, const PointGrid& grid,
          const std::function<double(const std::array<index_t, 3>&)>& f) {
    Read sum;
    for (std::size_t e = 0; e < points.indices.size(); ++e) {
        std::array<index_t, 3> at{};
        index_t flat = points.indices[e];
        for (int k = grid.dimension - 1; k >= 0; --k) {
            at[k] = flat % grid.extents[k];
            flat /= grid.extents[k];
        }
        sum.value += points.weights[e] * f(at);
        sum.size += std::abs(points.weights[e] * f(at));
    }
    return sum;
}

}  // namespace

TEST_CASE("a derivative of a slope is the slope, on grid points and between them") {
    const PointGrid grid{3, {20, 22, 24}, false, {}, true, {10, 5, 4}};
    const std::array<double, 3> slopes{0.5, -2, 3};  // per m
    const auto field = [&](const std::array<index_t, 3>& at) {
        double value = 7;
        for (int k = 0; k < 3; ++k)
            value += slopes[k] * grid.spacing[k] * static_cast<double>(at[k]);
        return value;
    };
    for (const Interpolation interpolation : both)
        for (const double offset : {0.0, 0.01, 0.25, 0.5, 0.77})
            for (int axis = 0; axis < 3; ++axis) {
                CAPTURE(offset);
                CAPTURE(axis);
                std::array<double, 3> at{8, 9, 10};
                at[axis] += offset;
                const auto points = derivative_at(grid, at, interpolation, axis);
                const Read found = read(points, grid, field);
                CHECK(std::abs(found.value - slopes[axis]) <= 1e-15 * found.size);
                const Read constant =
                    read(points, grid, [](const std::array<index_t, 3>&) { return 1.0; });
                CHECK(std::abs(constant.value) <= 1e-15 * constant.size);
            }
}

TEST_CASE("linear derivatives are differences of neighbours, by hand") {
    const PointGrid grid{2, {20, 30}, false, {}, true, {10, 4}};
    const auto between = derivative_at(grid, {4, 7.25}, Interpolation::linear, 1);
    CHECK(between.indices == std::vector<index_t>{4 * 30 + 7, 4 * 30 + 8});
    CHECK(between.weights == std::vector<double>{-0.25, 0.25});
    const auto on = derivative_at(grid, {4, 7}, Interpolation::linear, 0);
    CHECK(on.indices == std::vector<index_t>{3 * 30 + 7, 4 * 30 + 7, 5 * 30 + 7});
    CHECK(on.weights == std::vector<double>{-0.05, 0, 0.05});
    // Along the other axis it interpolates.
    const auto off = derivative_at(grid, {4.5, 7.5}, Interpolation::linear, 1);
    CHECK(off.weights == std::vector<double>{-0.125, 0.125, -0.125, 0.125});
}

TEST_CASE(
    "the derivative of the windowed sinc is right to 0.008 a cell for four points per wavelength") {
    const PointGrid grid{2, {20, 30}, false};
    double worst = 0, worst_share = 0;
    for (double offset = 0; offset < 1; offset += 0.005) {
        const auto points = derivative_at(grid, {9 + offset, 15}, Interpolation::sinc, 0);
        for (double k = 0.02; k < 1.5708; k += 0.02) {
            std::complex<double> found = 0;
            for (std::size_t e = 0; e < points.indices.size(); ++e)
                found +=
                    points.weights[e] *
                    std::polar(1.0, k * (static_cast<double>(points.indices[e] / 30) - 9 - offset));
            const double error = std::abs(found - std::complex<double>{0, k});
            worst = std::max(worst, error);
            worst_share = std::max(worst_share, error / k);
        }
    }
    MESSAGE("error at most " << worst << " per cell, a share of " << worst_share);
    CHECK(worst < 0.008);
    CHECK(worst_share < 0.011);
}

TEST_CASE(
    "above a free surface derivatives fold as the field does, even or odd, staggered or not") {
    // A field on rows -8 .. 29, or half a row further, whose images are as the parity says; read with all of it
    // there, and with the rows below the surface alone.
    std::mt19937 engine{3};
    std::uniform_real_distribution<double> draw{-1, 1};
    std::vector<double> below(30);
    for (double& value : below) value = draw(engine);
    for (const Interpolation interpolation : both)
        for (const bool is_odd : {false, true})
            for (const bool staggered : {false, true})
                for (const double depth : {0.0, 0.3, 0.5, 1.0, 1.4, 3.9})
                    for (const int axis : {-1, 0, 1}) {
                        CAPTURE(is_odd);
                        CAPTURE(staggered);
                        CAPTURE(depth);
                        CAPTURE(axis);
                        auto values = below;
                        if (is_odd && !staggered) values[0] = 0;
                        const auto field = [&](index_t row) {
                            const index_t image = -row - (staggered ? 1 : 0);
                            return row >= 0 ? values.at(static_cast<std::size_t>(row))
                                   : is_odd ? -values.at(static_cast<std::size_t>(image))
                                            : values.at(static_cast<std::size_t>(image));
                        };
                        const std::array<double, 3> shift{0, staggered ? 0.5 : 0.0, 0};
                        const PointGrid half{2, {20, 30}, true, shift, is_odd, {10, 4}};
                        const PointGrid whole{2, {20, 38}, false, shift, is_odd, {10, 4}};
                        const auto near = derivative_at(half, {6.3, depth}, interpolation, axis);
                        const auto far =
                            derivative_at(whole, {6.3, depth + 8}, interpolation, axis);
                        const Read folded = read(near, half, [&](const auto& at) {
                            return static_cast<double>(at[0]) * field(at[1]);
                        });
                        const Read all = read(far, whole, [&](const auto& at) {
                            return static_cast<double>(at[0]) * field(at[1] - 8);
                        });
                        CHECK(std::abs(folded.value - all.value) <= 4e-15 * all.size);
                    }
}

TEST_CASE("above the surface of a solid fields go on as the quartic through their first points") {
    // A quartic, or by linear interpolation a line, is read as if it were there; one that vanishes on the surface stays so.
    for (const Interpolation interpolation : both)
        for (const bool vanishes : {false, true})
            for (const bool staggered : {false, true})
                for (const double depth : {0.0, 0.3, 0.5, 1.0, 1.4, 3.9})
                    for (const int axis : {-1, 0, 1}) {
                        CAPTURE(vanishes);
                        CAPTURE(staggered);
                        CAPTURE(depth);
                        CAPTURE(axis);
                        const double first = staggered ? 0.5 : 0;
                        const auto field = [&](index_t row) {
                            const double z = (static_cast<double>(row) + first) / 8;
                            const double line = vanishes ? 0.7 * z : 0.4 + 0.7 * z;
                            return interpolation == Interpolation::linear
                                       ? line
                                       : line * (1 - 1.3 * z + 0.6 * z * z - 0.4 * z * z * z);
                        };
                        const std::array<double, 3> shift{0, first, 0};
                        PointGrid half{2, {20, 30}, true, shift, vanishes, {10, 4}};
                        half.goes_on = true;
                        const PointGrid whole{2, {20, 38}, false, shift, vanishes, {10, 4}};
                        const auto near = derivative_at(half, {6.3, depth}, interpolation, axis);
                        const auto far =
                            derivative_at(whole, {6.3, depth + 8}, interpolation, axis);
                        const Read found = read(near, half, [&](const auto& at) {
                            return static_cast<double>(at[0]) * field(at[1]);
                        });
                        const Read expected = read(far, whole, [&](const auto& at) {
                            return static_cast<double>(at[0]) * field(at[1] - 8);
                        });
                        CHECK(std::abs(found.value - expected.value) <=
                              1e-14 * (found.size + expected.size));
                    }
}
