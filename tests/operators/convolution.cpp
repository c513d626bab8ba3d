/// Convolutions: laws for every method, the two methods against each other, and sums by hand.
#include <lop/operators/convolution.hpp>

#include <lop/core/error.hpp>
#include <lop/testing/doctest.hpp>

#include <cmath>
#include <doctest/doctest.h>

using namespace lop;
using lop::testing::check_laws;

namespace {

constexpr ConvolutionMethod methods[] = {ConvolutionMethod::automatic, ConvolutionMethod::direct,
                                         ConvolutionMethod::fourier};

template <class T> Array<T> random_array(const Shape& shape, std::uint64_t seed) {
    return ArraySpace<T>{"filter", shape}.random(seed);
}
template <class T> std::vector<T> random_filter(index_t n) {
    const auto h = random_array<T>({n}, 17);
    return {h.begin(), h.end()};
}

}  // namespace

TEST_CASE_TEMPLATE("convolutions along an axis obey the laws", T, float, double,
                   std::complex<float>, std::complex<double>) {
    const Shape shapes[] = {{1}, {8}, {15}, {7, 6}, {5, 1}, {3, 4, 5}, {2, 3, 17, 2}};
    for (const Shape& shape : shapes)
        for (int axis = 0; axis < shape.rank(); ++axis)
            for (const ConvolutionMethod method : methods)
                for (const index_t taps : {1, 4, 21})
                    check_laws(
                        Convolution1D<T>{shape,
                                         random_filter<T>(taps),
                                         {.axis = axis, .offset = taps / 3, .method = method}});
    check_laws(Convolution1D<T>{{300, 130}, random_filter<T>(9), {.axis = 0, .offset = 4}});
    check_laws(Convolution1D<T>{{300, 130}, random_filter<T>(90), {.offset = 45}});
}

TEST_CASE_TEMPLATE("convolutions along several axes obey the laws", T, float, double,
                   std::complex<float>, std::complex<double>) {
    for (const ConvolutionMethod method : methods) {
        check_laws(ConvolutionND<T>{{1}, random_array<T>({3}, 1), {.method = method}});
        check_laws(ConvolutionND<T>{{9, 8}, random_array<T>({3, 4}, 1), {.method = method}});
        check_laws(ConvolutionND<T>{{5, 6, 7},
                                    random_array<T>({2, 9}, 1),
                                    {.axes = {2, 0}, .offset = {1, 3}, .method = method}});
        check_laws(ConvolutionND<T>{{5, 6, 7}, random_array<T>({3, 3, 3}, 1), {.method = method}});
        check_laws(ConvolutionND<T>{
            {5, 6, 7, 2}, random_array<T>({3, 3}, 1), {.axes = {1, 2}, .method = method}});
    }
    check_laws(ConvolutionND<T>{{200, 220}, random_array<T>({5, 3}, 1)});
    check_laws(ConvolutionND<T>{{200, 220}, random_array<T>({15, 13}, 1)});
}

TEST_CASE_TEMPLATE("convolutions with changing filters obey the laws", T, float, double,
                   std::complex<float>, std::complex<double>) {
    check_laws(NonStationaryConvolution1D<T>{{1}, random_array<T>({1, 3}, 1), {0}});
    check_laws(NonStationaryConvolution1D<T>{{20}, random_array<T>({3, 5}, 1), {2, 10, 15}});
    check_laws(NonStationaryConvolution1D<T>{{4, 9, 5}, random_array<T>({2, 31}, 1), {0, 8}, 1});
    check_laws(NonStationaryConvolution1D<T>{{300, 200}, random_array<T>({2, 5}, 1), {7, 90}, 0});
}

TEST_CASE("three taps on four samples, by hand") {
    for (const ConvolutionMethod method : methods) {
        const Convolution1D<double> C{{4}, {1, 10, 100}, {.offset = 1, .method = method}};
        auto x = C.domain().zeros();
        for (index_t i = 0; i < 4; ++i) x[i] = static_cast<double>(i + 1);
        const auto y = C * x;
        const double expected[] = {12, 123, 234, 340};
        for (index_t i = 0; i < 4; ++i) CHECK(std::abs(y[i] - expected[i]) < 1e-12);
        const auto z = C.H() * x;
        const double transposed[] = {210, 321, 432, 43};
        for (index_t i = 0; i < 4; ++i) CHECK(std::abs(z[i] - transposed[i]) < 1e-12);
    }
}

