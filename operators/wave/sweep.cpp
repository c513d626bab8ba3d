/// The work of the threads on the tiles of one time step.
#include "sweep.hpp"

#include <algorithm>
#include <cmath>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace lop::wave {
namespace {

int thread_number() {
#ifdef _OPENMP
    return omp_get_thread_num();
#else
    return 0;
#endif
}

/// The work of one thread on one tile.
template <class T>
class TileSweep {
 public:
    TileSweep(const Medium<T>& medium, Field<T>& field, const Step<T>& step, Schedule<T>& schedule,
              int thread)
        : medium_{medium},
          layout_{medium.layout()},
          kernels_{medium.kernels()},
          field_{field},
          step_{step},
          edge_{schedule.scratch(thread, 0), schedule.scratch(thread, 1)},
          extra_{schedule.extra(thread)},
          chunk_{schedule.chunk()},
          radius_{medium.radius()} {}

    void run(const Tile& tile);
    /// The memory variables that the sweep's corrections will find complete around them.
    void remember_x(std::size_t slab, index_t x, index_t y, index_t z0, index_t z1,
                    bool second_phase);

 private:
    void run_rows(index_t x, index_t y, index_t rows, const Tile& tile);
    void finish_rows(index_t x, index_t y, index_t rows, const Tile& tile);
    void step_rows(index_t x, index_t y, index_t rows, const Tile& tile, const T* extra,
                   index_t planes);
    void correct_z(std::size_t slab, index_t x, index_t y, index_t rows);
    void remember_y(index_t x, const Tile& tile);
    bool reaches(const Slab<T>& slab, index_t x, index_t y, index_t rows) const;
    bool is_near_slab(index_t x, index_t y, index_t rows) const;
    void collect(index_t x, index_t y, const Tile& tile);
    void mirror(index_t x, index_t y);

    struct Place {
        index_t at;
        index_t stride;
    };
    Place memory(std::size_t slab, index_t x, index_t y, index_t z) const;
    SlabRow<T> slab_row(std::size_t slab, index_t x, index_t y, index_t z0, index_t z1);

