/// Snapshots of wavefields as HDF5 files, each with an XDMF file beside it that ParaView opens.
#pragma once

#include <lop/io/hdf5.hpp>
#include <lop/seismic/snapshots.hpp>

#include <filesystem>

namespace lop::io {

/// A sink that writes a file for each shot: `path` where the run makes one series, else with the shot's number before its
/// ending, u-shot3.h5. An existing file of that name is replaced when the shot begins. In the file:
///
///     snapshots[time x z (x y) x x]  float32, what was recorded; attributes quantity, unit, axes ("zx" or "zyx"), start
///                                    and interval of its times in s, spacing and origin in m in the order of the axes
///     times[time]                    float64 in s; NaN where the snapshot is not written yet
///     model[z (x y) x x]             float32, the speed of the fastest wave in m/s, as a background
///
/// and the attributes content ("snapshots") and shot. x is the fastest axis, as VTK has it and pictures are drawn.
///
/// The room for all of it is reserved when the shot begins, where a full disk is told, and the file has its name and its
/// tables from then on: each snapshot is there when its call returns, and stays however the program ends. The XDMF file
/// (u.xdmf) names all of them; of a series that ends early in an orderly way, with an error, those that are there.
/// Throws FileError, which names the file, for a folder that is not there or not writable, a full disk, a quota, a name that is
/// a folder's or holds a colon, which XDMF keeps for itself. Not collective: each rank has shots of its own.
SnapshotSink snapshots_to(const std::filesystem::path& path);

/// The file of a shot's series, and the XDMF file beside one.
std::filesystem::path snapshot_path(const std::filesystem::path& path, index_t shot,
                                    index_t together);
std::filesystem::path xdmf_path(const std::filesystem::path& path);

bool holds_snapshots(const Hdf5File& file);
/// How many are written, what they show (without the velocities), and one of them, [z][y][x]; from a file opened by one rank.
/// Throws FileError.
index_t written_snapshots(const Hdf5File& file);
SnapshotSeries snapshot_series(const Hdf5File& file);
std::vector<float> read_snapshot(const Hdf5File& file, index_t number);

}  // namespace lop::io
