/// The numbers that vectors hold: real and complex, single and double precision.
#pragma once

#include <complex>
#include <concepts>
#include <cstdint>
#include <string>

namespace lop {

/// Counts and positions; signed, so that differences are safe.
using index_t = std::int64_t;

namespace detail {
template <class T> struct ScalarTraits {};
template <> struct ScalarTraits<float> {
    using real = float;
    using accumulator = double;
    static constexpr const char* name = "float32";
};
template <> struct ScalarTraits<double> {
    using real = double;
    using accumulator = double;
    static constexpr const char* name = "float64";
};
template <> struct ScalarTraits<std::complex<float>> {
    using real = float;
    using accumulator = std::complex<double>;
    static constexpr const char* name = "complex64";
};
template <> struct ScalarTraits<std::complex<double>> {
    using real = double;
    using accumulator = std::complex<double>;
    static constexpr const char* name = "complex128";
};
}  // namespace detail

/// float, double and their complexes.
template <class T>
concept Scalar = requires { typename detail::ScalarTraits<T>::real; };

template <Scalar T> inline constexpr bool is_complex = !std::floating_point<T>;

/// The real type behind a scalar: float for std::complex<float>.
template <Scalar T> using Real = typename detail::ScalarTraits<T>::real;

/// The type in which inner products accumulate: double, or its complex.
template <Scalar T> using Accumulator = typename detail::ScalarTraits<T>::accumulator;

/// float32, float64, complex64 or complex128.
template <Scalar T> std::string scalar_name() { return detail::ScalarTraits<T>::name; }

/// The complex conjugate, which leaves a real number real (std::conj does not).
template <Scalar T> constexpr T conjugate(const T& value) {
    if constexpr (is_complex<T>) return std::conj(value);
    else return value;
}

// Arithmetic that means the same on a device: what nvcc 13 makes of +=, -= and *= of std::complex
// there, and of its conversions, leaves the operand as it was and warns of nothing.

/// a + b.
template <Scalar T> constexpr T plus(const T& a, const T& b) {
#ifdef __CUDA_ARCH__
    if constexpr (is_complex<T>) return {a.real() + b.real(), a.imag() + b.imag()};
    else return a + b;
#else
    return a + b;
#endif
}
/// a - b.
template <Scalar T> constexpr T minus(const T& a, const T& b) {
#ifdef __CUDA_ARCH__
    if constexpr (is_complex<T>) return {a.real() - b.real(), a.imag() - b.imag()};
    else return a - b;
#else
    return a - b;
#endif
}
/// a b, rounded before anything is added to it: a device would otherwise contract the two into one
/// instruction, and find other bits than the host.
template <Scalar T> constexpr T product(const T& a, const T& b) {
#ifdef __CUDA_ARCH__
    if constexpr (is_complex<T>)
        return {product(a.real(), b.real()) - product(a.imag(), b.imag()),
                product(a.real(), b.imag()) + product(a.imag(), b.real())};
    else if constexpr (std::same_as<T, float>) return __fmul_rn(a, b);
    else return __dmul_rn(a, b);
#else
    return a * b;
#endif
}
/// The same number in another precision, or a real one as a complex one.
template <Scalar To, Scalar T> constexpr To converted(const T& value) {
    if constexpr (is_complex<T>)
        return {static_cast<Real<To>>(value.real()), static_cast<Real<To>>(value.imag())};
    else return To(static_cast<Real<To>>(value));
}

template <Scalar T> constexpr Real<T> real_part(const T& value) {
    if constexpr (is_complex<T>) return value.real();
    else return value;
}

}  // namespace lop
