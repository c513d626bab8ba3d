/// What the tests of the solvers share: a matrix for Eigen's oracle, and residuals by definition.
#pragma once

#include "../algebra/zoo.hpp"
#include <lop/solvers/solvers.hpp>

#include <Eigen/Dense>

namespace oracle {

using lop::index_t;

template <class T> using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
template <class T> using Vector = Eigen::Matrix<T, Eigen::Dynamic, 1>;

template <class T> Vector<T> to_eigen(const lop::Array<T>& x) {
    return Eigen::Map<const Vector<T>>(x.data(), x.size());
}
template <class T, int Tag> Matrix<T> to_eigen(const zoo::Dense<T, Tag>& a) {
    Matrix<T> m(a.range().size(), a.domain().size());
    for (index_t i = 0; i < m.rows(); ++i)
        for (index_t j = 0; j < m.cols(); ++j) m(i, j) = a.matrix()[i * m.cols() + j];
    return m;
}

/// The minimiser of |A x - b|^2 + damping^2 |x - x0|^2 by Householder QR of the stacked matrix.
template <class T>
Vector<T> least_squares(const Matrix<T>& a, const Vector<T>& b, double damping,
                        const Vector<T>& x0) {
    Matrix<T> stacked(a.rows() + a.cols(), a.cols());
    stacked << a, Matrix<T>::Identity(a.cols(), a.cols()) * T(damping);
    Vector<T> right(a.rows() + a.cols());
    right << b, T(damping) * x0;
    return stacked.colPivHouseholderQr().solve(right);
}

/// |x - y| / |y|.
template <class T> double gap(const lop::Array<T>& x, const Vector<T>& y) {
    return (to_eigen(x) - y).norm() / y.norm();
}

}  // namespace oracle
