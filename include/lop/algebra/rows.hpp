/// An application and what a solver does with its result, in one pass over the result.
#pragma once

#include <lop/algebra/blocks.hpp>

namespace lop {

namespace detail {

/// Whether A x can be made run by run: a body for rows, at the left end of a product, in all blocks of
/// a vertical stack.
template <class A> inline constexpr bool makes_rows = HasForwardRows<A>;
template <class... A> inline constexpr bool makes_rows<Product<A...>> =
    makes_rows<typename Product<A...>::First>;
template <class... A> inline constexpr bool makes_rows<VStack<A...>> = (makes_rows<A> && ...);

/// Writes a run of A x, then sums its squares from the cache.
template <class A, class X, class T> struct AppliedRows {
    const A* a;
    const X* x;
    T* y;
    void prepare(index_t begin, index_t end) const { a->forward_rows(*x, begin, end, y + begin); }
    double operator()(index_t i) const { return squared_magnitude(y[i]); }
};

/// The same for alpha A x + beta z; z may be y.
template <class A, class X, class T> struct UpdatedRows {
    const A* a;
    const X* x;
    ScaleBy<T> alpha;
    ScaleBy<T> beta;
    const T* z;
    T* y;
    void prepare(index_t begin, index_t end) const {
        RowBuffer<T> rows;
        const T* ax = rows.data();
        a->forward_rows(*x, begin, end, rows.data());
#pragma omp simd
        for (index_t i = begin; i < end; ++i) y[i] = plus(alpha(ax[i - begin]), beta(z[i]));
    }
    double operator()(index_t i) const { return squared_magnitude(y[i]); }
};

}  // namespace detail

/// y = A x and |y|^2, unchecked. Where A has forward_rows the sum costs no pass of its own. Collective
/// for distributed vectors. Here and below, `sums` waits for what the ranks have to put together.
template <LinearOperator A>
double apply_norm2(const A& a, const DomainVector<A>& x, RangeVector<A>& y,
                   SumsTogether* sums = nullptr) {
    if constexpr (detail::HasForwardRows<A>) {
        return detail::reduce_together(y, detail::AppliedRows{&a, &x, y.data()}, sums);
    } else if constexpr (detail::makes_rows<A> && detail::is_product<A>) {
        return a.to_first(x, [&](const auto& first, const auto& t) {  //
            return apply_norm2(first, t, y, sums);
        });
    } else if constexpr (detail::makes_rows<A>) {
        double sum = 0;
        detail::for_each_index<RangeVector<A>::block_count>([&](auto i) {
            sum += apply_norm2(hana::at(a.blocks(), i), x, y.template block<i()>(), sums);
        });
        return sum;
    } else {
        a.forward(x, y);
        return norm2(y, sums);
    }
}

/// y = alpha A x + beta z and |y|^2, unchecked; z may be y. Where A has forward_rows, A x is never
/// stored: beside the operator y is not read, and z once. Otherwise it takes a temporary of range(A).
/// Collective for distributed vectors.
template <LinearOperator A> double update_norm2(double alpha, const A& a, const DomainVector<A>& x,
                                                double beta, const RangeVector<A>& z,
                                                RangeVector<A>& y, SumsTogether* sums = nullptr) {
    using T = ScalarOf<A>;
    if constexpr (detail::HasForwardRows<A>) {
        return detail::reduce_together(
            y,
            detail::UpdatedRows<A, DomainVector<A>, T>{&a,
                                                       &x,
                                                       {detail::to_factor<T>(alpha)},
                                                       {detail::to_factor<T>(beta)},
                                                       z.data(),
                                                       y.data()},
            sums);
    } else if constexpr (detail::makes_rows<A> && detail::is_product<A>) {
        return a.to_first(x, [&](const auto& first, const auto& t) {
            return update_norm2(alpha, first, t, beta, z, y, sums);
        });
    } else if constexpr (detail::makes_rows<A>) {
        double sum = 0;
        detail::for_each_index<RangeVector<A>::block_count>([&](auto i) {
            sum += update_norm2(alpha, hana::at(a.blocks(), i), x, beta, z.template block<i()>(),
                                y.template block<i()>(), sums);
        });
        return sum;
    } else {
        auto ax = a.range().scratch();
        a.forward(x, *ax);
        return assign_norm2(y, alpha * *ax + beta * z, sums);
    }
}

}  // namespace lop
