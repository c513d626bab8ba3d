/// Decides where the traces of a SEG-Y or SU file lie.
#pragma once

#include "segy_file.hpp"
#include "segy_format.hpp"

namespace lop::io::segy {

/// Fills byte order, format, revision, layout and text of `survey`, and the warnings they cause.
/// Throws FileError where the headers allow no reading that fits the file.
BinaryHeader find_layout(const InputFile& file, SegySurvey& survey);

}  // namespace lop::io::segy
