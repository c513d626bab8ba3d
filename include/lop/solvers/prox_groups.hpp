/// Proximal operators of functions of groups: the blocks of a stack, or the elements at one place of
/// all blocks.
#pragma once

#include <lop/solvers/prox.hpp>

#include <array>

namespace lop {

namespace detail {
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

/// weight times the sum of the norms of a stack's blocks: the blocks, which are the groups, shrink
/// one by one (Yuan and Lin 2006). Works on Stacked and Many.
struct L21 {
    Parameter<"L21: weight"> weight = 1;
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
    Parameter<"JointL1: weight"> weight = 1;
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
        static_assert(std::same_as<typename V::memory, Host>, "groups are summed on the host");
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

}  // namespace lop
