/// Filters of orthogonal wavelets, and the splitting of lines by them.
#include <lop/operators/wavelets.hpp>

#include "operators/fourier_lines.hpp"
#include "operators/lines.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

namespace lop {
namespace {

// In extended precision, so that the filters are orthonormal to the rounding of double.
using Extended = long double;
using Complex = std::complex<Extended>;

/// The coefficients of P(y) = sum_{k<p} C(p-1+k, k) y^k.
std::vector<Extended> moment_polynomial(int p) {
    std::vector<Extended> c{1};
    for (int k = 1; k < p; ++k) c.push_back(c.back() * (p - 1 + k) / k);
    return c;
}

Complex evaluate_polynomial(const std::vector<Extended>& c, const Complex& y) {
    Complex value = 0;
    for (std::size_t k = c.size(); k-- > 0;) value = value * y + c[k];
    return value;
}

/// All roots at once (Durand and Kerner); they are simple and well apart.
std::vector<Complex> roots_of(const std::vector<Extended>& c) {
    const std::size_t degree = c.size() - 1;
    std::vector<Complex> roots;
    for (std::size_t i = 0; i < degree; ++i)
        roots.push_back(
            std::polar(Extended(0.4), Extended(0.7) + Extended(6.283) * static_cast<Extended>(i) /
                                                          static_cast<Extended>(degree)));
    for (int iteration = 0; iteration < 500; ++iteration)
        for (std::size_t i = 0; i < degree; ++i) {
            Complex product = c.back();
            for (std::size_t k = 0; k < degree; ++k)
                if (k != i) product *= roots[i] - roots[k];
            roots[i] -= evaluate_polynomial(c, roots[i]) / product;
        }
    return roots;
}

/// Factors of the filter, each one zero or a conjugate pair of them, inside the unit circle.
std::vector<std::vector<Complex>> zeros_inside(int p) {
    std::vector<std::vector<Complex>> factors;
    for (const Complex& y : roots_of(moment_polynomial(p))) {
        const Complex b = Extended(1) - Extended(2) * y;  // z + 1/z = 2 b
        const Complex root = std::sqrt(b * b - Extended(1));
        Complex z = b + root;
        if (std::abs(z) > 1) z = b - root;
        if (std::abs(z.imag()) < 1e-12L) factors.push_back({Complex{z.real(), 0}});
        else if (z.imag() > 0) factors.push_back({z, std::conj(z)});
    }
    std::sort(factors.begin(), factors.end(), [](const auto& a, const auto& b) {
        return std::pair{a.size(), std::abs(a[0])} < std::pair{b.size(), std::abs(b[0])};
    });
    return factors;
}

/// Whether a filter takes the zeros of factor i or, of its choice, their reciprocals.
bool reciprocal(unsigned choice, std::size_t i) { return (choice >> i & 1U) != 0; }

/// The sum of squares of what the phase of a choice departs from a linear one.
Extended phase_departure(const std::vector<std::vector<Complex>>& factors, unsigned choice) {
    constexpr int points = 128;
    std::vector<Extended> phase{0};
    Complex before = 0;
    for (int k = 0; k <= points; ++k) {
        const Complex u =
            std::polar(Extended(1), std::numbers::pi_v<Extended> * k / Extended(points));
        Complex value = 1;
        for (std::size_t i = 0; i < factors.size(); ++i)
            for (const Complex& z : factors[i])
                value *= u - (reciprocal(choice, i) ? Extended(1) / z : z);
        if (k > 0) phase.push_back(phase.back() + std::arg(value / before));
        before = value;
    }
    Extended sum = 0;
    for (int k = 0; k <= points; ++k) {
        const Extended gap =
            phase[static_cast<std::size_t>(k)] - phase.back() * k / Extended(points);
        sum += gap * gap;
    }
    return sum;
}

/// (1 + z)^p times the zeros of a choice, scaled to the sum sqrt(2).
std::vector<double> filter_of(int p, const std::vector<std::vector<Complex>>& factors,
                              unsigned choice) {
    std::vector<Complex> h{1};
    const auto multiply = [&h](const Complex& zero) {
        h.emplace_back(0);
        for (std::size_t k = h.size() - 1; k > 0; --k) h[k] = h[k - 1] - zero * h[k];
        h[0] *= -zero;
    };
    for (std::size_t i = 0; i < factors.size(); ++i)
        for (const Complex& z : factors[i]) multiply(reciprocal(choice, i) ? Extended(1) / z : z);
    for (int k = 0; k < p; ++k) multiply(-1);
    Extended sum = 0;
    for (const Complex& value : h) sum += value.real();
    std::vector<double> filter;
    // Highest power first: of the zeros inside the circle, the energy comes early.
    for (std::size_t k = h.size(); k-- > 0;)
        filter.push_back(static_cast<double>(h[k].real() / sum * std::numbers::sqrt2_v<Extended>));
    return filter;
}

}  // namespace

std::vector<double> wavelet_filter(WaveletFamily family, int order) {
    if (family == WaveletFamily::haar) return {std::numbers::sqrt2 / 2, std::numbers::sqrt2 / 2};
    const bool symlet = family == WaveletFamily::symlet;
    const int least = symlet ? 2 : 1;
    const int most = symlet ? 8 : 10;
    if (order < least || order > most)
        throw ArgumentError{std::string{symlet ? "a symlet" : "a Daubechies wavelet"} +
                                " of order " + std::to_string(order),
                            {.expected = std::to_string(least) + " to " + std::to_string(most)}};
    const auto factors = zeros_inside(order);
    unsigned best = 0;
    if (symlet && !factors.empty()) {
        // The complement of a choice is the reversed filter: the last factor stays inside.
        Extended least_departure = phase_departure(factors, 0);
        for (unsigned choice = 1; choice < 1U << (factors.size() - 1); ++choice) {
            const Extended departure = phase_departure(factors, choice);
            if (departure < least_departure) {
                least_departure = departure;
                best = choice;
            }
        }
    }
    return filter_of(order, factors, best);
}

namespace {

/// One level of splitting of contiguous lines of n samples, n even, with the filter's periodic tail.
template <class R> struct Splitting {
    std::vector<R> h;
    std::vector<R> g;

    index_t length() const { return static_cast<index_t>(h.size()); }
    /// x holds n values and room for a filter more; y gets n.
    template <class T> void split(T* x, T* y, index_t n) const {
        for (index_t i = 0; i < length(); ++i) x[n + i] = x[i];
        for (index_t k = 0; k < n / 2; ++k) {
            T smooth{};
            T detail{};
            for (index_t m = 0; m < length(); ++m) {
                smooth += h[static_cast<std::size_t>(m)] * x[2 * k + m];
                detail += g[static_cast<std::size_t>(m)] * x[2 * k + m];
            }
            y[k] = smooth;
            y[n / 2 + k] = detail;
        }
    }
    /// The transpose: y holds n values; x gets n and uses the room behind.
    template <class T> void join(const T* y, T* x, index_t n) const {
        std::fill(x, x + n + length(), T{});
        for (index_t k = 0; k < n / 2; ++k)
            for (index_t m = 0; m < length(); ++m)
                x[2 * k + m] += h[static_cast<std::size_t>(m)] * y[k] +
                                g[static_cast<std::size_t>(m)] * y[n / 2 + k];
        for (index_t i = length() - 1; i >= 0; --i) x[i] += x[n + i];
    }
};

}  // namespace

template <Scalar T> struct WaveletTransform<T>::Steps {
    using R = Real<T>;
    struct Step {
        fft::LinePairs lines;
        index_t n = 0;
    };
    Splitting<R> splitting;
    std::vector<Step> steps{};
    index_t pitch;
    fft::TeamScratch<T> scratch;

    Steps(Splitting<R> filters, index_t longest)
        : splitting{std::move(filters)},
          pitch{fft::aligned_count<T>(longest + splitting.length())},
          scratch{2 * pitch} {}

    /// One axis at one level, within values.
    template <bool Forward> void run(const Step& step, T* values) const {
        auto team = scratch.take();
        const index_t stride = step.lines.from_stride();
        step.lines.over([&](index_t at, index_t, index_t count) {
            T* line = team.mine();
            T* other = line + pitch;
            for (index_t c = at; c < at + count; ++c) {
                for (index_t i = 0; i < step.n; ++i) line[i] = values[c + i * stride];
                if constexpr (Forward) splitting.split(line, other, step.n);
                else splitting.join(line, other, step.n);
                for (index_t i = 0; i < step.n; ++i) values[c + i * stride] = other[i];
            }
        });
    }
};

template <Scalar T>
WaveletTransform<T>::WaveletTransform(const Shape& shape, const WaveletOptions& options)
    : Operator<WaveletTransform, ArraySpace<T>>{ArraySpace<T>{"samples", shape}} {
    const std::string name = "WaveletTransform";
    if (options.levels < 0 || options.levels > 40)
        throw ArgumentError{name + " of " + std::to_string(options.levels) + " levels",
                            {.expected = "0 to 40"}};
    const index_t multiple = index_t{1} << options.levels;
    std::vector<int> axes;
    index_t longest = 0;
    for (const int given : options.axes) {
        const int axis = checked_axis(name, shape, given);
        if (std::find(axes.begin(), axes.end(), axis) != axes.end())
            throw ArgumentError{name + " along axis " + std::to_string(axis) + " twice",
                                {.expected = "each axis once"}};
        if (checked_samples(name, shape, axis) % multiple != 0)
            throw ArgumentError{
                name + " of " + std::to_string(options.levels) + " levels along axis " +
                    std::to_string(axis),
                {.expected = "a multiple of " + std::to_string(multiple) + " samples",
                 .found = std::to_string(shape[axis]),
                 .remedy = "pad the array, or fewer levels"}};
        axes.push_back(axis);
        longest = std::max(longest, shape[axis]);
    }
    Splitting<Real<T>> filters;
    const auto h = wavelet_filter(options.family, options.order);
    for (std::size_t m = 0; m < h.size(); ++m) {
        filters.h.push_back(static_cast<Real<T>>(h[m]));
        filters.g.push_back(static_cast<Real<T>>((m % 2 == 0 ? 1 : -1) * h[h.size() - 1 - m]));
    }
    auto all = std::make_shared<Steps>(std::move(filters), longest);
    Shape box = shape;
    for (int level = 0; level < options.levels; ++level) {
        for (const int axis : axes)
            all->steps.push_back({fft::LinePairs{shape, shape, axis, box}, box[axis]});
        for (const int axis : axes) box = box.with(axis, box[axis] / 2);
    }
    steps_ = std::move(all);
}

template <Scalar T> void WaveletTransform<T>::forward(const Array<T>& x, Array<T>& y) const {
    std::copy(x.begin(), x.end(), y.begin());
    for (const auto& step : steps_->steps) steps_->template run<true>(step, y.data());
}

template <Scalar T> void WaveletTransform<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    std::copy(y.begin(), y.end(), x.begin());
    for (auto step = steps_->steps.rbegin(); step != steps_->steps.rend(); ++step)
        steps_->template run<false>(*step, x.data());
}

template class WaveletTransform<float>;
template class WaveletTransform<double>;
template class WaveletTransform<std::complex<float>>;
template class WaveletTransform<std::complex<double>>;

}  // namespace lop
