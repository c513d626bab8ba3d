/// Batches of matrices, multi-dimensional convolution and stacked data: laws, and sums by hand.
#include <lop/operators/fredholm.hpp>

#include <lop/core/error.hpp>
#include <lop/operators/poststack.hpp>
#include <lop/testing/doctest.hpp>

#include <cmath>
#include <doctest/doctest.h>

using namespace lop;
using lop::testing::check_laws;

namespace {

template <class T> Array<T> kernel(const Shape& shape) {
    return ArraySpace<T>{"kernel", shape}.random(9);
}

}  // namespace

TEST_CASE_TEMPLATE("batches of matrices obey the laws", T, float, double, std::complex<float>,
                   std::complex<double>) {
    check_laws(Fredholm1<T>{kernel<T>({1, 1, 1})});
    check_laws(Fredholm1<T>{kernel<T>({3, 4, 5})});
    check_laws(Fredholm1<T>{kernel<T>({3, 4, 5}), 2});
    check_laws(Fredholm1<T>{kernel<T>({7, 40, 150}), 3});
}

TEST_CASE_TEMPLATE("multi-dimensional convolution obeys the laws", T, float, double) {
    using C = std::complex<T>;
    using M = MultiDimensionalConvolution<T>;
    check_laws(M{kernel<C>({1, 1, 1}), 1});
    check_laws(M{kernel<C>({5, 3, 2}), 8});
    check_laws(M{kernel<C>({4, 3, 2}), 8, 3, {.time_interval = 0.004, .receiver_interval = 10}});
    check_laws(M{kernel<C>({5, 3, 2}), 9, 2, {.two_sided = true, .prescaled = true}});
    check_laws(M{kernel<C>({30, 20, 25}), 80, 2});
}

TEST_CASE_TEMPLATE("modelling of stacked data obeys the laws along any axis", T, float, double) {
    for (const auto derivative : {PoststackDerivative::centered, PoststackDerivative::forward})
        for (int axis = 0; axis < 3; ++axis)
            check_laws(PoststackModelling<T>{
                {4, 9, 5}, {1, 2, 4, -3, 1}, {.axis = axis, .derivative = derivative}});
    check_laws(PoststackModelling<T>{{1}, {1}});
    check_laws(PoststackModelling<T>{{200, 201}, {1, 2, 1}});
}

TEST_CASE("two matrices of two rows act on their own slices") {
    Array<double> g{{2, 2, 2}, "kernel"};
    for (index_t i = 0; i < 8; ++i) g[i] = static_cast<double>(i + 1);
    const Fredholm1<double> F{g};
    auto x = F.domain().zeros();
    for (index_t i = 0; i < 4; ++i) x[i] = static_cast<double>(i + 1);
    const auto y = F * x;
    const double expected[] = {5, 11, 39, 53};
    for (index_t i = 0; i < 4; ++i) CHECK(y[i] == expected[i]);
    const auto z = F.H() * x;
    const double transposed[] = {7, 10, 43, 50};
    for (index_t i = 0; i < 4; ++i) CHECK(z[i] == transposed[i]);
}

TEST_CASE("a kernel of phases delays the receivers, with the measures of the integrals") {
    // exp(-2 pi i f 2): two samples later. dt dr sqrt(n) = 0.5 * 10 * 3.
    const index_t n = 9;
    Array<std::complex<double>> g{{5, 1, 1}, "kernel"};
    for (index_t k = 0; k < 5; ++k)
        g[k] = std::polar(1.0, -2 * std::acos(-1.0) * 2 * static_cast<double>(k) / 9);
    const MultiDimensionalConvolution<double> M{
        g, n, 1, {.time_interval = 0.5, .receiver_interval = 10}};
    auto x = M.domain().zeros();
    x[3] = 1;
    const auto y = M * x;
    for (index_t i = 0; i < n; ++i) CHECK(std::abs(y[i] - (i == 5 ? 15 : 0)) < 1e-13);
    const MultiDimensionalConvolution<double> T{g, n, 1, {.two_sided = true, .prescaled = true}};
    auto middle = T.domain().zeros();
    middle[4] = 1;  // time zero
    const auto z = T * middle;
    for (index_t i = 0; i < n; ++i) CHECK(std::abs(z[i] - (i == 2 ? 1 : 0)) < 1e-14);
}

TEST_CASE("a step in impedance becomes half a wavelet of its logarithm's jump") {
    const PoststackModelling<double> P{
        {8}, {1, 3, 2}, {.derivative = PoststackDerivative::forward}};
    auto m = P.domain().zeros();
    for (index_t i = 4; i < 8; ++i) m[i] = 0.2;
    const auto d = P * m;
    const double expected[] = {0, 0, 0.1, 0.3, 0.2, 0, 0, 0};
    for (index_t i = 0; i < 8; ++i) CHECK(std::abs(d[i] - expected[i]) < 1e-15);
    const PoststackModelling<double> C{{8}, {1}};
    const auto r = C * m;
    const double halves[] = {0, 0, 0, 0.05, 0.05, 0, 0, 0};
    for (index_t i = 0; i < 8; ++i) CHECK(std::abs(r[i] - halves[i]) < 1e-15);
}

TEST_CASE("impossible kernels and wavelets are refused by name") {
    using C = std::complex<double>;
    using M = MultiDimensionalConvolution<double>;
    CHECK_THROWS_WITH_AS((Fredholm1<double>{kernel<double>({3, 4})}),
                         doctest::Contains("Fredholm1 with a kernel of 3 x 4"), ArgumentError);
    CHECK_THROWS_WITH_AS((Fredholm1<double>{kernel<double>({3, 4, 5}), 0}),
                         doctest::Contains("0 right-hand sides"), ArgumentError);
    CHECK_THROWS_WITH_AS((M{kernel<C>({6, 1, 1}), 8}), doctest::Contains("at most 5 frequencies"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS((M{kernel<C>({4, 1, 1}), 8, 1, {.two_sided = true}}),
                         doctest::Contains("two sides of 8 samples"), ArgumentError);
    CHECK_THROWS_WITH_AS((PoststackModelling<double>{{8}, {1, 2}}),
                         doctest::Contains("a wavelet of 2 values"), ArgumentError);
    CHECK_THROWS_WITH_AS((PoststackModelling<double>{{8}, {1}, {.axis = 1}}),
                         doctest::Contains("PoststackModelling along axis 1"), ArgumentError);
}
