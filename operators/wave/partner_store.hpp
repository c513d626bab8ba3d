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

/// The increments of a history: some frames each, as they are, in 16 bits, or as sums over time at some frequencies.
///
/// Of increments x_i, i = 0 .. N - 1, and c cycles an increment there are kept the sums
///
///     C_c = a_c sum_i cos(2 pi c i) x_i,   S_c = a_c sum_i sin(2 pi c i) x_i,   a_c^2 = 2 / N, or 1 / N for c = 0, 1/2,
///
/// and x_i comes back as  sum over c of  a_c (C_c cos(2 pi c i) + S_c sin(2 pi c i)): the same real matrix, transposed.
/// With all multiples of 1/N up to 1/2 that is x_i itself.
template <class T> class PartnerStore {
 public:
    /// Bytes of one increment as it is kept; at some frequencies, of all its sums of one kind.
    static std::size_t bytes(index_t frames, index_t frame_size, History::Storage storage);

    /// Room for `together` increments at a time, of consecutive numbers, or for the sums over all of them. Used again,
    /// it allocates nothing unless something grew.
    void prepare(const HistoryPlan& plan, index_t together, index_t frames, index_t frame_size,
                 int threads, InstructionSet instructions);
    /// Where increment i is to be written, frame by frame; `keep` when it is, with ascending i for sums.
    T* room(index_t i);
    void keep(index_t i);
    /// Increment i as it comes back, until the next call. Sums are complete when the last increment is kept.
    const T* partners(index_t i);

    /// Of one frame, its first `points` values:  transform[2 c] + i transform[2 c + 1] = scale sum_j x_j exp(-2 pi i c j),
    /// and the sums whose series is the transpose of that, applied to a transform.
    void get_transform(double scale, index_t points, T* transform) const;
    void set_transform(double scale, index_t points, const T* transform);

 private:
    enum class Form { values, codes, sums };

    index_t slot(index_t i) const { return (i + missing_) % together_; }
    index_t size() const { return frames_ * frame_size_; }
    index_t blocks() const { return frames_ * blocks_of(frame_size_); }
    template <class Work> void for_each_block(const Work& work) const;
    double amplitude(std::size_t cycle) const;
    void set_weights(index_t batch);
    template <class Visit> void for_each_sum(index_t points, const Visit& visit) const;
    BatchRows<T> batch_rows(index_t at, index_t count);
    void encode(index_t i);
    void decode(index_t i);
    void accumulate(index_t batch);
    void expand(index_t batch);

    Form form_ = Form::values;
    index_t increments_ = 0;
    index_t together_ = 1;
    index_t missing_ = 0;  ///< from the first run of increments, which lies at the end of the room
    index_t frames_ = 0;
    index_t frame_size_ = 0;
    int threads_ = 1;
    const FrameKernels<T>* kernels_ = nullptr;
    FieldBuffer<T> values_;  ///< of all increments, or of those on their way
    FieldBuffer<std::int16_t> codes_;
    FieldBuffer<T> steps_;
    std::vector<double> cycles_;
    FieldBuffer<T> sums_;     ///< [cache line of points x sum x point]
    std::vector<T> weights_;  ///< [sum x increment of a batch]
    index_t expanded_ = -1;   ///< the batch that lies in values_, as it came back
};

extern template class PartnerStore<float>;
extern template class PartnerStore<double>;

}  // namespace lop::wave
