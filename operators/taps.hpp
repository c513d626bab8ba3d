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

/// y_i = sum_t factor_t from_t[i] (added to y where `add`), begin <= i < end.
template <bool add, class T, std::size_t... I>
void combine_some(const RowTap<T>* taps, T* y, index_t begin, index_t end,
                  std::index_sequence<I...>) {
    const T* const from[] = {taps[I].from...};
    const T factor[] = {taps[I].factor...};
#pragma omp simd
    for (index_t i = begin; i < end; ++i) {
        const T sum = (... + times(factor[I], from[I][i]));
        y[i] = add ? y[i] + sum : sum;
    }
}

/// Taps that one loop takes at once: more would not stay in the processor's registers.
inline constexpr std::size_t taps_at_once = 8;

template <bool add, class T>
void combine_up_to_eight(const RowTap<T>* taps, std::size_t count, T* y, index_t begin,
                         index_t end) {
    switch (count) {
        case 0: return;
        case 1: return combine_some<add>(taps, y, begin, end, std::make_index_sequence<1>{});
        case 2: return combine_some<add>(taps, y, begin, end, std::make_index_sequence<2>{});
        case 3: return combine_some<add>(taps, y, begin, end, std::make_index_sequence<3>{});
        case 4: return combine_some<add>(taps, y, begin, end, std::make_index_sequence<4>{});
        case 5: return combine_some<add>(taps, y, begin, end, std::make_index_sequence<5>{});
        case 6: return combine_some<add>(taps, y, begin, end, std::make_index_sequence<6>{});
        case 7: return combine_some<add>(taps, y, begin, end, std::make_index_sequence<7>{});
        default:
            return combine_some<add>(taps, y, begin, end, std::make_index_sequence<taps_at_once>{});
    }
}

/// y_i = sum_t factor_t from_t[i], begin <= i < end.
template <class T>
void combine(const RowTap<T>* taps, std::size_t count, T* y, index_t begin, index_t end) {
    if (begin >= end) return;
    if (count == 0) std::fill(y + begin, y + end, T{});
    combine_up_to_eight<false>(taps, count, y, begin, end);
    for (std::size_t t = taps_at_once; t < count; t += taps_at_once)
        combine_up_to_eight<true>(taps + t, count - t, y, begin, end);
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
        if (fresh_) combine_up_to_eight<false>(taps_.data(), count_, y_, begin, end);
        else combine_up_to_eight<true>(taps_.data(), count_, y_, begin, end);
        some_taps(end, n_);
        fresh_ = false;
        count_ = 0;
    }
    /// At the ends of the row, where not all taps find a value.
    void some_taps(index_t begin, index_t end) {
        for (index_t i = begin; i < end; ++i) {
            T sum = fresh_ ? T{} : y_[i];
            for (std::size_t t = 0; t < count_; ++t)
                if (i + shift_[t] >= 0 && i + shift_[t] < n_)
                    sum += times(taps_[t].factor, taps_[t].from[i]);
            y_[i] = sum;
        }
    }

    T* y_;
    index_t n_;
    std::array<RowTap<T>, taps_at_once> taps_;
    std::array<index_t, taps_at_once> shift_;
    std::size_t count_ = 0;
    bool fresh_ = true;
};

/// Results of at least this many bytes are not read again before they have left the caches.
inline constexpr index_t past_caches = index_t{32} << 20;

/// Copies numbers past the caches: memory that is only written need not be read first, which saves a
/// third of the bytes that a stencil moves. Finished by end_of_copies.
template <class T> void copy_past_caches(const T* from, index_t count, T* to) {
#ifdef __SSE2__
    const auto* source = reinterpret_cast<const char*>(from);
    auto* target = reinterpret_cast<char*>(to);
    const index_t bytes = count * static_cast<index_t>(sizeof(T));
    constexpr index_t line = 64;
    index_t at = std::min(
        bytes, -static_cast<index_t>(reinterpret_cast<std::uintptr_t>(target)) & (line - 1));
    std::copy(source, source + at, target);
    for (; at + line <= bytes; at += line)
        for (index_t k = at; k < at + line; k += 16)
            _mm_stream_si128(reinterpret_cast<__m128i*>(target + k),
                             _mm_loadu_si128(reinterpret_cast<const __m128i*>(source + k)));
    std::copy(source + at, source + bytes, target + at);
#else
    std::copy(from, from + count, to);
#endif
}

/// After the last copy_past_caches of a thread, before others read what it wrote.
inline void end_of_copies() {
#ifdef __SSE2__
    _mm_sfence();
#endif
}

}  // namespace lop
