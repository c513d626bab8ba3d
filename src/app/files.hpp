/// What kind of file lies before the program, and how it is to be read.
#pragma once

#include <lop/io/segy.hpp>

#include <string>
#include <vector>

namespace lop::app {

enum class FileKind { hdf5, segy, job };

/// By content where a format has a signature, else by the name's ending. Throws FileError.
FileKind kind_of_file(const std::string& path);

/// How a SEG-Y or SU file is to be read: overrides "records.samples=600" of a job's [records].
/// Throws JobError for other keys.
io::SegyOptions segy_options_of(const std::string& path, const std::vector<std::string>& overrides);
/// Throws JobError for any override of a file that has none.
void refuse_overrides(const std::string& path, const std::vector<std::string>& overrides);

}  // namespace lop::app
