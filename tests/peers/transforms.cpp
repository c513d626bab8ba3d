/// Fourier and wavelet transforms, convolutions, interpolation, windows, and seismic operators.
#include "tests/peers/record.hpp"
#include <lop/operators/convolution.hpp>
#include <lop/operators/filters.hpp>
#include <lop/operators/fourier.hpp>
#include <lop/operators/fredholm.hpp>
#include <lop/operators/interpolation.hpp>
#include <lop/operators/poststack.hpp>
#include <lop/operators/radon.hpp>
#include <lop/operators/wavelets.hpp>
#include <lop/operators/windows.hpp>

#include <array>
#include <utility>

namespace peers {

using namespace lop;

namespace {

const Shape cube{6, 7, 9};

std::string along(int axis) { return " axis " + std::to_string(axis); }
Array<double> random_array(const Shape& shape, std::uint64_t seed) {
    return ArraySpace<double>{"random", shape}.random(seed);
}
std::vector<double> random_list(index_t size, std::uint64_t seed) {
    const auto x = random_array({size}, seed);
    return {x.begin(), x.end()};
}

void record_fourier(Record& record) {
    constexpr std::array norms{std::pair{FourierNorm::ortho, " ortho"},
                               std::pair{FourierNorm::none, " none"},
                               std::pair{FourierNorm::by_n, " by n"}};
    for (const auto& [norm, name] : norms) {
        record.apply(std::string{"FourierTransform"} + name,
                     FourierTransform<C>{cube, {.axes = {1}, .nfft = {10}, .norm = norm}});
        record.apply(std::string{"RealFourierTransform"} + name,
                     RealFourierTransform<double>{cube, {.axes = {1}, .nfft = {10}, .norm = norm}});
    }
    record.apply(
        "FourierTransform shifted",
        FourierTransform<C>{cube, {.axes = {2}, .ifftshift_before = true, .fftshift_after = true}});
    record.apply(
        "FourierTransform two axes",
        FourierTransform<C>{cube, {.axes = {0, 2}, .nfft = {8, 9}, .fftshift_after = true}});
    record.apply("FourierTransform three axes", FourierTransform<C>{cube, {.axes = {0, 1, 2}}});
    record.apply("RealFourierTransform two axes",
                 RealFourierTransform<double>{cube, {.axes = {0, 2}, .nfft = {8, 9}}});
    record.apply("RealFourierTransform three axes",
                 RealFourierTransform<double>{
                     cube, {.axes = {0, 1, 2}, .ifftshift_before = true, .fftshift_after = true}});
}

void record_convolution(Record& record) {
    for (const index_t length : {5, 6})
        for (int axis = 0; axis < 3; ++axis) {
            const auto filter = random_list(length, 31);
            const std::string call = "Convolution1D of " + std::to_string(length) + along(axis);
            record.apply(call, Convolution1D<double>{cube, filter, {.axis = axis, .offset = 2}})
                .with("filter", filter);
        }
    const auto wavelet = random_list(70, 32);
    record
        .apply("Convolution1D by Fourier", Convolution1D<double>{{4, 90}, wavelet, {.offset = 35}})
        .with("filter", wavelet);
    const auto plane = random_array({3, 5}, 33);
    record.apply("ConvolutionND two axes", ConvolutionND<double>{cube, plane, {.axes = {0, 2}}})
        .with("filter", plane);
    const auto block = random_array({3, 2, 5}, 34);
    record
        .apply("ConvolutionND three axes",
               ConvolutionND<double>{cube, block, {.offset = {0, 1, 3}}})
        .with("filter", block);
    const auto filters = random_array({3, 5}, 35);
    for (int axis = 1; axis < 3; ++axis)
        record
            .apply("NonStationaryConvolution1D" + along(axis),
                   NonStationaryConvolution1D<double>{cube, filters, {1, 3, 5}, axis})
            .with("filters", filters);
}

void record_interpolation(Record& record) {
    constexpr std::array kinds{std::pair{InterpolationKind::nearest, " nearest"},
                               std::pair{InterpolationKind::linear, " linear"},
                               std::pair{InterpolationKind::sinc, " sinc"},
                               std::pair{InterpolationKind::spline, " spline"}};
    const std::vector<double> positions{0.2, 3.7, 1.5, 4.6};
    for (const auto& [kind, name] : kinds)
        for (int axis = 0; axis < 3; ++axis)
            record
                .apply(std::string{"Interpolation1D"} + name + along(axis),
                       Interpolation1D<double>{
                           cube, positions, {.axis = axis, .kind = kind, .half_width = 0}})
                .with("positions", positions);
    const std::vector<double> first{0.2, 4.9, 3.5};
    const std::vector<double> second{1.1, 0.3, 5.75};
    std::vector<BilinearPosition> points;
    for (std::size_t i = 0; i < first.size(); ++i) points.push_back({first[i], second[i]});
    record.apply("Bilinear", Bilinear<double>{cube, points})
        .with("first", first)
        .with("second", second);
    for (int axis = 0; axis < 3; ++axis)
        record.apply("Shift" + along(axis),
                     Shift<double>{cube, 0.3, {.axis = axis, .interval = 0.25, .nfft = 13}});
    record.apply("Shift complex", Shift<C>{cube, 0.3, {.axis = 1}});
    const auto shifts = random_list(42, 36);
    record.apply("Shift of every line", Shift<double>{cube, shifts}).with("shifts", shifts);
}

/// Filters that PyLops composes of transforms and diagonals.
void record_filters(Record& record) {
    const auto response = [](double f) { return C{1 / (1 + f * f), -f}; };
    const auto band = band_pass({.low_stop = 2, .low_pass = 5, .high_pass = 30, .high_stop = 45});
    const index_t nfft = 15;
    std::vector<C> values;
    std::vector<double> pass;
    for (const double f : real_fourier_frequencies(nfft, 0.01)) {
        values.push_back(response(f));
        pass.push_back(band(f));
    }
    const FrequencyFilterOptions options{.axis = 1, .interval = 0.01, .nfft = nfft};
    record.apply("FrequencyFilter", FrequencyFilter<double>{cube, response, options})
        .with("response", values);
    record.apply("BandPass", FrequencyFilter<double>{cube, band, options}).with("response", pass);
    record.apply("TimeGain",
                 TimeGain<double>{cube, 1.5, {.axis = 1, .interval = 0.5, .start = 0.25}});
}

void record_wavelets(Record& record) {
    const Shape square{16, 32};
    const auto line = [&](const std::string& name, WaveletFamily family, int order, int levels) {
        record.apply(
            "WaveletTransform " + name,
            WaveletTransform<double>{square, {.family = family, .order = order, .levels = levels}});
    };
    line("haar", WaveletFamily::haar, 1, 3);
    line("db2", WaveletFamily::daubechies, 2, 2);
    line("db4", WaveletFamily::daubechies, 4, 1);
    line("db5", WaveletFamily::daubechies, 5, 3);
    line("sym5", WaveletFamily::symlet, 5, 2);
    record.apply("WaveletTransform two axes",
                 WaveletTransform<double>{square, {.order = 3, .levels = 2, .axes = {0, 1}}});
    record.apply(
        "WaveletTransform three axes",
        WaveletTransform<double>{{8, 16, 8}, {.order = 2, .levels = 2, .axes = {0, 1, 2}}});
}

void record_windows(Record& record) {
    constexpr std::array tapers{std::pair{WindowTaper::none, " none"},
                                std::pair{WindowTaper::hann, " hann"},
                                std::pair{WindowTaper::root_hann, " root hann"}};
    for (const auto& [taper, name] : tapers) {
        const std::string call = std::string{"SlidingWindows"} + name;
        record.apply(call + " of a line",
                     SlidingWindows<double>{
                         {23}, {.axes = {0}, .size = {8}, .overlap = {3}, .taper = taper}});
        record.apply(call + " along one axis of two",
                     SlidingWindows<double>{
                         {23, 3}, {.axes = {0}, .size = {8}, .overlap = {3}, .taper = taper}});
        record.apply(
            call + " along two axes",
            SlidingWindows<double>{
                {18, 22}, {.axes = {0, 1}, .size = {8, 10}, .overlap = {3, 4}, .taper = taper}});
        record.apply(
            call + " along two axes of three",
            SlidingWindows<double>{
                {18, 22, 3}, {.axes = {0, 1}, .size = {8, 10}, .overlap = {3, 4}, .taper = taper}});
        record.apply(
            call + " along three axes",
            SlidingWindows<double>{
                {13, 16, 10},
                {.axes = {0, 1, 2}, .size = {8, 10, 6}, .overlap = {3, 4, 2}, .taper = taper}});
    }
}

void record_seismic(Record& record) {
    const TimeAxis time{.samples = 12, .interval = 0.5};
    const std::vector<double> offsets{-3, 1, 5, 9};
    const std::vector<double> slownesses{-0.31, 0.05, 0.17};
    const std::vector<double> curvatures{-0.021, 0.013, 0.043};
    const std::vector<double> velocities{1.7, 2.9, 6.1};
    const auto radon = [&](const char* name, RadonCurve curve, const std::vector<double>& p) {
        record.apply(std::string{"Radon"} + name, Radon<double>{time, offsets, p, {.curve = curve}})
            .with("interval", time.interval)
            .with("offsets", offsets)
            .with("parameters", p);
    };
    radon(" linear", RadonCurve::linear, slownesses);
    radon(" parabolic", RadonCurve::parabolic, curvatures);
    radon(" hyperbolic", RadonCurve::hyperbolic, velocities);

    const auto real_kernel = random_array({3, 4, 5}, 41);
    record.apply("Fredholm1", Fredholm1<double>{real_kernel, 2}).with("kernel", real_kernel);
    const auto kernel = ArraySpace<C>{"kernel", {5, 3, 2}}.random(42);
    record.apply("Fredholm1 complex", Fredholm1<C>{kernel}).with("kernel", kernel);
    using Mdc = MultiDimensionalConvolution<double>;
    record
        .apply("MultiDimensionalConvolution",
               Mdc{kernel, 10, 2, {.time_interval = 0.004, .receiver_interval = 10}})
        .with("kernel", kernel);
    record
        .apply("MultiDimensionalConvolution two sided",
               Mdc{kernel, 9, 2, {.two_sided = true, .prescaled = true}})
        .with("kernel", kernel);
    const auto wavelet = random_list(5, 43);
    for (const auto& [derivative, name] : {std::pair{PoststackDerivative::centered, "centered"},
                                           std::pair{PoststackDerivative::forward, "forward"}})
        record
            .apply(std::string{"PoststackModelling "} + name,
                   PoststackModelling<double>{cube, wavelet, {.axis = 0, .derivative = derivative}})
            .with("wavelet", wavelet);
}

}  // namespace

void record_transforms(Record& record) {
    record_fourier(record);
    record_convolution(record);
    record_interpolation(record);
    record_filters(record);
    record_wavelets(record);
    record_windows(record);
    record_seismic(record);
}

}  // namespace peers