    const Medium<T>& medium_;
    const Layout& layout_;
    const Kernels<T>& kernels_;
    Field<T>& field_;
    const Step<T>& step_;
    T* edge_[2];
    T* extra_;
    index_t chunk_;
    index_t radius_;
    const T* psi_near_[2 * max_radius + 1];
    const T* zeta_near_[2 * max_radius + 1];
};

template <class T>
void TileSweep<T>::run(const Tile& tile) {
    if (layout_.is_planar) {
        for (index_t x = tile.x0; x < tile.x1; x += rows_together)
            run_rows(x, 0, std::min(rows_together, tile.x1 - x), tile);
        return;
    }
    for (index_t x = tile.x0; x < tile.x1; x += 2) {
        const index_t planes = std::min<index_t>(2, tile.x1 - x);
        for (index_t plane = 0; plane < planes; ++plane) remember_y(x + plane, tile);
        for (index_t y = tile.y0; y < tile.y1; y += rows_together) {
            const index_t rows = std::min(rows_together, tile.y1 - y);
            if (planes == 2 && !is_near_slab(x, y, rows) && !is_near_slab(x + 1, y, rows)) {
                step_rows(x, y, rows, tile, nullptr, 2);
                finish_rows(x, y, rows, tile);
                finish_rows(x + 1, y, rows, tile);
                continue;
            }
            for (index_t plane = 0; plane < planes; ++plane) run_rows(x + plane, y, rows, tile);
        }
    }
}

/// Rows of one plane (3-D) or across x (2-D): those that no slab reaches together, the others one
/// by one.
template <class T>
void TileSweep<T>::run_rows(index_t x, index_t y, index_t rows, const Tile& tile) {
    index_t row = 0;
    while (row < rows) {
        const index_t rx = layout_.is_planar ? x + row : x;
        const index_t ry = layout_.is_planar ? 0 : y + row;
        index_t alone = 0;
        while (row + alone < rows && !is_near_slab(layout_.is_planar ? rx + alone : rx,
                                                   layout_.is_planar ? 0 : ry + alone, 1)) {
            ++alone;
        }
        if (alone > 0) {
            step_rows(rx, ry, alone, tile, nullptr, 1);
            row += alone;
        } else {
            collect(rx, ry, tile);
            step_rows(rx, ry, 1, tile, extra_, 1);
            ++row;
        }
    }
    finish_rows(x, y, rows, tile);
}

/// What touches the ends of rows: slabs of axis z, images above a free surface.
template <class T>
void TileSweep<T>::finish_rows(index_t x, index_t y, index_t rows, const Tile& tile) {
    for (std::size_t s = 0; s < medium_.slabs().size(); ++s) {
        const Slab<T>& slab = medium_.slabs()[s];
        if (slab.axis == 2 && slab.block_begin >= tile.z0 && slab.block_begin < tile.z1)
            correct_z(s, x, y, rows);
    }
    if (medium_.problem().free_surface && tile.z0 == 0)
        for (index_t row = 0; row < rows; ++row)
            mirror(layout_.is_planar ? x + row : x, layout_.is_planar ? 0 : y + row);
}

/// Whether the slab reaches any of the rows y .. y + rows - 1 at x.
template <class T>
bool TileSweep<T>::reaches(const Slab<T>& slab, index_t x, index_t y, index_t rows) const {
    const index_t first = slab.axis == 0 ? x : y;
    const index_t last = slab.axis == 0 ? x : y + rows - 1;
    return slab.axis != 2 && last >= slab.begin - radius_ && first < slab.end + radius_;
}

template <class T>
bool TileSweep<T>::is_near_slab(index_t x, index_t y, index_t rows) const {
    for (const Slab<T>& slab : medium_.slabs())
        if (reaches(slab, x, y, rows)) return true;
    return false;
}

/// What the slabs of axes x and y add to Lap u in one row.
template <class T>
void TileSweep<T>::collect(index_t x, index_t y, const Tile& tile) {
    bool adds = false;
    for (std::size_t s = 0; s < medium_.slabs().size(); ++s) {
        if (reaches(medium_.slabs()[s], x, y, 1)) {
            SlabRow<T> row = slab_row(s, x, y, tile.z0, tile.z1);
            row.extra = extra_;
            row.adds = adds;
            adds = true;
            step_.is_transposed ? kernels_.adjoint_correct(row) : kernels_.forward_correct(row);
        }
    }
}

template <class T>
void TileSweep<T>::step_rows(index_t x, index_t y, index_t rows, const Tile& tile, const T* extra,
                             index_t planes) {
    const index_t at_field = layout_.field(x, y, tile.z0);
    const index_t at_frame = layout_.frame(x, y, tile.z0);
    StepRows<T> r;
    r.u = field_.current() + at_field;
    r.p = field_.previous() + at_field;
    r.c = medium_.c() + at_frame;
    r.kept = step_.kept ? step_.kept + at_frame : nullptr;
    r.d = step_.d ? step_.d + at_frame : nullptr;
    r.scale = step_.scale ? step_.scale + at_frame : nullptr;
    r.image = step_.image ? step_.image + at_frame : nullptr;
    r.extra = extra;
    r.length = tile.z1 - tile.z0;
    r.chunk = chunk_;
    r.rows = rows;
    r.planes = planes;
    r.field_pitch = layout_.field_pitch;
    r.frame_pitch = layout_.row;
    r.plane_stride = layout_.plane_stride;
    r.row_stride = layout_.field_pitch;
    r.frame_stride = layout_.ny * layout_.row;
    const index_t ahead = layout_.is_planar ? 2 : 1;
    r.ahead_u = radius_ * layout_.plane_stride + ahead * layout_.field_pitch;
    r.ahead_p = ahead * layout_.field_pitch;
    r.ahead_c = ahead * layout_.row;
    r.weights = medium_.weights().data();
    kernels_.step[static_cast<int>(step_.mode)](r);
}

/// Where psi and zeta of a point lie in the slab's storage, and the stride along its axis. Within
/// reach the place may lie outside.
template <class T>
typename TileSweep<T>::Place TileSweep<T>::memory(std::size_t s, index_t x, index_t y,
                                                  index_t z) const {
    const Slab<T>& slab = medium_.slabs()[s];
    switch (slab.axis) {
        case 0:
            return {((x - slab.begin) * layout_.ny + y) * layout_.row + z,
                    layout_.ny * layout_.row};
        case 1:
            return {(x * (slab.end - slab.begin) + y - slab.begin) * layout_.row + z, layout_.row};
        default: return {(x * layout_.ny + y) * slab.block_length + z, 1};
    }
}

template <class T>
SlabRow<T> TileSweep<T>::slab_row(std::size_t s, index_t x, index_t y, index_t z0, index_t z1) {
    const Slab<T>& slab = medium_.slabs()[s];
    const index_t along = slab.axis == 0 ? x : y;
    const bool is_within = along >= slab.begin && along < slab.end;
    const index_t i = along - slab.begin + 2 * radius_;
    const Place here = memory(s, x, y, z0);
    for (index_t j = -radius_; j <= radius_; ++j) {
        const bool exists = along + j >= slab.begin && along + j < slab.end;
        const index_t there = here.at + j * here.stride;
        psi_near_[radius_ + j] = exists ? field_.psi(s) + there : medium_.zeros();
        zeta_near_[radius_ + j] = exists ? field_.zeta(s) + there : medium_.zeros();
    }
    SlabRow<T> r;
    r.u = field_.current() + layout_.field(x, y, z0);
    r.stride = slab.axis == 0 ? layout_.plane_stride : layout_.field_pitch;
    r.psi = is_within ? field_.psi(s) + here.at : nullptr;
    r.zeta = is_within ? field_.zeta(s) + here.at : nullptr;
    r.psi_near = psi_near_;
    r.zeta_near = zeta_near_;
    r.a = slab.a.data()[i];
    r.b = slab.b.data()[i];
    r.a_near = slab.a.data() + i - radius_;
    r.length = z1 - z0;
    r.field_pitch = layout_.field_pitch;
    r.frame_pitch = layout_.row;
    r.first = medium_.first(slab.axis);
    r.second = medium_.second(slab.axis);
    return r;
}

template <class T>
void TileSweep<T>::remember_x(std::size_t s, index_t x, index_t y, index_t z0, index_t z1,
                              bool second_phase) {
    const SlabRow<T> row = slab_row(s, x, y, z0, z1);
    if (!step_.is_transposed) kernels_.forward_psi(row);
    else if (!second_phase) kernels_.adjoint_zeta(row);
    else kernels_.adjoint_psi(row);
}

/// A tile holds a slab of axis y, its reach included, whole or not at all.
template <class T>
void TileSweep<T>::remember_y(index_t x, const Tile& tile) {
    const std::vector<Slab<T>>& slabs = medium_.slabs();
    for (std::size_t s = 0; s < slabs.size(); ++s) {
        if (slabs[s].axis != 1 || slabs[s].begin < tile.y0 || slabs[s].begin >= tile.y1) continue;
        if (step_.is_transposed)
            for (index_t y = slabs[s].begin; y < slabs[s].end; ++y)
                kernels_.adjoint_zeta(slab_row(s, x, y, tile.z0, tile.z1));
        for (index_t y = slabs[s].begin; y < slabs[s].end; ++y) {
            const SlabRow<T> row = slab_row(s, x, y, tile.z0, tile.z1);
            step_.is_transposed ? kernels_.adjoint_psi(row) : kernels_.forward_psi(row);
        }
    }
}

template <class T>
void TileSweep<T>::correct_z(std::size_t s, index_t x, index_t y, index_t rows) {
    const Slab<T>& slab = medium_.slabs()[s];
    EdgeRows<T> r;
    r.u = field_.current() + layout_.field(x, y, slab.block_begin);
    r.p = field_.previous() + layout_.field(x, y, slab.block_begin);
    r.c = medium_.c() + layout_.frame(x, y, slab.block_begin);
    r.kept = step_.kept ? step_.kept + layout_.frame(x, y, slab.block_begin) : nullptr;
    r.psi = field_.psi(s) + memory(s, x, y, 0).at;
    r.zeta = field_.zeta(s) + memory(s, x, y, 0).at;
    r.a = slab.a.data();
    r.b = slab.b.data();
    r.length = slab.block_length;
    r.rows = rows;
    r.field_pitch = layout_.field_pitch;
    r.frame_pitch = layout_.row;
    r.scratch = edge_[slab.begin == 0 ? 0 : 1];
    r.first = medium_.first(2);
    r.second = medium_.second(2);
    step_.is_transposed ? kernels_.adjoint_edge(r) : kernels_.forward_edge(r);
}

/// Odd images above the free surface, of the row just finished.
template <class T>
void TileSweep<T>::mirror(index_t x, index_t y) {
    T* row = field_.previous() + layout_.field(x, y, 0);
    for (index_t j = 1; j <= radius_; ++j) row[-j] = -row[j];
}

/// Memory variables of axis x, whose neighbours along x are other threads' rows: passes of their
/// own.
template <class T>
void remember_along_x(TileSweep<T>& sweep, const Medium<T>& medium, bool second_phase) {
    const Layout& l = medium.layout();
    const std::vector<Slab<T>>& slabs = medium.slabs();
    for (std::size_t s = 0; s < slabs.size(); ++s) {
        if (slabs[s].axis != 0) continue;
        const index_t rows = (slabs[s].end - slabs[s].begin) * l.ny;
#pragma omp for schedule(static) nowait
        for (index_t i = 0; i < rows; ++i)
            sweep.remember_x(s, slabs[s].begin + i / l.ny, i % l.ny, 0, l.row, second_phase);
    }
#pragma omp barrier
}

}  // namespace

