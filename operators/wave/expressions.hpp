/// Values of coefficient expressions on the padded grid, and their derivatives by the parameters.
#pragma once

#include "layout.hpp"

#include <array>
#include <vector>

namespace lop::wave {

/// The expressions of an equation, evaluated point by point. Parameters on the model grid, of which this rank holds
/// some planes (Layout::held), are repeated in the layers. Averages run over the corners of the cell from a point on.
template <class T> class Expressions {
 public:
    Expressions(const Physics& physics, const Layout& layout, double dt,
                const std::vector<double>& settings, bool free_surface, const T* parameters);

    using Cell = std::array<index_t, 3>;
    double value(int node, const Cell& at) const;
    /// out[z] for a row of the padded grid.
    void values(int node, index_t x, index_t y, double* out) const;
    /// The derivatives in a direction, given as an array like the parameters.
    void tangents(int node, index_t x, index_t y, const T* direction, double* out) const;
    /// image[p] += sum over the padded grid of weights(x) * d(node at x) / d(parameter p), for every point of
    /// the model on this rank: the transpose of `tangents`. `weights` is a frame; `before` its plane before x = 0,
    /// which another rank holds, where `reaches_back`.
    void fold(int node, const T* weights, const T* before, double scale, T* image) const;
    /// Whether averages read the plane after their own.
    bool reaches_back(int node) const { return reach(node)[0] > 0; }

    const Physics& physics() const { return physics_; }

 private:
    class Rows;
    template <class F> double mean(const Position& position, const Cell& at, const F& f) const;
    index_t model_place(const Cell& at) const;
    int internal_axis(int axis) const { return axis == physics_.dimension - 1 ? 2 : axis; }
    Cell reach_of(const Position& position) const;
    Cell reach(int node) const;
    std::array<index_t, 2> rows_that_read(int axis, index_t i, index_t corner) const;
    void fold_row(int node, int parameter, const T* row, const Cell& corner, const Cell& padded,
                  std::vector<double>& slopes, std::vector<double>& sums) const;

    Physics physics_;
    Layout layout_;
    double dt_;
    std::vector<double> settings_;
    bool free_surface_;
    std::vector<T> parameters_;
};

extern template class Expressions<float>;
extern template class Expressions<double>;

}  // namespace lop::wave
