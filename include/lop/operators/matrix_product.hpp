/// Products of dense matrices whose parts lie on a grid of ranks.
#pragma once

#include <lop/algebra/operator.hpp>
#include <lop/distributed/distributed_array.hpp>
#include <lop/distributed/process_grid.hpp>

#include <memory>
#include <string>

namespace lop {

/// Y = A X for a dense matrix A of N x K; domain: X[K x M], range: Y[N x M], on a grid of two sides.
/// Side 0 shares out the rows of Y, side 1 its columns. Of A and X each may be cut along the axis that
/// is summed over, or whole along it and then held in copies:
///
///     A over sides    X over sides    what is sent
///     {0, -1}         {-1, 1}         nothing                          "block"
///     {0, 1}          {0, 1}          panels of A along the rows of the grid, and of X along its
///                                     columns                          "SUMMA"
///     {0, -1}         {0, 1}          panels of X alone
///
///     const ProcessGrid grid{world, {2, 3}};                     // any sides, not only equal ones
///     DistributedSpace<double> a{"A", {N, K}, world, grid.partition({N, K}, {0, 1})};
///     const MatrixProduct<double> product{grid, matrix_in_a, M};
///
/// While the ranks multiply one panel the next one is broadcast (van de Geijn and Watts 1997,
/// Concurrency 9(4)). The adjoint X = A' Y is the same algorithm with the conjugate transpose, which is
/// made when it is first needed, collectively, and then kept.
///
/// Every sum runs along the summed axis in its order, in the precision of T, whoever holds the values:
/// the same bits on any grid and with any cuts. A is kept once, in the order of the kernel; nothing is allocated in
/// applications after the first ones. On each rank 2 n K m floating-point operations (8 of complex
/// numbers) for its part n x m of Y; per 192 of the summed axis Y passes through memory once, and A and
/// X do once altogether. Panels have at most 512 columns of A: a rank keeps two of each factor.
template <Scalar T> class MatrixProduct : public Operator<MatrixProduct<T>, DistributedSpace<T>> {
 public:
    using Space = DistributedSpace<T>;
    using X = DistributedArray<T>;

    /// For M = `columns` of X, in parts as equal as can be. X is cut along the summed axis where A is.
    MatrixProduct(const ProcessGrid& grid, const X& a, index_t columns);
    /// Throws SpaceError where extents do not fit, or an array does not lie on the grid as above;
    /// ArgumentError for about 2^30 rows or columns on a rank.
    MatrixProduct(const ProcessGrid& grid, const X& a, const Space& domain, const Space& range);
    std::string label() const { return "MatrixProduct"; }
    void forward(const X& x, X& y) const;
    void adjoint(const X& y, X& x) const;
    /// Bytes that this rank gets from others in one application of A.
    index_t bytes_received() const;

 private:
    struct Parts;
    std::shared_ptr<const Parts> parts_;
};

}  // namespace lop
