/// Real parts, imaginary parts and conjugates of the values: linear over the real numbers only.
#pragma once

#include <lop/algebra/operator.hpp>

#include <string>

namespace lop {

/// y = Re x, from complex to real arrays; the adjoint in Re <x, y> is x = y + 0 i.
/// domain: any shape of complex values; range: the same shape of real ones.
template <Scalar T>
    requires is_complex<T>
class RealPart : public Operator<RealPart<T>, ArraySpace<T>, ArraySpace<Real<T>>> {
 public:
    explicit RealPart(ArraySpace<T> domain);
    std::string label() const { return "RealPart"; }
    void forward(const Array<T>& x, Array<Real<T>>& y) const;
    void adjoint(const Array<Real<T>>& y, Array<T>& x) const;
};

/// y = Im x, from complex to real arrays; the adjoint in Re <x, y> is x = i y.
/// domain: any shape of complex values; range: the same shape of real ones.
template <Scalar T>
    requires is_complex<T>
class ImagPart : public Operator<ImagPart<T>, ArraySpace<T>, ArraySpace<Real<T>>> {
 public:
    explicit ImagPart(ArraySpace<T> domain);
    std::string label() const { return "ImagPart"; }
    void forward(const Array<T>& x, Array<Real<T>>& y) const;
    void adjoint(const Array<Real<T>>& y, Array<T>& x) const;
};

/// y = conj(x), value by value: its own inverse, and its own adjoint in Re <x, y>. (`conj(A)` is the
/// conjugate of an operator's matrix.) domain = range: any shape.
template <Scalar T>
    requires is_complex<T>
class ConjugateValues : public Operator<ConjugateValues<T>, ArraySpace<T>> {
 public:
    static constexpr bool is_real_linear = true;
    explicit ConjugateValues(ArraySpace<T> space);
    std::string label() const { return "ConjugateValues"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const { forward(y, x); }
};

}  // namespace lop
