/// Compiles the row kernels of layers for every instruction set, and chooses those that this machine runs.
#include "row_kernels.hpp"

#define LOP_WAVE_SET generic
#define LOP_WAVE_VECTOR_BYTES 16
#include "row_kernels.inc"
#undef LOP_WAVE_VECTOR_BYTES
#undef LOP_WAVE_SET

#ifdef LOP_WAVE_X86_64
LOP_WAVE_BEGIN_AVX2
#define LOP_WAVE_SET avx2
#define LOP_WAVE_VECTOR_BYTES 32
#include "row_kernels.inc"
#undef LOP_WAVE_VECTOR_BYTES
#undef LOP_WAVE_SET
LOP_WAVE_END

LOP_WAVE_BEGIN_AVX512
#define LOP_WAVE_SET avx512
#define LOP_WAVE_VECTOR_BYTES 64
#include "row_kernels.inc"
#undef LOP_WAVE_VECTOR_BYTES
#undef LOP_WAVE_SET
LOP_WAVE_END
#endif

namespace lop::wave {
namespace {

#ifdef LOP_WAVE_X86_64
bool runs_avx2() {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           __builtin_cpu_supports("bmi2");
}

bool runs_avx512() {
    return runs_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
}
#endif

InstructionSet widest() {
    static const InstructionSet set = available(InstructionSet::avx512) ? InstructionSet::avx512
                                      : available(InstructionSet::avx2) ? InstructionSet::avx2
                                                                        : InstructionSet::generic;
    return set;
}

}  // namespace

bool available(InstructionSet set) {
#ifdef LOP_WAVE_X86_64
    if (set == InstructionSet::avx2) return runs_avx2();
    if (set == InstructionSet::avx512) return runs_avx512();
#endif
    return set == InstructionSet::generic || set == InstructionSet::best;
}

InstructionSet resolved(InstructionSet set) { return set == InstructionSet::best ? widest() : set; }

template <class T> const RowKernels<T>& row_kernels(int radius, InstructionSet set) {
#ifdef LOP_WAVE_X86_64
    if constexpr (sizeof(T) == 4)
        if (resolved(set) == InstructionSet::avx512) return avx512::row_table<T>[radius - 1];
    if (resolved(set) != InstructionSet::generic) return avx2::row_table<T>[radius - 1];
#endif
    return generic::row_table<T>[radius - 1];
}

template const RowKernels<float>& row_kernels<float>(int, InstructionSet);
template const RowKernels<double>& row_kernels<double>(int, InstructionSet);

}  // namespace lop::wave
