/// Owned memory, on the host or on a device.
#pragma once

#include <lop/core/memory.hpp>
#include <lop/core/scalar.hpp>

#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

namespace lop {

/// Aligned to a cache line, in whole cache lines. Throws MemoryError.
void* host_allocate(std::size_t bytes);
void host_release(void* memory) noexcept;

/// The accelerator's memory. A lop built without CUDA, or a machine without a device, throws
/// Error from all but device_release(nullptr).
void* device_allocate(std::size_t bytes);
void device_release(void* memory) noexcept;
void copy_to_device(void* device, const void* host, std::size_t bytes);
void copy_to_host(void* host, const void* device, std::size_t bytes);
void copy_on_device(void* target, const void* source, std::size_t bytes);
template <Scalar T> void fill_on_device(T* values, index_t count, T value);
/// Whether this lop was built with CUDA and the machine has a device.
bool device_available();

/// A fixed number of values; their initial content is undefined. It owns them, unless they were
/// borrowed from somebody who does.
template <Scalar T, MemorySpace Memory> class Buffer {
 public:
    Buffer() = default;
    explicit Buffer(index_t size) : size_{size} {
        const auto bytes = static_cast<std::size_t>(size) * sizeof(T);
        if (bytes == 0) return;
        if constexpr (std::is_same_v<Memory, Host>) data_ = static_cast<T*>(host_allocate(bytes));
        else data_ = static_cast<T*>(device_allocate(bytes));
    }
    /// Values that somebody else owns and keeps alive.
    static Buffer borrowed(T* data, index_t size) {
        Buffer buffer;
        buffer.data_ = data;
        buffer.size_ = size;
        buffer.owns_ = false;
        return buffer;
    }
    ~Buffer() {
        if (!owns_) return;
        if constexpr (std::is_same_v<Memory, Host>) host_release(data_);
        else device_release(data_);
    }
    Buffer(Buffer&& other) noexcept
        : data_{std::exchange(other.data_, nullptr)},
          size_{std::exchange(other.size_, 0)},
          owns_{std::exchange(other.owns_, true)} {}
    Buffer& operator=(Buffer&& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(owns_, other.owns_);
        return *this;
    }

    T* data() { return data_; }
    const T* data() const { return data_; }
    index_t size() const { return size_; }
    bool is_borrowed() const { return !owns_; }
    std::size_t bytes() const { return static_cast<std::size_t>(size_) * sizeof(T); }

 private:
    T* data_ = nullptr;
    index_t size_ = 0;
    bool owns_ = true;
};

}  // namespace lop
