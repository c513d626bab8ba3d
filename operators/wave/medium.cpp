/// Lays out the grid and precomputes the coefficients of a medium.
#include "medium.hpp"

#include <lop/core/error.hpp>
#include <lop/core/grid.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>
#include <string>

namespace lop::wave {
namespace {

constexpr index_t cache_line = 64;

index_t round_up(index_t n, index_t unit) { return (n + unit - 1) / unit * unit; }

void refuse_if(bool wrong, const std::string& asked, const std::string& expected,
               const std::string& found) {
    if (wrong) throw ArgumentError{asked, {.expected = expected, .found = found}};
}

void check(const AcousticProblem& p) {
    const std::string asked = "an acoustic propagation";
    refuse_if(p.dimension != 2 && p.dimension != 3, asked, "2 or 3 dimensions",
              std::to_string(p.dimension));
    for (int k = 0; k < p.dimension; ++k) {
        refuse_if(p.extents[k] < 1, asked, "at least one point on every axis",
                  std::to_string(p.extents[k]) + " on axis " + std::to_string(k));
        refuse_if(!(p.spacing[k] > 0) || !std::isfinite(p.spacing[k]), asked,
                  "a positive, finite spacing",
                  number_words(p.spacing[k]) + " m on axis " + std::to_string(k));
    }
    refuse_if(!(p.dt > 0) || !std::isfinite(p.dt), asked, "a positive, finite time step",
              number_words(p.dt) + " s");
    const Pml& layer = p.layer;
    constexpr index_t most_cells = 1'000'000;
    refuse_if(layer.cells < 0 || layer.cells > most_cells, asked,
              "an absorbing layer of 0 to a million cells", std::to_string(layer.cells));
    refuse_if(!(layer.reflection > 0 && layer.reflection < 1), asked,
              "a reflection coefficient between 0 and 1", number_words(layer.reflection));
    refuse_if(!(layer.frequency >= 0) || !std::isfinite(layer.frequency), asked,
              "a layer frequency of 0 Hz or more", number_words(layer.frequency) + " Hz");
}

}  // namespace

template <class T>
Medium<T>::Medium(const AcousticProblem& problem, const T* slowness2) : problem_{problem} {
    check(problem);
    stencil_ = taylor_stencil(problem.order);
    radius_ = stencil_.radius;
    kernels_ = &wave::kernels<T>(problem.dimension, radius_, problem.instructions);
    lay_out();
    scan(slowness2);
    set_weights();
    set_c(slowness2);
    set_slabs();
}

template <class T>
double Medium<T>::spacing(int axis) const {
    return problem_.spacing[axis == 2 ? problem_.dimension - 1 : axis];
}

template <class T>
double Medium<T>::cell_volume() const {
    double volume = 1;
    for (int k = 0; k < problem_.dimension; ++k) volume *= problem_.spacing[k];
    return volume;
}

template <class T>
double Medium<T>::stable_dt() const {
    return stable_time_step(problem_.order, problem_.dimension, problem_.spacing, velocity_max_);
}

template <class T>
index_t Medium<T>::model_index(int axis, index_t i) const {
    return std::clamp<index_t>(i - before_[axis], 0, model_[axis] - 1);
}

/// Rows start on cache lines. Their pitch is an odd number of lines, and so is that of the planes,
/// which spreads the 2 R + 1 rows and planes of a stencil over all sets of a cache.
template <class T>
void Medium<T>::lay_out() {
    const bool planar = problem_.dimension == 2;
    model_ = {problem_.extents[0], planar ? 1 : problem_.extents[1],
              problem_.extents[problem_.dimension - 1]};
    std::array<index_t, 3> n = model_;
    for (int axis = 0; axis < 3; ++axis) {
        const bool padded = !problem_.layer.inside && !(planar && axis == 1);
        const index_t cells = padded ? problem_.layer.cells : 0;
        before_[axis] = absorbs_start(axis) ? cells : 0;
        n[axis] += before_[axis] + cells;
    }
    const index_t line = cache_line / static_cast<index_t>(sizeof(T));
    const index_t r = radius_;
    // Refuses what cannot be counted, margins and rounding included, before it is multiplied.
    static_cast<void>(
        Shape{n[0] + 2 * r + 1, planar ? 1 : n[1] + 2 * r + 1, n[2] + 4 * line + 2 * r});
    Layout& l = layout_;
    l.is_planar = planar;
    l.nx = n[0];
    l.ny = n[1];
    l.nz = n[2];
    l.row = round_up(l.nz, line);
    l.field_pitch = (round_up(std::max(l.row + r, l.nz + 2 * r), line) / line | 1) * line;
    l.plane_stride = planar ? l.field_pitch : ((l.ny + 2 * r) | 1) * l.field_pitch;
    l.origin = r * l.plane_stride + (planar ? 0 : r * l.field_pitch) + line;
    l.field_size = l.origin + (l.nx + r) * l.plane_stride + (planar ? 0 : r * l.field_pitch);
    l.frame_size = l.nx * l.ny * l.row;
}

template <class T>
void Medium<T>::scan(const T* slowness2) {
    const index_t size = model_[0] * model_[1] * model_[2];
    T least = slowness2[0];
    for (index_t i = 0; i < size; ++i) {
        if (!(slowness2[i] > 0) || !std::isfinite(slowness2[i])) {
            throw ModelError{"an acoustic propagation in this model",
                             {.expected = "a positive, finite squared slowness everywhere",
                              .found = number_words(slowness2[i]) + " s2/m2 at flat index " +
                                       std::to_string(i)}};
        }
        least = std::min(least, slowness2[i]);
    }
    velocity_max_ = 1 / std::sqrt(static_cast<double>(least));
    if (problem_.dt > stable_dt() * (1 + 1e-9)) {
        throw StabilityError{
            "an acoustic propagation with the time step " + number_words(problem_.dt) + " s",
            {.expected = "at most " + number_words(stable_dt()) + " s for " +
                         number_words(velocity_max_) + " m/s at order " +
                         std::to_string(problem_.order),
             .found = number_words(problem_.dt) + " s",
             .remedy = "a shorter step or a coarser grid"}};
    }
}

template <class T>
void Medium<T>::set_weights() {
    double centre = 0;
    weights_.assign(1, 0);
    for (int axis = 0; axis < 3; ++axis) {
        const double h = spacing(axis);
        first_[axis].assign(max_radius + 1, 0);
        second_[axis].assign(max_radius + 1, 0);
        for (int j = 0; j <= radius_; ++j) {
            first_[axis][j] = static_cast<T>(stencil_.first[j] / h);
            second_[axis][j] = static_cast<T>(stencil_.second[j] / (h * h));
        }
        if (axis == 1 && layout_.is_planar) continue;
        centre += stencil_.second[0] / (h * h);
        weights_.insert(weights_.end(), second_[axis].begin() + 1,
                        second_[axis].begin() + 1 + radius_);
    }
    weights_[0] = static_cast<T>(centre);
}

template <class T>
void Medium<T>::set_c(const T* slowness2) {
    const Layout& l = layout_;
    const double dt2 = problem_.dt * problem_.dt;
    zeros_.resize(l.row);
    zeros_.clear();
    c_.resize(l.frame_size);
    c_.clear();
#pragma omp parallel for schedule(static)
    for (index_t x = 0; x < l.nx; ++x) {
        for (index_t y = 0; y < l.ny; ++y) {
            const T* m =
                slowness2 + (model_index(0, x) * model_[1] + model_index(1, y)) * model_[2];
            // The surface row stays at zero because its c is zero.
            for (index_t z = problem_.free_surface ? 1 : 0; z < l.nz; ++z)
                c_.data()[l.frame(x, y, z)] = static_cast<T>(dt2 / m[model_index(2, z)]);
        }
    }
}

/// Slabs of one axis must not feel each other, nor the mirror images of a surface: the transposes
/// of their one-sided differences would then need terms of their own.
template <class T>
void Medium<T>::refuse_narrow(int axis, index_t extent) const {
    const index_t cells = problem_.layer.cells;
    const index_t free = extent - cells - (absorbs_start(axis) ? cells : 0);
    if (free < radius_) {
        throw ArgumentError{
            "an absorbing layer of " + std::to_string(cells) + " cells on axis " + "xyz" [axis], {
                .expected = "at least " + std::to_string(radius_) +
                            " grid points between the layers at order " +
                            std::to_string(problem_.order),
                .found = std::to_string(free),
                .remedy = "a larger model, a thinner layer or a lower order"
            }};
    }
}

template <class T>
void Medium<T>::set_slabs() {
    const std::array<index_t, 3> extents{layout_.nx, layout_.ny, layout_.nz};
    if (problem_.layer.cells == 0) return;
    for (int axis = 0; axis < 3; ++axis) {
        if (axis == 1 && layout_.is_planar) continue;
        refuse_narrow(axis, extents[axis]);
        if (absorbs_start(axis)) slabs_.push_back(make_slab(axis, false, extents[axis]));
        slabs_.push_back(make_slab(axis, true, extents[axis]));
    }
}

/// Profiles after Pasalic and McGarry (2010): b = exp(-(sigma + alpha) dt), a = sigma / (sigma +
/// alpha) (b - 1).
template <class T>
Slab<T> Medium<T>::make_slab(int axis, bool at_end, index_t extent) const {
    const Pml& layer = problem_.layer;
    const index_t r = radius_;
    Slab<T> slab;
    slab.axis = axis;
    slab.begin = at_end ? extent - layer.cells : 0;
    slab.end = slab.begin + layer.cells;
    index_t shift = slab.begin - 2 * r;
    index_t length = layer.cells + 4 * r;
    if (axis == 2) {
        const index_t line = cache_line / static_cast<index_t>(sizeof(T));
        const index_t reach = std::max<index_t>(slab.begin - r, 0);
        slab.block_begin = at_end ? reach / line * line : 0;
        slab.block_length =
            (at_end ? layout_.row : std::min(round_up(slab.end + r, line), layout_.row)) -
            slab.block_begin;
        shift = slab.block_begin;
        length = slab.block_length;
    }
    for (FieldBuffer<T>* profile : {&slab.a, &slab.b}) {
        profile->resize(length);
        profile->clear();
    }
    const double layer_velocity =
        problem_.layer_velocity > 0 ? problem_.layer_velocity : velocity_max_;
    const double sigma_max =
        -3 * layer_velocity * std::log(layer.reflection) / (2 * layer.cells * spacing(axis));
    for (index_t i = slab.begin; i < slab.end; ++i) {
        const double depth = static_cast<double>(at_end ? i - slab.begin + 1 : slab.end - i);
        const double xi = depth / layer.cells;
        const double sigma = sigma_max * xi * xi;
        const double alpha = std::numbers::pi * layer.frequency * (1 - xi);
        const double b = std::exp(-(sigma + alpha) * problem_.dt);
        slab.b.data()[i - shift] = static_cast<T>(b);
        slab.a.data()[i - shift] = static_cast<T>(sigma / (sigma + alpha) * (b - 1));
    }
    slab.memory = axis == 0   ? layer.cells * layout_.ny * layout_.row
                  : axis == 1 ? layout_.nx * layer.cells * layout_.row
                              : layout_.nx * layout_.ny * slab.block_length;
    return slab;
}

template class Medium<float>;
template class Medium<double>;

}  // namespace lop::wave
