/// Every operator on arrays in every scalar type that it has, on odd sizes, single elements and empty
/// axes: it obeys the laws, or says in words that there is nothing to work on.
#include "support/sizes.hpp"
#include <lop/algebra/diagonal.hpp>
#include <lop/operators/convolution.hpp>
#include <lop/operators/filters.hpp>
#include <lop/operators/fourier.hpp>
#include <lop/operators/indexing.hpp>
#include <lop/operators/integration.hpp>
#include <lop/operators/interpolation.hpp>
#include <lop/operators/parts.hpp>
#include <lop/operators/poststack.hpp>
#include <lop/operators/scaling.hpp>
#include <lop/operators/smoothing.hpp>
#include <lop/operators/wavelets.hpp>
#include <lop/operators/windows.hpp>

#include <complex>
#include <doctest/doctest.h>

using namespace lop;
using namespace lop::testing;

namespace {

template <class T> std::vector<T> values(index_t n) {
    const auto x = ArraySpace<T>{"values", {n}}.random(5);
    return {x.begin(), x.end()};
}
template <class T> Array<T> filter(const Shape& shape) {
    return ArraySpace<T>{"filter", shape}.random(6);
}
std::complex<double> skew(double f) { return {1 / (1 + f * f), f + 0.3}; }
/// 0 everywhere but at one axis.
std::vector<index_t> at_axis(const Shape& shape, int axis, index_t value) {
    std::vector<index_t> numbers(static_cast<std::size_t>(shape.rank()), 0);
    numbers[static_cast<std::size_t>(axis)] = value;
    return numbers;
}
std::vector<index_t> extents(const Shape& shape) {
    std::vector<index_t> numbers;
    for (int a = 0; a < shape.rank(); ++a) numbers.push_back(shape[a]);
    return numbers;
}
std::vector<int> turned(const Shape& shape, int axis) {
    std::vector<int> axes;
    for (int a = 0; a < shape.rank(); ++a) axes.push_back((a + axis + 1) % shape.rank());
    return axes;
}

const std::string needs = "at least one sample";

template <class T> using Row = AlongAxis<ArraySpace<T>>;

/// Values that are moved, weighted and summed: nothing of it needs a sample.
template <class T> std::vector<Row<T>> of_values() {
    using S = const Shape&;
    return {
        {"Flip", [](S s, int a) { return Flip<T>{space<T>(s), {.axis = a}}; }},
        {"Roll", [](S s, int a) { return Roll<T>{space<T>(s), 2, {.axis = a}}; }},
        {"AxisSum", [](S s, int a) { return AxisSum<T>{space<T>(s), {.axis = a}}; }},
        {"Spread", [](S s, int a) { return Spread<T>{space<T>(s), 3, {.axis = a}}; }},
        {"Spread", [](S s, int a) { return Spread<T>{space<T>(s), 0, {.axis = a}}; }},
        {"Restriction", [](S s, int a) { return Restriction<T>{space<T>(s), {}, {.axis = a}}; }},
        {"Restriction",
         [](S s, int a) {
             const index_t n = s[a];
             std::vector<index_t> places;
             if (n > 0) places = {n - 1, 0, n / 2};
             return Restriction<T>{space<T>(s), places, {.axis = a}};
         }},
        {"Restriction",
         [](S s, int) {
             std::vector<bool> mask(static_cast<std::size_t>(space<T>(s).size()));
             for (std::size_t i = 0; i < mask.size(); i += 2) mask[i] = true;
             return restrict_to(space<T>(s), mask);
         }},
        {"Window",
         [](S s, int a) {
             auto count = extents(s);
             count[static_cast<std::size_t>(a)] -= s[a] / 2;
             return Window<T>{space<T>(s), {.first = at_axis(s, a, s[a] / 2), .count = count}};
         }},
        {"Pad",
         [](S s, int a) {
             return Pad<T>{space<T>(s), {.before = at_axis(s, a, 2), .after = at_axis(s, a, 1)}};
         }},
        {"TransposeAxes", [](S s, int a) { return TransposeAxes<T>{space<T>(s), turned(s, a)}; }},
        {"Smoothing1D", [](S s, int a) { return Smoothing1D<T>{space<T>(s), {5, a}}; }},
        {"CausalIntegration", [](S s, int a) { return CausalIntegration<T>{space<T>(s), {a, 2}}; }},
        {"CausalIntegration",
         [](S s, int a) {
             return CausalIntegration<T>{space<T>(s), {a, 2, Integral::trapezoidal, s[a] > 0}};
         }},
        {"AxisDiagonal",
         [](S s, int a) { return AxisDiagonal<T>{space<T>(s), values<T>(s[a]), {.axis = a}}; }},
        {"TimeGain", [](S s, int a) { return TimeGain<T>{s, 1.5, {.axis = a}}; }},
        {"Diagonal", [](S s, int) { return Diagonal{space<T>(s).random(3)}; }},
    };
}

/// Filters, transforms and what reads between samples: lines of at least one sample.
template <class T> std::vector<Row<T>> of_lines() {
    using S = const Shape&;
    std::vector<Row<T>> rows{
        {"FrequencyFilter", [](S s, int a) { return FrequencyFilter<T>{s, skew, {.axis = a}}; },
         needs},
        {"HalfDerivative",
         [](S s, int a) {
             return HalfDerivative<T>{s, {.axis = a, .nfft = s[a] > 0 ? s[a] + 3 : 0}};
         },
         needs},
        {"Shift", [](S s, int a) { return Shift<T>{s, 0.7, {.axis = a}}; }, needs},
        {"NonStationaryConvolution1D",
         [](S s, int a) { return NonStationaryConvolution1D<T>{s, filter<T>({1, 3}), {0}, a}; },
         needs},
        {"WaveletTransform",
         [](S s, int a) { return WaveletTransform<T>{s, {.levels = 0, .axes = {a}}}; }, needs},
        {"SlidingWindows",
         [](S s, int a) {
             return SlidingWindows<T>{s, {.axes = {a}, .size = {s[a]}, .overlap = {0}}};
         },
         needs},
        {"SlidingWindows",
         [](S s, int a) {
             return SlidingWindows<T>{s, {.axes = {a}, .size = {1}, .overlap = {0}}};
         },
         needs},
    };
    for (const auto method : {ConvolutionMethod::direct, ConvolutionMethod::fourier}) {
        for (const index_t taps : {1, 3, 9})
            rows.push_back(
                {"Convolution1D",
                 [=](S s, int a) {
                     return Convolution1D<T>{
                         s, values<T>(taps), {.axis = a, .offset = taps / 2, .method = method}};
                 },
                 needs});
        rows.push_back({"ConvolutionND",
                        [=](S s, int a) {
                            return ConvolutionND<T>{
                                s, filter<T>({3}), {.axes = {a}, .method = method}};
                        },
                        needs});
    }
    for (const auto kind : {InterpolationKind::nearest, InterpolationKind::linear,
                            InterpolationKind::sinc, InterpolationKind::spline})
        rows.push_back({"Interpolation1D",
                        [=](S s, int a) {
                            const double last = static_cast<double>(s[a] - 1);
                            return Interpolation1D<T>{
                                s, {0.5 * last, 0, last}, {.axis = a, .kind = kind}};
                        },
                        needs});
    return rows;
}

}  // namespace

