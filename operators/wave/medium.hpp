/// What a propagation reads and never writes: the layout of fields, coefficients, stencils, layers.
#pragma once

#include "buffer.hpp"
#include "closure.hpp"
#include "expressions.hpp"
#include "layout.hpp"
#include "row_kernels.hpp"
#include "stability.hpp"
#include "stencil.hpp"
#include <lop/operators/wave/equation.hpp>

#include <array>
#include <memory>
#include <optional>
#include <vector>

namespace lop::wave {

/// An absorbing layer on one side of an axis, as seen by values on grid points of the axis or half a cell
/// further: cells begin .. end - 1, and the profiles of the recurrence of its memory variables.
template <class T> struct Slab {
    int axis = 0;
    bool at_end = false;
    bool half = false;
    int edge = -1;  ///< axis z: the block of the rows that holds it
    index_t begin = 0;
    index_t end = 0;
    FieldBuffer<T> a;  ///< x, y: from begin - 2R to end + 2R, zero outside; z: along the block
    FieldBuffer<T> b;
    index_t memory = 0;  ///< numbers in a memory variable
};

/// Whole cache lines at an end of every row that hold the layer of axis z there and all within its reach, or the
/// closure under a free surface.
struct EdgeBlock {
    index_t begin = 0;
    index_t length = 0;
};

/// Memory variables of one derivative in one slab.
struct LayerUse {
    int derivative = 0;
    int slab = 0;
    int memory = 0;          ///< number of its first memory variable
    bool is_second = false;  ///< two variables, for a second difference
};

/// What the rows under a free surface add to a derivative along z: columns of whole cache lines, to be multiplied with
/// the first values of a row.
template <class T> struct SurfaceUse {
    int derivative = 0;
    const T* columns = nullptr;
    index_t count = 0;   ///< of columns
    index_t length = 0;  ///< of a column
};

/// A stage of a program on a medium.
template <class T> struct StageRun {
    StageSlots slots;
    StageFunction<T> kernel = nullptr;
    std::vector<const T*> coefficients;  ///< frames, by coefficient slot; null where one number
    std::vector<T> numbers;
    std::vector<LayerUse> layers;
    std::vector<SurfaceUse<T>> surfaces;
    std::vector<int> mirrored;  ///< updates whose rows have images above a free surface
    std::vector<int> crossing;  ///< updated fields that are read across the cuts of a shared grid
    const Stage* stage = nullptr;
};

/// A program on a medium: the forward step or the transposed one.
template <class T> struct Recurrence {
    const Program* program = nullptr;
    std::vector<StageRun<T>> stages;
    std::vector<index_t> memories;  ///< sizes of the memory variables
};

/// Immutable once made, and so shared by shots that run at the same time.
template <class T> class Medium {
 public:
    /// `parameters`: the equation's, one after the other, each on the model grid, row-major, z fastest; of a grid that
    /// ranks share, the planes that Layout::held names.
    Medium(const Equation<T>& equation, const Problem& problem, const T* parameters,
           const Domain& domain = {});

    /// No two media of a program have the same one.
    std::uint64_t number() const { return number_; }
    const Equation<T>& equation() const { return equation_; }
    const Problem& problem() const { return problem_; }
    const Domain& domain() const { return domain_; }
    const Layout& layout() const { return layout_; }
    const RowKernels<T>& kernels() const { return *kernels_; }
    const DifferenceWeights<T>& weights() const { return weights_; }
    int radius() const { return radius_; }
    const std::vector<Slab<T>>& slabs() const { return slabs_; }
    /// At the first and the last cells of rows; of length 0 where nothing absorbs there, and no closure is. Where they
    /// would meet, the first is the whole row.
    const std::array<EdgeBlock, 2>& edges() const { return edges_; }
    const Recurrence<T>& forward() const { return forward_; }
    const Recurrence<T>& transposed() const { return transposed_; }
    const Expressions<T>& expressions() const { return *expressions_; }
    /// The declared field that a field of a program stands for.
    int declared_field(const Program& program, int field) const;
    /// Whether a field of a program lies on the free surface and is zero there.
    bool vanishes_at_surface(const Program& program, int field) const;
    /// The same of a declared field.
    bool vanishes_at_surface(int declared_field) const;
    /// Whether the surface ends in a closure, not in images.
    bool has_closure() const { return closure_.has_value(); }
    /// What a value of a declared field stands for in row z, in cells: 1 but under a closure.
    double share(int declared_field, index_t z) const;
    /// Whether its images above the surface are read.
    bool needs_images(const Program& program, int field) const;
    /// Whether it is read along an axis: by a difference, or a Laplacian.
    static bool is_read_along(const Program& program, int field, int axis);
    /// A coefficient at a point, kept off zero as the scales of transposed fields are.
    double scale(int node, const typename Expressions<T>::Cell& at) const;
    /// The same for a row.
    void scales(int node, index_t x, index_t y, double* out) const;
    const T* zeros() const { return zeros_.data(); }

    /// What a sponge leaves of an update of a field, as factors across a row and along it; 1 outside.
    struct SpongeRow {
        T across = 1;
        const T* along = nullptr;
        bool has_two_levels = false;  ///< of the change from one to the other, not of the field
    };
    bool has_sponge() const { return problem_.is_sponge; }
    bool is_damped(const Program& program, int field) const;
    SpongeRow sponge(const Program& program, int field, index_t x, index_t y) const;
    /// The cells at either end of a row outside of which `along` is 1, in whole cache lines.
    const std::array<EdgeBlock, 2>& sponge_ends() const { return sponge_ends_; }

    double cell_volume() const;
    const SpeedSurvey& speeds() const { return speeds_; }

    /// Whether a field has odd images above a free surface, or even ones.
    bool is_odd(int declared_field) const { return odd_[static_cast<std::size_t>(declared_field)]; }

 private:
    void set_sponge();
    double sponge_rate(int axis, double at) const;
    void set_weights();
    void set_parities();
    void set_slabs();
    void set_closure();
    const FieldBuffer<T>& closure_columns(const Derivative& derivative, bool is_transposed) const;
    void set_edges();
    Slab<T> make_slab(int axis, bool at_end, bool half) const;
    void refuse_narrow(int axis) const;
    void set_recurrence(const Program& program, bool is_transposed, Recurrence<T>& run);
    void set_coefficients(const Program& program, StageRun<T>& run);
    void set_layers(const Program& program, StageRun<T>& run, Recurrence<T>& all);
    void set_surfaces(const Program& program, StageRun<T>& run) const;
    struct Array {
        CoefficientRule rule;
        bool vanishes = false;
        FieldBuffer<T> values;
    };
    /// A coefficient as a frame; `vanishes`: zero at the surface.
    const T* array(const CoefficientRule& rule, bool vanishes);
    CoefficientRule plain_if_sound(CoefficientRule rule);
    const std::array<double, 2>& range(int node);
    double scale_floor(int node);
    double spacing(int axis) const {
        return problem_.spacing[static_cast<std::size_t>(physics_axis(axis))];
    }
    int physics_axis(int axis) const { return axis == 2 ? problem_.dimension - 1 : axis; }

    static std::uint64_t next_number();

    std::uint64_t number_ = next_number();
    Equation<T> equation_;
    Problem problem_;
    Domain domain_;
    Layout layout_;
    int radius_ = 0;
    Stencil stencil_;
    const RowKernels<T>* kernels_ = nullptr;
    DifferenceWeights<T> weights_{};
    std::unique_ptr<Expressions<T>> expressions_;
    std::vector<bool> odd_;
    std::optional<SurfaceClosure> closure_;
    std::array<FieldBuffer<T>, 8> closure_columns_;  ///< of the corrections
    index_t closure_length_ = 0;                     ///< rows that they reach, in whole cache lines
    SpeedSurvey speeds_;
    std::vector<std::unique_ptr<Array>> arrays_;
    std::vector<double> floors_;                 ///< by node
    std::vector<std::array<double, 2>> ranges_;  ///< by node; empty: not asked for
    FieldBuffer<T> zeros_;
    std::vector<Slab<T>> slabs_;
    std::array<EdgeBlock, 2> edges_{};
    /// By axis, on grid points or between them, of fields of one level or of two; x with its margins.
    std::array<std::array<std::array<std::vector<double>, 2>, 2>, 2> sponge_across_{};
    std::array<std::array<FieldBuffer<T>, 2>, 2> sponge_along_{};
    std::array<EdgeBlock, 2> sponge_ends_{};
    Recurrence<T> forward_;
    Recurrence<T> transposed_;
};

extern template class Medium<float>;
extern template class Medium<double>;

}  // namespace lop::wave
