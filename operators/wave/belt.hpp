/// The belt around the part of a grid where waves can run backwards.
#pragma once

#include "layout.hpp"

#include <array>
#include <vector>

namespace lop::wave {

/// The inner box holds the points that no absorbing layer reaches within a step, and the belt what lies up to `reach`
/// cells around it, all that a step of the inner box reads besides. Above a free surface the belt has its images too, and
/// where ranks share the grid, each has the part of the planes that it reads beyond the cuts besides its own.
class Belt {
 public:
    Belt() = default;
    /// `layers_x`: cells of the layers at the ends of axis x, on whatever rank.
    Belt(const Layout& layout, const std::array<index_t, 2>& layers_x, index_t radius,
         index_t reach, index_t images);

    bool is_empty() const { return is_empty_; }  ///< without an inner box, on any rank
    /// Values of the belt on this rank.
    index_t size() const { return begins_.empty() ? 0 : begins_.back(); }
    template <class T> void save(const T* field, T* values, int threads) const;
    template <class T> void restore(const T* values, T* field, int threads) const;
    /// Zeros in a field outside the belt, and in a frame outside the inner box.
    template <class T> void clear_outside(T* field, int threads) const;
    template <class T> void clear_frame(T* frame, int threads) const;

 private:
    using Span = std::array<index_t, 2>;
    bool has(const std::array<Span, 3>& box, index_t x, index_t y) const;
    /// Of a row in the belt, up to two.
    std::array<Span, 2> spans(index_t x, index_t y) const;
    /// visit(x, y) for the rows of some planes.
    template <class Visit> void for_each_row(const Span& planes, int threads,
                                             const Visit& visit) const;
    std::size_t row_of(index_t x, index_t y) const {
        return static_cast<std::size_t>((x - planes_[0]) * layout_.ny + y);
    }

    Layout layout_{};
    index_t images_ = 0;
    bool is_empty_ = true;
    Span planes_{};
    std::array<Span, 3> inner_{};
    std::array<Span, 3> outer_{};
    std::vector<index_t> begins_{};  ///< of the rows in the values
};

}  // namespace lop::wave
