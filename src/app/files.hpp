/// What kind of file lies before the program.
#pragma once

#include <string>

namespace lop::app {

enum class FileKind { hdf5, segy, su, job };

/// By content where a format has a signature, else by the name's ending; what is none of the
/// others is taken for SEG-Y, whose reader refuses it in words. Throws FileError.
FileKind kind_of_file(const std::string& path);

}  // namespace lop::app