template <class T>
void Field<T>::reset(const Medium<T>& medium) {
    now_ = 0;
    for (FieldBuffer<T>& buffer : buffers_) {
        buffer.resize(medium.layout().field_size);
        buffer.clear();
    }
    const std::vector<Slab<T>>& slabs = medium.slabs();
    psi_.resize(std::max(psi_.size(), slabs.size()));
    zeta_.resize(psi_.size());
    for (std::size_t s = 0; s < slabs.size(); ++s) {
        for (FieldBuffer<T>* buffer : {&psi_[s], &zeta_[s]}) {
            buffer->resize(slabs[s].memory);
            buffer->clear();
        }
    }
    for (std::size_t s = slabs.size(); s < psi_.size(); ++s) {  // of a medium before
        psi_[s].resize(0);
        zeta_[s].resize(0);
    }
}

template <class T>
void advance(const Medium<T>& medium, Schedule<T>& schedule, Field<T>& field, const Step<T>& step) {
    const index_t tiles = static_cast<index_t>(schedule.tiles().size());
#pragma omp parallel num_threads(schedule.threads())
    {
        TileSweep<T> sweep{medium, field, step, schedule, thread_number()};
        remember_along_x(sweep, medium, false);
        if (step.is_transposed) remember_along_x(sweep, medium, true);
#pragma omp for schedule(static)
        for (index_t i = 0; i < tiles; ++i) sweep.run(schedule.tiles()[i]);
    }
    field.turn();
}

