/// The work of the threads on the tiles of a stage, and of stages and steps that run together.
#include "sweep.hpp"

#include "flush.hpp"
#include "threads.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace lop::wave {
namespace {

/// The work of one thread on the tiles of a stage.
template <class T> class TileSweep {
 public:
    /// `ahead`: after so many steps that levels have changed places.
    TileSweep(const Medium<T>& medium, const Recurrence<T>& run, int stage, FieldSet<T>& fields,
              bool ahead, const StageExtras<T>& extras, Schedule<T>& schedule, int thread)
        : medium_{medium},
          layout_{medium.layout()},
          program_{*run.program},
          run_{run.stages[static_cast<std::size_t>(stage)]},
          stage_{*run_.stage},
          fields_{fields},
          ahead_{ahead},
          extras_{extras},
          edge_{schedule.scratch(thread, 0), schedule.scratch(thread, 1)},
          extra_{schedule.extra(thread)},
          radius_{medium.radius()} {
        for (const LayerUse& use : run_.layers)
            reaches_sides_ = reaches_sides_ || slab_of(use).axis != 2;
    }

    /// A piece of a tile: a plane or two (3-D), up to rows_together rows (2-D).
    void run(const Tile& tile);
    /// The memory variables of slabs of axis x in a piece.
    void remember_x(const Tile& tile, bool second_pass);
    bool has_pass_x(bool second_pass) const;
    /// The memory variables that the sweep will find complete around its rows.
    void remember(const LayerUse& use, index_t x, index_t y, index_t z0, index_t z1,
                  bool second_pass);
    bool has_pass(const LayerUse& use, bool second_pass) const;

 private:
    /// Rows at x, y, y + 1, .. (3-D) or x, x + 1, .. (2-D).
    struct Rows {
        index_t x, y, count;
    };
    void run_rows(const Rows& rows, const Tile& tile);
    void run_near(const Rows& rows, const Tile& tile);
    void step(const Rows& rows, const Tile& tile, bool is_near, index_t planes);
    void before_rows(const Rows& rows, const Tile& tile);
    void after_rows(const Rows& rows, const Tile& tile);
    void remember_y(index_t x, const Tile& tile);
    void collect(index_t x, index_t y, const Tile& tile, index_t row);
    void collect_edges(const Rows& rows, const Tile& tile, index_t plane);
    void collect_surface(const Rows& rows, const Tile& tile, index_t plane);
    void damp(int update, index_t x, index_t y, const Tile& tile);
    void mirror(int update, index_t x, index_t y);
    Rows part(const Rows& rows, index_t first, index_t count) const {
        return layout_.is_planar ? Rows{rows.x + first, 0, count}
                                 : Rows{rows.x, rows.y + first, count};
    }
    index_t x_of(const Rows& rows, index_t row) const {
        return layout_.is_planar ? rows.x + row : rows.x;
    }
    index_t y_of(const Rows& rows, index_t row) const {
        return layout_.is_planar ? 0 : rows.y + row;
    }

    const Slab<T>& slab_of(const LayerUse& use) const {
        return medium_.slabs()[static_cast<std::size_t>(use.slab)];
    }
    bool reaches(const Slab<T>& slab, index_t x, index_t y) const;
    bool is_near_slab(index_t x, index_t y) const;
    const typename RowKernels<T>::Slab& kernels_of(const LayerUse& use) const {
        return medium_.kernels().slab[static_cast<int>(stage_.derivatives[use.derivative].kind)];
    }
    T* psi_of(const LayerUse& use) { return fields_.memory(use.memory); }
    T* zeta_of(const LayerUse& use) {
        return use.is_second ? fields_.memory(use.memory + 1) : nullptr;
    }
    template <class Row> void set_sources(Row& row, int derivative, index_t offset);
    SlabRow<T> slab_row(const LayerUse& use, index_t x, index_t y, index_t z0, index_t z1);
    void forget();
    /// Room for what is added to a derivative, rows_together rows of two planes.
    T* extra_row(int derivative) {
        return extra_ + derivative * planes_together * rows_together * layout_.row;
    }

    const Medium<T>& medium_;
    const Layout& layout_;
    const Program& program_;
    const StageRun<T>& run_;
    const Stage& stage_;
    FieldSet<T>& fields_;
    bool ahead_;
    const StageExtras<T>& extras_;
    T* edge_[2];
    T* extra_;
    index_t radius_;
    bool reaches_sides_ = false;
    bool by_sides_[most_differences]{};  ///< derivatives to which slabs of axes x and y add
    bool by_edges_[most_differences]{};  ///< or slabs of axis z
    const T* extra_rows_[most_differences]{};
    const T* psi_near_[2 * max_radius + 1];
    const T* zeta_near_[2 * max_radius + 1];
};

template <class T> void TileSweep<T>::run(const Tile& tile) {
    if (layout_.is_planar) return run_rows({tile.x0, 0, tile.x1 - tile.x0}, tile);
    const index_t x = tile.x0;
    const index_t planes = tile.x1 - x;
    for (index_t plane = 0; plane < planes; ++plane) remember_y(x + plane, tile);
    for (index_t y = tile.y0; y < tile.y1; y += rows_together) {
        const Rows rows{x, y, std::min(rows_together, tile.y1 - y)};
        bool together = planes > 1;
        for (index_t plane = 0; together && plane < planes; ++plane)
            for (index_t row = 0; together && row < rows.count; ++row)
                together = !is_near_slab(x + plane, y + row);
        if (!together) {
            for (index_t plane = 0; plane < planes; ++plane)
                run_rows({x + plane, y, rows.count}, tile);
            continue;
        }
        for (index_t plane = 0; plane < planes; ++plane)
            before_rows({x + plane, y, rows.count}, tile);
        forget();
        for (index_t plane = 0; plane < planes; ++plane)
            collect_edges({x + plane, y, rows.count}, tile, plane);
        step(rows, tile, false, planes);
        for (index_t plane = 0; plane < planes; ++plane)
            after_rows({x + plane, y, rows.count}, tile);
    }
}

/// Runs of rows that no slab of axes x and y reaches, and of such that they reach.
template <class T> void TileSweep<T>::run_rows(const Rows& rows, const Tile& tile) {
    before_rows(rows, tile);
    for (index_t row = 0; row < rows.count;) {
        const bool near = is_near_slab(x_of(rows, row), y_of(rows, row));
        index_t count = 1;
        while (row + count < rows.count &&
               is_near_slab(x_of(rows, row + count), y_of(rows, row + count)) == near)
            ++count;
        const Rows run = part(rows, row, count);
        forget();
        if (near) run_near(run, tile);
        collect_edges(run, tile, 0);
        step(run, tile, near, 1);
        row += count;
    }
    after_rows(rows, tile);
}

/// What slabs of axes x and y add to the derivatives of rows, zero included.
template <class T> void TileSweep<T>::run_near(const Rows& rows, const Tile& tile) {
    for (const LayerUse& use : run_.layers)
        by_sides_[use.derivative] = true;  // those of axis z add to the ends alone
    for (const SurfaceUse<T>& use : run_.surfaces) by_sides_[use.derivative] = true;
    for (index_t i = 0; i < rows.count; ++i) collect(x_of(rows, i), y_of(rows, i), tile, i);
}

template <class T> void TileSweep<T>::forget() {
    for (int d = 0; d < stage_.derivatives.count; ++d) by_sides_[d] = by_edges_[d] = false;
}

template <class T> bool TileSweep<T>::reaches(const Slab<T>& slab, index_t x, index_t y) const {
    const index_t i = slab.axis == 0 ? x : y;
    return slab.axis != 2 && i >= slab.begin - radius_ && i < slab.end + radius_;
}

template <class T> bool TileSweep<T>::is_near_slab(index_t x, index_t y) const {
    if (!reaches_sides_) return false;
    for (const LayerUse& use : run_.layers)
        if (reaches(slab_of(use), x, y)) return true;
    return false;
}

template <class T> void TileSweep<T>::collect(index_t x, index_t y, const Tile& tile, index_t row) {
    bool has_some[most_differences]{};
    for (const LayerUse& use : run_.layers) {
        if (!reaches(slab_of(use), x, y)) continue;
        SlabRow<T> slab = slab_row(use, x, y, tile.z0, tile.z1);
        slab.extra = extra_row(use.derivative) + row * layout_.row;
        slab.adds = has_some[use.derivative];
        has_some[use.derivative] = true;
        program_.is_transposed ? kernels_of(use).transposed_add(slab)
                               : kernels_of(use).forward_add(slab);
    }
    for (int d = 0; d < stage_.derivatives.count; ++d)
        if (by_sides_[d] && !has_some[d])
            std::fill_n(extra_row(d) + row * layout_.row, tile.z1 - tile.z0, T{});
}

/// And what those of axis z add at the ends of some rows.
template <class T> void TileSweep<T>::collect_edges(const Rows& rows, const Tile& tile,
                                                    index_t plane) {
    bool has_some[most_differences][2]{};
    if (tile.z0 == 0) collect_surface(rows, tile, plane);
    for (const SurfaceUse<T>& use : run_.surfaces) has_some[use.derivative][0] = tile.z0 == 0;
    for (const LayerUse& use : run_.layers) {
        const Slab<T>& slab = slab_of(use);
        if (slab.axis != 2) continue;
        const EdgeBlock& block = medium_.edges()[static_cast<std::size_t>(slab.edge)];
        if (block.begin < tile.z0 || block.begin >= tile.z1) continue;
        const index_t memory = (rows.x * layout_.ny + rows.y) * block.length;
        EdgeRows<T> r;
        set_sources(r, use.derivative, layout_.field(rows.x, rows.y, block.begin));
        r.psi = psi_of(use) + memory;
        r.zeta = use.is_second ? zeta_of(use) + memory : nullptr;
        r.a = slab.a.data();
        r.b = slab.b.data();
        r.extra =
            extra_row(use.derivative) + plane * rows_together * layout_.row + block.begin - tile.z0;
        r.adds = by_sides_[use.derivative] || has_some[use.derivative][slab.edge];
        r.length = block.length;
        r.rows = rows.count;
        r.field_pitch = layout_.field_pitch;
        r.extra_pitch = layout_.row;
        r.scratch = edge_[slab.edge];
        r.weights = &medium_.weights().axis[program_.dimension - 1];
        program_.is_transposed ? kernels_of(use).transposed_edge(r)
                               : kernels_of(use).forward_edge(r);
        has_some[use.derivative][slab.edge] = true;
        by_edges_[use.derivative] = true;
    }
}

/// What the closure under a free surface adds at the beginning of some rows.
template <class T> void TileSweep<T>::collect_surface(const Rows& rows, const Tile& tile,
                                                      index_t plane) {
    for (const SurfaceUse<T>& use : run_.surfaces) {
        SurfaceRows<T> r;
        set_sources(r, use.derivative, layout_.field(rows.x, rows.y, 0));
        r.columns = use.columns;
        r.count = use.count;
        r.height = use.length;
        r.extra = extra_row(use.derivative) + plane * rows_together * layout_.row;
        r.adds = by_sides_[use.derivative];
        r.length = std::min(medium_.edges()[0].length, tile.z1);
        r.rows = rows.count;
        r.field_pitch = layout_.field_pitch;
        r.extra_pitch = layout_.row;
        medium_.kernels().surface(r);
        by_edges_[use.derivative] = true;
    }
}

template <class T>
void TileSweep<T>::step(const Rows& rows, const Tile& tile, bool is_near, index_t planes) {
    const index_t at_field = layout_.field(rows.x, rows.y, tile.z0);
    const index_t at_frame = layout_.frame(rows.x, rows.y, tile.z0);
    const T* fields[most_fields];
    T* targets[most_fields];
    const T* coefficients[most_coefficients];
    T* kept[most_fields]{};
    const StageSlots& slots = run_.slots;
    for (int i = 0; i < slots.fields.count; ++i)
        fields[i] = fields_.current(slots.fields[i], ahead_) + at_field;
    for (int u = 0; u < stage_.updates.count; ++u)
        targets[u] = fields_.next(stage_.updates[u].target, ahead_) + at_field;
    for (int c = 0; c < slots.coefficients.count; ++c) {
        const T* frame = run_.coefficients[static_cast<std::size_t>(c)];
        coefficients[c] = frame ? frame + at_frame : nullptr;
    }
    for (const auto& k : extras_.kept) kept[k.group] = k.frame + at_frame;
    StageRows<T> r;
    r.fields = fields;
    r.targets = targets;
    r.coefficients = coefficients;
    r.numbers = run_.numbers.data();
    r.kept = extras_.kept.empty() ? nullptr : kept;
    r.extra = extra_rows_;
    r.length = tile.z1 - tile.z0;
    const auto& edges = medium_.edges();
    r.extra_until =
        is_near ? r.length : std::clamp<index_t>(edges[0].length - tile.z0, 0, r.length);
    r.extra_from = std::clamp<index_t>(edges[1].begin - tile.z0, 0, r.length);
    r.rows = rows.count;
    r.planes = planes;
    r.field_pitch = layout_.field_pitch;
    r.frame_pitch = layout_.row;
    r.extra_pitch = layout_.row;
    r.extra_stride = rows_together * layout_.row;
    r.plane_stride = layout_.plane_stride;
    r.row_stride = layout_.field_pitch;
    r.frame_stride = layout_.ny * layout_.row;
    const index_t ahead = layout_.is_planar ? 2 : 1;
    r.ahead_far = radius_ * layout_.plane_stride + ahead * layout_.field_pitch;
    r.ahead_near = ahead * layout_.field_pitch;
    r.ahead_frame = ahead * layout_.row;
    r.weights = &medium_.weights();
    for (int d = 0; d < stage_.derivatives.count; ++d)
        extra_rows_[d] = by_sides_[d] || by_edges_[d] ? extra_row(d) : nullptr;
    run_.kernel(r);
}

template <class T> void TileSweep<T>::before_rows(const Rows& rows, const Tile& tile) {
    if (extras_.copies.empty() && extras_.imaged.empty()) return;
    const index_t length = tile.z1 - tile.z0;
    for (index_t row = 0; row < rows.count; ++row) {
        const index_t field = layout_.field(x_of(rows, row), y_of(rows, row), tile.z0);
        const index_t frame = layout_.frame(x_of(rows, row), y_of(rows, row), tile.z0);
        for (const auto& copy : extras_.copies)
            std::copy_n((copy.older ? fields_.next(copy.field, ahead_)
                                    : fields_.current(copy.field, ahead_)) +
                            field,
                        length, copy.frame + frame);
        for (const auto& i : extras_.imaged)
            medium_.kernels().add_product(i.image + frame, i.rate + frame,
                                          fields_.current(i.field, ahead_) + field, length);
    }
}

/// What is scattered into the rows, what a sponge leaves of them, and their images above a free surface.
template <class T> void TileSweep<T>::after_rows(const Rows& rows, const Tile& tile) {
    const index_t length = tile.z1 - tile.z0;
    for (index_t row = 0; !extras_.scattered.empty() && row < rows.count; ++row) {
        const index_t field = layout_.field(x_of(rows, row), y_of(rows, row), tile.z0);
        const index_t frame = layout_.frame(x_of(rows, row), y_of(rows, row), tile.z0);
        for (const auto& s : extras_.scattered)
            medium_.kernels().add_product(fields_.next(s.field, ahead_) + field, s.rate + frame,
                                          s.scale + frame, length);
    }
    for (int u = 0; medium_.has_sponge() && u < stage_.updates.count; ++u)
        for (index_t row = 0; row < rows.count; ++row)
            damp(u, x_of(rows, row), y_of(rows, row), tile);
    if (tile.z0 > 0) return;
    for (const int u : run_.mirrored)
        for (index_t row = 0; row < rows.count; ++row) mirror(u, x_of(rows, row), y_of(rows, row));
}

/// Where psi and zeta of a point lie in a slab's storage; within reach the place may lie outside.
template <class T>
SlabRow<T> TileSweep<T>::slab_row(const LayerUse& use, index_t x, index_t y, index_t z0,
                                  index_t z1) {
    const Slab<T>& slab = slab_of(use);
    const bool across_x = slab.axis == 0;
    const index_t along = across_x ? x : y;
    const bool is_within = along >= slab.begin && along < slab.end;
    const index_t stride = across_x ? layout_.ny * layout_.row : layout_.row;
    const index_t here = (across_x ? (x - slab.begin) * layout_.ny + y
                                   : x * (slab.end - slab.begin) + y - slab.begin) *
                             layout_.row +
                         z0;
    for (index_t j = -radius_; j <= radius_; ++j) {
        const bool exists = along + j >= slab.begin && along + j < slab.end;
        psi_near_[radius_ + j] = exists ? psi_of(use) + here + j * stride : medium_.zeros();
        zeta_near_[radius_ + j] =
            exists && use.is_second ? zeta_of(use) + here + j * stride : medium_.zeros();
    }
    const index_t i = along - slab.begin + 2 * radius_;
    SlabRow<T> r;
    set_sources(r, use.derivative, layout_.field(x, y, z0));
    r.stride = across_x ? layout_.plane_stride : layout_.field_pitch;
    r.psi = is_within ? psi_of(use) + here : nullptr;
    r.zeta = is_within && use.is_second ? zeta_of(use) + here : nullptr;
    r.psi_near = psi_near_;
    r.zeta_near = zeta_near_;
    r.a = slab.a.data()[i];
    r.b = slab.b.data()[i];
    r.a_near = slab.a.data() + i - radius_;
    r.length = z1 - z0;
    r.field_pitch = layout_.field_pitch;
    r.frame_pitch = layout_.row;
    r.weights = &medium_.weights().axis[slab.axis];
    return r;
}

template <class T>
template <class Row>
void TileSweep<T>::set_sources(Row& row, int derivative, index_t offset) {
    for (const SignedField& source : stage_.derivatives[derivative].sources) {
        row.signs[row.sources.count] = static_cast<T>(source.sign);
        row.sources.push(fields_.current(source.field, ahead_) + offset);
    }
}

template <class T> bool TileSweep<T>::has_pass(const LayerUse& use, bool second_pass) const {
    const auto& k = kernels_of(use);
    if (program_.is_transposed) return second_pass ? k.transposed_before_second != nullptr : true;
    return !second_pass && k.forward_before;
}

template <class T>
void TileSweep<T>::remember(const LayerUse& use, index_t x, index_t y, index_t z0, index_t z1,
                            bool second_pass) {
    const SlabRow<T> row = slab_row(use, x, y, z0, z1);
    const auto& k = kernels_of(use);
    if (!program_.is_transposed) k.forward_before(row);
    else if (second_pass) k.transposed_before_second(row);
    else k.transposed_before(row);
}

template <class T> bool TileSweep<T>::has_pass_x(bool second_pass) const {
    for (const LayerUse& use : run_.layers)
        if (slab_of(use).axis == 0 && has_pass(use, second_pass)) return true;
    return false;
}

template <class T> void TileSweep<T>::remember_x(const Tile& tile, bool second_pass) {
    for (const LayerUse& use : run_.layers) {
        const Slab<T>& slab = slab_of(use);
        if (slab.axis != 0 || !has_pass(use, second_pass)) continue;
        for (index_t x = std::max(tile.x0, slab.begin); x < std::min(tile.x1, slab.end); ++x)
            for (index_t y = tile.y0; y < tile.y1; ++y)
                remember(use, x, y, tile.z0, tile.z1, second_pass);
    }
}

/// A tile holds a slab of axis y, its reach included, whole or not at all.
template <class T> void TileSweep<T>::remember_y(index_t x, const Tile& tile) {
    for (const LayerUse& use : run_.layers) {
        const Slab<T>& slab = slab_of(use);
        if (slab.axis != 1 || slab.begin < tile.y0 || slab.begin >= tile.y1) continue;
        for (const bool second_pass : {false, true})
            for (index_t y = slab.begin; has_pass(use, second_pass) && y < slab.end; ++y)
                remember(use, x, y, tile.z0, tile.z1, second_pass);
    }
}

template <class T>
void TileSweep<T>::damp(int update, index_t x, index_t y, const Tile& tile) {
    const int field = stage_.updates[update].target;
    if (!medium_.is_damped(program_, field)) return;
    const auto sponge = medium_.sponge(program_, field, x, y);
    const auto run = [&](index_t begin, index_t end) {
        const index_t first = std::max(begin, tile.z0);
        const index_t length = std::min(end, tile.z1) - first;
        if (length <= 0) return;
        const index_t place = layout_.field(x, y, first);
        medium_.kernels().damp(
            fields_.next(field, ahead_) + place,
            sponge.has_two_levels ? fields_.current(field, ahead_) + place : nullptr, sponge.across,
            sponge.along + first, length);
    };
    if (sponge.across != T{1}) return run(tile.z0, tile.z1);
    for (const EdgeBlock& end : medium_.sponge_ends()) run(end.begin, end.begin + end.length);
}

/// Images above the free surface of the row just finished: of a field on the points f(-j) = -+ f(j), half a cell
/// further f(-j - 1/2) = -+ f(j + 1/2).
template <class T> void TileSweep<T>::mirror(int update, index_t x, index_t y) {
    const int field = stage_.updates[update].target;
    T* row = fields_.next(field, ahead_) + layout_.field(x, y, 0);
    const T sign = medium_.is_odd(medium_.declared_field(program_, field)) ? T(-1) : T(1);
    const index_t shift = program_.fields[field].position.half[program_.dimension - 1] ? 1 : 0;
    for (index_t j = 1; j <= radius_; ++j) row[-j] = sign * row[j - shift];
}

/// Memory variables of axis x where their neighbours along x are other threads' rows: passes of their own.
template <class T>
void remember_along_x(TileSweep<T>& sweep, const Medium<T>& medium, const StageRun<T>& run,
                      bool second_pass) {
    const Layout& l = medium.layout();
    for (const LayerUse& use : run.layers) {
        const Slab<T>& slab = medium.slabs()[static_cast<std::size_t>(use.slab)];
        if (slab.axis != 0 || !sweep.has_pass(use, second_pass)) continue;
        const index_t rows = (slab.end - slab.begin) * l.ny;
#pragma omp for schedule(static) nowait
        for (index_t i = 0; i < rows; ++i)
            sweep.remember(use, slab.begin + i / l.ny, i % l.ny, 0, l.row, second_pass);
    }
#pragma omp barrier
}

}  // namespace

