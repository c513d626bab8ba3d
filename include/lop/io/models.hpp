/// Models and images in files: HDF5, SEG-Y and raw binary, with declared units and axes.
#pragma once

#include <lop/io/hdf5.hpp>
#include <lop/seismic/model.hpp>

#include <optional>
#include <string>
#include <vector>

namespace lop::io {

/// What a file does not say itself. Anything unset is taken from the file; a unit, a shape or a
/// spacing that neither declares is an error, never a guess.
struct ModelOptions {
    /// Of the values: a velocity (m/s, km/s, ft/s) or a squared slowness (s2/m2, s2/km2).
    std::string unit{};
    /// The axes of the array in the file, slowest first: "xz", "zx", "xyz", "zyx", ...; the
    /// default is z fastest.
    std::string axes{};
    /// HDF5: the dataset. Default "m".
    std::string dataset{};
    /// Raw: extents in the order of `axes`, "float32" or "float64", "little" or "big".
    std::vector<index_t> shape{};
    std::string scalar = "float32";
    std::string byte_order = "little";
    /// In m, along x, (y,) z. SEG-Y: counts where the headers are silent too.
    std::vector<double> spacing{};
    std::vector<double> origin{};
};

/// Reads a model: .h5 and .hdf5 as HDF5 (attributes `unit`, `spacing`, `origin` of the dataset, or
/// datasets `d` and `o` as JUDI writes them), .segy and .sgy as SEG-Y (one trace a column), any
/// other name as raw binary. Every rank gets the whole model; one reads, all fail alike.
/// Throws FileError, UnitError, ModelError.
template <Scalar T = float>
Model<T> read_model(const std::string& path, const ModelOptions& options = {},
                    const Communicator& communicator = Communicator::world());

/// Writes the squared slowness with its unit, spacing and origin: HDF5 (dataset `m`, s2/m2) or, by
/// the name's ending, SEG-Y (velocity in m/s).
template <Scalar T> void write_model(const std::string& path, const Model<T>& model);

/// Adds a replicated array on a grid (an image, a model) to an open HDF5 file.
template <Scalar T>
void write_grid(Hdf5File& file, const std::string& name, const DistributedArray<T>& values,
                const Grid& grid, const std::string& unit);

}  // namespace lop::io
