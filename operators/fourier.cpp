/// Fourier transforms of arrays: one pass over the lines of each axis.
#include <lop/operators/fourier.hpp>

#include "operators/fourier_lines.hpp"
#include "operators/lines.hpp"

#include <cmath>
#include <numbers>

namespace lop {
namespace {

using fft::AxisTransform;
using fft::LinePairs;
using fft::Window;

/// What both transforms agree on: the axes in the order of the options, and their lengths.
struct Layout {
    std::vector<int> axes;
    std::vector<index_t> n;     // samples of the domain
    std::vector<index_t> nfft;  // samples of the transform
    double total = 1;           // the product of nfft
};

template <class Options>
Layout layout_of(const std::string& name, const Shape& shape, const Options& options) {
    Layout layout;
    if (options.axes.empty())
        throw ArgumentError{name + " along no axis", {.expected = "at least one axis"}};
    if (!options.nfft.empty() && options.nfft.size() != options.axes.size())
        throw ArgumentError{
            name + ": nfft",
            {.expected = "one number for each of " +
                         counted(std::ssize(options.axes), "axis", "axes") + ", or none",
             .found = std::to_string(options.nfft.size())}};
    for (std::size_t i = 0; i < options.axes.size(); ++i) {
        const int axis = checked_axis(name, shape, options.axes[i]);
        if (std::find(layout.axes.begin(), layout.axes.end(), axis) != layout.axes.end())
            throw ArgumentError{name + " along axis " + std::to_string(axis) + " twice",
                                {.expected = "each axis once"}};
        const index_t n = shape[axis];
        const index_t nfft =
            fft::checked_length(name, shape, axis, options.nfft.empty() ? 0 : options.nfft[i]);
        layout.axes.push_back(axis);
        layout.n.push_back(n);
        layout.nfft.push_back(nfft);
        layout.total *= static_cast<double>(nfft);
    }
    return layout;
}

Shape padded(const Shape& shape, const Layout& layout) {
    Shape result = shape;
    for (std::size_t i = 0; i < layout.axes.size(); ++i)
        result = result.with(layout.axes[i], layout.nfft[i]);
    return result;
}

double scale_of(FourierNorm norm, double total) {
    switch (norm) {
        case FourierNorm::ortho: return 1 / std::sqrt(total);
        case FourierNorm::none: return 1;
        case FourierNorm::by_n: return 1 / total;
    }
    return 1;
}

/// One axis of complex values: out of the array of the pass before, into that of the next one.
template <class R> struct ComplexPass {
    AxisTransform<R> into;  // from the domain of the pass to its range
    AxisTransform<R> back;
    Window samples;
    Window spectrum;
};

template <class R, class Options>
ComplexPass<R> complex_pass(const Shape& from, const Shape& to, const Layout& layout, std::size_t i,
                            const Options& options) {
    const index_t n = layout.n[i];
    const index_t nfft = layout.nfft[i];
    const int axis = layout.axes[i];
    return {AxisTransform<R>{nfft, LinePairs{from, to, axis}},
            AxisTransform<R>{nfft, LinePairs{to, from, axis}},
            {n, options.ifftshift_before ? n / 2 : 0},
            {nfft, options.fftshift_after ? nfft / 2 : 0}};
}

}  // namespace

template <Scalar T>
    requires is_complex<T>
struct FourierTransform<T>::Passes {
    using R = Real<T>;
    std::vector<ComplexPass<R>> passes;  // the first between domain and range, the others within it
    R scale = 1;
    R inverse_scale = 1;
    bool pads = false;

    void forward(const Array<T>& x, Array<T>& y) const {
        if (pads) y.fill(T{});  // the lines that the first pass does not write
        const T* from = x.data();
        for (std::size_t i = 0; i < passes.size(); ++i) {
            const auto& p = passes[i];
            p.into.forward(from, p.samples, y.data(), p.spectrum, i == 0 ? scale : R{1});
            from = y.data();
        }
    }
    /// Backwards through the passes; all but the last one, in a temporary of the range.
    void backward(const ArraySpace<T>& range, const Array<T>& y, Array<T>& x, R factor) const {
        if (passes.size() == 1) {
            const auto& p = passes[0];
            p.back.backward(y.data(), p.spectrum, x.data(), p.samples, factor);
            return;
        }
        auto t = range.scratch();
        const T* from = y.data();
        for (std::size_t i = passes.size() - 1; i > 0; --i) {
            const auto& p = passes[i];
            p.back.backward(from, p.spectrum, t->data(), p.samples, R{1});
            from = t->data();
        }
        const auto& p = passes[0];
        p.back.backward(from, p.spectrum, x.data(), p.samples, factor);
    }
};

template <Scalar T>
    requires is_complex<T>
FourierTransform<T>::FourierTransform(const Shape& shape, const FourierOptions& options)
    : Operator<FourierTransform, ArraySpace<T>>{
          {"samples", shape},
          {"spectrum", padded(shape, layout_of("FourierTransform", shape, options))}} {
    const Layout layout = layout_of("FourierTransform", shape, options);
    const Shape& range = this->range().shape();
    auto passes = std::make_shared<Passes>();
    for (std::size_t i = 0; i < layout.axes.size(); ++i)
        passes->passes.push_back(
            complex_pass<Real<T>>(i == 0 ? shape : range, range, layout, i, options));
    const double scale = scale_of(options.norm, layout.total);
    passes->scale = static_cast<Real<T>>(scale);
    passes->inverse_scale = static_cast<Real<T>>(1 / (scale * layout.total));
    passes->pads = layout.axes.size() > 1 && !(shape == range);
    passes_ = std::move(passes);
}

template <Scalar T>
    requires is_complex<T>
void FourierTransform<T>::forward(const Array<T>& x, Array<T>& y) const {
    passes_->forward(x, y);
}

template <Scalar T>
    requires is_complex<T>
void FourierTransform<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    passes_->backward(this->range(), y, x, passes_->scale);
}