template <class T> void FieldSet<T>::reset(const Medium<T>& medium, const Recurrence<T>& run) {
    turned_ = false;
    first_growth_ = looks_ = 0;
    count_ = run.program->fields.count;
    size_ = medium.layout().field_size;
    kinds_.resize(static_cast<std::size_t>(count_));
    buffers_.resize(std::max(buffers_.size(), 2 * kinds_.size()));
    memories_.resize(run.memories.size());
    for (int field = 0; field < count_; ++field) {
        const auto f = static_cast<std::size_t>(field);
        kinds_[f] = run.program->fields[field].kind;
        for (std::size_t level = 0; level < (kinds_[f] == FieldKind::leap ? 2 : 1); ++level) {
            buffers_[2 * f + level].resize(size_);
            buffers_[2 * f + level].clear();
        }
    }
    for (std::size_t i = 0; i < memories_.size(); ++i) {
        memories_[i].resize(run.memories[i]);
        memories_[i].clear();
    }
    set_crossings(medium, run);
}

/// Messages go from and to places that stay: whole planes, margins and mirror images included.
template <class T>
void FieldSet<T>::set_crossings(const Medium<T>& medium, const Recurrence<T>& run) {
    if (!medium.domain().is_cut()) return;
    by_ = run.program->is_transposed ? 1 : 0;
    Crossings& all = crossings_[by_];
    const auto is_placed = [&] {
        return std::equal(
            buffers_.begin(), buffers_.end(), all.places.begin(), all.places.end(),
            [](const auto& buffer, const T* place) { return buffer.data() == place; });
    };
    if (all.program == run.program && is_placed()) return;
    all = {run.program, {}, {}};
    for (const FieldBuffer<T>& buffer : buffers_) all.places.push_back(buffer.data());
    const Layout& l = medium.layout();
    const index_t width = medium.radius() * l.plane_stride;
    const auto bytes = static_cast<std::size_t>(width) * sizeof(T);
    for (const StageRun<T>& stage : run.stages)
        for (const bool turned : {false, true}) {
            turned_ = turned;
            auto& messages = all.messages.emplace_back(medium.domain().ranks(),
                                                       lop::detail::MessageTag::exchange);
            int number = 0;
            for (const int field : stage.crossing) {
                T* first = next(field);
                T* last = first + (medium.radius() + l.nx) * l.plane_stride;  // of the margin after
                if (l.goes_on(false)) {
                    messages.send(first + width, bytes, medium.domain().before(), number);
                    messages.receive(first, bytes, medium.domain().before(), number);
                }
                if (l.goes_on(true)) {
                    messages.send(last - width, bytes, medium.domain().after(), number);
                    messages.receive(last, bytes, medium.domain().after(), number);
                }
                ++number;
            }
        }
    turned_ = false;
}

