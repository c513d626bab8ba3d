/// Shot records in files: SEG-Y and HDF5, every rank reading and writing its own shots.
#pragma once

#include <lop/io/hdf5.hpp>
#include <lop/io/segy.hpp>
#include <lop/seismic/shot_records.hpp>

#include <string>

namespace lop::io {

/// How the shots of a file are shared among ranks.
enum class Distribute {
    by_shot,    ///< in parts as equal as can be, in the order of the file
    replicated  ///< all of them on this rank (a communicator of one)
};

/// Reads shot records: geometry from the trace headers in m, time in s. Sources and receivers are
/// sampled alike. Warnings of the scan go to the log. Throws FileError and GeometryError.
template <Scalar T = float>
ShotRecords<T> open_segy(const std::string& path, Distribute distribute = Distribute::by_shot,
                         const SegyOptions& options = {},
                         const Communicator& communicator = Communicator::world());

/// Writes shot records as SEG-Y, IEEE floats unless told otherwise, in revision 1, or in revision 2
/// where the short fields of revision 1 do not hold the time axis. Each shot's first
/// source point goes to the headers. Atomic: the file appears whole or not at all.
template <Scalar T>
void write_segy(const std::string& path, const ShotRecords<T>& records,
                const SegyWriteOptions& options = {});

/// Adds shot records to an open HDF5 file under a group `name`: traces[n x samples], sources,
/// receivers[n x 3] in m, the first trace of each shot, and the time axis as attributes.
template <Scalar T>
void write_records(Hdf5File& file, const std::string& name, const ShotRecords<T>& records);

/// Reads what write_records wrote.
template <Scalar T = float>
ShotRecords<T> read_records(const Hdf5File& file, const std::string& name,
                            Distribute distribute = Distribute::by_shot,
                            const Communicator& communicator = Communicator::world());

}  // namespace lop::io
