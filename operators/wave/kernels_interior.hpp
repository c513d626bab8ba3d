/// Row kernels of the interior: the step itself, and what is fused with it.
#pragma once

#include "kernels_vectors.hpp"

namespace lop::wave {
namespace {

// The interior. Memory traffic per point and step, in scalars: u, p, c read and p written, 4 in all
// (16 bytes in single precision), the neighbours coming from cache; `keep` writes one more (two
// with the read for ownership), `born` reads two more, `image` reads two and writes one more.

template <class T, int R, int Dim, StepMode Mode>
[[gnu::always_inline]] inline void step_line(const StepRows<T>& s, const T* u, T* p,
                                             index_t frame) {
    const Line<T> line{u};
    Vector<T> sum[per_line<T>];
#pragma GCC unroll 4
    for (int i = 0; i < per_line<T>; ++i) sum[i] = s.weights[0] * line.here(i);
    add_even<1, R>(line, s.weights + (Dim - 1) * R, sum);
    if constexpr (Dim == 3) add_across<R>(u, s.row_stride, s.weights + R, sum);
    add_across<R>(u, s.plane_stride, s.weights, sum);
#pragma GCC unroll 4
    for (int i = 0; i < per_line<T>; ++i) {
        const index_t z = i * lanes<T>;
        const Vector<T> u0 = line.here(i);
        if (s.extra) sum[i] += at(s.extra + frame + z);
        const Vector<T> increment = at(s.c + frame + z) * sum[i];
        Vector<T> next = (u0 + u0 - at(p + z)) + increment;
        if constexpr (Mode == StepMode::keep) put(s.kept + frame + z, increment);
        if constexpr (Mode == StepMode::born) next -= at(s.scale + frame + z) * at(s.d + frame + z);
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
        if constexpr (Mode == StepMode::keep) soon(s.kept + frame + z + s.ahead_c);
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

/// Two planes row by row share most of the rows that they read across planes, and short chunks keep
/// those in the first-level cache.
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

}  // namespace
}  // namespace lop::wave
