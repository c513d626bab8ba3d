/// Bodies of the row kernels, compiled once per instruction set (kernels_<set>.cpp).
///
/// Everything has internal linkage except the two table functions, which live in a namespace of
/// the set's own; nothing of the standard library is used. See kernels.hpp for the reason.
#pragma once

#include "kernels.hpp"


#ifndef LOP_WAVE_INSTRUCTION_SET
#error "define LOP_WAVE_INSTRUCTION_SET before including kernels_body.hpp"
#endif

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

/// One cache line of a row and the neighbours of its values along the row. With the widest registers they are cut from
/// aligned vectors: an unaligned load would straddle two cache lines every time, at twice the price.
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
            return (Vector<T>)_mm512_maskz_alignr_epi32(__mmask16(-1), (__m512i)high, (__m512i)low, J);
        } else {
            return (Vector<T>)_mm512_maskz_alignr_epi64(__mmask8(-1), (__m512i)high, (__m512i)low, J);
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
        for (int i = 0; i < per_line<T>; ++i) {
            sum[i] += w[J] * (u.template up<J>(i) + u.template down<J>(i));
        }
        add_even<J + 1, R>(u, w, sum);
    }
}

/// sum[i] += w[j] (u(z + j) - u(z - j)),  j = J .. R.
template <int J, int R, class T>
[[gnu::always_inline]] inline void add_odd(const Line<T>& u, const T* w, Vector<T>* sum) {
    if constexpr (J <= R) {
        for (int i = 0; i < per_line<T>; ++i) {
            sum[i] += w[J] * (u.template up<J>(i) - u.template down<J>(i));
        }
        add_odd<J + 1, R>(u, w, sum);
    }
}

/// The even sum across rows `stride` apart.
template <int R, class T>
[[gnu::always_inline]] inline void add_across(const T* u, index_t stride, const T* w, Vector<T>* sum) {
    const T* after = u;
    const T* before = u;
#pragma GCC unroll 8
    for (int j = 1; j <= R; ++j) {
        after += stride;
        before -= stride;
        // Without this the compiler keeps every row's address apart, more than there are registers.
        asm("" : "+r"(after), "+r"(before));
#pragma GCC unroll 4
        for (int i = 0; i < per_line<T>; ++i) {
            sum[i] += w[j] * (at(after + i * lanes<T>) + at(before + i * lanes<T>));
        }
    }
}

// ---------------------------------------------------------------------------------------------
// The interior. Memory traffic per point and step, in scalars: u, p, c read and p written, 4 in
// all (16 bytes in single precision), the neighbours coming from cache; `keep` writes one more (two with the read
// for ownership), `born` reads two more, `image` reads two and writes one more.

template <class T, int R, int Dim, StepMode Mode>
[[gnu::always_inline]] inline void step_line(const StepRows<T>& s, const T* u, T* p, index_t frame) {
    const Line<T> line{u};
    Vector<T> sum[per_line<T>];
#pragma GCC unroll 4
    for (int i = 0; i < per_line<T>; ++i) {
        sum[i] = s.weights[0] * line.here(i);
    }
    add_even<1, R>(line, s.weights + (Dim - 1) * R, sum);
    if constexpr (Dim == 3) {
        add_across<R>(u, s.row_stride, s.weights + R, sum);
    }
    add_across<R>(u, s.plane_stride, s.weights, sum);
#pragma GCC unroll 4
    for (int i = 0; i < per_line<T>; ++i) {
        const index_t z = i * lanes<T>;
        const Vector<T> u0 = line.here(i);
        if (s.extra) {
            sum[i] += at(s.extra + frame + z);
        }
        const Vector<T> increment = at(s.c + frame + z) * sum[i];
        Vector<T> next = (u0 + u0 - at(p + z)) + increment;
        if constexpr (Mode == StepMode::keep) {
            put(s.kept + frame + z, increment);
        }
        if constexpr (Mode == StepMode::born) {
            next -= at(s.scale + frame + z) * at(s.d + frame + z);
        }
        if constexpr (Mode == StepMode::image) {
            T* image = s.image + frame + z;
            put(image, at(image) + at(s.d + frame + z) * u0);
        }
        put(p + z, next);
    }
}

