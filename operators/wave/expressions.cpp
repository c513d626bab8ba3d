/// Evaluates and differentiates expression trees.
#include "expressions.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lop::wave {

template <class T>
Expressions<T>::Expressions(const Physics& physics, const Layout& layout, double dt,
                            const std::vector<double>& settings, bool free_surface,
                            const T* parameters)
    : physics_{physics},
      layout_{layout},
      dt_{dt},
      settings_{settings},
      free_surface_{free_surface},
      parameters_(parameters, parameters + physics.parameters.count * layout.held_size()) {}

template <class T> index_t Expressions<T>::model_place(const Cell& at) const {
    return ((layout_.model_index(0, at[0]) - layout_.held[0]) * layout_.model[1] +
            layout_.model_index(1, at[1])) *
               layout_.model[2] +
           layout_.model_index(2, at[2]);
}

/// The mean of f over the corners that a position lies between.
template <class T>
template <class F>
double Expressions<T>::mean(const Position& position, const Cell& at, const F& f) const {
    double sum = 0;
    int count = 0;
    Cell reach{0, 0, 0};
    for (int axis = 0; axis < physics_.dimension; ++axis)
        if (position.half[axis]) reach[static_cast<std::size_t>(internal_axis(axis))] = 1;
    for (index_t x = 0; x <= reach[0]; ++x)
        for (index_t y = 0; y <= reach[1]; ++y)
            for (index_t z = 0; z <= reach[2]; ++z, ++count)
                sum += f(Cell{at[0] + x, at[1] + y, at[2] + z});
    return sum / count;
}

template <class T> double Expressions<T>::value(int node, const Cell& at) const {
    const Node& n = physics_.nodes[node];
    const auto left = [&] { return value(n.left, at); };
    const auto right = [&] { return value(n.right, at); };
    switch (n.op) {
        case Op::constant: return n.value;
        case Op::parameter:
            return static_cast<double>(parameters_[static_cast<std::size_t>(
                n.left * layout_.held_size() + model_place(at))]);
        case Op::setting: return settings_[static_cast<std::size_t>(n.left)];
        case Op::time_step: return dt_;
        case Op::add: return left() + right();
        case Op::subtract: return left() - right();
        case Op::multiply: return left() * right();
        case Op::divide: return left() / right();
        case Op::root: return std::sqrt(left());
        case Op::exponential: return std::exp(left());
        case Op::average:
            return mean(n.position, at, [&](const Cell& corner) { return value(n.left, corner); });
        case Op::harmonic:
            return 1 / mean(n.position, at,
                            [&](const Cell& corner) { return 1 / value(n.left, corner); });
        case Op::surface: return free_surface_ && at[2] == 0 ? right() : left();
    }
    return 0;
}

