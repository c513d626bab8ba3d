/// A file holds what lies on the host.
// expect: files hold distributed arrays of the host and stacks of them
#include <lop/io/array.hpp>

using namespace lop;

int main() {
    auto host = [] { return DistributedSpace<double>{"x", {3}, Communicator::self()}.zeros(); };
    auto device = [] { return Array<double, Device>{}; };
    static_cast<void>(host), static_cast<void>(device);
    [[maybe_unused]] const auto write = [&] {
#ifdef LOP_MUST_FAIL
        io::write_array("x.h5", device());
#else
        io::write_array("x.h5", host());
#endif
    };
    return 0;
}
