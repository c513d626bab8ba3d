/// Row kernels of the absorbing slabs, forward and transposed.
#pragma once

#include "kernels_vectors.hpp"

namespace lop::wave {
namespace {

// Absorbing slabs along x and y. Traffic per slab point: psi and zeta read and written once each, u
// once more for axis x (its psi needs a pass of its own before the sweep).

/// D1 u along the axis.
template <class T, int R>
inline Vector<T> first_difference(const T* u, index_t stride, const T* w) {
    Vector<T> sum{};
#pragma GCC unroll 8
    for (int j = 1; j <= R; ++j) sum += w[j] * (at(u + j * stride) - at(u - j * stride));
    return sum;
}

/// D2 u along the axis.
template <class T, int R>
inline Vector<T> second_difference(const T* u, index_t stride, const T* w) {
    Vector<T> sum = w[0] * at(u);
#pragma GCC unroll 8
    for (int j = 1; j <= R; ++j) sum += w[j] * (at(u + j * stride) + at(u - j * stride));
    return sum;
}

/// sum_j w[j] (rows[R + j](z) - rows[R - j](z)),  j = 1 .. R.
template <class T, int R>
inline Vector<T> first_among(const T* const* rows, index_t z, const T* w) {
    Vector<T> sum{};
#pragma GCC unroll 8
    for (int j = 1; j <= R; ++j) sum += w[j] * (at(rows[R + j] + z) - at(rows[R - j] + z));
    return sum;
}

/// sum_t w[t] rows[t](z),  t = 0 .. 2 R.
template <class T, int R>
inline Vector<T> weighted_sum(const T* const* rows, index_t z, const T* w) {
    Vector<T> sum{};
#pragma GCC unroll 17
    for (int t = 0; t < 2 * R + 1; ++t) sum += w[t] * at(rows[t] + z);
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
    for (int t = 0; t < 2 * R + 1; ++t) list[t] = w[t < R ? R - t : t - R] * profile[t];
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
        for (index_t z = 0; z < s.length; z += lanes<T>)
            contribute(s, z, first_among<T, R>(s.psi_near, z, s.first));
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
// Absorbing slabs along z: the neighbours are in the row itself. Each phase runs over all rows
// before the next one reads what it stored at shifted addresses, which would stall right after the
// store.

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
    if (s.kept) put(s.kept + frame, at(s.kept + frame) + increment);
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
    for (int i = 0; i < per_line<T>; ++i) d2[i] = s.second[0] * line.here(i);
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
    for (int i = 0; i < per_line<T>; ++i) d2[i] = s.second[0] * zeta.here(i);
    add_even<1, R>(zeta, s.second, d2);
    add_odd<1, R>(Line<T>{scratch_row(s, row, 1) + z}, s.first, d1);
    for (int i = 0; i < per_line<T>; ++i, z += lanes<T>) correct(s, row, z, d2[i] - d1[i]);
}

template <class T, int R>
void adjoint_edge(const EdgeRows<T>& rows) {
    const EdgeRows<T> s = rows;
    for (index_t row = 0; row < s.rows; ++row) adjoint_edge_zeta(s, row);
    for (index_t row = 0; row < s.rows; ++row)
        for (index_t z = 0; z < s.length; z += line_length<T>) adjoint_edge_psi<T, R>(s, row, z);
    for (index_t row = 0; row < s.rows; ++row)
        for (index_t z = 0; z < s.length; z += line_length<T>)
            adjoint_edge_correct<T, R>(s, row, z);
}

}  // namespace
}  // namespace lop::wave
