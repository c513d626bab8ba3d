/// Increments in memory, and their way to 16 bits and back.
#include "operators/wave/partner_store.hpp"

#include <algorithm>

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
    is_half_ = plan.storage == History::Storage::half;
    together_ = together;
    missing_ = (together - plan.increments % together) % together;
    frames_ = frames;
    frame_size_ = frame_size;
    threads_ = threads;
    kernels_ = &frame_kernels<T>(instructions);
    values_.resize((is_half_ ? 1 : together) * frames * frame_size);
    if (!is_half_) return;
    codes_.resize(together * blocks() * block_length);
    steps_.resize(together * blocks());
}

/// work(first value, count, number of the block), where no block reaches from one frame into the next.
template <class T>
template <class Work>
void PartnerStore<T>::for_each_block(const Work& work) const {
    const index_t per_frame = blocks_of(frame_size_);
#pragma omp parallel for schedule(static) num_threads(threads_)
    for (index_t b = 0; b < blocks(); ++b) {
        const index_t begin = b % per_frame * block_length;
        work(b / per_frame * frame_size_ + begin, std::min(block_length, frame_size_ - begin), b);
    }
}

template <class T> T* PartnerStore<T>::room(index_t i) {
    return values_.data() + (is_half_ ? 0 : slot(i)) * frames_ * frame_size_;
}

template <class T> void PartnerStore<T>::keep(index_t i) {
    if (!is_half_) return;
    std::int16_t* codes = codes_.data() + slot(i) * blocks() * block_length;
    T* steps = steps_.data() + slot(i) * blocks();
    for_each_block([&](index_t at, index_t count, index_t block) {
        steps[block] = kernels_->encode(values_.data() + at, count, codes + block * block_length);
    });
}

template <class T> const T* PartnerStore<T>::partners(index_t i) {
    if (is_half_) {
        const std::int16_t* codes = codes_.data() + slot(i) * blocks() * block_length;
        const T* steps = steps_.data() + slot(i) * blocks();
        for_each_block([&](index_t at, index_t count, index_t block) {
            kernels_->decode(codes + block * block_length, steps[block], count,
                             values_.data() + at);
        });
    }
    return room(i);
}

template class PartnerStore<float>;
template class PartnerStore<double>;

}  // namespace lop::wave
