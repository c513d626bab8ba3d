/// The row kernels for any machine of the target.
#define LOP_WAVE_INSTRUCTION_SET generic
#include "kernels_body.hpp"
