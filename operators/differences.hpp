/// Difference matrices as bands, and the sweep that applies a sum of them in one pass over memory.
#pragma once

#include "operators/lines.hpp"
#include "operators/taps.hpp"
#include <lop/core/grid.hpp>
#include <lop/core/parallel.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace lop {

/// factor times the value `offset` places further along an axis.
struct Tap {
    index_t offset = 0;
    double factor = 0;
};
using Taps = std::vector<Tap>;

/// How far from its place the taps of a row reach at most, and those of its transpose.
inline constexpr index_t band_reach = 2;

/// A matrix [n x n] of rows  y_k = sum factor x_{k + offset}  that are alike but for a few at either
/// end of the axis.
class Band {
 public:
    /// From row(k), for 0 <= k < n. Rows further than four from both ends must be alike.
    template <class Row> Band(index_t n, const Row& row) : n_{n} {
        constexpr index_t margin = 2 * band_reach;
        const index_t ends = std::min(n, margin);
        for (index_t k = 0; k < ends; ++k) head_.push_back(row(k));
        if (n > 2 * margin) interior_ = row(margin);
        for (index_t k = std::max(ends, n - margin); k < n; ++k) tail_.push_back(row(k));
        if (n <= 2 * margin) return;
        while (!head_.empty() && alike(head_.back(), interior_)) head_.pop_back();
        while (!tail_.empty() && alike(tail_.front(), interior_)) tail_.erase(tail_.begin());
    }

    const Taps& row(index_t k) const {
        if (k < head()) return head_[static_cast<std::size_t>(k)];
        if (k >= n_ - tail()) return tail_[static_cast<std::size_t>(k - (n_ - tail()))];
        return interior_;
    }
    const Taps& interior() const { return interior_; }
    index_t head() const { return static_cast<index_t>(head_.size()); }
    index_t tail() const { return static_cast<index_t>(tail_.size()); }

    /// Row j of the transpose gathers from all rows k with a tap on j.
    Band transposed() const {
        return Band{n_, [this](index_t j) {
                        Taps taps;
                        for (index_t k = std::max<index_t>(0, j - band_reach);
                             k <= std::min(n_ - 1, j + band_reach); ++k)
                            for (const Tap& tap : row(k))
                                if (k + tap.offset == j) taps.push_back({k - j, tap.factor});
                        return taps;
                    }};
    }

 private:
    static bool alike(const Taps& a, const Taps& b) {
        return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Tap& p, const Tap& q) {
            return p.offset == q.offset && p.factor == q.factor;
        });
    }

    index_t n_;
    std::vector<Taps> head_{};
    Taps interior_{};
    std::vector<Taps> tail_{};
};

namespace detail {
struct Differences {
    struct Term {
        int axis;
        Band forward;
        Band adjoint;
    };
    std::vector<Term> terms;

    /// Whether neighbouring rows of the result read rows in common: of one array, across its rows.
    bool share_rows(const Shape& shape) const {
        return std::any_of(terms.begin(), terms.end(),
                           [&](const Term& t) { return t.axis != shape.rank() - 1; });
    }
};
}  // namespace detail
using detail::Differences;

/// A piece of a row: columns begin .. end - 1 of the values from memory place `base` on, at the
/// place `at` of the other axes.
struct RowPiece {
    std::array<index_t, Shape::max_rank> at{};
    index_t base = 0;
    index_t begin = 0;
    index_t end = 0;
};

inline constexpr index_t widest_piece = 4096;

/// The place of a row of the first axis and of row m of those in between, within a piece.
inline void place_row(const Shape& shape, index_t first, index_t m, RowPiece& piece) {
    const int rank = shape.rank();
    for (int a = rank - 2; a > 0; --a) {
        piece.at[static_cast<std::size_t>(a)] = m % shape[a];
        m /= shape[a];
    }
    if (rank > 1) piece.at[0] = first;
}

