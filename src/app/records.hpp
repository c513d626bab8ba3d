/// The shot records that a job reads.
#pragma once

#include "job.hpp"
#include <lop/io/segy.hpp>
#include <lop/seismic/shot_records.hpp>

#include <optional>
#include <string>

namespace lop::app {

/// How the SEG-Y or (by its ending, .su) SU file `path` is to be read: what [records] says of it.
io::SegyOptions segy_options(const Job::Records& records, const std::string& path);

/// The records of the job's file, if it reads one, on its shifted time axis. The sources start at
/// zero, where the wavelet does. Collective. Throws what the readers throw, and JobError for keys
/// that contradict each other.
template <Scalar T> std::optional<ShotRecords<T>> read_records(const Job& job);

}  // namespace lop::app
