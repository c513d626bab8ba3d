/// Models and shot records through files: units, axes, round trips on any number of ranks, refusals.
#include "scratch.hpp"
#include "support/public_data.hpp"
#include <lop/core/error.hpp>
#include <lop/core/units.hpp>
#include <lop/io/models.hpp>
#include <lop/io/raw.hpp>
#include <lop/io/records.hpp>

#include <cmath>
#include <doctest/doctest.h>

using namespace lop;

namespace {

Communicator world() { return Communicator::world(); }

/// Velocities 1500, 1501, ... over 5 x 4 points.
Model<double> staircase() {
    const Grid grid{Shape{5, 4}, {12.5, 10}, {100, 20}};
    Array<double> v{grid.shape()};
    for (index_t i = 0; i < v.size(); ++i) v[i] = 1500 + static_cast<double>(i);
    return Model<double>::from_velocity(grid, v, world());
}

/// Three shots of 2, 3 and 1 receivers; sample values are random, keyed by place.
ShotRecords<float> uneven_records() {
    const TimeAxis time{17, 0.004};
    const Geometry sources = shots_at({{10, 0, 5}, {20.5, 0, 5}, {30, 2, 5}}, time, world());
    const Geometry receivers{
        {{{0, 0, 1}, {7.25, 0, 1}}, {{1, 0, 2}, {2, 0, 2}, {3, 0, 2}}, {{9, 9, 3}}}, time, world()};
    return {sources, receivers, receivers.space<float>().random(5)};
}

bool same_points(const Geometry& a, const Geometry& b) {
    if (a.shot_count() != b.shot_count() || !(a.time() == b.time())) return false;
    for (index_t shot = 0; shot < a.shot_count(); ++shot)
        if (a.points(shot) != b.points(shot)) return false;
    return true;
}

void write_on_root(const std::filesystem::path& path, const std::vector<double>& values) {
    if (world().root())
        io::write_raw(
            path, values.data(),
            {.extents = {static_cast<index_t>(values.size())}, .scalar = io::RawScalar::float64});
    world().barrier();
}

}  // namespace

TEST_CASE("a model returns from HDF5 to the bit, with its grid") {
    const scratch::Folder folder{MPI_COMM_WORLD};
    const auto model = staircase();
    io::write_model((folder / "m.h5").string(), model);
    const auto back = io::read_model<double>((folder / "m.h5").string(), {}, world());
    CHECK(back.grid() == model.grid());
    CHECK(norm(back.slowness_squared() - model.slowness_squared()) == 0);
}

TEST_CASE("a model returns from SEG-Y as velocities in single precision") {
    const scratch::Folder folder{MPI_COMM_WORLD};
    const auto model = staircase();
    io::write_model((folder / "v.segy").string(), model);
    const auto back =
        io::read_model<double>((folder / "v.segy").string(), {.unit = "m/s"}, world());
    CHECK(back.grid() == model.grid());
    CHECK(norm(back.slowness_squared() - model.slowness_squared()) <
          1e-6 * norm(model.slowness_squared()));
}

TEST_CASE("raw values are converted by their declared unit, and their axes put in order") {
    const scratch::Folder folder{MPI_COMM_WORLD};
    const auto path = (folder / "v.bin").string();
    write_on_root(path, {1, 2, 3, 4, 5, 6});
    io::ModelOptions options{
        .unit = "km/s", .axes = "zx", .shape = {3, 2}, .scalar = "float64", .spacing = {10, 5}};
    const auto model = io::read_model<double>(path, options, world());
    CHECK(model.grid().shape() == Shape{2, 3});
    const auto v = model.velocity();
    const double expected[] = {1000, 3000, 5000, 2000, 4000, 6000};
    for (index_t i = 0; i < 6; ++i) CHECK(std::abs(v[i] - expected[i]) < 1e-9);
    options.unit = "s2/km2";
    const auto slow = io::read_model<double>(path, options, world());
    CHECK(std::abs(slow.slowness_squared().data()[1] - 3e-6) < 1e-20);
    CHECK(std::abs(slow.velocity()[0] - 1000) < 1e-9);
}

