/// Arrays, operators and solvers across the border to Eigen, without copies.
#include <lop/algebra/eigen.hpp>

#include "support/sizes.hpp"
#include "zoo.hpp"
#include <lop/testing/doctest.hpp>

#include <Eigen/IterativeLinearSolvers>
#include <complex>

using namespace lop;
using lop::testing::check_laws;
using lop::testing::check_laws_of_any;

TEST_CASE("an Eigen vector is an array, and an array an Eigen vector, in the same memory") {
    Eigen::VectorXd v = Eigen::VectorXd::LinSpaced(4, 1, 4);
    Array<double> x = as_array(v, "v");
    CHECK(x.data() == v.data());
    CHECK(x.describe() == "v[4] of float64 on host");
    const ArraySpace<double> space{"v", {4}};
    x = 2 * space.random(1) + x;
    x = space.random(1);  // values move in; the memory stays
    CHECK(x.data() == v.data());
    CHECK(norm(x - space.random(1)) == 0);
    CHECK(v[2] == x[2]);
    const Array<double> copy = x;
    CHECK(copy.data() != v.data());
    as_eigen(x)[0] = 7;
    CHECK(v[0] == 7);
    const Eigen::VectorXd& fixed = v;
    CHECK(as_array(fixed).data() == v.data());
    Eigen::Map<Eigen::VectorXd> part{v.data() + 1, 2};
    CHECK(as_array(part).size() == 2);
    CHECK_THROWS_AS((x = Array<double>{{5}}), SpaceError);
}

TEST_CASE_TEMPLATE("matrices of every size are lawful in every scalar, without rows or columns too",
                   T, float, double, std::complex<float>, std::complex<double>) {
    using Dense = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
    for (const Eigen::Index rows : {0, 1, 5})
        for (const Eigen::Index columns : {0, 1, 7}) {
            const Dense dense = Dense::Random(rows, columns);
            check_laws_of_any(MatrixOperator{dense});
            check_laws_of_any(MatrixOperator{Eigen::SparseMatrix<T>{dense.sparseView()}});
        }
}

TEST_CASE("dense and sparse matrices are operators that obey the laws") {
    using Z = std::complex<double>;
    const Eigen::MatrixXd dense = Eigen::MatrixXd::NullaryExpr(
        3, 4, [](auto i, auto j) { return static_cast<double>(1 + i * 4 + j); });
    const MatrixOperator M{dense};
    check_laws(M);
    CHECK(norm(to_dense(M) - zoo::random_dense<double>({"model", {4}}, {"data", {3}}, 1).matrix()) >
          0);
    CHECK(to_dense(M)(1, 2) == 7);
    Eigen::SparseMatrix<Z> sparse{3, 2};
    sparse.insert(2, 0) = {1, 2};
    sparse.insert(0, 1) = {0, -1};
    check_laws(MatrixOperator{sparse, "S"});
    CHECK(to_dense(MatrixOperator{sparse})(2, 0) == Z{1, 2});
    CHECK_THROWS_AS((MatrixOperator{ArraySpace<double>{"x", {2, 2}}, {"y", {2}}, dense}),
                    SpaceError);
}

TEST_CASE("an operator of an expression holds its values, one of a map borrows them") {
    Eigen::MatrixXd m = Eigen::MatrixXd::Random(3, 4);
    const Eigen::MatrixXd before = m;
    const MatrixOperator transposed{m.transpose()};
    const MatrixOperator twice{2 * m, "2 M"};
    const MatrixOperator between{ArraySpace<double>{"x", {3}}, ArraySpace<double>{"y", {4}},
                                 m.adjoint()};
    const Eigen::SparseMatrix<double> s = m.sparseView();
    const MatrixOperator sparse{s.transpose()};
    const MatrixOperator borrowed{Eigen::Map<Eigen::MatrixXd>{m.data(), 4, 3}};
    m *= 100;
    CHECK(transposed.matrix() == before.transpose());
    CHECK(twice.matrix() == 2 * before);
    CHECK(between.matrix() == before.transpose());
    CHECK(Eigen::MatrixXd{sparse.matrix()} == before.transpose());
    CHECK(borrowed.matrix()(0, 0) == 100 * before(0, 0));
    check_laws(transposed);
    check_laws(twice);
    check_laws(sparse);
    check_laws(borrowed);
}

TEST_CASE("an operator is solved by Eigen's conjugate gradients") {
    const ArraySpace<double> space{"x", {6}};
    const auto a = zoo::random_dense<double>(space, space, 1);
    const auto A = a.H() * a + Identity{space};
    const EigenOperator matrix{A};
    Eigen::ConjugateGradient<std::remove_const_t<decltype(matrix)>, Eigen::Lower | Eigen::Upper,
                             Eigen::IdentityPreconditioner>
        cg;
    cg.setTolerance(1e-14);
    cg.compute(matrix);
    const Eigen::VectorXd b = Eigen::VectorXd::Ones(6);
    const Eigen::VectorXd x = cg.solve(b);
    CHECK(norm(A * as_array(x) - as_array(b)) < 1e-10);
}
