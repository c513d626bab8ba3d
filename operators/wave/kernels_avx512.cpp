/// The row kernels for x86-64-v4 (AVX-512).
#define LOP_WAVE_INSTRUCTION_SET avx512
#include "kernels_body.hpp"