namespace {

/// Stages that follow each other through one column of tiles, for one set of fields or several, and their passes over
/// the slabs of axis x. Each keeps a radius behind the stage that it needs whole; near a slab, behind its own passes too.
template <class T> class Column {
 public:
    /// `sets` of fields, added one after the other for every stage.
    Column(const Medium<T>& medium, std::size_t sets, bool has_passes)
        : medium_{medium},
          layout_{medium.layout()},
          sets_{sets},
          radius_{medium.radius()},
          piece_{layout_.is_planar ? rows_together : planes_together},
          has_passes_{has_passes} {}

    TileSweep<T>& add(const TileSweep<T>& sweep, int step, int stage, const Swept<T>& set) {
        parts_[count_] = {step, stage, set};
        return sweeps_[count_++].emplace(sweep);
    }
    std::size_t stages() const { return count_ / sets_; }
    /// Planes of one stage, far from slabs of axis x.
    void run(std::size_t stage, const Tile& planes) {
        tile(stage) = planes;
        done_[stage][2] = planes.x0;
        advance(stage, 2, planes.x1);
    }
    /// What a stage has made of the planes at the cuts goes to the neighbours, and theirs come.
    void exchange(std::size_t stage, const Recurrence<T>& run) {
        const Part& first = parts_[stage * sets_];
        if (run.stages[static_cast<std::size_t>(first.stage)].crossing.empty()) return;
        for (std::size_t i = stage * sets_; i < (stage + 1) * sets_; ++i) {
            const Part& part = parts_[i];
            auto& messages = part.set.fields->crossing(part.stage, part.step % 2 != 0);
            messages.start();
            messages.wait();
        }
    }
    /// What a stage takes.
    Tile& tile(std::size_t stage) { return tiles_[stage]; }

    void run() {
        for (std::size_t stage = 0; stage < stages(); ++stage) done_[stage].fill(tile(stage).x0);
        bool is_finished = false;
        for (index_t x = tile(0).x0; !is_finished; x += piece_) {
            index_t whole = x + piece_;
            is_finished = true;
            for (std::size_t stage = 0; stage < stages(); ++stage) {
                run_to(stage, whole);
                index_t& done = done_[stage][2];
                const bool is_whole = done >= tile(stage).x1;
                if (is_whole) done += piece_;  // so that those behind it keep their distance
                whole = done - radius_;
                is_finished = is_finished && is_whole;
            }
        }
    }

 private:
    static constexpr index_t beyond = std::numeric_limits<index_t>::max() / 2;
    struct Part {
        int step = 0;
        int stage = 0;
        Swept<T> set{};
    };

    /// A stage and its passes, up to planes around which all that the stage before leaves is whole.
    void run_to(std::size_t stage, index_t whole) {
        const TileSweep<T>& sweep = *sweeps_[stage * sets_];
        for (const int pass : {0, 1}) {
            if (!has_passes_ || !sweep.has_pass_x(pass == 1)) continue;
            advance(stage, pass, whole);
            whole = std::min(whole, next_in_slab(stage, pass) - radius_);
        }
        advance(stage, 2, whole);
    }
    /// The first plane of a slab of axis x that a pass has not taken yet.
    index_t next_in_slab(std::size_t stage, int pass) {
        const index_t done = done_[stage][static_cast<std::size_t>(pass)];
        if (done >= tile(stage).x1) return beyond;
        index_t next = beyond;
        for (const Slab<T>& slab : medium_.slabs())
            if (slab.axis == 0 && slab.end > done)
                next = std::min(next, std::max(slab.begin, done));
        return next;
    }
    /// Pieces of a pass (0, 1) or of the stage itself (2).
    void advance(std::size_t stage, int pass, index_t until) {
        Tile box = tile(stage);
        index_t& done = done_[stage][static_cast<std::size_t>(pass)];
        until = std::min(until, box.x1);
        if (box.y0 >= box.y1 || box.z0 >= box.z1) done = box.x1;
        while (done < until) {
            box.x0 = done;
            box.x1 = done = std::min(done + piece_, until);
            for (std::size_t i = stage * sets_; i < (stage + 1) * sets_; ++i)
                if (pass < 2) sweeps_[i]->remember_x(box, pass == 1);
                else run_stage(i, box);
        }
    }
    void run_stage(std::size_t i, const Tile& box) {
        const Part& part = parts_[i];
        Visitor<T>* visitor = part.set.visitor;
        const auto rows = [&](index_t x) { return RowRange{x, box.y0, box.y1, box.z0, box.z1}; };
        for (index_t x = box.x0; visitor && x < box.x1; ++x)
            visitor->before(part.step, part.stage, *part.set.fields, rows(x));
        sweeps_[i]->run(box);
        for (index_t x = box.x0; visitor && x < box.x1; ++x)
            visitor->after(part.step, part.stage, *part.set.fields, rows(x));
    }

    const Medium<T>& medium_;
    const Layout& layout_;
    std::size_t sets_;
    index_t radius_;
    index_t piece_;
    bool has_passes_;
    std::size_t count_ = 0;
    std::array<std::optional<TileSweep<T>>, most_sweeps> sweeps_;
    std::array<Part, most_sweeps> parts_;
    std::array<Tile, most_sweeps> tiles_;
    /// How far a stage's passes have come, and the stage itself.
    std::array<std::array<index_t, 3>, most_sweeps> done_;
};

/// The tiles of a stage from `begin` to `end`. The first thread looks after messages between its tiles.
template <class T>
void run_tiles(Column<T>& column, Schedule<T>& schedule, index_t begin, index_t end,
               lop::detail::PersistentMessages* messages) {
#pragma omp for schedule(static)
    for (index_t i = begin; i < end; ++i) {
        column.tile(0) = schedule.tiles()[static_cast<std::size_t>(i)];
        column.run();
        if (messages && thread_number() == 0) messages->advance();
    }
}

/// Planes x0 to x1 - 1, and of them `low` to `high` - 1 along y (3-D) or z (2-D).
Tile across(const Layout& l, index_t x0, index_t x1, index_t low, index_t high) {
    return l.is_planar ? Tile{x0, x1, 0, 1, low, high} : Tile{x0, x1, low, high, 0, l.row};
}

/// All tiles across a range of planes that narrows from stage to stage at its inner ends, or widens.
template <class T>
void run_planes(Column<T>& column, const Medium<T>& medium, const Blocks& blocks, index_t first,
                index_t last, bool narrows) {
    const Layout& l = medium.layout();
    const index_t shift = Schedule<T>::shift_across(medium);
    for (std::size_t j = 0; j + 1 < blocks.across.size(); ++j) {
        for (std::size_t k = 0; k < column.stages(); ++k) {
            const auto step = static_cast<index_t>(k);
            const index_t slope = (narrows ? 1 : -1) * step * medium.radius();
            const index_t low = j == 0 ? 0 : blocks.across[j] - step * shift;
            const index_t high = j + 2 == blocks.across.size()
                                     ? blocks.across.back()
                                     : blocks.across[j + 1] - step * shift;
            column.tile(k) =
                across(l, first == 0 && !l.goes_on(false) ? 0 : first + slope,
                       last == l.nx && !l.goes_on(true) ? l.nx : last - slope, low, high);
        }
        column.run();
    }
}

/// What every stage has left of the planes at this rank's cuts, one after the other: the neighbours have it before the
/// next.
template <class T>
void run_at_cuts(Column<T>& column, const Medium<T>& medium, const Recurrence<T>& run,
                 const std::vector<index_t>& pieces) {
    const Layout& l = medium.layout();
    const auto count = static_cast<index_t>(pieces.size()) - 1;
    for (std::size_t k = 0; k < column.stages(); ++k) {
        const index_t left = static_cast<index_t>(k) * medium.radius();
#pragma omp for schedule(static)
        for (index_t i = 0; i < 2 * count; ++i) {
            const bool at_end = i >= count;
            if (!l.goes_on(at_end) || left == 0) continue;
            const index_t x0 = at_end ? l.nx - left : 0;
            const index_t low = pieces[static_cast<std::size_t>(i % count)];
            const index_t high = pieces[static_cast<std::size_t>(i % count) + 1];
            column.run(k, across(l, x0, x0 + left, low, high));
        }
#pragma omp master
        column.exchange(k, run);
#pragma omp barrier
    }
}

}  // namespace

