/// Band-limited resampling in time and its transpose.
#include <lop/operators/resampling.hpp>

#include "operators/windowed_sinc.hpp"

#include <algorithm>
#include <cmath>

namespace lop {
namespace {

constexpr double half_width = 8;  // samples of the coarser axis on each side

/// Whether two axes share their samples, up to an offset of whole intervals.
bool same_samples(const TimeAxis& a, const TimeAxis& b) {
    if (std::abs(a.interval - b.interval) > 1e-12 * a.interval) return false;
    const double shift = (b.start - a.start) / a.interval;
    return std::abs(shift - std::round(shift)) < 1e-9;
}

}  // namespace

template <Scalar T> double ResamplingKernel<T>::reach(double from_interval, double to_interval) {
    if (std::abs(from_interval - to_interval) <= 1e-12 * from_interval) return 0;
    return half_width * std::max(from_interval, to_interval);
}

template <Scalar T>
ResamplingKernel<T>::ResamplingKernel(const TimeAxis& from, const TimeAxis& to)
    : from_samples_{from.samples}, begin_{0} {
    const bool copies = same_samples(from, to);
    const double unit = std::max(from.interval, to.interval);
    std::vector<double> window;
    for (index_t i = 0; i < to.samples; ++i) {
        const double at =
            (to.start - from.start + to.interval * static_cast<double>(i)) / from.interval;
        const double width = copies ? 0.25 : half_width * unit / from.interval;
        const auto low = static_cast<index_t>(std::ceil(at - width));
        const auto high = static_cast<index_t>(std::floor(at + width));
        window.clear();
        double total = 0;
        for (index_t j = low; j <= high; ++j) {
            const double distance = (at - static_cast<double>(j)) * from.interval / unit;
            window.push_back(copies ? 1 : sinc(distance) * kaiser(distance / half_width));
            total += window.back();
        }
        const index_t first = std::clamp<index_t>(low, 0, from.samples);
        const index_t last = std::clamp<index_t>(high + 1, first, from.samples);
        first_.push_back(first);
        for (index_t j = first; j < last; ++j)
            weights_.push_back(static_cast<T>(window[static_cast<std::size_t>(j - low)] / total));
        begin_.push_back(static_cast<index_t>(weights_.size()));
    }
}

template <Scalar T> void ResamplingKernel<T>::forward(const T* u, T* y) const {
    for (std::size_t i = 0; i < first_.size(); ++i) {
        const T* from = u + first_[i];
        T sum{};
        for (index_t w = begin_[i]; w < begin_[i + 1]; ++w)
            sum += weights_[static_cast<std::size_t>(w)] * *from++;
        y[i] = sum;
    }
}

template <Scalar T> void ResamplingKernel<T>::adjoint(const T* y, T* u) const {
    std::fill(u, u + from_samples_, T{});
    for (std::size_t i = 0; i < first_.size(); ++i) {
        T* to = u + first_[i];
        for (index_t w = begin_[i]; w < begin_[i + 1]; ++w)
            *to++ += weights_[static_cast<std::size_t>(w)] * y[i];
    }
}

template <Scalar T>
TimeResampling<T>::TimeResampling(const Geometry& geometry, const TimeAxis& from,
                                  const TimeAxis& to)
    : Operator<TimeResampling, DistributedSpace<T>>{geometry.with_time(from).template space<T>(),
                                                    geometry.with_time(to).template space<T>()},
      kernel_{std::make_shared<const ResamplingKernel<T>>(from, to)} {}

template <Scalar T>
void TimeResampling<T>::forward(const DistributedArray<T>& x, DistributedArray<T>& y) const {
    const index_t traces = x.local().shape()[0];
#pragma omp parallel for schedule(static)
    for (index_t i = 0; i < traces; ++i)
        kernel_->forward(x.data() + i * kernel_->from_samples(),
                         y.data() + i * kernel_->to_samples());
}

template <Scalar T>
void TimeResampling<T>::adjoint(const DistributedArray<T>& y, DistributedArray<T>& x) const {
    const index_t traces = x.local().shape()[0];
#pragma omp parallel for schedule(static)
    for (index_t i = 0; i < traces; ++i)
        kernel_->adjoint(y.data() + i * kernel_->to_samples(),
                         x.data() + i * kernel_->from_samples());
}

template class ResamplingKernel<float>;
template class ResamplingKernel<double>;
template class TimeResampling<float>;
template class TimeResampling<double>;

}  // namespace lop
