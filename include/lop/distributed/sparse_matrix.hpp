/// Sparse matrices cut into stripes of rows over the ranks: products, their exact adjoints through an
/// explicit transpose, and the derivative of a product by the matrix's values.
#pragma once

#include <lop/algebra/nodes.hpp>
#include <lop/distributed/distributed_array.hpp>
#include <lop/distributed/fetch.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace lop {

/// An entry of a sparse matrix; rows and columns count over all ranks.
template <Scalar T> struct Triplet {
    index_t row = 0;
    index_t column = 0;
    T value{};
};

/// The rows of one rank, compressed: entries starts[i] to starts[i + 1] are those of its row i.
template <Scalar T> struct SparseRows {
    std::vector<index_t> starts{0};
    std::vector<index_t> columns{};  ///< they count over all ranks
    std::vector<T> values{};
};

template <Scalar T> class SparseMatrix;
template <Scalar T> class ValuesDerivative;

namespace detail {

template <Scalar T> struct Transposition;

/// Where the entries are, and what products need of other ranks; shared by all matrices that differ in
/// their values alone.
template <Scalar T> struct SparsePattern {
    DistributedSpace<T> domain, range, values;
    index_t first_row, first_column;  // of this rank
    std::vector<index_t> starts;      // of this rank's rows, and where the last one ends
    std::vector<index_t> columns;     // ascending in every row
    std::vector<std::int32_t>
        places{};  // of the columns: in this rank's x, and behind it among what is fetched
    std::vector<index_t> alone{};     // rows that need this rank's part of x only
    std::vector<index_t> bound{};     // the others
    std::optional<Fetch<T>> fetch{};  // of x
    mutable std::once_flag transposed{};
    mutable std::shared_ptr<const Transposition<T>>
        transposition{};  // made when it is first needed

    /// Collective.
    SparsePattern(DistributedSpace<T> domain, DistributedSpace<T> range,
                  std::vector<index_t> starts, std::vector<index_t> columns);
    index_t rows() const { return static_cast<index_t>(starts.size()) - 1; }
    index_t own_columns() const { return domain.local_shape().size(); }
    /// Collective at the first call.
    const Transposition<T>& transpose() const;
};

/// The pattern of the transpose, and where its values come from.
template <Scalar T> struct Transposition {
    std::shared_ptr<const SparsePattern<T>> pattern;
    Fetch<T> fetch;              // of values
    std::vector<index_t> order;  // of what is fetched: the places of the transpose's entries
};

/// The values of a matrix, and once its adjoint was applied, those of the adjoint.
template <Scalar T> struct SparseValues {
    explicit SparseValues(DistributedArray<T> v) : values{std::move(v)} {}
    DistributedArray<T> values;
    mutable std::mutex changing{};
    mutable std::optional<DistributedArray<T>> adjoint{};
    mutable bool stale = true;
};

}  // namespace detail

/// y = A x for a sparse matrix whose rows follow the partition of y and whose columns that of x; both
/// may have uneven and empty parts. Elements of arrays with several axes count with the last one
/// fastest.
///
/// A product fetches those elements of x that a rank's rows need from others, over persistent
/// requests, while the rows that need none are computed; nothing is allocated. The adjoint is the
/// product with an explicit conjugate transpose, which is made when it is first needed and then kept.
/// All sums run along ascending columns (rows, for the adjoint), in double: the same bits on any
/// number of ranks. Memory traffic of either: per entry a value, four bytes for its column and an
/// element of x; per row an element of y and 16 bytes.
///
///     DistributedSpace<double> u{"u", {n}, world, Partition::balanced(n, world.size())};
///     std::vector<Triplet<double>> entries;                 // of any rows, on any rank
///     const SparseMatrix<double> A{u, u, entries};
///     const auto f = A * x;
///     const auto x2 = inverse(A, [](const auto& a, const auto& b) { return gmres(a, b).x; }) * f;
///
/// Making one is collective, and so are products and the members that say so.
template <Scalar T> class SparseMatrix : public Operator<SparseMatrix<T>, DistributedSpace<T>> {
 public:
    using Space = DistributedSpace<T>;
    using X = DistributedArray<T>;

    /// From the entries of all ranks. What belongs to one place is added exactly and rounded once, so
    /// that it does not matter which rank gave which entry. Entries that are zero stay in the pattern.
    /// Throws SpaceError for a domain or range that is not cut along its first axis alone, and
    /// ArgumentError, on every rank, for an entry outside the matrix.
    SparseMatrix(const Space& domain, const Space& range, std::vector<Triplet<T>> entries);
    SparseMatrix(const Space& domain, const Space& range, std::initializer_list<Triplet<T>> entries)
        : SparseMatrix{domain, range, std::vector<Triplet<T>>{entries}} {}
    /// From the rows of this rank. Throws ArgumentError, on every rank, where they are not as many
    /// as the range has here, or contradict themselves; else like the above.
    SparseMatrix(const Space& domain, const Space& range, const SparseRows<T>& rows);

    std::string label() const { return "SparseMatrix"; }
    void forward(const X& x, X& y) const;
    void adjoint(const X& y, X& x) const;

    /// Where row i of this rank begins among its entries, and one more: how many there are.
    const std::vector<index_t>& starts() const { return pattern_->starts; }
    /// The columns of this rank's entries, which count over all ranks, ascending in every row.
    const std::vector<index_t>& columns() const { return pattern_->columns; }
    /// The number of this rank's first row.
    index_t first_row() const { return pattern_->first_row; }
    /// The entries' values, over the ranks: row by row, in a row by columns.
    const X& values() const { return state_->values; }
    /// The space of values(): [number of entries].
    const Space& values_space() const { return pattern_->values; }
    index_t entries() const { return values_space().size(); }

    /// Other values in the same places, here alone: copies made before keep theirs. Nothing is
    /// allocated where there are no copies. Throws SpaceError where v is not in values_space().
    void set_values(const X& v);
    /// A matrix with the same pattern, which is shared, and other values.
    SparseMatrix with_values(X v) const;
    /// The transpose, cut into stripes of the domain's parts. Collective.
    SparseMatrix transposed() const;
    /// The conjugate transpose. Collective.
    SparseMatrix adjoint_matrix() const;

    /// r = b - A x, in twice double's precision until it is rounded, once for each row (Ogita, Rump and
    /// Oishi 2005, SIAM J. Sci. Comput. 26(6), algorithm 5.3): for iterative refinement.
    void residual(const X& x, const X& b, X& r) const;
    /// r = b - A' x in the same way.
    void adjoint_residual(const X& x, const X& b, X& r) const;

 private:
    friend ValuesDerivative<T>;
    using Pattern = detail::SparsePattern<T>;
    SparseMatrix(std::shared_ptr<const Pattern> pattern, X values);
    const X& adjoint_values() const;

    std::shared_ptr<const Pattern> pattern_;
    std::shared_ptr<detail::SparseValues<T>> state_;
};

