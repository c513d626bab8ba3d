/// Sparse systems solved by hypre, where the build finds it.
#include <lop/distributed/hypre_solve.hpp>

#ifdef LOP_HAVE_HYPRE

#include <lop/algebra/any_operator.hpp>
#include <lop/core/error.hpp>

#include <HYPRE.h>
#include <HYPRE_IJ_mv.h>
#include <HYPRE_krylov.h>
#include <HYPRE_parcsr_ls.h>
#include <algorithm>
#include <cmath>
#include <limits>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace lop {
namespace detail {
namespace {

using X = DistributedArray<double>;

std::size_t at(index_t i) { return static_cast<std::size_t>(i); }

#ifdef __GLIBC__
/// SuperLU_DIST, which comes with hypre, tells malloc when it is loaded to give no memory back to the
/// system, so that a program would keep that of every array it ever had. This is what glibc comes to by
/// itself: blocks from 32 MiB on are mapped, one by one, and unmapped.
[[maybe_unused]] const bool gives_memory_back = mallopt(M_MMAP_MAX, 65536) == 1 &&
                                                mallopt(M_MMAP_THRESHOLD, 32 << 20) == 1 &&
                                                mallopt(M_TRIM_THRESHOLD, 64 << 20) == 1;
#endif

bool mpi_has_ended() {
    int ended = 0;
    MPI_Finalized(&ended);
    return ended != 0;
}

/// hypre's own start, and its end when MPI ends: attributes of a rank's own group are deleted first.
void start_hypre() {
    static std::once_flag once;
    std::call_once(once, [] {
        HYPRE_Init();
        int key = MPI_KEYVAL_INVALID;
        MPI_Comm_create_keyval(
            MPI_COMM_NULL_COPY_FN,
            [](MPI_Comm, int, void*, void*) -> int {
                HYPRE_Finalize();
                return MPI_SUCCESS;
            },
            &key, nullptr);
        MPI_Comm_set_attr(MPI_COMM_SELF, key, nullptr);
        MPI_Comm_free_keyval(&key);
    });
}

/// hypre's flags of errors since the last call, which are then cleared.
HYPRE_Int take_errors() {
    const HYPRE_Int flags = HYPRE_GetError();
    HYPRE_ClearAllErrors();
    return flags;
}

/// The functions of one Krylov method.
struct Krylov {
    HYPRE_Int (*create)(MPI_Comm, HYPRE_Solver*);
    HYPRE_Int (*destroy)(HYPRE_Solver);
    HYPRE_Int (*set_tolerance)(HYPRE_Solver, HYPRE_Real);
    HYPRE_Int (*set_iterations)(HYPRE_Solver, HYPRE_Int);
    HYPRE_Int (*set_preconditioner)(HYPRE_Solver, HYPRE_PtrToParSolverFcn, HYPRE_PtrToParSolverFcn,
                                    HYPRE_Solver);
    HYPRE_Int (*set_restart)(HYPRE_Solver, HYPRE_Int);
    HYPRE_Int (*setup)(HYPRE_Solver, HYPRE_ParCSRMatrix, HYPRE_ParVector, HYPRE_ParVector);
    HYPRE_Int (*solve)(HYPRE_Solver, HYPRE_ParCSRMatrix, HYPRE_ParVector, HYPRE_ParVector);
    HYPRE_Int (*get_iterations)(HYPRE_Solver, HYPRE_Int*);
    HYPRE_Int (*get_residual)(HYPRE_Solver, HYPRE_Real*);
};

#define LOP_KRYLOV(Name, set_restart)      \
    {HYPRE_ParCSR##Name##Create,           \
     HYPRE_ParCSR##Name##Destroy,          \
     HYPRE_ParCSR##Name##SetTol,           \
     HYPRE_ParCSR##Name##SetMaxIter,       \
     HYPRE_ParCSR##Name##SetPrecond,       \
     set_restart,                          \
     HYPRE_ParCSR##Name##Setup,            \
     HYPRE_ParCSR##Name##Solve,            \
     HYPRE_ParCSR##Name##GetNumIterations, \
     HYPRE_ParCSR##Name##GetFinalRelativeResidualNorm}
const Krylov& krylov_of(HypreMethod method) {
    static const Krylov gmres LOP_KRYLOV(GMRES, HYPRE_ParCSRGMRESSetKDim);
    static const Krylov flexible LOP_KRYLOV(FlexGMRES, HYPRE_ParCSRFlexGMRESSetKDim);
    // In place of a restart: it is to stop by |r|, and not by r in the preconditioner's norm.
    static const Krylov cg LOP_KRYLOV(
        PCG, [](HYPRE_Solver solver, HYPRE_Int) { return HYPRE_ParCSRPCGSetTwoNorm(solver, 1); });
    switch (method) {
        case HypreMethod::gmres: return gmres;
        case HypreMethod::flexible_gmres: return flexible;
        case HypreMethod::cg: return cg;
    }
    return gmres;
}
#undef LOP_KRYLOV

/// An object of hypre, destroyed with its owner unless MPI has ended.
template <class Handle> class Owned {
 public:
    using Destroy = HYPRE_Int (*)(Handle);
    explicit Owned(Destroy destroy) : destroy_{destroy} {}
    ~Owned() {
        if (handle_ && !mpi_has_ended()) destroy_(handle_);
    }
    Owned(const Owned&) = delete;
    Owned& operator=(const Owned&) = delete;
    Handle* out() { return &handle_; }
    Handle operator*() const { return handle_; }

 private:
    Handle handle_ = nullptr;
    Destroy destroy_;
};

/// How a solve ended, the same on all ranks.
struct Outcome {
    double residual = 0;  // |b - A x| / |b|
    double iterations = 0;
};

/// A matrix and its multigrid levels as hypre keeps them, on the ranks that hold rows.
class HypreSystem {
 public:
    /// Collective.
    HypreSystem(const SparseMatrix<double>& a, const HypreOptions& options);
    /// x = scale A^-1 (b / scale). Collective.
    Outcome solve(const X& b, double scale, X& x);

 private:
    void fill(const SparseMatrix<double>& a);
    void make_vector(Owned<HYPRE_IJVector>& made, HYPRE_ParVector* vector);
    void set_up(const HypreOptions& options);

    Communicator all_;
    Communicator holders_;  // of rows; elsewhere the ranks that hold none
    const Krylov& krylov_;
    std::vector<HYPRE_BigInt> rows_;  // the numbers of this rank's
    std::vector<double> buffer_;
    Owned<HYPRE_IJMatrix> matrix_{HYPRE_IJMatrixDestroy};
    Owned<HYPRE_IJVector> b_{HYPRE_IJVectorDestroy}, x_{HYPRE_IJVectorDestroy};
    Owned<HYPRE_Solver> multigrid_{HYPRE_BoomerAMGDestroy};
    Owned<HYPRE_Solver> solver_;
    HYPRE_ParCSRMatrix a_in_hypre_ = nullptr;
    HYPRE_ParVector b_in_hypre_ = nullptr, x_in_hypre_ = nullptr;
};

HypreSystem::HypreSystem(const SparseMatrix<double>& a, const HypreOptions& options)
    : all_{a.range().communicator()},
      holders_{all_.split(a.starts().size() > 1 ? 1 : 0)},
      krylov_{krylov_of(options.method)},
      solver_{krylov_.destroy} {
    HYPRE_Int errors = 0;
    for (index_t i = 0; i + 1 < static_cast<index_t>(a.starts().size()); ++i)
        rows_.push_back(static_cast<HYPRE_BigInt>(a.first_row() + i));
    if (!rows_.empty()) {
        buffer_.resize(rows_.size());
        take_errors();
        fill(a);
        make_vector(b_, &b_in_hypre_);
        make_vector(x_, &x_in_hypre_);
        set_up(options);
        errors = take_errors();
    }
    all_.collectively([errors] {
        if (errors == 0) return;
        char words[256] = "";
        HYPRE_DescribeError(errors, words);
        throw ArgumentError{"HypreSolve: hypre makes no multigrid levels of A", {.found = words}};
    });
}

void HypreSystem::fill(const SparseMatrix<double>& a) {
    const HYPRE_BigInt first = rows_.front();
    const HYPRE_BigInt last = rows_.back();
    std::vector<HYPRE_Int> counts;
    for (std::size_t i = 0; i < rows_.size(); ++i)
        counts.push_back(static_cast<HYPRE_Int>(a.starts()[i + 1] - a.starts()[i]));
    const std::vector<HYPRE_BigInt> columns(a.columns().begin(), a.columns().end());
    HYPRE_IJMatrixCreate(holders_.native(), first, last, first, last, matrix_.out());
    HYPRE_IJMatrixSetObjectType(*matrix_, HYPRE_PARCSR);
    HYPRE_IJMatrixSetRowSizes(*matrix_, counts.data());
    HYPRE_IJMatrixInitialize(*matrix_);
    HYPRE_IJMatrixSetValues(*matrix_, static_cast<HYPRE_Int>(rows_.size()), counts.data(),
                            rows_.data(), columns.data(), a.values().data());
    HYPRE_IJMatrixAssemble(*matrix_);
    HYPRE_IJMatrixGetObject(*matrix_, reinterpret_cast<void**>(&a_in_hypre_));
}

void HypreSystem::make_vector(Owned<HYPRE_IJVector>& made, HYPRE_ParVector* vector) {
    HYPRE_IJVectorCreate(holders_.native(), rows_.front(), rows_.back(), made.out());
    HYPRE_IJVectorSetObjectType(*made, HYPRE_PARCSR);
    HYPRE_IJVectorInitialize(*made);
    HYPRE_IJVectorAssemble(*made);
    HYPRE_IJVectorGetObject(*made, reinterpret_cast<void**>(vector));
}

void HypreSystem::set_up(const HypreOptions& options) {
    HYPRE_BoomerAMGCreate(multigrid_.out());
    HYPRE_BoomerAMGSetMaxIter(*multigrid_, 1);
    HYPRE_BoomerAMGSetTol(*multigrid_, 0);
    HYPRE_BoomerAMGSetPrintLevel(*multigrid_, 0);
    HYPRE_BoomerAMGSetStrongThreshold(*multigrid_, options.strong_threshold);
    krylov_.create(holders_.native(), solver_.out());
    krylov_.set_tolerance(*solver_, options.tolerance);
    krylov_.set_iterations(*solver_, static_cast<HYPRE_Int>(options.iterations));
    krylov_.set_restart(*solver_, static_cast<HYPRE_Int>(options.restart));
    krylov_.set_preconditioner(*solver_, HYPRE_BoomerAMGSolve, HYPRE_BoomerAMGSetup, *multigrid_);
    krylov_.setup(*solver_, a_in_hypre_, b_in_hypre_, x_in_hypre_);
}

Outcome HypreSystem::solve(const X& b, double scale, X& x) {
    Outcome outcome;
    if (!rows_.empty()) {
        const auto count = static_cast<HYPRE_Int>(rows_.size());
        for (std::size_t i = 0; i < buffer_.size(); ++i) buffer_[i] = b.data()[i] / scale;
        HYPRE_IJVectorSetValues(*b_, count, rows_.data(), buffer_.data());
        HYPRE_ParVectorSetConstantValues(x_in_hypre_, 0);
        krylov_.solve(*solver_, a_in_hypre_, b_in_hypre_, x_in_hypre_);
        take_errors();  // among them that it did not converge, which the residual tells
        HYPRE_Int iterations = 0;
        krylov_.get_iterations(*solver_, &iterations);
        krylov_.get_residual(*solver_, &outcome.residual);
        outcome.iterations = static_cast<double>(iterations);
        HYPRE_IJVectorGetValues(*x_, count, rows_.data(), buffer_.data());
        for (std::size_t i = 0; i < buffer_.size(); ++i) x.data()[i] = buffer_[i] * scale;
        const bool finite =
            std::all_of(buffer_.begin(), buffer_.end(), [](double v) { return std::isfinite(v); });
        if (!finite || !(outcome.residual >= 0)) outcome.residual = HUGE_VAL;
    }
    return {all_.max(outcome.residual), all_.max(outcome.iterations)};
}

/// Row by row the sum of squares, at most: its root is no larger than |A|. Collective.
double longest_row(const SparseMatrix<double>& a) {
    double longest = 0;
    for (std::size_t i = 0; i + 1 < a.starts().size(); ++i) {
        double sum = 0;
        for (index_t k = a.starts()[i]; k < a.starts()[i + 1]; ++k)
            sum += a.values().data()[k] * a.values().data()[k];
        longest = std::max(longest, sum);
    }
    return std::sqrt(a.range().communicator().max(longest));
}

/// The largest |a_ij - a_ji|; infinite where one of them is not in the pattern. Collective.
double asymmetry(const SparseMatrix<double>& a) {
    const SparseMatrix<double> t = a.transposed();
    double largest = 0;
    if (t.starts() != a.starts() || t.columns() != a.columns()) largest = HUGE_VAL;
    else
        for (index_t k = 0; k < a.values().size(); ++k)
            largest = std::max(largest, std::abs(a.values().data()[k] - t.values().data()[k]));
    return a.range().communicator().max(largest);
}

/// The value on the diagonal of this rank's row i; 0 where it is not in the pattern.
double diagonal_of(const SparseMatrix<double>& a, index_t i) {
    const auto begin = a.columns().begin() + a.starts()[at(i)];
    const auto end = a.columns().begin() + a.starts()[at(i + 1)];
    const auto found = std::lower_bound(begin, end, a.first_row() + i);
    if (found == end || *found != a.first_row() + i) return 0;
    return a.values().data()[found - a.columns().begin()];
}

/// What can be seen of A before hypre is asked. Collective.
void check_matrix(const SparseMatrix<double>& a, const HypreOptions& options) {
    const std::string solver = "inverse(A, refined(solver)) with gmres or lsqr of lop";
    const Communicator& ranks = a.range().communicator();
    ranks.collectively([&] {
        if (ranks.native() == MPI_COMM_NULL)
            throw ArgumentError{"HypreSolve: hypre needs MPI",
                                {.expected = "a Session", .remedy = solver}};
        if (a.domain().size() != a.range().size() ||
            a.domain().local_shape().size() != a.range().local_shape().size())
            throw SpaceError{"HypreSolve: rows and columns of A are not cut alike",
                             {.expected = "a square A, and as many rows as columns on every rank",
                              .found = a.describe(),
                              .remedy = "Redistribute"}};
        constexpr index_t most = std::numeric_limits<HYPRE_Int>::max();
        constexpr index_t most_rows = std::numeric_limits<HYPRE_BigInt>::max();
        if (a.values().size() > most || a.range().size() > most_rows)
            throw ArgumentError{
                "HypreSolve: A is too large for this hypre",
                {.expected = "at most " + std::to_string(most_rows) + " rows, and " +
                             std::to_string(most) + " entries on a rank",
                 .found = a.describe()}};
        for (index_t k = 0; k < a.values().size(); ++k)
            if (!std::isfinite(a.values().data()[k])) {
                const auto row = std::upper_bound(a.starts().begin(), a.starts().end(), k) -
                                 a.starts().begin() - 1;
                throw ArgumentError{"HypreSolve: a value of A is not finite",
                                    {.expected = "numbers",
                                     .found = number_words(a.values().data()[k]) + " in row " +
                                              std::to_string(a.first_row() + row) + ", column " +
                                              std::to_string(a.columns()[at(k)])}};
            }
        for (index_t i = 0; i + 1 < static_cast<index_t>(a.starts().size()); ++i) {
            const double value = diagonal_of(a, i);
            const bool by_cg = options.method == HypreMethod::cg;
            if (value > 0 || (value < 0 && !by_cg)) continue;
            throw ArgumentError{
                "HypreSolve: A is singular or indefinite, which multigrid does not solve",
                {.expected = by_cg ? "positive values on the diagonal"
                                   : "values on the diagonal that are not zero",
                 .found = number_words(value) + " in row " + std::to_string(a.first_row() + i),
                 .remedy = solver}};
        }
    });
    if (options.method != HypreMethod::cg) return;
    const double found = asymmetry(a);
    if (found <= 1e-12 * longest_row(a)) return;
    throw ArgumentError{"HypreSolve: conjugate gradients want a symmetric A",
                        {.expected = "|a_ij - a_ji| of at most 1e-12 of the longest row",
                         .found = number_words(found),
                         .remedy = ".method = HypreMethod::gmres"}};
}

void check_options(const HypreOptions& options) {
    const auto refuse = [](const char* name, const char* expected, double found) {
        throw ArgumentError{"HypreSolve: " + std::string{name},
                            {.expected = expected, .found = number_words(found)}};
    };
    constexpr index_t most = std::numeric_limits<HYPRE_Int>::max();
    if (options.iterations < 1 || options.iterations > most)
        refuse("iterations", "a count from 1 on", static_cast<double>(options.iterations));
    if (options.restart < 1 || options.restart > most)
        refuse("restart", "a count from 1 on", static_cast<double>(options.restart));
    if (!(options.tolerance > 0 && options.tolerance <= 0.5))
        refuse("tolerance", "a number above 0, at most 0.5", options.tolerance);
    if (!(options.strong_threshold >= 0 && options.strong_threshold < 1))
        refuse("strong_threshold", "a number from 0 to 1", options.strong_threshold);
    if (options.corrections < 1)
        refuse("corrections", "a count from 1 on", static_cast<double>(options.corrections));
}

}  // namespace

struct HypreState {
    HypreState(SparseMatrix<double> matrix, const HypreOptions& given)
        : a{std::move(matrix)}, options{given} {
        check_options(options);
        check_matrix(a, options);
        start_hypre();
        system = std::make_shared<HypreSystem>(a, options);
        longest = longest_row(a);
    }
    /// Op: A, or its adjoint. Collective.
    template <class Op> X solve(const Op& op, const X& b) const;
    template <class Op> X solve_scaled(const Op& op, const X& b) const;
    template <class Op> X solve_once(const Op& op, const X& b, double tolerance) const;

