/// Local operators and stencils over ranks: laws, and the bits of one rank, forward and adjoint.
#include "parts.hpp"
#include "support/sizes.hpp"
#include <lop/algebra/any_operator.hpp>
#include <lop/core/error.hpp>
#include <lop/operators/distributed.hpp>
#include <lop/operators/fourier.hpp>
#include <lop/testing/doctest.hpp>

#include <complex>
#include <doctest/doctest.h>

using lop::Array;
using lop::ArraySpace;
using lop::Communicator;
using lop::Difference;
using lop::DistributedSpace;
using lop::index_t;
using lop::Partition;
using lop::Shape;
using lop::testing::check_laws;
using parts::same_bits;

namespace {

/// All cuts of one axis, and grids over several.
std::vector<Partition> ways(const Shape& shape, int ranks) {
    std::vector<Partition> list;
    for (int axis = 0; axis < shape.rank(); ++axis)
        for (const auto& p : parts::all(shape[axis], ranks, axis)) list.push_back(p);
    if (shape.rank() > 1)
        for (const auto& p : parts::over(shape, {0, 1}, ranks)) list.push_back(p);
    for (const auto& grid : parts::grids(ranks, 2))
        list.push_back(Partition::copies(grid[0]) * Partition::balanced(shape[0], grid[1]));
    return list;
}

/// make(space) over ranks against the local operator on the whole, and the laws on some partitions.
template <class T, class A, class Make>
void check_over_ranks(const Shape& shape, const A& whole, const Make& make) {
    const auto world = Communicator::world();
    const auto x = whole.domain().random(3);
    const auto y = whole.range().random(4);
    const auto forward = whole * x;
    const auto adjoint = whole.H() * y;
    bool first = true;
    for (const auto& partition : ways(shape, world.size())) {
        CAPTURE(whole.describe());
        CAPTURE(partition.str(world.size()));
        const DistributedSpace<T> space{"x", shape, world, partition};
        const auto D = make(space);
        CHECK(D.range().shape() == whole.range().shape());
        CHECK(same_bits(parts::gather(D * parts::scatter(D.domain(), x)), forward));
        CHECK(same_bits(parts::gather(D.H() * parts::scatter(D.range(), y)), adjoint));
        if (std::exchange(first, false)) lop::testing::check_laws_of_any(D);
    }
}

template <class T> ArraySpace<T> space_of_shape(const Shape& shape) { return {"x", shape}; }

const std::vector<Shape>& shapes() {
    static const std::vector<Shape> list{{13}, {9, 5}, {4, 11}, {3, 7, 5}, {30, 40}};
    return list;
}

}  // namespace

TEST_CASE_TEMPLATE("first derivatives over ranks are those of one rank", T, float, double,
                   std::complex<double>) {
    for (const Shape& shape : shapes())
        for (int axis = 0; axis < shape.rank(); ++axis)
            for (const auto kind :
                 {Difference::forward, Difference::backward, Difference::centered})
                for (const int points : {3, 5})
                    for (const bool edge : {false, true}) {
                        if (kind != Difference::centered && (edge || points == 5)) continue;
                        const lop::FirstDerivativeOptions options{axis, 0.5, kind, points, edge};
                        check_over_ranks<T>(
                            shape, lop::FirstDerivative<T>{space_of_shape<T>(shape), options},
                            [&](const auto& s) { return first_derivative(s, options); });
                    }
}

TEST_CASE_TEMPLATE("second derivatives over ranks are those of one rank", T, float,
                   std::complex<double>) {
    for (const Shape& shape : shapes())
        for (int axis = 0; axis < shape.rank(); ++axis)
            for (const auto kind :
                 {Difference::forward, Difference::backward, Difference::centered})
                for (const bool edge : {false, true}) {
                    if (kind != Difference::centered && edge) continue;
                    const lop::SecondDerivativeOptions options{axis, 2, kind, edge};
                    check_over_ranks<T>(
                        shape, lop::SecondDerivative<T>{space_of_shape<T>(shape), options},
                        [&](const auto& s) { return second_derivative(s, options); });
                }
}

TEST_CASE_TEMPLATE(
    "Laplacian, gradient and directional derivative over ranks are those of one rank", T, double,
    std::complex<float>) {
    for (const Shape& shape : shapes())
        for (const auto kind : {Difference::forward, Difference::backward, Difference::centered}) {
            lop::LaplacianOptions options;
            options.kind = kind;
            check_over_ranks<T>(shape, lop::Laplacian<T>{space_of_shape<T>(shape), options},
                                [&](const auto& s) { return laplacian(s, options); });
            options.axes = {-1};
            options.weights = {0.7};
            options.edge = kind == Difference::centered;
            check_over_ranks<T>(shape, lop::Laplacian<T>{space_of_shape<T>(shape), options},
                                [&](const auto& s) { return laplacian(s, options); });
            lop::GradientOptions along;
            along.kind = kind;
            check_over_ranks<T>(shape, lop::Gradient<T>{space_of_shape<T>(shape), along},
                                [&](const auto& s) { return gradient(s, along); });
            const std::vector<double> direction(static_cast<std::size_t>(shape.rank()), 0.6);
            check_over_ranks<T>(
                shape,
                lop::FirstDirectionalDerivative<T>{space_of_shape<T>(shape), direction, along},
                [&](const auto& s) { return first_directional_derivative(s, direction, along); });
        }
}

