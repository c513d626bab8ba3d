/// Singular values of arrays, shrunk or cut, by Eigen.
#include <lop/core/error.hpp>
#include <lop/solvers/prox_arrays.hpp>

#include <Eigen/Dense>

namespace lop::detail {
namespace {

// In double whatever the scalar: two decompositions to compile, and singular values of float arrays
// that are right to the last digit.
template <class T>
using Matrix = Eigen::Matrix<Accumulator<T>, Eigen::Dynamic, Eigen::Dynamic>;
template <class T>
using RowMajor = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

template <class T> Eigen::JacobiSVD<Matrix<T>> decompose(const Array<T>& x, unsigned what) {
    if (x.shape().rank() != 2)
        throw SpaceError{"singular values of an array",
                         {.expected = "an array of two axes", .found = x.describe()}};
    const Matrix<T> m = Eigen::Map<const RowMajor<T>>(x.data(), x.shape()[0], x.shape()[1])
                            .template cast<Accumulator<T>>();
    return Eigen::JacobiSVD<Matrix<T>>{m, what};
}

/// y = U diag(change(s)) V'.
template <class T, class Change>
void recompose(const Array<T>& x, Array<T>& y, const Change& change) {
    const auto svd = decompose(x, Eigen::ComputeThinU | Eigen::ComputeThinV);
    Eigen::VectorXd s = svd.singularValues();
    change(s);
    const Matrix<T> m = svd.matrixU() * s.asDiagonal() * svd.matrixV().adjoint();
    Eigen::Map<RowMajor<T>>(y.data(), x.shape()[0], x.shape()[1]) = m.template cast<T>();
}

}  // namespace

template <Scalar T> double nuclear_norm(const Array<T>& x) {
    return decompose(x, 0).singularValues().sum();
}

template <Scalar T> void shrink_singular_values(const Array<T>& x, double threshold, Array<T>& y) {
    recompose(x, y, [&](Eigen::VectorXd& s) {
        for (double& value : s) value = std::max(value - threshold, 0.0);
    });
}

template <Scalar T> void keep_singular_values(const Array<T>& x, index_t rank, Array<T>& y) {
    recompose(x, y, [&](Eigen::VectorXd& s) {
        if (rank < s.size()) s.tail(s.size() - rank).setZero();
    });
}

#define LOP_INSTANTIATE(T)                                                    \
    template double nuclear_norm(const Array<T>&);                            \
    template void shrink_singular_values(const Array<T>&, double, Array<T>&); \
    template void keep_singular_values(const Array<T>&, index_t, Array<T>&);
LOP_INSTANTIATE(float)
LOP_INSTANTIATE(double)
LOP_INSTANTIATE(std::complex<float>)
LOP_INSTANTIATE(std::complex<double>)
#undef LOP_INSTANTIATE

}  // namespace lop::detail
