/// The kernels of Kirchhoff: places of all arrivals tile by tile, then their sums.
#include <lop/operators/kirchhoff.hpp>

#include "operators/lines.hpp"
#include <lop/core/error.hpp>
#include <lop/core/parallel.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <limits>

namespace lop {
namespace {

/// Places of an image that are worked on together: what is kept for them stays in the first cache.
constexpr index_t tile = 128;
/// Traces that are worked on together. Adjacent places of an image often fall on the same sample: a
/// sum waits for the one before, while those of other traces go on.
constexpr int together = 4;
/// Values of a trace before its samples, which take what leaves the axis, and after them.
constexpr index_t before = 2;
constexpr index_t places_beside = before + 1;

/// Two neighbours as one register.
template <class T> struct Pair {
    using Vector [[gnu::vector_size(2 * sizeof(T))]] = T;
    static Vector load(const T* from) {
        Vector v;
        std::memcpy(&v, from, sizeof v);
        return v;
    }
    static void store(const Vector& v, T* to) { std::memcpy(to, &v, sizeof v); }
};

/// Where the arrivals of a tile fall in one trace: on samples `cell` and cell + 1, times their weights.
template <class T> struct Arrivals {
    alignas(64) std::array<std::int32_t, tile> cell;
    alignas(64) std::array<T, 2 * tile> weights;
};
template <class T> using ManyArrivals = std::array<Arrivals<T>, together>;

/// base: the places of the source's times; factor(i): of both weights. Both directions call this one,
/// so that they have the same weights to the bit.
template <class T, class Clock, class Factor>
void place(const T* base, const T* times, index_t count, const Clock& clock, const Factor& factor,
           Arrivals<T>& a) {
    std::int32_t* cell = a.cell.data();
    T* weights = a.weights.data();
    const T first = clock.first, last = clock.last, outside = clock.outside;
    const T per_second = clock.per_second;
#pragma omp simd
    for (index_t i = 0; i < count; ++i) {
        const T sum = base[i] + times[i] * per_second;
        const bool inside = (sum >= first) & (sum <= last);  // no branch
        const T at = inside ? sum : outside;
        const auto whole = static_cast<std::int32_t>(at);
        const T part = at - static_cast<T>(whole);
        const T f = factor(i);
        cell[i] = whole;
        weights[2 * i] = (1 - part) * f;
        weights[2 * i + 1] = part * f;
    }
}

/// Adds every arrival to the pair of sums of its sample: what falls on it, and what on the next one.
/// Apart, they are one load and one store, and never half of what has just been stored.
template <int N, class T>
void scatter(const ManyArrivals<T>& arrivals, index_t count, const std::array<T*, together>& sums) {
    for (index_t i = 0; i < count; ++i)
        for (std::size_t k = 0; k < N; ++k) {
            const Arrivals<T>& a = arrivals[k];
            T* sum = sums[k] + 2 * a.cell[static_cast<std::size_t>(i)];
            Pair<T>::store(Pair<T>::load(sum) + Pair<T>::load(a.weights.data() + 2 * i), sum);
        }
}

/// Reads every trace at its arrivals, and adds their two parts to the pairs of sums of the tile.
template <int N, class T>
void gather(const ManyArrivals<T>& arrivals, index_t count,
            const std::array<const T*, together>& traces, T* sums) {
    for (index_t i = 0; i < count; ++i) {
        auto sum = Pair<T>::load(sums + 2 * i);
        for (std::size_t k = 0; k < N; ++k) {
            const Arrivals<T>& a = arrivals[k];
            sum += Pair<T>::load(a.weights.data() + 2 * i) *
                   Pair<T>::load(traces[k] + a.cell[static_cast<std::size_t>(i)]);
        }
        Pair<T>::store(sum, sums + 2 * i);
    }
}

/// work(N) with the number of traces as a constant.
template <class Work> void with_traces(index_t count, const Work& work) {
    switch (count) {
        case 1: return work(std::integral_constant<int, 1>{});
        case 2: return work(std::integral_constant<int, 2>{});
        case 3: return work(std::integral_constant<int, 3>{});
        default: return work(std::integral_constant<int, together>{});
    }
}

/// What one thread needs for a tile: about 14 kB in double.
template <class T> struct Workspace {
    std::array<T, tile> base;      // places of the source's times
    std::array<T, tile> weighted;  // the image times the source's amplitudes
    std::array<T, 2 * tile> sums;
    ManyArrivals<T> arrivals;
};

template <class T, class Clock>
void place_source(const T* times, index_t count, const Clock& clock, T* base) {
    const T per_second = clock.per_second, shift = clock.shift;
#pragma omp simd
    for (index_t i = 0; i < count; ++i) base[i] = times[i] * per_second + shift;
}

/// work(i -> model[i] a[i]), null being ones.
template <class T, class Work> void with_factor(const T* model, const T* a, const Work& work) {
    if (model && a) work([=](index_t i) { return a[i] * model[i]; });
    else if (model) work([=](index_t i) { return model[i]; });
    else if (a) work([=](index_t i) { return a[i]; });
    else work([](index_t) { return T(1); });
}

/// The arrivals of `count` places of the image from `begin` on in the traces of N receivers.
template <int N, class T, class Clock>
void place_receivers(const TravelTimes<T>& receivers, index_t first, index_t begin, index_t count,
                     const Clock& clock, const T* model, Workspace<T>& w) {
    for (int k = 0; k < N; ++k) {
        const T* a = receivers.amplitudes(first + k);
        with_factor(model, a ? a + begin : nullptr, [&](const auto& factor) {
            place(w.base.data(), receivers.times(first + k) + begin, count, clock, factor,
                  w.arrivals[static_cast<std::size_t>(k)]);
        });
    }
}

/// The image times the amplitudes of the source, which may be none.
template <class T>
const T* weighted(const T* image, const T* amplitudes, index_t count, Workspace<T>& w) {
    if (!amplitudes) return image;
    T* product = w.weighted.data();
#pragma omp simd
    for (index_t i = 0; i < count; ++i) product[i] = amplitudes[i] * image[i];
    return product;
}

/// The traces, `row` values apart, of N receivers from `first` on.
template <int N, class T> std::array<T*, together> rows_of(T* traces, index_t first, index_t row) {
    std::array<T*, together> rows{};
    for (int k = 0; k < N; ++k) rows[static_cast<std::size_t>(k)] = traces + (first + k) * row;
    return rows;
}

/// How far, in samples, rounding may move an arrival off the ends of the axis and it still counts. Throws
/// ArgumentError where T cannot tell times an eighth of a sample apart.
template <class T> T slack(const TimeAxis& time) {
    constexpr double of_one = 8 * static_cast<double>(std::numeric_limits<T>::epsilon());
    const double largest =
        static_cast<double>(time.samples + before) + std::abs(time.start / time.interval);
    if (of_one * largest > 1)
        throw ArgumentError{"Kirchhoff on " + time.str() + ": samples so far from time 0",
                            {.expected = "at most " + number_words(1 / of_one) +
                                         " of them, which the scalar tells apart to an eighth",
                             .found = number_words(largest),
                             .remedy = "double precision, or times counted from later on"}};
    return static_cast<T>(std::min(of_one * largest, 0.5));
}

template <class T> Shape traces_of(const TravelTimes<T>& sources, const TravelTimes<T>& receivers,
                                   const TimeAxis& time) {
    return {sources.points(), receivers.points(), time.samples};
}

}  // namespace

template <Scalar T>
    requires(!is_complex<T>)
Kirchhoff<T>::Kirchhoff(const TravelTimes<T>& sources, const TravelTimes<T>& receivers,
                        const TimeAxis& time, const KirchhoffOptions<T>& options)
    : Kirchhoff{sources, receivers, time, options, traces_of(sources, receivers, time)} {}

template <Scalar T>
    requires(!is_complex<T>)
Kirchhoff<T>::Kirchhoff(const TravelTimes<T>& sources, const TravelTimes<T>& receivers,
                        const TimeAxis& time, const KirchhoffOptions<T>& options,
                        const Shape& traces)
    : Operator<Kirchhoff, ArraySpace<T>>{{"image", sources.image()}, {"traces", traces}},
      sources_{sources},
      receivers_{receivers},
      time_{time},
      options_{options},
      sums_{"sums",
            {sources.points() * receivers.points(),
             std::max<index_t>(time.samples, 0) + places_beside, 2}} {
    check_time_axis("Kirchhoff", time);
    if (!(receivers.image() == sources.image()))
        throw ArgumentError{
            "Kirchhoff: times of sources and receivers",
            {.expected = "one image, " + sources.image().str(), .found = receivers.image().str()}};
    const double start = static_cast<double>(before) - time.start / time.interval;
    clock_ = {.per_second = static_cast<T>(1 / time.interval),
              .shift = static_cast<T>(start),
              .first = static_cast<T>(before) - slack<T>(time),
              .last = static_cast<T>(time.samples - 1 + before) + slack<T>(time),
              .outside = 0};
    if (options.wavelet.empty()) return;
    const auto taps = static_cast<index_t>(options.wavelet.size());
    if (options.center < 0 || options.center >= taps)
        throw ArgumentError{
            "Kirchhoff: the wavelet's center",
            {.expected = "an index of the wavelet, 0 to " + std::to_string(taps - 1),
             .found = std::to_string(options.center)}};
    wavelet_.emplace(traces, options.wavelet, Convolution1DOptions{.offset = options.center});
}

template <Scalar T>
    requires(!is_complex<T>)
std::vector<Kirchhoff<T>> Kirchhoff<T>::shots() const {
    std::vector<Kirchhoff> list;
    for (index_t s = 0; s < sources_.points(); ++s) {
        if (s == 0)
            list.push_back(Kirchhoff{sources_.point(0), receivers_, time_, options_,
                                     Shape{receivers_.points(), time_.samples}});
        else {
            list.push_back(list.front());
            list.back().sources_ = sources_.point(s);
        }
    }
    return list;
}

template <Scalar T>
    requires(!is_complex<T>)
void Kirchhoff<T>::demigrate(const T* image, T* sums) const {
    const index_t size = sources_.image().size();
    const index_t row = 2 * (time_.samples + places_beside);
    const index_t receivers = receivers_.points();
    const index_t groups = (receivers + together - 1) / together;
    const auto group = [&](index_t s, index_t first, auto traces) {
        constexpr int n = traces;
        const auto to = rows_of<n>(sums + s * receivers * row, first, row);
        std::fill_n(to[0], n * row, T{});
        Workspace<T> w;
        for (index_t begin = 0; begin < size; begin += tile) {
            const index_t count = std::min(tile, size - begin);
            place_source(sources_.times(s) + begin, count, clock_, w.base.data());
            const T* a = sources_.amplitudes(s);
            const T* model = weighted(image + begin, a ? a + begin : a, count, w);
            place_receivers<n>(receivers_, first, begin, count, clock_, model, w);
            scatter<n>(w.arrivals, count, to);
        }
    };
    [[maybe_unused]] const bool threaded =
        size * sources_.points() * receivers >= parallel_threshold;
#pragma omp parallel for collapse(2) schedule(static) if (threaded)
    for (index_t s = 0; s < sources_.points(); ++s)
        for (index_t g = 0; g < groups; ++g)
            with_traces(receivers - g * together,
                        [&](auto traces) { group(s, g * together, traces); });
}

template <Scalar T>
    requires(!is_complex<T>)
void Kirchhoff<T>::migrate(const T* padded, T* image) const {
    const index_t size = sources_.image().size();
    const index_t row = time_.samples + places_beside;
    const index_t receivers = receivers_.points();
    const auto source = [&](index_t s, index_t begin, index_t count, Workspace<T>& w) {
        place_source(sources_.times(s) + begin, count, clock_, w.base.data());
        std::fill_n(w.sums.data(), 2 * count, T{});
        for (index_t first = 0; first < receivers; first += together)
            with_traces(receivers - first, [&](auto traces) {
                constexpr int n = traces;
                const T* ones = nullptr;
                place_receivers<n>(receivers_, first, begin, count, clock_, ones, w);
                gather<n>(w.arrivals, count, rows_of<n>(padded + s * receivers * row, first, row),
                          w.sums.data());
            });
        const T* a = sources_.amplitudes(s);
        const T* sums = w.sums.data();
        T* out = image + begin;
        with_factor<T>(nullptr, a ? a + begin : a, [=](const auto& factor) {
            for (index_t i = 0; i < count; ++i)
                out[i] += factor(i) * (sums[2 * i] + sums[2 * i + 1]);
        });
    };
    const index_t tiles = (size + tile - 1) / tile;
    [[maybe_unused]] const bool threaded =
        size * sources_.points() * receivers >= parallel_threshold;
#pragma omp parallel for schedule(static) if (threaded)
    for (index_t t = 0; t < tiles; ++t) {
        const index_t begin = t * tile;
        const index_t count = std::min(tile, size - begin);
        Workspace<T> w;
        std::fill_n(image + begin, count, T{});
        for (index_t s = 0; s < sources_.points(); ++s) source(s, begin, count, w);
    }
}

template <Scalar T>
    requires(!is_complex<T>)
void Kirchhoff<T>::forward(const Array<T>& x, Array<T>& y) const {
    const index_t n = time_.samples;
    const index_t pairs = sources_.points() * receivers_.points();
    auto sums = sums_.scratch();
    demigrate(x.data(), sums->data());
    const auto join = [&](Array<T>& traces) {
        over_lines({pairs, n, 1}, [&](index_t pair, index_t, index_t) {
            const T* sum = sums->data() + pair * 2 * (n + places_beside) + 2 * before;
            T* trace = traces.data() + pair * n;
            for (index_t j = 0; j < n; ++j) trace[j] = sum[2 * j] + sum[2 * j - 1];
        });
    };
    if (!wavelet_) return join(y);
    auto traces = this->range().scratch();
    join(*traces);
    wavelet_->forward(*traces, y);
}

template <Scalar T>
    requires(!is_complex<T>)
void Kirchhoff<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    const index_t n = time_.samples;
    const index_t pairs = sources_.points() * receivers_.points();
    auto padded = sums_.scratch();
    const auto pad = [&](const Array<T>& traces) {
        over_lines({pairs, n, 1}, [&](index_t pair, index_t, index_t) {
            T* trace = padded->data() + pair * (n + places_beside);
            std::fill_n(trace, before, T{});
            std::copy_n(traces.data() + pair * n, n, trace + before);
            trace[before + n] = T{};
        });
    };
    if (wavelet_) {
        auto traces = this->range().scratch();
        wavelet_->adjoint(y, *traces);
        pad(*traces);
    } else pad(y);
    migrate(padded->data(), x.data());
}

template class Kirchhoff<float>;
template class Kirchhoff<double>;

}  // namespace lop
