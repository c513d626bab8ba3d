/// Time resampling between the axis of the data and the steps of a propagation.
#pragma once

#include <lop/algebra/operator.hpp>
#include <lop/seismic/geometry.hpp>

#include <memory>
#include <string>
#include <vector>

namespace lop {

/// The weights of band-limited resampling from one regular axis to another.
///
///     y(t_i) = sum_j w_ij u(t_j),  w_ij = (dt_u / T) sinc((t_i - t_j) / T) kaiser((t_i - t_j) / (H T)),
///
/// T = max(dt_u, dt_y), H = 8 samples, scaled so that a constant is kept (Kaiser window, beta 8).
/// Towards the coarser axis it is an anti-alias filter that passes up to about 0.7 of the coarse
/// Nyquist frequency; its transpose interpolates. Axes with common samples and equal intervals
/// are copied exactly. Samples beyond the ends of `from` are zero.
template <Scalar T> class ResamplingKernel {
 public:
    ResamplingKernel(const TimeAxis& from, const TimeAxis& to);
    /// y[to] = W u[from] of one trace.
    void forward(const T* u, T* y) const;
    /// u[from] = W' y[to] of one trace.
    void adjoint(const T* y, T* u) const;
    index_t from_samples() const { return from_samples_; }
    index_t to_samples() const { return static_cast<index_t>(first_.size()); }

    /// How far, in s, a sample of `to` looks ahead on an axis with the interval `from`.
    static double reach(double from_interval, double to_interval);

 private:
    index_t from_samples_;
    std::vector<index_t> first_;  // of the samples that contribute to each output
    std::vector<index_t> begin_;  // of its weights; one more than outputs
    std::vector<T> weights_;
};

/// Resamples every trace of a geometry (ResamplingKernel): traces on `from` to traces on `to`.
/// domain: traces[n x from.samples]; range: traces[n x to.samples], shared alike.
template <Scalar T = float>
class TimeResampling : public Operator<TimeResampling<T>, DistributedSpace<T>> {
 public:
    TimeResampling(const Geometry& geometry, const TimeAxis& from, const TimeAxis& to);
    std::string label() const { return "TimeResampling"; }
    void forward(const DistributedArray<T>& x, DistributedArray<T>& y) const;
    void adjoint(const DistributedArray<T>& y, DistributedArray<T>& x) const;

 private:
    std::shared_ptr<const ResamplingKernel<T>> kernel_;
};

}  // namespace lop
