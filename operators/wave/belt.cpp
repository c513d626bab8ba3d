/// Copies and zeros of belts, row by row.
#include "operators/wave/belt.hpp"

#include <algorithm>

namespace lop::wave {

Belt::Belt(const Layout& layout, const std::array<index_t, 2>& layers_x, index_t radius,
           index_t reach, index_t images)
    : layout_{layout},
      images_{images},
      planes_{layout.goes_on(false) ? -radius : 0,
              layout.nx + (layout.goes_on(true) ? radius : 0)} {
    is_empty_ = false;
    for (int axis = 0; axis < 3; ++axis) {
        const auto a = static_cast<std::size_t>(axis);
        const auto [first, last] = axis == 0 ? layers_x : layout.cells[a];
        const index_t extent = axis == 0 ? layout.all_planes : layout.extent(axis);
        const index_t here = axis == 0 ? layout.first_plane : 0;
        inner_[a] = {(first > 0 ? first + reach : 0) - here,
                     extent - (last > 0 ? last + reach : 0) - here};
        outer_[a] = {first - here, extent - last - here};
        is_empty_ = is_empty_ || inner_[a][0] >= inner_[a][1];
    }
    if (is_empty_) return;
    begins_.push_back(0);
    for (index_t x = planes_[0]; x < planes_[1]; ++x)
        for (index_t y = 0; y < layout.ny; ++y) {
            index_t count = 0;
            for (const Span& span : spans(x, y)) count += span[1] - span[0];
            begins_.push_back(begins_.back() + count);
        }
}

bool Belt::has(const std::array<Span, 3>& box, index_t x, index_t y) const {
    return x >= box[0][0] && x < box[0][1] && y >= box[1][0] && y < box[1][1];
}

std::array<Belt::Span, 2> Belt::spans(index_t x, index_t y) const {
    if (!has(outer_, x, y)) return {};
    const Span& in = inner_[2];
    const Span& out = outer_[2];
    if (has(inner_, x, y)) return {Span{out[0], in[0]}, Span{in[1], out[1]}};
    return {Span{out[0] - images_, out[1]}, Span{}};
}

template <class Visit> void Belt::for_each_row(const Span& planes, int threads,
                                               const Visit& visit) const {
#pragma omp parallel for schedule(static) num_threads(threads)
    for (index_t row = 0; row < (planes[1] - planes[0]) * layout_.ny; ++row)
        visit(planes[0] + row / layout_.ny, row % layout_.ny);
}

template <class T> void Belt::save(const T* field, T* values, int threads) const {
    for_each_row(planes_, threads, [&](index_t x, index_t y) {
        T* to = values + begins_[row_of(x, y)];
        const T* from = field + layout_.field(x, y, 0);
        for (const Span& span : spans(x, y)) to = std::copy(from + span[0], from + span[1], to);
    });
}

template <class T> void Belt::restore(const T* values, T* field, int threads) const {
    for_each_row(planes_, threads, [&](index_t x, index_t y) {
        const T* from = values + begins_[row_of(x, y)];
        T* to = field + layout_.field(x, y, 0);
        for (const Span& span : spans(x, y)) {
            std::copy(from, from + (span[1] - span[0]), to + span[0]);
            from += span[1] - span[0];
        }
    });
}

template <class T> void Belt::clear_outside(T* field, int threads) const {
    for_each_row(planes_, threads, [&](index_t x, index_t y) {
        T* row = field + layout_.field(x, y, 0);
        const Span kept = has(outer_, x, y) ? outer_[2] : Span{layout_.row, layout_.row};
        std::fill(row - (has(outer_, x, y) ? 0 : images_), row + kept[0], T{});
        std::fill(row + kept[1], row + layout_.row, T{});
    });
}

template <class T> void Belt::clear_frame(T* frame, int threads) const {
    for_each_row({0, layout_.nx}, threads, [&](index_t x, index_t y) {
        T* row = frame + layout_.frame(x, y, 0);
        const Span kept = has(inner_, x, y) ? inner_[2] : Span{layout_.row, layout_.row};
        std::fill(row, row + kept[0], T{});
        std::fill(row + kept[1], row + layout_.row, T{});
    });
}

template void Belt::save(const float*, float*, int) const;
template void Belt::save(const double*, double*, int) const;
template void Belt::restore(const float*, float*, int) const;
template void Belt::restore(const double*, double*, int) const;
template void Belt::clear_outside(float*, int) const;
template void Belt::clear_outside(double*, int) const;
template void Belt::clear_frame(float*, int) const;
template void Belt::clear_frame(double*, int) const;

}  // namespace lop::wave