/// Calls slab(each) for slabs of the array, on all threads where it is large; each(work) calls
/// work(piece) for the pieces of the slab's rows. Rows that touch in memory or along the first axis
/// follow each other in pieces that stay in the second-level cache, so that a stencil over all axes
/// reads memory once.
template <class Slab> void over_slabs(const Shape& shape, const Slab& slab) {
    if (shape.size() == 0) return;
    const int rank = shape.rank();
    const index_t columns = shape[rank - 1];
    const index_t first = rank > 1 ? shape[0] : 1;  // extent of the first axis
    const index_t middle =
        rank > 1 ? shape.product(1, rank - 1) : 1;  // rows for each of its places
    const index_t cuts = (columns + widest_piece - 1) / widest_piece;
    const index_t width = (columns + cuts - 1) / cuts;
    const index_t block = std::max<index_t>(1, (1 << 15) / width);  // rows that stay in the cache
    const index_t blocks = (middle + block - 1) / block;
    const index_t thick = std::max<index_t>(1, (1 << 18) / (width * std::min(block, middle)));
    const index_t slabs = (first + thick - 1) / thick;
    [[maybe_unused]] const bool threaded =
        shape.size() >= parallel_threshold && cuts * blocks * slabs > 1;
#pragma omp parallel for collapse(3) schedule(static) if (threaded)
    for (index_t c = 0; c < cuts; ++c)
        for (index_t b = 0; b < blocks; ++b)
            for (index_t s = 0; s < slabs; ++s)
                slab([&](const auto& work) {
                    RowPiece piece;
                    piece.begin = c * width;
                    piece.end = std::min(columns, piece.begin + width);
                    for (index_t i = s * thick; i < std::min(first, (s + 1) * thick); ++i)
                        for (index_t m = b * block; m < std::min(middle, (b + 1) * block); ++m) {
                            place_row(shape, i, m, piece);
                            piece.base = (i * middle + m) * columns;
                            work(piece);
                        }
                });
}
/// Calls work(piece) for every piece.
template <class Work> void over_row_pieces(const Shape& shape, const Work& work) {
    over_slabs(shape, [&](const auto& each) { each(work); });
}

/// Calls work(piece) for the pieces of rows that make up the elements [begin, end), on this thread.
template <class Work>
void over_row_pieces_of(const Shape& shape, index_t begin, index_t end, const Work& work) {
    const int rank = shape.rank();
    const index_t columns = shape[rank - 1];
    const index_t middle = rank > 1 ? shape.product(1, rank - 1) : 1;
    for (index_t at = begin; at < end;) {
        const index_t row = at / columns;
        RowPiece piece;
        place_row(shape, row / middle, row % middle, piece);
        piece.base = row * columns;
        piece.begin = at - piece.base;
        piece.end = std::min(columns, end - piece.base);
        work(piece);
        at = piece.base + piece.end;
    }
}

/// The taps of a row of at most max_rank bands.
template <class R> class RowTaps {
 public:
    RowTaps() = default;
    /// Of the few taps that there are, not of all that there could be.
    RowTaps(const RowTaps& other) : count_{other.count_} {
        std::copy_n(other.data(), count_, taps_.data());
    }
    RowTaps& operator=(const RowTaps& other) {
        count_ = other.count_;
        std::copy_n(other.data(), count_, taps_.data());
        return *this;
    }
    /// Taps on the same values are merged.
    void add(const R* from, R factor) {
        for (std::size_t t = 0; t < count_; ++t)
            if (taps_[t].from == from) {
                taps_[t].factor += factor;
                return;
            }
        taps_[count_++] = {from, factor};
    }
    std::size_t size() const { return count_; }
    const RowTap<R>& operator[](std::size_t t) const { return taps_[t]; }
    const RowTap<R>* data() const { return taps_.data(); }

 private:
    std::array<RowTap<R>, (2 * band_reach + 1) * Shape::max_rank> taps_;
    std::size_t count_ = 0;
};

/// One band of a sum, along an axis, of the values from `from` on.
template <class R> struct BandTerm {
    const Band* band;
    int axis;
    const R* from;
};

/// The part of a row where all its taps are alike.
template <class R> struct InnerRow {
    RowTaps<R> taps;
    R* y;
    index_t begin;
    index_t end;
};

/// Fetches the cache lines of a row's ends for writing. Lines that are not written whole are read first,
/// and what is stored past the caches would wait for them.
template <class R> void fetch_ends(R* row, index_t length) {
    const auto at = reinterpret_cast<std::uintptr_t>(row);  // may lie behind the array
    __builtin_prefetch(reinterpret_cast<const void*>(at), 1);
    __builtin_prefetch(
        reinterpret_cast<const void*>(at + sizeof(R) * static_cast<std::size_t>(length - 1)), 1);
}

