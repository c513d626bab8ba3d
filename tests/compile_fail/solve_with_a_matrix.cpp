/// A solver takes an operator; a matrix of Eigen becomes one.
// expect: solver(A, b): A is no linear operator
#include <lop/algebra/algebra.hpp>
#include <lop/algebra/eigen.hpp>
#include <lop/solvers/solvers.hpp>

using namespace lop;

int main() {
    const Eigen::MatrixXd m = Eigen::MatrixXd::Identity(3, 3);
    const Array<double> x{{3}};
#ifdef LOP_MUST_FAIL
    const auto y = lsqr(m, x).x;
#else
    const auto y = lsqr(MatrixOperator{m}, x).x;
#endif
    return sizeof(y) > 0;
}
