/// Snapshots as pictures.
#pragma once

#include <lop/io/hdf5.hpp>

#include <filesystem>

namespace lop::app {

/// Draws the snapshots that a file holds over the medium: a movie where the name ends in .apng, else a sheet of frames; the
/// middle section, in three dimensions. Call it on one rank. Throws FileError where none is written yet.
void draw_snapshots(const io::Hdf5File& file, const std::filesystem::path& picture);

}  // namespace lop::app
