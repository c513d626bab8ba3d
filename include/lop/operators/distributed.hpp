/// The operators of local arrays over the ranks of distributed ones: along axes that are whole they
/// are local, along scattered ones they look beyond the ends of the parts. Same maps, same options,
/// same bits; negative axes count from the last.
#pragma once

#include <lop/distributed/stencil.hpp>
#include <lop/operators/convolution.hpp>
#include <lop/operators/derivative.hpp>

namespace lop {

/// FirstDerivative over ranks. Every rank sends the values that its neighbours' differences read:
/// one (two, for 5 points) on either side for a centred difference, one side only for others.
template <Scalar T> Stencil<FirstDerivative<T>> first_derivative(
    const DistributedSpace<T>& space, const FirstDerivativeOptions& options = {});

/// SecondDerivative over ranks.
template <Scalar T> Stencil<SecondDerivative<T>> second_derivative(
    const DistributedSpace<T>& space, const SecondDerivativeOptions& options = {});

/// Laplacian over ranks; faces alone are exchanged.
template <Scalar T>
Stencil<Laplacian<T>> laplacian(const DistributedSpace<T>& space,
                                const LaplacianOptions& options = {});

/// Gradient over ranks: the range has an axis in front, which is whole.
template <Scalar T>
Stencil<Gradient<T>> gradient(const DistributedSpace<T>& space,
                              const GradientOptions& options = {});

/// FirstDirectionalDerivative over ranks, one direction everywhere. The second one is -(D.H() * D).
template <Scalar T> Stencil<FirstDirectionalDerivative<T>> first_directional_derivative(
    const DistributedSpace<T>& space, const std::vector<double>& direction,
    const GradientOptions& options = {});

/// Convolution1D over ranks. Along a scattered axis it is computed by its sum; with
/// ConvolutionMethod::fourier by transforms of the parts, whose last bits depend on the parts.
template <Scalar T>
Stencil<Convolution1D<T>> convolution_1d(const DistributedSpace<T>& space, std::vector<T> filter,
                                         const Convolution1DOptions& options = {});

/// ConvolutionND over ranks, in the same way; corners are exchanged where it reaches along several
/// scattered axes.
template <Scalar T>
Stencil<ConvolutionND<T>> convolution_nd(const DistributedSpace<T>& space, const Array<T>& filter,
                                         const ConvolutionNDOptions& options = {});

/// NonStationaryConvolution1D over ranks: every rank has the filters of its part alone.
template <Scalar T> Stencil<NonStationaryConvolution1D<T>> non_stationary_convolution_1d(
    const DistributedSpace<T>& space, const Array<T>& filters,
    const std::vector<index_t>& positions, int axis = -1);

}  // namespace lop
