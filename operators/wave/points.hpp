/// Sources and receivers as sparse sums of grid points, and how they meet a wavefield.
#pragma once

#include "medium.hpp"
#include "sweep.hpp"

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
    std::array<double, 3> shift{};           ///< of the field's points from the grid's, in cells
    bool is_odd = true;                      ///< the field's images above the surface
    std::array<double, 3> spacing{1, 1, 1};  ///< m, that derivatives are per
    bool goes_on =
        false;  ///< above the surface as a polynomial, not in images; odd ones vanish on it
};

/// A sum of grid points along one axis.
struct WeightsOnAxis {
    int count = 0;
    std::array<index_t, 9> indices{};
    std::array<double, 9> weights{};

    void add(index_t index, double weight);
};

/// What a point reads along an axis of the grid, or the derivative that it reads there; its weights are the products of
/// these over the axes.
WeightsOnAxis weights_on_axis(const PointGrid& grid, int axis, double position,
                              Interpolation interpolation, bool derivative);

/// Appends one point. `position` counts grid intervals from the first point of the grid. On a grid
/// point (to 1e-6 of an interval, axis by axis) the weight is one. Weights above a free surface are
/// folded with the sign of the image, or, where there are none, go to the points that the quartic through the first ones
/// (of linear interpolation the line) has its values from; those beyond any other edge are dropped, for the field is
/// zero there. `derivative`: the axis along which the field's derivative is read, -1: the field itself.
/// Throws GeometryError for a position outside the grid.
void append_point(PointSet& points, const PointGrid& grid, const std::array<double, 3>& position,
                  Interpolation interpolation, int derivative = -1);

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
    bool is_late =
        false;  ///< driven between steps that run together: right before the next one's first stage
    bool before_sponge = true;  ///< driven: as if it entered before a sponge takes its part
    int declared = -1;          ///< the declared field whose values or multipliers they are
    bool is_source = false;     ///< a density: divided by what a value stands for under a surface
    bool operator==(const Tap&) const = default;
};

/// Where the value of point p at one step lies among all values.
struct Series {
    index_t stride = 1;
    index_t first = 0;
    index_t place(index_t p) const { return p * stride + first; }
};

/// Reads points of a field, plane by plane of the grid: a sum does not depend on which rank holds a plane.
template <class T> class Sampler {
    auto reader(const T* field) const {
        return [this, field](index_t e) { return field[places_[static_cast<std::size_t>(e)]]; };
    }

 public:
    /// Throws GeometryError if a point does not lie on the medium's grid.
    void prepare(const Medium<T>& medium, const Tap& tap, double scale);
    /// values[p] += sum of the field at point p, for some points that lie here with all their planes.
    void add(const T* field, const std::vector<index_t>& points, T* values, const Series& series,
             int threads) const;
    /// The runs of entries in one plane each that belong to a point: the first, and one past the last.
    std::array<index_t, 2> runs(index_t point) const {
        const auto p = static_cast<std::size_t>(point);
        return {runs_of_[p], runs_of_[p + 1]};
    }
    /// The plane of a run, in the padded grid of all ranks.
    index_t plane(index_t run) const { return planes_[static_cast<std::size_t>(run)]; }
    /// Entries, that is grid points that points read.
    index_t entries() const { return static_cast<index_t>(places_.size()); }
    void prepare_gathering();
    /// values[entry] of the field, for the entries in some rows; of all of them `add_gathered` makes what `add` does, and
    /// `sum_gathered` what `sum` does.
    void gather(const T* field, const RowRange& rows, T* values) const;
    void add_gathered(const T* gathered, const std::vector<index_t>& points, T* values,
                      const Series& series, int threads) const;
    /// The sum of a run that lies here.
    T sum(index_t run, const T* field) const { return sum_of(run, reader(field)); }
    T sum_gathered(index_t run, const T* gathered) const {
        return sum_of(run, [gathered](index_t e) { return gathered[e]; });
    }

 private:
    template <class Value>
    void add_points(const Value& value, const std::vector<index_t>& points, T* values,
                    const Series& series, int threads) const;
    /// The sum of a run whose entries have the values value(entry).
    template <class Value> T sum_of(index_t run, const Value& value) const {
        const auto r = static_cast<std::size_t>(run);
        T total = 0;
        for (index_t e = begins_[r]; e < begins_[r + 1]; ++e)
            total += weights_[static_cast<std::size_t>(e)] * value(e);
        return total;
    }
    template <class Value> T point_of(index_t point, const Value& value) const {
        T total = 0;
        for (index_t run = runs(point)[0]; run < runs(point)[1]; ++run) total += sum_of(run, value);
        return total;
    }

    std::vector<index_t> runs_of_;  ///< by point
    std::vector<index_t> begins_;   ///< by run
    std::vector<index_t> planes_;   ///< by run
    std::vector<index_t> places_;   ///< in the field; -1 on another rank
    std::vector<T> weights_;
    std::vector<index_t> by_row_;  ///< entries, in the order of their places
    const Layout* layout_ = nullptr;
};

/// Adds point values to a field. Works target by target, each the sum of what reaches it in the order of the
/// points: no two threads meet, and the sum does not depend on their number. Of a grid that ranks share, what lies in
/// the margins at the cuts is driven as well, as its owner drives it.
template <class T> class Injector {
 public:
    void prepare(const Medium<T>& medium, const Program& program, const Tap& tap, double scale);
    /// Adds values[p] to the field, with its images, and without `times` to a kept rate, unless null.
    void inject(const T* values, const Series& series, T* field, T* kept, int threads) const;
    /// The same in some rows.
    void inject(const T* values, const Series& series, T* field, T* kept,
                const RowRange& rows) const;

 private:
    struct Target {
        index_t field;
        index_t frame;  ///< -1: in a margin
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
    void inject_at(std::size_t target, const T* values, const Series& series, T* field,
                   T* kept) const;

    const Layout* layout_ = nullptr;
    std::vector<Target> targets_;
    std::vector<Entry> entries_;
};

extern template class Sampler<float>;
extern template class Sampler<double>;
extern template class Injector<float>;
extern template class Injector<double>;

}  // namespace lop::wave
