/// Fourier transforms along scattered axes, and products with kernels that are scattered over
/// frequencies.
#pragma once

#include <lop/algebra/any_operator.hpp>
#include <lop/distributed/communication.hpp>
#include <lop/distributed/local.hpp>
#include <lop/operators/fourier.hpp>
#include <lop/operators/fredholm.hpp>

namespace lop {

template <Scalar T> using AnyDistributedOperator = AnyOperator<DistributedSpace<T>>;

/// FourierTransform over ranks: along whole axes on every part, along a scattered one after it was
/// made whole, its cuts moved to the longest axis that is whole, and back. The range is shared out as
/// the domain is, its axes cut in as many parts. An array of a single axis is gathered for it.
/// Options, scaling and errors: those of FourierTransform.
template <Scalar T>
    requires is_complex<T>
AnyDistributedOperator<T> fourier_transform(const DistributedSpace<T>& space,
                                            const FourierOptions& options = {});

/// RealFourierTransform over ranks, in the same way; linear over the reals.
template <Scalar R>
    requires(!is_complex<R>)
AnyOperator<DistributedSpace<R>, DistributedSpace<std::complex<R>>> real_fourier_transform(
    const DistributedSpace<R>& space, const RealFourierOptions& options = {});

/// Fredholm1 over ranks: the kernel [slices x rows x columns], model and data are scattered over the
/// slices, and nothing is sent. Throws SpaceError for a kernel that is cut along another axis.
template <Scalar T>
Local<Fredholm1<T>> fredholm1(const DistributedArray<T>& kernel, index_t columns_of_model = 1);

/// MultiDimensionalConvolution over ranks. The kernel [frequencies x sources x receivers] is scattered
/// over frequencies. Spectra of the model are sent to the ranks that hold their frequencies, those of
/// the data back; frequencies above the kernel's are not sent.
/// domain: [samples x receivers x sections], whole along time: replicated, or scattered over
/// receivers or sections; range: [samples x sources x sections], in the same way.
template <Scalar R>
    requires(!is_complex<R>)
class ScatteredMultiDimensionalConvolution
    : public Operator<ScatteredMultiDimensionalConvolution<R>, DistributedSpace<R>> {
 public:
    using C = std::complex<R>;
    /// Collective. Throws SpaceError for a kernel that is cut along another axis than the first, and a
    /// model that is cut along time; ArgumentError as MultiDimensionalConvolution.
    ScatteredMultiDimensionalConvolution(const DistributedSpace<R>& model,
                                         const DistributedArray<C>& kernel,
                                         const MultiDimensionalConvolutionOptions& options = {});
    std::string label() const { return "MultiDimensionalConvolution"; }
    void forward(const DistributedArray<R>& x, DistributedArray<R>& y) const;
    void adjoint(const DistributedArray<R>& y, DistributedArray<R>& x) const;

 private:
    struct Parts;
    ScatteredMultiDimensionalConvolution(std::shared_ptr<const Parts> parts);
    std::shared_ptr<const Parts> parts_;
};

}  // namespace lop
