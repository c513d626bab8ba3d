/// Receivers on a lattice of grid points, read all at once: a frame of a wavefield.
#pragma once

#include "shot.hpp"

#include <array>
#include <vector>

namespace lop::wave {

/// Points first + i * stride of the padded grid of all ranks, `count` of them, along x, y, z; y is 0 in two dimensions.
struct Lattice {
    std::array<index_t, 3> first{};
    std::array<index_t, 3> stride{1, 1, 1};
    std::array<index_t, 3> count{1, 1, 1};
    index_t size() const { return count[0] * count[1] * count[2]; }
    /// The padded coordinate of a point of it along an axis.
    index_t at(std::size_t axis, index_t i) const { return first[axis] + i * stride[axis]; }
};

/// What receivers of a port read at the points of a lattice, by the weights and sums of Sampler and so to their bits, on
/// any number of ranks that share the grid. Weights are products of an axis each and kept by axis, so that it takes the
/// memory of one frame.
template <class T> class FrameReader {
 public:
    FrameReader(const Engine<T>& engine, const Port& port, const Lattice& lattice,
                Interpolation interpolation);

    /// The frame, [z][y][x], the same on all ranks that share the grid, which call it together.
    const std::vector<T>& read(const FieldSet<T>& fields);
    /// The speed of the fastest wave at the same points. Together, too.
    std::vector<T> fastest() const;

 private:
    /// Grid points along z of all points of a row of the lattice, one after the other.
    struct Rows {
        std::vector<index_t> begins{0};
        std::vector<index_t> indices;
        std::vector<double> weights;
        std::vector<double> factors;  ///< the sheet's weight; zero where the field is held at zero
    };
    /// A field of the port.
    struct Sheet {
        int field = -1;
        std::vector<WeightsOnAxis> x, y;  ///< by point of the lattice
        Rows z;
    };
    Sheet make_sheet(const Engine<T>& engine, const Part& part, Interpolation interpolation) const;
    void share_out();
    void sum(const Sheet& sheet, const T* field, index_t i, int entry, index_t j, T* sums) const;
    void read_plane(const FieldSet<T>& fields, index_t i, T* room);
    void read_split(const FieldSet<T>& fields);
    void combine_split();
    template <class Visit> void over_split(const Visit& visit);
    index_t place(index_t i, index_t j, index_t k) const {
        return (k * lattice_.count[1] + j) * lattice_.count[0] + i;
    }

    const Medium<T>* medium_;
    Lattice lattice_;
    std::vector<Sheet> sheets_;
    std::vector<index_t> whole_;  ///< along x: read from planes that lie here
    std::vector<index_t> split_;  ///< from planes of several ranks
    std::vector<T> sums_;         ///< of those, plane by plane
    std::vector<T> totals_;       ///< of a point along x
    std::vector<T> values_;
    int threads_ = 1;
    std::vector<T> rooms_;  ///< three rows for each thread
};

extern template class FrameReader<float>;
extern template class FrameReader<double>;

}  // namespace lop::wave
