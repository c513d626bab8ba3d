/// Sums over the taps of a stencil, row by row, and the way their results take to memory.
#pragma once

#include "operators/lines.hpp"
#include <lop/core/scalar.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#ifdef __SSE2__
#include <immintrin.h>
#endif

namespace lop {

/// The values behind one tap of a row, and its factor.
template <class T> struct RowTap {
    const T* from;
    T factor;
};

/// What becomes of the sums: they are written, added to what is there, or written past the caches.
enum class Store { write, add, past_caches };

/// Results of at least this many bytes are not read again before they have left the caches. Memory
/// that is written past them need not be read first, which saves a third of what a stencil moves.
inline constexpr index_t past_caches_from = index_t{32} << 20;

/// Calls write(y, count) for runs of [begin, end): elements before and after whole cache lines, and
/// `to_memory` for each line between.
template <class T, class Write, class Line>
void over_cache_lines(T* y, index_t begin, index_t end, const Write& write, const Line& to_memory) {
    constexpr index_t line = 64 / static_cast<index_t>(sizeof(T));
    const auto misplaced =
        static_cast<index_t>(reinterpret_cast<std::uintptr_t>(y + begin) % 64 / sizeof(T));
    index_t at = std::min(end, begin + (line - misplaced) % line);
    write(begin, at);
    for (; at + line <= end; at += line) to_memory(at);
    write(at, end);
}

/// A cache line, past the caches.
template <class T> void store_line(const T* from, T* to) {
#ifdef __AVX__
    for (int k = 0; k < 64; k += 32)
        _mm256_stream_si256(reinterpret_cast<__m256i*>(reinterpret_cast<char*>(to) + k),
                            _mm256_load_si256(reinterpret_cast<const __m256i*>(
                                reinterpret_cast<const char*>(from) + k)));
#elif defined(__SSE2__)
    for (int k = 0; k < 64; k += 16)
        _mm_stream_si128(reinterpret_cast<__m128i*>(reinterpret_cast<char*>(to) + k),
                         _mm_load_si128(reinterpret_cast<const __m128i*>(
                             reinterpret_cast<const char*>(from) + k)));
#else
    std::copy(from, from + 64 / sizeof(T), to);
#endif
}

/// After the last line that a thread stores past the caches, before others read it.
inline void end_of_stores() {
#ifdef __SSE2__
    _mm_sfence();
#endif
}

/// y_i = sum_t factor_t from_t[i], begin <= i < end.
template <Store store, class T, std::size_t... I>
void combine_some(const RowTap<T>* taps, T* y, index_t begin, index_t end,
                  std::index_sequence<I...>) {
    const T* const from[] = {taps[I].from...};
    const T factor[] = {taps[I].factor...};
    const auto write = [&](index_t first, index_t last) {
#pragma omp simd
        for (index_t i = first; i < last; ++i) {
            const T sum = (... + times(factor[I], from[I][i]));
            y[i] = store == Store::add ? y[i] + sum : sum;
        }
    };
    if constexpr (store == Store::past_caches)
        over_cache_lines(y, begin, end, write, [&](index_t first) {
            constexpr int count = 64 / sizeof(T);
            alignas(64) T line[count];
#pragma omp simd
            for (int k = 0; k < count; ++k) line[k] = (... + times(factor[I], from[I][first + k]));
            store_line(line, y + first);
        });
    else write(begin, end);
}

/// Taps that one loop takes at once: more would not stay in the processor's registers.
inline constexpr std::size_t taps_at_once = 8;

template <Store store, class T>
void combine_up_to_eight(const RowTap<T>* taps, std::size_t count, T* y, index_t begin,
                         index_t end) {
    switch (count) {
        case 0: return;
        case 1: return combine_some<store>(taps, y, begin, end, std::make_index_sequence<1>{});
        case 2: return combine_some<store>(taps, y, begin, end, std::make_index_sequence<2>{});
        case 3: return combine_some<store>(taps, y, begin, end, std::make_index_sequence<3>{});
        case 4: return combine_some<store>(taps, y, begin, end, std::make_index_sequence<4>{});
        case 5: return combine_some<store>(taps, y, begin, end, std::make_index_sequence<5>{});
        case 6: return combine_some<store>(taps, y, begin, end, std::make_index_sequence<6>{});
        case 7: return combine_some<store>(taps, y, begin, end, std::make_index_sequence<7>{});
        default:
            return combine_some<store>(taps, y, begin, end,
                                       std::make_index_sequence<taps_at_once>{});
    }
}

/// y_i = sum_t factor_t from_t[i], begin <= i < end.
template <Store store, class T>
void combine(const RowTap<T>* taps, std::size_t count, T* y, index_t begin, index_t end) {
    if (begin >= end) return;
    if (count == 0) std::fill(y + begin, y + end, T{});
    if (count > taps_at_once) combine_up_to_eight<Store::write>(taps, count, y, begin, end);
    else combine_up_to_eight<store>(taps, count, y, begin, end);
    for (std::size_t t = taps_at_once; t < count; t += taps_at_once)
        combine_up_to_eight<Store::add>(taps + t, count - t, y, begin, end);
}

/// y_i = sum_t factor_t x_t[i + shift_t], 0 <= i < n, over the taps whose value lies within 0 .. n - 1;
/// added up in groups as they come.
template <Scalar T> class RowSum {
 public:
    RowSum(T* y, index_t n) : y_{y}, n_{n} {}
    void add(const T* x, T factor, index_t shift = 0) {
        taps_[count_] = {x + shift, factor};
        shift_[count_] = shift;
        if (++count_ == taps_at_once) flush();
    }
    /// Ends a group, even where none of its taps was added.
    void end_group() {
        if (count_ > 0) flush();
        else if (std::exchange(fresh_, false)) std::fill(y_, y_ + n_, T{});
    }
    void finish() {
        if (count_ > 0) flush();
        if (fresh_) std::fill(y_, y_ + n_, T{});
    }

 private:
    void flush() {
        const auto [least, most] = std::minmax_element(
            shift_.begin(), shift_.begin() + static_cast<std::ptrdiff_t>(count_));
        const index_t begin = std::clamp<index_t>(-*least, 0, n_);
        const index_t end = std::clamp<index_t>(n_ - *most, begin, n_);
        some_taps(0, begin);
        if (fresh_) combine_up_to_eight<Store::write>(taps_.data(), count_, y_, begin, end);
        else combine_up_to_eight<Store::add>(taps_.data(), count_, y_, begin, end);
        some_taps(end, n_);
        fresh_ = false;
        count_ = 0;
    }
    /// At the ends of the row, where not all taps find a value.
    void some_taps(index_t begin, index_t end) {
        for (index_t i = begin; i < end; ++i) {
            T sum{};
            bool any = false;
            for (std::size_t t = 0; t < count_; ++t)
                if (i + shift_[t] >= 0 && i + shift_[t] < n_) {
                    const T term = times(taps_[t].factor, taps_[t].from[i]);
                    sum = std::exchange(any, true) ? sum + term : term;
                }
            if (fresh_) y_[i] = sum;
            else if (any) y_[i] += sum;
        }
    }

    T* y_;
    index_t n_;
    std::array<RowTap<T>, taps_at_once> taps_;
    std::array<index_t, taps_at_once> shift_;
    std::size_t count_ = 0;
    bool fresh_ = true;
};

}  // namespace lop
