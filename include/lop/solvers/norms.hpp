/// The largest magnitude of a vector, and thresholds that are found by sums alone.
#pragma once

#include <lop/algebra/many.hpp>
#include <lop/algebra/stacked.hpp>

#include <algorithm>
#include <cmath>

namespace lop {

namespace detail {

template <class T> double magnitude(const T& value) { return static_cast<double>(std::abs(value)); }
struct Magnitude {
    template <class T> double operator()(const T& value) const { return magnitude(value); }
};

}  // namespace detail

/// max_i |x_i|; infinite where an element is NaN. Collective for distributed vectors.
template <FlatVector V> double norm_inf(const V& x) {
    static_assert(std::same_as<typename V::memory, Host>, "norm_inf is computed on the host");
    double most = 0;
    const auto* values = x.data();
    const index_t size = x.size();
#pragma omp parallel for reduction(max : most) if (size >= parallel_threshold)
    for (index_t i = 0; i < size; ++i) {
        const double m = detail::magnitude(values[i]);
        most = std::max(most, std::isnan(m) ? HUGE_VAL : m);
    }
    if constexpr (requires { x.communicator().max(most); }) most = x.communicator().max(most);
    return most;
}
template <Vector... V> double norm_inf(const Stacked<V...>& x) {
    double most = 0;
    detail::for_each_index<sizeof...(V)>(
        [&](auto i) { most = std::max(most, norm_inf(x.template block<i()>())); });
    return most;
}
template <Vector V> double norm_inf(const Many<V>& x) {
    double most = 0;
    for (const V& block : x) most = std::max(most, norm_inf(block));
    return most;
}

/// sum_i |x_i|, in double. Collective for distributed vectors.
template <VectorLike X> double norm1(const X& x) { return sum_over(detail::Magnitude{}, x); }

namespace detail {

/// The number t for which sum_i max(size(x_i) - t, 0) = radius, where size is a real function: the
/// threshold of a projection onto the simplex. Newton's method on that piecewise linear function,
/// from below, ends after finitely many steps (Michelot 1986), in which every sum has a fixed
/// order; sorting (Duchi et al. 2008, figure 1) finds the same t.
template <class Size, VectorLike X>
double simplex_threshold(const Size& size, const X& x, double radius, double start) {
    double t = start;
    for (;;) {
        const double excess =
            sum_over([size, t](const auto& v) { return std::max(size(v) - t, 0.0); }, x);
        const double count =
            sum_over([size, t](const auto& v) { return size(v) > t ? 1.0 : 0.0; }, x);
        if (count == 0) return t;
        const double next = t + (excess - radius) / count;
        if (!(next > t)) return t;
        t = next;
    }
}

/// x_i shortened by `by`, or zero where it is shorter.
template <class T> T soft(const T& value, double by) {
    const double size = magnitude(value);
    return size > by ? T(static_cast<Real<T>>((size - by) / size) * value) : T{};
}
struct SoftThreshold {
    double by;
    template <class T> T operator()(const T& value) const { return soft(value, by); }
};

}  // namespace detail

/// S_t(x): every element shortened by t, its sign or phase kept (Donoho 1995).
template <VectorLike X> auto soft_threshold(X&& x, double t) {
    return map(detail::SoftThreshold{t}, std::forward<X>(x));
}

}  // namespace lop
