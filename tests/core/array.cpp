/// Tests of arrays: content, copies, moves, names.
#include <lop/core/array.hpp>

#include <complex>
#include <cstdint>
#include <doctest/doctest.h>
#include <utility>

using namespace lop;

TEST_CASE("a new array is zero and says what it is") {
    const Array<double> x{{12, 250}, "traces"};
    CHECK(x.size() == 3000);
    CHECK(x.name() == "traces");
    CHECK(x.describe() == "traces[12 x 250] of float64 on host");
    for (const double value : x) CHECK(value == 0);
}

TEST_CASE("an array without a name is called array; one without a shape is empty") {
    CHECK(Array<float>{{2}}.describe() == "array[2] of float32 on host");
    CHECK(Array<float>{}.size() == 0);
    CHECK(Array<std::complex<float>>{{2}}.describe() == "array[2] of complex64 on host");
    CHECK(Array<std::complex<double>>{{2}}.describe() == "array[2] of complex128 on host");
}

TEST_CASE("the last index is the fastest") {
    Array<double> x{{2, 3, 4}};
    for (index_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i);
    CHECK(x(0, 0, 3) == 3);
    CHECK(x(0, 1, 0) == 4);
    CHECK(x(1, 2, 3) == 23);
    x(1, 0, 0) = -1;
    CHECK(x[12] == -1);
}

TEST_CASE("copies are deep and keep the name") {
    Array<double> x{{3}, "x"};
    x.fill(2);
    Array<double> y = x;
    y[1] = 5;
    CHECK(x[1] == 2);
    CHECK(y[0] == 2);
    CHECK(y.name() == "x");
    Array<double> z{{7}, "z"};
    z = x;
    CHECK(z.shape() == Shape{3});
    CHECK(z.name() == "x");
    CHECK(z[2] == 2);
    const Array<double>& same = z;
    z = same;
    CHECK(z[2] == 2);
}

TEST_CASE("moves take the memory and leave an array that can be assigned") {
    Array<double> x{{3}, "x"};
    x.fill(4);
    const double* memory = x.data();
    Array<double> y = std::move(x);
    CHECK(y.data() == memory);
    CHECK(y[2] == 4);
    x = Array<double>{{2}};
    CHECK(x.size() == 2);
    CHECK(y[2] == 4);
}

TEST_CASE("assigning an array of the same size reuses its memory") {
    Array<double> x{{4, 3}};
    const double* memory = x.data();
    Array<double> y{{2, 6}};
    y.fill(1);
    x = y;
    CHECK(x.data() == memory);
    CHECK(x.shape() == Shape{2, 6});
}

TEST_CASE("memory is aligned to cache lines") {
    for (const index_t n : {1, 3, 100, 4097}) {
        const Array<float> x{{n}};
        CHECK(reinterpret_cast<std::uintptr_t>(x.data()) % 64 == 0);
    }
}

TEST_CASE("like gives an array of the same space") {
    const Array<float> x{{2, 3}, "model"};
    const Array<float> y = like(x);
    CHECK(y.compatible(x));
    CHECK(y.name() == "model");
    CHECK(y.data() != x.data());
    CHECK_FALSE(x.compatible(Array<float>{{3, 2}}));
}

TEST_CASE("an array sums its elements in the order of its first axis") {
    Array<double> x{{3, 4}};
    for (index_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i);
    CHECK(x.reduce<double>([&](index_t i) { return x[i]; }) == 66);
    CHECK(x.slices().count == 3);
    CHECK(x.slices().inner == 4);
    CHECK(Array<double>{}.reduce<double>([](index_t) { return 1.0; }) == 0);
}

TEST_CASE("large arrays are filled and copied by all threads alike") {
    Array<double> x{{300, 401}};
    x.fill(1.5);
    const Array<double> y = x;
    CHECK(y.reduce<double>([&](index_t i) { return y[i]; }) == 1.5 * 300 * 401);
}

TEST_CASE("a machine without a device refuses device memory in words") {
    if (device_available()) {
        MESSAGE("skipped: there is a device");
        return;
    }
    CHECK_THROWS_AS((Array<float, Device>::uninitialized({4})), Error);
    CHECK_THROWS_AS(to_device(Array<float>{{4}}), Error);
}

TEST_CASE("what was moved from is empty, and takes the shape of what it is assigned") {
    Array<double> a{{10}}, b{{4, 10}};
    a = std::move(b);
    CHECK(a.shape() == Shape{4, 10});
    CHECK(b.size() == 0);
    CHECK(b.data() == nullptr);
    const Array<double> c = std::move(a);
    CHECK(a.size() == 0);
    b = c;
    CHECK(b.shape() == Shape{4, 10});
}
