/// The table of row kernels, compiled once per instruction set (kernels_<set>.cpp).
///
/// Everything has internal linkage except the two table functions, which live in a namespace of
/// the set's own; nothing of the standard library is used. See kernels.hpp for the reason.
#pragma once

#include "kernels_interior.hpp"
#include "kernels_slabs.hpp"

#ifndef LOP_WAVE_INSTRUCTION_SET
#error "define LOP_WAVE_INSTRUCTION_SET before including kernels_body.hpp"
#endif

namespace lop::wave {
namespace {

/// Zero times a finite value is zero, times another is NaN, and NaN stays in a sum.
template <class T>
bool finite(const T* row, index_t length) {
    Vector<T> sum{};
    for (index_t z = 0; z < length; z += lanes<T>) sum += T(0) * at(row + z);
    T total = 0;
    for (index_t lane = 0; lane < lanes<T>; ++lane) total += sum[lane];
    return total == 0;
}

template <class T, int R, int Dim>
constexpr Kernels<T> entries{{step<T, R, Dim, StepMode::plain>, step<T, R, Dim, StepMode::keep>,
                              step<T, R, Dim, StepMode::born>, step<T, R, Dim, StepMode::image>},
                             forward_psi<T, R>,
                             forward_correct<T, R>,
                             adjoint_zeta<T, R>,
                             adjoint_psi<T, R>,
                             adjoint_correct<T, R>,
                             forward_edge<T, R>,
                             adjoint_edge<T, R>,
                             finite<T>};

template <class T, int Dim>
constexpr Kernels<T> by_radius[max_kernel_radius] = {
    entries<T, 1, Dim>, entries<T, 2, Dim>, entries<T, 3, Dim>, entries<T, 4, Dim>,
    entries<T, 5, Dim>, entries<T, 6, Dim>, entries<T, 7, Dim>, entries<T, 8, Dim>};

}  // namespace

namespace LOP_WAVE_INSTRUCTION_SET {

const Kernels<float>* single_table(int dimension) {
    return dimension == 2 ? by_radius<float, 2> : by_radius<float, 3>;
}

const Kernels<double>* double_table(int dimension) {
    return dimension == 2 ? by_radius<double, 2> : by_radius<double, 3>;
}

}  // namespace LOP_WAVE_INSTRUCTION_SET
}  // namespace lop::wave
