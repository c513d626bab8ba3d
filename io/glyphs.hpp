/// A pixel font: ASCII from blank to tilde, 5 columns, 7 rows above the base line and 2 below it.
#pragma once

#include <array>
#include <cstdint>

namespace lop::io {

/// Rows from the top; in each, bit 4 is the leftmost column.
using Glyph = std::array<std::uint8_t, 9>;

/// The glyph of a character; a small box for what the font does not have.
const Glyph& glyph(char character);

}  // namespace lop::io
