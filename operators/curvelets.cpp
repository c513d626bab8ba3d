/// Curvelets: spectrum, windows, folding, and the inverse transform of each band.
#include <lop/operators/curvelets.hpp>

#include "operators/curvelet_layout.hpp"
#include "operators/curvelet_spectrum.hpp"
#include "operators/curvelet_windows.hpp"

#include <algorithm>
#include <cmath>
#include <deque>

namespace lop {
namespace {

using curvelets::Extents;
using curvelets::Layout;
using curvelets::volume;

index_t remainder(index_t u, index_t n) { return u < 0 ? u % n + (u % n < 0 ? n : 0) : u % n; }

/// Calls step(j) for j = 0, side, 2 side, ... and i = 0, 1, 2, ..., `count` times, as step(j, i); two
/// loops, so that the one upwards is of adjacent values.
template <class Step> void along(index_t side, index_t count, const Step& step) {
    if (side > 0)
        for (index_t i = 0; i < count; ++i) step(i, i);
    else
        for (index_t i = 0; i < count; ++i) step(-i, i);
}

/// The transforms of bands of one shape, in both directions.
template <class R> class BandTransform {
 public:
    using C = std::complex<R>;
    BandTransform(const Extents& count, int first_axis) : count_{count} {
        const Shape shape{count[0], count[1], count[2]};
        for (int axis = first_axis; axis < 3; ++axis) {
            const index_t n = count[static_cast<std::size_t>(axis)];
            passes_.push_back(
                {fft::AxisTransform<R>{n, fft::LinePairs{shape, shape, axis}}, {n, 0}});
        }
    }
    const Extents& count() const { return count_; }
    void backward(C* band) const {
        for (const auto& p : passes_) p.transform.backward(band, p.all, band, p.all, R{1});
    }
    void forward(const C* band, C* spectrum) const {
        const C* from = band;
        for (const auto& p : passes_) {
            p.transform.forward(from, p.all, spectrum, p.all, R{1});
            from = spectrum;
        }
    }

 private:
    struct Pass {
        fft::AxisTransform<R> transform;
        fft::Window all;
    };
    Extents count_;
    std::vector<Pass> passes_{};
};

}  // namespace

template <Scalar T> struct CurveletTransform<T>::Parts {
    using R = Real<T>;
    struct Band {
        const BandTransform<R>* transform;
        index_t first;
        int side;
        R scale;  // of its weights
    };
    Layout layout;
    Shape padded;
    curvelets::Windows<R> windows;
    curvelets::Spectrum<T> spectrum;
    std::deque<BandTransform<R>> transforms{};  // one for each shape
    std::vector<Band> bands{};
    ArraySpace<C> frequencies;
    ArraySpace<C> folded;  // for the largest band
    fft::TeamScratch<R> weights;

    explicit Parts(Layout chosen)
        : layout{std::move(chosen)},
          padded{layout.padded_shape()},
          windows{layout},
          spectrum{layout, windows.balance()},
          frequencies{"frequencies", padded},
          folded{"band", {largest()}},
          weights{2 * windows.reach() + 1} {
        for (const CurveletBand& band : layout.bands) {
            Extents count{1, 1, 1};
            for (int a = 0; a < layout.rank(); ++a) count[layout.place(a)] = band.shape[a];
            const bool one_of_two = !is_complex<T> && band.axis >= 0;
            bands.push_back({transform_of(count), band.first, band.side,
                             static_cast<R>(std::sqrt((one_of_two ? 2.0 : 1.0) /
                                                      static_cast<double>(band.shape.size())))});
        }
    }

    index_t largest() const {
        index_t size = 0;
        for (const CurveletBand& band : layout.bands) size = std::max(size, band.shape.size());
        return size;
    }
    const BandTransform<R>* transform_of(const Extents& count) {
        for (const auto& transform : transforms)
            if (transform.count() == count) return &transform;
        return &transforms.emplace_back(count, layout.first_axis);
    }

    /// Calls work(k, m, weights, count, side) for stretches of band b: its weights, and the places of
    /// the first in the spectrum and in the folded band; the next ones follow there by `side`. No two
    /// weights of a band share a place in either, so that rows run on all threads.
    template <class Work> void over_window(std::size_t b, const Work& work) const {
        const auto& box = windows.box(b);
        const index_t rows1 = box.end[1] - box.begin[1];
        const index_t rows = (box.end[0] - box.begin[0]) * rows1;
        auto team = weights.take();
        [[maybe_unused]] const bool threaded =
            rows > 1 && volume(bands[b].transform->count()) >= parallel_threshold;
#pragma omp parallel for schedule(dynamic, 64) if (threaded)
        for (index_t row = 0; row < rows; ++row)
            over_row(b, box.begin[0] + row / rows1, box.begin[1] + row % rows1,
                     team.mine() + windows.reach(), work);
    }
    template <class Work>
    void over_row(std::size_t b, index_t u0, index_t u1, R* weights_of, const Work& work) const {
        const Band& band = bands[b];
        const Extents& n = layout.padded;
        const Extents& m = band.transform->count();
        const index_t side = band.side;
        const auto row_in = [&](const Extents& extents) {
            return (remainder(side * u0, extents[0]) * extents[1] +
                    remainder(side * u1, extents[1])) *
                   extents[2];
        };
        for (auto [u, end] : windows.row(b, u0, u1, band.scale, weights_of))
            while (u < end) {
                const index_t k = remainder(side * u, n[2]);
                const index_t i = remainder(side * u, m[2]);
                // Up to where either begins anew; m divides n.
                const index_t count = std::min(end - u, side > 0 ? m[2] - i : i + 1);
                work(row_in(n) + k, row_in(m) + i, weights_of + u, count, side);
                u += count;
            }
    }

    /// y_b = F^-1 fold(W X).
    void analyse(std::size_t b, const C* spectrum_of, C* y) const {
        const auto& transform = *bands[b].transform;
        C* band = y + bands[b].first;
        std::fill_n(band, volume(transform.count()), C{});
        over_window(b, [=](index_t k, index_t i, const R* w, index_t count, index_t side) {
            along(side, count,
                  [=](index_t j, index_t c) { band[i + j] = w[c] * spectrum_of[k + j]; });
        });
        transform.backward(band);
    }
    /// X += W unfold(F y_b).
    void synthesise(std::size_t b, const C* y, C* band, C* spectrum_of) const {
        bands[b].transform->forward(y + bands[b].first, band);
        over_window(b, [=](index_t k, index_t i, const R* w, index_t count, index_t side) {
            along(side, count,
                  [=](index_t j, index_t c) { spectrum_of[k + j] += w[c] * band[i + j]; });
        });
    }
};

template <Scalar T>
CurveletTransform<T>::CurveletTransform(const Shape& shape, const CurveletOptions& options)
    : Operator<CurveletTransform, ArraySpace<T>,
               ArraySpace<C>>{{"samples", shape},
                              {"curvelets",
                               {curvelets::layout_of(shape, options, is_complex<T>).coefficients}}},
      parts_{std::make_shared<const Parts>(curvelets::layout_of(shape, options, is_complex<T>))} {}

template <Scalar T> void CurveletTransform<T>::forward(const Array<T>& x, Array<C>& y) const {
    auto spectrum = parts_->frequencies.scratch();
    parts_->spectrum.forward(x.data(), spectrum->data());
    for (std::size_t b = 0; b < parts_->bands.size(); ++b)
        parts_->analyse(b, spectrum->data(), y.data());
}

template <Scalar T> void CurveletTransform<T>::adjoint(const Array<C>& y, Array<T>& x) const {
    auto spectrum = parts_->frequencies.scratch();
    auto band = parts_->folded.scratch();
    spectrum->fill(C{});
    for (std::size_t b = 0; b < parts_->bands.size(); ++b)
        parts_->synthesise(b, y.data(), band->data(), spectrum->data());
    parts_->spectrum.adjoint(spectrum->data(), x.data());
}

template <Scalar T> const std::vector<CurveletBand>& CurveletTransform<T>::bands() const {
    return parts_->layout.bands;
}

template <Scalar T> const Shape& CurveletTransform<T>::padded() const { return parts_->padded; }

template class CurveletTransform<float>;
template class CurveletTransform<double>;
template class CurveletTransform<std::complex<float>>;
template class CurveletTransform<std::complex<double>>;

}  // namespace lop