/// Rows of values, and of derivatives with them, from z = 0 to one point beyond the grid, for averages.
template <class T> class Expressions<T>::Rows {
 public:
    /// Derivatives along an array; or by one parameter at one corner of the averages; or none.
    struct Direction {
        const T* array = nullptr;
        int parameter = -1;
        Cell corner{};
        bool exists() const { return array || parameter >= 0; }
    };
    Rows(const Expressions& expressions, const Direction& direction)
        : e_{expressions}, direction_{direction}, length_{expressions.layout_.nz + 1} {}

    void run(int node, index_t x, index_t y, double* value, double* slope) {
        const Node& n = e_.physics_.nodes[node];
        if (slope) std::fill_n(slope, length_, 0.0);
        switch (n.op) {
            case Op::constant: std::fill_n(value, length_, n.value); return;
            case Op::setting:
                std::fill_n(value, length_, e_.settings_[static_cast<std::size_t>(n.left)]);
                return;
            case Op::time_step: std::fill_n(value, length_, e_.dt_); return;
            case Op::parameter: parameter(n.left, x, y, value, slope); return;
            case Op::average:
            case Op::harmonic: mean(n, x, y, value, slope); return;
            case Op::surface: surface(n, x, y, value, slope); return;
            default: break;
        }
        run(n.left, x, y, value, slope);
        if (n.op == Op::root || n.op == Op::exponential) {
            for (index_t z = 0; z < length_; ++z) {
                value[z] = n.op == Op::root ? std::sqrt(value[z]) : std::exp(value[z]);
                if (slope) slope[z] *= n.op == Op::root ? 0.5 / value[z] : value[z];
            }
            return;
        }
        std::vector<double> other(static_cast<std::size_t>(length_));
        std::vector<double> other_slope(slope ? other.size() : 0);
        run(n.right, x, y, other.data(), slope ? other_slope.data() : nullptr);
        combine(n.op, value, slope, other.data(), other_slope.data());
    }

 private:
    void combine(Op op, double* v, double* d, const double* w, const double* dw) const {
        switch (op) {
            case Op::add:
                for (index_t z = 0; z < length_; ++z) v[z] += w[z];
                for (index_t z = 0; d && z < length_; ++z) d[z] += dw[z];
                return;
            case Op::subtract:
                for (index_t z = 0; z < length_; ++z) v[z] -= w[z];
                for (index_t z = 0; d && z < length_; ++z) d[z] -= dw[z];
                return;
            case Op::multiply:
                for (index_t z = 0; d && z < length_; ++z) d[z] = d[z] * w[z] + v[z] * dw[z];
                for (index_t z = 0; z < length_; ++z) v[z] *= w[z];
                return;
            default:
                for (index_t z = 0; z < length_; ++z) v[z] /= w[z];
                for (index_t z = 0; d && z < length_; ++z)
                    d[z] = d[z] / w[z] - v[z] * (dw[z] / w[z]);
        }
    }
    void surface(const Node& n, index_t x, index_t y, double* value, double* slope) {
        run(n.left, x, y, value, slope);
        if (!e_.free_surface_) return;
        std::vector<double> other(static_cast<std::size_t>(length_));
        std::vector<double> other_slope(slope ? other.size() : 0);
        run(n.right, x, y, other.data(), slope ? other_slope.data() : nullptr);
        value[0] = other[0];
        if (slope) slope[0] = other_slope[0];
    }
    /// A row of the model, repeated in the layers.
    void repeat(const T* row, double* out) const {
        const index_t before = e_.layout_.before[2];
        const index_t after = std::min(before + e_.layout_.model[2], length_);
        for (index_t z = before; z < after; ++z) out[z] = static_cast<double>(row[z - before]);
        std::fill(out, out + before, static_cast<double>(row[0]));
        std::fill(out + after, out + length_, static_cast<double>(row[e_.layout_.model[2] - 1]));
    }
    void parameter(int p, index_t x, index_t y, double* value, double* slope) const {
        const Layout& l = e_.layout_;
        const index_t first = p * l.held_size() + e_.model_place({x, y, 0});
        repeat(e_.parameters_.data() + first, value);
        if (!slope) return;
        if (direction_.array) repeat(direction_.array + first, slope);
        else std::fill_n(slope, length_, p == direction_.parameter ? 1.0 : 0.0);
    }
    void mean(const Node& n, index_t x, index_t y, double* value) {
        const Cell reach = e_.reach_of(n.position);
        const auto count = static_cast<double>((reach[0] + 1) * (reach[1] + 1) * (reach[2] + 1));
        const bool harmonic = n.op == Op::harmonic;
        std::vector<double> v(static_cast<std::size_t>(length_ + 1));
        std::fill_n(value, length_, 0.0);
        for (index_t cx = 0; cx <= reach[0]; ++cx)
            for (index_t cy = 0; cy <= reach[1]; ++cy) {
                run(n.left, x + cx, y + cy, v.data(), nullptr);
                v.back() = v[v.size() - 2];  // one point beyond is repeated once more
                for (double& each : v) each = harmonic ? 1 / each : each;
                for (index_t cz = 0; cz <= reach[2]; ++cz)
                    for (index_t z = 0; z < length_; ++z)
                        value[z] += v[static_cast<std::size_t>(z + cz)];
            }
        for (index_t z = 0; z < length_; ++z)
            value[z] = harmonic ? count / value[z] : value[z] / count;
    }
    /// Harmonic: h = n / sum 1/v, dh = h^2/n sum dv/v^2. Where one v is zero, h grows as n v; where more are, they
    /// hold each other down.
    void mean(const Node& n, index_t x, index_t y, double* value, double* slope) {
        if (!slope) return mean(n, x, y, value);
        const Cell reach = e_.reach_of(n.position);
        const int count = static_cast<int>((reach[0] + 1) * (reach[1] + 1) * (reach[2] + 1));
        const bool harmonic = n.op == Op::harmonic;
        const auto size = static_cast<std::size_t>(length_ + 1);
        std::vector<std::vector<double>> values, slopes;
        std::vector<bool> is_seen;
        for (index_t cx = 0; cx <= reach[0]; ++cx)
            for (index_t cy = 0; cy <= reach[1]; ++cy) {
                std::vector<double> v(size), d(size);
                run(n.left, x + cx, y + cy, v.data(), d.data());
                v.back() = v[size - 2];  // one point beyond is repeated once more
                d.back() = d[size - 2];
                for (index_t cz = 0; cz <= reach[2]; ++cz) {
                    values.emplace_back(v.begin() + cz, v.begin() + cz + length_);
                    slopes.emplace_back(d.begin() + cz, d.begin() + cz + length_);
                    is_seen.push_back(direction_.array || direction_.corner == Cell{cx, cy, cz});
                }
            }
        for (index_t at = 0; at < length_; ++at) {
            const auto z = static_cast<std::size_t>(at);
            double sum = 0;
            int zeros = 0;
            for (const auto& v : values) {
                sum += harmonic ? 1 / v[z] : v[z];
                zeros += v[z] == 0 ? 1 : 0;
            }
            value[z] = harmonic ? count / sum : sum / count;
            slope[z] = 0;
            for (std::size_t c = 0; c < values.size(); ++c) {
                if (!is_seen[c]) continue;
                double share = 1;
                if (harmonic && zeros > 0) share = zeros == 1 && values[c][z] == 0 ? count : 0;
                else if (harmonic) share = value[z] / values[c][z];
                slope[z] += share * (harmonic ? share : 1) * slopes[c][z] / count;
            }
        }
    }

    const Expressions& e_;
    Direction direction_;
    index_t length_;
};

