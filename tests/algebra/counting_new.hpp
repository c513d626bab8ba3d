/// Replaces the global operator new by one that counts. Include it in one file of a program.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace counting {
inline std::atomic<long> allocations{0};

inline void* allocate_or_null(std::size_t size, std::size_t alignment) noexcept {
    ++allocations;
    const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
    if (rounded < size) return nullptr;
    return std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
}
inline void* allocate(std::size_t size, std::size_t alignment) {
    void* memory = allocate_or_null(size, alignment);
    if (memory == nullptr) throw std::bad_alloc{};
    return memory;
}
}  // namespace counting

// The array and sized forms call these. The forms that do not throw would too, but for a sanitizer's,
// which allocate by themselves.
void* operator new(std::size_t size) { return counting::allocate(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
    return counting::allocate(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return counting::allocate_or_null(size, alignof(std::max_align_t));
}
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
    return counting::allocate_or_null(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
