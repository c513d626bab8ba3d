/// Storage of wavefields: aligned, on huge pages where it pays, left untouched until first written.
#pragma once

#include <lop/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace lop::wave {

/// A block of plain numbers that keeps its capacity: asking again for no more allocates nothing.
template <class T>
class FieldBuffer {
 public:
    FieldBuffer() = default;
    FieldBuffer(FieldBuffer&& other) noexcept
        : data_{std::exchange(other.data_, nullptr)},
          size_{std::exchange(other.size_, 0)},
          capacity_{std::exchange(other.capacity_, 0)} {}
    FieldBuffer& operator=(FieldBuffer&& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
        return *this;
    }
    FieldBuffer(const FieldBuffer&) = delete;
    FieldBuffer& operator=(const FieldBuffer&) = delete;
    ~FieldBuffer() { std::free(data_); }

    /// Makes room for `size` numbers; what was inside is lost. Returns whether it is new memory,
    /// which the system hands out as zeros or not: the caller writes before it reads.
    bool resize(std::int64_t size) {
        size_ = size;
        if (size <= capacity_) return false;
        std::free(data_);
        capacity_ = 0;
        const std::size_t bytes = round_up(static_cast<std::size_t>(size) * sizeof(T));
        data_ = static_cast<T*>(std::aligned_alloc(alignment(bytes), bytes));
        if (!data_) {
            size_ = 0;
            refuse_memory(bytes);
        }
#ifdef __linux__
        if (alignment(bytes) == huge_page) madvise(data_, bytes, MADV_HUGEPAGE);
#endif
        capacity_ = size;
        return true;
    }

    /// Sets everything to zero, on all threads: the pages settle near who uses them.
    void clear() {
        constexpr std::int64_t piece = std::int64_t{1} << 16;
#pragma omp parallel for schedule(static) if (size_ > 4 * piece)
        for (std::int64_t begin = 0; begin < size_; begin += piece) {
            const std::int64_t count = size_ - begin < piece ? size_ - begin : piece;
            std::memset(data_ + begin, 0, static_cast<std::size_t>(count) * sizeof(T));
        }
    }

    T* data() { return data_; }
    const T* data() const { return data_; }
    std::int64_t size() const { return size_; }

 private:
    static constexpr std::size_t huge_page = std::size_t{1} << 21;
    static std::size_t alignment(std::size_t bytes) {
        return bytes >= 2 * huge_page ? huge_page : 64;
    }
    static std::size_t round_up(std::size_t bytes) {
        const std::size_t unit = alignment(bytes);
        return (bytes + unit - 1) / unit * unit;
    }

    T* data_ = nullptr;
    std::int64_t size_ = 0;
    std::int64_t capacity_ = 0;
};

}  // namespace lop::wave
