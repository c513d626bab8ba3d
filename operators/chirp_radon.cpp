/// Radon transforms by chirps: into frequency, one pass an axis of traces, and back.
#include <lop/operators/chirp_radon.hpp>

#include "operators/chirp_lines.hpp"
#include "operators/lines.hpp"
#include <lop/core/error.hpp>
#include <lop/operators/fourier.hpp>

#include <cmath>
#include <type_traits>

namespace lop {
namespace {

using Axes = std::vector<RegularAxis>;
using Pair = std::array<RegularAxis, 2>;

void check_axes(const std::string& name, const char* what, const Axes& axes) {
    for (const RegularAxis& axis : axes)
        if (axis.count < 1 || !std::isfinite(axis.step) || !std::isfinite(axis.start))
            throw ArgumentError{name + " of " + std::to_string(axis.count) + " " + what + " from " +
                                    number_words(axis.start) + " in steps of " +
                                    number_words(axis.step),
                                {.expected = "at least one, and finite numbers"}};
}

Shape shape_of(const Axes& axes, index_t samples) {
    return axes.size() == 1 ? Shape{axes[0].count, samples}
                            : Shape{axes[0].count, axes[1].count, samples};
}

template <Scalar T> ArraySpace<T> model_space(const TimeAxis& time, const Axes& slownesses) {
    return {"model", shape_of(slownesses, time.samples)};
}
template <Scalar T> ArraySpace<T> trace_space(const TimeAxis& time, const Axes& offsets) {
    return {"traces", shape_of(offsets, time.samples)};
}

Axes list(const Pair& pair) { return {pair[0], pair[1]}; }

/// The transform of the last axis that keeps T's spectra smallest; unscaled, its inverse scaled.
template <Scalar T, bool Complex = is_complex<T>> struct TimeTransform {
    using Type = FourierTransform<T>;
    static Type make(const Shape& shape, index_t n) {
        return Type{shape, {.nfft = {n}, .norm = FourierNorm::none}};
    }
    static std::vector<double> frequencies(index_t n, double dt) {
        return fourier_frequencies(n, dt);
    }
};
template <Scalar T> struct TimeTransform<T, false> {
    using Type = RealFourierTransform<T>;
    static Type make(const Shape& shape, index_t n) {
        return Type{shape, {.nfft = {n}, .norm = FourierNorm::none, .isometric = false}};
    }
    static std::vector<double> frequencies(index_t n, double dt) {
        return real_fourier_frequencies(n, dt);
    }
};

}  // namespace

namespace fft {

/// d = P' F^-1 E F P m with E the kernels along the axes, P the padding of time and F its transform.
/// Since F^-1 is a multiple of F', the transpose is P' F^-1 E' F P; of real traces the real part of E
/// alone enters at Nyquist, in both.
template <Scalar T> class ChirpRadonPasses {
 public:
    using R = Real<T>;
    using C = std::complex<R>;

    static std::shared_ptr<const ChirpRadonPasses> make(const std::string& name,
                                                        const TimeAxis& time, const Axes& offsets,
                                                        const Axes& slownesses,
                                                        const ChirpRadonOptions& options,
                                                        bool filtered = false) {
        check_time_axis(name, time);
        check_axes(name, "offsets", offsets);
        check_axes(name, "slownesses", slownesses);
        const Shape shape = shape_of(offsets, time.samples);
        const index_t n = checked_length(name, shape, shape.rank() - 1, options.nfft);
        return std::make_shared<const ChirpRadonPasses>(time, offsets, slownesses, n, filtered);
    }

    ChirpRadonPasses(const TimeAxis& time, const Axes& offsets, const Axes& slownesses, index_t n,
                     bool filtered)
        : model_{TimeTransform<T>::make(shape_of(slownesses, time.samples), n)},
          traces_{TimeTransform<T>::make(shape_of(offsets, time.samples), n)},
          between_{"spectrum", model_.range().shape().with(last_axis(offsets),
                                                           offsets[offsets.size() - 1].count)} {
        const auto frequencies = TimeTransform<T>::frequencies(n, time.interval);
        const auto kernel = [&](std::size_t axis) {
            return ChirpKernel{slownesses[axis], offsets[axis], frequencies, filtered};
        };
        const std::size_t last = offsets.size() - 1;
        lines_.emplace_back(model_.range().shape(), between_.shape(), last_axis(offsets),
                            kernel(last));
        if (last == 1) lines_.emplace_back(between_.shape(), traces_.range().shape(), 0, kernel(0));
    }

    void spread(const Array<T>& m, Array<T>& d) const {
        auto model = model_.range().scratch();
        auto traces = traces_.range().scratch();
        model_.forward(m, *model);
        if (lines_.size() == 1) {
            lines_[0].spread(model->data(), traces->data());
        } else {
            auto t = between_.scratch();
            lines_[0].spread(model->data(), t->data());
            lines_[1].spread(t->data(), traces->data());
        }
        traces_.inverse(*traces, d);
    }
    void stack(const Array<T>& d, Array<T>& m) const {
        auto model = model_.range().scratch();
        auto traces = traces_.range().scratch();
        traces_.forward(d, *traces);
        if (lines_.size() == 1) {
            lines_[0].stack(traces->data(), model->data());
        } else {
            auto t = between_.scratch();
            lines_[1].stack(traces->data(), t->data());
            lines_[0].stack(t->data(), model->data());
        }
        model_.inverse(*model, m);
    }

 private:
    static int last_axis(const Axes& axes) { return static_cast<int>(axes.size()) - 1; }

    using Transform = typename TimeTransform<T>::Type;
    Transform model_;
    Transform traces_;
    ArraySpace<C> between_;  // traces along the last axis of offsets, slownesses along the first
    std::vector<ChirpLines<R>> lines_;
};

}  // namespace fft

template <Scalar T> ChirpRadon2D<T>::ChirpRadon2D(const TimeAxis& time, const RegularAxis& offsets,
                                                  const RegularAxis& slownesses,
                                                  const ChirpRadonOptions& options)
    : Operator<ChirpRadon2D, ArraySpace<T>>{model_space<T>(time, {slownesses}),
                                            trace_space<T>(time, {offsets})},
      passes_{
          fft::ChirpRadonPasses<T>::make("ChirpRadon2D", time, {offsets}, {slownesses}, options)} {}

template <Scalar T>
ChirpRadon3D<T>::ChirpRadon3D(const TimeAxis& time, const Pair& offsets, const Pair& slownesses,
                              const ChirpRadonOptions& options)
    : Operator<ChirpRadon3D, ArraySpace<T>>{model_space<T>(time, list(slownesses)),
                                            trace_space<T>(time, list(offsets))},
      passes_{fft::ChirpRadonPasses<T>::make("ChirpRadon3D", time, list(offsets), list(slownesses),
                                             options)} {}

template <Scalar T> ApproximateInverseChirpRadon2D<T>::ApproximateInverseChirpRadon2D(
    const TimeAxis& time, const RegularAxis& offsets, const RegularAxis& slownesses,
    const ChirpRadonOptions& options)
    : Operator<ApproximateInverseChirpRadon2D, ArraySpace<T>>{trace_space<T>(time, {offsets}),
                                                              model_space<T>(time, {slownesses})},
      passes_{fft::ChirpRadonPasses<T>::make("ApproximateInverseChirpRadon2D", time, {offsets},
                                             {slownesses}, options, true)} {}

template <Scalar T> ApproximateInverseChirpRadon3D<T>::ApproximateInverseChirpRadon3D(
    const TimeAxis& time, const Pair& offsets, const Pair& slownesses,
    const ChirpRadonOptions& options)
    : Operator<ApproximateInverseChirpRadon3D, ArraySpace<T>>{trace_space<T>(time, list(offsets)),
                                                              model_space<T>(time,
                                                                             list(slownesses))},
      passes_{fft::ChirpRadonPasses<T>::make("ApproximateInverseChirpRadon3D", time, list(offsets),
                                             list(slownesses), options, true)} {}

template <Scalar T> void ChirpRadon2D<T>::forward(const Array<T>& x, Array<T>& y) const {
    passes_->spread(x, y);
}
template <Scalar T> void ChirpRadon2D<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    passes_->stack(y, x);
}
template <Scalar T> void ChirpRadon3D<T>::forward(const Array<T>& x, Array<T>& y) const {
    passes_->spread(x, y);
}
template <Scalar T> void ChirpRadon3D<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    passes_->stack(y, x);
}
template <Scalar T>
void ApproximateInverseChirpRadon2D<T>::forward(const Array<T>& x, Array<T>& y) const {
    passes_->stack(x, y);
}
template <Scalar T>
void ApproximateInverseChirpRadon2D<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    passes_->spread(y, x);
}
template <Scalar T>
void ApproximateInverseChirpRadon3D<T>::forward(const Array<T>& x, Array<T>& y) const {
    passes_->stack(x, y);
}
template <Scalar T>
void ApproximateInverseChirpRadon3D<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    passes_->spread(y, x);
}

template class ChirpRadon2D<float>;
template class ChirpRadon2D<double>;
template class ChirpRadon2D<std::complex<float>>;
template class ChirpRadon2D<std::complex<double>>;
template class ChirpRadon3D<float>;
template class ChirpRadon3D<double>;
template class ChirpRadon3D<std::complex<float>>;
template class ChirpRadon3D<std::complex<double>>;
template class ApproximateInverseChirpRadon2D<float>;
template class ApproximateInverseChirpRadon2D<double>;
template class ApproximateInverseChirpRadon2D<std::complex<float>>;
template class ApproximateInverseChirpRadon2D<std::complex<double>>;
template class ApproximateInverseChirpRadon3D<float>;
template class ApproximateInverseChirpRadon3D<double>;
template class ApproximateInverseChirpRadon3D<std::complex<float>>;
template class ApproximateInverseChirpRadon3D<std::complex<double>>;

}  // namespace lop