template <class T>
void run_stage(const Medium<T>& medium, const Recurrence<T>& run, int stage, Schedule<T>& schedule,
               FieldSet<T>& fields, const StageExtras<T>& extras) {
    const StageRun<T>& here = run.stages[static_cast<std::size_t>(stage)];
    if (here.stage->updates.count == 0 && extras.imaged.empty()) return;
    const auto tiles = static_cast<index_t>(schedule.tiles().size());
    const bool crosses = !here.crossing.empty();
    const index_t first = crosses ? schedule.shell() : 0;
    auto* messages = crosses ? &fields.crossing(stage) : nullptr;
#pragma omp parallel num_threads(schedule.threads())
    {
        const FlushSubnormals flush;
        Column<T> column{medium, 1, schedule.holds_slabs_of_x()};
        TileSweep<T>& sweep =
            column.add({medium, run, stage, fields, false, extras, schedule, thread_number()}, 0,
                       stage, {&fields, nullptr, nullptr});
        for (const bool second_pass : {false, true})
            if (!schedule.holds_slabs_of_x()) remember_along_x(sweep, medium, here, second_pass);
        if (crosses) {
            run_tiles(column, schedule, 0, first, static_cast<decltype(messages)>(nullptr));
#pragma omp master
            messages->start();
        }
        run_tiles(column, schedule, first, tiles, messages);
    }
    if (crosses) messages->wait();
}

