/// Snapshots: what receivers on every point would read, to the bit, and nothing changed beside them.
#include <lop/io/snapshots.hpp>

#include "io/scratch.hpp"
#include "support/rough.hpp"
#include <lop/core/error.hpp>
#include <lop/core/random.hpp>
#include <lop/operators/wave/equations.hpp>
#include <lop/operators/wave/snapshots.hpp>
#include <lop/seismic/wavelet.hpp>

#include <doctest/doctest.h>
#include <string>

using namespace lop;

namespace {

constexpr double step = 1.0 / 1024;

/// Coordinates without rounding.
Grid grid_of(int dimension) {
    if (dimension == 2) return {Shape{22, 19}, {8, 16}, {64, 32}};
    return {Shape{12, 11, 13}, {8, 8, 16}, {0, 16, 32}};
}

template <Scalar T> WaveMedium<T> medium_of(bool elastic, const Grid& grid) {
    if (!elastic) return Acoustic<T>{Model<T>::from_velocity(grid, rough<T>(grid, 1500, 3000, 1))};
    return Elastic<T>{grid, rough<T>(grid, 2000, 3000, 1), rough<T>(grid, 0, 1300, 3),
                      rough<T>(grid, 1000, 2500, 2)};
}

std::vector<Point> points_of(const Grid& grid) {
    std::vector<Point> points;
    const bool planar = grid.dimension() == 2;
    const int depth = grid.dimension() - 1;
    const auto at = [&](int axis, index_t i) {
        return grid.origin(axis) + grid.spacing(axis) * static_cast<double>(i);
    };
    for (index_t k = 0; k < grid.shape()[depth]; ++k)
        for (index_t j = 0; j < (planar ? 1 : grid.shape()[1]); ++j)
            for (index_t i = 0; i < grid.shape()[0]; ++i)
                points.push_back({at(0, i), planar ? 0 : at(1, j), at(depth, k)});
    return points;
}

struct Setting {
    int dimension = 2;
    bool elastic = false;
    bool free_surface = false;
    std::string quantity{};
    Interpolation interpolation = Interpolation::sinc;
};

/// Two shots of one source, and these receivers for each, at every step.
template <Scalar T>
Modeling<T> modeling(const Setting& s, const std::vector<Point>& receivers, index_t samples = 40) {
    const Grid grid = grid_of(s.dimension);
    const TimeAxis time{samples, step};
    const Point first{grid.origin(0) + 45, s.dimension == 3 ? 61.0 : 0.0, 101};
    const Point second{grid.origin(0) + 20, s.dimension == 3 ? 50.0 : 0.0, 90};
    return Projection<T>{fixed_spread(receivers, 2, time),
                         {.interpolation = s.interpolation, .quantity = s.quantity}} *
           Propagator<T>{medium_of<T>(s.elastic, grid),
                         {.space_order = 4,
                          .boundary = {.cells = 5},
                          .free_surface = s.free_surface,
                          .time_step = step}} *
           Projection<T>{shots_at({first, second}, time)}.H();
}

/// All series of a run, in memory.
struct Kept {
    std::vector<SnapshotSeries> series{};
    std::vector<std::vector<std::vector<float>>> frames{};
    SnapshotSink sink() {
        return [this](const SnapshotSeries& one) -> SnapshotWriter {
            series.push_back(one);
            const std::size_t size = static_cast<std::size_t>(one.grid.size());
            auto& into = frames.emplace_back();
            return [&into, size](const float* v) { into.emplace_back(v, v + size); };
        };
    }
};

double strongest(const std::vector<float>& values) {
    double most = 0;
    for (const float v : values) most = std::max(most, std::abs(static_cast<double>(v)));
    return most;
}

/// Snapshots of the second shot are its receivers' values.
template <Scalar T> void check(const Setting& s, Snapshots options) {
    CAPTURE(s.quantity);
    CAPTURE(s.dimension);
    options.quantity = s.quantity;
    options.every = 3;
    options.shots = {1};
    options.interpolation = s.interpolation;
    const auto probe = modeling<T>(s, {points_of(grid_of(s.dimension))[0]});
    const SnapshotExtent extent = extent_of(probe, options);
    const auto M = modeling<T>(s, points_of(extent.grid));
    const auto q = M.domain().random(1);
    Kept kept;
    const auto d = record(M, q, options, kept.sink());
    REQUIRE(kept.frames.size() == 1);
    const auto& frames = kept.frames[0];
    CHECK(static_cast<index_t>(frames.size()) == extent.count);
    CHECK(kept.series[0].shot == 1);
    CHECK(kept.series[0].times == TimeAxis{extent.count, 3 * step, 0});
    const index_t points = extent.grid.size();
    REQUIRE(M.range().shape()[0] == 2 * points);
    index_t unlike = 0;
    for (index_t n = 0; n * 3 < 40; ++n)
        for (index_t p = 0; p < points; ++p)
            unlike += frames[static_cast<std::size_t>(n)][static_cast<std::size_t>(p)] !=
                      static_cast<float>(d.data()[(points + p) * 40 + 3 * n]);
    CHECK(unlike == 0);
    CHECK(strongest(frames[12]) > 0);
    CHECK(norm(d - M * q) == 0);
}

}  // namespace

