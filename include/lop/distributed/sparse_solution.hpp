/// The solution of a sparse system as a differentiable map of the matrix's values.
#pragma once

#include <lop/algebra/nonlinear.hpp>
#include <lop/distributed/sparse_matrix.hpp>

namespace lop {

/// u(v) = A(v)^-1 b, for the values v of a sparse matrix whose pattern stays. With A du = -dA u,
///   du = -A^-1 (d(A u)/dv) dv,      and of the adjoint  dv = -(d(A u)/dv)' A'^-1 r :
/// a gradient costs one solve with the transpose. domain: values_space() of A; range: domain of A.
///
/// `inverse_of(A)` makes the operator A^-1, whose adjoint solves with A'; what it holds (multigrid
/// levels) is made once for every v and shared by solution and derivative:
///
///     const SparseSolution u{A, f, [](const auto& a) { return HypreSolve{a}; }};
///     const SparseSolution u{A, f, [](const auto& a) { return inverse(a, refined(solver)); }};
///     const auto F = observe * u * values_of_kappa * kappa;       // maps and operators compose
///     const auto m = lbfgs(objective(LeastSquaresLoss{}, F, d), m0).x;
///
/// Throws SpaceError where b is not in range(A), and what `inverse_of` throws.
template <Scalar T, class InverseOf>
class SparseSolution : public NonlinearOperator<SparseSolution<T, InverseOf>, DistributedSpace<T>> {
    using Base = NonlinearOperator<SparseSolution<T, InverseOf>, DistributedSpace<T>>;

 public:
    using X = DistributedArray<T>;
    SparseSolution(SparseMatrix<T> a, X b, InverseOf inverse_of)
        : Base{a.values_space(), a.domain()},
          a_{std::move(a)},
          b_{std::move(b)},
          inverse_of_{std::move(inverse_of)} {
        if (a_.range().contains(b_)) return;
        throw SpaceError{"SparseSolution: b is not in the range of A",
                         {.expected = a_.range().describe(), .found = b_.describe()}};
    }
    std::string label() const { return "u"; }
    X value(const X& v) const { return inverse_of_(a_.with_values(v)) * b_; }
    auto derivative(const X& v) const { return linearized(v).jacobian; }
    auto linearized(const X& v) const {
        this->check(v);
        const SparseMatrix<T> a = a_.with_values(v);
        const auto inverse = inverse_of_(a);
        X u = inverse * b_;
        auto jacobian = T(-1) * (inverse * ValuesDerivative<T>{a, u});
        return Linearization{std::move(u), std::move(jacobian)};
    }

 private:
    SparseMatrix<T> a_;
    X b_;
    InverseOf inverse_of_;
};

}  // namespace lop
