/// Sparse systems solved by hypre: Krylov methods behind algebraic multigrid, corrected until the solution
/// and its adjoint are right to rounding. For a lop that was built with hypre (LOP_HYPRE).
#pragma once

#include <lop/distributed/sparse_matrix.hpp>

#include <memory>

namespace lop {

#ifdef LOP_HAVE_HYPRE
inline constexpr bool has_hypre = true;
#else
inline constexpr bool has_hypre = false;
#endif

enum class HypreMethod {
    gmres,           ///< for any A
    flexible_gmres,  ///< likewise, with twice the memory, where the preconditioner changes
    cg               ///< for symmetric positive definite A
};

struct HypreOptions {
    HypreMethod method = HypreMethod::gmres;
    index_t iterations = 200;  ///< at most, in each of the solves that one application makes
    index_t restart = 30;      ///< vectors that GMRES keeps
    double tolerance = 1e-8;   ///< each of them ends at |b - A x| <= tolerance |b|
    /// Of multigrid: j is strongly tied to i where -a_ij >= threshold max_k -a_ik. 0.25 suits two
    /// dimensions, 0.5 three.
    double strong_threshold = 0.25;
    int corrections = 10;  ///< at most
};

namespace detail {
struct HypreState;
template <class T> inline constexpr bool offers_hypre = has_hypre;
}  // namespace detail

/// x = A^-1 b for a square sparse matrix, by hypre's GMRES, flexible GMRES or conjugate gradients, each
/// preconditioned by one V-cycle of BoomerAMG (Henson and Yang 2002, Appl. Numer. Math. 41(1) 155-177),
/// and corrected by iterative refinement (see refined). domain: range of A; range: domain of A.
///
/// The adjoint solves with the explicit transpose in the same way, which has multigrid levels of its
/// own, unless A is symmetric to the bit; they are made when they are first needed. Both are right to
/// about the last bit of |x|, so the pair is adjoint to rounding, and what a tolerance leaves is no
/// matter. hypre's levels depend on the number of ranks: its answers on unlike numbers of ranks agree
/// to about 1e-15 of |x|, and not to the bit.
///
/// Multigrid likes matrices of diffusion: positive diagonals, small or negative values beside them.
/// For others, inverse(A, refined(...)) takes a solver of lop.
///
///     HypreSolve S{A};
///     const auto u = S * f;
///     const auto g = S.H() * r;
///     S.set_values(v);              // the same pattern; multigrid is set up anew
///
/// Ranks without rows take no part in hypre's work. Applications are collective, and allocate. One
/// thread at a time solves. Memory beside A: three to four times that of A, twice as much where A is
/// not symmetric and the adjoint is used.
///
/// Throws SpaceError where A is not square, or its rows and columns are not cut alike; ArgumentError
/// for values that are not finite, zeros on the diagonal, and for cg where A is not symmetric or a
/// diagonal is negative; and when it is applied, ArgumentError where hypre does not reach the tolerance,
/// or corrections do not reach 1e-14 of |x|: for singular and nearly singular A, for b that is not
/// finite. All of them on every rank, in the same words.
template <Scalar T>
class HypreSolve : public Operator<HypreSolve<T>, DistributedSpace<T>> {
    static_assert(detail::offers_hypre<T>,
                  "this lop was built without hypre: install libhypre-dev and configure with "
                  "LOP_HYPRE=ON, or take inverse(A, refined(solver)) with a solver of lop");
    static_assert(
        !detail::offers_hypre<T> || std::same_as<T, double>,
        "hypre computes in double: take inverse(A, refined(solver)) with a solver of lop");

 public:
    using X = DistributedArray<T>;
    /// Makes the levels of A. Collective.
    explicit HypreSolve(const SparseMatrix<T>& a, const HypreOptions& options = {});

    std::string label() const { return "HypreSolve"; }
    void forward(const X& b, X& x) const;
    void adjoint(const X& b, X& x) const;

    const SparseMatrix<T>& matrix() const;
    /// Other values of A in the same places, here alone: copies made before keep theirs. Throws
    /// SpaceError where v is not in values_space() of A. Collective.
    void set_values(const X& v);

 private:
    std::shared_ptr<detail::HypreState> state_;
};

}  // namespace lop
