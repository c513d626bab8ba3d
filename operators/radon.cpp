/// Curves of the Radon transform, followed on the fly: nothing of their size is stored.
#include <lop/operators/radon.hpp>

#include "operators/lines.hpp"
#include <lop/core/error.hpp>

#include <algorithm>
#include <cmath>

namespace lop {

template <Scalar T> struct Radon<T>::Curves {
    using R = Real<T>;
    TimeAxis time;
    std::vector<double> offsets;
    std::vector<double> parameters;
    RadonCurve curve = RadonCurve::linear;

    /// Calls work(i, j, w): sample i of (p, .) lies between samples j and j + 1 of (x, .), at j + w.
    template <class Work> void follow(std::size_t p, std::size_t x, const Work& work) const {
        const double dt = time.interval;
        const double start = time.start / dt;
        const auto last = static_cast<double>(time.samples - 1);
        const double parameter = parameters[p];
        const double offset = offsets[x];
        const double moveout = curve == RadonCurve::linear ? parameter * offset / dt
                               : curve == RadonCurve::parabolic
                                   ? parameter * offset * offset / dt
                                   : offset * offset / (parameter * parameter * dt * dt);
        for (index_t i = 0; i < time.samples; ++i) {
            double at = static_cast<double>(i);
            if (curve == RadonCurve::hyperbolic)
                at = std::sqrt((at + start) * (at + start) + moveout) - start;
            else at += moveout;
            if (!(at >= 0 && at <= last)) continue;
            const auto j = static_cast<index_t>(at);
            work(i, j, static_cast<R>(at - static_cast<double>(j)));
        }
    }
    /// Whether the team of threads is worth waking.
    bool large() const {
        return static_cast<index_t>(offsets.size() * parameters.size()) * time.samples >=
               parallel_threshold;
    }
};

namespace {

void check_finite(const char* what, const std::vector<double>& values, bool positive) {
    if (values.empty())
        throw ArgumentError{std::string{"Radon without "} + what, {.expected = "at least one"}};
    for (const double value : values)
        if (!std::isfinite(value) || (positive && !(value > 0)))
            throw ArgumentError{std::string{"Radon: "} + number_words(value) + " among the " + what,
                                {.expected = positive ? "positive velocities" : "finite numbers"}};
}

}  // namespace

template <Scalar T> Radon<T>::Radon(const TimeAxis& time, std::vector<double> offsets,
                                    std::vector<double> parameters, const RadonOptions& options)
    : Operator<Radon, ArraySpace<T>>{
          {"model", {static_cast<index_t>(parameters.size()), time.samples}},
          {"traces", {static_cast<index_t>(offsets.size()), time.samples}}} {
    check_time_axis("Radon", time);
    check_finite("offsets", offsets, false);
    check_finite("parameters", parameters, options.curve == RadonCurve::hyperbolic);
    curves_ = std::make_shared<const Curves>(
        Curves{time, std::move(offsets), std::move(parameters), options.curve});
}

template <Scalar T> void Radon<T>::forward(const Array<T>& x, Array<T>& y) const {
    const Curves& c = *curves_;
    const index_t n = c.time.samples;
    const auto traces = static_cast<index_t>(c.offsets.size());
#pragma omp parallel for schedule(static) if (c.large())
    for (index_t o = 0; o < traces; ++o) {
        T* trace = y.data() + o * n;
        std::fill_n(trace, n, T{});
        for (std::size_t p = 0; p < c.parameters.size(); ++p) {
            const T* model = x.data() + static_cast<index_t>(p) * n;
            c.follow(p, static_cast<std::size_t>(o), [=](index_t i, index_t j, Real<T> w) {
                trace[j] += (1 - w) * model[i];
                if (w > 0) trace[j + 1] += w * model[i];
            });
        }
    }
}

template <Scalar T> void Radon<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    const Curves& c = *curves_;
    const index_t n = c.time.samples;
    const auto parameters = static_cast<index_t>(c.parameters.size());
#pragma omp parallel for schedule(static) if (c.large())
    for (index_t p = 0; p < parameters; ++p) {
        T* model = x.data() + p * n;
        std::fill_n(model, n, T{});
        for (std::size_t o = 0; o < c.offsets.size(); ++o) {
            const T* trace = y.data() + static_cast<index_t>(o) * n;
            c.follow(static_cast<std::size_t>(p), o, [=](index_t i, index_t j, Real<T> w) {
                model[i] += (1 - w) * trace[j];
                if (w > 0) model[i] += w * trace[j + 1];
            });
        }
    }
}

template class Radon<float>;
template class Radon<double>;
template class Radon<std::complex<float>>;
template class Radon<std::complex<double>>;

}  // namespace lop
