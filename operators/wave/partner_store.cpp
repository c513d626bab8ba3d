/// Increments in memory, and their ways to 16 bits and to sums over time and back.
#include "operators/wave/partner_store.hpp"

#include "flush.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace lop::wave {

template <class T>
std::size_t PartnerStore<T>::bytes(index_t frames, index_t frame_size, History::Storage storage) {
    if (storage == History::Storage::full)
        return static_cast<std::size_t>(frames * frame_size) * sizeof(T);
    return static_cast<std::size_t>(frames * frame_size) * sizeof(std::int16_t) +
           static_cast<std::size_t>(frames * blocks_of(frame_size)) * sizeof(T);
}

template <class T>
void PartnerStore<T>::prepare(const HistoryPlan& plan, index_t together, index_t frames,
                              index_t frame_size, int threads, InstructionSet instructions) {
    form_ = !plan.cycles.empty()                     ? Form::sums
            : plan.storage == History::Storage::half ? Form::codes
                                                     : Form::values;
    increments_ = plan.increments;
    together_ = form_ == Form::sums ? batch_length : together;
    missing_ = form_ == Form::sums ? 0 : (together - plan.increments % together) % together;
    frames_ = frames;
    frame_size_ = frame_size;
    threads_ = threads;
    kernels_ = &frame_kernels<T>(instructions);
    values_.resize((form_ == Form::codes ? 1 : together_) * size());
    if (form_ == Form::codes) {
        codes_.resize(together * size());
        steps_.resize(together * blocks());
    }
    if (form_ == Form::sums) {
        cycles_ = plan.cycles;
        expanded_ = -1;
        weights_.resize(2 * cycles_.size() * batch_length);
        sums_.resize(2 * static_cast<index_t>(cycles_.size()) * size());
        sums_.clear();
        values_.clear();  // the last batch may have fewer increments
    }
}

/// work(first value, count, number of the block), where no block reaches from one frame into the next.
template <class T>
template <class Work>
void PartnerStore<T>::for_each_block(const Work& work) const {
    const index_t per_frame = blocks_of(frame_size_);
#pragma omp parallel num_threads(threads_)
    {
        const FlushSubnormals flush;
#pragma omp for schedule(static)
        for (index_t b = 0; b < blocks(); ++b) {
            const index_t begin = b % per_frame * block_length;
            work(b / per_frame * frame_size_ + begin, std::min(block_length, frame_size_ - begin),
                 b);
        }
    }
}

template <class T> T* PartnerStore<T>::room(index_t i) {
    return values_.data() + (form_ == Form::codes ? 0 : slot(i)) * size();
}

template <class T> void PartnerStore<T>::keep(index_t i) {
    if (form_ == Form::codes) encode(i);
    if (form_ == Form::sums && (i % batch_length == batch_length - 1 || i == increments_ - 1))
        accumulate(i / batch_length);
}

template <class T> const T* PartnerStore<T>::partners(index_t i) {
    if (form_ == Form::codes) decode(i);
    if (form_ == Form::sums && i / batch_length != expanded_) expand(i / batch_length);
    return room(i);
}

// ---- 16 bits ------------------------------------------------------------------------------------------

template <class T> void PartnerStore<T>::encode(index_t i) {
    std::int16_t* codes = codes_.data() + slot(i) * size();
    T* steps = steps_.data() + slot(i) * blocks();
    for_each_block([&](index_t at, index_t count, index_t block) {
        steps[block] = kernels_->encode(values_.data() + at, count, codes + at);
    });
}

template <class T> void PartnerStore<T>::decode(index_t i) {
    const std::int16_t* codes = codes_.data() + slot(i) * size();
    const T* steps = steps_.data() + slot(i) * blocks();
    for_each_block([&](index_t at, index_t count, index_t block) {
        kernels_->decode(codes + at, steps[block], count, values_.data() + at);
    });
}

// ---- sums over time -----------------------------------------------------------------------------------

template <class T> double PartnerStore<T>::amplitude(std::size_t cycle) const {
    const bool is_edge = cycles_[cycle] == 0 || cycles_[cycle] > 0.5 * (1 - 1e-9);
    return std::sqrt((is_edge ? 1 : 2) / static_cast<double>(increments_));
}

/// Those of increments that there are not stay zero.
template <class T> void PartnerStore<T>::set_weights(index_t batch) {
    for (std::size_t f = 0; f < cycles_.size(); ++f) {
        for (index_t b = 0; b < batch_length; ++b) {
            const index_t i = batch * batch_length + b;
            const double turns = cycles_[f] * static_cast<double>(i);
            const double phase = 2 * std::numbers::pi * (turns - std::floor(turns));
            const double size = i < increments_ ? amplitude(f) : 0;
            const std::size_t at = (2 * f) * batch_length + static_cast<std::size_t>(b);
            weights_[at] = static_cast<T>(size * std::cos(phase));
            weights_[at + batch_length] = static_cast<T>(size * std::sin(phase));
        }
    }
}

template <class T> BatchRows<T> PartnerStore<T>::batch_rows(index_t at, index_t count) {
    const auto sums = 2 * static_cast<index_t>(cycles_.size());
    return {values_.data() + at, size(), sums_.data() + sums * at, sums, weights_.data(), count};
}

template <class T> void PartnerStore<T>::accumulate(index_t batch) {
    set_weights(batch);
    for_each_block(
        [&](index_t at, index_t count, index_t) { kernels_->accumulate(batch_rows(at, count)); });
}

template <class T> void PartnerStore<T>::expand(index_t batch) {
    set_weights(batch);
    for_each_block(
        [&](index_t at, index_t count, index_t) { kernels_->expand(batch_rows(at, count)); });
    expanded_ = batch;
}

/// visit(place of a sum of a point, its place in a transform, its factor over the scale)
template <class T>
template <class Visit>
void PartnerStore<T>::for_each_sum(index_t points, const Visit& visit) const {
    constexpr index_t line = 64 / sizeof(T);
    const auto sums = 2 * static_cast<index_t>(cycles_.size());
#pragma omp parallel for schedule(static) num_threads(threads_)
    for (index_t s = 0; s < sums; ++s) {
        const double factor = (s % 2 == 0 ? 1 : -1) / amplitude(static_cast<std::size_t>(s / 2));
        for (index_t p = 0; p < points; ++p)
            visit((p - p % line) * sums + s * line + p % line, s * points + p, factor);
    }
}

template <class T>
void PartnerStore<T>::get_transform(double scale, index_t points, T* transform) const {
    const T* sums = sums_.data();
    for_each_sum(points, [=](index_t from, index_t to, double factor) {
        transform[to] = static_cast<T>(scale * factor) * sums[from];
    });
}

template <class T>
void PartnerStore<T>::set_transform(double scale, index_t points, const T* transform) {
    T* sums = sums_.data();
    for_each_sum(points, [=](index_t to, index_t from, double factor) {
        sums[to] = static_cast<T>(scale * factor) * transform[from];
    });
}

template class PartnerStore<float>;
template class PartnerStore<double>;

}  // namespace lop::wave
