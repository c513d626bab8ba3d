/// Chooses the row kernels that this machine runs.
#include "kernels.hpp"

#include <type_traits>

// The sets that the build compiled; kernels_generic.cpp is always there.
#if defined(__x86_64__) && !defined(LOP_WAVE_GENERIC_ONLY)
#define LOP_WAVE_X86_64
#endif

namespace lop::wave {

namespace generic {
const Kernels<float>* single_table(int dimension);
const Kernels<double>* double_table(int dimension);
}  // namespace generic

#ifdef LOP_WAVE_X86_64
namespace avx2 {
const Kernels<float>* single_table(int dimension);
const Kernels<double>* double_table(int dimension);
}  // namespace avx2
namespace avx512 {
const Kernels<float>* single_table(int dimension);
const Kernels<double>* double_table(int dimension);
}  // namespace avx512
#endif

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

template <class T>
const Kernels<T>* table(int dimension, InstructionSet set) {
    constexpr bool is_single = std::is_same_v<T, float>;
#ifdef LOP_WAVE_X86_64
    if (set == InstructionSet::avx512) {
        if constexpr (is_single) return avx512::single_table(dimension);
        else return avx512::double_table(dimension);
    }
    if (set == InstructionSet::avx2) {
        if constexpr (is_single) return avx2::single_table(dimension);
        else return avx2::double_table(dimension);
    }
#endif
    (void)set;
    if constexpr (is_single) return generic::single_table(dimension);
    else return generic::double_table(dimension);
}

}  // namespace

bool available(InstructionSet set) {
#ifdef LOP_WAVE_X86_64
    if (set == InstructionSet::avx2) return runs_avx2();
    if (set == InstructionSet::avx512) return runs_avx512();
#endif
    return set == InstructionSet::generic || set == InstructionSet::best;
}

template <class T>
const Kernels<T>& kernels(int dimension, int radius, InstructionSet set) {
    return table<T>(dimension, set == InstructionSet::best ? widest() : set)[radius - 1];
}

template const Kernels<float>& kernels<float>(int, int, InstructionSet);
template const Kernels<double>& kernels<double>(int, int, InstructionSet);

}  // namespace lop::wave