template <class T, int R, int Dim, StepMode Mode>
inline void step_chunk(const StepRows<T>& s, const T* u, T* p, index_t frame, index_t length) {
    for (index_t z = 0; z < length; z += line_length<T>) {
        soon(u + z + s.ahead_u);
        soon(p + z + s.ahead_p);
        soon(s.c + frame + z + s.ahead_c);
        if constexpr (Mode == StepMode::keep) {
            soon(s.kept + frame + z + s.ahead_c);
        }
        if constexpr (Mode == StepMode::born) {
            soon(s.d + frame + z + s.ahead_c);
            soon(s.scale + frame + z + s.ahead_c);
        }
        if constexpr (Mode == StepMode::image) {
            soon(s.d + frame + z + s.ahead_c);
            soon(s.image + frame + z + s.ahead_c);
        }
        step_line<T, R, Dim, Mode>(s, u + z, p + z, frame + z);
    }
}

/// Two planes row by row share most of the rows that they read across planes, and short chunks keep those in the
/// first-level cache.
template <class T, int R, int Dim, StepMode Mode>
void step(const StepRows<T>& rows) {
    const StepRows<T> s = rows;  // a copy that no store can alias
    for (index_t z = 0; z < s.length; z += s.chunk) {
        const index_t length = s.chunk < s.length - z ? s.chunk : s.length - z;
        for (index_t row = 0; row < s.rows; ++row) {
            for (index_t plane = 0; plane < s.planes; ++plane) {
                const index_t field = plane * s.plane_stride + row * s.field_pitch + z;
                const index_t frame = plane * s.frame_stride + row * s.frame_pitch + z;
                step_chunk<T, R, Dim, Mode>(s, s.u + field, s.p + field, frame, length);
            }
        }
    }
}

// ---------------------------------------------------------------------------------------------
// Absorbing slabs along x and y. Traffic per slab point: psi and zeta read and written once each, u
// once more for axis x (its psi needs a pass of its own before the sweep).

/// D1 u along the axis.
template <class T, int R>
inline Vector<T> first_difference(const T* u, index_t stride, const T* w) {
    Vector<T> sum{};
#pragma GCC unroll 8
    for (int j = 1; j <= R; ++j) {
        sum += w[j] * (at(u + j * stride) - at(u - j * stride));
    }
    return sum;
}

/// D2 u along the axis.
template <class T, int R>
inline Vector<T> second_difference(const T* u, index_t stride, const T* w) {
    Vector<T> sum = w[0] * at(u);
#pragma GCC unroll 8
    for (int j = 1; j <= R; ++j) {
        sum += w[j] * (at(u + j * stride) + at(u - j * stride));
    }
    return sum;
}

/// sum_j w[j] (rows[R + j](z) - rows[R - j](z)),  j = 1 .. R.
template <class T, int R>
inline Vector<T> first_among(const T* const* rows, index_t z, const T* w) {
    Vector<T> sum{};
#pragma GCC unroll 8
    for (int j = 1; j <= R; ++j) {
        sum += w[j] * (at(rows[R + j] + z) - at(rows[R - j] + z));
    }
    return sum;
}

/// sum_t w[t] rows[t](z),  t = 0 .. 2 R.
template <class T, int R>
inline Vector<T> weighted_sum(const T* const* rows, index_t z, const T* w) {
    Vector<T> sum{};
#pragma GCC unroll 17
    for (int t = 0; t < 2 * R + 1; ++t) {
        sum += w[t] * at(rows[t] + z);
    }
    return sum;
}

