/// Convolution with a wavelet whose middle value is at time zero.
#pragma once

#include "operators/lines.hpp"
#include <lop/core/error.hpp>
#include <lop/operators/convolution.hpp>

#include <string>
#include <utility>
#include <vector>

namespace lop {

/// Throws ArgumentError, naming the operator, for an axis without samples and wavelets of an even number
/// of values.
template <class T>
Convolution1D<T> convolution_about_zero(const std::string& name, const Shape& shape,
                                        std::vector<T> wavelet, int axis) {
    checked_samples(name, shape, axis);
    const auto size = static_cast<index_t>(wavelet.size());
    if (size % 2 == 0)
        throw ArgumentError{name + " with a wavelet of " + std::to_string(size) + " values",
                            {.expected = "an odd number, time zero in the middle"}};
    return {shape, std::move(wavelet), {.axis = axis, .offset = size / 2}};
}

}  // namespace lop
