/// Media from the built-in section, from files, and smoothed.
#include "medium.hpp"

#include <lop/core/error.hpp>
#include <lop/io/models.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace lop::app {
namespace {

constexpr double water_velocity = 1500;  // m/s

std::vector<double> along_axes(const std::vector<double>& given, std::size_t dimension,
                               double otherwise, const char* key) {
    if (given.size() == dimension) return given;
    if (given.size() <= 1)
        return std::vector<double>(dimension, given.empty() ? otherwise : given.front());
    throw JobError{
        std::string{"the key model."} + key,
        {.expected = fmt::format("one value, or {}, as many as model.shape has", dimension),
         .found = counted(std::ssize(given), "value")}};
}

io::ModelOptions file_options(const Job::Medium& m) {
    io::ModelOptions options{.unit = m.unit,
                             .axes = m.axes,
                             .dataset = m.dataset,
                             .shape = m.shape,
                             .scalar = m.scalar,
                             .byte_order = m.byte_order,
                             .spacing = m.spacing,
                             .origin = m.origin};
    const std::size_t dimension = std::max({m.shape.size(), m.axes.size(), std::size_t{2}});
    if (m.spacing.size() == 1) options.spacing = along_axes(m.spacing, dimension, 0, "spacing");
    return options;
}

Grid built_in_grid(const Job::Medium& m) {
    std::vector<index_t> shape = m.shape;
    if (shape.empty()) shape = {300, 150};
    if (shape.size() != 2 && shape.size() != 3)
        throw JobError{"the key model.shape",
                       {.expected = "two extents (x, z), or three (x, y, z)",
                        .found = counted(std::ssize(shape), "extent")}};
    const auto spacing = along_axes(m.spacing, shape.size(), 10, "spacing");
    auto origin = m.origin;
    if (!origin.empty()) origin = along_axes(origin, shape.size(), 0, "origin");
    return Grid{Shape{std::span<const index_t>{shape}}, spacing, origin};
}

Array<double> gradient_velocity(const Grid& grid, const Job::Medium& m) {
    auto v = Array<double>::uninitialized(grid.shape(), "velocity");
    const int depth = grid.dimension() - 1;
    for (index_t i = 0; i < v.size(); ++i) {
        const double z =
            grid.origin(depth) + grid.spacing(depth) * static_cast<double>(i % grid.shape()[depth]);
        v[i] = z < m.water_depth ? water_velocity : m.velocity + m.gradient * (z - m.water_depth);
    }
    return v;
}

/// Every so many points of a model, from the first.
Model<double> thinned(const Model<double>& model, index_t every) {
    if (every == 1) return model;
    const Grid& fine = model.grid();
    std::vector<index_t> extents;
    std::vector<double> spacing, origin;
    for (int axis = 0; axis < fine.dimension(); ++axis) {
        extents.push_back((fine.shape()[axis] - 1) / every + 1);
        spacing.push_back(fine.spacing(axis) * static_cast<double>(every));
        origin.push_back(fine.origin(axis));
    }
    const Grid coarse{Shape{std::span<const index_t>{extents}}, spacing, origin};
    auto m = Array<double>::uninitialized(coarse.shape(), "model");
    for (index_t i = 0; i < m.size(); ++i) {
        index_t from = 0, rest = i, stride = 1;
        for (int axis = coarse.dimension() - 1; axis >= 0; --axis) {
            from += rest % coarse.shape()[axis] * every * stride;
            rest /= coarse.shape()[axis];
            stride *= fine.shape()[axis];
        }
        m[i] = model.slowness_squared().data()[from];
    }
    return Model<double>::from_slowness_squared(coarse, m, model.communicator());
}

}  // namespace

void require_file(const std::string& section, const std::string& file) {
    if (!file.empty()) return;
    throw JobError{"the key " + section + ".kind is \"file\"",
                   {.expected = section + ".file, the name of the file", .found = "no such key"}};
}

Model<double> read_medium(const Job& job) {
    const auto& m = job.model;
    if (m.kind == "file") {
        require_file("model", m.file);
        return thinned(io::read_model<double>(find_file(job, m.file), file_options(m)), m.every);
    }
    if (!m.file.empty())
        throw JobError{
            "the key model.file is set",
            {.expected = "model.kind = \"file\"", .found = "model.kind = \"" + m.kind + "\""}};
    const Grid grid = built_in_grid(m);
    return Model<double>::from_velocity(
        grid, m.kind == "gradient" ? gradient_velocity(grid, m)
                                   : synthetic_velocity<double>(grid, m.water_depth));
}

Model<double> read_background(const Job& job, const Model<double>& medium) {
    const auto& b = job.background;
    if (b.kind == "same") return medium;
    if (b.kind == "smooth") return medium.smoothed(b.length, job.model.water_depth);
    const std::string name = b.file.empty() ? job.model.file : b.file;
    require_file("background", name);
    auto options = file_options(job.model);
    options.dataset = b.dataset.empty() ? "m0" : b.dataset;
    if (!b.unit.empty()) options.unit = b.unit;
    auto background =
        thinned(io::read_model<double>(find_file(job, name), options), job.model.every);
    if (background.grid() == medium.grid()) return background;
    throw ModelError{"the background " + name + " beside the model",
                     {.expected = medium.grid().str(),
                      .found = background.grid().str(),
                      .remedy = "give both the same shape, spacing and origin"}};
}

std::string describe(const Model<double>& model) {
    return fmt::format("{}, {:.0f} to {:.0f} m/s", model.grid().str(), model.min_velocity(),
                       model.max_velocity());
}

}  // namespace lop::app
