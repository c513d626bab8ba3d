/// Row kernels of the stages of a wave equation: plain data in, compiled from the shape of a stage for every
/// instruction set that a machine may have.
///
/// A row runs along z, the fastest axis. Every row of a field or a frame starts on a cache line and its length
/// is rounded up to whole cache lines, so that the kernels have no remainder loops: a value does not depend on
/// how the work was cut. Fields carry at least `radius` zeros around them in every direction (mirror images
/// above a free surface, where its fields have them); frames hold the grid alone.
///
/// The body of the kernels (stage_kernel.inc) is read once per instruction set, each time into a namespace of
/// its own, by way of the compiler's target pragma: a program built for any machine carries the fast kernels.
#pragma once

#include <lop/operators/wave/instruction_set.hpp>
#include <lop/operators/wave/stage_shape.hpp>

#include <cstdint>

namespace lop::wave {

using index_t = std::int64_t;

inline constexpr int max_kernel_radius = 8;
inline constexpr index_t edge_margin = 16;

/// Weights of differences along one axis, divided by the spacing; entry 0 of `second` is the centre's.
/// centred, forward and backward: sum over j = 1 .. R of  w[j] (u(i + j) - u(i - j)),
/// w[j] (u(i + j) - u(i + 1 - j)),  w[j] (u(i + j - 1) - u(i - j)).
template <class T> struct AxisWeights {
    T second[max_kernel_radius + 1];
    T centred[max_kernel_radius + 1];
    T staggered[max_kernel_radius + 1];
};

template <class T> struct DifferenceWeights {
    T centre;  ///< of the Laplacian
    int radius;
    AxisWeights<T> axis[3];
};

/// Some rows to be advanced: consecutive y of one plane x or of two (3-D), consecutive x (2-D). Lists are by
/// the slots, updates, coefficients, groups and derivatives of the stage's shape.
template <class T> struct StageRows {
    const T* const* fields = nullptr;  ///< current level, at the first point
    T* const* targets = nullptr;  ///< where the update goes: the field itself or its older level
    const T* const* coefficients = nullptr;  ///< frames
    const T* numbers = nullptr;              ///< coefficients that are one number
    T* const* kept =
        nullptr;  ///< frames that receive the rates of groups, null among them; or null
    const T* const* extra =
        nullptr;  ///< rows that absorbing layers add to derivatives, null among them; or null
    index_t extra_until = 0;  ///< before this point of a row,
    index_t extra_from = 0;   ///< and from this one on; both on cache lines
    index_t length = 0;       ///< points of a row
    index_t rows = 0;
    index_t planes = 1;
    index_t field_pitch = 0;  ///< from row to row
    index_t frame_pitch = 0;
    index_t extra_pitch = 0;
    index_t extra_stride = 0;  ///< from plane to plane
    index_t plane_stride = 0;  ///< from f(x) to f(x + 1)
    index_t row_stride = 0;    ///< from f(y) to f(y + 1), 3-D only
    index_t frame_stride = 0;  ///< from plane to plane in the frames
    index_t ahead_far =
        0;  ///< distances to what later rows will read and no cache holds yet: of fields read
    index_t ahead_near = 0;  ///< across planes, of other fields, and of frames
    index_t ahead_frame = 0;
    const DifferenceWeights<T>* weights = nullptr;
};

template <class T> using StageFunction = void (*)(const StageRows<T>&);

}  // namespace lop::wave

// ---- the bodies --------------------------------------------------------------------------------

// clang-format off
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(LOP_WAVE_GENERIC_ONLY)
#define LOP_WAVE_X86_64
#define LOP_WAVE_BEGIN_AVX2 _Pragma("GCC push_options") _Pragma("GCC target(\"avx2,fma,bmi2,f16c\")")
#define LOP_WAVE_BEGIN_AVX512 \
    _Pragma("GCC push_options") \
    _Pragma("GCC target(\"avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx2,fma,bmi2,f16c,prefer-vector-width=512\")")
#define LOP_WAVE_END _Pragma("GCC pop_options")
#include <immintrin.h>
#endif

#define LOP_WAVE_SET generic
#define LOP_WAVE_VECTOR_BYTES 16
#include <lop/operators/wave/stage_kernel.inc>
#undef LOP_WAVE_VECTOR_BYTES
#undef LOP_WAVE_SET

#ifdef LOP_WAVE_X86_64
LOP_WAVE_BEGIN_AVX2
#define LOP_WAVE_SET avx2
#define LOP_WAVE_VECTOR_BYTES 32
#include <lop/operators/wave/stage_kernel.inc>
#undef LOP_WAVE_VECTOR_BYTES
#undef LOP_WAVE_SET
LOP_WAVE_END

LOP_WAVE_BEGIN_AVX512
#define LOP_WAVE_SET avx512
#define LOP_WAVE_VECTOR_BYTES 64
#include <lop/operators/wave/stage_kernel.inc>
#undef LOP_WAVE_VECTOR_BYTES
#undef LOP_WAVE_SET
LOP_WAVE_END
#endif
// clang-format on

namespace lop::wave {

/// The kernel of the stage of shape S::shape for differences of order 2 * radius (1 to 8). The widest registers
/// serve single precision alone: in double, memory is the limit before.
template <class S, class T> StageFunction<T> stage_kernel(int radius, InstructionSet set) {
#ifdef LOP_WAVE_X86_64
    if constexpr (sizeof(T) == 4)
        if (resolved(set) == InstructionSet::avx512) return avx512::kernel_table<S, T>[radius - 1];
    if (resolved(set) != InstructionSet::generic) return avx2::kernel_table<S, T>[radius - 1];
#endif
    (void)radius;
    (void)set;
    return generic::stage<S, 0, T>;
}

}  // namespace lop::wave
