/// Between lop and Eigen without copies: arrays as Eigen vectors, Eigen vectors as arrays, Eigen
/// matrices as operators, and operators as matrices of Eigen's iterative solvers.
///
/// Includes Eigen, which costs a second of compilation: no other header of lop includes this one.
#pragma once

#include <lop/algebra/nodes.hpp>

#include <Eigen/Core>
#include <Eigen/SparseCore>
#include <concepts>
#include <memory>
#include <string>

namespace lop {

template <Scalar T> using EigenVector = Eigen::Matrix<T, Eigen::Dynamic, 1>;

/// The values of an array as a column of Eigen; valid as long as the array.
template <Scalar T> Eigen::Map<EigenVector<T>> as_eigen(Array<T>& x) {
    return {x.data(), x.size()};
}
template <Scalar T> Eigen::Map<const EigenVector<T>> as_eigen(const Array<T>& x) {
    return {x.data(), x.size()};
}

/// A dense vector or map of Eigen as an array of one axis, which borrows its values: whoever writes
/// to the one writes to the other. The vector must outlive the array and keep its size.
template <class Derived>
    requires(!std::is_const_v<Derived>)
Array<typename Derived::Scalar> as_array(Eigen::MatrixBase<Derived>& x, Label name = {}) {
    static_assert(Derived::InnerStrideAtCompileTime == 1, "values that follow each other");
    return Array<typename Derived::Scalar>::borrowed(x.derived().data(), {x.size()},
                                                     std::move(name));
}
template <class Derived>
const Array<typename Derived::Scalar> as_array(const Eigen::MatrixBase<Derived>& x,
                                               Label name = {}) {
    static_assert(Derived::InnerStrideAtCompileTime == 1, "values that follow each other");
    using T = typename Derived::Scalar;
    // The array is const, as its values are.
    return Array<T>::borrowed(const_cast<T*>(x.derived().data()), {x.size()}, std::move(name));
}

namespace detail {

/// Whether M is a dense or sparse matrix of Eigen, or a view that says by its type that it borrows one.
template <class M> inline constexpr bool is_eigen_matrix = std::same_as<M, typename M::PlainObject>;
template <class M> inline constexpr bool is_eigen_matrix<Eigen::DiagonalWrapper<M>> = false;
template <class M, int options, class S> inline constexpr bool
    is_eigen_matrix<Eigen::Map<M, options, S>> = true;
template <class M, int options, class S> inline constexpr bool
    is_eigen_matrix<Eigen::Ref<M, options, S>> = true;

/// What an operator holds of an expression of Eigen: its values, for it refers to its operands.
template <class E> struct EigenMatrixOf {
    using type = E;  // refused below, unless it is a matrix
};
template <class E>
    requires(!is_eigen_matrix<E> && (std::derived_from<E, Eigen::MatrixBase<E>> ||
                                     std::derived_from<E, Eigen::SparseMatrixBase<E>>))
struct EigenMatrixOf<E> {
    using type = typename E::PlainObject;
};
template <class E> using eigen_matrix_of = typename EigenMatrixOf<E>::type;

}  // namespace detail

/// y = M x for a dense or sparse matrix of Eigen. domain: model[columns], range: data[rows]. An
/// expression, m.transpose() or 2 * m, is evaluated; a Map or Ref is not: its matrix must outlive the
/// operator.
template <class M>
class MatrixOperator : public Operator<MatrixOperator<M>, ArraySpace<typename M::Scalar>> {
    static_assert(detail::is_eigen_matrix<M>,
                  "MatrixOperator holds a matrix of Eigen: evaluate the expression first, and for "
                  "diagonal ones write Diagonal");