/// The weights of D1 times a profile, from -R to R.
template <class T, int R>
inline void spread_first(const T* w, const T* profile, T* list) {
    for (int j = 1; j <= R; ++j) {
        list[R + j] = w[j] * profile[R + j];
        list[R - j] = -w[j] * profile[R - j];
    }
    list[R] = 0;
}

/// The weights of D2 times a profile, from -R to R.
template <class T, int R>
inline void spread_second(const T* w, const T* profile, T* list) {
    for (int t = 0; t < 2 * R + 1; ++t) {
        list[t] = w[t < R ? R - t : t - R] * profile[t];
    }
}

template <class T>
inline void contribute(const SlabRow<T>& s, index_t z, Vector<T> lap) {
    put(s.extra + z, s.adds ? at(s.extra + z) + lap : lap);
}

// The kernels copy their arguments, so that no store can alias them.

template <class T, int R>
void forward_psi(const SlabRow<T>& row) {
    const SlabRow<T> s = row;
    for (index_t z = 0; z < s.length; z += lanes<T>) {
        soon(s.u + R * s.stride + s.field_pitch + z);
        soon(s.psi + s.frame_pitch + z);
        const Vector<T> d1 = first_difference<T, R>(s.u + z, s.stride, s.first);
        put(s.psi + z, s.b * at(s.psi + z) + s.a * d1);
    }
}

template <class T, int R>
void forward_correct(const SlabRow<T>& row) {
    const SlabRow<T> s = row;
    if (!s.zeta) {
        for (index_t z = 0; z < s.length; z += lanes<T>) {
            contribute(s, z, first_among<T, R>(s.psi_near, z, s.first));
        }
        return;
    }
    for (index_t z = 0; z < s.length; z += lanes<T>) {
        soon(s.psi_near[2 * R] + s.frame_pitch + z);
        soon(s.zeta + s.frame_pitch + z);
        const Vector<T> d1 = first_among<T, R>(s.psi_near, z, s.first);
        const Vector<T> d2 = second_difference<T, R>(s.u + z, s.stride, s.second);
        const Vector<T> zeta = s.b * at(s.zeta + z) + s.a * (d2 + d1);
        put(s.zeta + z, zeta);
        contribute(s, z, d1 + zeta);
    }
}

template <class T, int R>
void adjoint_zeta(const SlabRow<T>& row) {
    const SlabRow<T> s = row;
    for (index_t z = 0; z < s.length; z += lanes<T>) {
        soon(s.u + s.field_pitch + z);
        soon(s.zeta + s.frame_pitch + z);
        put(s.zeta + z, s.b * at(s.zeta + z) + at(s.u + z));
    }
}

template <class T, int R>
void adjoint_psi(const SlabRow<T>& row) {
    const SlabRow<T> s = row;
    T d1[2 * R + 1];
    spread_first<T, R>(s.first, s.a_near, d1);
    for (index_t z = 0; z < s.length; z += lanes<T>) {
        soon(s.zeta_near[2 * R] + s.frame_pitch + z);
        soon(s.psi + s.frame_pitch + z);
        const Vector<T> sum = first_difference<T, R>(s.u + z, s.stride, s.first) +
                              weighted_sum<T, R>(s.zeta_near, z, d1);
        put(s.psi + z, s.b * at(s.psi + z) - sum);
    }
}

template <class T, int R>
void adjoint_correct(const SlabRow<T>& row) {
    const SlabRow<T> s = row;
    T d1[2 * R + 1];
    T d2[2 * R + 1];
    spread_first<T, R>(s.first, s.a_near, d1);
    spread_second<T, R>(s.second, s.a_near, d2);
    for (index_t z = 0; z < s.length; z += lanes<T>) {
        soon(s.zeta_near[2 * R] + s.frame_pitch + z);
        soon(s.psi_near[2 * R] + s.frame_pitch + z);
        const Vector<T> lap =
            weighted_sum<T, R>(s.zeta_near, z, d2) - weighted_sum<T, R>(s.psi_near, z, d1);
        contribute(s, z, lap);
    }
}

