/// What wrong programs are told: overloads that are found only where no right one is, each with a
/// sentence of what is wrong and what to write instead. None of them ever runs.
#pragma once

#include <lop/algebra/kronecker.hpp>
#include <lop/algebra/lists.hpp>
#include <lop/algebra/nonlinear.hpp>
#include <lop/algebra/power.hpp>

#include <complex>
#include <iterator>
#include <type_traits>

namespace lop {

/// In place of the result, so that the sentence is the only error.
struct Refused {};

namespace detail {

template <class X>
concept PlainNumber =
    std::is_arithmetic_v<std::remove_cvref_t<X>> || Scalar<std::remove_cvref_t<X>>;

/// Values that lop does not know as a vector: std::vector, std::array, arrays of C, vectors of Eigen.
template <class X>
concept Foreign = !VectorLike<X> && !LinearOperator<X> && requires(const X& x) {
    std::begin(x);
    std::end(x);
};

/// A number that would lose a part if it scaled values of type T.
template <class S, class T>
concept NoFactorOf = PlainNumber<S> && !FactorOf<S, T>;

template <class A, class B>
concept OperatorAndVector =
    (LinearOperator<A> && VectorLike<B>) || (VectorLike<A> && LinearOperator<B>);
template <class A, class B>
concept OperatorAndNumber =
    (LinearOperator<A> && PlainNumber<B>) || (PlainNumber<A> && LinearOperator<B>);
template <class A, class B>
concept VectorAndNumber = (VectorLike<A> && PlainNumber<B>) || (PlainNumber<A> && VectorLike<B>);
template <class A, class B>
concept VectorAndForeign = (VectorLike<A> && Foreign<B>) || (Foreign<A> && VectorLike<B>);

}  // namespace detail

// ---- sums ---------------------------------------------------------------------------------------

template <class A, class X>
    requires detail::OperatorAndVector<A, X>
Refused operator+(const A&, const X&) {
    static_assert(detail::allowed<A, X>,
                  "A + x: an operator and a vector do not add. Vectors do, as in A * x + b, and "
                  "operators, as in A + Diagonal{x}");
    return {};
}
template <class A, class X>
    requires detail::OperatorAndVector<A, X>
Refused operator-(const A&, const X&) {
    static_assert(detail::allowed<A, X>,
                  "A - x: an operator and a vector do not subtract. Vectors do, as in A * x - b, "
                  "and operators, as in A - Diagonal{x}");
    return {};
}
template <class A, class S>
    requires detail::OperatorAndNumber<A, S>
Refused operator+(const A&, const S&) {
    static_assert(detail::allowed<A, S>,
                  "A + c: an operator and a number do not add: shift(A, c) is A + c I");
    return {};
}
template <class A, class S>
    requires detail::OperatorAndNumber<A, S>
Refused operator-(const A&, const S&) {
    static_assert(detail::allowed<A, S>,
                  "A - c: an operator and a number do not subtract: shift(A, -c) is A - c I");
    return {};
}
template <class X, class S>
    requires detail::VectorAndNumber<X, S>
Refused operator+(const X&, const S&) {
    static_assert(detail::allowed<X, S>,
                  "x + c: a vector and a number do not add: map([=](auto v) { return v + c; }, x)");
    return {};
}
template <class X, class S>
    requires detail::VectorAndNumber<X, S>
Refused operator-(const X&, const S&) {
    static_assert(
        detail::allowed<X, S>,
        "x - c: a vector and a number do not subtract: map([=](auto v) { return v - c; }, x)");
    return {};
}
template <class X, class Y>
    requires detail::VectorAndForeign<X, Y>
Refused operator+(const X&, const Y&) {
    static_assert(detail::allowed<X, Y>,
                  "x + y: one of them is no vector of lop: Array<T>::borrowed(data, shape) makes "
                  "one of values that lie elsewhere");
    return {};
}
template <class X, class Y>
    requires detail::VectorAndForeign<X, Y>
Refused operator-(const X&, const Y&) {
    static_assert(detail::allowed<X, Y>,
                  "x - y: one of them is no vector of lop: Array<T>::borrowed(data, shape) makes "
                  "one of values that lie elsewhere");
    return {};
}
template <Vector X, LinearOperator A> Refused operator+=(X&, const A&) {
    static_assert(detail::allowed<X, A>,
                  "x += A: an operator is no vector: x += A * y, or apply_add(A, y, x)");
    return {};
}
template <Vector X, detail::PlainNumber S> Refused operator+=(X&, const S&) {
    static_assert(
        detail::allowed<X, S>,
        "x += c: a vector and a number do not add: x = map([=](auto v) { return v + c; }, x)");
    return {};
}

// ---- products and quotients ---------------------------------------------------------------------

template <VectorLike X, VectorLike Y> Refused operator*(const X&, const Y&) {
    static_assert(detail::allowed<X, Y>,
                  "x * y: of two vectors there are cwise_product(x, y) and dot(x, y)");
    return {};
}
template <VectorLike X, VectorLike Y> Refused operator/(const X&, const Y&) {
    static_assert(detail::allowed<X, Y>,
                  "x / y: of two vectors: map([](auto a, auto b) { return a / b; }, x, y)");
    return {};
}
template <Vector X, VectorLike Y> Refused operator*=(X&, const Y&) {
    static_assert(detail::allowed<X, Y>, "x *= y: of two vectors: x = cwise_product(x, y)");
    return {};
}
template <VectorLike X, LinearOperator A> Refused operator*(const X&, const A&) {
    static_assert(detail::allowed<X, A>,
                  "x * A: an operator stands on the left of its vector: A * x, or A.H() * x");
    return {};
}
template <LinearOperator A, detail::Foreign X> Refused operator*(const A&, const X&) {
    static_assert(
        detail::allowed<A, X>,
        "A * x: x is no vector of lop: Array<T>::borrowed(data, shape) makes one of values "
        "that lie elsewhere, as_array(x) of a vector of Eigen");
    return {};
}
template <class S, VectorLike X>
    requires detail::NoFactorOf<S, ValueOf<X>>
Refused operator*(const S&, const X&) {
    static_assert(detail::allowed<S, X>,
                  "c * x: a complex number does not scale a real vector: cast<std::complex<T>>(x)");
    return {};
}
template <VectorLike X, class S>
    requires detail::NoFactorOf<S, ValueOf<X>>
Refused operator*(const X&, const S&) {
    static_assert(detail::allowed<S, X>,
                  "x * c: a complex number does not scale a real vector: cast<std::complex<T>>(x)");
    return {};
}
template <class S, LinearOperator A>
    requires detail::NoFactorOf<S, detail::FactorType<A>>
Refused operator*(const S&, const A&) {
    static_assert(detail::allowed<S, A>,
                  "c * A: a complex number does not scale an operator that is real, or linear over "
                  "the reals only");
    return {};
}
template <LinearOperator A, class S>
    requires detail::NoFactorOf<S, detail::FactorType<A>>
Refused operator*(const A&, const S&) {
    static_assert(detail::allowed<S, A>,
                  "A * c: a complex number does not scale an operator that is real, or linear over "
                  "the reals only");
    return {};
}
template <LinearOperator A, detail::PlainNumber S> Refused operator/(const A&, const S&) {
    static_assert(detail::allowed<A, S>, "A / c: an operator is scaled by a product: (1 / c) * A");
    return {};
}
template <LinearOperator A, VectorLike Y> Refused operator/(const A&, const Y&) {
    static_assert(detail::allowed<A, Y>,
                  "A / y: a system is solved by the solver of your choice: lsqr(A, y).x");
    return {};
}

// ---- comparisons --------------------------------------------------------------------------------

template <VectorLike X, VectorLike Y> bool operator==(const X&, const Y&) {
    static_assert(detail::allowed<X, Y>,
                  "x == y: vectors are compared by a norm, norm(x - y), or by std::equal");
    return false;
}
template <LinearOperator A, LinearOperator B> bool operator==(const A&, const B&) {
    static_assert(detail::allowed<A, B>,
                  "A == B: operators are not compared: describe(A) shows one, to_dense(A) is its "
                  "matrix");
    return false;
}

// ---- functions ----------------------------------------------------------------------------------

template <LinearOperator A> double norm(const A&) {
    static_assert(detail::allowed<A>,
                  "norm(A): the norm of an operator is estimated: estimate_norm(A)");
    return 0;
}
template <class A, class X>
    requires(LinearOperator<A> || LinearOperator<X>)
double dot(const A&, const X&) {
    static_assert(detail::allowed<A, X>,
                  "dot(x, y) is of vectors: A * x, or A * B, applies an operator");
    return 0;
}
template <LinearOperator A, VectorLike X, VectorLike Y>
    requires(!detail::Meets<A, X> || !std::same_as<std::remove_cvref_t<Y>, RangeVector<A>>)
void apply(const A&, const X&, Y&) {
    static_assert(
        detail::allowed<A, X, Y>,
        "apply(A, x, y): x is a vector of another kind than domain(A), or y than range(A)");
}
template <LinearOperator A, std::floating_point S> Refused pow(const A&, S) {
    static_assert(detail::allowed<A, S>, "pow(A, n): the exponent is a whole number");
    return {};
}
template <LinearOperator A>
    requires(!std::same_as<DomainOf<A>, RangeOf<A>>)
Refused pow(const A&, index_t) {
    static_assert(detail::allowed<A>,
                  "pow(A, n): domain(A) and range(A) are spaces of unlike kinds");
    return {};
}
template <LinearOperator A> A jacobian(const A& a, const DomainVector<A>&) {
    static_assert(detail::allowed<A>,
                  "jacobian(A, m): a linear operator is its own derivative everywhere: A");
    return a;
}
template <class A, class B>
    requires(!LinearOperator<A> || !LinearOperator<B>)
Refused kron(const A&, const B&) {
    static_assert(
        detail::allowed<A, B>,
        "kron(A, B): both are operators: Identity{space} repeats one, Diagonal{w} is that "
        "of a vector");
    return {};
}

namespace detail {
/// Blocks that are no operators, at least one of them; lists of operators and nonlinear maps are.
template <class... B>
concept SomeNoBlock = sizeof...(B) > 0 && ((VectorLike<B> || PlainNumber<B>) || ...);
}  // namespace detail

template <class... B>
    requires detail::SomeNoBlock<B...>
Refused vstack(const B&...) {
    static_assert(detail::allowed<B...>,
                  "vstack(A, B, ..): all of them are operators; of vectors, Stacked{x, y, ..}");
    return {};
}
template <class... B>
    requires detail::SomeNoBlock<B...>
Refused hstack(const B&...) {
    static_assert(detail::allowed<B...>,
                  "hstack(A, B, ..): all of them are operators; of vectors, Stacked{x, y, ..}");
    return {};
}
template <class... B>
    requires detail::SomeNoBlock<B...>
Refused block_diagonal(const B&...) {
    static_assert(detail::allowed<B...>,
                  "block_diagonal(A, B, ..): all of them are operators: Diagonal{w} is that of a "
                  "vector");
    return {};
}

template <VectorLike X> Refused abs(const X&) {
    static_assert(detail::allowed<X>,
                  "abs(x): map([](auto v) { return std::abs(v); }, x) is that of every element");
    return {};
}
template <VectorLike X> Refused sqrt(const X&) {
    static_assert(detail::allowed<X>,
                  "sqrt(x): map([](auto v) { return std::sqrt(v); }, x) is that of every element");
    return {};
}
template <VectorLike X> Refused exp(const X&) {
    static_assert(detail::allowed<X>,
                  "exp(x): map([](auto v) { return std::exp(v); }, x) is that of every element");
    return {};
}
template <VectorLike X> Refused real(const X&) {
    static_assert(detail::allowed<X>,
                  "real(x): RealPart{space_of(x)} * x is the vector of the real parts");
    return {};
}
template <VectorLike X> Refused imag(const X&) {
    static_assert(detail::allowed<X>,
                  "imag(x): ImagPart{space_of(x)} * x is the vector of the imaginary parts");
    return {};
}

}  // namespace lop
