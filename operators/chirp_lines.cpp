/// Chirps, their tables, and the convolution between them.
#include "operators/chirp_lines.hpp"

#include <cmath>
#include <numbers>

namespace lop::fft {
namespace {

/// exp(2 pi i cycles); whole cycles are taken off before the multiplication with pi.
std::complex<double> phase(double cycles) {
    return std::polar(1.0, 2 * std::numbers::pi * std::remainder(cycles, 1.0));
}

template <class R> std::complex<R> rounded(const std::complex<double>& value) {
    return {static_cast<R>(value.real()), static_cast<R>(value.imag())};
}

template <bool Conjugated, class C> C times(const C& table, const C& value) {
    return lop::times(Conjugated ? std::conj(table) : table, value);
}

}  // namespace

/// One end of a kernel: values along the axis, and the chirp of each at every frequency.
template <class R> struct ChirpLines<R>::Side {
    index_t count = 0;
    std::vector<C> chirp{};  // [count x frequencies]
};

template <class R> struct ChirpLines<R>::Tables {
    index_t frequencies;
    Side model;
    Side traces;
    std::vector<C> spectrum;  // of w over n: [frequencies x n]

    Tables(const ChirpKernel& kernel, index_t n)
        : frequencies{static_cast<index_t>(kernel.frequencies.size())},
          model{kernel.p.count},
          traces{kernel.x.count} {
        // a(q) = exp(-2 pi i f (x_0 dp q + dp dx q^2 / 2)), b(j) the same with p_0 dx, and p_0 x_0
        fill(model, kernel, kernel.x.start * kernel.p.step, 0);
        fill(traces, kernel, kernel.p.start * kernel.x.step, kernel.p.start * kernel.x.start);
        fill_spectrum(kernel, n);
    }

 private:
    static void fill(Side& side, const ChirpKernel& kernel, double linear, double constant) {
        const double square = 0.5 * kernel.p.step * kernel.x.step;
        for (index_t i = 0; i < side.count; ++i) {
            const auto at = static_cast<double>(i);
            for (const double f : kernel.frequencies)
                side.chirp.push_back(
                    rounded<R>(phase(-f * (constant + linear * at + square * at * at))));
        }
    }
    void fill_spectrum(const ChirpKernel& kernel, index_t n) {
        const Transform<double> transform{n};
        Buffer<std::complex<double>, Host> line{n};
        const double square = 0.5 * kernel.p.step * kernel.x.step;
        for (const double f : kernel.frequencies) {
            std::fill_n(line.data(), n, std::complex<double>{});
            for (index_t lag = 1 - model.count; lag < traces.count; ++lag) {
                const auto l = static_cast<double>(lag);
                line.data()[(lag + n) % n] = phase(f * square * l * l);
            }
            transform.forward(line.data());
            const double gain = kernel.filtered ? std::abs(2 * f * square) : 1;
            for (index_t k = 0; k < n; ++k)
                spectrum.push_back(rounded<R>(gain / static_cast<double>(n) * line.data()[k]));
        }
    }
};

template <class R> ChirpLines<R>::ChirpLines(const Shape& model, const Shape& traces, int axis,
                                             const ChirpKernel& kernel)
    : fft_{fast_length(kernel.p.count + kernel.x.count - 1)},
      spread_{model, traces, axis},
      stack_{traces, model, axis},
      tables_{std::make_shared<const Tables>(kernel, fft_.size())},
      scratch_{aligned_count<C>(fft_.size()) * std::max(spread_.width(), stack_.width())} {}

template <class R> template <bool Adjoint>
void ChirpLines<R>::pass(const LinePairs& lines, const Side& in, const C* from, const Side& out,
                         C* to) const {
    const index_t n = fft_.size();
    const index_t pitch = aligned_count<C>(n);
    const index_t frequencies = tables_->frequencies;
    auto scratch = scratch_.take();
    lines.over([&](index_t at, index_t goal, index_t count) {
        C* values = scratch.mine();
        // Neighbouring lines have neighbouring frequencies, from the first again after the last.
        const index_t first = at % frequencies;
        const auto after = [=](index_t k) { return k + 1 == frequencies ? 0 : k + 1; };
        for (index_t i = 0; i < in.count; ++i) {
            const C* row = from + at + i * lines.from_stride();
            const C* chirp = in.chirp.data() + i * frequencies;
            for (index_t c = 0, k = first; c < count; ++c, k = after(k))
                values[c * pitch + i] = times<Adjoint>(chirp[k], row[c]);
        }
        for (index_t c = 0, k = first; c < count; ++c, k = after(k)) {
            C* line = values + c * pitch;
            const C* w = tables_->spectrum.data() + k * n;
            std::fill(line + in.count, line + n, C{});
            fft_.forward(line);
            for (index_t i = 0; i < n; ++i) line[i] = times<Adjoint>(w[i], line[i]);
            fft_.backward(line);
        }
        for (index_t i = 0; i < out.count; ++i) {
            C* row = to + goal + i * lines.to_stride();
            const C* chirp = out.chirp.data() + i * frequencies;
            for (index_t c = 0, k = first; c < count; ++c, k = after(k))
                row[c] = times<Adjoint>(chirp[k], values[c * pitch + i]);
        }
    });
}

template <class R> void ChirpLines<R>::spread(const C* model, C* traces) const {
    pass<false>(spread_, tables_->model, model, tables_->traces, traces);
}

template <class R> void ChirpLines<R>::stack(const C* traces, C* model) const {
    pass<true>(stack_, tables_->traces, traces, tables_->model, model);
}

template class ChirpLines<float>;
template class ChirpLines<double>;

}  // namespace lop::fft
