/// How far the stencils reach, and the local operators that work on boxes of the whole array.
#include <lop/operators/distributed.hpp>

#include "operators/lines.hpp"
#include <lop/core/error.hpp>

#include <numeric>

namespace lop {
namespace {

Reach reach_of(int axis, Difference kind, index_t width, index_t ends) {
    if (kind == Difference::forward) return {axis, 0, width, ends};
    if (kind == Difference::backward) return {axis, width, 0, ends};
    return {axis, width, width, ends};
}

Reach first_reach(int axis, Difference kind, int points) {
    return kind == Difference::centered && points == 5 ? Reach{axis, 2, 2, 2}
                                                       : reach_of(axis, kind, 1, 1);
}

Reach second_reach(int axis, Difference kind, bool edge) {
    // At its ends the centred difference is one-sided where it is not zero.
    if (kind == Difference::centered) return reach_of(axis, kind, edge ? 2 : 1, 1);
    return reach_of(axis, kind, 2, 2);
}

std::vector<Reach> gradient_reach(const Shape& shape, const GradientOptions& options) {
    std::vector<Reach> reach;
    for (int axis = 0; axis < shape.rank(); ++axis)
        reach.push_back(first_reach(axis, options.kind, options.points));
    return reach;
}

template <Scalar T> ArraySpace<T> part_of(const DistributedSpace<T>& space, const IndexBox& box) {
    return {Label{space.name()}, box.shape()};
}

/// Sums whose bits do not depend on the parts, where nothing else was asked for.
ConvolutionMethod method_along(bool scattered, ConvolutionMethod asked) {
    return scattered && asked == ConvolutionMethod::automatic ? ConvolutionMethod::direct : asked;
}

/// y(i) = sum_k h(k) x(i - k + offset).
Reach convolution_reach(int axis, index_t taps, index_t offset) {
    return {axis, std::max<index_t>(0, taps - 1 - offset), std::max<index_t>(0, offset), 0};
}

template <Scalar T> bool is_scattered(const DistributedSpace<T>& space, int axis) {
    return space.partition().cuts(axis) != nullptr;
}

}  // namespace

template <Scalar T>
Stencil<FirstDerivative<T>> first_derivative(const DistributedSpace<T>& space,
                                             const FirstDerivativeOptions& options) {
    const int axis = checked_axis("FirstDerivative", space.shape(), options.axis);
    return {space,
            {first_reach(axis, options.kind, options.points)},
            Corners::without,
            [&](const IndexBox& box) { return FirstDerivative<T>{part_of(space, box), options}; }};
}

template <Scalar T>
Stencil<SecondDerivative<T>> second_derivative(const DistributedSpace<T>& space,
                                               const SecondDerivativeOptions& options) {
    const int axis = checked_axis("SecondDerivative", space.shape(), options.axis);
    return {space,
            {second_reach(axis, options.kind, options.edge)},
            Corners::without,
            [&](const IndexBox& box) { return SecondDerivative<T>{part_of(space, box), options}; }};
}

template <Scalar T> Stencil<Laplacian<T>> laplacian(const DistributedSpace<T>& space,
                                                    const LaplacianOptions& options) {
    std::vector<int> axes = options.axes;
    if (axes.empty()) {
        axes.resize(static_cast<std::size_t>(space.shape().rank()));
        std::iota(axes.begin(), axes.end(), 0);
    }
    std::vector<Reach> reach;
    for (const int axis : axes)
        reach.push_back(second_reach(checked_axis("Laplacian", space.shape(), axis), options.kind,
                                     options.edge));
    return {space, reach, Corners::without,
            [&](const IndexBox& box) { return Laplacian<T>{part_of(space, box), options}; }};
}

template <Scalar T> Stencil<Gradient<T>> gradient(const DistributedSpace<T>& space,
                                                  const GradientOptions& options) {
    return {space, gradient_reach(space.shape(), options), Corners::without,
            [&](const IndexBox& box) { return Gradient<T>{part_of(space, box), options}; }};
}

template <Scalar T> Stencil<FirstDirectionalDerivative<T>> first_directional_derivative(
    const DistributedSpace<T>& space, const std::vector<double>& direction,
    const GradientOptions& options) {
    return {space, gradient_reach(space.shape(), options), Corners::without,
            [&](const IndexBox& box) {
                return FirstDirectionalDerivative<T>{part_of(space, box), direction, options};
            }};
}

template <Scalar T>
Stencil<Convolution1D<T>> convolution_1d(const DistributedSpace<T>& space, std::vector<T> filter,
                                         const Convolution1DOptions& options) {
    const int axis = checked_axis("Convolution1D", space.shape(), options.axis);
    Convolution1DOptions local = options;
    local.method = method_along(is_scattered(space, axis), options.method);
    return {space,
            {convolution_reach(axis, static_cast<index_t>(filter.size()), options.offset)},
            Corners::without,
            [&](const IndexBox& box) { return Convolution1D<T>{box.shape(), filter, local}; }};
}

template <Scalar T>
Stencil<ConvolutionND<T>> convolution_nd(const DistributedSpace<T>& space, const Array<T>& filter,
                                         const ConvolutionNDOptions& options) {
    const int filter_axes = filter.shape().rank();
    if (options.axes.empty() && filter_axes > space.shape().rank())
        throw ArgumentError{
            "ConvolutionND of " + space.shape().str() + " with a filter of " + filter.shape().str(),
            {.expected = "an axis of the array for each of the filter"}};
    std::vector<Reach> reach;
    bool scattered = false;
    for (int k = 0; k < filter_axes; ++k) {
        const auto at = static_cast<std::size_t>(k);
        const int asked = at < options.axes.size() ? options.axes[at] : k - filter_axes;
        const int axis = checked_axis("ConvolutionND", space.shape(), asked);
        const index_t taps = filter.shape()[k];
        reach.push_back(convolution_reach(
            axis, taps, at < options.offset.size() ? options.offset[at] : taps / 2));
        scattered = scattered || is_scattered(space, axis);
    }
    ConvolutionNDOptions local = options;
    local.method = method_along(scattered, options.method);
    return {space, reach, Corners::with,
            [&](const IndexBox& box) { return ConvolutionND<T>{box.shape(), filter, local}; }};
}

template <Scalar T> Stencil<NonStationaryConvolution1D<T>> non_stationary_convolution_1d(
    const DistributedSpace<T>& space, const Array<T>& filters,
    const std::vector<index_t>& positions, int axis_asked) {
    const int axis = checked_axis("NonStationaryConvolution1D", space.shape(), axis_asked);
    const index_t reach = filters.shape().rank() == 2 ? filters.shape()[1] / 2 : 0;
    return {space, {{axis, reach, reach, 0}}, Corners::without, [&](const IndexBox& box) {
                return NonStationaryConvolution1D<T>{
                    box.shape(), filters, positions, axis, {box.first(axis), space.shape()[axis]}};
            }};
}

#define LOP_INSTANTIATE(T)                                                                         \
    template Stencil<FirstDerivative<T>> first_derivative(const DistributedSpace<T>&,              \
                                                          const FirstDerivativeOptions&);          \
    template Stencil<SecondDerivative<T>> second_derivative(const DistributedSpace<T>&,            \
                                                            const SecondDerivativeOptions&);       \
    template Stencil<Laplacian<T>> laplacian(const DistributedSpace<T>&, const LaplacianOptions&); \
    template Stencil<Gradient<T>> gradient(const DistributedSpace<T>&, const GradientOptions&);    \
    template Stencil<FirstDirectionalDerivative<T>> first_directional_derivative(                  \
        const DistributedSpace<T>&, const std::vector<double>&, const GradientOptions&);           \
    template Stencil<Convolution1D<T>> convolution_1d(const DistributedSpace<T>&, std::vector<T>,  \
                                                      const Convolution1DOptions&);                \
    template Stencil<ConvolutionND<T>> convolution_nd(const DistributedSpace<T>&, const Array<T>&, \
                                                      const ConvolutionNDOptions&);                \
    template Stencil<NonStationaryConvolution1D<T>> non_stationary_convolution_1d(                 \
        const DistributedSpace<T>&, const Array<T>&, const std::vector<index_t>&, int)
LOP_INSTANTIATE(float);
LOP_INSTANTIATE(double);
LOP_INSTANTIATE(std::complex<float>);
LOP_INSTANTIATE(std::complex<double>);
#undef LOP_INSTANTIATE

}  // namespace lop
