/// Relative closeness; doctest::Approx adds 1 to the magnitude, which hides any error of a number
/// as small as a squared slowness.
#pragma once

#include <cmath>

inline bool close(double found, double expected, double relative) {
    return std::abs(found - expected) <= relative * std::abs(expected);
}
