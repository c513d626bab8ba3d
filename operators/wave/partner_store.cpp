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
    return static_cast<std::size_t>(frames * blocks_of(frame_size)) *
           (block_length * sizeof(std::int16_t) + sizeof(T));
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
        codes_.resize(together * blocks() * block_length);
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
    std::int16_t* codes = codes_.data() + slot(i) * blocks() * block_length;
    T* steps = steps_.data() + slot(i) * blocks();
    for_each_block([&](index_t at, index_t count, index_t block) {
        steps[block] = kernels_->encode(values_.data() + at, count, codes + block * block_length);
    });
}

template <class T> void PartnerStore<T>::decode(index_t i) {
    const std::int16_t* codes = codes_.data() + slot(i) * blocks() * block_length;
    const T* steps = steps_.data() + slot(i) * blocks();
    for_each_block([&](index_t at, index_t count, index_t block) {
        kernels_->decode(codes + block * block_length, steps[block], count, values_.data() + at);
    });
}

// ---- sums over time -----------------------------------------------------------------------------------

/// Those of increments that there are not stay zero.
template <class T> void PartnerStore<T>::set_weights(index_t batch) {
    const auto count = static_cast<double>(increments_);
    for (std::size_t f = 0; f < cycles_.size(); ++f) {
        const bool is_edge = cycles_[f] == 0 || cycles_[f] > 0.5 * (1 - 1e-9);
        const double amplitude = std::sqrt((is_edge ? 1 : 2) / count);
        for (index_t b = 0; b < batch_length; ++b) {
            const index_t i = batch * batch_length + b;
            const double turns = cycles_[f] * static_cast<double>(i);
            const double phase = 2 * std::numbers::pi * (turns - std::floor(turns));
            const double size = i < increments_ ? amplitude : 0;
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

template class PartnerStore<float>;
template class PartnerStore<double>;

}  // namespace lop::wave
