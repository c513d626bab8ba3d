/// Compiles the kernels on blocks of frames for every instruction set, and chooses.
#include "frame_kernels.hpp"

#include <limits>

#define LOP_WAVE_SET generic
#define LOP_WAVE_VECTOR_BYTES 16
#include "frame_kernels.inc"
#undef LOP_WAVE_VECTOR_BYTES
#undef LOP_WAVE_SET

#ifdef LOP_WAVE_X86_64
LOP_WAVE_BEGIN_AVX2
#define LOP_WAVE_SET avx2
#define LOP_WAVE_VECTOR_BYTES 32
#include "frame_kernels.inc"
#undef LOP_WAVE_VECTOR_BYTES
#undef LOP_WAVE_SET
LOP_WAVE_END

LOP_WAVE_BEGIN_AVX512
#define LOP_WAVE_SET avx512
#define LOP_WAVE_VECTOR_BYTES 64
#include "frame_kernels.inc"
#undef LOP_WAVE_VECTOR_BYTES
#undef LOP_WAVE_SET
LOP_WAVE_END
#endif

namespace lop::wave {

template <class T> const FrameKernels<T>& frame_kernels(InstructionSet set) {
#ifdef LOP_WAVE_X86_64
    if constexpr (sizeof(T) == 4)
        if (resolved(set) == InstructionSet::avx512) return avx512::frame_entries<T>;
    if (resolved(set) != InstructionSet::generic) return avx2::frame_entries<T>;
#endif
    (void)set;
    return generic::frame_entries<T>;
}

template const FrameKernels<float>& frame_kernels<float>(InstructionSet);
template const FrameKernels<double>& frame_kernels<double>(InstructionSet);

}  // namespace lop::wave
