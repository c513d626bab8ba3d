/// The tile of dense products for one instruction set. There are no remainders: whoever calls fills up
/// with zeros, and every sum is made of the same operations.
///
/// Read by products*.cpp alone. Everything here has internal linkage, because the linker must not take
/// one instruction set's function for another's.
#pragma once

#include "products.hpp"

#if defined(__AVX512F__)
#define LOP_TILE_BYTES 64
#define LOP_TILE_ROWS 12
#elif defined(__AVX__)
#define LOP_TILE_BYTES 32
#define LOP_TILE_ROWS 6
#else
#define LOP_TILE_BYTES 16
#define LOP_TILE_ROWS 6
#endif

namespace lop::detail {
namespace {

template <class R> struct TileVector;
template <> struct TileVector<float> {
    typedef float Value
        __attribute__((vector_size(LOP_TILE_BYTES), aligned(sizeof(float)), may_alias));
};
template <> struct TileVector<double> {
    typedef double Value
        __attribute__((vector_size(LOP_TILE_BYTES), aligned(sizeof(double)), may_alias));
};

template <class R>
void add_tile(index_t depth, const R* a, const R* b, R* c, index_t stride) {
    using V = typename TileVector<R>::Value;
    constexpr int rows = LOP_TILE_ROWS;
    constexpr int lanes = LOP_TILE_BYTES / static_cast<int>(sizeof(R));
    V sums[rows][2];
#pragma GCC unroll 16
    for (int r = 0; r < rows; ++r) {
        sums[r][0] = *reinterpret_cast<const V*>(c + r * stride);
        sums[r][1] = *reinterpret_cast<const V*>(c + r * stride + lanes);
    }
    for (index_t k = 0; k < depth; ++k) {
        const V left = *reinterpret_cast<const V*>(b);
        const V right = *reinterpret_cast<const V*>(b + lanes);
#pragma GCC unroll 16
        for (int r = 0; r < rows; ++r) {
            sums[r][0] += a[r] * left;
            sums[r][1] += a[r] * right;
        }
        a += rows;
        b += 2 * lanes;
    }
#pragma GCC unroll 16
    for (int r = 0; r < rows; ++r) {
        *reinterpret_cast<V*>(c + r * stride) = sums[r][0];
        *reinterpret_cast<V*>(c + r * stride + lanes) = sums[r][1];
    }
}

template <class R> constexpr ProductTile<R> the_tile() {
    return {LOP_TILE_ROWS, 2 * LOP_TILE_BYTES / static_cast<int>(sizeof(R)), add_tile<R>};
}

}  // namespace
}  // namespace lop::detail
