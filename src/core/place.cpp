/// Places in arrays, in words.
#include <lop/core/place.hpp>

namespace lop {

std::string place_words(index_t flat, const Shape& shape) {
    std::string place;
    for (int axis = shape.rank() - 1; axis >= 0; flat /= shape[axis--])
        place = std::to_string(flat % shape[axis]) + (place.empty() ? "" : ", ") + place;
    return "(" + place + ") of " + shape.str();
}

}  // namespace lop
