/// A file keeps the states of host vectors.
// expect: FileCheckpoint keeps arrays of the host, distributed arrays and stacks of them
#include <lop/io/checkpoint.hpp>

using namespace lop;

int main() {
    Array<double> host{{3}};
    auto device = [] { return Array<double, Device>{}; }();
    static_cast<void>(host), static_cast<void>(device);
#ifdef LOP_MUST_FAIL
    io::detail::over_boxes("x", device, Communicator::self(), [](const auto&) {});
#else
    io::detail::over_boxes("x", host, Communicator::self(), [](const auto&) {});
#endif
    return 0;
}
