/// What solvers are told that were called without an operator, or without a vector.
#pragma once

#include <lop/algebra/refused.hpp>
#include <lop/solvers/bicgstab.hpp>
#include <lop/solvers/cg.hpp>
#include <lop/solvers/cgls.hpp>
#include <lop/solvers/gmres.hpp>
#include <lop/solvers/lsmr.hpp>
#include <lop/solvers/lsqr.hpp>
#include <lop/solvers/minres.hpp>

#include <concepts>

namespace lop {

namespace detail {
template <class A, class B>
concept NoSystem = !LinearOperator<A> || !VectorLike<B>;

/// In place of a solution.
template <class A, class B> struct NoSolution {
    static_assert(LinearOperator<A>,
                  "solver(A, b): A is no linear operator: it derives from Operator and has "
                  "forward(x, y) and adjoint(y, x); of a matrix of Eigen, MatrixOperator{matrix}");
    static_assert(
        VectorLike<B>,
        "solver(A, b): b is no vector of lop: Array<T>::borrowed(data, shape) makes one of "
        "values that lie elsewhere");
    Refused x{};
};
/// Neither a start nor options.
template <class C, class Options>
concept NoThird = !VectorLike<C> && !std::convertible_to<C, Options>;

template <class A, class B, class C> struct NoSolutionWith {
    static_assert(
        VectorLike<C>,
        "solver(A, b, c): c is neither a start nor options. Options stand in braces, "
        "{.iterations = 100}; a watch or a checkpoint behind them, solver(A, b, {}, kept)");
    Refused x{};
};
}  // namespace detail

template <class A, class B>
    requires detail::NoSystem<A, B>
detail::NoSolution<A, B> cg(const A&, const B&, const CgOptions& = {}) {
    return {};
}
template <LinearOperator A, VectorLike B, detail::NoThird<CgOptions> C>
detail::NoSolutionWith<A, B, C> cg(const A&, const B&, const C&) {
    return {};
}
template <class A, class B>
    requires detail::NoSystem<A, B>
detail::NoSolution<A, B> bicgstab(const A&, const B&, const BicgstabOptions& = {}) {
    return {};
}
template <LinearOperator A, VectorLike B, detail::NoThird<BicgstabOptions> C>
detail::NoSolutionWith<A, B, C> bicgstab(const A&, const B&, const C&) {
    return {};
}
template <class A, class B>
    requires detail::NoSystem<A, B>
detail::NoSolution<A, B> cgls(const A&, const B&, const CglsOptions& = {}) {
    return {};
}
template <LinearOperator A, VectorLike B, detail::NoThird<CglsOptions> C>
detail::NoSolutionWith<A, B, C> cgls(const A&, const B&, const C&) {
    return {};
}
template <class A, class B>
    requires detail::NoSystem<A, B>
detail::NoSolution<A, B> gmres(const A&, const B&, const GmresOptions& = {}) {
    return {};
}
template <LinearOperator A, VectorLike B, detail::NoThird<GmresOptions> C>
detail::NoSolutionWith<A, B, C> gmres(const A&, const B&, const C&) {
    return {};
}
template <class A, class B>
    requires detail::NoSystem<A, B>
detail::NoSolution<A, B> lsmr(const A&, const B&, const LsmrOptions& = {}) {
    return {};
}
template <LinearOperator A, VectorLike B, detail::NoThird<LsmrOptions> C>
detail::NoSolutionWith<A, B, C> lsmr(const A&, const B&, const C&) {
    return {};
}
template <class A, class B>
    requires detail::NoSystem<A, B>
detail::NoSolution<A, B> lsqr(const A&, const B&, const LsqrOptions& = {}) {
    return {};
}
template <LinearOperator A, VectorLike B, detail::NoThird<LsqrOptions> C>
detail::NoSolutionWith<A, B, C> lsqr(const A&, const B&, const C&) {
    return {};
}
template <class A, class B>
    requires detail::NoSystem<A, B>
detail::NoSolution<A, B> minres(const A&, const B&, const MinresOptions& = {}) {
    return {};
}
template <LinearOperator A, VectorLike B, detail::NoThird<MinresOptions> C>
detail::NoSolutionWith<A, B, C> minres(const A&, const B&, const C&) {
    return {};
}

}  // namespace lop
