/// Weights over the model into and out of wavefields.
#include "volume.hpp"

#include <algorithm>
#include <cmath>

namespace lop::wave {

template <class T> std::array<index_t, 3> Volume<T>::begin_of(index_t row) const {
    const auto& l = layout_;
    return {row / l.model[1] + first_, row % l.model[1] + l.before[1], l.before[2]};
}

/// amplitude = weight * times / over, as for points; zero where the field is held at zero.
template <class T>
void Volume<T>::prepare(const Medium<T>& medium, const Program& program, const Tap& tap,
                        double scale, bool drives) {
    const Made wanted{medium.number(), program.is_transposed, tap, scale, drives};
    if (wanted == made_) return;
    made_ = {};
    layout_ = medium.layout();
    const auto planes = drives ? layout_.filled(medium.radius()) : layout_.own;
    first_ = planes[0] + layout_.before[0];
    planes_ = planes[1] - planes[0];
    scale_ = static_cast<T>(scale);
    image_sign_ = medium.is_odd(medium.declared_field(program, tap.field)) ? T(-1) : T(1);
    image_shift_ = program.fields[tap.field].position.half[program.dimension - 1] ? 1 : 0;
    images_ = medium.needs_images(program, tap.field) ? medium.radius() : 0;
    amplitudes_.resize(rows() * layout_.model[2]);
    const bool vanishes = medium.vanishes_at_surface(tap.declared);
    const index_t length = layout_.model[2];
    densities_.assign(static_cast<std::size_t>(length), T(1));
    for (index_t z = 0; tap.is_source && z < length; ++z)
        densities_[static_cast<std::size_t>(z)] =
            static_cast<T>(1 / medium.share(tap.declared, z + layout_.before[2]));
#pragma omp parallel
    {
        std::vector<double> times(static_cast<std::size_t>(layout_.nz), 1.0);
        std::vector<double> over(times);
#pragma omp for schedule(static)
        for (index_t row = 0; row < rows(); ++row) {
            const auto at = begin_of(row);
            if (tap.times >= 0 && tap.times_is_scale)
                medium.scales(tap.times, at[0], at[1], times.data());
            else if (tap.times >= 0)
                medium.expressions().values(tap.times, at[0], at[1], times.data());
            if (tap.over >= 0) medium.scales(tap.over, at[0], at[1], over.data());
            T* out = amplitudes_.data() + row * length;
            for (index_t z = 0; z < length; ++z) {
                const auto i = static_cast<std::size_t>(z + at[2]);
                out[z] = vanishes && i == 0 ? T{} : static_cast<T>(tap.weight * times[i] / over[i]);
                out[z] *= densities_[static_cast<std::size_t>(z)];
            }
            if (!drives || !tap.before_sponge || !medium.is_damped(program, tap.field)) continue;
            const auto sponge = medium.sponge(program, tap.field, at[0], at[1]);
            for (index_t z = 0; z < length; ++z) out[z] *= sponge.across * sponge.along[z + at[2]];
        }
    }
    made_ = wanted;
}

template <class T>
void Volume<T>::inject(const T* weights, T value, T* field, T* kept, int threads) const {
    if (value == T{}) return;  // the wavelet is over, or has not begun
    const T strength = scale_ * value;
    const T* density = densities_.data();
    const index_t length = layout_.model[2];
#pragma omp parallel for schedule(static) num_threads(threads)
    for (index_t row = 0; row < rows(); ++row) {
        const auto at = begin_of(row);
        const T* weight = weights + row * length;
        const T* amplitude = amplitudes_.data() + row * length;
        T* here = field + layout_.field(at[0], at[1], at[2]);
#pragma omp simd
        for (index_t z = 0; z < length; ++z) here[z] += amplitude[z] * (strength * weight[z]);
        for (index_t image = -images_; image < 0; ++image) {
            const index_t z = -image - image_shift_ - at[2];
            if (z >= 0 && z < length)
                here[image - at[2]] += image_sign_ * amplitude[z] * (strength * weight[z]);
        }
        if (!kept || at[0] < 0 || at[0] >= layout_.nx) continue;
        T* rate = kept + layout_.frame(at[0], at[1], at[2]);
#pragma omp simd
        for (index_t z = 0; z < length; ++z) rate[z] += (strength * density[z]) * weight[z];
    }
}

template <class T>
void Volume<T>::collect(const T* field, T value, T* weights, int threads) const {
    if (value == T{}) return;  // the wavelet is over, or has not begun
    const T strength = scale_ * value;
    const index_t length = layout_.model[2];
#pragma omp parallel for schedule(static) num_threads(threads)
    for (index_t row = 0; row < rows(); ++row) {
        const auto at = begin_of(row);
        const T* amplitude = amplitudes_.data() + row * length;
        const T* here = field + layout_.field(at[0], at[1], at[2]);
        T* weight = weights + row * length;
#pragma omp simd
        for (index_t z = 0; z < length; ++z) weight[z] += strength * (amplitude[z] * here[z]);
    }
}

template <class T> bool Volume<T>::is_finite(const T* weights) const {
    return std::all_of(weights, weights + rows() * layout_.model[2],
                       [](T weight) { return std::isfinite(weight); });
}

template <class T>
void prepare_volumes(std::vector<Volume<T>>& volumes, const Medium<T>& medium,
                     const Program& program, const std::vector<Tap>& taps, double scale,
                     bool drives) {
    volumes.resize(std::max(volumes.size(), taps.size()));
    for (std::size_t i = 0; i < taps.size(); ++i)
        volumes[i].prepare(medium, program, taps[i], scale, drives);
}

template class Volume<float>;
template class Volume<double>;
template void prepare_volumes(std::vector<Volume<float>>&, const Medium<float>&, const Program&,
                              const std::vector<Tap>&, double, bool);
template void prepare_volumes(std::vector<Volume<double>>&, const Medium<double>&, const Program&,
                              const std::vector<Tap>&, double, bool);

}  // namespace lop::wave
