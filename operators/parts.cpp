/// Real parts, imaginary parts and conjugates: one pass each.
#include <lop/operators/parts.hpp>

#include <utility>

namespace lop {
namespace {

/// y_i = f(x_i) for every value.
template <class X, class Y, class F> void each(const X& x, Y& y, const F& f) {
    const auto* from = x.data();
    auto* to = y.data();
    parallel_for(y.size(), [=](index_t begin, index_t end) {
#pragma omp simd
        for (index_t i = begin; i < end; ++i) to[i] = f(from[i]);
    });
}

template <Scalar T> ArraySpace<Real<T>> real_space(const ArraySpace<T>& space) {
    return {space.name(), space.shape()};
}

}  // namespace

template <Scalar T>
    requires is_complex<T>
RealPart<T>::RealPart(ArraySpace<T> domain)
    : Operator<RealPart, ArraySpace<T>, ArraySpace<Real<T>>>{domain, real_space(domain)} {}
template <Scalar T>
    requires is_complex<T>
void RealPart<T>::forward(const Array<T>& x, Array<Real<T>>& y) const {
    each(x, y, [](const T& value) { return value.real(); });
}
template <Scalar T>
    requires is_complex<T>
void RealPart<T>::adjoint(const Array<Real<T>>& y, Array<T>& x) const {
    each(y, x, [](const Real<T>& value) { return T{value, 0}; });
}

template <Scalar T>
    requires is_complex<T>
ImagPart<T>::ImagPart(ArraySpace<T> domain)
    : Operator<ImagPart, ArraySpace<T>, ArraySpace<Real<T>>>{domain, real_space(domain)} {}
template <Scalar T>
    requires is_complex<T>
void ImagPart<T>::forward(const Array<T>& x, Array<Real<T>>& y) const {
    each(x, y, [](const T& value) { return value.imag(); });
}
template <Scalar T>
    requires is_complex<T>
void ImagPart<T>::adjoint(const Array<Real<T>>& y, Array<T>& x) const {
    each(y, x, [](const Real<T>& value) { return T{0, value}; });
}

template <Scalar T>
    requires is_complex<T>
ConjugateValues<T>::ConjugateValues(ArraySpace<T> space)
    : Operator<ConjugateValues, ArraySpace<T>>{std::move(space)} {}
template <Scalar T>
    requires is_complex<T>
void ConjugateValues<T>::forward(const Array<T>& x, Array<T>& y) const {
    each(x, y, [](const T& value) { return T{value.real(), -value.imag()}; });
}

template class RealPart<std::complex<float>>;
template class RealPart<std::complex<double>>;
template class ImagPart<std::complex<float>>;
template class ImagPart<std::complex<double>>;
template class ConjugateValues<std::complex<float>>;
template class ConjugateValues<std::complex<double>>;

}  // namespace lop