TEST_CASE_TEMPLATE("what moves, weighs and sums values is lawful at every size", T, float, double,
                   std::complex<float>, std::complex<double>) {
    check_catalogue(of_values<T>());
}

TEST_CASE_TEMPLATE("what works on lines is lawful at every size, or refuses one without samples", T,
                   float, double, std::complex<float>, std::complex<double>) {
    check_catalogue(of_lines<T>());
    for (const Shape& shape : every_size())
        for (int axis = 0; axis < shape.rank(); ++axis) {
            if (shape[axis] == 0) {
                CHECK_THROWS_WITH_AS((Symmetrize{space<T>(shape), {.axis = axis}}),
                                     doctest::Contains("to mirror the others about"),
                                     ArgumentError);
                continue;
            }
            check_laws_of_any(Symmetrize{space<T>(shape), {.axis = axis}});
            const Shape even = shape.with(axis, 2 * shape[axis]);
            check_laws_of_any(WaveletTransform<T>{even, {.levels = 1, .axes = {axis}}});
        }
}

TEST_CASE_TEMPLATE("what needs two axes is lawful at every size, or refuses one without samples", T,
                   float, double, std::complex<float>, std::complex<double>) {
    for (const Shape& shape : every_size()) {
        if (shape.rank() < 2) continue;
        check_laws_of_any(Smoothing2D{space<T>(shape), {.lengths = {3, 5}}});
        const bool first = shape[0] > 0 && shape[1] > 0;
        const auto corners = [&] {
            return Bilinear<T>{shape, {{0, 0}, {0.5 * double(shape[0] - 1), double(shape[1] - 1)}}};
        };
        const int last = shape.rank() - 1;
        const auto convolution = [&] { return ConvolutionND<T>{shape, filter<T>({3, 5})}; };
        if (first) check_laws_of_any(corners());
        else
            CHECK_THROWS_WITH_AS(corners(), doctest::Contains("at least one sample along axis"),
                                 ArgumentError);
        if (shape[last] > 0 && shape[last - 1] > 0) check_laws_of_any(convolution());
        else
            CHECK_THROWS_WITH_AS(convolution(), doctest::Contains("at least one sample along axis"),
                                 ArgumentError);
    }
}

