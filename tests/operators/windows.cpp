/// Sliding windows: laws, partitions of unity, and overlaps by hand.
#include <lop/operators/windows.hpp>

#include <lop/algebra/algebra.hpp>
#include <lop/core/error.hpp>
#include <lop/testing/doctest.hpp>

#include <cmath>
#include <doctest/doctest.h>

using namespace lop;
using lop::testing::check_laws;

namespace {

constexpr WindowTaper tapers[] = {WindowTaper::none, WindowTaper::hann, WindowTaper::root_hann};

}  // namespace

TEST_CASE_TEMPLATE("sliding windows obey the laws", T, float, double, std::complex<float>,
                   std::complex<double>) {
    for (const WindowTaper taper : tapers) {
        using W = SlidingWindows<T>;
        check_laws(W{{1}, {.size = {1}, .overlap = {0}, .taper = taper}});
        check_laws(W{{11}, {.size = {5}, .overlap = {2}, .taper = taper}});
        check_laws(W{{10, 3}, {.axes = {0}, .size = {4}, .overlap = {1}, .taper = taper}});
        check_laws(W{{10, 8}, {.axes = {1, 0}, .size = {4, 4}, .overlap = {2, 1}, .taper = taper}});
        check_laws(
            W{{5, 3, 8}, {.axes = {0, 2}, .size = {3, 4}, .overlap = {1, 2}, .taper = taper}});
        check_laws(W{{4, 5, 6},
                     {.axes = {0, 1, 2}, .size = {2, 3, 4}, .overlap = {0, 1, 2}, .taper = taper}});
        check_laws(
            W{{208, 300}, {.axes = {0, 1}, .size = {32, 60}, .overlap = {16, 30}, .taper = taper}});
    }
}

TEST_CASE("windows of four samples that share two, by hand") {
    const SlidingWindows<double> S{{6}, {.size = {4}, .overlap = {2}, .taper = WindowTaper::none}};
    CHECK(S.domain().shape() == Shape{2, 4});
    auto x = S.domain().zeros();
    for (index_t i = 0; i < 8; ++i) x[i] = static_cast<double>(i + 1);
    const auto y = S * x;
    const double sums[] = {1, 2, 3 + 5, 4 + 6, 7, 8};
    for (index_t i = 0; i < 6; ++i) CHECK(y[i] == sums[i]);
    const auto windows = S.H() * y;
    const double cut[] = {1, 2, 8, 10, 8, 10, 7, 8};
    for (index_t i = 0; i < 8; ++i) CHECK(windows[i] == cut[i]);
}

TEST_CASE("Hann tapers of neighbours add up to one, and their roots give the array back") {
    const Shape shape{13, 10, 2};
    for (const index_t overlap : {1, 2, 3}) {
        const index_t size = 4 + overlap;
        const Shape padded{4 * 3 + overlap, 4 * 2 + overlap, shape[2]};
        const SlidingWindowsOptions options{
            .axes = {0, 1}, .size = {size, size}, .overlap = {overlap, overlap}};
        const SlidingWindows<double> H{padded, options};
        const auto ones = [](const auto& space) {
            auto x = space.zeros();
            x.fill(1);
            return x;
        };
        const auto sum = H * ones(H.domain());
        for (const double value : sum) CHECK(std::abs(value - 1) < 1e-15);
        auto root = options;
        root.taper = WindowTaper::root_hann;
        const SlidingWindows<double> R{padded, root};
        const auto y = R.range().random(2);
        CHECK(norm(R * (R.H() * y) - y) < 1e-15 * norm(y));
    }
}

TEST_CASE("an operator on one window acts on all of them through a Kronecker product") {
    const SlidingWindows<double> S{{10}, {.size = {4}, .overlap = {1}}};
    const ArraySpace<double> windows{"windows", {3}};
    const ArraySpace<double> window{"window", {4}};
    const Diagonal D{window.random(1)};
    check_laws(S * kron(Identity{windows}, D) * S.H());
}

TEST_CASE("windows that do not fit are refused by name") {
    using W = SlidingWindows<double>;
    CHECK_THROWS_WITH_AS((W{{12}, {.size = {5}, .overlap = {2}}}),
                         doctest::Contains("its end at 11"), ArgumentError);
    CHECK_THROWS_WITH_AS((W{{12}, {.size = {13}, .overlap = {2}}}),
                         doctest::Contains("1 to 12 samples"), ArgumentError);
    CHECK_THROWS_WITH_AS((W{{12}, {.size = {4}, .overlap = {3}}}),
                         doctest::Contains("0 to half a window, 2"), ArgumentError);
    CHECK_THROWS_WITH_AS((W{{12}, {.axes = {1}, .size = {4}, .overlap = {1}}}),
                         doctest::Contains("SlidingWindows along axis 1"), ArgumentError);
    CHECK_THROWS_WITH_AS((W{{12}, {.size = {4, 4}, .overlap = {1}}}),
                         doctest::Contains("1 axis, 2 sizes and 1 overlap"), ArgumentError);
    CHECK_THROWS_WITH_AS((W{{8, 8}, {.axes = {0, 0}, .size = {4, 4}, .overlap = {0, 0}}}),
                         doctest::Contains("twice"), ArgumentError);
}
