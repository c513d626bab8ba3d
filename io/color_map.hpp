/// Colour maps with even steps of lightness.
#pragma once

#include "canvas.hpp"
#include <lop/io/picture.hpp>

#include <vector>

namespace lop::io {

/// 256 colours from the lowest value to the highest. `map` is not automatic.
std::vector<Color> palette_of(ColorMap map);

}  // namespace lop::io
