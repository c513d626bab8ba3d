/// Batches of matrices, and multi-dimensional convolution by them in frequency.
#pragma once

#include <lop/algebra/operator.hpp>

#include <memory>
#include <string>

namespace lop {

/// y_k = G_k x_k for every slice k: a Fredholm integral of the first kind per frequency.
/// kernel: [slices x rows x columns]; domain: [slices x columns x n], range: [slices x rows x n], n
/// right-hand sides. The kernel is shared by copies. Throws ArgumentError for a kernel of another rank
/// and n < 1.
template <Scalar T> class Fredholm1 : public Operator<Fredholm1<T>, ArraySpace<T>> {
 public:
    explicit Fredholm1(Array<T> kernel, index_t columns_of_model = 1);
    std::string label() const { return "Fredholm1"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    std::shared_ptr<const Array<T>> kernel_;
};

struct MultiDimensionalConvolutionOptions {
    double time_interval = 1;      ///< s, the measure of the integral over time
    double receiver_interval = 1;  ///< m (m2 of areal arrays), that of the integral over receivers
    bool two_sided = false;  ///< the model has negative times first; zero is its middle sample
    bool prescaled = false;  ///< the kernel holds the measures and sqrt(samples) already
};

/// y(t, s, v) = F^-1 sum_r G(f, s, r) F x(t, r, v) dr dt: convolution in time and a sum over receivers
/// at once (Wapenaar et al. 2011, eq. 14), F the orthonormal real transform along time, its upper
/// frequencies cut where G has fewer than samples / 2 + 1.
/// kernel: [frequencies x sources x receivers], complex; domain: [samples x receivers x sections],
/// range: [samples x sources x sections]. Throws ArgumentError for a kernel of another rank, more
/// frequencies than the samples have, and two sides of an even number of samples.
template <Scalar R>
    requires(!is_complex<R>)
class MultiDimensionalConvolution : public Operator<MultiDimensionalConvolution<R>, ArraySpace<R>> {
 public:
    MultiDimensionalConvolution(Array<std::complex<R>> kernel, index_t samples,
                                index_t sections = 1,
                                const MultiDimensionalConvolutionOptions& options = {});
    std::string label() const { return "MultiDimensionalConvolution"; }
    void forward(const Array<R>& x, Array<R>& y) const;
    void adjoint(const Array<R>& y, Array<R>& x) const;

 private:
    struct Parts;
    std::shared_ptr<const Parts> parts_;
};

}  // namespace lop
