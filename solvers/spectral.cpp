/// The small dense problems behind the estimates of spectra.
#include <lop/solvers/spectral.hpp>

#include <Eigen/Dense>

namespace lop::detail {
namespace {

Eigen::Map<const Eigen::VectorXd> as_vector(const std::vector<double>& x, Eigen::Index size) {
    return {x.data(), size};
}

}  // namespace

RitzRange tridiagonal_range(const std::vector<double>& diagonal,
                            const std::vector<double>& beside) {
    const auto n = static_cast<Eigen::Index>(diagonal.size());
    Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver;
    solver.computeFromTridiagonal(as_vector(diagonal, n), as_vector(beside, n - 1));
    const auto& values = solver.eigenvalues();
    const auto& vectors = solver.eigenvectors();
    return {values(0), values(n - 1), std::abs(vectors(n - 1, 0)), std::abs(vectors(n - 1, n - 1))};
}

RitzRange bidiagonal_range(const std::vector<double>& diagonal, const std::vector<double>& above) {
    const auto n = static_cast<Eigen::Index>(diagonal.size());
    Eigen::MatrixXd b = Eigen::MatrixXd::Zero(n, n);
    b.diagonal() = as_vector(diagonal, n);
    if (n > 1) b.diagonal<1>() = as_vector(above, n - 1);
    const Eigen::JacobiSVD<Eigen::MatrixXd> svd{b, Eigen::ComputeFullU};
    const auto& values = svd.singularValues();
    return {values(n - 1), values(0), std::abs(svd.matrixU()(n - 1, n - 1)),
            std::abs(svd.matrixU()(n - 1, 0))};
}

void check_spectral(const std::string& call, const SpectralOptions& options) {
    check_option(call, "tolerance", options.tolerance);
    check_count(call, "iterations", options.iterations);
}

}  // namespace lop::detail
