/// Vectors of one instruction set, and sums of neighbours: what all row kernels are made of.
///
/// Read by kernels_body.hpp alone, which says why everything here has internal linkage.
#pragma once

#include "kernels.hpp"

#if defined(__AVX512F__)
#include <immintrin.h>  // always inlined, so never emitted
#define LOP_WAVE_VECTOR_BYTES 64
#elif defined(__AVX__)
#define LOP_WAVE_VECTOR_BYTES 32
#else
#define LOP_WAVE_VECTOR_BYTES 16
#endif

namespace lop::wave {
namespace {

template <class T>
struct Pack;

template <>
struct Pack<float> {
    typedef float Vector __attribute__((vector_size(LOP_WAVE_VECTOR_BYTES), may_alias));
    typedef float Anywhere
        __attribute__((vector_size(LOP_WAVE_VECTOR_BYTES), aligned(sizeof(float)), may_alias));
};

template <>
struct Pack<double> {
    typedef double Vector __attribute__((vector_size(LOP_WAVE_VECTOR_BYTES), may_alias));
    typedef double Anywhere
        __attribute__((vector_size(LOP_WAVE_VECTOR_BYTES), aligned(sizeof(double)), may_alias));
};

template <class T>
using Vector = typename Pack<T>::Vector;

template <class T>
constexpr index_t lanes = LOP_WAVE_VECTOR_BYTES / sizeof(T);

/// Aligned load.
template <class T>
inline Vector<T> at(const T* p) {
    return *reinterpret_cast<const Vector<T>*>(p);
}

/// Load from any address.
template <class T>
inline Vector<T> near(const T* p) {
    return *reinterpret_cast<const typename Pack<T>::Anywhere*>(p);
}

/// Asks for the line of an address, up to the second-level cache. Any address will do.
inline void soon(const void* p) { __builtin_prefetch(p, 0, 2); }

template <class T>
inline void put(T* p, Vector<T> value) {
    *reinterpret_cast<Vector<T>*>(p) = value;
}

/// Points, and vectors, of one cache line.
template <class T>
constexpr index_t line_length = 64 / sizeof(T);
template <class T>
constexpr int per_line = 64 / LOP_WAVE_VECTOR_BYTES;

/// One cache line of a row and the neighbours of its values along the row. With the widest
/// registers they are cut from aligned vectors: an unaligned load would straddle two cache lines
/// every time, at twice the price.
template <class T>
class Line {
 public:
    explicit Line(const T* u) : u_{u} {
#ifdef __AVX512F__
        before_ = at(u - lanes<T>);
        here_ = at(u);
        after_ = at(u + lanes<T>);
#endif
    }

    Vector<T> here(int i) const {
#ifdef __AVX512F__
        (void)i;
        return here_;
#else
        return at(u_ + i * lanes<T>);
#endif
    }
    /// u(z + J) for the lanes of vector i.
    template <int J>
    Vector<T> up(int i) const {
#ifdef __AVX512F__
        (void)i;
        return slide<J>(here_, after_);
#else
        return near(u_ + i * lanes<T> + J);
#endif
    }
    /// u(z - J)
    template <int J>
    Vector<T> down(int i) const {
#ifdef __AVX512F__
        (void)i;
        return slide<lanes<T> - J>(before_, here_);
#else
        return near(u_ + i * lanes<T> - J);
#endif
    }

 private:
#ifdef __AVX512F__
    /// Lanes J .. J + lanes - 1 of two vectors side by side.
    template <int J>
    static Vector<T> slide(Vector<T> low, Vector<T> high) {
        if constexpr (J == 0) {
            return low;
        } else if constexpr (J == lanes<T>) {
            return high;
        } else if constexpr (sizeof(T) == 4) {
            return (Vector<T>)_mm512_maskz_alignr_epi32(__mmask16(-1), (__m512i)high, (__m512i)low,
                                                        J);
        } else {
            return (Vector<T>)_mm512_maskz_alignr_epi64(__mmask8(-1), (__m512i)high, (__m512i)low,
                                                        J);
        }
    }
    Vector<T> before_;
    Vector<T> here_;
    Vector<T> after_;
#endif
    const T* u_;
};

/// sum[i] += w[j] (u(z + j) + u(z - j)),  j = J .. R.
template <int J, int R, class T>
[[gnu::always_inline]] inline void add_even(const Line<T>& u, const T* w, Vector<T>* sum) {
    if constexpr (J <= R) {
        for (int i = 0; i < per_line<T>; ++i)
            sum[i] += w[J] * (u.template up<J>(i) + u.template down<J>(i));
        add_even<J + 1, R>(u, w, sum);
    }
}

/// sum[i] += w[j] (u(z + j) - u(z - j)),  j = J .. R.
template <int J, int R, class T>
[[gnu::always_inline]] inline void add_odd(const Line<T>& u, const T* w, Vector<T>* sum) {
    if constexpr (J <= R) {
        for (int i = 0; i < per_line<T>; ++i)
            sum[i] += w[J] * (u.template up<J>(i) - u.template down<J>(i));
        add_odd<J + 1, R>(u, w, sum);
    }
}

/// The even sum across rows `stride` apart.
template <int R, class T>
[[gnu::always_inline]] inline void add_across(const T* u, index_t stride, const T* w,
                                              Vector<T>* sum) {
    const T* after = u;
    const T* before = u;
#pragma GCC unroll 8
    for (int j = 1; j <= R; ++j) {
        after += stride;
        before -= stride;
        // Without this the compiler keeps every row's address apart, more than there are registers.
        asm("" : "+r"(after), "+r"(before));
#pragma GCC unroll 4
        for (int i = 0; i < per_line<T>; ++i)
            sum[i] += w[j] * (at(after + i * lanes<T>) + at(before + i * lanes<T>));
    }
}

}  // namespace
}  // namespace lop::wave
