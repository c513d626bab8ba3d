/// Operators on models and gathers, in every scalar type that they have, on odd sizes,
/// single elements and empty axes: they obey the laws, or say that there is nothing to work on.
#include "support/sizes.hpp"
#include <lop/operators/avo.hpp>
#include <lop/operators/chirp_radon.hpp>
#include <lop/operators/curvelets.hpp>
#include <lop/operators/fredholm.hpp>
#include <lop/operators/radon.hpp>
#include <lop/operators/regression.hpp>

#include <complex>
#include <doctest/doctest.h>

using namespace lop;
using namespace lop::testing;

namespace {

template <class T> Array<T> kernel(const Shape& shape) {
    return ArraySpace<T>{"kernel", shape}.random(9);
}

}  // namespace

TEST_CASE_TEMPLATE("batches of matrices are lawful without slices, rows or columns", T, float,
                   double, std::complex<float>, std::complex<double>) {
    for (const Shape& shape : {Shape{3, 5, 7}, Shape{1, 1, 1}, Shape{0, 3, 2}, Shape{3, 0, 2},
                               Shape{3, 2, 0}, Shape{0, 0, 0}})
        for (const index_t n : {1, 3}) check_laws_of_any(Fredholm1<T>{kernel<T>(shape), n});
    CHECK_THROWS_WITH_AS((Fredholm1<T>{kernel<T>({1, 1, 1}), 0}),
                         doctest::Contains("Fredholm1 of 0 right-hand sides"), ArgumentError);
}

TEST_CASE_TEMPLATE("multi-dimensional convolution is lawful without sources or receivers", T, float,
                   double) {
    using M = MultiDimensionalConvolution<T>;
    using C = std::complex<T>;
    for (const Shape& shape : {Shape{4, 3, 5}, Shape{1, 1, 1}, Shape{4, 0, 5}, Shape{4, 3, 0},
                               Shape{0, 3, 5}, Shape{4, 0, 0}})
        for (const bool two_sided : {false, true})
            check_laws_of_any(M{kernel<C>(shape), 7, 3, {.two_sided = two_sided}});
    CHECK_THROWS_WITH_AS((M{kernel<C>({0, 1, 1}), 0}),
                         doctest::Contains("MultiDimensionalConvolution on 0 samples\n"
                                           "    expected at least one sample"),
                         ArgumentError);
}

TEST_CASE_TEMPLATE("angle gathers are lawful without samples or sections", T, float, double) {
    for (const Shape& shape : {Shape{7, 3}, Shape{1, 3}, Shape{0, 3}, Shape{5, 3, 0},
                               Shape{0, 3, 5}, Shape{1, 3, 1, 1}}) {
        check_laws_of_any(AvoModelling<T>{shape, {0.1, 0.3}, 0.5});
        const auto gathers = [&] {
            return PrestackModelling<T>{shape, {1, 2, 1}, {0.1, 0.3}, 0.5};
        };
        if (shape[0] > 0) check_laws_of_any(gathers());
        else
            CHECK_THROWS_WITH_AS(gathers(), doctest::Contains("at least one sample along axis 0"),
                                 ArgumentError);
    }
    CHECK_THROWS_WITH_AS((AvoModelling<T>{{7, 3}, {}, 0.5}), doctest::Contains("at no angle"),
                         ArgumentError);
}

TEST_CASE_TEMPLATE("polynomials are lawful at one place and at none", T, float, double,
                   std::complex<float>, std::complex<double>) {
    for (const auto& places : {std::vector<double>{}, {0.5}, {0, 0.3, 0.3, -1, 0.9}})
        for (const int order : {0, 1, 3}) {
            check_laws_of_any(PolynomialRegression<T>{places, order});
            check_laws_of_any(LinearRegression<T>{places});
        }
}

TEST_CASE_TEMPLATE("Radon transforms are lawful for single traces, and refuse none", T, float,
                   double, std::complex<float>, std::complex<double>) {
    for (const index_t samples : {1, 7})
        for (const auto& offsets : {std::vector<double>{0}, {-20, 0, 33}}) {
            const TimeAxis time{samples, 0.004, 0.1};
            check_laws_of_any(Radon<T>{time, offsets, {1e-4}});
            check_laws_of_any(Radon<T>{time, {20}, {-1e-3, 0, 3e-4}});
            const RegularAxis traces{static_cast<index_t>(offsets.size()), 10, -20};
            check_laws_of_any(ChirpRadon2D<T>{time, traces, {1, 1e-4}});
            check_laws_of_any(ChirpRadon3D<T>{time, {traces, {1}}, {{{3, 1e-4}, {1}}}});
            check_laws_of_any(ApproximateInverseChirpRadon2D<T>{time, traces, {3, 1e-4}});
            check_laws_of_any(
                ApproximateInverseChirpRadon3D<T>{time, {traces, {1}}, {{{3, 1e-4}, {1}}}});
        }
    const TimeAxis time{7, 0.004, 0};
    const TimeAxis none{0, 0.004, 0};
    const auto refused = [](const auto& make, const char* words) {
        CHECK_THROWS_WITH_AS(make(), doctest::Contains(words), ArgumentError);
    };
    refused([&] { return Radon<T>{none, {0}, {0}}; }, "leave it out where there are no samples");
    refused([&] { return Radon<T>{time, {}, {0}}; }, "Radon without offsets");
    refused([&] { return Radon<T>{time, {0}, {}}; }, "Radon without parameters");
    refused([&] { return ChirpRadon2D<T>{none, {1}, {1}}; },
            "leave it out where there are no samples");
    refused([&] { return ChirpRadon2D<T>{time, {0}, {1}}; }, "ChirpRadon2D of 0 offsets");
    refused([&] { return ChirpRadon3D<T>{time, {{{1}, {1}}}, {{{1}, {0}}}}; },
            "ChirpRadon3D of 0 slownesses");
}

TEST_CASE_TEMPLATE("curvelets are lawful at every size, or refuse an axis without samples", T,
                   float, double, std::complex<float>, std::complex<double>) {
    for (const Shape& shape : every_size()) {
        if (shape.rank() < 2) continue;
        const auto make = [&] { return CurveletTransform<T>{shape, {.scales = 2}}; };
        if (!is_empty(shape)) check_laws_of_any(make());
        else
            CHECK_THROWS_WITH_AS(make(), doctest::Contains("at least one sample along axis"),
                                 ArgumentError);
    }
}
