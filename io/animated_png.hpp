/// Several PNG files in one that moves.
#pragma once

#include <string>
#include <vector>

namespace lop::io {

/// An animated PNG of pictures that are alike in size and format, each shown for so many milliseconds, over and over.
std::string animated_png(const std::vector<std::string>& pictures, int milliseconds);

}  // namespace lop::io
