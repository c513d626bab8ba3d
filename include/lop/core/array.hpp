/// A dense array that owns its values and knows its name, for errors in words.
#pragma once

#include <lop/core/buffer.hpp>
#include <lop/core/device.hpp>
#include <lop/core/error.hpp>
#include <lop/core/grid.hpp>
#include <lop/core/memory.hpp>
#include <lop/core/parallel.hpp>
#include <lop/core/reduce.hpp>
#include <lop/core/scalar.hpp>
#include <lop/core/sums_together.hpp>

#include <algorithm>
#include <cassert>
#include <concepts>
#include <memory>
#include <string>
#include <utility>

namespace lop {

namespace detail {
/// False, but only once a template is used: for the sentences that wrong programs get.
template <class...> inline constexpr bool allowed = false;
}  // namespace detail

/// Base of everything that can be assigned to a vector in one pass (lop/algebra/expression.hpp).
struct VectorExpressionBase {
    template <class Index> double operator[](const Index&) const {
        static_assert(detail::allowed<Index>,
                      "an expression holds no elements: evaluate(x + y) makes a vector that does");
        return 0;
    }
};
template <class E>
concept VectorExpression = std::derived_from<std::remove_cvref_t<E>, VectorExpressionBase>;

/// A name that copies without copying its letters.
class Label {
 public:
    Label() = default;
    Label(std::string text) : text_{std::make_shared<const std::string>(std::move(text))} {}
    Label(const char* text) : Label{std::string{text}} {}
    const std::string& str() const {
        static const std::string unnamed = "array";
        return text_ ? *text_ : unnamed;
    }

