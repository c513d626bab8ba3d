/// How a time step is cut into tiles that fit the caches, for a number of threads.
#pragma once

#include "medium.hpp"

#include <array>
#include <vector>

namespace lop::wave {

/// Rows advanced together before slabs of axis z correct them, still in the first-level cache.
inline constexpr index_t rows_together = 8;
/// Planes whose rows are advanced together (3-D): they share most of the rows that they read across planes.
inline constexpr index_t planes_together = 2;

/// Steps, stages of them for all sets of fields, and sets that ever run together; with more of them tiles would be too
/// small.
inline constexpr int most_steps = 4;
inline constexpr index_t most_sweeps = 32;
inline constexpr index_t most_sets = 8;

/// A box of the grid that one thread advances, x by x.
struct Tile {
    index_t x0, x1, y0, y1, z0, z1;
};

/// How stages of one step or several are run at once (run_block).
struct Blocks {
    int steps = 1;
    bool is_one_sweep = false;      ///< or every stage is a sweep of its own
    std::vector<index_t> x{};       ///< what each thread begins with
    std::vector<index_t> across{};  ///< tiles of the first stage, along y (3-D) or z (2-D)
    std::vector<index_t> pieces{};  ///< across, of a stage alone at a cut between ranks
};

/// How a step is cut for a number of threads, and their scratch. Never affects a value.
template <class T>
class Schedule {
 public:
    /// Cuts anew only for another medium, number of threads or of sets of fields.
    void prepare(const Medium<T>& medium, int threads, int sets = 1);

    int threads() const { return threads_; }
    /// Those that hold what other ranks wait for come first.
    const std::vector<Tile>& tiles() const { return tiles_; }
    /// Their number.
    index_t shell() const { return shell_; }
    const Blocks& blocks(bool is_transposed) const { return blocks_[is_transposed ? 1 : 0]; }
    /// How far tiles move back across x from one stage to the next.
    static index_t shift_across(const Medium<T>& medium) {
        constexpr index_t line = cache_line / static_cast<index_t>(sizeof(T));
        static_assert(line >= max_kernel_radius);
        return medium.layout().is_planar ? line : medium.radius();
    }
    /// Whether tiles hold the slabs of axis x whole, with all that they reach.
    bool holds_slabs_of_x() const { return holds_slabs_of_x_; }
    /// For the slab at either end of axis z: its margins are zero and stay so, hence one each.
    T* scratch(int thread, int end) { return extra(thread) + extra_size_ + end * edge_size_; }
    /// For what slabs add to the derivatives of some rows.
    T* extra(int thread) { return scratch_.data() + thread * scratch_size_; }

 private:
    std::vector<index_t> cuts_x(const Medium<T>& medium) const;
    std::vector<index_t> cuts_y(const Medium<T>& medium) const;
    std::vector<index_t> cuts_z(const Medium<T>& medium) const;
    std::vector<index_t> ranges_x(const Medium<T>& medium, index_t sweeps) const;
    std::vector<index_t> tiles_across(const Medium<T>& medium, index_t sweeps, index_t rows) const;
    Blocks make_blocks(const Medium<T>& medium, const Recurrence<T>& run) const;

    std::uint64_t medium_ = 0;  ///< its number
    Layout layout_;
    int threads_ = 0;
    int sets_ = 1;
    std::vector<Tile> tiles_;
    index_t shell_ = 0;
    Blocks blocks_[2];
    bool holds_slabs_of_x_ = false;
    FieldBuffer<T> scratch_;
    index_t scratch_size_ = 0;
    index_t extra_size_ = 0;
    index_t edge_size_ = 0;
};

}  // namespace lop::wave
