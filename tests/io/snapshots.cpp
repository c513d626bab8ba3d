/// Snapshot files: what is in them, at any time and after any end, and the XML that names it.
#include <lop/io/snapshots.hpp>

#include "scratch.hpp"

#include <algorithm>
#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <cmath>
#include <doctest/doctest.h>
#include <sstream>

using namespace lop;
using namespace lop::io;
using scratch::contains;
using scratch::Folder;

namespace {

/// Five snapshots of 4 x 3 (x 2) points, for which value = 100 * snapshot + place.
SnapshotSeries series_of(int dimension) {
    SnapshotSeries series{.shot = 7, .quantity = "velocity <z>", .unit = "m/s"};
    series.grid = dimension == 2 ? Grid{Shape{4, 3}, {10, 20}, {100, -5}}
                                 : Grid{Shape{4, 2, 3}, {10, 15, 20}, {100, 7, -5}};
    series.times = {5, 0.02, 0};
    for (index_t i = 0; i < series.grid.size(); ++i)
        series.velocity.push_back(1500 + static_cast<float>(i));
    return series;
}

std::vector<float> frame(const SnapshotSeries& series, index_t number) {
    std::vector<float> values;
    for (index_t i = 0; i < series.grid.size(); ++i)
        values.push_back(static_cast<float>(100 * number + i));
    return values;
}

void write_some(const SnapshotWriter& writer, const SnapshotSeries& series, index_t first,
                index_t last) {
    for (index_t n = first; n < last; ++n) writer(frame(series, n).data());
}

template <class V> std::vector<V> numbers(const std::string& text) {
    std::istringstream words{text};
    std::vector<V> all;
    for (V value; words >> value;) all.push_back(value);
    return all;
}

using Tree = boost::property_tree::ptree;

Tree parsed(const std::filesystem::path& path) {
    Tree tree;
    boost::property_tree::read_xml(path.string(), tree);
    return tree;
}

std::vector<Tree> children(const Tree& tree, const std::string& name) {
    std::vector<Tree> found;
    for (const auto& [key, child] : tree)
        if (key == name) found.push_back(child);
    return found;
}

std::string attribute(const Tree& tree, const std::string& name) {
    return tree.get<std::string>("<xmlattr>." + name);
}

/// What a HyperSlab item says, read from the file that it names: start, stride, count of every axis.
std::vector<float> read_slab(const std::filesystem::path& folder, const Tree& item) {
    REQUIRE(attribute(item, "ItemType") == "HyperSlab");
    const auto parts = children(item, "DataItem");
    REQUIRE(parts.size() == 2);
    const auto slab = numbers<std::int64_t>(parts[0].data());
    const auto whole = numbers<std::int64_t>(attribute(parts[1], "Dimensions"));
    const auto colon = parts[1].data().find(":/");
    const auto file = Hdf5File::open(folder / parts[1].data().substr(0, colon));
    const std::string dataset = parts[1].data().substr(colon + 2);
    CHECK(file.extents(dataset) == whole);
    CHECK(file.type(dataset) == "float32");
    CHECK(attribute(parts[1], "Precision") == "4");
    const auto rank = static_cast<std::ptrdiff_t>(whole.size());
    REQUIRE(std::ssize(slab) == 3 * rank);
    CHECK(std::all_of(slab.begin() + rank, slab.begin() + 2 * rank, [](auto n) { return n == 1; }));
    const Part part{{slab.begin(), slab.begin() + rank}, {slab.begin() + 2 * rank, slab.end()}};
    const auto points = numbers<std::int64_t>(attribute(item, "Dimensions"));
    CHECK(points.size() == 3);
    CHECK(std::equal(points.end() - rank + 1, points.end(), part.extents.begin() + 1,
                     part.extents.end()));
    std::int64_t size = 1;
    for (const std::int64_t n : part.extents) size *= n;
    std::vector<float> values(static_cast<std::size_t>(size));
    file.read(dataset, values.data(), whole, part);
    return values;
}

void check_xdmf(const Folder& folder, const SnapshotSeries& series, index_t count) {
    const Tree tree = parsed(folder / "u.xdmf");
    CHECK(attribute(tree.get_child("Xdmf"), "Version") == "3.0");
    const Tree& collection = tree.get_child("Xdmf.Domain.Grid");
    CHECK(attribute(collection, "CollectionType") == "Temporal");
    const auto grids = children(collection, "Grid");
    REQUIRE(static_cast<index_t>(grids.size()) == count);
    const bool planar = series.grid.dimension() == 2;
    for (index_t n = 0; n < count; ++n) {
        const Tree& grid = grids[static_cast<std::size_t>(n)];
        CHECK(std::stod(attribute(grid.get_child("Time"), "Value")) ==
              doctest::Approx(0.02 * static_cast<double>(n)).epsilon(1e-14));
        const Tree& topology = grid.get_child("Topology");
        CHECK(attribute(topology, "TopologyType") == "3DCoRectMesh");
        CHECK(attribute(topology, "Dimensions") == (planar ? "1 3 4" : "3 2 4"));
        const auto places = children(grid.get_child("Geometry"), "DataItem");
        REQUIRE(places.size() == 2);
        // From the slowest axis, z, to the fastest, x.
        CHECK(numbers<double>(places[0].data()) ==
              (planar ? std::vector<double>{0, -5, 100} : std::vector<double>{-5, 7, 100}));
        CHECK(numbers<double>(places[1].data()) ==
              (planar ? std::vector<double>{1, 20, 10} : std::vector<double>{20, 15, 10}));
        const auto fields = children(grid, "Attribute");
        REQUIRE(fields.size() == 2);
        CHECK(attribute(fields[0], "Name") == "velocity <z>");
        CHECK(attribute(fields[0], "Center") == "Node");
        CHECK(read_slab(folder.path(), fields[0].get_child("DataItem")) == frame(series, n));
        CHECK(fields[1].get_child("DataItem").data() == "u.h5:/model");
    }
}

}  // namespace