TEST_CASE("nothing about a model is guessed") {
    const scratch::Folder folder{MPI_COMM_WORLD};
    const auto path = (folder / "v.bin").string();
    write_on_root(path, {1, 2, 3, 4, 5, 6});
    const io::ModelOptions good{
        .unit = "km/s", .shape = {2, 3}, .scalar = "float64", .spacing = {5, 5}};
    const auto refused = [&](io::ModelOptions options, const char* words) {
        CHECK_THROWS_WITH(io::read_model<double>(path, options, world()), doctest::Contains(words));
    };
    auto options = good;
    options.unit = "";
    refused(options, "values without a unit");
    options.unit = "furlong/h";
    refused(options, "one of m/s, km/s, ft/s");
    options = good;
    options.shape = {};
    refused(options, "without a declared shape");
    options.shape = {2, 4};
    refused(options, "v.bin");
    options = good;
    options.spacing = {};
    refused(options, "no spacing for every axis");
    options = good;
    options.axes = "xy";
    refused(options, "an order of the letters");
    CHECK_THROWS_WITH_AS(io::read_model<double>((folder / "none.h5").string(), {}, world()),
                         doctest::Contains("none.h5"), FileError);
    write_on_root(path, {1, 2, std::nan(""), 4, 5, 6});
    refused(good, "NaN or infinity at value 2 of 2 x 3");
    write_on_root(path, {1, 2, 3, 4, 0, 6});
    refused(good, "that no medium has");
}

TEST_CASE("shot records return from SEG-Y, shot by shot, to the bit") {
    const scratch::Folder folder{MPI_COMM_WORLD};
    const auto d = uneven_records();
    io::write_segy((folder / "d.segy").string(), d);
    const auto back =
        io::open_segy((folder / "d.segy").string(), io::Distribute::by_shot, {}, world());
    CHECK(same_points(back.sources(), d.sources()));
    CHECK(same_points(back.receivers(), d.receivers()));
    CHECK(norm(back - d) == 0);
}

TEST_CASE("shot records return from HDF5 to the bit") {
    const scratch::Folder folder{MPI_COMM_WORLD};
    const auto d = uneven_records();
    auto file = io::Hdf5File::create((folder / "d.h5").string(), MPI_COMM_WORLD);
    io::write_records(file, "line", d);
    file.commit();
    const auto open = io::Hdf5File::open((folder / "d.h5").string(), MPI_COMM_WORLD);
    const auto back = io::read_records(open, "line", io::Distribute::by_shot, world());
    CHECK(same_points(back.sources(), d.sources()));
    CHECK(same_points(back.receivers(), d.receivers()));
    CHECK(norm(back - d) == 0);
}

TEST_CASE("a missing record file ends all ranks with one error") {
    CHECK_THROWS_WITH_AS(io::open_segy("no/such.segy", io::Distribute::by_shot, {}, world()),
                         doctest::Contains("no/such.segy"), FileError);
}

TEST_CASE("Overthrust is read from squared slowness, x fastest, as JUDI wrote it" *
          needs_public_data) {
    const auto path = public_data("models/overthrust2d_judi_overthrust_model.h5");
    if (path.empty()) return;
    CHECK_THROWS_AS(io::read_model(path, {.axes = "zx"}, world()), UnitError);
    const auto m = io::read_model(path, {.unit = "s2/km2", .axes = "zx"}, world());
    CHECK(m.grid() == Grid{Shape{401, 121}, {25, 25}});
    CHECK(m.min_velocity() == doctest::Approx(1500).epsilon(1e-5));
    CHECK(m.max_velocity() < 6100);
    const auto v = m.velocity();
    CHECK(v(200, 5) == doctest::Approx(1500).epsilon(1e-5));  // water
    CHECK(v(200, 120) > 3000);
}

TEST_CASE("Marmousi is read from raw values in km/s" * needs_public_data) {
    const auto path = public_data("models/marmousi1_devito_vp_1601x401_7.5m.f32");
    if (path.empty()) return;
    const auto m = io::read_model(
        path, {.unit = "km/s", .shape = {1601, 401}, .spacing = {7.5, 7.5}}, world());
    CHECK(m.min_velocity() == doctest::Approx(1028).epsilon(1e-3));
    CHECK(m.max_velocity() == doctest::Approx(4700).epsilon(1e-3));
}

TEST_CASE("the marine records are read with their own geometry" * needs_public_data) {
    const auto path = public_data("segy/segyio_viking_small.segy");
    if (path.empty()) return;
    const auto d = io::open_segy(path, io::Distribute::by_shot, {}, world());
    CHECK(d.sources().shot_count() == 4);
    CHECK(d.receivers().trace_count() == 480);
    CHECK(d.receivers().time().samples == 600);
    CHECK(d.receivers().time().interval == doctest::Approx(0.004).epsilon(1e-9));
    for (const Point& r : d.receivers().points(0)) {
        const double offset = r.x - d.sources().points(0)[0].x;
        CHECK(std::abs(offset) > 200);
        CHECK(std::abs(offset) < 3300);
    }
    CHECK(norm(d) > 0);
}
