/// What a propagation reads and never writes: the layout of fields, c = v^2 dt^2, stencils, layers.
#pragma once

#include "buffer.hpp"
#include "kernels.hpp"
#include "stencil.hpp"
#include <lop/operators/wave/options.hpp>

#include <array>
#include <vector>

namespace lop::wave {

/// A medium on a grid. Arrays per axis hold `dimension` entries: {x, z} or {x, y, z}.
struct AcousticProblem {
    int dimension = 2;
    std::array<index_t, 3> extents{};  ///< of the model grid
    std::array<double, 3> spacing{};   ///< m
    int order = 8;                     ///< of the space stencils: 2, 4, .. 16
    Pml layer{};
    double layer_velocity = 0;  ///< m/s, of the layers' profiles; 0: the model's largest
    bool free_surface = false;  ///< u = 0 in the first z row, odd mirror images above it
    double dt = 0;              ///< s
    InstructionSet instructions = InstructionSet::best;
};

/// Where the point (x, y, z) lies in a field (with margins) and in a frame (without).
/// In two dimensions ny is 1.
struct Layout {
    index_t nx = 0, ny = 1, nz = 0;
    index_t row = 0;           ///< nz rounded up to whole cache lines; pitch of the frames
    index_t field_pitch = 0;   ///< from row to row
    index_t plane_stride = 0;  ///< from x to x + 1 in fields
    index_t origin = 0;        ///< of (0, 0, 0) in fields
    index_t field_size = 0;
    index_t frame_size = 0;
    bool is_planar = true;  ///< two dimensions

    index_t field(index_t x, index_t y, index_t z) const {
        return origin + x * plane_stride + (is_planar ? 0 : y * field_pitch) + z;
    }
    index_t frame(index_t x, index_t y, index_t z) const { return (x * ny + y) * row + z; }
    bool operator==(const Layout&) const = default;
};

/// The layer on one side of one axis (0: x, 1: y, 2: z): cells begin .. end - 1.
template <class T>
struct Slab {
    int axis = 0;
    index_t begin = 0;
    index_t end = 0;
    FieldBuffer<T> a;  ///< x, y: from begin - 2R to end + 2R, zero outside; z: along the block
    FieldBuffer<T> b;
    index_t block_begin = 0;  ///< axis z: whole cache lines that cover the slab and its reach
    index_t block_length = 0;
    index_t memory = 0;  ///< numbers in psi, and in zeta
};

/// Immutable once made, and so shared by shots that run at the same time.
template <class T>
class Medium {
 public:
    /// `slowness2` in s2/m2 on the model grid, row-major, z fastest.
    Medium(const AcousticProblem& problem, const T* slowness2);

    const AcousticProblem& problem() const { return problem_; }
    const Layout& layout() const { return layout_; }
    const Kernels<T>& kernels() const { return *kernels_; }
    int radius() const { return radius_; }
    const T* c() const { return c_.data(); }
    const std::vector<Slab<T>>& slabs() const { return slabs_; }
    const std::vector<T>& weights() const { return weights_; }
    const T* first(int axis) const { return first_[axis].data(); }
    const T* second(int axis) const { return second_[axis].data(); }
    const T* zeros() const { return zeros_.data(); }

    /// Grid cells before the model's first one, per internal axis x, y, z.
    const std::array<index_t, 3>& before() const { return before_; }
    /// Extents of the model per internal axis; 1 for y in two dimensions.
    const std::array<index_t, 3>& model_extents() const { return model_; }
    double cell_volume() const;
    double velocity_max() const { return velocity_max_; }
    double stable_dt() const;

    /// Index in the model of the point that padded coordinate `i` repeats along an axis.
    index_t model_index(int axis, index_t i) const;

 private:
    void lay_out();
    void scan(const T* slowness2);
    void set_weights();
    void set_c(const T* slowness2);
    void set_slabs();
    Slab<T> make_slab(int axis, bool at_end, index_t extent) const;
    void refuse_narrow(int axis, index_t extent) const;
    bool absorbs_start(int axis) const { return axis != 2 || !problem_.free_surface; }
    double spacing(int axis) const;

    AcousticProblem problem_;
    int radius_ = 0;
    std::array<index_t, 3> model_{1, 1, 1};
    std::array<index_t, 3> before_{};
    Layout layout_;
    double velocity_max_ = 0;
    Stencil stencil_;
    const Kernels<T>* kernels_ = nullptr;
    FieldBuffer<T> c_;
    FieldBuffer<T> zeros_;
    std::vector<T> weights_;
    std::array<std::vector<T>, 3> first_;
    std::array<std::vector<T>, 3> second_;
    std::vector<Slab<T>> slabs_;
};

extern template class Medium<float>;
extern template class Medium<double>;

}  // namespace lop::wave
