/// Sums that carry the same bits on any number of threads and ranks.
///
/// A vector is cut into slices along one axis. The slices are the leaves of a binary tree whose
/// shape depends on their number alone: node (level, i) adds its children (level - 1, 2 i) and
/// (level - 1, 2 i + 1). Whoever holds a contiguous range of slices computes the few complete
/// nodes that tile it; putting the nodes of all holders together gives the same additions in the
/// same order whatever the ranges are.
#pragma once

#include <lop/core/parallel.hpp>
#include <lop/core/scalar.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <memory>
#include <utility>

namespace lop {

/// How a local array divides into slices along the axis that is, or could be, scattered:
/// extents before the axis, slices held here, extents after it; and which slices of how many.
struct SliceLayout {
    index_t outer = 1;
    index_t count = 0;
    index_t inner = 1;
    index_t first = 0;
    index_t total = 0;

    index_t size() const { return outer * count * inner; }
};

/// A complete node of the tree: the slices [begin, begin + 2^level), begin a multiple of 2^level.
struct TreeNode {
    index_t begin;
    int level;
    index_t width() const { return index_t{1} << level; }
};

/// The largest complete node that begins at `begin` and ends at or before `end`.
inline TreeNode next_tree_node(index_t begin, index_t end) {
    const int room = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(end - begin))) - 1;
    const int aligned = begin == 0 ? 62 : std::countr_zero(static_cast<std::uint64_t>(begin));
    return {begin, std::min(room, aligned)};
}

/// At most this many complete nodes tile a range of slices.
inline constexpr int max_tree_nodes = 2 * 63;

/// Puts nodes together, given in ascending order. `Add` is called as add(left, right) and leaves
/// the sum in left; values may be numbers or whole images.
template <class Value, class Add> class TreeFold {
 public:
    explicit TreeFold(Add add) : add_{std::move(add)} {}

    void push(TreeNode node, Value value) {
        while (depth_ > 0 && is_left_sibling(nodes_[depth_ - 1], node)) {
            --depth_;
            add_(values_[depth_], value);
            value = std::move(values_[depth_]);
            node = {nodes_[depth_].begin, node.level + 1};
        }
        nodes_[depth_] = node;
        values_[depth_++] = std::move(value);
    }

    /// The nodes that wait for a sibling, in ascending order.
    std::size_t pending() const { return depth_; }
    TreeNode node(std::size_t i) const { return nodes_[i]; }
    Value& value(std::size_t i) { return values_[i]; }

    /// The sum of all that was pushed, from slice 0 on; at least one node must have been.
    Value finish() {
        while (depth_ > 1) {
            --depth_;
            add_(values_[depth_ - 1], values_[depth_]);
        }
        depth_ = 0;
        return std::move(values_[0]);
    }

 private:
    static bool is_left_sibling(const TreeNode& left, const TreeNode& right) {
        return left.level == right.level && left.begin + left.width() == right.begin &&
               ((left.begin >> left.level) & 1) == 0;
    }

    Add add_;
    std::size_t depth_ = 0;
    // Not set to zero: that would cost more than a short vector's sum.
    std::array<TreeNode, max_tree_nodes> nodes_;
    std::array<Value, max_tree_nodes> values_;
};

/// The values of the complete nodes that tile the slices of one holder.
template <class Sum> struct TreeNodes {
    std::array<TreeNode, max_tree_nodes> node;
    std::array<Sum, max_tree_nodes> value;
    int count = 0;
};

