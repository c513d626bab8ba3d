/// Kernels on blocks of frames that are kept: to 16 bits and back.
///
/// A block of values x of largest magnitude a is kept as whole numbers k of 16 bits and one step,
///
///     step = a / 32767,   k = round(x / step),   x ~ k step,   |x - k step| <= 2^-15 a
///
/// (half a step is 2^-16 a; the rest is room for the rounding of x / step and k step). Halves of IEEE 754 would have
/// 2^-12 a in the worst case. Blocks whose values are all below 2^16 times the smallest normal number become zeros.
#pragma once

#include <lop/operators/wave/kernels.hpp>

namespace lop::wave {

/// Values of a block: few, so that what is small stays exact beside what is large; but the steps take little room.
inline constexpr index_t block_length = 64;

template <class T> struct FrameKernels {
    /// Returns the step. `count`: whole cache lines, at most a block.
    T (*encode)(const T* values, index_t count, std::int16_t* codes);
    void (*decode)(const std::int16_t* codes, T step, index_t count, T* values);
};

template <class T> const FrameKernels<T>& frame_kernels(InstructionSet set = InstructionSet::best);

}  // namespace lop::wave
