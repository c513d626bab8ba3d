/// Device vectors obey the expressions of host vectors: every value and every sum has the bits that
/// the host finds, so solvers on a device walk the path of those on the host.
#include <lop/algebra/algebra.hpp>
#include <lop/solvers/solvers.hpp>
#include <lop/testing/dot_test.hpp>

#include <cstring>
#include <doctest/doctest.h>
#include <thrust/execution_policy.h>
#include <thrust/gather.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/iterator/transform_iterator.h>
#include <thrust/scatter.h>
#include <vector>

using namespace lop;

namespace {

template <class T> bool equal(const Array<T>& host, const Array<T, Device>& device) {
    const auto copy = to_host(device);
    return host.shape() == copy.shape() &&
           std::memcmp(host.data(), copy.data(),
                       static_cast<std::size_t>(host.size()) * sizeof(T)) == 0;
}

bool same_bits(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }
bool same_bits(std::complex<double> a, std::complex<double> b) {
    return same_bits(a.real(), b.real()) && same_bits(a.imag(), b.imag());
}

/// One value, full and broken nodes of the tree, one and several runs a slice, several levels.
const std::vector<Shape> shapes{
    Shape{1},        Shape{7},          Shape{1023},        Shape{1024},      Shape{1025},
    Shape{2049},     Shape{3000017},    Shape{5, 3},        Shape{1, 999},    Shape{17, 1025},
    Shape{1500, 16}, Shape{33, 47, 91}, Shape{2, 1, 70001}, Shape{1, 1100000}};

struct Softened {
    template <class T> constexpr T operator()(T a, T b) const { return a / (T(1) + b * b); }
};

}  // namespace

TEST_CASE_TEMPLATE("element-wise expressions carry the bits of the host", T, float, double,
                   std::complex<float>, std::complex<double>) {
    for (const Shape& shape : shapes) {
        CAPTURE(shape.str());
        const ArraySpace<T> space{"x", shape};
        const auto x = space.random(1);
        const auto y = space.random(2);
        const auto dx = to_device(x);
        const auto dy = to_device(y);
        CHECK(equal<T>(x + 3 * y, dx + 3 * dy));
        CHECK(equal<T>(0.1 * x - cwise_product(x, conj(y)) / 7,
                       0.1 * dx - cwise_product(dx, conj(dy)) / 7));
        auto z = x;
        auto dz = dx;
        z += -0.3 * y;
        dz += -0.3 * dy;
        z *= 1.7;
        dz *= 1.7;
        CHECK(equal(z, dz));
    }
}

TEST_CASE("a function of the device maps device vectors") {
    const ArraySpace<double> space{"x", {3, 1000}};
    const auto x = space.random(1);
    const auto y = space.random(2);
    const auto mapped = to_host(Array<double, Device>{map(Softened{}, to_device(x), to_device(y))});
    for (index_t i = 0; i < x.size(); ++i)
        REQUIRE(mapped[i] == doctest::Approx(x[i] / (1 + y[i] * y[i])).epsilon(1e-15));
}

TEST_CASE_TEMPLATE("sums carry the bits of the host", T, float, double, std::complex<float>,
                   std::complex<double>) {
    for (const Shape& shape : shapes) {
        CAPTURE(shape.str());
        const ArraySpace<T> space{"x", shape};
        const auto x = space.random(1);
        const auto y = space.random(2);
        const auto dx = to_device(x);
        const auto dy = to_device(y);
        CHECK(same_bits(dot(x, y), dot(dx, dy)));
        CHECK(same_bits(norm(x), norm(dx)));
        CHECK(same_bits(norm2(x - 2 * y), norm2(dx - 2 * dy)));
        auto z = x;
        auto dz = dx;
        auto p = y;
        auto dp = dy;
        CHECK(same_bits(assign_norm2(z, z - 0.7 * y), assign_norm2(dz, dz - 0.7 * dy)));
        CHECK(equal(z, dz));
        const double pair = assign_both_norm2(z, z + 0.1 * p, p, x + 0.2 * p);
        CHECK(same_bits(pair, assign_both_norm2(dz, dz + 0.1 * dp, dp, dx + 0.2 * dp)));
        CHECK(equal(z, dz));
        CHECK(equal(p, dp));
    }
}