TEST_CASE_TEMPLATE("snapshots are what receivers on their points read, to the bit", T, float,
                   double) {
    for (const bool free_surface : {false, true})
        check<T>({.free_surface = free_surface, .quantity = "pressure"}, {});
    check<T>({.dimension = 3, .free_surface = true, .quantity = "pressure"}, {});
    for (const char* quantity :
         {"pressure", "velocity z", "stress xx", "stress xz", "strain rate xz"})
        check<T>({.elastic = true, .quantity = quantity}, {});
    for (const char* quantity : {"pressure", "velocity y", "stress xz", "strain rate yz"})
        check<T>({.dimension = 3, .elastic = true, .quantity = quantity}, {});
    check<T>({.elastic = true, .quantity = "stress xz", .interpolation = Interpolation::linear},
             {});
}

TEST_CASE("and on every so many of them, or in a box, or on a section") {
    check<float>({.elastic = true, .quantity = "velocity x"}, {.stride = {3, 2}});
    check<double>({.quantity = "pressure"}, {.stride = {4}});
    check<float>({.quantity = "pressure"}, {.from = {100, 70}, .to = {180, 200}});
    check<float>({.dimension = 3, .elastic = true, .quantity = "velocity z"},
                 {.stride = {2, 1, 3}, .from = {0, 48, 32}, .to = {88, 48, 224}});
    const auto M = modeling<float>({}, {{100, 0, 100}});
    const auto box = extent_of(M, {.every = 7, .stride = {2}, .from = {100, 70}, .to = {180, 200}});
    CHECK(box.grid == Grid{Shape{6, 5}, {16, 32}, {104, 64}});  // from points 5, 2 to 15, 11
    CHECK(box.count == (M.steps().samples - 1) / 7 + 1);
}

TEST_CASE("the layers can be seen too, and what lies in the model is the same") {
    const auto M = modeling<float>({}, {{100, 0, 100}});
    const auto q = M.domain().random(1);
    Kept inner, all;
    record(M, q, {.shots = {0}}, inner.sink());
    record(M, q, {.with_layers = true, .shots = {0}}, all.sink());
    const Grid grid = all.series[0].grid;
    CHECK(grid == Grid{Shape{32, 29}, {8, 16}, {24, -48}});
    REQUIRE(inner.frames[0].size() >= 2);
    for (std::size_t z = 0; z < 19; ++z)
        for (std::size_t x = 0; x < 22; ++x)
            CHECK(inner.frames[0][1][z * 22 + x] == all.frames[0][1][(z + 5) * 32 + x + 5]);
    CHECK(strongest(inner.frames[0][1]) > 0);
    // The velocity is that of the model, and that of its edge in the layers.
    const auto velocity = rough<float>(grid_of(2), 1500, 3000, 1);
    for (std::size_t z = 0; z < 19; ++z)
        for (std::size_t x = 0; x < 22; ++x)
            CHECK(inner.series[0].velocity[z * 22 + x] ==
                  doctest::Approx(velocity[static_cast<index_t>(x * 19 + z)]).epsilon(2e-7));
    CHECK(all.series[0].velocity[0] == inner.series[0].velocity[0]);
}

