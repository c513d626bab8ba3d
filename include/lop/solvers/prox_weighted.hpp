/// The one-norm with a weight for each element: its proximal operator, its ball, its dual norm.
#pragma once

#include <lop/solvers/prox.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

namespace lop {

namespace detail {

struct Number {
    double operator()(double v) const { return v; }
};
/// Whether an element cannot be a weight.
struct NoWeight {
    template <class T> double operator()(const T& w) const {
        return real_part(w) >= 0 && std::isfinite(magnitude(w)) &&
                       magnitude(w) == static_cast<double>(real_part(w))
                   ? 0
                   : 1;
    }
};
struct IsZero {
    template <class T> double operator()(const T& w) const { return w == T{} ? 1 : 0; }
};

/// w |x|, and x shortened by `by` w.
struct WeightedMagnitude {
    template <class T> double operator()(const T& w, const T& x) const {
        return static_cast<double>(real_part(w)) * magnitude(x);
    }
};
struct WeightedSoft {
    double by;
    template <class T> T operator()(const T& w, const T& x) const {
        return soft(x, by * static_cast<double>(real_part(w)));
    }
};
struct WhereWeightless {
    template <class T> T operator()(const T& w, const T& x) const { return w == T{} ? x : T{}; }
};
/// w times what is left of |x| above t w, and w^2 where something is.
struct WeightedExcess {
    double t;
    template <class T> double operator()(const T& w, const T& x) const {
        const auto weight = static_cast<double>(real_part(w));
        return weight * std::max(magnitude(x) - t * weight, 0.0);
    }
};
struct WeightAbove {
    double t;
    template <class T> double operator()(const T& w, const T& x) const {
        const auto weight = static_cast<double>(real_part(w));
        return magnitude(x) > t * weight ? weight * weight : 0;
    }
};

/// The t for which sum_i w_i max(|x_i| - t w_i, 0) = radius, less than the sum at t = 0: Newton's
/// method from below, as in simplex_threshold.
template <Vector X> double weighted_threshold(const X& weights, const X& x, double radius) {
    double t = 0;
    for (;;) {
        const double excess = sum_over(Number{}, map(WeightedExcess{t}, weights, x));
        const double slope = sum_over(Number{}, map(WeightAbove{t}, weights, x));
        if (slope == 0) return t;
        const double next = t + (excess - radius) / slope;
        if (!(next > t)) return t;
        t = next;
    }
}

}  // namespace detail

/// max_i |x_i| / w_i, the dual of the norm sum_i w_i |x_i|; zeros of x do not count, NaN is infinite.
/// Collective for distributed vectors.
template <FlatVector V> double norm_inf(const V& x, const V& weights) {
    if (!weights.compatible(x)) detail::refuse_combination(weights.describe(), x.describe());
    double most = 0;
    const auto* values = x.data();
    const auto* w = weights.data();
    const index_t size = x.size();
#pragma omp parallel for reduction(max : most) if (size >= parallel_threshold)
    for (index_t i = 0; i < size; ++i) {
        const double m = detail::magnitude(values[i]);
        if (m == 0) continue;
        const double ratio = m / static_cast<double>(real_part(w[i]));
        most = std::max(most, std::isnan(ratio) ? HUGE_VAL : ratio);
    }
    if constexpr (requires { x.communicator().max(most); }) most = x.communicator().max(most);
    return most;
}
template <Vector... V>
double norm_inf(const Stacked<V...>& x, const Stacked<V...>& weights) {
    double most = 0;
    detail::for_each_index<sizeof...(V)>([&](auto i) {
        most = std::max(most, norm_inf(x.template block<i()>(), weights.template block<i()>()));
    });
    return most;
}
template <Vector V> double norm_inf(const Many<V>& x, const Many<V>& weights) {
    double most = 0;
    for (index_t i = 0; i < x.count(); ++i)
        most = std::max(most, norm_inf(x.block(i), weights.block(i)));
    return most;
}

/// weight sum_i w_i |x_i|: the soft threshold of each element is its own, tau weight w_i. The weights
/// are a vector of the space of x, of complex vectors too, with real values that are not negative;
/// an element of weight zero is left alone. Copies share the weights.
/// Throws ArgumentError for weights that are negative, complex or not finite.
template <Vector X> class WeightedL1 {
 public:
    explicit WeightedL1(X weights, double weight = 1)
        : weights_{std::make_shared<const X>(std::move(weights))}, weight_{weight} {
        const double wrong = sum_over(detail::NoWeight{}, *weights_);
        if (wrong > 0 || !(weight >= 0) || !std::isfinite(weight))
            throw ArgumentError{"WeightedL1 of " + weights_->describe(),
                                {.expected = "weights that are real, finite and not negative",
                                 .found = wrong > 0 ? number_words(wrong) + " that are not"
                                                    : "a factor of " + number_words(weight)}};
    }
    const X& weights() const { return *weights_; }
    double weight() const { return weight_; }

    template <VectorLike Y> double value(const Y& x) const {
        return weight_ * sum_over(detail::Number{}, map(detail::WeightedMagnitude{}, *weights_, x));
    }
    void prox(const X& x, double tau, X& y) const {
        assign(y, map(detail::WeightedSoft{tau * weight_}, *weights_, x));
    }
    /// The dual norm, max_i |x_i| / (weight w_i); infinite where x is not zero and its weight is.
    double dual(const X& x) const { return norm_inf(x, *weights_) / weight_; }
    /// Whether no weight is zero.
    bool positive() const { return weight_ > 0 && sum_over(detail::IsZero{}, *weights_) == 0; }

 private:
    std::shared_ptr<const X> weights_;
    double weight_;
};
template <Vector X> WeightedL1(X) -> WeightedL1<X>;
template <Vector X> WeightedL1(X, double) -> WeightedL1<X>;
template <VectorExpression E> WeightedL1(E) -> WeightedL1<typename E::vector_type>;
template <VectorExpression E> WeightedL1(E, double) -> WeightedL1<typename E::vector_type>;

/// sum_i w_i |x_i| <= radius, of the norm f: x shortened by t w_i, where t leaves the norm.
template <Vector X> struct OntoWeightedL1Ball {
    WeightedL1<X> f;
    Parameter<"OntoWeightedL1Ball: radius", Allowed::not_negative_or_infinite> radius = 1;
    void operator()(X& x) const {
        if (f.value(x) <= radius) return;
        if (radius <= 0) return assign(x, map(detail::WhereWeightless{}, f.weights(), x));
        const double t = detail::weighted_threshold(f.weights(), x, radius / f.weight());
        assign(x, map(detail::WeightedSoft{t}, f.weights(), x));
    }
};
template <class X> OntoWeightedL1Ball(WeightedL1<X>, double) -> OntoWeightedL1Ball<X>;

}  // namespace lop