 private:
    std::shared_ptr<const std::string> text_;
};

/// "traces[12 x 250] of float64 on host"
template <Scalar T, MemorySpace Memory>
std::string describe_array(const std::string& name, const Shape& shape) {
    return name + "[" + shape.str() + "] of " + scalar_name<T>() + " on " + Memory::name;
}

/// Values over a Shape, the last axis contiguous. A new array is zero; copies are deep.
/// Arithmetic (`x += a * y`, `dot(x, y)`) comes with lop/algebra/expression.hpp.
template <Scalar T, MemorySpace Memory = Host> class Array {
 public:
    using value_type = T;
    using memory = Memory;
    using vector_type = Array;

    Array() = default;
    explicit Array(Shape shape, Label name = {})
        : shape_{shape}, name_{std::move(name)}, buffer_{size()} {
        fill(T{});
    }
    Array(const Array& other) : shape_{other.shape_}, name_{other.name_}, buffer_{other.size()} {
        copy_values(other);
    }
    /// What was moved from has no shape and no values, and takes those of the next assignment.
    Array(Array&& other) noexcept
        : shape_{std::exchange(other.shape_, {})},
          name_{std::move(other.name_)},
          buffer_{std::move(other.buffer_)} {}
    /// Into borrowed memory, values are copied; it is never left for other memory.
    Array& operator=(const Array& other) {
        if (this == &other) return *this;
        if (size() != other.size()) {
            refuse_if_borrowed(other);
            buffer_ = Buffer<T, Memory>{other.size()};
        }
        shape_ = other.shape_;
        name_ = other.name_;
        copy_values(other);
        return *this;
    }
    Array& operator=(Array&& other) {
        if (buffer_.is_borrowed()) return *this = std::as_const(other);
        buffer_ = std::move(other.buffer_);
        other.buffer_ = {};
        shape_ = std::exchange(other.shape_, {});
        name_ = std::move(other.name_);
        return *this;
    }

    /// An array without defined content, for results that are about to be written.
    static Array uninitialized(Shape shape, Label name = {}) {
        Array array;
        array.shape_ = shape;
        array.name_ = std::move(name);
        array.buffer_ = Buffer<T, Memory>{array.size()};
        return array;
    }

    /// Values that somebody else owns and keeps alive, as an array: nothing is copied. Copies of it
    /// own their values.
    static Array borrowed(T* data, Shape shape, Label name = {}) {
        Array array;
        array.shape_ = shape;
        array.name_ = std::move(name);
        array.buffer_ = Buffer<T, Memory>::borrowed(data, array.size());
        return array;
    }

    template <VectorExpression E> Array(const E& expression) : Array{like(expression.prototype())} {
        assign(*this, expression);
    }
    template <VectorExpression E> Array& operator=(const E& expression) {
        if (shape_.rank() == 0) return *this = Array{expression};
        assign(*this, expression);
        return *this;
    }

    const Shape& shape() const { return shape_; }
    /// The product of the extents, 0 for an array without axes.
    index_t size() const { return shape_.rank() == 0 ? 0 : shape_.size(); }
    const std::string& name() const { return name_.str(); }
    const Label& label() const { return name_; }
    T* data() { return buffer_.data(); }
    const T* data() const { return buffer_.data(); }

    T& operator[](index_t i)
        requires std::same_as<Memory, Host>
    {
        return data()[i];
    }
    const T& operator[](index_t i) const
        requires std::same_as<Memory, Host>
    {
        return data()[i];
    }
    template <class Index>
        requires(!std::same_as<Memory, Host>)
    T operator[](const Index&) const {
        static_assert(detail::allowed<Index>,
                      "elements of a vector in device memory are not read on the host: to_host(x) "
                      "is a copy there");
        return {};
    }
    template <class... Index>
        requires(sizeof...(Index) > 1 && std::same_as<Memory, Host>)
    T& operator()(Index... index) {
        return data()[offset(static_cast<index_t>(index)...)];
    }
    template <class... Index>
        requires(sizeof...(Index) > 1 && std::same_as<Memory, Host>)
    const T& operator()(Index... index) const {
        return data()[offset(static_cast<index_t>(index)...)];
    }
    T* begin()
        requires std::same_as<Memory, Host>
    {
        return data();
    }
    T* end()
        requires std::same_as<Memory, Host>
    {
        return data() + size();
    }
    const T* begin() const
        requires std::same_as<Memory, Host>
    {
        return data();
    }
    const T* end() const
        requires std::same_as<Memory, Host>
    {
        return data() + size();
    }

    void fill(T value) {
        if constexpr (std::same_as<Memory, Host>) {
            T* values = data();
            parallel_for(size(),
                         [=](index_t b, index_t e) { std::fill(values + b, values + e, value); });
        } else if (size() > 0) fill_on_device(data(), size(), value);
    }

    /// How sums over this array are ordered: slices along the first axis.
    SliceLayout slices() const {
        const index_t rows = shape_.rank() == 0 ? 0 : shape_[0];
        return {1, rows, shape_.product(1, shape_.rank()), 0, rows};
    }
    /// The sum of term(i) over all elements, in the fixed order of lop/core/reduce.hpp.
    template <class Sum, class Term> Sum reduce(const Term& term) const {
        if constexpr (std::same_as<Memory, Host>) return lop::reduce<Sum>(slices(), term);
        else return device_reduce<Sum>(slices(), term);
    }
    /// Whether another array can be combined with this one, element by element.
    bool compatible(const Array& other) const { return shape_ == other.shape_; }
    std::string describe() const { return describe_array<T, Memory>(name(), shape_); }

 private:
    void refuse_if_borrowed(const Array& other) const {
        if (!buffer_.is_borrowed()) return;
        throw SpaceError{"an assignment to borrowed memory",
                         {.expected = describe(), .found = other.describe()}};
    }
    template <class... Index> index_t offset(Index... index) const {
        assert(static_cast<int>(sizeof...(Index)) == shape_.rank());
        index_t at = 0;
        int axis = 0;
        ((assert(index >= 0 && index < shape_[axis]), at = at * shape_[axis++] + index), ...);
        return at;
    }
    void copy_values(const Array& other) {
        if constexpr (std::same_as<Memory, Host>) {
            const T* from = other.data();
            T* to = data();
            parallel_for(size(),
                         [=](index_t b, index_t e) { std::copy(from + b, from + e, to + b); });
        } else if (size() > 0) {
            copy_on_device(data(), other.data(), buffer_.bytes());
        }
    }

    Shape shape_{};
    Label name_{};
    Buffer<T, Memory> buffer_{};
};

/// An array of the same extents and name for other scalars, with undefined content.
template <Scalar U, Scalar T, MemorySpace M> Array<U, M> like_as(const Array<T, M>& x) {
    return Array<U, M>::uninitialized(x.shape(), x.label());
}

/// An array of the same space with undefined content.
template <Scalar T, MemorySpace M> Array<T, M> like(const Array<T, M>& x) {
    return Array<T, M>::uninitialized(x.shape(), x.label());
}

template <Scalar T> Array<T, Device> to_device(const Array<T, Host>& x) {
    auto copy = Array<T, Device>::uninitialized(x.shape(), x.label());
    if (x.size() > 0)
        copy_to_device(copy.data(), x.data(), static_cast<std::size_t>(x.size()) * sizeof(T));
    return copy;
}

template <Scalar T> Array<T, Host> to_host(const Array<T, Device>& x) {
    auto copy = Array<T, Host>::uninitialized(x.shape(), x.label());
    if (x.size() > 0)
        copy_to_host(copy.data(), x.data(), static_cast<std::size_t>(x.size()) * sizeof(T));
    return copy;
}

}  // namespace lop
