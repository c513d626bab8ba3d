/// What multi-dimensional convolutions on one rank and over ranks have in common.
#pragma once

#include <lop/core/grid.hpp>
#include <lop/operators/fredholm.hpp>

#include <cmath>

namespace lop {

/// Throws ArgumentError for kernels and samples that do not fit.
void check_mdc(const Shape& kernel, index_t samples, index_t sections, bool two_sided);

/// The measures of both integrals, and that of the transform.
template <class R>
R mdc_scale(index_t samples, const MultiDimensionalConvolutionOptions& options) {
    return static_cast<R>(options.time_interval * options.receiver_interval *
                          std::sqrt(static_cast<double>(samples)));
}

}  // namespace lop