TEST_CASE("of all shots, of some, and of these alone") {
    const auto M = modeling<float>({}, {{100, 0, 100}, {120, 0, 100}});
    const auto q = M.domain().random(1);
    Kept every, one;
    const auto d = record(M, q, {}, every.sink());
    REQUIRE(every.series.size() == 2);
    CHECK(every.series[1].shot == 1);
    CHECK(every.series[1].together == 2);
    const auto alone = record(M, q, {.shots = {1}, .others = false}, one.sink());
    CHECK(one.frames[0] == every.frames[1]);
    CHECK(every.frames[0] != every.frames[1]);
    for (index_t i = 0; i < d.size(); ++i)
        CHECK(alone.data()[i] == (i < d.size() / 2 ? 0 : d.data()[i]));
}

TEST_CASE("snapshots in a file are those of the run, with what they are") {
    const scratch::Folder folder;
    const auto M = modeling<double>({.elastic = true}, {{100, 0, 100}});
    const auto q = M.domain().random(1);
    const Snapshots options{.quantity = "stress xz", .every = 8, .stride = {2, 3}, .shots = {1}};
    Kept kept;
    record(M, q, options, kept.sink());
    record(M, q, options, io::snapshots_to(folder / "u.h5"));
    const auto file = io::Hdf5File::open(folder / "u.h5");
    REQUIRE(io::holds_snapshots(file));
    const SnapshotSeries series = io::snapshot_series(file);
    CHECK(series.quantity == "stress xz");
    CHECK(series.unit == "Pa");
    CHECK(series.shot == 1);
    CHECK(series.grid == kept.series[0].grid);
    CHECK(series.times == kept.series[0].times);
    REQUIRE(io::written_snapshots(file) == series.times.samples);
    for (index_t n = 0; n < series.times.samples; ++n)
        CHECK(io::read_snapshot(file, n) == kept.frames[0][static_cast<std::size_t>(n)]);
    CHECK(file.read_whole<float>("model") == kept.series[0].velocity);
    CHECK(std::filesystem::exists(folder / "u.xdmf"));
}

TEST_CASE("what cannot be kept is refused by name, before anything runs") {
    const auto M = modeling<float>({}, {{100, 0, 100}});
    const auto q = M.domain().random(1);
    bool began = false;
    const SnapshotSink sink = [&](const SnapshotSeries&) {
        began = true;
        return SnapshotWriter{[](const float*) {}};
    };
    const auto refused = [&](const Snapshots& options, const char* words) {
        CAPTURE(words);
        CHECK_THROWS_WITH_AS(record(M, q, options, sink), doctest::Contains(words), ArgumentError);
    };
    refused({.quantity = "velocity z"}, "one that the wave equation has: pressure");
    refused({.every = 0}, "every k-th step");
    refused({.stride = {0}}, "every k-th point");
    refused({.stride = {1, 1, 1}}, "one value, or 2");
    refused({.from = {10, 100}}, "points from 64 to 232 m along x");
    refused({.to = {100, 1000}}, "points from 32 to 320 m along z");
    refused({.from = {200, 100}, .to = {100, 200}}, "begins before it ends");
    refused({.shots = {2}}, "shots from 0 to 1");
    CHECK_THROWS_WITH_AS(record(M, q, {}, {}), doctest::Contains("a sink"), ArgumentError);
    CHECK(!began);
}

TEST_CASE("a sink that fails ends the run with its error, and what it had stays") {
    const scratch::Folder folder;
    const auto M = modeling<float>({}, {{100, 0, 100}});
    const auto q = M.domain().random(1);
    const SnapshotSink sink = [&](const SnapshotSeries& series) {
        auto writer = io::snapshots_to(folder / "u.h5")(series);
        return SnapshotWriter{[writer, count = 0](const float* values) mutable {
            if (++count == 4) throw FileError{"the disk is gone"};
            writer(values);
        }};
    };
    CHECK_THROWS_WITH_AS(record(M, q, {.every = 5, .shots = {0}}, sink),
                         doctest::Contains("the disk is gone"), FileError);
    Kept kept;
    record(M, q, {.every = 5, .shots = {0}}, kept.sink());
    const auto file = io::Hdf5File::open(folder / "u.h5");
    REQUIRE(io::written_snapshots(file) == 3);
    for (index_t n = 0; n < 3; ++n)
        CHECK(io::read_snapshot(file, n) == kept.frames[0][static_cast<std::size_t>(n)]);
}
