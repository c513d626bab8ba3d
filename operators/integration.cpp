/// Running sums along the lines of an array.
#include <lop/operators/integration.hpp>

#include "operators/lines.hpp"
#include <lop/core/error.hpp>

#include <array>
#include <cmath>

namespace lop {
namespace {

/// y_i = h ( sum_{j<i} before_j x_j + own x_i ), before_j = 1 but for the first value.
struct Weights {
    double first;  // before_0
    double own;
};

Weights weights_of(Integral kind) {
    return {kind == Integral::trapezoidal ? 0.5 : 1, kind == Integral::full ? 1 : 0.5};
}

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
    using Sum = Accumulator<T>;
    const Lines lines = lines_of(x.shape(), options_.axis);
    const index_t n = lines.n;
    const index_t inner = lines.inner;
    const index_t skipped = options_.remove_first ? 1 : 0;
    const double h = options_.spacing;
    const auto [first_weight, own] = weights_of(options_.kind);
    over_lines(lines, [&, n, inner, first_weight = first_weight, own = own](
                          index_t o, index_t first, index_t count) {
        std::array<Sum, 256> sum{};
        const T* from = x.data() + o * n * inner + first;
        T* to = y.data() + o * (n - skipped) * inner + first;
        for (index_t k = 0; k < n; ++k) {
            const double before = k == 0 ? first_weight : 1;
            if (k >= skipped)
                for (index_t i = 0; i < count; ++i)
                    to[(k - skipped) * inner + i] =
                        static_cast<T>(h * (sum[static_cast<std::size_t>(i)] +
                                            own * static_cast<Sum>(from[k * inner + i])));
            for (index_t i = 0; i < count; ++i)
                sum[static_cast<std::size_t>(i)] += before * static_cast<Sum>(from[k * inner + i]);
        }
    });
}

template <Scalar T> void CausalIntegration<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    using Sum = Accumulator<T>;
    const Lines lines = lines_of(x.shape(), options_.axis);
    const index_t n = lines.n;
    const index_t inner = lines.inner;
    const index_t skipped = options_.remove_first ? 1 : 0;
    const double h = options_.spacing;
    const auto [first_weight, own] = weights_of(options_.kind);
    over_lines(lines, [&, n, inner, first_weight = first_weight, own = own](
                          index_t o, index_t first, index_t count) {
        std::array<Sum, 256> sum{};
        const T* from = y.data() + o * (n - skipped) * inner + first;
        T* to = x.data() + o * n * inner + first;
        for (index_t k = n; k-- > 0;) {
            const double before = k == 0 ? first_weight : 1;
            for (index_t i = 0; i < count; ++i) {
                Sum& later = sum[static_cast<std::size_t>(i)];
                const Sum here =
                    k >= skipped ? static_cast<Sum>(from[(k - skipped) * inner + i]) : Sum{};
                to[k * inner + i] = static_cast<T>(h * (before * later + own * here));
                later += here;
            }
        }
    });
}

template class CausalIntegration<float>;
template class CausalIntegration<double>;
template class CausalIntegration<std::complex<float>>;
template class CausalIntegration<std::complex<double>>;

}  // namespace lop
