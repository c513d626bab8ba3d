/// Spaces: the dimension check of the algebra, and the makers of vectors.
#pragma once

#include <lop/algebra/expression.hpp>
#include <lop/core/array.hpp>
#include <lop/core/random.hpp>
#include <lop/core/scratch.hpp>

#include <concepts>
#include <memory>
#include <string>
#include <utility>

namespace lop {

/// What every space offers. Two spaces are equal when their vectors can meet: same extents,
/// scalar, memory and partition. The name is for people; it does not enter the comparison.
template <class S>
concept Space = requires(const S& space, const typename S::vector_type& x) {
    requires Vector<typename S::vector_type>;
    { space.zeros() } -> std::same_as<typename S::vector_type>;
    { space.uninitialized() } -> std::same_as<typename S::vector_type>;
    { space.random(std::uint64_t{1}) } -> std::same_as<typename S::vector_type>;
    { space.contains(x) } -> std::same_as<bool>;
    { space == space } -> std::convertible_to<bool>;
    { space.describe() } -> std::convertible_to<std::string>;
    { space.size() } -> std::convertible_to<index_t>;
    space.scratch();
};

/// Arrays of one shape, scalar and memory: ArraySpace<double>{"traces", {12, 250}}.
template <Scalar T, MemorySpace Memory = Host> class ArraySpace {
 public:
    using value_type = T;
    using memory = Memory;
    using vector_type = Array<T, Memory>;

    ArraySpace(Label name, Shape shape)
        : name_{std::move(name)},
          shape_{shape},
          pool_{std::make_shared<ScratchPool<vector_type>>()} {}

    const std::string& name() const { return name_.str(); }
    const Shape& shape() const { return shape_; }
    /// How many values a vector holds: none without axes.
    index_t size() const { return shape_.rank() == 0 ? 0 : shape_.size(); }

    vector_type zeros() const { return vector_type{shape_, name_}; }
    vector_type uninitialized() const { return vector_type::uninitialized(shape_, name_); }
    /// Standard normal numbers keyed by (seed, position).
    vector_type random(std::uint64_t seed) const {
        auto x = Array<T, Host>::uninitialized(shape_, name_);
        T* values = x.data();
        parallel_for(x.size(), [=](index_t begin, index_t end) {
            for (index_t i = begin; i < end; ++i) values[i] = random_value<T>(seed, i);
        });
        if constexpr (std::same_as<Memory, Host>) return x;
        else return to_device(x);
    }
    bool contains(const vector_type& x) const { return x.shape() == shape_; }
    std::string describe() const { return describe_array<T, Memory>(name(), shape_); }
    Scratch<vector_type> scratch() const {
        return {pool_, [this] { return uninitialized(); }};
    }

    bool operator==(const ArraySpace& other) const { return shape_ == other.shape_; }

 private:
    Label name_;
    Shape shape_;
    std::shared_ptr<ScratchPool<vector_type>> pool_;
};

/// The space that an array belongs to.
template <Scalar T, MemorySpace M> ArraySpace<T, M> space_of(const Array<T, M>& x) {
    return {x.label(), x.shape()};
}

}  // namespace lop