TEST_CASE("empty device vectors sum to zero") {
    const Array<double, Device> x{Shape{0}};
    CHECK(dot(x, x) == 0);
    CHECK(norm(x + x) == 0);
}

TEST_CASE("vectors of unlike extents are refused in words") {
    const Array<double, Device> x{Shape{3}, "x"};
    const Array<double, Device> y{Shape{4}, "y"};
    CHECK_THROWS_WITH_AS(dot(x, y), doctest::Contains("y[4] of float64 on device"), SpaceError);
}

TEST_CASE("stacks of device vectors obey the same expressions") {
    const ArraySpace<double> a{"a", {100}};
    const ArraySpace<double> b{"b", {7, 50}};
    const Stacked x{a.random(1), b.random(2)};
    const Stacked y{a.random(3), b.random(4)};
    const Stacked dx{to_device(x.block<0>()), to_device(x.block<1>())};
    const Stacked dy{to_device(y.block<0>()), to_device(y.block<1>())};
    const decltype(dx) sum = dx - 3 * dy;
    CHECK(equal<double>(x.block<0>() - 3 * y.block<0>(), sum.block<0>()));
    CHECK(equal<double>(x.block<1>() - 3 * y.block<1>(), sum.block<1>()));
    CHECK(same_bits(dot(x, y), dot(dx, dy)));
}

namespace {

struct EveryThird {
    constexpr index_t operator()(index_t i) const { return 3 * i; }
};

/// Draws every third value through Thrust: an operator that a user writes for the device.
template <MemorySpace M> auto every_third(const ArraySpace<double, M>& model) {
    const ArraySpace<double, M> data{"data", {model.size() / 3}};
    const auto at =
        thrust::make_transform_iterator(thrust::make_counting_iterator(index_t{0}), EveryThird{});
    const auto place = [] {
        if constexpr (std::same_as<M, Device>) return thrust::device;
        else return thrust::host;
    }();
    return make_operator(
        model, data,
        [=](const Array<double, M>& x, Array<double, M>& y) {
            thrust::gather(place, at, at + y.size(), x.data(), y.data());
        },
        [=](const Array<double, M>& y, Array<double, M>& x) {
            x.fill(0);
            thrust::scatter(place, y.data(), y.data() + y.size(), at, x.data());
        },
        "EveryThird");
}

template <MemorySpace M, class X> auto placed(const X& x) {
    if constexpr (std::same_as<M, Device>) return to_device(x);
    else return x;
}

/// What `solve` makes of a weighting that is sampled, and of data for it.
template <MemorySpace M, class Solve> auto solved(const Solve& solve) {
    const ArraySpace<double> host{"model", {3000}};
    const ArraySpace<double, M> model{"model", {3000}};
    auto weights = host.random(5);
    weights = map([](double w) { return 2 + w / 4; }, weights);
    const auto a = every_third(model) * Diagonal{placed<M>(weights)};
    return solve(a, placed<M>(ArraySpace<double>{"data", {1000}}.random(6)));
}

}  // namespace

TEST_CASE("the dot test of an operator on the device") {
    const auto a = every_third(ArraySpace<double, Device>{"model", {3000}});
    CHECK(dot_test(a).error <= 1e-14);
}

TEST_CASE("solvers take the same steps on the device as on the host") {
    const auto check = [](const auto& solve) {
        const auto host = solved<Host>(solve);
        const auto device = solved<Device>(solve);
        CHECK(equal(host.x, device.x));
        REQUIRE(host.history.size() == device.history.size());
        CHECK(host.history.size() > 3);
        for (std::size_t i = 0; i < host.history.size(); ++i)
            CHECK(same_bits(host.history[i].residual, device.history[i].residual));
    };
    check([](const auto& a, const auto& b) { return cgls(a, b, {.iterations = 8}); });
    check([](const auto& a, const auto& b) { return lsqr(a, b, {.iterations = 8}); });
    check([](const auto& a, const auto& b) { return lsmr(a, b, {.iterations = 8}); });
    check([](const auto& a, const auto& b) {
        return cg(a * a.H() + 0.5 * Identity{a.range()}, b, {.iterations = 8});
    });
}
