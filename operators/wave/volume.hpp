/// Sources that fill the model: weights over all of its points times one function of time.
#pragma once

#include "points.hpp"

#include <vector>

namespace lop::wave {

/// A tap at every point of the model, without the layers around it, of the fields' own points: of one that lies half
/// a cell further along an axis, weight i belongs half a cell beyond grid point i. Keeps one number for each. Where ranks
/// share the model, each drives what it reads beyond the cuts as well (Layout::filled), and collects from its own planes.
template <class T> class Volume {
 public:
    /// The points of the tap count for nothing. Made once for a medium and a tap. What is driven loses to a sponge, what is collected does not.
    void prepare(const Medium<T>& medium, const Program& program, const Tap& tap, double scale,
                 bool drives);
    /// Adds weights(x) * value to the field, with its images, and without `times` to a kept rate, unless null. Reads
    /// 2 numbers of the model for each of the field that it changes.
    void inject(const T* weights, T value, T* field, T* kept, int threads) const;
    /// weights(x) += value * field(x): its transpose. Images are copies and are not read.
    void collect(const T* field, T value, T* weights, int threads) const;
    bool is_finite(const T* weights) const;

 private:
    index_t rows() const { return planes_ * layout_.model[1]; }
    /// The padded coordinates of the first point of a row of the model.
    std::array<index_t, 3> begin_of(index_t row) const;

    /// What the numbers were made for, by the number of its medium.
    struct Made {
        std::uint64_t medium = 0;
        bool is_transposed = false;
        Tap tap{};
        double scale = 0;
        bool drives = false;
        bool operator==(const Made&) const = default;
    };
    Made made_{};
    Layout layout_;
    index_t first_ = 0;  ///< plane, in padded coordinates
    index_t planes_ = 0;
    T scale_ = 0;
    T image_sign_ = 1;
    index_t image_shift_ = 0;
    index_t images_ = 0;  ///< rows of images above the surface
    FieldBuffer<T> amplitudes_;
    std::vector<T> densities_;  ///< one over what a value stands for, along z
};

/// One for each tap, in the memory of those that are there.
template <class T>
void prepare_volumes(std::vector<Volume<T>>& volumes, const Medium<T>& medium,
                     const Program& program, const std::vector<Tap>& taps, double scale,
                     bool drives);

extern template class Volume<float>;
extern template class Volume<double>;

}  // namespace lop::wave
