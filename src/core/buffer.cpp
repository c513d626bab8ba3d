/// Host memory, and the answer of a build without CUDA to requests for device memory.
#include <lop/core/device.hpp>
#include <lop/core/error.hpp>

#include <cstdint>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace lop {
namespace {

constexpr std::size_t line = 64;  // bytes of a cache line, and of the widest vectors

/// Asks for large pages under large memory: a sweep over it is up to half as fast again. Advice: what
/// the system does with it is its own affair.
void advise_large_pages([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes) {
#ifdef MADV_HUGEPAGE
    constexpr std::size_t worthwhile = std::size_t{4} << 20;
    constexpr std::size_t page = 4096;
    if (bytes < worthwhile) return;
    const auto begin = reinterpret_cast<std::uintptr_t>(memory);
    const std::uintptr_t first = (begin + page - 1) / page * page;
    ::madvise(reinterpret_cast<void*>(first), begin + bytes - first, MADV_HUGEPAGE);
#endif
}

}  // namespace

void* host_allocate(std::size_t bytes) {
    void* memory =
        ::operator new((bytes + line - 1) / line * line, std::align_val_t{line}, std::nothrow);
    if (memory == nullptr) refuse_memory(bytes);
    advise_large_pages(memory, bytes);
    return memory;
}

void host_release(void* memory) noexcept { ::operator delete(memory, std::align_val_t{line}); }

#ifndef LOP_HAVE_CUDA
namespace {
[[noreturn]] void refuse_device() {
    throw Error{"memory on a device",
                {.expected = "a lop built with CUDA",
                 .found = "a build for the host alone",
                 .remedy = "configure with the preset cuda"}};
}
}  // namespace

void* device_allocate(std::size_t) { refuse_device(); }
void device_release(void*) noexcept {}
void copy_to_device(void*, const void*, std::size_t) { refuse_device(); }
void copy_to_host(void*, const void*, std::size_t) { refuse_device(); }
void copy_on_device(void*, const void*, std::size_t) { refuse_device(); }
template <Scalar T> void fill_on_device(T*, index_t, T) { refuse_device(); }
template void fill_on_device(float*, index_t, float);
template void fill_on_device(double*, index_t, double);
template void fill_on_device(std::complex<float>*, index_t, std::complex<float>);
template void fill_on_device(std::complex<double>*, index_t, std::complex<double>);
bool device_available() { return false; }
void* detail::device_workspace(std::size_t) { refuse_device(); }
void detail::check_device_launch() { refuse_device(); }
#endif

}  // namespace lop
