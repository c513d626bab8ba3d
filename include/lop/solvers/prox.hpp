/// Proximal operators of convex functions (and of one that is not), and rules that compose them.
///
/// Each function f is a small value with
///   value(x)          f(x), in double; infinity outside the domain; of an expression too, mostly
///   prox(x, tau, y)   y = argmin_z tau f(z) + 1/2 |z - x|^2, where y may be x itself
/// that work on any vector of its kind: arrays, distributed arrays and, element by element, stacks.
/// Parikh and Boyd (2014), Foundations and Trends in Optimization 1(3), is the reference for all.
#pragma once

#include <lop/algebra/operator.hpp>
#include <lop/solvers/norms.hpp>

#include <array>
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
    double weight = 1;
    template <VectorLike X> double value(const X& x) const { return weight * norm1(x); }
    template <Vector X> void prox(const X& x, double tau, X& y) const {
        assign(y, soft_threshold(x, tau * weight));
    }
};

/// weight |x|_2, not squared: the whole vector shrinks (section 6.5.1).
struct L2 {
    double weight = 1;
    template <VectorLike X> double value(const X& x) const { return weight * norm(x); }
    template <Vector X> void prox(const X& x, double tau, X& y) const {
        const double size = norm(x);
        const double by = tau * weight;
        assign(y, (size > by ? 1 - by / size : 0.0) * x);
    }
};

/// weight/2 |x|_2^2; of a distance to data b: Translated{SquaredL2{}, b}.
struct SquaredL2 {
    double weight = 1;
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
/// Calls f(block) for every block of a stack, of either kind.
template <class F, Vector... V> void for_each_block(const Stacked<V...>& x, const F& f) {
    for_each_index<sizeof...(V)>([&](auto i) { f(x.template block<i()>()); });
}
template <class F, Vector V> void for_each_block(const Many<V>& x, const F& f) {
    for (const V& block : x) f(block);
}
template <class F, Vector... V>
void for_each_block(const Stacked<V...>& x, Stacked<V...>& y, const F& f) {
    for_each_index<sizeof...(V)>(
        [&](auto i) { f(x.template block<i()>(), y.template block<i()>()); });
}
template <class F, Vector V> void for_each_block(const Many<V>& x, Many<V>& y, const F& f) {
    for (index_t i = 0; i < x.count(); ++i) f(x.block(i), y.block(i));
}
}  // namespace detail

/// weight times the number of elements that are not zero: the hard threshold |x_i|^2 > 2 tau weight.
/// Not convex: prox gives a global minimiser, but what holds for convex functions does not follow.
struct L0 {
    double weight = 1;
    template <VectorLike X> double value(const X& x) const {
        return weight * sum_over(detail::IsNonzero{}, x);
    }
    template <Vector X> void prox(const X& x, double tau, X& y) const {
        assign(y, map(detail::HardThreshold{2 * tau * weight}, x));
    }
};

/// weight times the sum of the norms of a stack's blocks: the blocks, which are the groups, shrink
/// one by one (Yuan and Lin 2006). Works on Stacked and Many.
struct L21 {
    double weight = 1;
    template <Vector X> double value(const X& x) const {
        double sum = 0;
        detail::for_each_block(x, [&](const auto& block) { sum += norm(block); });
        return weight * sum;
    }
    template <Vector X> void prox(const X& x, double tau, X& y) const {
        detail::for_each_block(x, y,
                               [&](const auto& from, auto& to) { L2{weight}.prox(from, tau, to); });
    }
};

/// weight times the sum over i of sqrt(|x_1(i)|^2 + ... + |x_n(i)|^2): the groups are the elements
/// at one place of a stack's like blocks, as in the total variation of a gradient held in blocks. The
/// blocks, of Many or of a Stacked of one type, are flat vectors of one space.
struct JointL1 {
    double weight = 1;
    template <FlatVector V> double value(const Many<V>& x) const {
        return x.count() == 0
                   ? 0
                   : sum(x.block(0), x.count(), [&](index_t k) { return x.block(k).data(); });
    }
    template <FlatVector V> void prox(const Many<V>& x, double tau, Many<V>& y) const {
        for (index_t k = 1; k < x.count(); ++k) check(x.block(0), x.block(k));
        if (x.count() == 0) return;
        shrink(
            x.block(0).size(), x.count(), tau, [&](index_t k) { return x.block(k).data(); },
            [&](index_t k) { return y.block(k).data(); });
    }
    template <FlatVector V, std::same_as<V>... W> double value(const Stacked<V, W...>& x) const {
        const auto from = pointers<const typename V::value_type>(x);
        return sum(x.template block<0>(), from.size(), [&](index_t k) { return from.at(k); });
    }
    template <FlatVector V, std::same_as<V>... W>
    void prox(const Stacked<V, W...>& x, double tau, Stacked<V, W...>& y) const {
        detail::for_each_block(x, [&](const V& block) { check(x.template block<0>(), block); });
        const auto from = pointers<const typename V::value_type>(x);
        const auto to = pointers<typename V::value_type>(y);
        shrink(
            x.template block<0>().size(), from.size(), tau, [&](index_t k) { return from.at(k); },
            [&](index_t k) { return to.at(k); });
    }

 private:
    template <class T, std::size_t N> struct Pointers {
        std::array<T*, N> data;
        static constexpr index_t size() { return static_cast<index_t>(N); }
        T* at(index_t k) const { return data[static_cast<std::size_t>(k)]; }
    };
    template <class T, class S> static auto pointers(S& x) {
        Pointers<T, std::remove_const_t<S>::block_count> found;
        detail::for_each_index<std::remove_const_t<S>::block_count>(
            [&](auto i) { found.data[i()] = x.template block<i()>().data(); });
        return found;
    }
    template <class V> static void check(const V& first, const V& other) {
        if (!first.compatible(other))
            detail::refuse_combination(first.describe(), other.describe());
    }
    template <class At> static double size_at(index_t i, index_t count, const At& at) {
        double sum = 0;
        for (index_t k = 0; k < count; ++k) sum += detail::squared_magnitude(at(k)[i]);
        return std::sqrt(sum);
    }
    template <class V, class At> double sum(const V& layout, index_t count, const At& at) const {
        return weight *
               layout.template reduce<double>([&](index_t i) { return size_at(i, count, at); });
    }
    template <class From, class To>
    void shrink(index_t size, index_t count, double tau, const From& from, const To& to) const {
        using R = Real<std::remove_cvref_t<decltype(*to(0))>>;
        const double by = tau * weight;
        parallel_for(size, [&](index_t begin, index_t end) {
            for (index_t i = begin; i < end; ++i) {
                const double length = size_at(i, count, from);
                const auto factor = static_cast<R>(length > by ? 1 - by / length : 0);
                for (index_t k = 0; k < count; ++k) to(k)[i] = factor * from(k)[i];
            }
        });
    }
};

namespace detail {
/// Whether an element lies outside [lower, upper].
struct Outside {
    double lower;
    double upper;
    template <class T> double operator()(const T& v) const {
        static_assert(!is_complex<T>, "complex numbers have no order: a box is for real vectors");
        return v < static_cast<T>(lower) || v > static_cast<T>(upper) ? 1 : 0;
    }
};
struct Clamp {
    double lower;
    double upper;
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
    double a = 1;
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
