/// Norms, extreme eigenvalues, condition numbers and traces of operators, by their products alone.
#pragma once

#include <lop/solvers/loop.hpp>

#include <complex>
#include <cstdint>
#include <vector>

namespace lop {

struct SpectralOptions {
    index_t iterations = 100;
    double tolerance = 1e-6;  ///< stop when the error of the estimate, relative to it, is smaller
    std::uint64_t seed = 1;   ///< of the start
};

/// An eigenvalue and its eigenvector of length 1, with |A x - value x| = residual.
template <Vector X> struct Eigenpair {
    Accumulator<typename X::value_type> value{};
    X vector;
    double residual = 0;
    index_t iterations = 0;
    bool converged = false;
};

/// The ends of a spectrum.
struct SpectralRange {
    double smallest = 0;
    double largest = 0;
    index_t iterations = 0;
    bool converged = false;
};

/// A mean of random samples and its standard error.
template <class T> struct TraceEstimate {
    T value{};
    double error = 0;
};

namespace detail {

/// A projected matrix's extreme values, and the bounds on their errors per unit of what comes next.
struct RitzRange {
    double smallest = 0;
    double largest = 0;
    double smallest_bound = 0;
    double largest_bound = 0;
};

/// Of the symmetric tridiagonal matrix with this diagonal and these entries beside it; the bound is
/// the last entry of the eigenvector.
RitzRange tridiagonal_range(const std::vector<double>& diagonal, const std::vector<double>& beside);
/// Singular values of the upper bidiagonal matrix; the bound is the last entry of the left vector.
RitzRange bidiagonal_range(const std::vector<double>& diagonal, const std::vector<double>& above);

/// Throws ArgumentError for options outside their range.
void check_spectral(const std::string& call, const SpectralOptions& options);

/// The range's singular values (without zeros that belong to the null space) by Golub and Kahan's
/// bidiagonalisation. Where `both` is false only the largest must converge.
template <LinearOperator A>
SpectralRange singular_range(const std::string& call, const A& a, const SpectralOptions& options,
                             bool both) {
    check_spectral(call, options);
    auto u = a.range().random(options.seed);
    auto v = a.domain().uninitialized();
    auto av = a.range().uninitialized();
    auto atu = a.domain().uninitialized();
    a.adjoint(u, v);  // a start in range(A'): the null space is not seen
    double length = norm(v);
    check_finite(call, "A' times a random vector", length);
    SpectralRange range{.converged = true};
    if (length <= 0) return range;
    range.converged = false;
    v *= 1 / length;
    u.fill({});
    double beta = 0;
    std::vector<double> diagonal;
    std::vector<double> above;
    const double round = rounding<ScalarOf<A>>();
    while (range.iterations < options.iterations && !range.converged) {
        a.forward(v, av);
        const double alpha = std::sqrt(assign_norm2(u, av - beta * u));
        check_finite(call, "A v", alpha);
        if (alpha <= round * range.largest) break;  // v lies in the span of those before
        u *= 1 / alpha;
        a.adjoint(u, atu);
        beta = std::sqrt(assign_norm2(v, atu - alpha * v));
        diagonal.push_back(alpha);
        ++range.iterations;
        const RitzRange found = bidiagonal_range(diagonal, above);
        range.smallest = found.smallest;
        range.largest = found.largest;
        range.converged =
            beta * found.largest_bound <= options.tolerance * found.largest &&
            (!both || beta * found.smallest_bound <= options.tolerance * found.smallest);
        if (beta <= round * found.largest) range.converged = true;
        if (beta > 0) v *= 1 / beta;
        above.push_back(beta);
    }
    return range;
}

/// From the side of A with fewer dimensions, so that rounding finds no null space to grow into.
template <LinearOperator A>
SpectralRange singular_range_of(const std::string& call, const A& a, const SpectralOptions& options,
                                bool both) {
    if (a.domain().size() <= a.range().size()) return singular_range(call, a, options, both);
    return singular_range(call, a.H(), options, both);
}

template <class T> T sign_of(const T& value) { return real_part(value) < 0 ? T(-1) : T(1); }
struct Sign {
    template <class T> T operator()(const T& value) const { return sign_of(value); }
};

}  // namespace detail

/// The eigenvalue of largest magnitude of a square operator, by power iteration (von Mises and
/// Pollaczek-Geiringer 1929): x <- A x / |A x|, value = <x, A x>. Converges as |second / first|^k,
/// and not at all where two eigenvalues share the largest magnitude, such as a complex pair of a real
/// operator: `converged` tells.
/// Throws SpaceError where the range is not the domain.
template <LinearOperator A>
Eigenpair<DomainVector<A>> power_iteration(const A& a, const SpectralOptions& options = {}) {
    const std::string call = "power_iteration(" + a.label() + ")";
    detail::check_square(call, a, "estimate_norm, for any A");
    detail::check_spectral(call, options);
    Eigenpair<DomainVector<A>> pair{.vector = a.domain().random(options.seed)};
    auto& x = pair.vector;
    auto ax = a.range().uninitialized();
    x *= 1 / norm(x);
    while (pair.iterations < options.iterations && !pair.converged) {
        a.forward(x, ax);
        ++pair.iterations;
        pair.value = dot(x, ax);
        pair.residual = norm(ax - pair.value * x);
        detail::check_finite(call, "A x", pair.residual);
        pair.converged = pair.residual <= options.tolerance * std::abs(pair.value);
        const double length = norm(ax);
        if (length <= 0) pair.converged = true;  // A vanishes on x: all it has is zero
        else if (!pair.converged) assign(x, (1 / length) * ax);
    }
    return pair;
}

/// |A|, the largest singular value, of any operator: power iteration on A'A, accelerated by the
/// projection onto all of its iterates (Golub and Kahan 1965), at the same cost. From below; a step
/// length that must not exceed 1/|A|^2 should leave a margin of twice the tolerance.
template <LinearOperator A> double estimate_norm(const A& a, const SpectralOptions& options = {}) {
    return detail::singular_range_of("estimate_norm(" + a.label() + ")", a, options, false).largest;
}

/// The smallest and the largest singular value of A; those that belong to its null space are not
/// counted, as far as the precision goes: where A has fewer independent rows and columns than either,
/// look at `converged` and stop early.
template <LinearOperator A>
SpectralRange singular_values(const A& a, const SpectralOptions& options = {}) {
    return detail::singular_range_of("singular_values(" + a.label() + ")", a, options, true);
}

/// The largest singular value over the smallest that is not zero, from below.
template <LinearOperator A> double condition_number(const A& a,
                                                    const SpectralOptions& options = {}) {
    const auto range =
        detail::singular_range_of("condition_number(" + a.label() + ")", a, options, true);
    return range.largest / range.smallest;
}

/// The smallest and the largest eigenvalue of a self-adjoint operator (Lanczos 1950; Parlett 1980,
/// section 13.2), to `tolerance` of the larger magnitude. That A is self-adjoint is not checked.
/// Throws SpaceError where the range is not the domain.
template <LinearOperator A> SpectralRange lanczos(const A& a, const SpectralOptions& options = {}) {
    const std::string call = "lanczos(" + a.label() + ")";
    detail::check_square(call, a, "singular_values, for any A");
    detail::check_spectral(call, options);
    auto v = a.domain().random(options.seed);
    auto v_before = a.domain().zeros();
    auto av = a.range().uninitialized();
    v *= 1 / norm(v);
    SpectralRange range;
    double beta = 0;
    std::vector<double> diagonal;
    std::vector<double> beside;
    while (range.iterations < options.iterations && !range.converged) {
        a.forward(v, av);
        const double alpha = real_part(dot(v, av));
        const double next = std::sqrt(assign_norm2(v_before, av - alpha * v - beta * v_before));
        detail::check_finite(call, "A v", next);
        beta = next;
        std::swap(v, v_before);
        diagonal.push_back(alpha);
        ++range.iterations;
        const auto found = detail::tridiagonal_range(diagonal, beside);
        range.smallest = found.smallest;
        range.largest = found.largest;
        const double scale = std::max(std::abs(found.smallest), std::abs(found.largest));
        range.converged =
            beta * std::max(found.smallest_bound, found.largest_bound) <= options.tolerance * scale;
        if (beta > 0) v *= 1 / beta;
        beside.push_back(beta);
    }
    return range;
}

struct TraceOptions {
    index_t samples = 100;
    std::uint64_t seed = 1;
};

/// The trace of a square operator: the mean of <z, A z> over random signs z (Hutchinson 1990). Exact
/// for a diagonal operator; else its variance is 2 (|A|_F^2 - sum a_ii^2) / samples for a
/// self-adjoint real A. Throws SpaceError where the range is not the domain.
template <LinearOperator A>
TraceEstimate<Accumulator<ScalarOf<A>>> trace(const A& a, const TraceOptions& options = {}) {
    using Sum = Accumulator<ScalarOf<A>>;
    const std::string call = "trace(" + a.label() + ")";
    detail::check_square(call, a, "a square operator");
    detail::check_count(call, "samples", options.samples);
    auto az = a.range().uninitialized();
    Sum mean = 0;
    double spread = 0;  // sum of squared deviations (Welford 1962)
    for (index_t k = 0; k < options.samples; ++k) {
        auto z = a.domain().random(mix_bits(options.seed + static_cast<std::uint64_t>(k)));
        assign(z, map(detail::Sign{}, z));
        a.forward(z, az);
        const Sum sample = dot(z, az);
        const Sum away = sample - mean;
        mean += away / static_cast<double>(k + 1);
        spread += real_part(conjugate(away) * (sample - mean));
    }
    const auto n = static_cast<double>(options.samples);
    return {mean, n > 1 ? std::sqrt(spread / (n * (n - 1))) : HUGE_VAL};
}

}  // namespace lop