// ---------------------------------------------------------------------------------------------
// Absorbing slabs along z: the neighbours are in the row itself. Each phase runs over all rows before
// the next one reads what it stored at shifted addresses, which would stall right after the store.

template <class T>
inline T* scratch_row(const EdgeRows<T>& s, index_t row, int which) {
    return s.scratch + (2 * row + which) * (s.length + 2 * edge_margin) + edge_margin;
}

template <class T>
inline void correct(const EdgeRows<T>& s, index_t row, index_t z, Vector<T> lap) {
    T* p = s.p + row * s.field_pitch + z;
    const index_t frame = row * s.frame_pitch + z;
    const Vector<T> increment = at(s.c + frame) * lap;
    put(p, at(p) + increment);
    if (s.kept) {
        put(s.kept + frame, at(s.kept + frame) + increment);
    }
}

/// psi of one line, and a copy where its neighbours will be read.
template <class T, int R>
inline void forward_edge_psi(const EdgeRows<T>& s, const T* u, T* psi, T* copy, index_t z) {
    Vector<T> d1[per_line<T>]{};
    add_odd<1, R>(Line<T>{u + z}, s.first, d1);
    for (int i = 0; i < per_line<T>; ++i, z += lanes<T>) {
        const Vector<T> value = at(s.b + z) * at(psi + z) + at(s.a + z) * d1[i];
        put(psi + z, value);
        put(copy + z, value);
    }
}

template <class T, int R>
inline void forward_edge_zeta(const EdgeRows<T>& s, const T* u, const T* psi, T* zeta, index_t row,
                              index_t z) {
    Vector<T> d1[per_line<T>]{};
    Vector<T> d2[per_line<T>];
    const Line<T> line{u + z};
    add_odd<1, R>(Line<T>{psi + z}, s.first, d1);
    for (int i = 0; i < per_line<T>; ++i) {
        d2[i] = s.second[0] * line.here(i);
    }
    add_even<1, R>(line, s.second, d2);
    for (int i = 0; i < per_line<T>; ++i, z += lanes<T>) {
        const Vector<T> value = at(s.b + z) * at(zeta + z) + at(s.a + z) * (d2[i] + d1[i]);
        put(zeta + z, value);
        correct(s, row, z, d1[i] + value);
    }
}

template <class T, int R>
void forward_edge(const EdgeRows<T>& rows) {
    const EdgeRows<T> s = rows;
    for (index_t row = 0; row < s.rows; ++row) {
        for (index_t z = 0; z < s.length; z += line_length<T>) {
            soon(s.psi + (row + s.rows) * s.length + z);
            soon(s.zeta + (row + s.rows) * s.length + z);
            forward_edge_psi<T, R>(s, s.u + row * s.field_pitch, s.psi + row * s.length,
                                   scratch_row(s, row, 0), z);
        }
    }
    for (index_t row = 0; row < s.rows; ++row) {
        for (index_t z = 0; z < s.length; z += line_length<T>) {
            forward_edge_zeta<T, R>(s, s.u + row * s.field_pitch, scratch_row(s, row, 0),
                                    s.zeta + row * s.length, row, z);
        }
    }
}

/// zeta of one row, and a zeta where its neighbours will be read.
template <class T>
inline void adjoint_edge_zeta(const EdgeRows<T>& s, index_t row) {
    const T* u = s.u + row * s.field_pitch;
    T* zeta = s.zeta + row * s.length;
    T* copy = scratch_row(s, row, 0);
    for (index_t z = 0; z < s.length; z += lanes<T>) {
        soon(s.psi + (row + s.rows) * s.length + z);
        soon(zeta + s.rows * s.length + z);
        const Vector<T> value = at(s.b + z) * at(zeta + z) + at(u + z);
        put(zeta + z, value);
        put(copy + z, at(s.a + z) * value);
    }
}

