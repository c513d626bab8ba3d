/// Row kernels of the acoustic wave equation: plain data in, one table of functions per instruction
/// set.
///
/// A row runs along z, the fastest axis. Every row of a field or a frame starts on a cache line and
/// its length is rounded up to whole cache lines, so that the kernels have no remainder loops: a
/// value does not depend on how the work was cut. Fields carry at least `radius` zeros around them
/// in every direction (odd mirror images above a free surface); frames hold the grid alone.
///
/// This header is read by translation units that are compiled for different instruction sets, and
/// so declares plain data only: an inline function here would be emitted by each of them, and the
/// linker could hand the widest one to a machine that lacks it.
#pragma once

#include <cstdint>

namespace lop::wave {

using index_t = std::int64_t;

/// What a step does besides advancing the field.
enum class StepMode {
    plain,  ///< p <- 2 u - p + c Lap u
    keep,   ///< and d <- c Lap u
    born,   ///< p <- 2 u - p + c Lap u - scale d
    image   ///< and image <- image + d u
};
inline constexpr int step_modes = 4;
inline constexpr int max_kernel_radius = 8;

/// Some rows to be advanced: consecutive y of one plane x or of two (3-D), consecutive x (2-D).
template <class T>
struct StepRows {
    const T* u = nullptr;      ///< current field
    T* p = nullptr;            ///< previous field, overwritten by the next one
    const T* c = nullptr;      ///< v^2 dt^2, zero beyond the grid; frame
    const T* d = nullptr;      ///< increments of the background field (born, image); frame
    const T* scale = nullptr;  ///< what multiplies d (born); frame
    T* kept = nullptr;         ///< increments to keep (keep); frame
    T* image = nullptr;        ///< sum of d u (image); frame
    const T* extra = nullptr;  ///< what the slabs add to Lap u, for a single row, unless null
    index_t length = 0;        ///< points of a row
    index_t chunk = 0;         ///< points of a row advanced before the next row, whole cache lines
    index_t rows = 0;
    index_t planes = 1;
    index_t field_pitch = 0;   ///< from row to row in u, p
    index_t frame_pitch = 0;   ///< from row to row in the frames
    index_t plane_stride = 0;  ///< from u(x) to u(x + 1)
    index_t row_stride = 0;    ///< from u(y) to u(y + 1), 3-D only
    index_t frame_stride = 0;  ///< from plane to plane in the frames
    index_t ahead_u = 0;       ///< distances to what later rows will read and no cache holds yet
    index_t ahead_p = 0;
    index_t ahead_c = 0;
    const T* weights = nullptr;  ///< centre, then radius weights each for x, y (3-D) and z
};

/// One row inside or within reach of the absorbing slab of axis x or y. Neighbours along the axis
/// are given row by row, 2 radius + 1 of them, the row itself in the middle; those outside the slab
/// point to zeros.
template <class T>
struct SlabRow {
    const T* u = nullptr;  ///< current field
    index_t stride = 0;    ///< from u(i) to u(i + 1) along the axis
    T* psi = nullptr;      ///< memory variables of this row; null within reach only
    T* zeta = nullptr;
    const T* const* psi_near = nullptr;
    const T* const* zeta_near = nullptr;
    const T* a_near = nullptr;  ///< profile a of the neighbours, zero outside the slab
    T a = 0;
    T b = 0;
    T* extra = nullptr;  ///< receives what the slab adds to Lap u
    bool adds = false;   ///< to what is there
    index_t length = 0;
    index_t field_pitch = 0;  ///< to the row that comes next
    index_t frame_pitch = 0;
    const T* first = nullptr;   ///< radius + 1 weights of D1 along the axis
    const T* second = nullptr;  ///< radius + 1 weights of D2 along the axis
};

/// The ends of some rows inside or within reach of an absorbing slab of axis z.
template <class T>
struct EdgeRows {
    const T* u = nullptr;
    T* p = nullptr;
    const T* c = nullptr;
    T* kept = nullptr;
    T* psi = nullptr;
    T* zeta = nullptr;
    const T* a = nullptr;  ///< profiles along the block, zero outside the slab
    const T* b = nullptr;
    index_t length = 0;  ///< points of the block
    index_t rows = 0;
    index_t field_pitch = 0;
    index_t frame_pitch = 0;
    T* scratch = nullptr;  ///< rows * 2 * (length + 2 edge_margin), margins zero
    const T* first = nullptr;
    const T* second = nullptr;
};
inline constexpr index_t edge_margin = 16;

template <class T>
struct Kernels {
    void (*step[step_modes])(const StepRows<T>&);

    /// psi <- b psi + a D1 u
    void (*forward_psi)(const SlabRow<T>&);
    /// zeta <- b zeta + a (D2 u + D1 psi),  extra += D1 psi + zeta; within reach extra += D1 psi
    void (*forward_correct)(const SlabRow<T>&);
    /// zeta <- b zeta + u
    void (*adjoint_zeta)(const SlabRow<T>&);
    /// psi <- b psi - D1 (u + a zeta)
    void (*adjoint_psi)(const SlabRow<T>&);
    /// extra += D2 (a zeta) - D1 (a psi)
    void (*adjoint_correct)(const SlabRow<T>&);

    /// The same for axis z, all at once, with p += c extra.
    void (*forward_edge)(const EdgeRows<T>&);
    void (*adjoint_edge)(const EdgeRows<T>&);

    /// Whether all values of a row are finite.
    bool (*finite)(const T* row, index_t length);
};

/// The sets a binary carries; `best` is the widest one that this machine runs.
enum class InstructionSet { generic, avx2, avx512, best };

/// Whether this binary carries kernels for the set and this machine runs them.
bool available(InstructionSet set);

/// The kernels for fields of 2 or 3 dimensions and a stencil of the given radius (1 to 8).
template <class T>
const Kernels<T>& kernels(int dimension, int radius, InstructionSet set = InstructionSet::best);

}  // namespace lop::wave
