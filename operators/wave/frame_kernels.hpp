/// Kernels on blocks of frames that are kept: to 16 bits and back, to sums over time and back.
///
/// A block of values x of largest magnitude a is kept as whole numbers k of 16 bits and one step,
///
///     step = a / 32767,   k = round(x / step),   x ~ k step,   |x - k step| <= 2^-15 a
///
/// (half a step is 2^-16 a; the rest is room for the rounding of x / step and k step). Halves of IEEE 754 would have
/// 2^-12 a in the worst case. Blocks whose values are all below 2^16 times the smallest normal number become zeros.
///
/// Sums over time  S_f = sum_b w_fb x_b  and their transpose  x_b = sum_f w_fb S_f  take `batch_length` frames at a time:
/// a small matrix product that reads and writes each sum once a batch, 1 + 2 F / batch_length frames a frame.
#pragma once

#include <lop/operators/wave/kernels.hpp>

namespace lop::wave {

/// Values of a block: few, so that what is small stays exact beside what is large; but the steps take little room.
inline constexpr index_t block_length = 64;
/// Frames that are summed at a time: they fill half of the registers.
inline constexpr index_t batch_length = 16;

/// A block of `batch_length` frames, `stride` values apart, and its sums, [cache line of points x sum x point].
template <class T> struct BatchRows {
    T* frames = nullptr;
    index_t stride = 0;
    T* sums = nullptr;
    index_t sum_count = 0;
    const T* weights = nullptr;  ///< [sum x frame]
    index_t count = 0;           ///< values, whole cache lines
};

template <class T> struct FrameKernels {
    /// Returns the step. `count`: whole cache lines, at most a block.
    T (*encode)(const T* values, index_t count, std::int16_t* codes);
    void (*decode)(const std::int16_t* codes, T step, index_t count, T* values);
    /// sums += weights frames
    void (*accumulate)(const BatchRows<T>& rows);
    /// frames = weights' sums
    void (*expand)(const BatchRows<T>& rows);
};

template <class T> const FrameKernels<T>& frame_kernels(InstructionSet set = InstructionSet::best);

}  // namespace lop::wave
