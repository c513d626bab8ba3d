/// Device memory through the CUDA runtime.
#include <lop/core/buffer.hpp>
#include <lop/core/error.hpp>

#include <cuda_runtime.h>
#include <string>

namespace lop {
namespace {

void check(cudaError_t status, const std::string& asked) {
    if (status == cudaSuccess) return;
    throw Error{asked, {.found = cudaGetErrorString(status)}};
}

}  // namespace

void* device_allocate(std::size_t bytes) {
    void* memory = nullptr;
    check(cudaMalloc(&memory, bytes), std::to_string(bytes) + " bytes on the device");
    return memory;
}

void device_release(void* memory) noexcept {
    if (memory != nullptr) cudaFree(memory);
}

void copy_to_device(void* device, const void* host, std::size_t bytes) {
    check(cudaMemcpy(device, host, bytes, cudaMemcpyHostToDevice), "a copy to the device");
}

void copy_to_host(void* host, const void* device, std::size_t bytes) {
    check(cudaMemcpy(host, device, bytes, cudaMemcpyDeviceToHost), "a copy from the device");
}

void copy_on_device(void* target, const void* source, std::size_t bytes) {
    check(cudaMemcpy(target, source, bytes, cudaMemcpyDeviceToDevice), "a copy on the device");
}

bool device_available() {
    int count = 0;
    return cudaGetDeviceCount(&count) == cudaSuccess && count > 0;
}

}  // namespace lop
