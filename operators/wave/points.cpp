/// Interpolation weights, and point values into and out of wavefields.
#include "points.hpp"

#include "interpolation.hpp"
#include <lop/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

namespace lop::wave {
namespace {

/// Fewer points than this are not worth waking the threads for.
constexpr index_t parallel_threshold = 512;

/// What lies above the first index of an axis: nothing, or images of what lies below it, or the polynomial through it.
struct Images {
    bool exist = false;
    double sign = 1;
    index_t shift = 0;  ///< 1 where the points lie half a cell from the surface
    index_t through =
        0;  ///< points, with the surface itself where the field is zero there; 0: images
    bool vanishes = false;  ///< on the surface, half a cell from the first point
};

/// A weight of the polynomial's value at an index goes to the points that it passes through.
void extrapolate(WeightsOnAxis& all, index_t index, double weight, index_t extent,
                 const Images& images) {
    const index_t points = std::min(images.through - (images.vanishes ? 1 : 0), extent);
    const double x = static_cast<double>(index);
    for (index_t i = 0; i < points; ++i) {
        const double at = static_cast<double>(i);
        double share = images.vanishes ? (x + 0.5) / (at + 0.5) : 1;
        for (index_t k = 0; k < points; ++k)
            if (k != i) share *= (x - static_cast<double>(k)) / static_cast<double>(i - k);
        all.add(i, weight * share);
    }
}

/// Weights above the first index go to what the images there are of; beyond the last one there is nothing.
WeightsOnAxis folded(const AxisStencil& stencil, index_t extent, const Images& images) {
    WeightsOnAxis all;
    for (int j = 0; j < stencil.count; ++j) {
        const index_t index = stencil.first + j;
        if (index < 0 && images.through > 0) {
            extrapolate(all, index, stencil.weights[static_cast<std::size_t>(j)], extent, images);
            continue;
        }
        const index_t place = index < 0 ? -index - images.shift : index;
        if ((index < 0 && !images.exist) || place >= extent) continue;
        all.add(place, (index < 0 ? images.sign : 1) * stencil.weights[j]);
    }
    return all;
}

template <class T>
void refuse_strangers(const Medium<T>& medium, const PointSet& points) {
    const Layout& l = medium.layout();
    const index_t size = l.all_planes * l.ny * l.nz;
    const bool is_closed = !points.begins.empty() && points.begins.front() == 0 &&
                           points.begins.back() == static_cast<index_t>(points.indices.size()) &&
                           points.indices.size() == points.weights.size() &&
                           std::is_sorted(points.begins.begin(), points.begins.end());
    if (!is_closed) {
        throw GeometryError{
            "sources or receivers of a shot",
            {.expected = "as many weights as indices, in rows that follow each other"}};
    }
    for (const index_t index : points.indices) {
        if (index < 0 || index >= size) {
            throw GeometryError{
                "a source or receiver at flat grid index " + std::to_string(index),
                {.expected = "0 to " + std::to_string(size - 1) + " (the grid has " +
                             std::to_string(l.all_planes) + " x " + std::to_string(l.ny) + " x " +
                             std::to_string(l.nz) + " points)"}};
        }
    }
}

/// The point of a flat index of the padded grid, seen from this rank.
std::array<index_t, 3> unflatten(const Layout& l, index_t index) {
    return {index / (l.ny * l.nz) - l.first_plane, index / l.nz % l.ny, index % l.nz};
}

}  // namespace

void WeightsOnAxis::add(index_t index, double weight) {
    for (int i = 0; i < count; ++i) {
        if (indices[i] == index) {
            weights[i] += weight;
            return;
        }
    }
    indices[count] = index;
    weights[count++] = weight;
}

WeightsOnAxis weights_on_axis(const PointGrid& grid, int axis, double position,
                              Interpolation interpolation, bool derivative) {
    Images images{grid.free_surface && axis == grid.dimension - 1, grid.is_odd ? -1.0 : 1.0,
                  grid.shift[axis] > 0 ? 1 : 0};
    if (images.exist && grid.goes_on) {
        images.through = interpolation == Interpolation::linear ? 2 : 5;
        images.vanishes = grid.is_odd && images.shift > 0;
    }
    const double on_field = position - grid.shift[axis];
    auto all = folded(derivative ? derivative_weights(on_field, interpolation)
                                 : interpolation_weights(on_field, interpolation),
                      grid.extents[axis], images);
    if (derivative)
        for (double& weight : all.weights) weight /= grid.spacing[axis];
    return all;
}

void append_point(PointSet& points, const PointGrid& grid, const std::array<double, 3>& position,
                  Interpolation interpolation, int derivative) {
    std::array<WeightsOnAxis, 3> axes;
    for (int k = 0; k < grid.dimension; ++k) {
        const double last = static_cast<double>(grid.extents[k] - 1);
        if (!(position[k] >= -1e-6 && position[k] <= last + 1e-6)) {
            throw GeometryError{"a source or receiver at " + number_words(position[k]) +
                                    " grid intervals along axis " + std::to_string(k),
                                {.expected = "0 to " + std::to_string(grid.extents[k] - 1)}};
        }
        axes[k] = weights_on_axis(grid, k, position[k], interpolation, k == derivative);
    }
    if (grid.dimension == 2) axes[2].add(0, 1);
    for (int i = 0; i < axes[0].count; ++i) {
        for (int j = 0; j < axes[1].count; ++j) {
            for (int k = 0; k < axes[2].count; ++k) {
                index_t index = axes[0].indices[i] * grid.extents[1] + axes[1].indices[j];
                if (grid.dimension == 3) index = index * grid.extents[2] + axes[2].indices[k];
                points.indices.push_back(index);
                points.weights.push_back(axes[0].weights[i] * axes[1].weights[j] *
                                         axes[2].weights[k]);
            }
        }
    }
    points.begins.push_back(static_cast<index_t>(points.indices.size()));
}

namespace {

/// Zero where the field is held at zero.
template <class T>
double factor(const Medium<T>& medium, const Tap& tap, const std::array<index_t, 3>& at) {
    if (at[2] == 0 && medium.vanishes_at_surface(tap.declared)) return 0;
    double value = tap.weight;
    if (tap.times >= 0)
        value *= tap.times_is_scale ? medium.scale(tap.times, at)
                                    : medium.expressions().value(tap.times, at);
    if (tap.over >= 0) value /= medium.scale(tap.over, at);
    return value;
}

/// Of a source the measure of a point, in cells.
template <class T> double share(const Medium<T>& medium, const Tap& tap, index_t z) {
    return tap.is_source ? medium.share(tap.declared, z) : 1;
}

/// What a sponge leaves of what is driven.
template <class T> T sponge_at(const Medium<T>& medium, const Program& program, const Tap& tap,
                               const std::array<index_t, 3>& at) {
    if (!tap.before_sponge || !medium.is_damped(program, tap.field)) return 1;
    const auto sponge = medium.sponge(program, tap.field, at[0], at[1]);
    return sponge.across * sponge.along[at[2]];
}

}  // namespace

template <class T>
void Sampler<T>::prepare(const Medium<T>& medium, const Tap& tap, double scale) {
    const PointSet& points = *tap.points;
    refuse_strangers(medium, points);
    const Layout& l = medium.layout();
    places_.resize(points.indices.size());
    weights_.resize(points.weights.size());
    runs_of_.assign(1, 0);
    begins_.clear();
    planes_.clear();
    for (index_t p = 0; p < points.size(); ++p) {
        const auto first = static_cast<std::size_t>(points.begins[static_cast<std::size_t>(p)]);
        const auto last = static_cast<std::size_t>(points.begins[static_cast<std::size_t>(p) + 1]);
        for (std::size_t e = first; e < last; ++e) {
            const auto at = unflatten(l, points.indices[e]);
            const index_t plane = at[0] + l.first_plane;
            if (e == first || plane != planes_.back()) {
                planes_.push_back(plane);
                begins_.push_back(static_cast<index_t>(e));
            }
            places_[e] = -1;
            if (at[0] < 0 || at[0] >= l.nx) continue;
            places_[e] = l.field(at[0], at[1], at[2]);
            weights_[e] = static_cast<T>(scale * points.weights[e] / share(medium, tap, at[2]) *
                                         factor(medium, tap, at));
        }
        runs_of_.push_back(static_cast<index_t>(planes_.size()));
    }
    begins_.push_back(static_cast<index_t>(points.indices.size()));
    layout_ = &l;
}

namespace {

/// Places in a field of the first value of some rows, and one past the last: what lies between them is theirs, for a
/// range has whole rows (3-D), or one (2-D).
std::array<index_t, 2> places_of(const Layout& l, const RowRange& rows) {
    return {l.field(rows.x, rows.y0, rows.z0), l.field(rows.x, rows.y1 - 1, rows.z1)};
}

}  // namespace

template <class T> void Sampler<T>::prepare_gathering() {
    by_row_.resize(places_.size());
    std::iota(by_row_.begin(), by_row_.end(), index_t{0});
    std::sort(by_row_.begin(), by_row_.end(), [&](index_t a, index_t b) {
        return places_[static_cast<std::size_t>(a)] < places_[static_cast<std::size_t>(b)];
    });
}

template <class T>
void Sampler<T>::gather(const T* field, const RowRange& rows, T* values) const {
    const auto range = places_of(*layout_, rows);
    const auto place = [&](index_t entry) { return places_[static_cast<std::size_t>(entry)]; };
    auto e = std::partition_point(by_row_.begin(), by_row_.end(),
                                  [&](index_t entry) { return place(entry) < range[0]; });
    for (; e != by_row_.end() && place(*e) < range[1]; ++e) values[*e] = field[place(*e)];
}

template <class T>
template <class Value>
void Sampler<T>::add_points(const Value& value, const std::vector<index_t>& points, T* values,
                            const Series& series, int threads) const {
    const auto count = static_cast<index_t>(points.size());
#pragma omp parallel for schedule(static) num_threads(threads) if (count > parallel_threshold)
    for (index_t i = 0; i < count; ++i) {
        const index_t point = points[static_cast<std::size_t>(i)];
        values[series.place(point)] += point_of(point, value);
    }
}

template <class T>
void Sampler<T>::add(const T* field, const std::vector<index_t>& points, T* values,
                     const Series& series, int threads) const {
    add_points(reader(field), points, values, series, threads);
}

template <class T>
void Sampler<T>::add_gathered(const T* gathered, const std::vector<index_t>& points, T* values,
                              const Series& series, int threads) const {
    add_points([gathered](index_t e) { return gathered[e]; }, points, values, series, threads);
}

template <class T>
void Injector<T>::prepare(const Medium<T>& medium, const Program& program, const Tap& tap,
                          double scale) {
    const PointSet& points = *tap.points;
    refuse_strangers(medium, points);
    entries_.clear();
    const Layout& l = medium.layout();
    layout_ = &l;
    const index_t first = l.goes_on(false) ? -medium.radius() : 0;
    const index_t last = l.nx + (l.goes_on(true) ? medium.radius() : 0);
    for (index_t p = 0; p < points.size(); ++p)
        for (index_t e = points.begins[p]; e < points.begins[p + 1]; ++e) {
            const auto at = unflatten(l, points.indices[e]);
            if (at[0] >= first && at[0] < last)
                entries_.push_back(
                    {points.indices[e], p,
                     static_cast<T>(scale * points.weights[e] / share(medium, tap, at[2]))});
        }
    std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
        return a.index != b.index ? a.index < b.index : a.point < b.point;
    });
    targets_.clear();
    const bool has_images = medium.needs_images(program, tap.field);
    const index_t shift = program.fields[tap.field].position.half[program.dimension - 1] ? 1 : 0;
    const T sign = medium.is_odd(medium.declared_field(program, tap.field)) ? T(-1) : T(1);
    for (std::size_t e = 0; e < entries_.size(); ++e) {
        if (e > 0 && entries_[e].index == entries_[e - 1].index) continue;
        const auto at = unflatten(l, entries_[e].index);
        const index_t image = -at[2] - shift;
        const bool is_seen = has_images && image < 0 && image >= -medium.radius();
        const bool is_own = at[0] >= 0 && at[0] < l.nx;
        targets_.push_back(
            {l.field(at[0], at[1], at[2]), is_own ? l.frame(at[0], at[1], at[2]) : -1,
             is_seen ? l.field(at[0], at[1], image) : -1, static_cast<index_t>(e),
             static_cast<T>(factor(medium, tap, at)) * sponge_at(medium, program, tap, at), sign});
    }
    targets_.push_back({0, 0, -1, static_cast<index_t>(entries_.size()), T{0}, T{0}});
}

