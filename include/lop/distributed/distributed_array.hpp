/// Arrays over the ranks of a communicator, and the spaces they belong to.
#pragma once

#include <lop/algebra/space.hpp>
#include <lop/algebra/stacked.hpp>
#include <lop/core/exact_sum.hpp>
#include <lop/distributed/communicator.hpp>
#include <lop/distributed/partition.hpp>

#include <bit>
#include <span>

namespace lop {

namespace detail {

/// What all arrays of one distributed space share.
struct DistributedLayout {
    DistributedLayout(Label name, Shape shape, Communicator communicator, Partition partition);

    Label name;
    Shape shape;  // of the whole array
    Communicator communicator;
    Partition partition;
    IndexBox box;  // what this rank holds
    Shape local_shape;
    SliceLayout slices;  // of the local part, along the scattered axis; the first of several

    bool operator==(const DistributedLayout& other) const;
    /// The position in the whole array of local element i.
    index_t global_index(index_t local) const;
};

/// The layout that all ranks of a communicator name, in one meeting of them. Throws SpaceError on every
/// rank where they name unlike ones.
std::shared_ptr<const DistributedLayout> agreed_layout(Label name, Shape shape,
                                                       Communicator communicator,
                                                       Partition partition);

/// The sum of all ranks' tree nodes, of `width` doubles each; the same bits on every rank.
void fold_nodes(const DistributedLayout& layout, const double* local, int width, double* sum);
/// The same for all parts of sums that wait (SumsTogether), one message for each communicator and kind.
void fold_together(SumsTogether& sums);
/// Throws SpaceError on every rank unless ranks that hold the same part hold the same bytes. Collective.
void check_copies(const DistributedLayout& layout, const void* values, std::size_t bytes);
#ifdef LOP_CHECK_REPLICATION
inline constexpr bool checks_replication = true;
#else
inline constexpr bool checks_replication = false;
#endif
/// The exact sums of all ranks, `width` of them, each counted once however often it is copied.
void fold_exact(const DistributedLayout& layout, ExactSum* sums, int width);

}  // namespace detail

/// A dense array over ranks: the local part of a scattered one, or the whole of a replicated one.
/// Element-wise arithmetic communicates nothing; dot and norm once. data() and size() speak of
/// the local part. Sums carry the same bits on any number of ranks: over one scattered axis they
/// follow a tree along it, over several they are exact until they are rounded, once.
template <Scalar T, MemorySpace Memory = Host> class DistributedArray {
 public:
    using value_type = T;
    using memory = Memory;
    using vector_type = DistributedArray;
    using Layout = detail::DistributedLayout;

    /// Throws SpaceError where the extents of `local` are not those of the layout's local part.
    DistributedArray(std::shared_ptr<const Layout> layout, Array<T, Memory> local)
        : layout_{std::move(layout)}, local_{std::move(local)} {
        if (local_.shape() == layout_->local_shape) return;
        throw SpaceError{"the local part of " + describe(),
                         {.expected = layout_->local_shape.str(), .found = local_.describe()}};
    }
    template <VectorExpression E>
    DistributedArray(const E& e) : DistributedArray{like(e.prototype())} {
        assign(*this, e);
    }
    template <VectorExpression E> DistributedArray& operator=(const E& e) {
        if (!layout_) return *this = DistributedArray{e};  // was moved from
        assign(*this, e);
        return *this;
    }

    const Shape& shape() const { return layout_->shape; }
    const std::string& name() const { return layout_->name.str(); }
    const Communicator& communicator() const { return layout_->communicator; }
    const Partition& partition() const { return layout_->partition; }
    /// The indices of the whole array that are held here.
    const IndexBox& box() const { return layout_->box; }
    const std::shared_ptr<const Layout>& layout() const { return layout_; }

    /// The values held here, with their local extents.
    Array<T, Memory>& local() { return local_; }
    const Array<T, Memory>& local() const { return local_; }
    T* data() { return local_.data(); }
    const T* data() const { return local_.data(); }
    index_t size() const { return local_.size(); }
    void fill(T value) { local_.fill(value); }

    SliceLayout slices() const { return layout_->slices; }
    /// Collective for scattered arrays.
    template <class Sum, class Term> Sum reduce(const Term& term) const {
        static_assert(std::same_as<Sum, double> || std::same_as<Sum, std::complex<double>>);
        static_assert(std::same_as<Memory, Host>, "distributed arrays are summed on the host");
        const Partition& cut = layout_->partition;
        if constexpr (detail::checks_replication) check_replicated();
        if (cut.is_replicated()) return lop::reduce<Sum>(layout_->slices, term);
        if (!cut.is_over_one_axis()) return exact_sum<Sum>(term);
        const auto nodes = reduce_nodes<Sum>(layout_->slices, term);
        Sum sum{};
        detail::fold_nodes(*layout_, reinterpret_cast<const double*>(nodes.value.data()),
                           sizeof(Sum) / sizeof(double), reinterpret_cast<double*>(&sum));
        return sum;
    }
    /// Throws SpaceError on every rank unless ranks that hold the same part, all of a replicated array,
    /// hold the same values, to the bit. That they do is a fact of the space, which no operation mends;
    /// debug builds (LOP_CHECK_REPLICATION) check it in every sum. Collective.
    void check_replicated() const {
        static_assert(std::same_as<Memory, Host>, "values are compared on the host");
        detail::check_copies(*layout_, data(), static_cast<std::size_t>(size()) * sizeof(T));
    }
    /// Leaves the sum to `sums`, which puts it together with others.
    template <class Term> void reduce_later(const Term& term, SumsTogether& sums) const {
        static_assert(std::same_as<Memory, Host>, "distributed arrays are summed on the host");
        const Partition& cut = layout_->partition;
        if (cut.is_replicated()) return sums.push_known(lop::reduce<double>(layout_->slices, term));
        if (cut.is_over_one_axis()) {
            const auto nodes = reduce_nodes<double>(layout_->slices, term);
            return sums.push(layout_.get(), nodes.value.data(),
                             static_cast<std::size_t>(nodes.count), detail::fold_together);
        }
        ExactSum sum;
        add_terms<double>(term, size(), &sum);
        std::array<std::int64_t, ExactSum::words> words;
        sum.to_words(words.data());
        sums.push(layout_.get(), std::bit_cast<std::array<double, ExactSum::words>>(words).data(),
                  words.size(), detail::fold_together);
    }
    bool compatible(const DistributedArray& other) const {
        return layout_ == other.layout_ || *layout_ == *other.layout_;
    }
    std::string describe() const {
        return describe_array<T, Memory>(name(), shape()) + ", " +
               partition().str(communicator().size());
    }

 private:
    /// No tree fits all grids of ranks, but a sum that is rounded once needs none.
    template <class Sum, class Term> Sum exact_sum(const Term& term) const {
        constexpr int width = sizeof(Sum) / sizeof(double);
        std::array<ExactSum, width> sums{};
        add_terms<Sum>(term, size(), sums.data());
        detail::fold_exact(*layout_, sums.data(), width);
        if constexpr (width == 1) return sums[0].value();
        else return {sums[0].value(), sums[1].value()};
    }

    std::shared_ptr<const Layout> layout_;
    Array<T, Memory> local_;
};

template <Scalar T, MemorySpace M> DistributedArray<T, M> like(const DistributedArray<T, M>& x) {
    return {x.layout(), like(x.local())};
}

/// Arrays of one shape over the ranks of a communicator.
///
///     DistributedSpace<float> data{"data", {1200, 501}, world, Partition::balanced(1200, world.size())};
///     DistributedSpace<float> image{"image", {300, 150}, world};   // replicated
///     DistributedSpace<float> model{"model", {300, 150}, grid.communicator(),
///                                   grid.partition({300, 150}, {0, 1})};   // over a process grid
template <Scalar T, MemorySpace Memory = Host> class DistributedSpace {
 public:
    using value_type = T;
    using memory = Memory;
    using vector_type = DistributedArray<T, Memory>;

    /// Collective. Throws SpaceError where the partition is not one of this shape and these ranks, and on
    /// every rank where ranks name unlike shapes or partitions.
    DistributedSpace(Label name, Shape shape, Communicator communicator,
                     Partition partition = Partition::replicated())
        : DistributedSpace{detail::agreed_layout(std::move(name), shape, std::move(communicator),
                                                 std::move(partition))} {}
    explicit DistributedSpace(std::shared_ptr<const detail::DistributedLayout> layout)
        : layout_{std::move(layout)}, pool_{std::make_shared<ScratchPool<vector_type>>()} {}

    const std::string& name() const { return layout_->name.str(); }
    const Shape& shape() const { return layout_->shape; }
    const Shape& local_shape() const { return layout_->local_shape; }
    const Communicator& communicator() const { return layout_->communicator; }
    const Partition& partition() const { return layout_->partition; }
    const std::shared_ptr<const detail::DistributedLayout>& layout() const { return layout_; }
    const IndexBox& box() const { return layout_->box; }
    index_t size() const { return layout_->shape.size(); }

    vector_type zeros() const { return {layout_, Array<T, Memory>{local_shape(), layout_->name}}; }
    vector_type uninitialized() const {
        return {layout_, Array<T, Memory>::uninitialized(local_shape(), layout_->name)};
    }
    /// Standard normal numbers keyed by (seed, position in the whole array).
    vector_type random(std::uint64_t seed) const {
        auto local = Array<T, Host>::uninitialized(local_shape(), layout_->name);
        T* values = local.data();
        const auto* layout = layout_.get();
        parallel_for(local.size(), [=](index_t begin, index_t end) {
            for (index_t i = begin; i < end; ++i)
                values[i] = random_value<T>(seed, layout->global_index(i));
        });
        if constexpr (std::same_as<Memory, Host>) return {layout_, std::move(local)};
        else return {layout_, to_device(local)};
    }
    bool contains(const vector_type& x) const {
        return layout_ == x.layout() || *layout_ == *x.layout();
    }
    std::string describe() const {
        return describe_array<T, Memory>(name(), shape()) + ", " +
               partition().str(communicator().size());
    }
    Scratch<vector_type> scratch() const {
        return {pool_, [this] { return uninitialized(); }};
    }
    bool operator==(const DistributedSpace& other) const {
        return layout_ == other.layout_ || *layout_ == *other.layout_;
    }

 private:
    std::shared_ptr<const detail::DistributedLayout> layout_;
    std::shared_ptr<ScratchPool<vector_type>> pool_;
};

/// The space that an array belongs to.
template <Scalar T, MemorySpace M> DistributedSpace<T, M> space_of(
    const DistributedArray<T, M>& x) {
    return DistributedSpace<T, M>{x.layout()};
}

/// Unlike distributed arrays, one below the other.
template <Vector... V> using StackedDistributedArray = Stacked<V...>;

}  // namespace lop
