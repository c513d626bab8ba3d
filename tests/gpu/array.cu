/// Arrays in device memory: round trips, copies and fills carry the values of the host.
#include <lop/algebra/space.hpp>

#include <doctest/doctest.h>

using namespace lop;

TEST_CASE("an array travels to the device and back to the bit") {
    const auto x = ArraySpace<double>{"x", {37, 11}}.random(1);
    const auto back = to_host(to_device(x));
    CHECK(back.shape() == x.shape());
    CHECK(std::equal(x.begin(), x.end(), back.begin()));
}

TEST_CASE("a space on the device draws the numbers of the host") {
    const Shape shape{5, 7};
    const auto host = ArraySpace<float>{"x", shape}.random(3);
    const auto device = to_host(ArraySpace<float, Device>{"x", shape}.random(3));
    CHECK(std::equal(host.begin(), host.end(), device.begin()));
}

TEST_CASE("device arrays are zero when made, fill, and copy deeply") {
    Array<float, Device> x{Shape{100}};
    CHECK(to_host(x)[99] == 0);
    const Array<float, Device> copy = x;
    x.fill(2);
    CHECK(to_host(x)[0] == 2);
    CHECK(to_host(copy)[0] == 0);
    CHECK(x.describe() == "array[100] of float32 on device");
}