namespace detail {

/// Lets a term that also writes, like an assignment with its norm, work on a short run of elements
/// in loops of its own, which the compiler can turn into vector instructions.
template <class Term> void prepare_terms(const Term& term, index_t begin, index_t end) {
    if constexpr (requires { term.prepare(begin, end); }) term.prepare(begin, end);
}

inline constexpr index_t reduce_lanes = 16;
/// A run stays in the first-level cache.
inline constexpr index_t reduce_run = 64 * reduce_lanes;

template <class Sum> Sum sum_lanes(std::array<Sum, reduce_lanes> lane) {
    for (std::size_t half = reduce_lanes / 2; half > 0; half /= 2)
        for (std::size_t l = 0; l < half; ++l) lane[l] += lane[l + half];
    return lane[0];
}

/// Whether the terms of a run are ready to be called.
enum class Terms { to_prepare, prepared };

/// A run of terms, added in sixteen lanes so that the processor's vectors are used: term i goes to
/// lane i mod 16 counted from the run's begin, whatever the alignment.
template <class Sum, Terms terms, class Term>
Sum sum_run(const Term& term, index_t begin, index_t end) {
    constexpr index_t lanes = reduce_lanes;
    std::array<Sum, lanes> lane{};
    if constexpr (terms == Terms::to_prepare) prepare_terms(term, begin, end);
    index_t i = begin;
    for (; i + lanes <= end; i += lanes)
        for (index_t l = 0; l < lanes; ++l) lane[static_cast<std::size_t>(l)] += term(i + l);
    for (index_t l = 0; i + l < end; ++l) lane[static_cast<std::size_t>(l)] += term(i + l);
    return sum_lanes(lane);
}

/// Runs of runs: the sums of runs are summed in lanes as their terms were, and so on upwards.
template <class Sum> class RunFold {
 public:
    void push(const Sum& sum, std::size_t level = 0) {
        Level& at = levels_[level];
        at.lane[static_cast<std::size_t>(at.count % reduce_lanes)] += sum;
        if (++at.count == reduce_run) push(take(at), level + 1);
    }
    /// The sum of all that was pushed; at least one must have been.
    Sum finish() {
        for (std::size_t level = 0;; ++level) {
            const index_t count = levels_[level].count;
            if (count == 0) continue;
            const Sum sum = take(levels_[level]);
            if (count == 1 && is_empty_above(level)) return sum;
            push(sum, level + 1);
        }
    }

 private:
    struct Level {
        std::array<Sum, reduce_lanes> lane{};
        index_t count = 0;
    };
    bool is_empty_above(std::size_t level) const {
        return std::all_of(levels_.begin() + static_cast<std::ptrdiff_t>(level) + 1, levels_.end(),
                           [](const Level& above) { return above.count == 0; });
    }
    static Sum take(Level& level) {
        const Sum sum = sum_lanes(level.lane);
        level = {};
        return sum;
    }
    std::array<Level, 6> levels_{};  // 1024^6 terms
};

/// Contiguous terms: their runs, the runs of these, and so on.
template <class Sum, Terms terms, class Term>
Sum sum_runs_of(const Term& term, index_t begin, index_t end) {
    if (end - begin <= reduce_run) return sum_run<Sum, terms>(term, begin, end);
    RunFold<Sum> fold;
    for (index_t from = begin; from < end; from += reduce_run)
        fold.push(sum_run<Sum, terms>(term, from, std::min(end, from + reduce_run)));
    return fold.finish();
}

/// The sums of n pairs of neighbours; `sums` may be `values`.
template <class Sum> void add_pairs(const Sum* values, Sum* sums, index_t n) {
#pragma omp simd
    for (index_t k = 0; k < n; ++k) sums[k] = values[2 * k] + values[2 * k + 1];
}

/// The sum of a complete node of slices of a single value each, at most reduce_run of them: the same
/// pairs without the recursion, three levels at a time while they fill the processor's vectors.
template <class Sum, class Term> Sum sum_single_values(const Term& term, index_t begin, int level) {
    constexpr index_t block = 64;
    index_t count = index_t{1} << level;
    std::array<Sum, reduce_run / 8> sums;
    if (count < block) {
        for (index_t k = 0; k < count; ++k) sums[static_cast<std::size_t>(k)] = term(begin + k);
    } else {
        Sum* next = sums.data();
        for (index_t from = begin; from < begin + count; from += block, next += block / 8) {
            std::array<Sum, block / 2> v;
#pragma omp simd
            for (index_t k = 0; k < block / 2; ++k)
                v[static_cast<std::size_t>(k)] = term(from + 2 * k) + term(from + 2 * k + 1);
            add_pairs(v.data(), v.data(), block / 4);
            add_pairs(v.data(), next, block / 8);
        }
        count /= 8;
    }
    while (count > 1) add_pairs(sums.data(), sums.data(), count /= 2);
    return sums[0];
}

/// The sum of a complete node of slices [begin, begin + 2^level), counted locally.
template <class Sum, Terms terms = Terms::to_prepare, class Term>
Sum sum_node(const Term& term, const SliceLayout& layout, index_t begin, int level) {
    if constexpr (terms == Terms::to_prepare) {
        // Short slices that lie side by side are prepared in one run.
        if (layout.outer == 1 && layout.inner << level <= reduce_run) {
            const index_t from = begin * layout.inner;
            prepare_terms(term, from, from + (layout.inner << level));
            return sum_node<Sum, Terms::prepared>(term, layout, begin, level);
        }
    } else if (layout.inner == 1) {
        return sum_single_values<Sum>(term, begin, level);
    }
    if (level == 0) {
        Sum sum{};
        for (index_t o = 0; o < layout.outer; ++o) {
            const index_t at = (o * layout.count + begin) * layout.inner;
            sum += sum_runs_of<Sum, terms>(term, at, at + layout.inner);
        }
        return sum;
    }
    const index_t half = index_t{1} << (level - 1);
    const Sum left = sum_node<Sum, terms>(term, layout, begin, level - 1);
    return left + sum_node<Sum, terms>(term, layout, begin + half, level - 1);
}

/// A large node: its subtrees of about `grain` terms on all threads, then their sum in order.
template <class Sum, class Term>
Sum sum_large_node(const Term& term, const SliceLayout& layout, index_t begin, int level) {
    constexpr index_t grain = 1 << 13;
    const index_t slice = std::max<index_t>(1, layout.outer * layout.inner);
    int base = 0;
    while (base < level && (slice << base) < grain) ++base;
    const index_t pieces = index_t{1} << (level - base);
    if (pieces == 1) return sum_node<Sum>(term, layout, begin, level);
    constexpr index_t max_pieces = 1 << 11;
    if (pieces > max_pieces) {  // bound the scratch on the stack
        const index_t half = index_t{1} << (level - 1);
        const Sum left = sum_large_node<Sum>(term, layout, begin, level - 1);
        return left + sum_large_node<Sum>(term, layout, begin + half, level - 1);
    }
    std::array<Sum, max_pieces> part;
    [[maybe_unused]] const bool threaded = (slice << level) >= parallel_threshold;
#pragma omp parallel for schedule(static) if (threaded)
    for (index_t p = 0; p < pieces; ++p)
        part[static_cast<std::size_t>(p)] = sum_node<Sum>(term, layout, begin + (p << base), base);
    for (index_t n = pieces / 2; n > 0; n /= 2)
        for (index_t k = 0; k < n; ++k)
            part[static_cast<std::size_t>(k)] =
                part[static_cast<std::size_t>(2 * k)] + part[static_cast<std::size_t>(2 * k + 1)];
    return part[0];
}

/// Calls take(node, its sum) for the nodes that tile this holder's slices, in ascending order.
template <class Sum, class Term, class Take>
void for_each_node(const SliceLayout& layout, const Term& term, const Take& take) {
    const index_t end = layout.first + layout.count;
    for (index_t at = layout.first; at < end;) {
        const TreeNode node = next_tree_node(at, end);
        take(node, sum_large_node<Sum>(term, layout, at - layout.first, node.level));
        at += node.width();
    }
}

}  // namespace detail

/// The nodes that tile this holder's slices. term(i) is the contribution of local element i and
/// is called exactly once for each, possibly from several threads. Where the term has a member
/// prepare(begin, end), it is called before for disjoint runs that cover all elements.
template <class Sum, class Term>
TreeNodes<Sum> reduce_nodes(const SliceLayout& layout, const Term& term) {
    TreeNodes<Sum> nodes;
    detail::for_each_node<Sum>(layout, term, [&](TreeNode node, const Sum& sum) {
        const auto slot = static_cast<std::size_t>(nodes.count++);
        nodes.node[slot] = node;
        nodes.value[slot] = sum;
    });
    return nodes;
}

/// The sum over a vector held whole.
template <class Sum, class Term> Sum reduce(const SliceLayout& layout, const Term& term) {
    if (layout.count == 0) return Sum{};
    const auto add = [](Sum& left, const Sum& right) { left += right; };
    TreeFold<Sum, decltype(add)> fold{add};
    detail::for_each_node<Sum>(layout, term,
                               [&](TreeNode node, const Sum& sum) { fold.push(node, sum); });
    return fold.finish();
}

}  // namespace lop
