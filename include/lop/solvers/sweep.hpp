/// Two assignments and a squared norm in one pass over memory.
#pragma once

#include <lop/algebra/stacked.hpp>

namespace lop {

namespace detail {

template <class V> inline constexpr bool is_stacked = false;
template <class... V> inline constexpr bool is_stacked<Stacked<V...>> = true;

/// Writes a run of both expressions; the sum is over the squares of the first.
template <class T, class Cursor, class SecondCursor> struct AssignedPair {
    T* values;
    Cursor cursor;
    T* second_values;
    SecondCursor second_cursor;
    void prepare(index_t begin, index_t end) const {
#pragma omp simd
        for (index_t i = begin; i < end; ++i) values[i] = cursor[i];
#pragma omp simd
        for (index_t i = begin; i < end; ++i) second_values[i] = second_cursor[i];
    }
    double operator()(index_t i) const { return squared_magnitude(values[i]); }
    static constexpr double term(const T& value) { return squared_magnitude(value); }
};

}  // namespace detail

/// x = ex; y = ey; |x|^2: the values and the bits of assign_norm2(x, ex) and assign(y, ey), in one
/// pass. Collective for distributed vectors.
template <Vector V, VectorExpression E, VectorExpression F>
double assign_both_norm2(V& x, const E& ex, V& y, const F& ey) {
    if constexpr (detail::is_stacked<V>) {
        double sum = 0;
        detail::for_each_index<V::block_count>([&](auto i) {
            sum += assign_both_norm2(x.template block<i()>(), ex.template component<i()>(),
                                     y.template block<i()>(), ey.template component<i()>());
        });
        return sum;
    } else if constexpr (FlatVector<V>) {
        ex.check(x);
        ey.check(y);
        if (!x.compatible(y)) detail::refuse_combination(x.describe(), y.describe());
        return x.template reduce<double>(
            detail::AssignedPair{x.data(), ex.cursor(), y.data(), ey.cursor()});
    } else {
        const double sum = assign_norm2(x, ex);
        assign(y, ey);
        return sum;
    }
}

}  // namespace lop
