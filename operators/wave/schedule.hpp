/// How a time step is cut into tiles that fit the caches, for a number of threads.
#pragma once

#include "medium.hpp"

#include <array>
#include <vector>

namespace lop::wave {

/// Rows advanced together before slabs of axis z correct them, still in the first-level cache.
inline constexpr index_t rows_together = 8;

/// A box of the grid that one thread advances, x by x.
struct Tile {
    index_t x0, x1, y0, y1, z0, z1;
};

/// How a step is cut for a number of threads, and their scratch. Never affects a value.
template <class T>
class Schedule {
 public:
    /// Cuts anew only if the layout or the number of threads is another one.
    void prepare(const Medium<T>& medium, int threads);

    int threads() const { return threads_; }
    /// Those that hold what other ranks wait for come first.
    const std::vector<Tile>& tiles() const { return tiles_; }
    /// Their number.
    index_t shell() const { return shell_; }
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

    const Medium<T>* key_ = nullptr;  ///< compared, never followed
    Layout layout_;
    int threads_ = 0;
    std::vector<Tile> tiles_;
    index_t shell_ = 0;
    bool holds_slabs_of_x_ = false;
    FieldBuffer<T> scratch_;
    index_t scratch_size_ = 0;
    index_t extra_size_ = 0;
    index_t edge_size_ = 0;
};

}  // namespace lop::wave
