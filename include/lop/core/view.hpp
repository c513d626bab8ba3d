/// Views: what kernels see of an array. They own nothing and know no algebra.
#pragma once

#include <lop/core/memory.hpp>
#include <lop/core/scalar.hpp>

#include <array>
#include <cstddef>

namespace lop {

/// A pointer with extents and strides (in values) along `Rank` axes, slowest axis first.
/// Copying a view copies no data; it is valid as long as the array behind it.
template <class T, int Rank, MemorySpace Memory = Host>
class View {
 public:
    using Extents = std::array<index_t, static_cast<std::size_t>(Rank)>;

    View(T* data, Extents extents, Extents strides)
        : data_{data}, extents_{extents}, strides_{strides} {}

    /// A dense view: the last axis is contiguous and the rows follow without gaps.
    View(T* data, Extents extents) : data_{data}, extents_{extents} {
        index_t stride = 1;
        for (std::size_t axis = Rank; axis-- > 0; stride *= extents_[axis]) strides_[axis] = stride;
    }

    T* data() const { return data_; }
    index_t extent(int axis) const { return extents_[static_cast<std::size_t>(axis)]; }
    index_t stride(int axis) const { return strides_[static_cast<std::size_t>(axis)]; }

    template <class... Index>
        requires(sizeof...(Index) == Rank)
    T& operator()(Index... index) const {
        index_t offset = 0;
        std::size_t axis = 0;
        ((offset += static_cast<index_t>(index) * strides_[axis++]), ...);
        return data_[offset];
    }

 private:
    T* data_;
    Extents extents_;
    Extents strides_{};
};

}  // namespace lop
