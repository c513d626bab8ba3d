/// Cuts a grid into tiles.
#include "schedule.hpp"

#include <algorithm>

#ifdef __linux__
#include <unistd.h>
#endif

namespace lop::wave {
namespace {

/// Tiles of steps that run together: smaller ones read more around them than inside, larger ones gain nothing.
constexpr index_t least_rows = 8;
constexpr index_t most_rows = 32;

/// A core's second-level cache, bytes; the megabyte that many have where the system does not tell.
index_t cache_size() {
    index_t size = 0;
#ifdef _SC_LEVEL2_CACHE_SIZE
    static const long told = sysconf(_SC_LEVEL2_CACHE_SIZE);
    size = told;
#endif
    return size > 0 ? size : index_t{1} << 20;
}

/// What 2 R + 1 planes of a tile may take of it (3-D): three eighths, for others pass through.
index_t plane_budget() { return cache_size() / 8 * 3; }

/// What 2 R + 1 rows of a tile may take of the first-level cache (2-D), bytes.
constexpr index_t row_budget = index_t{24} << 10;

/// Cuts [0, n) into `parts` pieces of nearly equal length, in whole units.
std::vector<index_t> even_cuts(index_t begin, index_t end, index_t parts, index_t unit) {
    std::vector<index_t> cuts{begin};
    const index_t units = (end - begin + unit - 1) / unit;
    for (index_t k = 1; k < parts; ++k)
        cuts.push_back(std::min(begin + units * k / parts * unit, end));
    cuts.push_back(end);
    cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
    return cuts;
}

}  // namespace

/// The planes that neighbours read are tiles of their own.
template <class T>
std::vector<index_t> Schedule<T>::cuts_x(const Medium<T>& medium) const {
    const Layout& l = medium.layout();
    const index_t begin = l.goes_on(false) ? medium.radius() : 0;
    const index_t end = std::max(begin, l.nx - (l.goes_on(true) ? medium.radius() : 0));
    const index_t shortest = 2 * medium.radius();
    const index_t parts =
        std::clamp<index_t>(threads_, 1, std::max<index_t>(1, (end - begin) / shortest));
    std::vector<index_t> cuts = even_cuts(begin, end, parts, 1);
    cuts.insert(cuts.begin(), 0);
    cuts.push_back(l.nx);
    cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
    return cuts;
}

template <class T>
std::vector<index_t> Schedule<T>::cuts_y(const Medium<T>& medium) const {
    const Layout& l = medium.layout();
    if (l.is_planar) return {0, 1};
    // A slab and its reach stay in one tile.
    const index_t begin = l.cells[1][0] > 0 ? l.cells[1][0] + medium.radius() : 0;
    const index_t end = l.cells[1][1] > 0 ? l.ny - l.cells[1][1] - 1 - medium.radius() : l.ny;
    if (begin >= end) return {0, l.ny};
    const index_t bytes =
        (2 * medium.radius() + 1) * l.field_pitch * static_cast<index_t>(sizeof(T));
    const index_t length = std::max<index_t>(plane_budget() / bytes, rows_together);
    std::vector<index_t> cuts = even_cuts(begin, end, (end - begin + length - 1) / length, 1);
    cuts.insert(cuts.begin(), 0);
    cuts.push_back(l.ny);
    cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
    return cuts;
}

template <class T>
std::vector<index_t> Schedule<T>::cuts_z(const Medium<T>& medium) const {
    const Layout& l = medium.layout();
    if (!l.is_planar) return {0, l.row};
    const auto& edges = medium.edges();
    const index_t begin = edges[0].length;
    const index_t end = edges[1].begin;
    const index_t bytes = (2 * medium.radius() + 1) * static_cast<index_t>(sizeof(T));
    const index_t line = cache_line / static_cast<index_t>(sizeof(T));
    const index_t parts = (l.row * bytes + row_budget - 1) / row_budget;
    std::vector<index_t> cuts{0};
    for (const index_t cut : even_cuts(0, l.row, parts, line))
        if (cut > cuts.back() && cut >= begin && cut <= end) cuts.push_back(cut);
    if (cuts.back() != l.row) cuts.push_back(l.row);
    return cuts;
}

namespace {

/// What a program keeps of a point: levels of its fields, and arrays of coefficients.
struct Arrays {
    index_t levels = 0;
    index_t coefficients = 0;
};

template <class T> Arrays arrays_of(const Recurrence<T>& run) {
    Arrays arrays;
    for (const ProgramField& field : run.program->fields)
        arrays.levels += field.kind == FieldKind::leap ? 2 : 1;
    std::vector<const T*> known;
    for (const StageRun<T>& stage : run.stages)
        for (const T* frame : stage.coefficients)
            if (frame && std::find(known.begin(), known.end(), frame) == known.end())
                known.push_back(frame);
    arrays.coefficients = static_cast<index_t>(known.size());
    return arrays;
}

/// Values along z that so many steps have in hand at once: of every level the planes around two pieces, and those that
/// later stages keep behind; of every coefficient a piece, and as many as its next use keeps behind.
index_t planes_in_hand(const Layout& l, const Arrays& arrays, index_t radius, index_t stages,
                       index_t steps) {
    const index_t piece = l.is_planar ? rows_together : planes_together;
    return arrays.levels * (2 * radius + piece + (stages * steps - 1) * radius / 2) +
           arrays.coefficients * (piece + stages * (steps - 1) * radius);
}

/// Rows of a tile (3-D) for which what is in hand stays in the second-level cache, a quarter more than which pays
/// still; all of a row (2-D), if it does; or none.
template <class T>
index_t rows_for(const Layout& l, const Arrays& arrays, index_t radius, index_t stages,
                 index_t steps) {
    const index_t bytes = planes_in_hand(l, arrays, radius, stages, steps) * l.field_pitch *
                          static_cast<index_t>(sizeof(T));
    const index_t rows = cache_size() / 4 * 5 / bytes;
    if (l.is_planar) return rows > 0 ? l.row : 0;
    const index_t around = 2 * radius + (stages * steps - 1) * radius / 2;
    return rows - around < std::max(least_rows, 2 * radius) ? 0
                                                            : std::min(rows - around, most_rows);
}

}  // namespace

/// Planes of each thread: slabs and all that they reach stay with one, and what is left between two of them, or at a cut
/// between ranks, does not meet the next. None where that cannot be.
template <class T>
std::vector<index_t> Schedule<T>::ranges_x(const Medium<T>& medium, index_t sweeps) const {
    const Layout& l = medium.layout();
    const index_t reach = sweeps * medium.radius() + 1;
    const index_t parts =
        std::clamp<index_t>(l.nx / (3 * reach), 1, std::max<index_t>(threads_, 1));
    const std::vector<index_t> cuts = even_cuts(0, l.nx, parts, 1);
    bool is_fit = parts == threads_;
    for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
        const bool begins = i == 0 && !l.goes_on(false);
        const bool ends = i + 2 == cuts.size() && !l.goes_on(true);
        const index_t least = (begins ? l.cells[0][0] : reach) + (ends ? l.cells[0][1] : reach);
        is_fit = is_fit && ((begins && ends) || cuts[i] + least <= cuts[i + 1]);
    }
    return is_fit ? cuts : std::vector<index_t>{};
}

