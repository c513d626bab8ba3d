/// The tile of dense products for any processor, and the choice among them.
#include "operators/products_tile.hpp"
#include <lop/operators/wave/instruction_set.hpp>

#include <type_traits>

namespace lop::detail {

#ifdef __x86_64__
namespace avx2 {
extern const ProductTile<float> single_tile;
extern const ProductTile<double> double_tile;
}  // namespace avx2
namespace avx512 {
extern const ProductTile<float> single_tile;
extern const ProductTile<double> double_tile;
}  // namespace avx512
#endif

template <class R> const ProductTile<R>& product_tile() {
    static const ProductTile<R> any = the_tile<R>();
#ifdef __x86_64__
    constexpr bool is_single = std::is_same_v<R, float>;
    if (wave::available(wave::InstructionSet::avx512)) {
        if constexpr (is_single) return avx512::single_tile;
        else return avx512::double_tile;
    }
    if (wave::available(wave::InstructionSet::avx2)) {
        if constexpr (is_single) return avx2::single_tile;
        else return avx2::double_tile;
    }
#endif
    return any;
}

template const ProductTile<float>& product_tile<float>();
template const ProductTile<double>& product_tile<double>();

}  // namespace lop::detail
