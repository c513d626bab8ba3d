/// Sections of snapshots, in one scale of colours over the medium.
#include "snapshot_pictures.hpp"

#include "results.hpp"
#include <lop/io/snapshots.hpp>

#include <fmt/format.h>

namespace lop::app {
namespace {

/// The two axes of the grid that are drawn: those with most points, and depth downwards where it is one of them.
struct Plane {
    int across = 0;
    int down = 1;
    index_t first = 0;  ///< in [z][y][x]
    std::array<index_t, 2> stride{};

    explicit Plane(const Grid& grid) {
        const int depth = grid.dimension() - 1;
        int left_out = grid.dimension() == 3 ? 1 : -1;
        for (int axis = 0; axis < grid.dimension(); ++axis)
            if (left_out >= 0 && grid.shape()[axis] == 1) left_out = axis;
        across = left_out == 0 ? 1 : 0;
        down = left_out == depth ? 1 : depth;
        if (left_out >= 0) first = grid.shape()[left_out] / 2 * stride_of(grid, left_out);
        stride = {stride_of(grid, across), stride_of(grid, down)};
    }
    static index_t stride_of(const Grid& grid, int axis) { return grid.shape().product(0, axis); }
    std::vector<float> of(const Grid& grid, const std::vector<float>& values) const {
        std::vector<float> section;
        for (index_t i = 0; i < grid.shape()[across]; ++i)
            for (index_t k = 0; k < grid.shape()[down]; ++k)
                section.push_back(
                    values[static_cast<std::size_t>(first + i * stride[0] + k * stride[1])]);
        return section;
    }
};

io::PictureAxis picture_axis(const Grid& grid, int axis) {
    const bool is_depth = axis == grid.dimension() - 1;
    return {grid.origin(axis), grid.spacing(axis),
            is_depth    ? "depth"
            : axis == 0 ? "distance"
                        : "distance across",
            "m"};
}

}  // namespace

void draw_snapshots(const io::Hdf5File& file, const std::filesystem::path& picture) {
    const SnapshotSeries series = io::snapshot_series(file);
    const Grid& grid = series.grid;
    const Plane plane{grid};
    const io::PictureSeries pictures{
        .count = io::written_snapshots(file),
        .nx = grid.shape()[plane.across],
        .nz = grid.shape()[plane.down],
        .values = [&](index_t n) { return plane.of(grid, io::read_snapshot(file, n)); },
        .title =
            [&](index_t n) {
                return fmt::format(
                    "shot {}, {:.4g} ms", series.shot,
                    1e3 * (series.times.start + static_cast<double>(n) * series.times.interval));
            },
        .backdrop = plane.of(grid, file.read_whole<float>("model"))};
    if (pictures.count == 0)
        throw FileError{"draw the snapshots of " + file.path().string(),
                        {.expected = "at least one", .found = "a series that has just begun"}};
    io::PictureSpec spec{.x = picture_axis(grid, plane.across),
                         .z = picture_axis(grid, plane.down),
                         .quantity = series.quantity,
                         .unit = series.unit,
                         .percentile = 99.5};
    if (picture.extension() == ".apng") {
        spec.width = 900;
        return io::write_movie(picture, pictures, spec);
    }
    spec.width = 640;
    io::write_sheet(picture, pictures, spec);
}

}  // namespace lop::app
