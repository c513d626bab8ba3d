/// Stacks of unlike vectors and of their spaces: what vstack maps into and hstack maps from.
#pragma once

#include <lop/algebra/space.hpp>

#include <boost/hana.hpp>
#include <tuple>

namespace lop {

namespace hana = boost::hana;

namespace detail {
/// Calls f(integral_constant<0>), ..., f(integral_constant<N-1>).
template <std::size_t N, class F> constexpr void for_each_index(const F& f) {
    hana::for_each(hana::make_range(hana::size_c<0>, hana::size_c<N>), f);
}
template <class Parts, class Word> std::string join(const Parts& parts, const char* glue,
                                                    const Word& word) {
    std::string text;
    hana::for_each(parts, [&](const auto& part) { append_word(text, glue, word(part)); });
    return text;
}
}  // namespace detail

/// Vectors of unlike spaces, one below the other; blocks may be stacks themselves. All arithmetic
/// of lop/algebra/expression.hpp works block by block, and sums run over the blocks in order.
template <Vector... V> class Stacked {
 public:
    using First = std::tuple_element_t<0, std::tuple<V...>>;
    using value_type = typename First::value_type;
    using memory = typename First::memory;
    using vector_type = Stacked;
    static_assert((std::same_as<typename V::value_type, value_type> && ...),
                  "the blocks of a stack share one scalar type");
    static_assert((std::same_as<typename V::memory, memory> && ...),
                  "the blocks of a stack share one memory: to_device(x), to_host(x)");
    static constexpr std::size_t block_count = sizeof...(V);

    explicit Stacked(V... blocks) : blocks_{std::move(blocks)...} {}
    template <VectorExpression E> Stacked(const E& e) : Stacked{like(e.prototype())} {
        assign(*this, e);
    }
    template <VectorExpression E> Stacked& operator=(const E& e) {
        assign(*this, e);
        return *this;
    }

    template <std::size_t I> auto& block() { return hana::at_c<I>(blocks_); }
    template <std::size_t I> const auto& block() const { return hana::at_c<I>(blocks_); }
    const auto& blocks() const { return blocks_; }

    index_t size() const {
        return hana::unpack(blocks_, [](const auto&... b) { return (index_t{b.size()} + ...); });
    }
    void fill(value_type value) {
        hana::for_each(blocks_, [&](auto& b) { b.fill(value); });
    }
    bool compatible(const Stacked& other) const {
        bool same = true;
        detail::for_each_index<block_count>(
            [&](auto i) { same = same && block<i()>().compatible(other.template block<i()>()); });
        return same;
    }
    std::string describe() const {
        return "[" + detail::join(blocks_, "; ", [](const auto& b) { return b.describe(); }) + "]";
    }

 private:
    hana::tuple<V...> blocks_;
};

template <Vector... V> Stacked<V...> like(const Stacked<V...>& x) {
    return hana::unpack(x.blocks(), [](const auto&... b) { return Stacked<V...>{like(b)...}; });
}

template <Vector... V, VectorExpression E> void assign(Stacked<V...>& target, const E& e) {
    e.check(target);
    detail::for_each_index<sizeof...(V)>(
        [&](auto i) { assign(target.template block<i()>(), e.template component<i()>()); });
}

namespace detail {
template <Vector... V, class L, class R>
auto dot_expressions(const Stacked<V...>& layout, const L& left, const R& right) {
    right.check(layout);
    Accumulator<ValueOf<L>> sum{};
    for_each_index<sizeof...(V)>([&](auto i) {
        sum += dot_expressions(layout.template block<i()>(), left.template component<i()>(),
                               right.template component<i()>());
    });
    return sum;
}
template <Vector... V, VectorExpression E, class F>
double sum_expression(const Stacked<V...>& layout, const E& e, const F& f,
                      SumsTogether* sums = nullptr) {
    double sum = 0;
    for_each_index<sizeof...(V)>([&](auto i) {
        sum += sum_expression(layout.template block<i()>(), e.template component<i()>(), f, sums);
    });
    return sum;
}
template <Vector... V, VectorExpression E>
double assign_norm2_flat(Stacked<V...>& target, const E& e, SumsTogether* sums = nullptr) {
    e.check(target);
    double sum = 0;
    for_each_index<sizeof...(V)>([&](auto i) {
        sum += assign_norm2_flat(target.template block<i()>(), e.template component<i()>(), sums);
    });
    return sum;
}
}  // namespace detail

/// Unlike spaces, one below the other.
template <Space... S> class StackedSpace {
 public:
    using vector_type = Stacked<typename S::vector_type...>;
    using value_type = typename vector_type::value_type;
    using memory = typename vector_type::memory;

    explicit StackedSpace(S... parts)
        : parts_{std::move(parts)...}, pool_{std::make_shared<ScratchPool<vector_type>>()} {}

    template <std::size_t I> const auto& part() const { return hana::at_c<I>(parts_); }
    index_t size() const {
        return hana::unpack(parts_, [](const auto&... p) { return (index_t{p.size()} + ...); });
    }
    std::string name() const {
        return "[" +
               detail::join(parts_, "; ", [](const auto& p) { return std::string{p.name()}; }) +
               "]";
    }
    vector_type zeros() const {
        return hana::unpack(parts_, [](const auto&... p) { return vector_type{p.zeros()...}; });
    }
    vector_type uninitialized() const {
        return hana::unpack(parts_,
                            [](const auto&... p) { return vector_type{p.uninitialized()...}; });
    }
    /// Every block draws from a stream of its own.
    vector_type random(std::uint64_t seed) const {
        return random_blocks(seed, std::index_sequence_for<S...>{});
    }
    bool contains(const vector_type& x) const {
        bool inside = true;
        detail::for_each_index<sizeof...(S)>(
            [&](auto i) { inside = inside && part<i()>().contains(x.template block<i()>()); });
        return inside;
    }
    std::string describe() const {
        return "[" + detail::join(parts_, "; ", [](const auto& p) { return p.describe(); }) + "]";
    }
    Scratch<vector_type> scratch() const {
        return {pool_, [this] { return uninitialized(); }};
    }
    bool operator==(const StackedSpace& other) const {
        bool same = true;
        detail::for_each_index<sizeof...(S)>(
            [&](auto i) { same = same && part<i()>() == other.template part<i()>(); });
        return same;
    }

 private:
    template <std::size_t... I>
    vector_type random_blocks(std::uint64_t seed, std::index_sequence<I...>) const {
        return vector_type{part<I>().random(mix_bits(seed + I))...};
    }

    hana::tuple<S...> parts_;
    std::shared_ptr<ScratchPool<vector_type>> pool_;
};

/// The space that a stack belongs to.
template <Vector... V> auto space_of(const Stacked<V...>& x) {
    return hana::unpack(x.blocks(), [](const auto&... b) {
        return StackedSpace<decltype(space_of(b))...>{space_of(b)...};
    });
}

}  // namespace lop