/// A slab across x stays in the first or the last tile of every stage, its reach included.
template <class T>
std::vector<index_t> Schedule<T>::tiles_across(const Medium<T>& medium, index_t sweeps,
                                               index_t rows) const {
    const Layout& l = medium.layout();
    const index_t shift = shift_across(medium);
    const index_t unit = l.is_planar ? shift : 1;
    const index_t length = l.is_planar ? l.row : l.ny;
    const index_t reach = medium.radius() + 1;
    index_t begin = l.cells[1][0] > 0 ? l.cells[1][0] + reach : 0;
    index_t end = l.cells[1][1] > 0 ? l.ny - l.cells[1][1] - reach : l.ny;
    if (l.is_planar) {
        // Images above a surface are made of the rows below it.
        const index_t images = medium.problem().free_surface ? round_up(reach, unit) : 0;
        begin = std::max(medium.edges()[0].length, images);
        end = medium.edges()[1].begin;
    }
    begin += (sweeps - 1) * shift + unit;
    std::vector<index_t> cuts{0};
    if (begin < end)
        for (const index_t cut :
             even_cuts(begin, end, std::max<index_t>((end - begin + rows / 2) / rows, 1), unit))
            if (cut > 0 && cut < length && cut <= end) cuts.push_back(cut);
    cuts.push_back(length);
    return cuts;
}

