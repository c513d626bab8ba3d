/// Subnormal numbers are zeros while waves are computed.
#pragma once

#ifdef __SSE2__
#include <xmmintrin.h>
#endif

namespace lop::wave {

/// While it lives, this thread takes and makes zeros for numbers below the smallest normal one (1e-38, 2e-308). Ahead of
/// every wave front runs a belt of them, tens of points wide, and a vector with one of them among its operands costs a hundred
/// cycles and more. Threads of a team need one each. Does nothing where there are no SSE registers.
class FlushSubnormals {
 public:
#ifdef __SSE2__
    FlushSubnormals() : before_{_mm_getcsr()} { _mm_setcsr(before_ | flush_to_zero | as_zeros); }
    ~FlushSubnormals() { _mm_setcsr(before_); }
#else
    FlushSubnormals() {}
    ~FlushSubnormals() {}
#endif
    FlushSubnormals(const FlushSubnormals&) = delete;
    FlushSubnormals& operator=(const FlushSubnormals&) = delete;

 private:
    static constexpr unsigned flush_to_zero = 0x8000, as_zeros = 0x0040;
#ifdef __SSE2__
    unsigned before_;
#endif
};

}  // namespace lop::wave
