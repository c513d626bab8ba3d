/// Tiles of dense products for AVX-512.
#include "operators/products_tile.hpp"

namespace lop::detail::avx512 {

extern const ProductTile<float> single_tile;
extern const ProductTile<double> double_tile;
constinit const ProductTile<float> single_tile = the_tile<float>();
constinit const ProductTile<double> double_tile = the_tile<double>();

}  // namespace lop::detail::avx512
