/// Proximal operators of convex functions (and of one that is not), and rules that compose them.
///
/// Each function f is a small value with
///   value(x)          f(x), in double; infinity outside the domain; of an expression too, mostly
///   prox(x, tau, y)   y = argmin_z tau f(z) + 1/2 |z - x|^2, where y may be x itself
/// that work on any vector of its kind: arrays, distributed arrays and, element by element, stacks.
/// Parameters are checked where they are set: L1{-0.1} throws ArgumentError.
/// Parikh and Boyd (2014), Foundations and Trends in Optimization 1(3), is the reference for all.
#pragma once

#include <lop/algebra/operator.hpp>
#include <lop/core/error.hpp>
#include <lop/core/parameter.hpp>
#include <lop/solvers/norms.hpp>

#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

namespace lop {

/// A function with a proximal operator on vectors X.
template <class F, class X>
concept Proximable = requires(const F& f, const X& x, X& y) { f.prox(x, 1.0, y); };

/// f(x), or 0 for a function that does not know its value.
template <class F, class X> double value_of(const F& f, const X& x) {
    if constexpr (requires { f.value(x); }) return f.value(x);
    else return 0;
}

/// weight |x|_1: the soft threshold (section 6.5.2); complex numbers keep their phase.
struct L1 {
    Parameter<"L1: weight"> weight = 1;
    template <VectorLike X> double value(const X& x) const { return weight * norm1(x); }
    template <Vector X> void prox(const X& x, double tau, X& y) const {
        assign(y, soft_threshold(x, tau * weight));
    }
};

/// weight |x|_2, not squared: the whole vector shrinks (section 6.5.1).
struct L2 {
    Parameter<"L2: weight"> weight = 1;
    template <VectorLike X> double value(const X& x) const { return weight * norm(x); }
    template <Vector X> void prox(const X& x, double tau, X& y) const {
        const double size = norm(x);
        const double by = tau * weight;
        assign(y, (size > by ? 1 - by / size : 0.0) * x);
    }
};

/// weight/2 |x|_2^2; of a distance to data b: Translated{SquaredL2{}, b}.
struct SquaredL2 {
    Parameter<"SquaredL2: weight"> weight = 1;
    template <VectorLike X> double value(const X& x) const { return 0.5 * weight * norm2(x); }
    template <Vector X> void prox(const X& x, double tau, X& y) const {
        assign(y, (1 / (1 + tau * weight)) * x);
    }
};

namespace detail {
struct IsNonzero {
    template <class T> double operator()(const T& v) const { return std::norm(v) > 0 ? 1 : 0; }
};
struct HardThreshold {
    double threshold2;
    template <class T> T operator()(const T& v) const {
        return squared_magnitude(v) > threshold2 ? v : T{};
    }
};
}  // namespace detail

/// weight times the number of elements that are not zero: the hard threshold |x_i|^2 > 2 tau weight.
/// Not convex: prox gives a global minimiser, but what holds for convex functions does not follow.
struct L0 {
    Parameter<"L0: weight"> weight = 1;
    template <VectorLike X> double value(const X& x) const {
        return weight * sum_over(detail::IsNonzero{}, x);
    }
    template <Vector X> void prox(const X& x, double tau, X& y) const {
        assign(y, map(detail::HardThreshold{2 * tau * weight}, x));
    }
};

namespace detail {
/// Throws ArgumentError where no finite number lies between the bounds.
inline void check_bounds(double lower, double upper) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (lower <= upper && lower < infinity && upper > -infinity) return;
    throw ArgumentError{"the bounds of a box",
                        {.expected = "lower <= upper, and a finite number between them",
                         .found = number_words(lower) + " and " + number_words(upper)}};
}
/// Whether an element lies outside [lower, upper].
struct Outside {
    double lower;
    double upper;
    Outside(double from, double to) : lower{from}, upper{to} { check_bounds(lower, upper); }
    template <class T> double operator()(const T& v) const {
        static_assert(!is_complex<T>, "complex numbers have no order: a box is for real vectors");
        return v < static_cast<T>(lower) || v > static_cast<T>(upper) ? 1 : 0;
    }
};
struct Clamp {
    double lower;
    double upper;
    Clamp(double from, double to) : lower{from}, upper{to} { check_bounds(lower, upper); }
    template <class T> T operator()(const T& v) const {
        static_assert(!is_complex<T>, "complex numbers have no order: a box is for real vectors");
        return std::min(std::max(v, static_cast<T>(lower)), static_cast<T>(upper));
    }
};
}  // namespace detail