/// Threads take ranges of planes that narrow from stage to stage where they meet, and then what is left between them;
/// so do ranks, which then go stage after stage.
template <class T>
void run_block(const Medium<T>& medium, const Recurrence<T>& run, int steps, Schedule<T>& schedule,
               std::span<const Swept<T>> sets) {
    const Blocks& blocks = schedule.blocks(run.program->is_transposed);
    const int stages = run.program->stages.count;
    const auto ranges = static_cast<index_t>(blocks.x.size()) - 1;
#pragma omp parallel num_threads(schedule.threads())
    {
        const FlushSubnormals flush;
        Column<T> column{medium, sets.size(), true};
        for (int step = 0; step < steps; ++step)
            for (int stage = 0; stage < stages; ++stage)
                for (const Swept<T>& set : sets)
                    column.add({medium, run, stage, *set.fields, step % 2 != 0,
                                (*set.extras)[static_cast<std::size_t>(step * stages + stage)],
                                schedule, thread_number()},
                               step, stage, set);
#pragma omp for schedule(static)
        for (index_t i = 0; i < ranges; ++i)
            run_planes(column, medium, blocks, blocks.x[static_cast<std::size_t>(i)],
                       blocks.x[static_cast<std::size_t>(i) + 1], true);
#pragma omp for schedule(static)
        for (index_t i = 1; i < ranges; ++i) {
            const index_t cut = blocks.x[static_cast<std::size_t>(i)];
            run_planes(column, medium, blocks, cut, cut, false);
        }
        if (medium.domain().is_cut()) run_at_cuts(column, medium, run, blocks.pieces);
    }
    for (const Swept<T>& set : sets)
        for (int step = 0; step < steps; ++step) set.fields->turn();
}