    SparseMatrix<double> a;
    HypreOptions options;
    double longest = 0;  // row
    std::shared_ptr<HypreSystem> system;
    mutable std::shared_ptr<HypreSystem> transposed{};  // made when it is first needed
    mutable std::mutex solving{};

    HypreSystem& system_of(const SparseMatrix<double>&) const { return *system; }
    HypreSystem& system_of(const Adjoint<SparseMatrix<double>>&) const {
        if (!transposed)
            transposed = asymmetry(a) == 0
                             ? system
                             : std::make_shared<HypreSystem>(a.adjoint_matrix(), options);
        return *transposed;
    }
};

namespace {

/// What one solve came to.
struct Attempt {
    double tolerance;  // for |b - A x| / |b|
    double size;       // |b|
    Outcome outcome;
};

std::string after(const Outcome& outcome) {
    return "|b - A x| = " + number_words(outcome.residual, 3) + " |b| after " +
           counted(static_cast<index_t>(outcome.iterations), "iteration");
}

[[noreturn]] void refuse_indefinite(double curvature, const Attempt& made) {
    throw ArgumentError{"HypreSolve: A is not positive definite, as conjugate gradients want it",
                        {.expected = "x'A x > 0 for every x",
                         .found = "x'b = " + number_words(curvature) + ", " + after(made.outcome),
                         .remedy = ".method = HypreMethod::gmres, or inverse(A, refined(solver)) "
                                   "with gmres of lop; lsqr for a singular A"}};
}

/// Tells why a solve failed. Two figures bound the condition of A from below: |x| / |A x|, and, as r =
/// b - A x is as short as the method could make it, |r| / |A' r|, which is large where r lies outside the
/// range. The longest row is no longer than |A|.
template <class Op> [[noreturn]] void refuse_solution(const HypreState& state, const Op& op,
                                                      const X& b, const X& x, const Attempt& made) {
    ErrorDetails details{
        .expected = "|b - A x| <= " + number_words(made.tolerance, 2) + " |b| within " +
                    counted(state.options.iterations, "iteration"),
        .found = after(made.outcome),
        .remedy =
            "more iterations, a longer restart, or inverse(A, refined(solver)) with gmres of "
            "lop; lsqr for a singular A"};
    if (std::isfinite(made.outcome.residual)) {
        auto r = op.range().uninitialized();
        residual_of(op, x, b, r);
        const auto over = [](double above, double below) { return above > 0 ? above / below : 0; };
        const double condition =
            state.longest * std::max(over(norm(r), norm(op.H() * r)), over(norm(x), norm(op * x)));
        details.found +=
            "; the condition of A is at least " + number_words(std::max(condition, 1.0), 2);
        if (!(condition < 1e14)) details.found += ": it is singular";
    }
    throw ArgumentError{"HypreSolve: hypre did not solve A x = b", details};
}

/// A power of two about as large as the largest number of b; 0 for b = 0. Collective.
double length_of(const X& b) {
    double largest = 0;
    for (index_t i = 0; i < b.local().size(); ++i) {
        const double value = std::abs(b.data()[i]);
        largest = std::isfinite(value) ? std::max(largest, value) : HUGE_VAL;
        if (!std::isfinite(largest)) break;
    }
    largest = b.communicator().max(largest);
    if (!std::isfinite(largest))
        throw ArgumentError{"HypreSolve: b is not finite",
                            {.expected = "numbers", .found = "NaN or infinity"}};
    return largest > 0 ? std::scalbn(1.0, std::ilogb(largest)) : 0;
}

}  // namespace

/// x with |b - A x| <= tolerance |b|, or as small as rounding lets it be: it is computed in double from
/// terms of about |A| |x|.
template <class Op>
X HypreState::solve_once(const Op& op, const X& b, double tolerance) const {
    X x = op.domain().zeros();
    Attempt made{.tolerance = tolerance, .size = norm(b), .outcome = {}};
    if (made.size == 0) return x;
    // What is left to correct may be short: a power of two makes its length one.
    const double scale = std::scalbn(1.0, std::ilogb(made.size));
    made.outcome = system_of(op).solve(b, scale, x);
    const double rounding = 1e-14 * longest * norm(x) / made.size;
    const bool solved = made.outcome.residual <= std::max(tolerance, std::min(rounding, 0.5));
    if (options.method == HypreMethod::cg) {
        const double curvature = dot(x, b);
        if (!(curvature > 0) || (!solved && made.outcome.iterations < 1.0 * options.iterations))
            refuse_indefinite(curvature, made);
    }
    if (!solved) refuse_solution(*this, op, b, x, made);
    return x;
}

/// In the scale of b, whose square need not be a number.
template <class Op> X HypreState::solve(const Op& op, const X& b) const {
    const std::scoped_lock lock{solving};
    const double length = length_of(b);
    if (length == 0) return op.domain().zeros();
    X scaled = op.range().uninitialized();
    for (index_t i = 0; i < b.local().size(); ++i) scaled.data()[i] = b.data()[i] / length;
    X x = solve_scaled(op, scaled);
    bool finite = true;
    for (index_t i = 0; i < x.local().size(); ++i)
        finite = std::isfinite(x.data()[i] *= length) && finite;
    if (x.communicator().any(!finite))
        throw ArgumentError{"HypreSolve: x is larger than numbers are",
                            {.expected = "a shorter b, or a larger A"}};
    return x;
}

template <class Op> X HypreState::solve_scaled(const Op& op, const X& b) const {
    std::vector<double> changes;
    const auto by_hypre = [&](const auto& a_, const X& rest) {
        // A correction may do with less: it need only make the rest shorter.
        X x = solve_once(a_, rest, changes.empty() ? options.tolerance : 0.5);
        changes.push_back(norm(x));
        return x;
    };
    X x = refined(by_hypre, {.corrections = options.corrections})(op, b);
    if (changes.size() < 2) return x;
    const double last = changes.back();
    const double share = std::min(last / changes[changes.size() - 2], 1.0);
    const double left = last * share / norm(x);
    if (left <= 1e-14 || last == 0) return x;
    const bool shrinks = share < 0.5;
    throw ArgumentError{
        "HypreSolve: corrections do not make x right to rounding",
        {.expected = "at most 1e-14 of |x| that is not yet corrected",
         .found = number_words(left, 2) + " of |x| after " +
                  counted(static_cast<index_t>(changes.size()) - 1, "correction") +
                  (shrinks ? ", each " + number_words(share, 2) + " of the one before"
                           : ", which no longer shrink: A is singular or nearly so"),
         .remedy = shrinks ? "a smaller tolerance, or more corrections" : "lsqr"}};
}

}  // namespace detail

template <Scalar T>
HypreSolve<T>::HypreSolve(const SparseMatrix<T>& a, const HypreOptions& options)
    : Operator<HypreSolve, DistributedSpace<T>>{a.range(), a.domain()},
      state_{std::make_shared<detail::HypreState>(a, options)} {}

template <Scalar T> void HypreSolve<T>::forward(const X& b, X& x) const {
    x = state_->solve(state_->a, b);
}

template <Scalar T> void HypreSolve<T>::adjoint(const X& b, X& x) const {
    x = state_->solve(state_->a.H(), b);
}

template <Scalar T> const SparseMatrix<T>& HypreSolve<T>::matrix() const { return state_->a; }

template <Scalar T> void HypreSolve<T>::set_values(const X& v) {
    state_ = std::make_shared<detail::HypreState>(state_->a.with_values(v), state_->options);
}

template class HypreSolve<double>;

}  // namespace lop

#endif
