/// Fourier transforms of contiguous lines: FFTW where lop was built with it, else Eigen's kissfft.
#pragma once

#include <lop/core/scalar.hpp>

#include <complex>
#include <memory>

namespace lop::fft {

/// The transforms of one length, unnormalised:
///   forward   Y_k = sum_j x_j exp(-2 pi i j k / n)
///   backward  x_j = sum_k Y_k exp(+2 pi i j k / n)
/// Plans are made at construction, shared by everything of this length in the process, and chosen
/// without measuring, so that every rank and every run computes the same bits. Execution is
/// thread-safe and allocates nothing; lines begin on cache lines (aligned_count).
template <class R> class Transform {
 public:
    /// n >= 1 samples.
    explicit Transform(index_t n);
    index_t size() const { return n_; }
    /// The values of the half spectrum of a real line: k = 0 .. n / 2.
    index_t half() const { return n_ / 2 + 1; }

    void forward(std::complex<R>* line) const;   // in place
    void backward(std::complex<R>* line) const;  // in place
    /// A real line to its half spectrum; x is kept.
    void forward(const R* x, std::complex<R>* y) const;
    /// The half spectrum to a real line; y is destroyed. The imaginary parts at k = 0 and, of even
    /// lengths, at k = n / 2 do not enter.
    void backward(std::complex<R>* y, R* x) const;

    struct Plans;

 private:
    index_t n_;
    std::shared_ptr<const Plans> plans_;
};

/// The library behind Transform: "FFTW" or "kissfft".
const char* backend_name();

/// The least n' >= n without other prime factors than 2, 3 and 5: lengths that transform fast.
index_t fast_length(index_t n);

/// `count` rounded up to whole cache lines, and to an odd number of them, so that lines one below
/// the other do not meet in the same sets of a cache.
template <class T> constexpr index_t aligned_count(index_t count) {
    constexpr index_t line = 64 / sizeof(T);
    return ((count + line - 1) / line | 1) * line;
}

}  // namespace lop::fft
