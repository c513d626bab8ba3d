/// One time step of a wavefield, forward or transposed, over tiles that fit the cache.
#pragma once

#include "medium.hpp"
#include "schedule.hpp"

#include <array>
#include <string>
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
    /// f(values, count) for all that the next steps depend on: both buffers and the layers. Copied away
    /// and back again, it goes on to the same bits.
    template <class F> void for_each_part(const F& f) {
        f(current(), buffers_[now_].size());
        f(previous(), buffers_[1 - now_].size());
        for (auto* list : {&psi_, &zeta_})
            for (FieldBuffer<T>& buffer : *list) f(buffer.data(), buffer.size());
    }
    T* psi(std::size_t slab) { return psi_[slab].data(); }
    T* zeta(std::size_t slab) { return zeta_[slab].data(); }

 private:
    std::array<FieldBuffer<T>, 2> buffers_;
    int now_ = 0;
    std::vector<FieldBuffer<T>> psi_;
    std::vector<FieldBuffer<T>> zeta_;
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

/// Advances the field by one step and turns its buffers. Forward, with D1 and D2 the centred
/// differences along axis k, psi and zeta living in the slabs of the axis, a and b their profiles:
///
///     psi_k  <- b psi_k + a D1 u
///     zeta_k <- b zeta_k + a (D2 u + D1 psi_k)
///     u[n+1]  = 2 u[n] - u[n-1] + c sum_k (D2 u + D1 psi_k + zeta_k)
///
/// Transposed, in the scaled field g = c ubar (D2 is symmetric and D1 skew; zeta and psi of the
/// transposed run are kept before they are multiplied with b, which saves two arrays):
///
///     zeta_k <- b zeta_k + g
///     psi_k  <- b psi_k - D1 (g + a zeta_k)
///     g[n]    = 2 g[n+1] - g[n+2] + c sum_k (D2 g + D2 (a zeta_k) - D1 (a psi_k))
template <class T>
void advance(const Medium<T>& medium, Schedule<T>& schedule, Field<T>& field, const Step<T>& step);

/// Whether every value of the current field is finite.
template <class T>
bool is_finite(const Medium<T>& medium, const Schedule<T>& schedule, const Field<T>& field);

/// Where values are not, in words: "in cells 3 to 20 along x and 5 to 9 along z of the model", whose first
/// cell is 0; layers lie below it and above its last one.
template <class T>
std::string place_not_finite(const Medium<T>& medium, const Field<T>& field);

}  // namespace lop::wave
