/// Transforms, filters and local operators allocate nothing after their first application.
#include "algebra/counting_new.hpp"
#include <lop/operators/avo.hpp>
#include <lop/operators/chirp_radon.hpp>
#include <lop/operators/convolution.hpp>
#include <lop/operators/curvelets.hpp>
#include <lop/operators/filters.hpp>
#include <lop/operators/fourier.hpp>
#include <lop/operators/fredholm.hpp>
#include <lop/operators/interpolation.hpp>
#include <lop/operators/kirchhoff.hpp>
#include <lop/operators/poststack.hpp>
#include <lop/operators/radon.hpp>
#include <lop/operators/wave/spectra.hpp>
#include <lop/operators/wavelets.hpp>
#include <lop/operators/windows.hpp>

#include <doctest/doctest.h>

using namespace lop;

namespace {

/// Of the second forward and adjoint application.
template <LinearOperator A> long allocations_of(const A& a) {
    const auto x = a.domain().random(1);
    const auto y = a.range().random(2);
    auto ax = a.range().uninitialized();
    auto aty = a.domain().uninitialized();
    apply(a, x, ax);
    a.adjoint(y, aty);
    const long before = counting::allocations;
    apply(a, x, ax);
    a.adjoint(y, aty);
    return counting::allocations - before;
}

template <class T> Array<T> random_array(const Shape& shape) {
    return ArraySpace<T>{"x", shape}.random(3);
}

}  // namespace

TEST_CASE(
    "a history in 16 bits, of some frequencies or reversed allocates no more than one of steps") {
    const Grid grid{Shape{40, 30}, {10, 10}};
    auto v = ArraySpace<float>{"velocity", grid.shape()}.zeros();
    v.fill(2000);
    const Communicator self = Communicator::self();
    const Geometry points{{{{100, 0, 50}}}, {50, 0.002}, self};
    const auto M = Projection<float>{points} *
                   Propagator<float>{Acoustic{Model<float>::from_velocity(grid, v, self)}} *
                   Projection<float>{points}.H();
    const auto q = M.domain().random(1);
    const long steps = allocations_of(jacobian(M, q));
    CHECK(allocations_of(jacobian(M, q, {.storage = History::Storage::half})) == steps);
    CHECK(allocations_of(jacobian(M, q, {.frequencies = {5, 10, 20}})) == steps);
    CHECK(allocations_of(jacobian(M, q, {.reversal = true})) == steps);
    CHECK(allocations_of(Spectra{M, {5, 10, 20}}) <= allocations_of(M));
}

TEST_CASE_TEMPLATE("repeated applications allocate nothing", T, float, double) {
    using C = std::complex<T>;
    const Shape shape{128, 320};
    const std::vector<T> wavelet(9, T(1));
    CHECK(allocations_of(FourierTransform<C>{shape, {.axes = {0, 1}, .nfft = {130, 320}}}) == 0);
    CHECK(allocations_of(RealFourierTransform<T>{shape, {.axes = {0, 1}}}) == 0);
    for (const auto method : {ConvolutionMethod::direct, ConvolutionMethod::fourier}) {
        CHECK(allocations_of(Convolution1D<T>{shape, wavelet, {.method = method}}) == 0);
        CHECK(allocations_of(
                  ConvolutionND<T>{shape, random_array<T>({3, 3}), {.method = method}}) == 0);
    }
    CHECK(allocations_of(NonStationaryConvolution1D<T>{shape, random_array<T>({2, 5}), {3, 200}}) ==
          0);
    CHECK(allocations_of(
              Interpolation1D<T>{shape, {0.5, 3.2}, {.kind = InterpolationKind::spline}}) == 0);
    CHECK(allocations_of(Bilinear<T>{shape, {{0.5, 3.2}, {3, 4}}}) == 0);
    CHECK(allocations_of(Shift<T>{shape, 0.3, {.axis = 0}}) == 0);
    CHECK(allocations_of(HalfDerivative<C>{shape, {.axis = 0}}) == 0);
    CHECK(allocations_of(WaveletTransform<T>{shape, {.axes = {0, 1}}}) == 0);
    CHECK(allocations_of(CurveletTransform<T>{shape}) == 0);
    CHECK(allocations_of(CurveletTransform<C>{{20, 30, 40}}) == 0);
    CHECK(allocations_of(SlidingWindows<T>{
              shape, {.axes = {0, 1}, .size = {32, 32}, .overlap = {0, 0}}}) == 0);
    CHECK(allocations_of(Radon<T>{{200, 0.004}, {0, 10, 20}, {0, 1e-4}}) == 0);
    CHECK(allocations_of(ChirpRadon2D<T>{{200, 0.004}, {60, 10}, {50, 1e-5}}) == 0);
    CHECK(allocations_of(
              ChirpRadon3D<T>{{200, 0.004}, {{{9, 10}, {8, 10}}}, {{{9, 1e-5}, {7, 1e-5}}}}) == 0);
    CHECK(allocations_of(Fredholm1<C>{random_array<C>({5, 40, 40}), 3}) == 0);
    CHECK(allocations_of(MultiDimensionalConvolution<T>{random_array<C>({20, 40, 40}), 40, 3}) ==
          0);
    const TravelTimes<T> times{{{30, 40}, {10, 10}}, {{0, 0, 0}, {90, 0, 0}}, 1500};
    CHECK(allocations_of(Kirchhoff<T>{times, times, {100, 0.004}, {.wavelet = wavelet}}) == 0);
    CHECK(allocations_of(PoststackModelling<T>{shape, wavelet}) == 0);
    CHECK(allocations_of(PrestackModelling<T>{{200, 3, 50}, wavelet, {0, 0.1, 0.2}, 0.5}) == 0);
}
