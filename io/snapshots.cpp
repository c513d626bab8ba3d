/// Snapshots: one HDF5 file a shot, written through as the run goes, and the XML that names its slabs.
#include <lop/io/snapshots.hpp>

#include <lop/io/atomic_file.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

namespace lop::io {
namespace fs = std::filesystem;
namespace {

constexpr const char* field_name = "snapshots";

/// Along x, (y,) z, in the order of the file.
template <class V> std::vector<V> reversed(const Grid& grid, V (Grid::*member)(int) const) {
    std::vector<V> values;
    for (int axis = grid.dimension() - 1; axis >= 0; --axis) values.push_back((grid.*member)(axis));
    return values;
}

Extents extents_in_file(const Grid& grid) {
    Extents extents;
    for (int axis = grid.dimension() - 1; axis >= 0; --axis) extents.push_back(grid.shape()[axis]);
    return extents;
}

Extents with_time(index_t count, const Extents& extents) {
    Extents all{count};
    all.insert(all.end(), extents.begin(), extents.end());
    return all;
}

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    return out;
}

template <class V> std::string joined(const std::vector<V>& values) {
    std::string text;
    for (const V& value : values) {
        if (!text.empty()) text += ' ';
        if constexpr (std::is_same_v<V, double>) text += number_words(value, 15);
        else text += std::to_string(value);
    }
    return text;
}

std::string item(const std::string& dimensions, const std::string& type, const std::string& inside,
                 const char* format) {
    return "<DataItem Dimensions=\"" + dimensions + "\" " + type + " Format=\"" + format + "\">" +
           inside + "</DataItem>";
}

std::string attribute(const std::string& name, const std::string& values) {
    return "        <Attribute Name=\"" + escaped(name) +
           "\" AttributeType=\"Scalar\" Center=\"Node\">\n          " + values +
           "\n        </Attribute>\n";
}

/// XDMF 3: a collection over time of uniform grids, whose lists run from the slowest axis, z, to the fastest, x. Two
/// dimensions are a plane of three: readers would put a 2DCoRectMesh upright, into the axes y and z.
std::string xdmf_text(const fs::path& path, const SnapshotSeries& series, index_t count) {
    const std::string single = "NumberType=\"Float\" Precision=\"4\"";
    const std::string twice = "NumberType=\"Float\" Precision=\"8\"";
    const std::string file = escaped(path.filename().string());
    const Grid& grid = series.grid;
    const Extents extents = extents_in_file(grid);
    const bool planar = grid.dimension() == 2;
    const std::string plane = planar ? "1 " : "";
    const std::string points = plane + joined(extents);
    const std::string columns = std::to_string(grid.dimension() + 1);
    const std::string whole = item(joined(with_time(series.times.samples, extents)), single,
                                   file + ":/" + field_name, "HDF");
    std::string text =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Xdmf Version=\"3.0\">\n  <Domain>\n"
        "    <Grid Name=\"" +
        escaped(series.quantity) + "\" GridType=\"Collection\" CollectionType=\"Temporal\">\n";
    for (index_t n = 0; n < count; ++n) {
        const double time = series.times.start + static_cast<double>(n) * series.times.interval;
        const std::vector<std::int64_t> zeros(extents.size(), 0), ones(extents.size() + 1, 1);
        const std::string slab =
            joined(with_time(n, zeros)) + " " + joined(ones) + " " + joined(with_time(1, extents));
        text +=
            "      <Grid Name=\"" + std::to_string(n) + "\" GridType=\"Uniform\">\n" +
            "        <Time Value=\"" + number_words(time, 15) + "\"/>\n" +
            "        <Topology TopologyType=\"3DCoRectMesh\" Dimensions=\"" + points + "\"/>\n" +
            "        <Geometry GeometryType=\"ORIGIN_DXDYDZ\">\n          " +
            item("3", twice, (planar ? "0 " : "") + joined(reversed(grid, &Grid::origin)), "XML") +
            "\n          " +
            item("3", twice, plane + joined(reversed(grid, &Grid::spacing)), "XML") +
            "\n        </Geometry>\n";
        text += attribute(
            series.quantity,
            "<DataItem ItemType=\"HyperSlab\" Dimensions=\"" + points + "\" " + single + ">" +
                item("3 " + columns, "NumberType=\"Int\"", slab, "XML") + whole + "</DataItem>");
        text += attribute("model velocity", item(points, single, file + ":/model", "HDF"));
        text += "      </Grid>\n";
    }
    return text + "    </Grid>\n  </Domain>\n</Xdmf>\n";
}

/// One series in the making.
class SnapshotFile {
 public:
    SnapshotFile(const fs::path& path, SnapshotSeries series)
        : file_{Hdf5File::create(path)}, series_{std::move(series)} {
        const Grid& grid = series_.grid;
        const Extents extents = extents_in_file(grid);
        const index_t count = series_.times.samples;
        const Attributes axes{
            {"axes", std::string{grid.dimension() == 2 ? "zx" : "zyx"}},
            {"spacing", reversed(grid, &Grid::spacing)},
            {"origin", reversed(grid, &Grid::origin)},
        };
        Attributes attributes = axes;
        attributes["quantity"] = series_.quantity;
        attributes["unit"] = series_.unit;
        attributes["start"] = series_.times.start;
        attributes["interval"] = series_.times.interval;
        file_.set_attribute("/", "content", std::string{field_name});
        file_.set_attribute("/", "shot", std::int64_t{series_.shot});
        file_.declare<float>(field_name, with_time(count, extents), attributes);
        const std::vector<double> unwritten(static_cast<std::size_t>(count),
                                            std::numeric_limits<double>::quiet_NaN());
        file_.write_whole("times", unwritten.data(), {count}, {{"unit", std::string{"s"}}});
        attributes = axes;
        attributes["quantity"] = std::string{"velocity of the fastest wave"};
        attributes["unit"] = std::string{"m/s"};
        file_.write_whole("model", series_.velocity.data(), extents, attributes);
        series_.velocity = {};
        file_.publish();
        write_xdmf(count);
    }
    SnapshotFile(const SnapshotFile&) = delete;
    SnapshotFile& operator=(const SnapshotFile&) = delete;
    ~SnapshotFile() {
        if (written_ == series_.times.samples) return;
        try {
            write_xdmf(written_);
        } catch (const std::exception&) {
            // It names snapshots that are zero, beside an error that says why.
        }
    }