/// The indicator of lower <= x_i <= upper: 0 inside, infinity outside; prox clips, whatever tau.
struct Box {
    double lower = -std::numeric_limits<double>::infinity();
    double upper = std::numeric_limits<double>::infinity();
    template <VectorLike X> double value(const X& x) const {
        return sum_over(detail::Outside{lower, upper}, x) > 0
                   ? std::numeric_limits<double>::infinity()
                   : 0;
    }
    template <Vector X> void prox(const X& x, double, X& y) const {
        assign(y, map(detail::Clamp{lower, upper}, x));
    }
};

/// The indicator of x_i >= 0.
struct NonNegative {
    template <VectorLike X> double value(const X& x) const { return Box{.lower = 0}.value(x); }
    template <Vector X> void prox(const X& x, double tau, X& y) const {
        Box{.lower = 0}.prox(x, tau, y);
    }
};

/// The indicator of a convex set, by its projection: project(y) maps y to the nearest point of the
/// set, in place. See projections.hpp.
template <class Projection> struct Indicator {
    Projection project;
    template <Vector X> void prox(const X& x, double, X& y) const {
        if (&x != &y) assign(y, 1 * x);
        project(y);
    }
};
template <class P> Indicator(P) -> Indicator<P>;

// ---- rules (section 2.2 and table 10.2 of Combettes and Pesquet 2011) ---------------------------

/// f(x - b): prox = b + prox_f(x - b).
template <class F, Vector X> struct Translated {
    F f;
    X b;
    double value(const X& x) const
        requires requires { f.value(x); }
    {
        if constexpr (requires { f.value(x - b); }) return f.value(x - b);
        else return f.value(evaluate(x - b));
    }
    void prox(const X& x, double tau, X& y) const {
        assign(y, x - b);
        f.prox(y, tau, y);
        y += b;
    }
};
template <class F, class X> Translated(F, X) -> Translated<F, X>;

/// a f(x), a > 0.
template <class F> struct Multiple {
    F f;
    Parameter<"Multiple: a", Allowed::positive> a = 1;
    template <VectorLike X> double value(const X& x) const
        requires requires { f.value(x); }
    {
        return a * f.value(x);
    }
    template <Vector X> void prox(const X& x, double tau, X& y) const { f.prox(x, tau * a, y); }
};
template <class F> Multiple(F, double) -> Multiple<F>;

/// f*(x) = sup_z Re <x, z> - f(z), by Moreau: prox_{tau f*}(x) = x - tau prox_{f/tau}(x/tau). Of a
/// convex f. Allocates where y is x; it does not know its value.
template <class F> struct ConjugateOf {
    F f;
    template <Vector X> void prox(const X& x, double tau, X& y) const {
        if (&x == &y) {
            const X copy = x;
            prox(copy, tau, y);
            return;
        }
        assign(y, (1 / tau) * x);
        f.prox(y, 1 / tau, y);
        assign(y, x - tau * y);
    }
};
template <class F> ConjugateOf(F) -> ConjugateOf<F>;

/// f_1(x_1) + f_2(x_2) + ... over the blocks of a Stacked vector; of a Many one, one function for all.
template <class... F> struct SeparableSum {
    std::tuple<F...> parts;
    explicit SeparableSum(F... f) : parts{std::move(f)...} {}
    template <Vector... V> double value(const Stacked<V...>& x) const {
        static_assert(sizeof...(V) == sizeof...(F), "one function for each block");
        double sum = 0;
        detail::for_each_index<sizeof...(F)>(
            [&](auto i) { sum += value_of(std::get<i()>(parts), x.template block<i()>()); });
        return sum;
    }
    template <Vector... V>
    void prox(const Stacked<V...>& x, double tau, Stacked<V...>& y) const {
        static_assert(sizeof...(V) == sizeof...(F), "one function for each block");
        detail::for_each_index<sizeof...(F)>([&](auto i) {
            std::get<i()>(parts).prox(x.template block<i()>(), tau, y.template block<i()>());
        });
    }
};

}  // namespace lop
