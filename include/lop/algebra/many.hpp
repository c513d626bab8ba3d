/// Many vectors of one type, their number chosen at run time, and their space.
#pragma once

#include <lop/algebra/space.hpp>

#include <utility>
#include <vector>

namespace lop {

/// Vectors of one type, one below the other, as many as there are at run time. All arithmetic of
/// lop/algebra/expression.hpp works block by block, and sums run over the blocks in order.
template <Vector V> class Many {
 public:
    using value_type = typename V::value_type;
    using memory = typename V::memory;
    using vector_type = Many;

    explicit Many(std::vector<V> blocks) : blocks_{std::move(blocks)} {}
    template <VectorExpression E> Many(const E& e) : Many{like(e.prototype())} { assign(*this, e); }
    template <VectorExpression E> Many& operator=(const E& e) {
        assign(*this, e);
        return *this;
    }

    index_t count() const { return static_cast<index_t>(blocks_.size()); }
    V& block(index_t i) { return blocks_[static_cast<std::size_t>(i)]; }
    const V& block(index_t i) const { return blocks_[static_cast<std::size_t>(i)]; }
    auto begin() const { return blocks_.begin(); }
    auto end() const { return blocks_.end(); }

    index_t size() const {
        index_t sum = 0;
        for (const V& b : blocks_) sum += b.size();
        return sum;
    }
    void fill(value_type value) {
        for (V& b : blocks_) b.fill(value);
    }
    bool compatible(const Many& other) const {
        if (count() != other.count()) return false;
        for (index_t i = 0; i < count(); ++i)
            if (!block(i).compatible(other.block(i))) return false;
        return true;
    }
    std::string describe() const {
        return std::to_string(count()) + " blocks" +
               (count() > 0 ? ", the first " + block(0).describe() : "");
    }

 private:
    std::vector<V> blocks_;
};

template <Vector V> Many<V> like(const Many<V>& x) {
    std::vector<V> blocks;
    blocks.reserve(static_cast<std::size_t>(x.count()));
    for (const V& b : x) blocks.push_back(like(b));
    return Many<V>{std::move(blocks)};
}
template <Vector V, VectorExpression E> void assign(Many<V>& target, const E& e) {
    e.check(target);
    for (index_t i = 0; i < target.count(); ++i) assign(target.block(i), e.component(i));
}

namespace detail {
template <Vector V, class L, class R>
auto dot_expressions(const Many<V>& layout, const L& left, const R& right) {
    right.check(layout);
    Accumulator<ValueOf<L>> sum{};
    for (index_t i = 0; i < layout.count(); ++i)
        sum += dot_expressions(layout.block(i), left.component(i), right.component(i));
    return sum;
}
template <Vector V, VectorExpression E, class F>
double sum_expression(const Many<V>& layout, const E& e, const F& f, SumsTogether* sums = nullptr) {
    double sum = 0;
    for (index_t i = 0; i < layout.count(); ++i)
        sum += sum_expression(layout.block(i), e.component(i), f, sums);
    return sum;
}
template <Vector V, VectorExpression E> double assign_norm2_flat(Many<V>& target, const E& e,
                                                                 SumsTogether* sums = nullptr) {
    e.check(target);
    double sum = 0;
    for (index_t i = 0; i < target.count(); ++i)
        sum += assign_norm2_flat(target.block(i), e.component(i), sums);
    return sum;
}
}  // namespace detail

/// Spaces of one type, one below the other.
template <Space S> class ManySpace {
 public:
    using value_type = typename S::value_type;
    using memory = typename S::memory;
    using vector_type = Many<typename S::vector_type>;

    explicit ManySpace(std::vector<S> parts)
        : parts_{std::make_shared<const std::vector<S>>(std::move(parts))},
          pool_{std::make_shared<ScratchPool<vector_type>>()} {}

    index_t count() const { return static_cast<index_t>(parts_->size()); }
    const S& part(index_t i) const { return (*parts_)[static_cast<std::size_t>(i)]; }
    index_t size() const {
        index_t sum = 0;
        for (const S& p : *parts_) sum += p.size();
        return sum;
    }
    std::string name() const { return count() > 0 ? std::string{part(0).name()} : "nothing"; }
    vector_type zeros() const {
        return made([](const S& p, index_t) { return p.zeros(); });
    }
    vector_type uninitialized() const {
        return made([](const S& p, index_t) { return p.uninitialized(); });
    }
    /// Every block draws from a stream of its own.
    vector_type random(std::uint64_t seed) const {
        return made([seed](const S& p, index_t i) {
            return p.random(mix_bits(seed + static_cast<std::uint64_t>(i)));
        });
    }
    bool contains(const vector_type& x) const {
        if (x.count() != count()) return false;
        for (index_t i = 0; i < count(); ++i)
            if (!part(i).contains(x.block(i))) return false;
        return true;
    }
    std::string describe() const {
        return std::to_string(count()) + " blocks" +
               (count() > 0 ? ", the first " + part(0).describe() : "");
    }
    Scratch<vector_type> scratch() const {
        return {pool_, [this] { return uninitialized(); }};
    }
    bool operator==(const ManySpace& other) const {
        return parts_ == other.parts_ || *parts_ == *other.parts_;
    }

 private:
    template <class Make> vector_type made(const Make& make) const {
        std::vector<typename S::vector_type> blocks;
        blocks.reserve(parts_->size());
        for (index_t i = 0; i < count(); ++i) blocks.push_back(make(part(i), i));
        return vector_type{std::move(blocks)};
    }

    std::shared_ptr<const std::vector<S>> parts_;
    std::shared_ptr<ScratchPool<vector_type>> pool_;
};

/// The space that a list of blocks belongs to.
template <Vector V> auto space_of(const Many<V>& x) {
    using S = decltype(space_of(std::declval<const V&>()));
    std::vector<S> parts;
    parts.reserve(static_cast<std::size_t>(x.count()));
    for (index_t i = 0; i < x.count(); ++i) parts.push_back(space_of(x.block(i)));
    return ManySpace<S>{std::move(parts)};
}

}  // namespace lop
