/// Overlapping windows: local pieces of an array, and the array put together from them.
#pragma once

#include <lop/algebra/operator.hpp>

#include <memory>
#include <string>
#include <vector>

namespace lop {

/// The taper where neighbouring windows overlap; the outer edges of the array are not tapered.
enum class WindowTaper {
    none,
    hann,       ///< half periods of a cosine: neighbours add up to 1
    root_hann,  ///< their square roots, as weights before and after: A A' = I
};

struct SlidingWindowsOptions {
    std::vector<int> axes{-1};       ///< along which windows slide; the others they hold in full
    std::vector<index_t> size{};     ///< samples of a window, one number for each of the axes
    std::vector<index_t> overlap{};  ///< samples that neighbours share
    WindowTaper taper = WindowTaper::hann;
};

/// Adds overlapping windows up to an array: y(i) = sum_w taper(w, i - w step) x(w, i - w step) along
/// each axis, step = size - overlap. The adjoint cuts the array into tapered windows.
///
/// domain: [windows along the axes, in their order x the extents of a window]; range: arrays of
/// `shape`. An operator B on one window acts on all through kron(Identity{windows}, B). One axis of
/// an image is PyLops' Sliding2D, two axes its Patch2D. Overlaps reach half a window at most.
/// Throws ArgumentError for axes that there are not or that are given twice, sizes and overlaps that
/// are not, empty axes, windows that do not end with the array, and more than six axes in all.
template <Scalar T> class SlidingWindows : public Operator<SlidingWindows<T>, ArraySpace<T>> {
 public:
    SlidingWindows(const Shape& shape, const SlidingWindowsOptions& options);
    std::string label() const { return "SlidingWindows"; }
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    struct Axes;
    std::shared_ptr<const Axes> axes_;
};

}  // namespace lop
