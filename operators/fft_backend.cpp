/// The two bodies of the Fourier transforms of lines.
#include "operators/fft_backend.hpp"

#include <lop/core/buffer.hpp>

#include <map>
#include <mutex>

#ifdef LOP_HAVE_FFTW
#include <fftw3.h>
#else
#include <lop/core/parallel.hpp>
#include <lop/core/scratch.hpp>

#include <unsupported/Eigen/FFT>
#endif

namespace lop::fft {

#ifdef LOP_HAVE_FFTW

namespace {

/// FFTW's names for one precision.
template <class R> struct Fftw;
template <> struct Fftw<double> {
    using Plan = fftw_plan;
    using Complex = fftw_complex;
    static constexpr auto complex = fftw_plan_dft_1d;
    static constexpr auto to_half = fftw_plan_dft_r2c_1d;
    static constexpr auto from_half = fftw_plan_dft_c2r_1d;
    static constexpr auto run = fftw_execute_dft;
    static constexpr auto run_to_half = fftw_execute_dft_r2c;
    static constexpr auto run_from_half = fftw_execute_dft_c2r;
    static constexpr auto destroy = fftw_destroy_plan;
};
template <> struct Fftw<float> {
    using Plan = fftwf_plan;
    using Complex = fftwf_complex;
    static constexpr auto complex = fftwf_plan_dft_1d;
    static constexpr auto to_half = fftwf_plan_dft_r2c_1d;
    static constexpr auto from_half = fftwf_plan_dft_c2r_1d;
    static constexpr auto run = fftwf_execute_dft;
    static constexpr auto run_to_half = fftwf_execute_dft_r2c;
    static constexpr auto run_from_half = fftwf_execute_dft_c2r;
    static constexpr auto destroy = fftwf_destroy_plan;
};

/// FFTW's planner, alone of its functions, is not thread-safe.
std::mutex& planner() {
    static std::mutex mutex;
    return mutex;
}

template <class R> typename Fftw<R>::Complex* raw(std::complex<R>* values) {
    return reinterpret_cast<typename Fftw<R>::Complex*>(values);
}

}  // namespace

template <class R> struct Transform<R>::Plans {
    using F = Fftw<R>;
    explicit Plans(index_t length) {
        const std::scoped_lock lock{planner()};
        const int n = static_cast<int>(length);
        // Planning by estimate reads no values, only the alignment of the addresses.
        Buffer<std::complex<R>, Host> spectrum{length};
        Buffer<R, Host> line{length};
        auto* y = raw(spectrum.data());
        forward = F::complex(n, y, y, FFTW_FORWARD, FFTW_ESTIMATE);
        backward = F::complex(n, y, y, FFTW_BACKWARD, FFTW_ESTIMATE);
        to_half = F::to_half(n, line.data(), y, FFTW_ESTIMATE | FFTW_PRESERVE_INPUT);
        from_half = F::from_half(n, y, line.data(), FFTW_ESTIMATE | FFTW_DESTROY_INPUT);
    }
    ~Plans() {
        const std::scoped_lock lock{planner()};
        for (auto plan : {forward, backward, to_half, from_half}) F::destroy(plan);
    }
    Plans(const Plans&) = delete;
    Plans& operator=(const Plans&) = delete;

    typename F::Plan forward, backward, to_half, from_half;
};

template <class R> void Transform<R>::forward(std::complex<R>* line) const {
    Fftw<R>::run(plans_->forward, raw(line), raw(line));
}
template <class R> void Transform<R>::backward(std::complex<R>* line) const {
    Fftw<R>::run(plans_->backward, raw(line), raw(line));
}
template <class R> void Transform<R>::forward(const R* x, std::complex<R>* y) const {
    Fftw<R>::run_to_half(plans_->to_half, const_cast<R*>(x), raw(y));
}
template <class R> void Transform<R>::backward(std::complex<R>* y, R* x) const {
    y[0].imag(0);
    if (n_ % 2 == 0) y[n_ / 2].imag(0);
    Fftw<R>::run_from_half(plans_->from_half, raw(y), x);
}

const char* backend_name() { return "FFTW"; }

#else

/// kissfft writes into its own temporaries: each thread takes an engine of its own.
template <class R> struct Transform<R>::Plans {
    struct Engine {
        explicit Engine(index_t n) : line(static_cast<std::size_t>(n)) {
            fft.SetFlag(Eigen::FFT<R>::HalfSpectrum);
            fft.SetFlag(Eigen::FFT<R>::Unscaled);
            // Makes the plans and temporaries of every kind of transform.
            std::vector<std::complex<R>> y(line.size());
            std::vector<R> x(line.size());
            fft.fwd(line.data(), y.data(), n);
            fft.inv(line.data(), y.data(), n);
            fft.fwd(y.data(), x.data(), n);
            fft.inv(x.data(), y.data(), n);
        }
        Eigen::FFT<R> fft;
        std::vector<std::complex<R>> line;
    };
    explicit Plans(index_t length) : n{length}, engines{std::make_shared<ScratchPool<Engine>>()} {
        if (n == 1) return;  // kissfft has no plan for the identity
        for (int t = thread_count(); t > 0; --t) engines->give_back(std::make_unique<Engine>(n));
    }
    Scratch<Engine> engine() const {
        return {engines, [this] { return Engine{n}; }};
    }
    index_t n;
    std::shared_ptr<ScratchPool<Engine>> engines;
};

template <class R> void Transform<R>::forward(std::complex<R>* line) const {
    if (n_ == 1) return;
    auto engine = plans_->engine();
    engine->fft.fwd(engine->line.data(), line, n_);
    std::copy(engine->line.begin(), engine->line.end(), line);
}
template <class R> void Transform<R>::backward(std::complex<R>* line) const {
    if (n_ == 1) return;
    auto engine = plans_->engine();
    engine->fft.inv(engine->line.data(), line, n_);
    std::copy(engine->line.begin(), engine->line.end(), line);
}
template <class R> void Transform<R>::forward(const R* x, std::complex<R>* y) const {
    if (n_ == 1) {
        y[0] = x[0];
        return;
    }
    auto engine = plans_->engine();
    // A real line of another length than a multiple of four is written in full.
    engine->fft.fwd(engine->line.data(), x, n_);
    std::copy_n(engine->line.begin(), half(), y);
}
template <class R> void Transform<R>::backward(std::complex<R>* y, R* x) const {
    if (n_ == 1) {
        x[0] = y[0].real();
        return;
    }
    y[0].imag(0);
    if (n_ % 2 == 0) y[n_ / 2].imag(0);
    plans_->engine()->fft.inv(x, y, n_);
}

const char* backend_name() { return "kissfft"; }

#endif

namespace {

/// The plans of one length, made by whoever needs them first and kept while anybody does.
template <class R> std::shared_ptr<const typename Transform<R>::Plans> shared_plans(index_t n) {
    using Plans = typename Transform<R>::Plans;
    static std::mutex mutex;
    static std::map<index_t, std::weak_ptr<const Plans>> known;
    const std::scoped_lock lock{mutex};
    if (auto plans = known[n].lock()) return plans;
    auto plans = std::make_shared<const Plans>(n);
    known[n] = plans;
    return plans;
}

}  // namespace

template <class R> Transform<R>::Transform(index_t n) : n_{n}, plans_{shared_plans<R>(n)} {}

index_t fast_length(index_t n) {
    for (;; ++n) {
        index_t rest = n;
        for (const index_t p : {2, 3, 5})
            while (rest % p == 0) rest /= p;
        if (rest == 1) return n;
    }
}

template class Transform<float>;
template class Transform<double>;

}  // namespace lop::fft