template <class T, int R>
inline void adjoint_edge_psi(const EdgeRows<T>& s, index_t row, index_t z) {
    T* psi = s.psi + row * s.length;
    T* copy = scratch_row(s, row, 1);
    Vector<T> d1[per_line<T>]{};
    add_odd<1, R>(Line<T>{s.u + row * s.field_pitch + z}, s.first, d1);
    add_odd<1, R>(Line<T>{scratch_row(s, row, 0) + z}, s.first, d1);
    for (int i = 0; i < per_line<T>; ++i, z += lanes<T>) {
        const Vector<T> value = at(s.b + z) * at(psi + z) - d1[i];
        put(psi + z, value);
        put(copy + z, at(s.a + z) * value);
    }
}

template <class T, int R>
inline void adjoint_edge_correct(const EdgeRows<T>& s, index_t row, index_t z) {
    const Line<T> zeta{scratch_row(s, row, 0) + z};
    Vector<T> d1[per_line<T>]{};
    Vector<T> d2[per_line<T>];
    for (int i = 0; i < per_line<T>; ++i) {
        d2[i] = s.second[0] * zeta.here(i);
    }
    add_even<1, R>(zeta, s.second, d2);
    add_odd<1, R>(Line<T>{scratch_row(s, row, 1) + z}, s.first, d1);
    for (int i = 0; i < per_line<T>; ++i, z += lanes<T>) {
        correct(s, row, z, d2[i] - d1[i]);
    }
}

template <class T, int R>
void adjoint_edge(const EdgeRows<T>& rows) {
    const EdgeRows<T> s = rows;
    for (index_t row = 0; row < s.rows; ++row) {
        adjoint_edge_zeta(s, row);
    }
    for (index_t row = 0; row < s.rows; ++row) {
        for (index_t z = 0; z < s.length; z += line_length<T>) {
            adjoint_edge_psi<T, R>(s, row, z);
        }
    }
    for (index_t row = 0; row < s.rows; ++row) {
        for (index_t z = 0; z < s.length; z += line_length<T>) {
            adjoint_edge_correct<T, R>(s, row, z);
        }
    }
}

/// Zero times a finite value is zero, times another is NaN, and NaN stays in a sum.
template <class T>
bool finite(const T* row, index_t length) {
    Vector<T> sum{};
    for (index_t z = 0; z < length; z += lanes<T>) {
        sum += T(0) * at(row + z);
    }
    T total = 0;
    for (index_t lane = 0; lane < lanes<T>; ++lane) {
        total += sum[lane];
    }
    return total == 0;
}

template <class T, int R, int Dim>
constexpr Kernels<T> entries{{step<T, R, Dim, StepMode::plain>, step<T, R, Dim, StepMode::keep>,
                              step<T, R, Dim, StepMode::born>, step<T, R, Dim, StepMode::image>},
                             forward_psi<T, R>,
                             forward_correct<T, R>,
                             adjoint_zeta<T, R>,
                             adjoint_psi<T, R>,
                             adjoint_correct<T, R>,
                             forward_edge<T, R>,
                             adjoint_edge<T, R>,
                             finite<T>};

template <class T, int Dim>
constexpr Kernels<T> by_radius[max_kernel_radius] = {
    entries<T, 1, Dim>, entries<T, 2, Dim>, entries<T, 3, Dim>, entries<T, 4, Dim>,
    entries<T, 5, Dim>, entries<T, 6, Dim>, entries<T, 7, Dim>, entries<T, 8, Dim>};

}  // namespace

namespace LOP_WAVE_INSTRUCTION_SET {

const Kernels<float>* single_table(int dimension) {
    return dimension == 2 ? by_radius<float, 2> : by_radius<float, 3>;
}

const Kernels<double>* double_table(int dimension) {
    return dimension == 2 ? by_radius<double, 2> : by_radius<double, 3>;
}

}  // namespace LOP_WAVE_INSTRUCTION_SET
}  // namespace lop::wave
