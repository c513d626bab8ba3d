/// Integrals along an axis: laws, then numbers a reader can check by hand.
#include <lop/operators/integration.hpp>

#include <lop/algebra/algebra.hpp>
#include <lop/core/units.hpp>
#include <lop/testing/doctest.hpp>

#include <complex>
#include <doctest/doctest.h>
#include <initializer_list>

using namespace lop;
using lop::testing::check_laws;

namespace {

bool is_matrix(const Array<double>& matrix, std::initializer_list<double> rows) {
    return std::equal(matrix.begin(), matrix.end(), rows.begin(), rows.end());
}

constexpr Integral kinds[] = {Integral::full, Integral::half, Integral::trapezoidal};

}  // namespace

TEST_CASE_TEMPLATE("integrals obey the laws on every axis, with and without the first value", T,
                   float, double, std::complex<float>, std::complex<double>) {
    for (const Shape& shape : {Shape{17}, Shape{1}, Shape{0}, Shape{5, 9}, Shape{3, 0},
                               Shape{4, 1, 5}, Shape{2, 3, 2, 2, 3, 2}, Shape{91, 401}}) {
        const ArraySpace<T> space{"x", shape};
        for (int axis = 0; axis < shape.rank(); ++axis)
            for (const Integral kind : kinds)
                for (const bool remove : {false, true}) {
                    if (remove && shape[axis] == 0) continue;
                    check_laws(CausalIntegration{space,
                                                 {.axis = axis - shape.rank(),
                                                  .spacing = 4_ms,
                                                  .kind = kind,
                                                  .remove_first = remove}});
                }
    }
}

TEST_CASE("the matrices of the integrals") {
    const ArraySpace<double> space{"x", {3}};
    CHECK(
        is_matrix(to_dense(CausalIntegration{space, {.spacing = 2}}), {2, 0, 0, 2, 2, 0, 2, 2, 2}));
    CHECK(is_matrix(to_dense(CausalIntegration{space, {.spacing = 2, .kind = Integral::half}}),
                    {1, 0, 0, 2, 1, 0, 2, 2, 1}));
    CHECK(
        is_matrix(to_dense(CausalIntegration{space, {.spacing = 2, .kind = Integral::trapezoidal}}),
                  {1, 0, 0, 1, 1, 0, 1, 2, 1}));
    CHECK(
        is_matrix(to_dense(CausalIntegration{
                      space, {.spacing = 2, .kind = Integral::trapezoidal, .remove_first = true}}),
                  {1, 1, 0, 1, 2, 1}));
}

TEST_CASE("a long integral in single precision does not lose its small values") {
    const ArraySpace<float> space{"x", {1000001, 1}};
    Array<float> x{{1000001, 1}, "x"};
    x.fill(0.1f);
    const auto y = CausalIntegration{space, {.axis = 0}} * x;
    CHECK(y[1000000] == doctest::Approx(1000001 * static_cast<double>(0.1f)).epsilon(1e-7));
}

TEST_CASE("what cannot be integrated is refused, by name") {
    const ArraySpace<double> space{"x", {3, 0}};
    CHECK_THROWS_WITH_AS((CausalIntegration{space, {.axis = 0, .spacing = -1}}),
                         "CausalIntegration along axis 0 of 3 x 0\n"
                         "    expected a positive spacing\n"
                         "    found    -1",
                         ArgumentError);
    CHECK_THROWS_WITH_AS((CausalIntegration{space, {.remove_first = true}}),
                         doctest::Contains("at least one value along the axis"), ArgumentError);
    CHECK_THROWS_AS((CausalIntegration{space, {.axis = 2}}), ArgumentError);
}