    void add(const float* values) {
        const Extents extents = with_time(1, extents_in_file(series_.grid));
        Extents offset(extents.size(), 0);
        offset[0] = written_;
        file_.write_part(field_name, values, {offset, extents});
        const double time =
            series_.times.start + static_cast<double>(written_) * series_.times.interval;
        file_.write_part("times", &time, {{written_}, {1}});
        ++written_;
        if (written_ == series_.times.samples) file_.commit();
    }

 private:
    void write_xdmf(index_t count) const {
        write_file(xdmf_path(file_.path()), xdmf_text(file_.path(), series_, count));
    }

    Hdf5File file_;
    SnapshotSeries series_;
    index_t written_ = 0;
};

}  // namespace

fs::path snapshot_path(const fs::path& path, index_t shot, index_t together) {
    if (together == 1) return path;
    return path.parent_path() /
           (path.stem().string() + "-shot" + std::to_string(shot) + path.extension().string());
}

fs::path xdmf_path(const fs::path& path) { return fs::path{path}.replace_extension(".xdmf"); }

namespace {

void check_velocity(const SnapshotSeries& series) {
    const auto found = std::ssize(series.velocity);
    if (found == series.grid.size()) return;
    throw ArgumentError{
        "a series of snapshots",
        {.expected = "a velocity for each of " + counted(series.grid.size(), "point"),
         .found = std::to_string(found)}};
}

}  // namespace

SnapshotSink snapshots_to(const fs::path& path) {
    const std::string name = path.filename().string();
    const bool is_good =
        !name.empty() && name.find(':') == std::string::npos && path.extension() != ".xdmf";
    if (!is_good)
        throw FileError{"write snapshots to " + path.string(),
                        {.expected = "the name of an HDF5 file, without a colon: u.h5",
                         .found = name.empty() ? "a folder" : name}};
    return [path](const SnapshotSeries& series) -> SnapshotWriter {
        check_velocity(series);
        const auto file = std::make_shared<SnapshotFile>(
            snapshot_path(path, series.shot, series.together), series);
        return [file](const float* values) { file->add(values); };
    };
}

bool holds_snapshots(const Hdf5File& file) {
    return file.has_attribute("/", "content") && file.has(field_name) &&
           file.attribute<std::string>("/", "content") == field_name;
}

index_t written_snapshots(const Hdf5File& file) {
    const auto times = file.read_whole<double>("times");
    return std::ranges::count_if(times, [](double time) { return std::isfinite(time); });
}

SnapshotSeries snapshot_series(const Hdf5File& file) {
    const Extents extents = file.extents(field_name);
    std::vector<index_t> shape(extents.rbegin(), extents.rend() - 1);
    auto spacing = file.attribute<std::vector<double>>(field_name, "spacing");
    auto origin = file.attribute<std::vector<double>>(field_name, "origin");
    std::ranges::reverse(spacing);
    std::ranges::reverse(origin);
    return {file.attribute<std::int64_t>("/", "shot"),
            1,
            file.attribute<std::string>(field_name, "quantity"),
            file.attribute<std::string>(field_name, "unit"),
            Grid{Shape{std::span<const index_t>{shape}}, spacing, origin},
            {extents[0], file.attribute<double>(field_name, "interval"),
             file.attribute<double>(field_name, "start")},
            {}};
}

std::vector<float> read_snapshot(const Hdf5File& file, index_t number) {
    const Extents all = file.extents(field_name);
    Part part{Extents(all.size(), 0), all};
    part.offset[0] = number;
    part.extents[0] = 1;
    std::size_t size = 1;
    for (std::size_t axis = 1; axis < all.size(); ++axis)
        size *= static_cast<std::size_t>(all[axis]);
    std::vector<float> values(size);
    file.read(field_name, values.data(), all, part);
    return values;
}

}  // namespace lop::io
