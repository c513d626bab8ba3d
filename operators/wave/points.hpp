/// Sources and receivers as sparse sums of grid points, and how they meet a wavefield.
#pragma once

#include "medium.hpp"

#include <array>
#include <span>
#include <vector>

namespace lop::wave {

/// Points off the grid, each a weighted sum of grid points (compressed rows): point p reads
/// weights[e] * u(indices[e]) for e = begins[p] .. begins[p + 1] - 1. An index is the flat,
/// row-major one of the padded grid, z fastest. The weights act on both sides: to sample with them
/// is the transpose of injecting with them.
struct PointSet {
    std::vector<index_t> begins{0};
    std::vector<index_t> indices;
    std::vector<double> weights;

    index_t size() const { return static_cast<index_t>(begins.size()) - 1; }
};

/// The grid that points are placed on: extents per axis ({x, z} or {x, y, z}), the surface at z
/// index 0.
struct PointGrid {
    int dimension = 2;
    std::array<index_t, 3> extents{};
    bool free_surface = false;
    std::array<double, 3> shift{};  ///< of the field's points from the grid's, in cells
    bool is_odd = true;             ///< the field's images above the surface
};

/// Appends one point. `position` counts grid intervals from the first point of the grid. On a grid
/// point (to 1e-6 of an interval, axis by axis) the weight is one. Weights above a free surface are
/// folded with the sign of the image; those beyond any other edge are dropped, for the field is
/// zero there. Throws GeometryError for a position outside the grid.
void append_point(PointSet& points, const PointGrid& grid, const std::array<double, 3>& position,
                  Interpolation interpolation);

/// Points on one field of a program, with a factor for each grid point:
/// weight * times(x) / over(x), nodes of coefficients or -1; scales of transposed fields kept off zero.
struct Tap {
    int field = -1;
    int stage =
        -1;  ///< of the program: right after it (driven) or before it (read); -1: between steps
    const PointSet* points = nullptr;
    double weight = 1;
    int times = -1;
    bool times_is_scale = false;
    int over = -1;
    int kept_group = -1;  ///< driven: whose rate they add to, before `times`
};

/// Where the value of point p at one step lies among all values.
struct Series {
    index_t stride = 1;
    index_t first = 0;
    index_t place(index_t p) const { return p * stride + first; }
};

/// Reads points of a field.
template <class T> class Sampler {
 public:
    /// Throws GeometryError if a point does not lie on the medium's grid.
    void prepare(const Medium<T>& medium, const Program& program, const Tap& tap, double scale);
    /// values[p] += sum of the field at point p
    void add(const T* field, T* values, const Series& series, int threads) const;

 private:
    std::vector<index_t> begins_;
    std::vector<index_t> places_;
    std::vector<T> weights_;
};

/// Adds point values to a field. Works target by target, each the sum of what reaches it in the order of the
/// points: no two threads meet, and the sum does not depend on their number.
template <class T> class Injector {
 public:
    void prepare(const Medium<T>& medium, const Program& program, const Tap& tap, double scale);
    /// Adds values[p] to the field, with its images, and without `times` to a kept rate, unless null.
    void inject(const T* values, const Series& series, T* field, T* kept, int threads) const;

 private:
    struct Target {
        index_t field;
        index_t frame;
        index_t image;  ///< above a free surface; -1: none
        index_t begin;
        T amplitude;
        T image_sign;
    };
    struct Entry {
        index_t index;
        index_t point;
        T weight;
    };
    std::vector<Target> targets_;
    std::vector<Entry> entries_;
};

extern template class Sampler<float>;
extern template class Sampler<double>;
extern template class Injector<float>;
extern template class Injector<double>;

}  // namespace lop::wave