template <class T>
void Injector<T>::inject(const T* values, const Series& series, T* field, T* kept,
                         int threads) const {
    const index_t count = static_cast<index_t>(targets_.size()) - 1;
#pragma omp parallel for schedule(static) num_threads(threads) if (count > parallel_threshold)
    for (index_t t = 0; t < count; ++t)
        inject_at(static_cast<std::size_t>(t), values, series, field, kept);
}

template <class T>
void Injector<T>::inject(const T* values, const Series& series, T* field, T* kept,
                         const RowRange& rows) const {
    const auto range = places_of(*layout_, rows);
    const auto last = targets_.end() - 1;
    auto t = std::partition_point(targets_.begin(), last,
                                  [&](const Target& target) { return target.field < range[0]; });
    for (; t != last && t->field < range[1]; ++t)
        inject_at(static_cast<std::size_t>(t - targets_.begin()), values, series, field, kept);
}

template <class T>
void Injector<T>::inject_at(std::size_t t, const T* values, const Series& series, T* field,
                            T* kept) const {
    const Target& target = targets_[t];
    T sum = 0;
    for (index_t e = target.begin; e < targets_[t + 1].begin; ++e)
        sum += entries_[static_cast<std::size_t>(e)].weight *
               values[series.place(entries_[static_cast<std::size_t>(e)].point)];
    const T value = target.amplitude * sum;
    field[target.field] += value;
    if (target.image >= 0) field[target.image] += target.image_sign * value;
    if (kept && target.frame >= 0) kept[target.frame] += sum;
}

template class Sampler<float>;
template class Sampler<double>;
template class Injector<float>;
template class Injector<double>;

}  // namespace lop::wave
