/// Transforms and filters of all lines along an axis, through scratch lines that fit the cache.
#pragma once

#include "operators/fft_backend.hpp"
#include "operators/lines.hpp"
#include <lop/core/buffer.hpp>
#include <lop/core/error.hpp>
#include <lop/core/grid.hpp>
#include <lop/core/parallel.hpp>
#include <lop/core/scratch.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace lop::fft {

/// The length of a padded axis: `nfft`, or the axis itself where it is 0. Throws ArgumentError,
/// naming the operator, for an empty axis, for less than the axis and for what no library can count.
index_t checked_length(const std::string& name, const Shape& shape, int axis, index_t nfft);

/// The same lines along one axis in two arrays, which may differ in extent along that axis and, of
/// the others, share a box at their origins.
class LinePairs {
 public:
    LinePairs() = default;
    LinePairs(const Shape& from, const Shape& to, int axis);
    /// Of the lines, those in a box at the origins of both arrays.
    LinePairs(const Shape& from, const Shape& to, int axis, const Shape& box);
    /// How far apart, in values, the elements of a line lie.
    index_t from_stride() const { return from_stride_; }
    index_t to_stride() const { return to_stride_; }
    /// The most lines in a bundle.
    index_t width() const { return width_; }

    /// Calls work(from, to, count) for bundles of adjacent lines, on all threads where there is
    /// much to do: offsets of their first elements, the next lines one value further each.
    template <class Work> void over(const Work& work) const {
        [[maybe_unused]] const bool threaded = groups_ > 1 && values_ >= parallel_threshold;
#pragma omp parallel for schedule(static) if (threaded)
        for (index_t g = 0; g < groups_; ++g) {
            const index_t last = g % bundles_;
            index_t rest = g / bundles_;
            index_t from = last * width_;
            index_t to = from;
            for (std::size_t a = 0; a < axes_; ++a) {
                const index_t i = rest % outer_[a].extent;
                rest /= outer_[a].extent;
                from += i * outer_[a].from;
                to += i * outer_[a].to;
            }
            work(from, to, std::min(width_, inner_ - last * width_));
        }
    }

 private:
    struct Axis {
        index_t extent = 0;
        index_t from = 0;
        index_t to = 0;
    };
    std::array<Axis, Shape::max_rank> outer_{};  // the fastest first
    std::size_t axes_ = 0;
    index_t inner_ = 1;  // adjacent lines
    index_t width_ = 1;
    index_t bundles_ = 0;
    index_t groups_ = 0;
    index_t values_ = 0;
    index_t from_stride_ = 1;
    index_t to_stride_ = 1;
};

/// Memory for each thread of a team, taken once an application and kept for the next.
template <class T> class TeamScratch {
 public:
    explicit TeamScratch(index_t values)
        : values_{aligned_count<T>(values)},
          pool_{std::make_shared<ScratchPool<Buffer<T, Host>>>()} {}

    class Lease {
     public:
        Lease(Scratch<Buffer<T, Host>> memory, index_t values)
            : memory_{std::move(memory)}, values_{values} {}
        /// The memory of the calling thread.
        T* mine();

     private:
        Scratch<Buffer<T, Host>> memory_;
        index_t values_;
    };
    Lease take() const {
        const index_t all = values_ * thread_count();
        Scratch<Buffer<T, Host>> memory{pool_, [=] { return Buffer<T, Host>{all}; }};
        if (memory->size() < all) *memory = Buffer<T, Host>{all};
        return {std::move(memory), values_};
    }

 private:
    index_t values_;
    std::shared_ptr<ScratchPool<Buffer<T, Host>>> pool_;
};

/// How many elements of a line are read or written, and where the first of them lies: element j at
/// (j + rotation) mod count.
struct Window {
    index_t count = 0;
    index_t rotation = 0;
};

/// Lines of `lines` from one array to another through a Fourier transform of length n: complex to
/// complex, real to half spectrum, or half spectrum to real. What is not read is zero.
template <class R> class AxisTransform {
 public:
    using C = std::complex<R>;
    AxisTransform(index_t n, const LinePairs& lines);

    void forward(const C* x, const Window& read, C* y, const Window& write, R scale) const;
    void backward(const C* y, const Window& read, C* x, const Window& write, R scale) const;
    /// The interior frequencies, which stand for two each, are multiplied by `interior` too.
    void forward(const R* x, const Window& read, C* y, R scale, R interior) const;
    void backward(const C* y, R* x, const Window& write, R scale, R interior) const;

 private:
    template <bool Forward>
    void complex_pass(const C* x, const Window& read, C* y, const Window& write, R scale) const;

    Transform<R> fft_;
    LinePairs lines_;
    index_t pitch_;  // between scratch lines, in complex values
    TeamScratch<C> scratch_;
};

/// y = P' F^-1 diag(h) F P x along an axis, where P pads the lines with zeros to the length n. The
/// response h has n values for complex lines and, of real ones, those of the half spectrum; of real
/// lines, the imaginary parts at frequency zero and, of even n, at Nyquist do not enter.
template <Scalar T> class LineFilter {
 public:
    using R = Real<T>;
    using C = std::complex<R>;
    /// One response for all lines, or one for each line: `responses` holds as many as there are
    /// lines, in the order of the array without its axis.
    LineFilter(const Shape& shape, int axis, index_t n, std::vector<C> responses);
    void forward(const T* x, T* y) const { filter<false>(x, y); }
    void adjoint(const T* y, T* x) const { filter<true>(y, x); }

    /// The number of values of a response.
    static index_t response_size(index_t n) { return is_complex<T> ? n : n / 2 + 1; }

 private:
    template <bool Adjoint> void filter(const T* from, T* to) const;

    Transform<R> fft_;
    LinePairs lines_;
    index_t samples_;
    index_t inner_;
    bool alike_;
    std::shared_ptr<const std::vector<C>> responses_;
    TeamScratch<T> scratch_;
    TeamScratch<C> spectrum_;
};

}  // namespace lop::fft
