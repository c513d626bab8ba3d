/// Device memory through the CUDA runtime.
#include <lop/core/device.hpp>
#include <lop/core/error.hpp>

#include <cuda_runtime.h>
#include <string>

namespace lop {
namespace {

void check(cudaError_t status, const std::string& asked) {
    if (status == cudaSuccess) return;
    throw Error{asked, {.found = cudaGetErrorString(status)}};
}

template <class T> struct Filled {
    T* values;
    T value;
    constexpr void operator()(index_t i) const { values[i] = value; }
};

}  // namespace

void* detail::device_workspace(std::size_t bytes) {
    thread_local Buffer<double, Device> workspace;
    thread_local int owner = -1;
    int device = 0;
    check(cudaGetDevice(&device), "the device of this thread");
    const auto size = static_cast<index_t>((bytes + sizeof(double) - 1) / sizeof(double));
    if (device != owner || workspace.size() < size) workspace = Buffer<double, Device>{size};
    owner = device;
    return workspace.data();
}

void detail::check_device_launch() { check(cudaGetLastError(), "a loop on the device"); }

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

template <Scalar T> void fill_on_device(T* values, index_t count, T value) {
    device_for(count, Filled<T>{values, value});
}
template void fill_on_device(float*, index_t, float);
template void fill_on_device(double*, index_t, double);
template void fill_on_device(std::complex<float>*, index_t, std::complex<float>);
template void fill_on_device(std::complex<double>*, index_t, std::complex<double>);

bool device_available() {
    int count = 0;
    return cudaGetDeviceCount(&count) == cudaSuccess && count > 0;
}

}  // namespace lop
