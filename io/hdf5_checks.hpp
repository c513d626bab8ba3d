/// What is asked of an HDF5 file, checked before HDF5 sees it.
#pragma once

#include <lop/io/hdf5.hpp>

#include <cstdint>
#include <filesystem>
#include <string>

namespace lop::io {

/// Number of elements of an array, or of a part of an array with these extents.
std::int64_t count(const Extents& extents);
std::int64_t count(const Part& part, const Extents& extents);

/// A name without empty parts: "a/b".
bool good_name(const std::string& name);

/// Each throws a FileError that begins with `asked`.
void check_name(const std::string& asked, const std::string& name);
void check_extents(const std::string& asked, const Extents& extents);
void check_part(const std::string& asked, const Extents& extents, const Part& part);
void check_attributes(const std::string& asked, const Attributes& attributes);
void check_readable(const std::string& asked, const std::filesystem::path& path);
void check_mpi(const std::string& asked);

/// One line, equal for equal attributes, and their bytes in the file.
std::string attributes_text(const Attributes& attributes);
std::int64_t attributes_bytes(const Attributes& attributes);

}  // namespace lop::io