template <class T>
Blocks Schedule<T>::make_blocks(const Medium<T>& medium, const Recurrence<T>& run) const {
    const Layout& l = medium.layout();
    const Problem& problem = medium.problem();
    Arrays arrays = arrays_of(run);
    arrays.levels *= sets_;
    const index_t stages = run.program->stages.count;
    const index_t bytes =
        (arrays.levels + arrays.coefficients) * l.field_size * static_cast<index_t>(sizeof(T));
    const bool fits = problem.steps_at_once == 0 && bytes / threads_ <= cache_size();
    if (problem.steps_at_once < 0 || fits) return {};
    const int most =
        problem.steps_at_once > 0 ? std::min(problem.steps_at_once, most_steps) : most_steps;
    for (int steps = most; steps >= 1; --steps) {
        const index_t sweeps = stages * steps;
        const index_t rows = problem.tile_rows > 0
                                 ? problem.tile_rows
                                 : rows_for<T>(l, arrays, medium.radius(), stages, steps);
        const std::vector<index_t> x = ranges_x(medium, sweeps);
        const bool is_plain = sweeps * sets_ == 1 || sweeps * sets_ > most_sweeps;
        if (is_plain || rows == 0 || x.empty()) continue;
        return {steps, true, x, tiles_across(medium, sweeps, rows),
                l.is_planar ? cuts_z(medium) : cuts_y(medium)};
    }
    return {};
}

template <class T>
void Schedule<T>::prepare(const Medium<T>& medium, int threads, int sets) {
    if (medium_ == medium.number() && threads_ == threads && sets_ == sets) return;
    medium_ = medium.number();
    sets_ = sets;
    layout_ = medium.layout();
    threads_ = threads;
    tiles_.clear();
    const std::vector<index_t> xs = cuts_x(medium);
    const index_t reach = medium.radius() + 1;
    const auto& cells = layout_.cells[0];
    holds_slabs_of_x_ = xs.size() == 2 || (cells[0] + reach <= xs[1] &&
                                           layout_.nx - cells[1] - reach >= xs[xs.size() - 2]);
    const std::vector<index_t> ys = cuts_y(medium);
    const std::vector<index_t> zs = cuts_z(medium);
    for (std::size_t i = 0; i + 1 < xs.size(); ++i) {
        for (std::size_t j = 0; j + 1 < ys.size(); ++j)
            for (std::size_t k = 0; k + 1 < zs.size(); ++k)
                tiles_.push_back({xs[i], xs[i + 1], ys[j], ys[j + 1], zs[k], zs[k + 1]});
    }
    const auto is_read_elsewhere = [&](const Tile& tile) {
        return (layout_.goes_on(false) && tile.x0 < medium.radius()) ||
               (layout_.goes_on(true) && tile.x1 > layout_.nx - medium.radius());
    };
    shell_ =
        std::stable_partition(tiles_.begin(), tiles_.end(), is_read_elsewhere) - tiles_.begin();
    blocks_[0] = make_blocks(medium, medium.forward());
    blocks_[1] = make_blocks(medium, medium.transposed());
    const index_t longest = std::max(medium.edges()[0].length, medium.edges()[1].length);
    int derivatives = 0;
    for (const Recurrence<T>* run : {&medium.forward(), &medium.transposed()})
        for (const StageRun<T>& stage : run->stages)
            derivatives = std::max(derivatives, stage.stage->derivatives.count);
    extra_size_ = derivatives * planes_together * rows_together * layout_.row;
    edge_size_ = rows_together * 2 * (longest + 2 * edge_margin);
    scratch_size_ = 2 * edge_size_ + extra_size_;
    scratch_.resize(threads * scratch_size_);
    scratch_.clear();
}

template class Schedule<float>;
template class Schedule<double>;

}  // namespace lop::wave