/// A piece of a row of y = sum_t band_t x_t: makes its ends, and returns what is left to be made.
/// `parts` numbers make a value: two where they are complex, for the factors are real. y points to the
/// row's first value.
template <class R>
InnerRow<R> combine_ends(const Shape& shape, index_t parts, const RowPiece& piece,
                         const BandTerm<R>* terms, std::size_t count, R* y) {
    const int last = shape.rank() - 1;
    const index_t base = piece.base * parts;
    RowTaps<R> across;  // the taps from other rows
    index_t head = 0;
    index_t tail = 0;
    for (std::size_t t = 0; t < count; ++t) {
        const auto& [band, axis, from] = terms[t];
        if (axis == last) {
            head = std::max(head, band->head());
            tail = std::max(tail, band->tail());
            continue;
        }
        const index_t step = shape.product(axis + 1, last + 1) * parts;
        for (const Tap& tap : band->row(piece.at[static_cast<std::size_t>(axis)]))
            across.add(from + base + tap.offset * step, static_cast<R>(tap.factor));
    }
    const auto taps_at = [&](index_t column) {
        RowTaps<R> taps = across;
        for (std::size_t t = 0; t < count; ++t)
            if (terms[t].axis == last)
                for (const Tap& tap : terms[t].band->row(column))
                    taps.add(terms[t].from + base + tap.offset * parts, static_cast<R>(tap.factor));
        return taps;
    };
    const auto one_by_one = [&](index_t begin, index_t end) {
        for (index_t column = begin; column < end; ++column) {
            const RowTaps<R> taps = taps_at(column);
            combine<Store::write>(taps.data(), taps.size(), y, column * parts,
                                  (column + 1) * parts);
        }
    };
    const index_t begin = std::clamp(head, piece.begin, piece.end);
    const index_t end = std::clamp(shape[last] - tail, begin, piece.end);
    if (head + tail > 0) fetch_ends(y + shape[last] * parts, shape[last] * parts);
    one_by_one(piece.begin, begin);
    one_by_one(end, piece.end);
    return {begin < end ? taps_at(begin) : RowTaps<R>{}, y, begin * parts, end * parts};
}

/// The whole of a piece.
template <class R>
void combine_bands(const Shape& shape, index_t parts, const RowPiece& piece,
                   const BandTerm<R>* terms, std::size_t count, R* y) {
    const InnerRow<R> row = combine_ends(shape, parts, piece, terms, count, y);
    combine<Store::write>(row.taps.data(), row.taps.size(), row.y, row.begin, row.end);
}

/// Makes several rows side by side, a few cache lines of each in turn, so that what they read in
/// common comes from the first-level cache for all but the first of them.
template <Store store, class R> class RowsSideBySide {
 public:
    /// Where rows have nothing in common, each is made alone: one long run is what memory likes best.
    explicit RowsSideBySide(bool in_common) : most_{in_common ? rows_.size() : 1} {}
    void add(const InnerRow<R>& row) {
        rows_[count_] = row;
        if (++count_ == most_) flush();
    }
    /// After the last row.
    void finish() {
        flush();
        if constexpr (store == Store::past_caches) end_of_stores();
    }

 private:
    static constexpr index_t line = 64 / sizeof(R);
    static constexpr index_t run = 8 * line;

    void flush() {
        bool more = count_ > 0;
        while (more) {
            more = false;
            for (std::size_t r = 0; r < count_; ++r) {
                InnerRow<R>& row = rows_[r];
                // Whole cache lines of this row, wherever it lies; all of it if it is alone.
                const auto place = static_cast<index_t>(reinterpret_cast<std::uintptr_t>(row.y) /
                                                        sizeof(R) % line);
                const index_t cut = (row.begin + place) / run * run + run - place;
                const index_t end = count_ == 1 ? row.end : std::min(row.end, cut);
                combine<store>(row.taps.data(), row.taps.size(), row.y, row.begin, end);
                row.begin = end;
                more = more || end < row.end;
            }
        }
        count_ = 0;
    }

    std::array<InnerRow<R>, 8> rows_;
    std::size_t most_;
    std::size_t count_ = 0;
};

}  // namespace lop
