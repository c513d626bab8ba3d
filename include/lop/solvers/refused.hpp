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
}  // namespace detail

template <class A, class B>
    requires detail::NoSystem<A, B>
detail::NoSolution<A, B> cg(const A&, const B&, const CgOptions& = {}) {
    return {};
}
template <class A, class B>
    requires detail::NoSystem<A, B>
detail::NoSolution<A, B> bicgstab(const A&, const B&, const BicgstabOptions& = {}) {
    return {};
}
template <class A, class B>
    requires detail::NoSystem<A, B>
detail::NoSolution<A, B> cgls(const A&, const B&, const CglsOptions& = {}) {
    return {};
}
template <class A, class B>
    requires detail::NoSystem<A, B>
detail::NoSolution<A, B> gmres(const A&, const B&, const GmresOptions& = {}) {
    return {};
}
template <class A, class B>
    requires detail::NoSystem<A, B>
detail::NoSolution<A, B> lsmr(const A&, const B&, const LsmrOptions& = {}) {
    return {};
}
template <class A, class B>
    requires detail::NoSystem<A, B>
detail::NoSolution<A, B> lsqr(const A&, const B&, const LsqrOptions& = {}) {
    return {};
}
template <class A, class B>
    requires detail::NoSystem<A, B>
detail::NoSolution<A, B> minres(const A&, const B&, const MinresOptions& = {}) {
    return {};
}

}  // namespace lop
