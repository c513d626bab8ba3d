/// Derivatives, in every scalar, of arrays of odd extents, single values and empty axes; by their own
/// types, whose rows are part of the laws.
#include "support/sizes.hpp"
#include <lop/algebra/algebra.hpp>
#include <lop/operators/derivative.hpp>

#include <complex>
#include <doctest/doctest.h>

using namespace lop;
using namespace lop::testing;

namespace {

constexpr Difference kinds[] = {Difference::forward, Difference::backward, Difference::centered};

template <class Make> void at_every_size(const Make& make) {
    for (const Shape& shape : every_size()) {
        CAPTURE(shape.str());
        check_laws(make(shape));
    }
}
template <class Make> void along_every_axis(const Make& make) {
    for (const Shape& shape : every_size())
        for (int axis = 0; axis < shape.rank(); ++axis) {
            CAPTURE(shape.str());
            CAPTURE(axis);
            check_laws(make(shape, axis));
        }
}

std::vector<double> halves(const Shape& shape) {
    return std::vector<double>(static_cast<std::size_t>(shape.rank()), 0.5);
}
template <class R> Array<R> directions(const Shape& shape) {
    std::vector<index_t> extents{shape.rank()};
    for (int a = 0; a < shape.rank(); ++a) extents.push_back(shape[a]);
    return ArraySpace<R>{"directions", Shape{std::span<const index_t>{extents}}}.random(3);
}

}  // namespace

TEST_CASE_TEMPLATE("derivatives are lawful at every size", T, float, double, std::complex<float>,
                   std::complex<double>) {
    for (const Difference kind : kinds) {
        for (const int points : {3, 5})
            along_every_axis([=](const Shape& s, int axis) {
                return FirstDerivative<T>{space<T>(s),
                                          {.axis = axis, .kind = kind, .points = points}};
            });
        along_every_axis([kind](const Shape& s, int axis) {
            return SecondDerivative<T>{space<T>(s), {.axis = axis, .kind = kind}};
        });
        along_every_axis([kind](const Shape& s, int axis) {
            return Laplacian<T>{space<T>(s), {.axes = {axis}, .kind = kind}};
        });
        at_every_size([kind](const Shape& s) { return Laplacian<T>{space<T>(s), {.kind = kind}}; });
        at_every_size([kind](const Shape& s) { return Gradient<T>{space<T>(s), {.kind = kind}}; });
    }
}

TEST_CASE_TEMPLATE("directional derivatives are lawful at every size", T, float, double,
                   std::complex<float>, std::complex<double>) {
    at_every_size(
        [](const Shape& s) { return FirstDirectionalDerivative<T>{space<T>(s), halves(s)}; });
    at_every_size([](const Shape& s) {
        return FirstDirectionalDerivative<T>{space<T>(s), directions<Real<T>>(s)};
    });
    at_every_size(
        [](const Shape& s) { return SecondDirectionalDerivative<T>{space<T>(s), halves(s)}; });
    at_every_size([](const Shape& s) {
        return SecondDirectionalDerivative<T>{space<T>(s), directions<Real<T>>(s)};
    });
}

TEST_CASE_TEMPLATE("differences with edges refuse axes that are too short for them", T, float,
                   double, std::complex<float>, std::complex<double>) {
    for (const index_t n : {0, 1})
        CHECK_THROWS_WITH_AS((FirstDerivative{space<T>({n}), {.edge = true}}),
                             doctest::Contains("edge = false, which leaves the ends zero"),
                             ArgumentError);
    CHECK_THROWS_WITH_AS((SecondDerivative{space<T>({3, 1}), {.edge = true}}),
                         doctest::Contains("at least 3 values along the axis"), ArgumentError);
    check_laws(FirstDerivative{space<T>({2, 0}), {.axis = 0, .edge = true}});
    check_laws(SecondDerivative{space<T>({3, 1}), {.axis = 0, .edge = true}});
}
