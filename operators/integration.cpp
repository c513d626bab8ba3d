/// Running sums along the lines of an array.
#include <lop/operators/integration.hpp>

#include "operators/lines.hpp"
#include <lop/core/error.hpp>

#include <array>
#include <cmath>

namespace lop {
namespace {

/// y_i = h ( sum_{j<i} before_j x_j + own x_i ), before_j = 1 but for the first value. `width` sums
/// run side by side: 256 in a bundle of lines, or one where the axis is the last.
struct Kernel {
    Kernel(const Lines& all, const CausalIntegrationOptions& options)
        : lines{all},
          skipped{options.remove_first ? 1 : 0},
          h{options.spacing},
          first{options.kind == Integral::trapezoidal ? 0.5 : 1},
          own{options.kind == Integral::full ? 1 : 0.5} {}

    template <std::size_t width, Scalar T> void forward(const T* x, T* y) const {
        using Sum = Accumulator<T>;
        over_lines(lines, [&, *this](index_t o, index_t begin, index_t size) {
            const index_t count = width == 1 ? 1 : size;
            std::array<Sum, width> sums{};
            Sum* sum = sums.data();
            const T* from = x + o * lines.n * lines.inner + begin;
            T* to = y + o * (lines.n - skipped) * lines.inner + begin;
            for (index_t k = 0; k < lines.n; ++k) {
                const double before = k == 0 ? first : 1;
                const T* values = from + k * lines.inner;
                if (k >= skipped) {
                    T* integrals = to + (k - skipped) * lines.inner;
#pragma omp simd
                    for (index_t i = 0; i < count; ++i)
                        integrals[i] =
                            static_cast<T>(h * (sum[i] + own * static_cast<Sum>(values[i])));
                }
#pragma omp simd
                for (index_t i = 0; i < count; ++i) sum[i] += before * static_cast<Sum>(values[i]);
            }
        });
    }

    template <std::size_t width, Scalar T> void adjoint(const T* y, T* x) const {
        using Sum = Accumulator<T>;
        over_lines(lines, [&, *this](index_t o, index_t begin, index_t size) {
            const index_t count = width == 1 ? 1 : size;
            std::array<Sum, width> sums{};
            Sum* sum = sums.data();
            const T* from = y + o * (lines.n - skipped) * lines.inner + begin;
            T* to = x + o * lines.n * lines.inner + begin;
            for (index_t k = lines.n - 1; k >= skipped; --k) {
                const double before = k == 0 ? first : 1;
                const T* integrals = from + (k - skipped) * lines.inner;
                T* values = to + k * lines.inner;
#pragma omp simd
                for (index_t i = 0; i < count; ++i) {
                    const Sum here = static_cast<Sum>(integrals[i]);
                    values[i] = static_cast<T>(h * (before * sum[i] + own * here));
                    sum[i] += here;
                }
            }
            // The first value has no integral of its own where that is left out.
            if (skipped > 0)
                for (index_t i = 0; i < count; ++i) to[i] = static_cast<T>(h * (first * sum[i]));
        });
    }

    Lines lines;
    index_t skipped;  // 1 where the first integral is left out
    double h;
    double first;  // before_0
    double own;
};

CausalIntegrationOptions checked(const Shape& shape, CausalIntegrationOptions options) {
    options.axis = checked_axis("CausalIntegration", shape, options.axis);
    const std::string asked =
        "CausalIntegration along axis " + std::to_string(options.axis) + " of " + shape.str();
    if (!(options.spacing > 0) || !std::isfinite(options.spacing))
        throw ArgumentError{
            asked, {.expected = "a positive spacing", .found = number_words(options.spacing)}};
    if (options.remove_first && shape[options.axis] == 0)
        throw ArgumentError{
            asked, {.expected = "at least one value along the axis, to remove", .found = "none"}};
    return options;
}

Shape integrated(const Shape& shape, const CausalIntegrationOptions& given) {
    const auto options = checked(shape, given);
    return shape.with(options.axis, shape[options.axis] - (options.remove_first ? 1 : 0));
}

}  // namespace

template <Scalar T>
CausalIntegration<T>::CausalIntegration(ArraySpace<T> domain,
                                        const CausalIntegrationOptions& options)
    : Operator<CausalIntegration, ArraySpace<T>>{domain, ArraySpace<T>{domain.name(),
                                                                       integrated(domain.shape(),
                                                                                  options)}},
      options_{checked(domain.shape(), options)} {}

template <Scalar T> void CausalIntegration<T>::forward(const Array<T>& x, Array<T>& y) const {
    const Lines lines = lines_of(x.shape(), options_.axis);
    const Kernel kernel{lines, options_};
    if (lines.inner == 1) kernel.forward<1>(x.data(), y.data());
    else kernel.forward<256>(x.data(), y.data());
}

template <Scalar T> void CausalIntegration<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    const Lines lines = lines_of(x.shape(), options_.axis);
    const Kernel kernel{lines, options_};
    if (lines.inner == 1) kernel.adjoint<1>(y.data(), x.data());
    else kernel.adjoint<256>(y.data(), x.data());
}

template class CausalIntegration<float>;
template class CausalIntegration<double>;
template class CausalIntegration<std::complex<float>>;
template class CausalIntegration<std::complex<double>>;

}  // namespace lop
