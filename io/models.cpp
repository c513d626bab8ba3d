/// Models through the doors: one rank reads, converts and checks, all get the whole.
#include <lop/io/models.hpp>

#include <lop/core/error.hpp>
#include <lop/core/log.hpp>
#include <lop/core/units.hpp>
#include <lop/io/array.hpp>
#include <lop/io/raw.hpp>
#include <lop/io/segy.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <numeric>

namespace lop::io {
namespace {

/// An array as it lies in a file, with what the file says about it.
template <class T> struct FileArray {
    std::vector<T> values;
    std::vector<index_t> extents;  // slowest first, in the order of the file
    std::vector<double> spacing;   // along x, (y,) z
    std::vector<double> origin;
    std::string unit;
};

enum class Format { hdf5, segy, raw };

Format format_of(const std::string& path) {
    const auto extension = std::filesystem::path{path}.extension().string();
    if (extension == ".h5" || extension == ".hdf5") return Format::hdf5;
    if (extension == ".segy" || extension == ".sgy") return Format::segy;
    return Format::raw;
}

std::string words(const std::vector<index_t>& extents) { return extents_text(extents); }

template <class T> FileArray<T> load_hdf5(const std::string& path, const ModelOptions& options) {
    const std::string name = options.dataset.empty() ? "m" : options.dataset;
    const auto file = Hdf5File::open(path);
    FileArray<T> array;
    array.values = file.read_whole<T>(name, Conversion::allowed);
    array.extents = file.extents(name);
    const auto attribute = [&](const char* key) -> std::vector<double> {
        if (!file.has_attribute(name, key)) return {};
        return file.attribute<std::vector<double>>(name, key);
    };
    const auto dataset = [&](const char* key) -> std::vector<double> {
        if (!file.has(key)) return {};
        return file.read_whole<double>(key, Conversion::allowed);
    };
    if (file.has_attribute(name, "unit")) array.unit = file.attribute<std::string>(name, "unit");
    array.spacing = attribute("spacing");
    array.origin = attribute("origin");
    if (array.spacing.empty()) array.spacing = dataset("d");
    if (array.origin.empty()) array.origin = dataset("o");
    return array;
}

template <class T> FileArray<T> load_segy(const std::string& path, const ModelOptions& options) {
    SegyOptions how{.axis = SegyAxis::depth};
    if (!options.spacing.empty()) {
        how.trace_spacing = options.spacing.front();
        how.interval = options.spacing.back();
    }
    SegyModel model = read_segy_model(path, how);
    for (const std::string& warning : model.warnings) logging::warning(path + ": " + warning);
    FileArray<T> array;
    array.values.assign(model.values.begin(), model.values.end());
    if (model.ny == 1) {
        array.extents = {model.nx, model.nz};
        array.spacing = {model.dx, model.dz};
        array.origin = {model.x0, model.z0};
    } else {
        array.extents = {model.nx, model.ny, model.nz};
        array.spacing = {model.dx, model.dy, model.dz};
        array.origin = {model.x0, model.y0, model.z0};
    }
    return array;
}

template <class T> FileArray<T> load_raw(const std::string& path, const ModelOptions& options) {
    if (options.shape.empty())
        throw FileError{"the model " + path + ": a raw file without a declared shape",
                        {.expected = "the extents of its axes",
                         .remedy = "declare shape = [nx, nz] (and axes, unit, spacing)"}};
    const auto choose = [&](const std::string& given, const char* first, const char* second) {
        if (given == first) return true;
        if (given == second) return false;
        throw FileError{"the model " + path + " declared as \"" + given + "\"",
                        {.expected = std::string{first} + " or " + second}};
    };
    RawLayout layout;
    layout.extents = options.shape;
    layout.scalar =
        choose(options.scalar, "float32", "float64") ? RawScalar::float32 : RawScalar::float64;
    layout.order = choose(options.byte_order, "little", "big") ? ByteOrder::little : ByteOrder::big;
    FileArray<T> array;
    array.values = read_raw<T>(path, layout);
    array.extents = options.shape;
    return array;
}

/// The array with its axes in the order x, (y,) z.
template <class T> void put_axes_in_order(FileArray<T>& array, const std::string& axes,
                                          const std::string& path) {
    const std::size_t rank = array.extents.size();
    const std::string wanted = rank == 3 ? "xyz" : "xz";
    if (rank != 2 && rank != 3)
        throw FileError{"the model " + path + ": an array of " + counted(rank, "axis", "axes"),
                        {.expected = "two or three", .found = words(array.extents)}};
    const std::string order = axes.empty() ? wanted : axes;
    if (!std::is_permutation(order.begin(), order.end(), wanted.begin(), wanted.end()))
        throw FileError{"the model " + path + ": axes \"" + order + "\"",
                        {.expected = "an order of the letters of \"" + wanted + "\"",
                         .found = "an array of " + words(array.extents)}};
    if (order == wanted) return;
    // from[k]: the axis of the file that becomes axis k; strides of the file along it.
    std::array<index_t, 3> extent{1, 1, 1};
    std::array<index_t, 3> stride{0, 0, 0};
    for (std::size_t k = 0; k < rank; ++k) {
        const auto from = order.find(wanted[k]);
        extent[k + 3 - rank] = array.extents[from];
        index_t step = 1;
        for (std::size_t a = from + 1; a < rank; ++a) step *= array.extents[a];
        stride[k + 3 - rank] = step;
    }
    std::vector<T> values(array.values.size());
    std::size_t at = 0;
    for (index_t i = 0; i < extent[0]; ++i)
        for (index_t j = 0; j < extent[1]; ++j)
            for (index_t k = 0; k < extent[2]; ++k)
                values[at++] = array.values[static_cast<std::size_t>(i * stride[0] + j * stride[1] +
                                                                     k * stride[2])];
    array.values = std::move(values);
    array.extents.assign(extent.begin() + static_cast<std::ptrdiff_t>(3 - rank), extent.end());
}

/// The conversion of values in `unit` to a squared slowness in s2/m2.
template <class T> void to_slowness_squared(FileArray<T>& array, const std::string& path) {
    if (array.unit.empty())
        throw UnitError{
            "the model " + path + ": values without a unit",
            {.expected = "one of " + known_units(Quantity::velocity) + ", " +
                         known_units(Quantity::slowness_squared),
             .remedy = "declare unit = \"km/s\" or what they are in; it is never guessed"}};
    const std::string& unit = array.unit;
    const auto knows = [&](Quantity quantity) {
        const std::string list = ", " + known_units(quantity) + ",";
        return list.find(", " + unit + ",") != std::string::npos;
    };
    if (!knows(Quantity::velocity) && !knows(Quantity::slowness_squared))
        throw UnitError{"the model " + path + " in " + unit,
                        {.expected = "one of " + known_units(Quantity::velocity) + ", " +
                                     known_units(Quantity::slowness_squared),
                         .found = unit}};
    // A unit whose numerator is a time squared measures a squared slowness.
    if (unit.starts_with("s2") || unit.starts_with("ms2")) {
        const double factor = to_si(unit, Quantity::slowness_squared);
        for (T& value : array.values) value = static_cast<T>(factor * static_cast<double>(value));
        return;
    }
    const double factor = to_si(unit, Quantity::velocity);
    for (T& value : array.values) {
        const double v = factor * static_cast<double>(value);
        value = static_cast<T>(1 / (v * v));
    }
}

template <class T> FileArray<T> load(const std::string& path, const ModelOptions& options) {
    if (std::filesystem::is_directory(path))
        throw FileError{
            "the model " + path,
            {.expected = "a file", .found = "a folder", .remedy = "name the file in it"}};
    const Format format = format_of(path);
    FileArray<T> array = format == Format::hdf5   ? load_hdf5<T>(path, options)
                         : format == Format::segy ? load_segy<T>(path, options)
                                                  : load_raw<T>(path, options);
    if (!options.shape.empty() && format != Format::raw && options.shape != array.extents)
        throw FileError{"the model " + path + " has another shape than declared",
                        {.expected = words(options.shape), .found = words(array.extents)}};
    put_axes_in_order(array, options.axes, path);
    if (!options.unit.empty() && !array.unit.empty() && options.unit != array.unit)
        throw UnitError{"the model " + path + " has another unit than declared",
                        {.expected = options.unit,
                         .found = array.unit,
                         .remedy = "leave the declaration out to trust the file"}};
    if (!options.unit.empty()) array.unit = options.unit;
    if (!options.spacing.empty()) array.spacing = options.spacing;
    if (!options.origin.empty()) array.origin = options.origin;
    if (array.spacing.size() != array.extents.size())
        throw FileError{"the model " + path + ": no spacing for every axis",
                        {.expected = std::to_string(array.extents.size()) + " spacings in m",
                         .found = std::to_string(array.spacing.size()),
                         .remedy = "declare spacing = [dx, dz] in m"}};
    if (const auto bad =
            first_non_finite(array.values.data(), static_cast<index_t>(array.values.size())))
        throw ModelError{"the model " + path + " holds a value that is not finite",
                         {.found = "NaN or infinity at value " + std::to_string(*bad) + " of " +
                                   words(array.extents),
                          .remedy = "repair the file: mask or interpolate such points"}};
    for (std::size_t i = 0; i < array.values.size(); ++i)
        if (!(array.values[i] > 0))
            throw ModelError{
                "the model " + path + " holds a value that no medium has",
                {.expected = "positive values in " + array.unit,
                 .found = number_words(static_cast<double>(array.values[i])) + " at value " +
                          std::to_string(i) + " of " + words(array.extents)}};
    to_slowness_squared(array, path);
    return array;
}

template <class V> void broadcast(const Communicator& comm, std::vector<V>& values) {
    auto count = static_cast<std::uint64_t>(values.size());
    comm.broadcast(&count, sizeof count);
    values.resize(count);
    comm.broadcast(values.data(), values.size() * sizeof(V));
}

template <class V> std::vector<V> per_axis(const Grid& grid, V (Grid::*member)(int) const) {
    std::vector<V> values;
    for (int axis = 0; axis < grid.dimension(); ++axis) values.push_back((grid.*member)(axis));
    return values;
}

template <Scalar T> void write_segy_velocity(const std::string& path, const Model<T>& model) {
    const Grid& grid = model.grid();
    const bool planar = grid.dimension() == 2;
    const auto v = model.velocity();
    SegyModel out;
    out.nx = grid.shape()[0];
    out.ny = planar ? 1 : grid.shape()[1];
    out.nz = grid.shape()[grid.dimension() - 1];
    out.dx = grid.spacing(0);
    out.dy = planar ? 1 : grid.spacing(1);
    out.dz = grid.depth_spacing();
    out.x0 = grid.origin(0);
    out.y0 = planar ? 0 : grid.origin(1);
    out.z0 = grid.origin(grid.dimension() - 1);
    out.values.assign(v.begin(), v.end());
    write_segy_model(path, out);
}

}  // namespace

template <Scalar T>
Model<T> read_model(const std::string& path, const ModelOptions& options,
                    const Communicator& communicator) {
    FileArray<T> array;
    communicator.collectively([&] {
        if (communicator.root()) array = load<T>(path, options);
    });
    broadcast(communicator, array.extents);
    broadcast(communicator, array.spacing);
    broadcast(communicator, array.origin);
    broadcast(communicator, array.values);
    const Shape shape{std::span<const index_t>{array.extents}};
    const Grid grid{shape, std::span<const double>{array.spacing},
                    std::span<const double>{array.origin}};
    auto m = Array<T>::uninitialized(shape, "model");
    std::copy(array.values.begin(), array.values.end(), m.data());
    return Model<T>::from_slowness_squared(grid, m, communicator);
}

template <Scalar T>
void write_grid(Hdf5File& file, const std::string& name, const DistributedArray<T>& values,
                const Grid& grid, const std::string& unit) {
    if (!values.partition().is_replicated() || !(values.shape() == grid.shape()))
        throw SpaceError{
            "the array " + name + " written over a grid",
            {.expected = grid.shape().str() + " values on every rank", .found = values.describe()}};
    file.write_whole(name, values.data(), extents_of(grid.shape()),
                     {{"unit", unit},
                      {"spacing", per_axis(grid, &Grid::spacing)},
                      {"origin", per_axis(grid, &Grid::origin)}});
}

template <Scalar T> void write_model(const std::string& path, const Model<T>& model) {
    if (format_of(path) == Format::segy) {
        model.communicator().collectively([&] {
            if (model.communicator().root()) write_segy_velocity(path, model);
        });
        return;
    }
    const Communicator& comm = model.communicator();
    auto file = Hdf5File::create(path, comm.native());
    write_grid(file, "m", model.slowness_squared(), model.grid(), "s2/m2");
    file.commit();
}

template Model<float> read_model(const std::string&, const ModelOptions&, const Communicator&);
template Model<double> read_model(const std::string&, const ModelOptions&, const Communicator&);
template void write_model(const std::string&, const Model<float>&);
template void write_model(const std::string&, const Model<double>&);
template void write_grid(Hdf5File&, const std::string&, const DistributedArray<float>&, const Grid&,
                         const std::string&);
template void write_grid(Hdf5File&, const std::string&, const DistributedArray<double>&,
                         const Grid&, const std::string&);

}  // namespace lop::io
