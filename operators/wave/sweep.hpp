/// One time step of a wavefield, forward or transposed, over tiles that fit the cache.
#pragma once

#include "medium.hpp"

#include <array>
#include <vector>

namespace lop::wave {

/// Two buffers of the field, which take turns, and the memory variables of the layers.
template <class T>
class Field {
 public:
    /// All zeros, of the size that the medium asks for.
    void reset(const Medium<T>& medium);

    T* current() { return buffers_[now_].data(); }
    const T* current() const { return buffers_[now_].data(); }
    T* previous() { return buffers_[1 - now_].data(); }
    void turn() { now_ = 1 - now_; }
    T* psi(std::size_t slab) { return psi_[slab].data(); }
    T* zeta(std::size_t slab) { return zeta_[slab].data(); }

 private:
    std::array<Buffer<T>, 2> buffers_;
    int now_ = 0;
    std::vector<Buffer<T>> psi_;
    std::vector<Buffer<T>> zeta_;
};

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
    const std::vector<Tile>& tiles() const { return tiles_; }
    /// Points of a row that are advanced before the next row.
    index_t chunk() const { return chunk_; }
    /// For the slab at either end of axis z: its margins are zero and stay so, hence one each.
    T* scratch(int thread, int end) { return extra(thread) + layout_.row + end * edge_size_; }
    /// For what slabs add to a row.
    T* extra(int thread) { return scratch_.data() + thread * scratch_size_; }

 private:
    std::vector<index_t> cuts_x(const Medium<T>& medium) const;
    std::vector<index_t> cuts_y(const Medium<T>& medium) const;
    std::vector<index_t> cuts_z(const Medium<T>& medium) const;
    void set_chunk(const Medium<T>& medium);

    std::array<index_t, 4> key_{};
    Layout layout_;
    int threads_ = 0;
    std::vector<Tile> tiles_;
    index_t chunk_ = 0;
    Buffer<T> scratch_;
    index_t scratch_size_ = 0;
    index_t edge_size_ = 0;
};

/// What a step does; frames are those of the layout.
template <class T>
struct Step {
    bool is_transposed = false;
    StepMode mode = StepMode::plain;
    T* kept = nullptr;         ///< keep: receives c Lap u
    const T* d = nullptr;      ///< born, image: increments of the background
    const T* scale = nullptr;  ///< born: next field -= scale d
    T* image = nullptr;        ///< image: image += d u
};

/// Advances the field by one step and turns its buffers:
///
///     forward      u[n+1] = 2 u[n] - u[n-1] + c Lap u[n],       memory variables as in medium.hpp's layer,
///     transposed   g[n]   = 2 g[n+1] - g[n+2] + c Lap^T g[n+1]  in the scaled field g = c ubar.
template <class T>
void advance(const Medium<T>& medium, Schedule<T>& schedule, Field<T>& field, const Step<T>& step);

/// Whether every value of the current field is finite.
template <class T>
bool is_finite(const Medium<T>& medium, const Schedule<T>& schedule, const Field<T>& field);

}  // namespace lop::wave
