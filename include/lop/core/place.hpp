/// Places in arrays, in words.
#pragma once

#include <lop/core/grid.hpp>

#include <string>

namespace lop {

/// "(5, 6) of 61 x 51": where a flat, row-major index lies in an array of a shape.
std::string place_words(index_t flat, const Shape& shape);

}  // namespace lop
