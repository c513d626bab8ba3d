/// Solves for the ends of differences under a free surface.
#include "closure.hpp"

#include "stencil.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

namespace lop::wave {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// The differences from whole rows to half rows, of fields that are zero above the surface.
MatrixXd inner_differences(int radius, Index size) {
    const Stencil stencil = taylor_stencil(2 * radius);
    MatrixXd q = MatrixXd::Zero(size, size);
    for (Index i = 0; i < size; ++i)
        for (Index j = 1; j <= radius; ++j) {
            const double weight = stencil.staggered[static_cast<std::size_t>(j)];
            if (i + j < size) q(i, i + j) += weight;
            if (i + 1 - j >= 0) q(i, i + 1 - j) -= weight;
        }
    return q;
}

struct Ends {
    MatrixXd q;
    VectorXd half, whole;
};

/// The unknown block of Q, `half` x `whole`, and the norms of its rows and columns, as one vector.
class Block {
 public:
    Block(int radius, Index half, Index whole, Index size)
        : inner_{inner_differences(radius, size)}, half_{half}, whole_{whole} {}

    /// The equations, linear in the unknowns, that make G and D exact on z^k, k = from .. to.
    struct Equations {
        MatrixXd left;
        VectorXd right;
    };
    Equations exact(int from, int to) const {
        const Index degrees = to - from + 1;
        Equations e{MatrixXd::Zero(degrees * (half_ + whole_), unknowns()),
                    VectorXd::Zero(degrees * (half_ + whole_))};
        Index row = 0;
        for (int k = from; k <= to; ++k) {
            for (Index i = 0; i < half_; ++i, ++row) {
                for (Index j = 0; j < whole_; ++j) e.left(row, place(i, j)) = power(double(j), k);
                e.left(row, half_ * whole_ + i) = -slope(double(i) + 0.5, k);
                for (Index j = whole_; j < inner_.cols(); ++j)
                    e.right(row) -= inner_(i, j) * power(double(j), k);
            }
            for (Index j = 0; j < whole_; ++j, ++row) {
                if (j == 0 && k == 0) continue;  // what does not vanish on the surface
                for (Index i = 0; i < half_; ++i)
                    e.left(row, place(i, j)) = -power(double(i) + 0.5, k);
                e.left(row, half_ * whole_ + half_ + j) = -slope(double(j), k);
                for (Index i = half_; i < inner_.rows(); ++i)
                    e.right(row) += inner_(i, j) * power(double(i) + 0.5, k);
            }
        }
        return e;
    }
    /// The same, and what whole row 0 stands for.
    Equations exact(int to, double first) const {
        Equations e = exact(0, to);
        e.left.conservativeResize(e.left.rows() + 1, Eigen::NoChange);
        e.right.conservativeResize(e.right.rows() + 1);
        e.left.bottomRows(1).setZero();
        e.left(e.left.rows() - 1, half_ * whole_ + half_) = 1;
        e.right(e.right.rows() - 1) = first;
        return e;
    }
    VectorXd packed(const Ends& ends) const {
        VectorXd u(unknowns());
        for (Index i = 0; i < half_; ++i)
            for (Index j = 0; j < whole_; ++j) u(place(i, j)) = ends.q(i, j);
        u.segment(half_ * whole_, half_) = ends.half.head(half_);
        u.tail(whole_) = ends.whole.head(whole_);
        return u;
    }
    Ends unpacked(const VectorXd& u) const {
        Ends ends = inner();
        for (Index i = 0; i < half_; ++i)
            for (Index j = 0; j < whole_; ++j) ends.q(i, j) = u(place(i, j));
        ends.half.head(half_) = u.segment(half_ * whole_, half_);
        ends.whole.head(whole_) = u.tail(whole_);
        return ends;
    }
    Ends inner() const {
        return {inner_, VectorXd::Ones(inner_.rows()), VectorXd::Ones(inner_.rows())};
    }

 private:
    Index unknowns() const { return half_ * whole_ + half_ + whole_; }
    Index place(Index i, Index j) const { return i * whole_ + j; }
    /// Powers of z over the size of the block, which keeps the equations of one size.
    double scale() const { return static_cast<double>(std::max(half_, whole_)); }
    double power(double z, int k) const { return std::pow(z / scale(), k); }
    double slope(double z, int k) const {
        return k == 0 ? 0 : k * std::pow(z / scale(), k - 1) / scale();
    }

