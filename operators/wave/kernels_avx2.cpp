/// The row kernels for x86-64-v3 (AVX2 and FMA).
#define LOP_WAVE_INSTRUCTION_SET avx2
#include "kernels_body.hpp"