template <class T>
double largest(const Medium<T>& medium, const Recurrence<T>& run, const Schedule<T>& schedule,
               const FieldSet<T>& fields) {
    const Layout& l = medium.layout();
    T most = 0;
    bool is_finite = true;
    for (int f = 0; f < run.program->fields.count; ++f) {
#pragma omp parallel for schedule(static) reduction(max : most) reduction(&& : is_finite) \
    num_threads(schedule.threads())
        for (index_t x = 0; x < l.nx; ++x)
            for (index_t y = 0; y < l.ny; ++y) {
                const T here =
                    medium.kernels().largest(fields.current(f) + l.field(x, y, 0), l.row);
                is_finite = is_finite && std::isfinite(here);
                most = std::max(most, here);
            }
    }
    return is_finite ? static_cast<double>(most) : std::numeric_limits<double>::quiet_NaN();
}

template <class T>
std::string place_beyond(const Medium<T>& medium, const Recurrence<T>& run,
                         const FieldSet<T>& fields, double limit) {
    const Layout& l = medium.layout();
    const std::array<index_t, 3> extents{l.nx, l.ny, l.nz};
    std::array<index_t, 3> low = extents, high{-1, -1, -1};
    const auto is_sound = [&](index_t place) {
        for (int f = 0; f < run.program->fields.count; ++f)
            if (!(std::abs(fields.current(f)[place]) <= limit)) return false;
        return true;
    };
    for (index_t x = 0; x < l.nx; ++x)
        for (index_t y = 0; y < l.ny; ++y)
            for (index_t z = 0; z < l.nz; ++z) {
                if (is_sound(l.field(x, y, z))) continue;
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
        const index_t before = l.before[k];
        words += std::to_string(low[k] - before) + " to " + std::to_string(high[k] - before) +
                 " along " + "xyz"[k] +
                 (k == 2                  ? " of the model"
                  : l.is_planar || k == 1 ? " and "
                                          : ", ");
    }
    return words;
}

template class FieldSet<float>;
template class FieldSet<double>;
#define LOP_INSTANTIATE(T)                                                                        \
    template void run_stage(const Medium<T>&, const Recurrence<T>&, int, Schedule<T>&,            \
                            FieldSet<T>&, const StageExtras<T>&);                                 \
    template void run_block(const Medium<T>&, const Recurrence<T>&, int, Schedule<T>&,            \
                            std::span<const Swept<T>>);                                           \
    template double largest(const Medium<T>&, const Recurrence<T>&, const Schedule<T>&,           \
                            const FieldSet<T>&);                                                  \
    template std::string place_beyond(const Medium<T>&, const Recurrence<T>&, const FieldSet<T>&, \
                                      double);
LOP_INSTANTIATE(float)
LOP_INSTANTIATE(double)
#undef LOP_INSTANTIATE

}  // namespace lop::wave