TEST_CASE("the sum and the spectra give the same convolution, of any length and origin") {
    using Z = std::complex<double>;
    for (const index_t n : {1, 5, 12})
        for (const index_t taps : {1, 3, 8, 40})
            for (const index_t offset : {index_t{0}, taps / 2, taps - 1}) {
                const auto h = random_filter<Z>(taps);
                const Convolution1D<Z> D{
                    {3, n, 2}, h, {.axis = 1, .offset = offset, .method = methods[1]}};
                const Convolution1D<Z> F{
                    {3, n, 2}, h, {.axis = 1, .offset = offset, .method = methods[2]}};
                const auto x = D.domain().random(1);
                CHECK(norm(D * x - F * x) < 1e-13 * (1 + norm(D * x)));
                const auto g = random_array<double>({taps, 3}, 5);
                const ConvolutionND<double> S{
                    {n, 4, 7}, g, {.axes = {0, 2}, .offset = {offset, 1}, .method = methods[1]}};
                const ConvolutionND<double> P{
                    {n, 4, 7}, g, {.axes = {0, 2}, .offset = {offset, 1}, .method = methods[2]}};
                const auto r = S.domain().random(1);
                CHECK(norm(S * r - P * r) < 1e-13 * (1 + norm(S * r)));
            }
}

TEST_CASE("a spike becomes the filter, in two dimensions around its middle") {
    const auto h = random_array<double>({3, 2}, 4);
    for (const ConvolutionMethod method : methods) {
        const ConvolutionND<double> C{{6, 5}, h, {.method = method}};
        auto x = C.domain().zeros();
        x(3, 2) = 1;
        const auto y = C * x;
        for (index_t i = 0; i < 6; ++i)
            for (index_t k = 0; k < 5; ++k) {
                const bool inside = i >= 2 && i < 5 && k >= 1 && k < 3;
                CHECK(std::abs(y(i, k) - (inside ? h(i - 2, k - 1) : 0)) < 1e-15);
            }
    }
}

TEST_CASE("a changing filter is the nearest at the ends and a mean in between") {
    // Filters (1, 2, 3) at sample 1 and (3, 4, 7) at sample 3: (2, 3, 5) at sample 2.
    Array<double> h{{2, 3}, "filters"};
    const double values[] = {1, 2, 3, 3, 4, 7};
    for (index_t i = 0; i < 6; ++i) h[i] = values[i];
    const NonStationaryConvolution1D<double> C{{5}, h, {1, 3}};
    const double filters[5][3] = {{1, 2, 3}, {1, 2, 3}, {2, 3, 5}, {3, 4, 7}, {3, 4, 7}};
    for (index_t i = 0; i < 5; ++i) {
        auto x = C.domain().zeros();
        x[i] = 1;
        const auto y = C * x;
        for (index_t k = 0; k < 5; ++k) {
            const bool inside = k >= i - 1 && k <= i + 1;
            CHECK(y[k] == (inside ? filters[i][k - i + 1] : 0));
        }
    }
}

TEST_CASE("impossible convolutions are refused by name") {
    using C1 = Convolution1D<double>;
    CHECK_THROWS_WITH_AS((C1{{4}, {}}), doctest::Contains("an empty filter"), ArgumentError);
    CHECK_THROWS_WITH_AS((C1{{4}, {1, NAN}}), doctest::Contains("found    NaN in place 1"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS((C1{{4}, {1, 2}, {.offset = 2}}),
                         doctest::Contains("an index of the filter, 0 to 1"), ArgumentError);
    CHECK_THROWS_WITH_AS((C1{{4}, {1, 2}, {.axis = 1}}),
                         doctest::Contains("Convolution1D along axis 1"), ArgumentError);
    const auto h = random_array<double>({2, 2}, 1);
    using CN = ConvolutionND<double>;
    CHECK_THROWS_WITH_AS((CN{{4}, h}), doctest::Contains("with a filter of 2 x 2"), ArgumentError);
    CHECK_THROWS_WITH_AS((CN{{4, 4}, h, {.axes = {1, 1}}}), doctest::Contains("twice"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS((CN{{4, 4}, h, {.offset = {0, 2}}}), doctest::Contains("offset"),
                         ArgumentError);
    auto broken = h;
    broken[2] = INFINITY;
    CHECK_THROWS_WITH_AS((CN{{4, 4}, broken}),
                         doctest::Contains("ConvolutionND of 4 x 4\n"
                                           "    expected a filter of finite values\n"
                                           "    found    infinity in place 2"),
                         ArgumentError);
    using NS = NonStationaryConvolution1D<double>;
    CHECK_THROWS_WITH_AS((NS{{4}, h, {0, 1}}), doctest::Contains("an odd number"), ArgumentError);
    const auto odd = random_array<double>({2, 3}, 1);
    CHECK_THROWS_WITH_AS((NS{{4}, odd, {1, 4}}), doctest::Contains("a filter at sample 4"),
                         ArgumentError);
    CHECK_THROWS_WITH_AS((NS{{4}, odd, {1, 1}}), doctest::Contains("ascending"), ArgumentError);
    auto changing = odd;
    changing[4] = NAN;
    CHECK_THROWS_WITH_AS((NS{{4}, changing, {0, 1}}), doctest::Contains("found    NaN in place 4"),
                         ArgumentError);
}