TEST_CASE("a series is in its file, and the XDMF file names each snapshot") {
    for (const int dimension : {2, 3}) {
        const Folder folder;
        const SnapshotSeries series = series_of(dimension);
        write_some(snapshots_to(folder / "u.h5")(series), series, 0, 5);
        const auto file = Hdf5File::open(folder / "u.h5");
        CHECK(file.extents("snapshots") ==
              (dimension == 2 ? Extents{5, 3, 4} : Extents{5, 3, 2, 4}));
        CHECK(file.attribute<std::string>("snapshots", "axes") == (dimension == 2 ? "zx" : "zyx"));
        CHECK(file.attribute<std::string>("snapshots", "unit") == "m/s");
        CHECK(file.read_whole<float>("model") == series.velocity);
        const auto times = file.read_whole<double>("times");
        for (std::size_t n = 0; n < 5; ++n) CHECK(times[n] == 0.02 * static_cast<double>(n));
        const SnapshotSeries back = snapshot_series(file);
        CHECK(back.grid == series.grid);
        CHECK(back.times == series.times);
        CHECK(back.shot == 7);
        CHECK(read_snapshot(file, 3) == frame(series, 3));
        check_xdmf(folder, series, 5);
        CHECK(std::distance(std::filesystem::directory_iterator{folder.path()}, {}) == 2);
    }
}

TEST_CASE("what a program that is killed leaves holds every snapshot that it wrote") {
    const Folder folder;
    const SnapshotSeries series = series_of(2);
    const auto writer = snapshots_to(folder / "u.h5")(series);
    for (index_t n = 0; n < 5; ++n) {
        write_some(writer, series, n, n + 1);
        // The bytes that lie there now, whatever the program still means to do.
        std::filesystem::copy_file(folder / "u.h5", folder / "left.h5",
                                   std::filesystem::copy_options::overwrite_existing);
        const auto left = Hdf5File::open(folder / "left.h5");
        REQUIRE(written_snapshots(left) == n + 1);
        for (index_t k = 0; k <= n; ++k) CHECK(read_snapshot(left, k) == frame(series, k));
        CHECK(left.read_whole<float>("model") == series.velocity);
    }
}

TEST_CASE("a series that ends early keeps its snapshots, and its XDMF file names these alone") {
    const Folder folder;
    const SnapshotSeries series = series_of(3);
    write_some(snapshots_to(folder / "u.h5")(series), series, 0, 2);
    const auto file = Hdf5File::open(folder / "u.h5");
    CHECK(written_snapshots(file) == 2);
    CHECK(std::isnan(file.read_whole<double>("times")[2]));
    CHECK(read_snapshot(file, 1) == frame(series, 1));
    check_xdmf(folder, series, 2);
}

TEST_CASE("an older file is replaced, and several series have files of their own") {
    const Folder folder;
    SnapshotSeries series = series_of(2);
    scratch::write_bytes(folder / "u.h5", "something else");
    write_some(snapshots_to(folder / "u.h5")(series), series, 0, 5);
    check_xdmf(folder, series, 5);
    series.together = 3;
    write_some(snapshots_to(folder / "v.h5")(series), series, 0, 1);
    CHECK(snapshot_path(folder / "v.h5", 7, 3) == folder / "v-shot7.h5");
    CHECK(written_snapshots(Hdf5File::open(folder / "v-shot7.h5")) == 1);
    CHECK(std::filesystem::exists(folder / "v-shot7.xdmf"));
    CHECK(!std::filesystem::exists(folder / "v.h5"));
}

TEST_CASE("files that cannot be written are refused by name, and nothing is left") {
    const Folder folder;
    const SnapshotSeries series = series_of(2);
    const auto refusal = [&](const std::filesystem::path& path) {
        return scratch::message_of<FileError>([&] { snapshots_to(path)(series); });
    };
    CHECK(contains(refusal(folder / "none/u.h5"), "none/u.h5"));
    CHECK(contains(refusal(folder / "none/u.h5"), "create the folder"));
    CHECK(contains(refusal(folder / "a:b.h5"), "without a colon"));
    CHECK(contains(refusal(folder.path() / ""), "the name of an HDF5 file"));
    std::filesystem::create_directory(folder / "folder.h5");
    CHECK(contains(refusal(folder / "folder.h5"), "choose another name"));
    SnapshotSeries bare = series;
    bare.velocity.pop_back();
    CHECK_THROWS_WITH_AS(snapshots_to(folder / "u.h5")(bare),
                         doctest::Contains("each of 12 points"), ArgumentError);
    SnapshotSeries large = series;
    large.times.samples = 100'000;
    {
        const scratch::FileSizeLimit limit{1 << 20};
        const std::string words =
            scratch::message_of<FileError>([&] { snapshots_to(folder / "large.h5")(large); });
        CHECK(contains(words, "large.h5"));
        CHECK(contains(words, "ulimit -f"));
    }
    CHECK(std::distance(std::filesystem::directory_iterator{folder.path()}, {}) == 1);
}
