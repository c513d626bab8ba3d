/// Random numbers keyed by (seed, global index): the same on any number of ranks and threads.
#pragma once

#include <lop/core/scalar.hpp>

#include <cmath>
#include <cstdint>
#include <numbers>

namespace lop {

/// A bijective mixing of 64 bits: the finaliser of splitmix64 (Steele, Lea and Flood 2014).
constexpr std::uint64_t mix_bits(std::uint64_t z) {
    z += 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

/// 64 random bits of the stream `seed` at position `index`.
constexpr std::uint64_t random_bits(std::uint64_t seed, std::uint64_t index) {
    return mix_bits(mix_bits(seed) ^ mix_bits(index * 0xd1342543de82ef95ULL + 1));
}

/// Uniform in [0, 1).
constexpr double random_uniform(std::uint64_t seed, std::uint64_t index) {
    return static_cast<double>(random_bits(seed, index) >> 11) * 0x1.0p-53;
}

/// Standard normal (Box and Muller 1958), one draw an index.
inline double random_normal(std::uint64_t seed, std::uint64_t index) {
    const double radius = std::sqrt(-2.0 * std::log1p(-random_uniform(seed, 2 * index)));
    return radius * std::cos(2.0 * std::numbers::pi * random_uniform(seed, 2 * index + 1));
}

/// A standard normal number of any scalar type; real and imaginary parts are independent.
template <Scalar T> T random_value(std::uint64_t seed, index_t index) {
    const auto at = static_cast<std::uint64_t>(index);
    if constexpr (is_complex<T>)
        return T{static_cast<Real<T>>(random_normal(seed, 2 * at)),
                 static_cast<Real<T>>(random_normal(seed, 2 * at + 1))};
    else return static_cast<T>(random_normal(seed, at));
}

}  // namespace lop
