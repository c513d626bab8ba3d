/// Fourier transforms and convolutions over frequencies, over ranks: laws, and the results of one rank.
#include "parts.hpp"
#include <lop/core/error.hpp>
#include <lop/operators/distributed_transforms.hpp>
#include <lop/testing/doctest.hpp>

#include <complex>
#include <doctest/doctest.h>

using lop::Array;
using lop::ArraySpace;
using lop::Communicator;
using lop::DistributedSpace;
using lop::index_t;
using lop::Partition;
using lop::Shape;
using lop::testing::check_laws;

namespace {

template <class T> double error(const Array<T>& found, const Array<T>& expected) {
    return lop::norm(found - expected) / std::max(lop::norm(expected), 1e-300);
}

template <class T> constexpr double limit = sizeof(lop::Real<T>) == 4 ? 1e-6 : 1e-14;

/// A local operator against what make(space) is over ranks, in every partition of every axis.
template <class T, class A, class Make>
void check_transform(const Shape& shape, const A& whole, const Make& make) {
    const auto world = Communicator::world();
    const auto x = whole.domain().random(3);
    const auto y = whole.range().random(4);
    std::vector<Partition> ways{Partition::replicated()};
    for (int axis = 0; axis < shape.rank(); ++axis) {
        ways.push_back(Partition::balanced(shape[axis], world.size(), axis));
        ways.push_back(parts::uneven(shape[axis], world.size(), axis));
    }
    if (shape.rank() > 1)
        for (const auto& grid : parts::grids(world.size(), 2))
            ways.push_back(Partition::balanced(shape[0], grid[0], 0) *
                           Partition::balanced(shape[1], grid[1], 1));
    for (const auto& partition : ways) {
        CAPTURE(partition.str(world.size()));
        const DistributedSpace<T> space{"x", shape, world, partition};
        const auto F = make(space);
        CHECK(F.range().shape() == whole.range().shape());
        CHECK(error(parts::gather(F * parts::scatter(F.domain(), x)), whole * x) <= limit<T>);
        CHECK(error(parts::gather(F.H() * parts::scatter(F.range(), y)), whole.H() * y) <=
              limit<T>);
        check_laws(F);
    }
}

}  // namespace

TEST_CASE_TEMPLATE("Fourier transforms over ranks are those of one rank", T, std::complex<float>,
                   std::complex<double>) {
    for (const auto& [shape, axes] :
         std::vector<std::pair<Shape, std::vector<int>>>{{{12}, {0}},
                                                         {{6, 10}, {0}},
                                                         {{6, 10}, {0, 1}},
                                                         {{4, 5, 6}, {0, 2}},
                                                         {{4, 5, 6}, {2, 1, 0}}}) {
        lop::FourierOptions options;
        options.axes = axes;
        const auto make = [&](const auto& s) { return fourier_transform(s, options); };
        check_transform<T>(shape, lop::FourierTransform<T>{shape, options}, make);
        options.norm = lop::FourierNorm::none;
        options.ifftshift_before = true;
        options.fftshift_after = true;
        for (const int axis : axes)
            options.nfft.push_back(shape[axis < 0 ? axis + shape.rank() : axis] + 3);
        check_transform<T>(shape, lop::FourierTransform<T>{shape, options}, make);
    }
}

TEST_CASE_TEMPLATE("Fourier transforms of real arrays over ranks are those of one rank", R, float,
                   double) {
    for (const auto& [shape, axes] : std::vector<std::pair<Shape, std::vector<int>>>{
             {{12}, {0}}, {{6, 10}, {0}}, {{6, 10}, {0, 1}}, {{4, 5, 6}, {1, 0}}}) {
        lop::RealFourierOptions options;
        options.axes = axes;
        const auto make = [&](const auto& s) { return real_fourier_transform(s, options); };
        check_transform<R>(shape, lop::RealFourierTransform<R>{shape, options}, make);
        options.isometric = false;
        options.fftshift_after = true;
        for (const int axis : axes) options.nfft.push_back(shape[axis] + 2);
        check_transform<R>(shape, lop::RealFourierTransform<R>{shape, options}, make);
    }
}

TEST_CASE_TEMPLATE("products slice by slice over ranks are those of one rank", T, float,
                   std::complex<double>) {
    const auto world = Communicator::world();
    const auto kernel = ArraySpace<T>{"G", {5, 4, 3}}.random(7);
    const lop::Fredholm1<T> whole{kernel, 2};
    const auto x = whole.domain().random(1);
    const auto y = whole.range().random(2);
    for (const auto& partition : parts::all(5, world.size())) {
        CAPTURE(partition.str(world.size()));
        const DistributedSpace<T> space{"G", {5, 4, 3}, world, partition};
        const auto G = fredholm1(parts::scatter(space, kernel), 2);
        check_laws(G);
        CHECK(parts::same_bits(parts::gather(G * parts::scatter(G.domain(), x)), whole * x));
        CHECK(parts::same_bits(parts::gather(G.H() * parts::scatter(G.range(), y)), whole.H() * y));
    }
    const DistributedSpace<T> rows{"G", {5, 4, 3}, world, Partition::balanced(4, world.size(), 1)};
    CHECK_THROWS_WITH_AS(fredholm1(rows.random(1)), doctest::Contains("scattered over the slices"),
                         lop::SpaceError);
}

TEST_CASE_TEMPLATE("convolution in time and over receivers, the kernel scattered", R, float,
                   double) {
    using C = std::complex<R>;
    const auto world = Communicator::world();
    for (const bool two_sided : {false, true})
        for (const index_t frequencies : {3, 5}) {
            const index_t samples = 9;
            const Shape shape{frequencies, 4, 3};
            const auto kernel = ArraySpace<C>{"G", shape}.random(7);
            const lop::MultiDimensionalConvolutionOptions options{
                .time_interval = 0.1, .receiver_interval = 2, .two_sided = two_sided};
            const lop::MultiDimensionalConvolution<R> whole{kernel, samples, 2, options};
            const auto x = whole.domain().random(1);
            const auto y = whole.range().random(2);
            for (const auto& slices : parts::all(frequencies, world.size()))
                for (const auto& model :
                     {Partition::replicated(), Partition::balanced(3, world.size(), 1),
                      Partition::balanced(2, world.size(), 2)}) {
                    const DistributedSpace<C> space{"G", shape, world, slices};
                    const DistributedSpace<R> domain{"m", {samples, 3, 2}, world, model};
                    const lop::ScatteredMultiDimensionalConvolution<R> A{
                        domain, parts::scatter(space, kernel), options};
                    check_laws(A);
                    CHECK(error(parts::gather(A * parts::scatter(A.domain(), x)), whole * x) <=
                          limit<R>);
                    CHECK(error(parts::gather(A.H() * parts::scatter(A.range(), y)),
                                whole.H() * y) <= limit<R>);
                }
        }
    const DistributedSpace<C> space{"G", {3, 4, 3}, world, Partition::balanced(3, world.size())};
    const DistributedSpace<R> time{"m", {9, 3, 2}, world, Partition::balanced(9, world.size())};
    CHECK_THROWS_WITH_AS((lop::ScatteredMultiDimensionalConvolution<R>{time, space.zeros()}),
                         doctest::Contains("whole along time"), lop::SpaceError);
    const DistributedSpace<R> few{"m", {3, 3, 2}, world};
    CHECK_THROWS_WITH_AS((lop::ScatteredMultiDimensionalConvolution<R>{few, space.zeros()}),
                         doctest::Contains("a kernel of at most 2 frequencies"),
                         lop::ArgumentError);
}
