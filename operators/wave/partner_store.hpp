/// What a run keeps of the partners of its steps (shot.hpp), and gives back.
#pragma once

#include "buffer.hpp"
#include "frame_kernels.hpp"
#include "history.hpp"

#include <cstdint>

namespace lop::wave {

/// Blocks of a frame, the last of which may be shorter.
inline index_t blocks_of(index_t frame_size) {
    return (frame_size + block_length - 1) / block_length;
}

/// The increments of a history: some frames each, as they are or in 16 bits.
template <class T> class PartnerStore {
 public:
    /// Bytes of one increment as it is kept.
    static std::size_t bytes(index_t frames, index_t frame_size, History::Storage storage);

    /// Room for `together` increments at a time, of consecutive numbers. Used again, it allocates nothing unless
    /// something grew.
    void prepare(const HistoryPlan& plan, index_t together, index_t frames, index_t frame_size,
                 int threads, InstructionSet instructions);
    /// Where increment i is to be written, frame by frame; `keep` when it is.
    T* room(index_t i);
    void keep(index_t i);
    /// Increment i as it comes back, until the next call.
    const T* partners(index_t i);

 private:
    index_t slot(index_t i) const { return (i + missing_) % together_; }
    index_t blocks() const { return frames_ * blocks_of(frame_size_); }
    template <class Work> void for_each_block(const Work& work) const;

    bool is_half_ = false;
    index_t together_ = 1;
    index_t missing_ = 0;  ///< from the first run of increments, which lies at the end of the room
    index_t frames_ = 0;
    index_t frame_size_ = 0;
    int threads_ = 1;
    const FrameKernels<T>* kernels_ = nullptr;
    FieldBuffer<T> values_;  ///< of all increments, or of the one on its way
    FieldBuffer<std::int16_t> codes_;
    FieldBuffer<T> steps_;
};

extern template class PartnerStore<float>;
extern template class PartnerStore<double>;

}  // namespace lop::wave
