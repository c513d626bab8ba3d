/// The main of the device tests: without a device they are skipped, by exit code 77.
#define DOCTEST_CONFIG_IMPLEMENT
#include <lop/testing/doctest_main.hpp>

#include <cuda_runtime.h>

int main(int argc, char** argv) {
    int devices = 0;
    if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) {
        std::puts("no device on this machine: the device tests are skipped");
        return 77;
    }
    return lop::testing::doctest_main(argc, argv);
}
