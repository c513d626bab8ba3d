/// Dense products in tiles that stay in registers.
#pragma once

#include <lop/core/scalar.hpp>

namespace lop::detail {

/// c += a b for one tile: a holds `depth` columns of `rows` values each, b `depth` rows of `columns`
/// values, and the rows of c lie `stride` apart. Every sum runs along the depth in its order and goes on
/// from what c holds, so that it does not matter where a longer product is cut.
template <class R> struct ProductTile {
    int rows, columns;
    void (*add)(index_t depth, const R* a, const R* b, R* c, index_t stride);
};

/// The widest that this processor runs.
template <class R> const ProductTile<R>& product_tile();

}  // namespace lop::detail