    MatrixXd inner_;
    Index half_, whole_;
};

constexpr double rank_threshold = 1e-10;

/// Half rows, and whole ones, that differ from the inner ones: as many as the widest stencil asks for, and one.
constexpr Index most_rows = max_radius + 1;

/// Of all that satisfy the equations the nearest to what is given.
VectorXd nearest(const Block::Equations& e, const VectorXd& to) {
    Eigen::CompleteOrthogonalDecomposition<MatrixXd> solver;
    solver.setThreshold(rank_threshold);
    solver.compute(e.left);
    return to + solver.solve(e.right - e.left * to);
}

/// What is left free by the equations, chosen by others in the least squares.
VectorXd settled(const VectorXd& u, const Block::Equations& e, const Block::Equations& others) {
    Eigen::FullPivLU<MatrixXd> solver;
    solver.setThreshold(rank_threshold);
    solver.compute(e.left);
    if (solver.dimensionOfKernel() == 0) return u;
    const MatrixXd kernel = solver.kernel();
    return u + kernel * (others.left * kernel)
                            .completeOrthogonalDecomposition()
                            .solve(others.right - others.left * u);
}

/// On as few rows as there can be, for orders 4 and 6; what is free of the least error on the next two powers.
Ends short_ends(int radius, int degree, Index size) {
    const Block block{radius, 2 * degree, 2 * degree - 1, size};
    const auto exact = block.exact(0, degree);
    const VectorXd u = nearest(exact, block.packed(block.inner()));
    return block.unpacked(settled(u, exact, block.exact(degree + 1, degree + 2)));
}

Ends ends_of(int radius, Index size) {
    if (radius == 1) {
        Ends ends = Block{1, 1, 1, size}.inner();
        ends.whole(0) = 0.5;
        return ends;
    }
    const bool is_narrow = radius == 2;
    const int degree = is_narrow ? 2 : 3;
    const Index rows = is_narrow ? 6 : most_rows;
    const Block block{radius, rows, rows, size};
    return block.unpacked(nearest(block.exact(degree, is_narrow ? 0.34 : 0.31),
                                  block.packed(short_ends(is_narrow ? 2 : 3, degree, size))));
}

}  // namespace

SurfaceClosure::SurfaceClosure(int radius)
    : radius_{radius}, size_{static_cast<int>(most_rows) + 2 * radius} {
    const Ends ends = ends_of(radius, size_);
    const MatrixXd inner = inner_differences(radius, size_);
    for (Index i = 0; i < size_; ++i) {
        half_.push_back(ends.half(i));
        whole_.push_back(ends.whole(i));
        for (Index j = 0; j < size_; ++j) {
            q_.push_back(ends.q(i, j));
            inner_.push_back(inner(i, j));
        }
    }
}

double SurfaceClosure::share(bool half, std::size_t row) const {
    const std::vector<double>& norm = half ? half_ : whole_;
    return row < norm.size() ? norm[row] : 1;
}

SurfaceClosure::Matrix SurfaceClosure::correction(Difference kind, bool is_transposed,
                                                  bool is_pinned) const {
    const bool to_half = kind == Difference::forward;
    const auto at = [&](int row, int column) {
        const int i = to_half ? row : column;  // half row, whole row
        const int j = to_half ? column : row;
        const auto place = static_cast<std::size_t>(i * size_ + j);
        const double over = to_half == is_transposed ? whole_[static_cast<std::size_t>(j)]
                                                     : half_[static_cast<std::size_t>(i)];
        const double closed = is_pinned && j == 0 ? 0 : q_[place] / over;
        return (to_half ? 1 : -1) * (closed - inner_[place]);
    };
    // Further off the block is cut, and nothing is to be corrected.
    const int whole = size_ - radius_;
    Matrix m;
    for (int row = 0; row < whole; ++row)
        for (int column = 0; column < whole; ++column)
            if (at(row, column) != 0) {
                m.rows = std::max(m.rows, row + 1);
                m.columns = std::max(m.columns, column + 1);
            }
    for (int row = 0; row < m.rows; ++row)
        for (int column = 0; column < m.columns; ++column) m.values.push_back(at(row, column));
    return m;
}

}  // namespace lop::wave
