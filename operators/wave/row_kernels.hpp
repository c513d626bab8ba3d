/// Row kernels that do not depend on the equation: absorbing layers, forward and transposed, and products.
///
/// For a difference D along an axis, of a sum of fields g, with profiles a and b in the slabs of the axis:
///
///     first differences     psi <- b psi + a D g,                            D g becomes  D g + psi
///       transposed          psi <- b psi + g,                                D g becomes  D g + D (a psi)
///     second differences    psi <- b psi + a D1 g,
///                           zeta <- b zeta + a (D2 g + D1 psi),              D2 g becomes  D2 g + D1 psi + zeta
///       transposed          zeta <- b zeta + g,  psi <- b psi - D1 (g + a zeta),
///                                                                            D2 g becomes  D2 g + D2 (a zeta) - D1 (a psi)
///
/// (Komatitsch and Martin 2007; for second differences Pasalic and McGarry 2010.) In a transposed step D is the
/// difference that the transposed equation has, and memory variables are kept before they are multiplied with b,
/// which saves two arrays.
#pragma once

#include <lop/operators/wave/kernels.hpp>

namespace lop::wave {

/// One row inside or within reach of the slab of axis x or y. Neighbours along the axis are given row by row,
/// 2 radius + 1 of them, the row itself in the middle; those outside the slab point to zeros.
template <class T> struct SlabRow {
    List<const T*, most_sources> sources{};  ///< whose sum is differenced
    T signs[most_sources]{};
    index_t stride = 0;  ///< from g(i) to g(i + 1) along the axis
    T* psi = nullptr;    ///< memory variables of this row; null within reach only
    T* zeta = nullptr;
    const T* const* psi_near = nullptr;
    const T* const* zeta_near = nullptr;
    const T* a_near =
        nullptr;  ///< profile a of the neighbours, from -radius on, zero outside the slab
    T a = 0;
    T b = 0;
    T* extra = nullptr;  ///< receives what the slab adds to the difference
    bool adds = false;   ///< to what is there
    index_t length = 0;
    index_t field_pitch = 0;  ///< to the row that comes next
    index_t frame_pitch = 0;
    const AxisWeights<T>* weights = nullptr;
};

/// The ends of some rows inside or within reach of a slab of axis z.
template <class T> struct EdgeRows {
    List<const T*, most_sources> sources{};
    T signs[most_sources]{};
    T* psi = nullptr;
    T* zeta = nullptr;
    const T* a = nullptr;  ///< profiles along the block, zero outside the slab
    const T* b = nullptr;
    T* extra = nullptr;
    bool adds = false;
    index_t length = 0;  ///< points of the block
    index_t rows = 0;
    index_t field_pitch = 0;
    index_t extra_pitch = 0;
    T* scratch = nullptr;  ///< rows * 2 * (length + 2 edge_margin), margins zero
    const AxisWeights<T>* weights = nullptr;
};

/// The first values of some rows under a free surface, and the columns that they are multiplied with.
template <class T> struct SurfaceRows {
    List<const T*, most_sources> sources{};
    T signs[most_sources]{};
    const T* columns = nullptr;
    index_t count = 0;   ///< of columns
    index_t height = 0;  ///< of a column, whole lines
    T* extra = nullptr;
    bool adds = false;
    index_t length = 0;  ///< that is written, zeros after the columns' height
    index_t rows = 0;
    index_t field_pitch = 0;
    index_t extra_pitch = 0;
};

inline constexpr int difference_kinds = 5;

template <class T> struct RowKernels {
    /// By Difference; the Laplacian's are those of the second difference. `before`: what has to be done in all
    /// rows of a slab before `add` runs in any, in up to two passes, null where nothing.
    struct Slab {
        void (*forward_before)(const SlabRow<T>&);
        void (*forward_add)(const SlabRow<T>&);
        void (*transposed_before)(const SlabRow<T>&);
        void (*transposed_before_second)(const SlabRow<T>&);
        void (*transposed_add)(const SlabRow<T>&);
        void (*forward_edge)(const EdgeRows<T>&);
        void (*transposed_edge)(const EdgeRows<T>&);
    };
    Slab slab[difference_kinds];

    /// extra (+)= sum_j column_j g(j)
    void (*surface)(const SurfaceRows<T>&);
    /// y += a b
    void (*add_product)(T* y, const T* a, const T* b, index_t length);
    /// next = across along next, or of two levels  now + across along (next - now)
    void (*damp)(T* next, const T* now, T across, const T* along, index_t length);
    /// The largest magnitude in a row; NaN where a value is not finite.
    T (*largest)(const T* row, index_t length);
};

/// For stencils of the given radius (1 to 8).
template <class T> const RowKernels<T>& row_kernels(int radius,
                                                    InstructionSet set = InstructionSet::best);

}  // namespace lop::wave
