/// Frames of a wavefield, point by point along x, which ranks share.
#include "frames.hpp"

#include "threads.hpp"

#include <algorithm>

namespace lop::wave {

template <class T>
FrameReader<T>::FrameReader(const Engine<T>& engine, const Port& port, const Lattice& lattice,
                            Interpolation interpolation)
    : medium_{&engine.medium()},
      lattice_{lattice},
      totals_(static_cast<std::size_t>(lattice.count[1] * lattice.count[2])),
      values_(static_cast<std::size_t>(lattice.size())),
      threads_{team_size(lattice.size())} {
    rooms_.resize(static_cast<std::size_t>(3 * lattice.count[2] * threads_));
    for (const Part& part : port.parts) sheets_.push_back(make_sheet(engine, part, interpolation));
    share_out();
}

template <class T>
typename FrameReader<T>::Sheet FrameReader<T>::make_sheet(const Engine<T>& engine, const Part& part,
                                                          Interpolation interpolation) const {
    const PointGrid grid = engine.point_grid(part.field);
    const auto along = [&](std::size_t axis, index_t i) {
        const int k = axis == 2 ? grid.dimension - 1 : static_cast<int>(axis);
        return weights_on_axis(grid, k, static_cast<double>(lattice_.at(axis, i)), interpolation,
                               k == part.derivative);
    };
    Sheet sheet;
    sheet.field = part.field;
    for (index_t i = 0; i < lattice_.count[0]; ++i) sheet.x.push_back(along(0, i));
    for (index_t j = 0; j < lattice_.count[1]; ++j) {
        WeightsOnAxis one;
        one.add(0, 1);
        sheet.y.push_back(grid.dimension == 2 ? one : along(1, j));
    }
    const bool vanishes = medium_->vanishes_at_surface(*medium_->equation().forward, part.field);
    for (index_t k = 0; k < lattice_.count[2]; ++k) {
        const WeightsOnAxis z = along(2, k);
        for (std::size_t c = 0; c < static_cast<std::size_t>(z.count); ++c) {
            sheet.z.indices.push_back(z.indices[c]);
            sheet.z.weights.push_back(z.weights[c]);
            sheet.z.factors.push_back(vanishes && z.indices[c] == 0 ? 0 : part.weight);
        }
        sheet.z.begins.push_back(static_cast<index_t>(sheet.z.indices.size()));
    }
    return sheet;
}

/// Which points along x are read from planes that lie here, on another rank, or on several.
template <class T> void FrameReader<T>::share_out() {
    const Layout& l = medium_->layout();
    const Domain& domain = medium_->domain();
    std::size_t sums = 0;
    for (index_t i = 0; i < lattice_.count[0]; ++i) {
        int lowest = domain.ranks().size(), highest = -1;
        std::size_t planes = 0;
        for (const Sheet& sheet : sheets_) {
            const WeightsOnAxis& x = sheet.x[static_cast<std::size_t>(i)];
            for (int e = 0; e < x.count; ++e, ++planes) {
                const index_t of_model =
                    x.indices[static_cast<std::size_t>(e)] - l.first_plane - l.before[0];
                const int rank = domain.owner(std::clamp<index_t>(of_model, 0, l.model[0] - 1));
                lowest = std::min(lowest, rank);
                highest = std::max(highest, rank);
            }
        }
        if (lowest < highest) {
            split_.push_back(i);
            sums += planes;
        } else if (highest == domain.ranks().rank()) {
            whole_.push_back(i);
        }
    }
    sums_.resize(sums * static_cast<std::size_t>(lattice_.count[1] * lattice_.count[2]));
}

/// sums[k]: over the grid points of one plane, that of an entry along x.
template <class T>
void FrameReader<T>::sum(const Sheet& sheet, const T* field, index_t i, int entry, index_t j,
                         T* sums) const {
    const Layout& l = medium_->layout();
    const WeightsOnAxis& x = sheet.x[static_cast<std::size_t>(i)];
    const WeightsOnAxis& y = sheet.y[static_cast<std::size_t>(j)];
    const auto a = static_cast<std::size_t>(entry);
    const index_t* begins = sheet.z.begins.data();
    const index_t* indices = sheet.z.indices.data();
    const double* weights = sheet.z.weights.data();
    const double* factors = sheet.z.factors.data();
    std::fill_n(sums, lattice_.count[2], T{});
    for (std::size_t b = 0; b < static_cast<std::size_t>(y.count); ++b) {
        const T* row = field + l.field(x.indices[a] - l.first_plane, y.indices[b], 0);
        const double across = x.weights[a] * y.weights[b];
        for (index_t k = 0; k < lattice_.count[2]; ++k)
            for (index_t c = begins[k]; c < begins[k + 1]; ++c) {
                const auto weight = static_cast<T>(across * weights[c] * factors[c]);
                sums[k] += weight * row[indices[c]];
            }
    }
}

template <class T>
void FrameReader<T>::read_plane(const FieldSet<T>& fields, index_t i, T* room) {
    const index_t length = lattice_.count[2];
    T* sums = room;
    T* totals = room + length;
    T* values = room + 2 * length;
    for (index_t j = 0; j < lattice_.count[1]; ++j) {
        std::fill_n(values, length, T{});
        for (const Sheet& sheet : sheets_) {
            std::fill_n(totals, length, T{});
            for (int e = 0; e < sheet.x[static_cast<std::size_t>(i)].count; ++e) {
                sum(sheet, fields.current(sheet.field), i, e, j, sums);
                for (index_t k = 0; k < length; ++k) totals[k] += sums[k];
            }
            for (index_t k = 0; k < length; ++k) values[k] += totals[k];
        }
        for (index_t k = 0; k < length; ++k)
            values_[static_cast<std::size_t>(place(i, j, k))] = values[k];
    }
}

/// visit(i, sheet, entry along x, the first of that plane's sums, [y][z]) in the order in which they lie.
template <class T>
template <class Visit>
void FrameReader<T>::over_split(const Visit& visit) {
    T* first = sums_.data();
    for (const index_t i : split_)
        for (const Sheet& sheet : sheets_)
            for (int e = 0; e < sheet.x[static_cast<std::size_t>(i)].count; ++e) {
                visit(i, sheet, e, first);
                first += lattice_.count[1] * lattice_.count[2];
            }
}

/// What this rank has of split points.
template <class T> void FrameReader<T>::read_split(const FieldSet<T>& fields) {
    const Layout& l = medium_->layout();
    over_split([&](index_t i, const Sheet& sheet, int e, T* sums) {
        const auto& x = sheet.x[static_cast<std::size_t>(i)];
        const index_t plane = x.indices[static_cast<std::size_t>(e)] - l.first_plane;
        const bool is_here = plane >= 0 && plane < l.nx;
        for (index_t j = 0; j < lattice_.count[1]; ++j, sums += lattice_.count[2])
            if (is_here) sum(sheet, fields.current(sheet.field), i, e, j, sums);
            else std::fill_n(sums, lattice_.count[2], T{});
    });
}

/// In the order in which one rank alone would have summed.
template <class T> void FrameReader<T>::combine_split() {
    over_split([&](index_t i, const Sheet& sheet, int e, const T* sums) {
        if (e == 0) std::fill(totals_.begin(), totals_.end(), T{});
        for (T& total : totals_) total += *sums++;
        if (e + 1 < sheet.x[static_cast<std::size_t>(i)].count) return;
        const T* total = totals_.data();
        for (index_t j = 0; j < lattice_.count[1]; ++j)
            for (index_t k = 0; k < lattice_.count[2]; ++k)
                values_[static_cast<std::size_t>(place(i, j, k))] += *total++;
    });
}

/// Every value, and every sum of one plane, has one rank that has it, and zeros on the others: their sum is exact.
template <class T> const std::vector<T>& FrameReader<T>::read(const FieldSet<T>& fields) {
    std::fill(values_.begin(), values_.end(), T{});
    const auto count = static_cast<index_t>(whole_.size());
#pragma omp parallel for schedule(static) num_threads(threads_)
    for (index_t w = 0; w < count; ++w)
        read_plane(fields, whole_[static_cast<std::size_t>(w)],
                   rooms_.data() + 3 * lattice_.count[2] * thread_number());
    read_split(fields);
    const Domain& domain = medium_->domain();
    domain.sum(values_.data(), lattice_.size());
    domain.sum(sums_.data(), static_cast<index_t>(sums_.size()));
    combine_split();
    return values_;
}

template <class T> std::vector<T> FrameReader<T>::fastest() const {
    const Layout& l = medium_->layout();
    const int node = medium_->equation().physics->fastest_speed;
    std::vector<T> speeds(values_.size());
    for (index_t i = 0; i < lattice_.count[0]; ++i) {
        const index_t x = lattice_.at(0, i) - l.first_plane;
        if (x < 0 || x >= l.nx) continue;
        for (index_t k = 0; k < lattice_.count[2]; ++k)
            for (index_t j = 0; j < lattice_.count[1]; ++j)
                speeds[static_cast<std::size_t>(place(i, j, k))] = static_cast<T>(
                    medium_->expressions().value(node, {x, lattice_.at(1, j), lattice_.at(2, k)}));
    }
    medium_->domain().sum(speeds.data(), lattice_.size());
    return speeds;
}

template class FrameReader<float>;
template class FrameReader<double>;

}  // namespace lop::wave