/// The derivative of y = A(v) x by the values v of A:
///   dy_i = sum of dv_k x_j over the entries k of row i, in columns j;   adjoint  dv_k = conj(x_j) r_i.
/// domain: values_space() of A; range: that of A. x is fetched when it is made, which is collective;
/// applications communicate nothing.
template <Scalar T>
class ValuesDerivative : public Operator<ValuesDerivative<T>, DistributedSpace<T>> {
 public:
    using X = DistributedArray<T>;
    /// Throws SpaceError where x is not in domain(A).
    ValuesDerivative(const SparseMatrix<T>& a, const X& x);
    std::string label() const { return "d(A x)/dA"; }
    void forward(const X& dv, X& dy) const;
    void adjoint(const X& r, X& dv) const;

 private:
    std::shared_ptr<const detail::SparsePattern<T>> pattern_;
    std::shared_ptr<const std::vector<T>> x_;  // this rank's part, and what is fetched behind it
};

struct RefinementOptions {
    /// Stop where a further correction would change |x| by less than this, relatively.
    double tolerance = 1e-16;
    int corrections = 10;  ///< at most
};

namespace detail {

template <Scalar T> void residual_of(const SparseMatrix<T>& a, const DistributedArray<T>& x,
                                     const DistributedArray<T>& b, DistributedArray<T>& r) {
    a.residual(x, b, r);
}
template <Scalar T>
void residual_of(const Adjoint<SparseMatrix<T>>& a, const DistributedArray<T>& x,
                 const DistributedArray<T>& b, DistributedArray<T>& r) {
    a.inner().adjoint_residual(x, b, r);
}

}  // namespace detail

/// A solver whose answers are corrected by solving for what is left of b - A x, which is computed in
/// twice double's precision, until nothing changes (Wilkinson 1963; Moler 1967): in double nearly all
/// bits of x are right, as long as the solver reduces the error at all. So inverse(A, refined(solver))
/// is adjoint to rounding, where inverse(A, solver) is adjoint to the solver's tolerance times the
/// condition of A.
///
///     const auto inv = inverse(A, refined([](const auto& a, const auto& b) {
///         return cg(a, b, {.iterations = 1000, .tolerance = 1e-8}).x;
///     }));
template <class Solver> class Refined {
 public:
    explicit Refined(Solver solver, const RefinementOptions& options = {})
        : solver_{std::move(solver)}, options_{options} {}
    /// A: a SparseMatrix, or the adjoint of one.
    template <LinearOperator A>
    DomainVector<A> operator()(const A& a, const RangeVector<A>& b) const {
        DomainVector<A> x = solver_(a, b);
        auto r = a.range().uninitialized();
        double before = norm(x);
        for (int pass = 0; pass < options_.corrections && before > 0; ++pass) {
            detail::residual_of(a, x, b, r);
            const DomainVector<A> correction = solver_(a, r);
            const double change = norm(correction);
            if (change >= before) break;  // it gets no better
            x += correction;
            if (change * (change / before) <= options_.tolerance * norm(x)) break;
            before = change;
        }
        return x;
    }

 private:
    Solver solver_;
    RefinementOptions options_;
};

template <class Solver> Refined<Solver> refined(Solver solver,
                                                const RefinementOptions& options = {}) {
    return Refined<Solver>{std::move(solver), options};
}

}  // namespace lop