TEST_CASE_TEMPLATE("convolutions over ranks are those of one rank", T, float,
                   std::complex<double>) {
    for (const Shape& shape : shapes())
        for (int axis = 0; axis < shape.rank(); ++axis)
            for (const index_t taps : {1, 4, 9, 20})
                for (const index_t offset : {index_t{0}, taps / 2, taps - 1}) {
                    CAPTURE(axis);
                    CAPTURE(taps);
                    CAPTURE(offset);
                    const auto h = ArraySpace<T>{"h", {taps}}.random(8);
                    const std::vector<T> filter(h.begin(), h.end());
                    const lop::Convolution1DOptions options{axis, offset,
                                                            lop::ConvolutionMethod::direct};
                    check_over_ranks<T>(
                        shape, lop::Convolution1D<T>{shape, filter, options},
                        [&](const auto& s) { return convolution_1d(s, filter, options); });
                }
    for (const Shape& shape : {Shape{9, 5}, Shape{3, 7, 5}, Shape{30, 40}}) {
        const auto filter = ArraySpace<T>{"h", {3, 4}}.random(8);
        check_over_ranks<T>(shape, lop::ConvolutionND<T>{shape, filter, {}},
                            [&](const auto& s) { return convolution_nd(s, filter); });
        const lop::ConvolutionNDOptions options{{0, 1}, {2, 0}, lop::ConvolutionMethod::direct};
        check_over_ranks<T>(shape, lop::ConvolutionND<T>{shape, filter, options},
                            [&](const auto& s) { return convolution_nd(s, filter, options); });
    }
}

TEST_CASE_TEMPLATE("filters that change along a scattered axis are those of one rank", T, double,
                   std::complex<float>) {
    for (const Shape& shape : {Shape{13}, Shape{9, 5}, Shape{3, 17}})
        for (int axis = 0; axis < shape.rank(); ++axis) {
            const auto filters = ArraySpace<T>{"h", {2, 5}}.random(8);
            const std::vector<index_t> positions{0, shape[axis] - 1};
            check_over_ranks<T>(
                shape, lop::NonStationaryConvolution1D<T>{shape, filters, positions, axis},
                [&](const auto& s) {
                    return non_stationary_convolution_1d(s, filters, positions, axis);
                });
        }
}

TEST_CASE("an operator along an axis that is whole works on every part alone") {
    const auto world = Communicator::world();
    const Shape shape{6, 8, 3};
    const lop::RealFourierTransform<double> whole{shape, {.axes = {1}}};
    const auto x = whole.domain().random(1);
    const auto expected = whole * x;
    for (const int axis : {0, 2})
        for (const auto& partition : parts::all(shape[axis], world.size(), axis)) {
            CAPTURE(partition.str(world.size()));
            const DistributedSpace<double> space{"x", shape, world, partition};
            bool refused = false;
            try {
                const auto F = lop::local(space, [&](const ArraySpace<double>& part) {
                    return lop::RealFourierTransform<double>{part.shape(), {.axes = {1}}};
                });
                CHECK(F.range().shape() == whole.range().shape());
                check_laws(F);
                const auto y = parts::gather(F * parts::scatter(space, x));
                CHECK(lop::norm(y - expected) <= 1e-14 * lop::norm(expected));
            } catch (const lop::ArgumentError&) {
                refused = true;
            }
            CHECK_FALSE(refused);
        }
}

TEST_CASE("parts that do not fit together are refused on every rank") {
    const auto world = Communicator::world();
    const DistributedSpace<double> space{
        "x", {4, 6}, world, Partition::balanced(6, world.size(), 1)};
    const auto uneven = [&](const ArraySpace<double>& part) {
        const index_t n = part.shape()[1];
        return lop::make_operator(
            part, ArraySpace<double>{"y", {4 + world.rank(), n}},
            [](const auto&, auto& y) { y.fill(0); }, [](const auto&, auto& x) { x.fill(0); });
    };
    if (world.size() > 1) CHECK_THROWS_AS(lop::local(space, uneven), lop::SpaceError);
    CHECK_THROWS_WITH_AS(convolution_nd(space, Array<double>{{1, 1, 1, 1, 1}}),
                         doctest::Contains("an axis of the array for each of the filter"),
                         lop::ArgumentError);
    // One that only the last rank refuses ends all.
    const auto refuses = [&](const ArraySpace<double>& part) {
        if (world.rank() == world.size() - 1) throw lop::ArgumentError{"not this one"};
        return lop::Identity<ArraySpace<double>>{part};
    };
    CHECK_THROWS_WITH_AS(lop::local(space, refuses), "not this one", lop::ArgumentError);
}