template <Scalar T>
    requires is_complex<T>
Array<T> FourierTransform<T>::inverse(const Array<T>& y) const {
    detail::check_range(*this, y);
    auto x = this->domain().uninitialized();
    inverse(y, x);
    return x;
}

template <Scalar T>
    requires is_complex<T>
void FourierTransform<T>::inverse(const Array<T>& y, Array<T>& x) const {
    passes_->backward(this->range(), y, x, passes_->inverse_scale);
}

template <Scalar R>
    requires(!is_complex<R>)
struct RealFourierTransform<R>::Passes {
    AxisTransform<R> into;  // real lines to half spectra
    AxisTransform<R> back;
    Window samples;
    std::vector<ComplexPass<R>> others{};  // within the range
    R scale = 1;
    R inverse_scale = 1;
    bool isometric = true;
    bool pads = false;
};

namespace {

/// The range of a real transform: half a spectrum along the last of its axes.
Shape half_spectrum(const Shape& shape, const Layout& layout) {
    return padded(shape, layout).with(layout.axes.back(), layout.nfft.back() / 2 + 1);
}

template <class R, class C, class Passes>
void real_backward(const Passes& passes, const ArraySpace<C>& range, const Array<C>& y, Array<R>& x,
                   R scale, R interior) {
    if (passes.others.empty()) {
        passes.back.backward(y.data(), x.data(), passes.samples, scale, interior);
        return;
    }
    auto t = range.scratch();
    const C* from = y.data();
    for (auto p = passes.others.rbegin(); p != passes.others.rend(); ++p) {
        p->back.backward(from, p->spectrum, t->data(), p->samples, R{1});
        from = t->data();
    }
    passes.back.backward(from, x.data(), passes.samples, scale, interior);
}

}  // namespace

template <Scalar R>
    requires(!is_complex<R>)
RealFourierTransform<R>::RealFourierTransform(const Shape& shape, const RealFourierOptions& options)
    : Operator<RealFourierTransform, ArraySpace<R>, ArraySpace<C>>{
          {"samples", shape},
          {"spectrum", half_spectrum(shape, layout_of("RealFourierTransform", shape, options))}} {
    const Layout layout = layout_of("RealFourierTransform", shape, options);
    const Shape& range = this->range().shape();
    const int axis = layout.axes.back();
    const index_t n = layout.n.back();
    const index_t nfft = layout.nfft.back();
    auto passes = std::make_shared<Passes>(
        Passes{.into = AxisTransform<R>{nfft, LinePairs{shape, range, axis}},
               .back = AxisTransform<R>{nfft, LinePairs{range, shape, axis}},
               .samples = {n, options.ifftshift_before ? n / 2 : 0},
               .isometric = options.isometric});
    for (std::size_t i = 0; i + 1 < layout.axes.size(); ++i)
        passes->others.push_back(complex_pass<R>(range, range, layout, i, options));
    const double scale = scale_of(options.norm, layout.total);
    passes->scale = static_cast<R>(scale);
    passes->inverse_scale = static_cast<R>(1 / (scale * layout.total));
    for (std::size_t i = 0; i + 1 < layout.axes.size(); ++i)
        passes->pads |= layout.n[i] != layout.nfft[i];
    passes_ = std::move(passes);
}

template <Scalar R>
    requires(!is_complex<R>)
void RealFourierTransform<R>::forward(const Array<R>& x, Array<C>& y) const {
    if (passes_->pads) y.fill(C{});  // the lines that the first pass does not write
    const R interior = passes_->isometric ? std::numbers::sqrt2_v<R> : R{1};
    passes_->into.forward(x.data(), passes_->samples, y.data(), passes_->scale, interior);
    for (const auto& p : passes_->others)
        p.into.forward(y.data(), p.samples, y.data(), p.spectrum, R{1});
}

template <Scalar R>
    requires(!is_complex<R>)
void RealFourierTransform<R>::adjoint(const Array<C>& y, Array<R>& x) const {
    // The inverse counts an interior frequency twice, its transpose once.
    const R interior = passes_->isometric ? std::numbers::sqrt2_v<R> / 2 : R{1} / 2;
    real_backward(*passes_, this->range(), y, x, passes_->scale, interior);
}

template <Scalar R>
    requires(!is_complex<R>)
Array<R> RealFourierTransform<R>::inverse(const Array<C>& y) const {
    detail::check_range(*this, y);
    auto x = this->domain().uninitialized();
    inverse(y, x);
    return x;
}

template <Scalar R>
    requires(!is_complex<R>)
void RealFourierTransform<R>::inverse(const Array<C>& y, Array<R>& x) const {
    const R interior = passes_->isometric ? std::numbers::sqrt2_v<R> / 2 : R{1};
    real_backward(*passes_, this->range(), y, x, passes_->inverse_scale, interior);
}

std::vector<double> fourier_frequencies(index_t n, double interval) {
    std::vector<double> f;
    for (index_t k = 0; k < n; ++k)
        f.push_back(static_cast<double>(2 * k < n ? k : k - n) /
                    (static_cast<double>(n) * interval));
    return f;
}

std::vector<double> real_fourier_frequencies(index_t n, double interval) {
    std::vector<double> f;
    for (index_t k = 0; 2 * k <= n; ++k)
        f.push_back(static_cast<double>(k) / (static_cast<double>(n) * interval));
    return f;
}

template class FourierTransform<std::complex<float>>;
template class FourierTransform<std::complex<double>>;
template class RealFourierTransform<float>;
template class RealFourierTransform<double>;

}  // namespace lop