TEST_CASE_TEMPLATE("modelling of stacked data is lawful at every size, or refuses empty traces", T,
                   float, double) {
    using Rows = std::vector<AlongAxis<ArraySpace<T>>>;
    const auto along = [](const Shape& s, int a) {
        return PoststackModelling<T>{s, {1, 2, -1}, {.axis = a}};
    };
    check_catalogue(Rows{{"PoststackModelling", along, needs}});
}

TEST_CASE_TEMPLATE("transforms between real and complex arrays are lawful at every size", T, float,
                   double) {
    using C = std::complex<T>;
    const auto real = [](const Shape& s, int a) { return RealFourierTransform<T>{s, {{a}}}; };
    const auto whole = [](const Shape& s, int a) { return FourierTransform<C>{s, {{a}}}; };
    check_catalogue(std::vector<AlongAxis<ArraySpace<T>, ArraySpace<C>>>{
        {"RealFourierTransform", real, needs}});
    check_catalogue(std::vector<AlongAxis<ArraySpace<C>>>{{"FourierTransform", whole, needs}});
    for (const Shape& shape : every_size()) {
        check_laws_of_any(RealPart{space<C>(shape)});
        check_laws_of_any(ImagPart{space<C>(shape)});
        check_laws(ConjugateValues{space<C>(shape)});
        if (is_empty(shape)) continue;
        std::vector<int> all;
        for (int a = 0; a < shape.rank(); ++a) all.push_back(a);
        check_laws_of_any(FourierTransform<C>{shape, {.axes = all, .fftshift_after = true}});
        check_laws_of_any(RealFourierTransform<T>{shape, {.axes = all}});
    }
}

TEST_CASE("an array without axes is refused by what works along one") {
    CHECK_THROWS_WITH_AS((Flip{ArraySpace<double>{"x", {}}}),
                         "Flip of an array without axes\n"
                         "    expected a shape of at least one axis, such as Shape{n}",
                         ArgumentError);
    CHECK(ArraySpace<double>{"x", {}}.size() == ArraySpace<double>{"x", {}}.zeros().size());
}