template <class T> void Expressions<T>::values(int node, index_t x, index_t y, double* out) const {
    std::vector<double> row(static_cast<std::size_t>(layout_.nz + 1));
    Rows{*this, {}}.run(node, x, y, row.data(), nullptr);
    std::copy_n(row.begin(), layout_.nz, out);
}

template <class T>
void Expressions<T>::tangents(int node, index_t x, index_t y, const T* direction,
                              double* out) const {
    std::vector<double> row(static_cast<std::size_t>(layout_.nz + 1)), slope(row.size());
    Rows{*this, {.array = direction}}.run(node, x, y, row.data(), slope.data());
    std::copy_n(slope.begin(), layout_.nz, out);
}

template <class T> typename Expressions<T>::Cell Expressions<T>::reach_of(
    const Position& position) const {
    Cell reach{0, 0, 0};
    for (int axis = 0; axis < physics_.dimension; ++axis)
        if (position.half[axis]) reach[static_cast<std::size_t>(internal_axis(axis))] = 1;
    return reach;
}

/// How far the corners of a node reach beyond its own point.
template <class T> typename Expressions<T>::Cell Expressions<T>::reach(int node) const {
    const Node& n = physics_.nodes[node];
    Cell all{0, 0, 0};
    if (n.op == Op::parameter || n.op == Op::setting) return all;
    if (n.op == Op::average || n.op == Op::harmonic) all = reach_of(n.position);
    for (const int child : {n.left, n.right}) {
        if (child < 0) continue;
        const Cell other = reach(child);
        for (std::size_t k = 0; k < 3; ++k) all[k] = std::max(all[k], other[k]);
    }
    return all;
}

/// sums[z of the model] += weights * derivative by one parameter at one corner, over a padded row.
template <class T>
void Expressions<T>::fold_row(int node, int parameter, const T* weight, const Cell& corner,
                              const Cell& padded, std::vector<double>& slopes,
                              std::vector<double>& sums) const {
    std::vector<double> row(slopes.size());
    Rows{*this, {.parameter = parameter, .corner = corner}}.run(node, padded[0], padded[1],
                                                                row.data(), slopes.data());
    for (index_t z = 0; z < layout_.nz; ++z)
        sums[static_cast<std::size_t>(layout_.model_index(2, z + corner[2]))] +=
            static_cast<double>(weight[z]) * slopes[static_cast<std::size_t>(z)];
}

template <class T> void Expressions<T>::fold(int node, const T* weights, const T* before,
                                             double scale, T* image) const {
    const auto& model = layout_.model;
    const index_t planes = layout_.own[1] - layout_.own[0];
    const index_t size = layout_.own_size();
    const auto row_of = [&](index_t x, index_t y) {
        return x < 0 ? before + y * layout_.row : weights + layout_.frame(x, y, 0);
    };
    const Cell corners = reach(node);
#pragma omp parallel
    {
        std::vector<double> slopes(static_cast<std::size_t>(layout_.nz + 1));
        std::vector<double> sums(static_cast<std::size_t>(model[2]));
#pragma omp for schedule(static)
        for (index_t i = 0; i < planes * model[1]; ++i)
            for (int p = 0; p < physics_.parameters.count; ++p) {
                std::fill(sums.begin(), sums.end(), 0.0);
                for (index_t cx = 0; cx <= corners[0]; ++cx)
                    for (index_t cy = 0; cy <= corners[1]; ++cy)
                        for (index_t cz = 0; cz <= corners[2]; ++cz) {
                            const auto xs = rows_that_read(0, layout_.own[0] + i / model[1], cx);
                            const auto ys = rows_that_read(1, i % model[1], cy);
                            for (index_t x = xs[0]; x < xs[1]; ++x)
                                for (index_t y = ys[0]; y < ys[1]; ++y)
                                    fold_row(node, p, row_of(x, y), {cx, cy, cz}, {x, y, 0}, slopes,
                                             sums);
                        }
                T* row = image + p * size + i * model[2];
                for (index_t z = 0; z < model[2]; ++z)
                    row[z] += static_cast<T>(scale * sums[static_cast<std::size_t>(z)]);
            }
    }
}

/// The padded coordinates whose corner at a distance is a copy of index i of the model: first, one past the last.
template <class T> std::array<index_t, 2> Expressions<T>::rows_that_read(int axis, index_t i,
                                                                         index_t corner) const {
    const auto copies = layout_.copies(axis, i);
    const index_t last = layout_.extent(axis);
    const bool at_end =
        copies[1] == last && !(axis == 0 && layout_.goes_on(true));  // what lies beyond is repeated
    const index_t first = axis == 0 && layout_.goes_on(false) ? -1 : 0;
    return {std::max(copies[0] - corner, first), at_end ? last : copies[1] - corner};
}

template class Expressions<float>;
template class Expressions<double>;

}  // namespace lop::wave