 public:
    using T = typename M::Scalar;
    explicit MatrixOperator(M matrix, std::string label = "M")
        : MatrixOperator{ArraySpace<T>{"model", {matrix.cols()}},
                         ArraySpace<T>{"data", {matrix.rows()}}, std::move(matrix),
                         std::move(label)} {}
    /// Between given spaces of as many values. Throws SpaceError for other sizes.
    MatrixOperator(ArraySpace<T> domain, ArraySpace<T> range, M matrix, std::string label = "M")
        : Operator<MatrixOperator, ArraySpace<T>>{std::move(domain), std::move(range)},
          matrix_{std::make_shared<const M>(std::move(matrix))},
          label_{std::move(label)} {
        if (this->domain().size() == matrix_->cols() && this->range().size() == matrix_->rows())
            return;
        throw SpaceError{"a matrix of " + std::to_string(matrix_->rows()) + " x " +
                             std::to_string(matrix_->cols()) + " between two spaces",
                         {.expected = "as many columns as " + this->domain().describe() +
                                      " has values, and rows as " + this->range().describe(),
                          .found = std::to_string(this->domain().size()) + " and " +
                                   std::to_string(this->range().size())}};
    }
    std::string label() const { return label_; }
    const M& matrix() const { return *matrix_; }
    void forward(const Array<T>& x, Array<T>& y) const {
        as_eigen(y).noalias() = *matrix_ * as_eigen(x);
    }
    void adjoint(const Array<T>& y, Array<T>& x) const {
        as_eigen(x).noalias() = matrix_->adjoint() * as_eigen(y);
    }

 private:
    std::shared_ptr<const M> matrix_;
    std::string label_;
};

template <class E> MatrixOperator(E) -> MatrixOperator<detail::eigen_matrix_of<E>>;
template <class E> MatrixOperator(E, std::string) -> MatrixOperator<detail::eigen_matrix_of<E>>;
template <Scalar T, class E> MatrixOperator(ArraySpace<T>, ArraySpace<T>, E)
    -> MatrixOperator<detail::eigen_matrix_of<E>>;
template <Scalar T, class E> MatrixOperator(ArraySpace<T>, ArraySpace<T>, E, std::string)
    -> MatrixOperator<detail::eigen_matrix_of<E>>;

/// An operator between arrays in the place of a matrix in Eigen's matrix-free solvers:
///
///     Eigen::ConjugateGradient<lop::EigenOperator<decltype(A)>, Eigen::Lower | Eigen::Upper,
///                              Eigen::IdentityPreconditioner> cg;
///     const lop::EigenOperator matrix{A};
///     cg.compute(matrix);
///     const Eigen::VectorXd x = cg.solve(b);
template <LinearOperator A> class EigenOperator : public Eigen::EigenBase<EigenOperator<A>> {
 public:
    using Scalar = ScalarOf<A>;
    using RealScalar = Real<Scalar>;
    using StorageIndex = int;
    enum {
        ColsAtCompileTime = Eigen::Dynamic,
        MaxColsAtCompileTime = Eigen::Dynamic,
        IsRowMajor = false
    };

    explicit EigenOperator(A a) : a_{std::move(a)} {}
    Eigen::Index rows() const { return a_.range().size(); }
    Eigen::Index cols() const { return a_.domain().size(); }
    const A& inner() const { return a_; }

    template <class Rhs>
    Eigen::Product<EigenOperator, Rhs, Eigen::AliasFreeProduct> operator*(
        const Eigen::MatrixBase<Rhs>& x) const {
        return {*this, x.derived()};
    }
    /// y += alpha A x
    template <class Dest, class Rhs>
    void add_product(Dest& y, const Rhs& x, const Scalar& alpha) const {
        auto from = a_.domain().scratch();
        auto to = a_.range().scratch();
        as_eigen(*from) = x;
        a_.forward(*from, *to);
        y += alpha * as_eigen(*to);
    }

 private:
    A a_;
};

}  // namespace lop

/// @cond for Eigen alone
namespace Eigen::internal {

template <class A>
struct traits<lop::EigenOperator<A>> : traits<SparseMatrix<lop::ScalarOf<A>>> {};

template <class A, class Rhs>
struct generic_product_impl<lop::EigenOperator<A>, Rhs, SparseShape, DenseShape, GemvProduct>
    : generic_product_impl_base<
          lop::EigenOperator<A>, Rhs,
          generic_product_impl<lop::EigenOperator<A>, Rhs, SparseShape, DenseShape, GemvProduct>> {
    using Scalar = typename Product<lop::EigenOperator<A>, Rhs>::Scalar;
    template <class Dest>
    static void scaleAndAddTo(Dest& y, const lop::EigenOperator<A>& a, const Rhs& x,
                              const Scalar& alpha) {
        a.add_product(y, x, alpha);
    }
};

}  // namespace Eigen::internal
/// @endcond