template <class T>
bool is_finite(const Medium<T>& medium, const Schedule<T>& schedule, const Field<T>& field) {
    const Layout& l = medium.layout();
    bool all = true;
#pragma omp parallel for schedule(static) reduction(&& : all) num_threads(schedule.threads())
    for (index_t x = 0; x < l.nx; ++x)
        for (index_t y = 0; y < l.ny; ++y)
            all = all && medium.kernels().finite(field.current() + l.field(x, y, 0), l.row);
    return all;
}

template <class T>
std::string place_not_finite(const Medium<T>& medium, const Field<T>& field) {
    const Layout& l = medium.layout();
    const std::array<index_t, 3> extents{l.nx, l.ny, l.nz};
    std::array<index_t, 3> low = extents, high{-1, -1, -1};
    for (index_t x = 0; x < l.nx; ++x)
        for (index_t y = 0; y < l.ny; ++y)
            for (index_t z = 0; z < l.nz; ++z) {
                if (std::isfinite(field.current()[l.field(x, y, z)])) continue;
                const std::array<index_t, 3> at{x, y, z};
                for (std::size_t k = 0; k < 3; ++k) {
                    low[k] = std::min(low[k], at[k]);
                    high[k] = std::max(high[k], at[k]);
                }
            }
    const auto whole = [&](std::size_t k) { return low[k] == 0 && high[k] == extents[k] - 1; };
    if (high[0] < 0) return "nowhere any more";
    if (whole(0) && whole(1) && whole(2)) return "everywhere";
    std::string words = "in cells ";
    for (const std::size_t k : {0, 1, 2}) {
        if (k == 1 && l.is_planar) continue;
        const index_t before = medium.before()[k];
        words += std::to_string(low[k] - before) + " to " + std::to_string(high[k] - before) +
                 " along " + "xyz"[k] +
                 (k == 2                  ? " of the model"
                  : l.is_planar || k == 1 ? " and "
                                          : ", ");
    }
    return words;
}

template std::string place_not_finite(const Medium<float>&, const Field<float>&);
template std::string place_not_finite(const Medium<double>&, const Field<double>&);
template class Field<float>;
template class Field<double>;
template void advance(const Medium<float>&, Schedule<float>&, Field<float>&, const Step<float>&);
template void advance(const Medium<double>&, Schedule<double>&, Field<double>&,
                      const Step<double>&);
template bool is_finite(const Medium<float>&, const Schedule<float>&, const Field<float>&);
template bool is_finite(const Medium<double>&, const Schedule<double>&, const Field<double>&);

}  // namespace lop::wave
