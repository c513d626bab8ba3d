/// The sides of a run: where values enter, and where they leave.
#pragma once

#include "points.hpp"
#include "sweep.hpp"
#include "volume.hpp"

#include <algorithm>
#include <vector>

namespace lop::wave {

/// The points of a source or receiver on one of its fields.
struct PlacedPart {
    Part part;
    PointSet points;
};

/// Points on the fields of a source or receiver; point p is the same on all of them.
struct PlacedPoints {
    std::vector<PlacedPart> parts;
    index_t size() const { return parts.empty() ? 0 : parts.front().points.size(); }
};

/// What drives a run: values[point x steps], or values[steps x point]. Without points: nothing.
template <class T> struct Input {
    const PlacedPoints* points = nullptr;
    const T* values = nullptr;
    bool by_step = false;
    /// Not null: over the model (Layout::filled), and instead of the points. They give the fields; at step n each point
    /// of the model is driven by values[n] times its weight.
    const T* weights = nullptr;
    /// Not zero: there are no values, but weights for every step, so many places after those of the step before.
    index_t stride = 0;
};

/// What a run delivers.
template <class T> struct Output {
    const PlacedPoints* points = nullptr;
    T* values = nullptr;
    bool by_step = false;
    /// Not null: values are over the model, the sums over steps of wavelet[n] times what is read at each point of it
    /// of the fields that the points give.
    const T* wavelet = nullptr;
};

/// Where a source drives the fields of the forward program, and where the transposed one is read for it:
/// the transpose of the former.
std::vector<Tap> source_taps(const Physics& physics, const Program& forward,
                             const PlacedPoints& points);
std::vector<Tap> source_taps(const Transposed& transposed, const Program& forward,
                             const PlacedPoints& points);
/// Where a receiver reads the fields of the forward program, and where it drives those of the transposed one.
std::vector<Tap> receiver_taps(const Program& forward, const PlacedPoints& points);
std::vector<Tap> receiver_taps(const Transposed& transposed, const PlacedPoints& points);

/// The hat that is the scaled multiplier of a field alone; of several the one with a given node.
int sole_hat(const Transposed& transposed, int field, int node);
/// The stage of a program that updates a field.
int stage_that_updates(const Program& program, int field);

/// Prepared once per run, without new memory if nothing grew.
template <class T> class Inlet {
 public:
    void prepare(const Medium<T>& medium, const Program& program, const Input<T>& input,
                 std::vector<Tap> taps, index_t steps, double scale, int threads);
    /// Drives what enters after a stage (-1: between steps), and so the kept rates.
    void apply(int stage, index_t n, FieldSet<T>& fields,
               const StageExtras<T>* extras = nullptr) const;
    /// When something enters some rows while steps are run together: after a stage of a step; between steps, right after
    /// its last stage; or, where that stage still reads around these rows what enters, right before the next step.
    enum class Moment { after_stage, after_step, before_next };
    void apply(Moment moment, int stage, index_t n, FieldSet<T>& fields, bool ahead,
               const StageExtras<T>* extras, const RowRange& rows) const;
    /// What enters after the last step of those that were run together.
    void apply_late(index_t n, FieldSet<T>& fields) const;
    /// Whether steps can run together with it.
    bool may_run_together() const { return may_run_together_; }
    bool is_finite() const;
    /// The largest magnitude among the values of the first steps, in the order of the run; 0 where every step has weights
    /// of its own.
    double entered(index_t steps) const {
        return steps < 1 ? 0
                         : static_cast<double>(
                               largest_[static_cast<std::size_t>(std::min(steps, steps_)) - 1]);
    }

 private:
    void find_largest(bool is_backward);
    Series series(index_t n) const;
    T* kept_of(const Tap& tap, const StageExtras<T>* extras) const;
    Input<T> input_;
    std::vector<Tap> taps_;
    bool may_run_together_ = true;
    std::vector<Injector<T>> injectors_;
    std::vector<Volume<T>> volumes_;  ///< instead, over the model
    std::vector<T> largest_;          ///< by steps of the run, up to each
    index_t steps_ = 0;
    int threads_ = 1;
};

template <class T> class Outlet {
 public:
    void prepare(const Medium<T>& medium, const Program& program, const Output<T>& output,
                 std::vector<Tap> taps, index_t steps, double scale, int threads);
    /// values[n] = 0, to which `read` adds.
    void begin(index_t n) const;
    /// What is read before a stage (-1: between steps).
    void read(int stage, index_t n, const FieldSet<T>& fields);
    /// Grid points that are read at a step, one by one; none are where everything is (false).
    bool reads_points() const { return !output_.wavelet; }
    index_t entries() const;
    /// While `steps` steps are run together: what the step of a block reads in some rows before a stage is put aside,
    /// and becomes the values of level n.
    void prepare_gathering(index_t steps);
    void gather(int stage, index_t step, FieldSet<T>& fields, bool ahead, const RowRange& rows);
    void read_gathered(index_t step, index_t n);
    /// After all steps: every rank of those that share the grid has the values of all points.
    void finish();

 private:
    /// A point whose planes lie on several ranks; run by run its series wait for each other, tap by tap.
    struct Split {
        index_t point = 0;
        index_t slot = 0;  ///< of the first run
    };
    void share_out(const Medium<T>& medium);
    bool is_here(index_t plane) const { return plane >= first_plane_ && plane < last_plane_; }
    /// sum(run) of a tap.
    template <class Sum> void read_split(std::size_t tap, index_t n, const Sum& sum);
    index_t runs_of(index_t point) const;
    Series series(index_t n) const;

    Output<T> output_;
    const Domain* domain_ = nullptr;
    std::vector<Tap> taps_;  ///< in the order in which they are read
    std::vector<Sampler<T>> samplers_;
    FieldBuffer<T> gathered_;     ///< [step x entries of all samplers]
    std::vector<index_t> whole_;  ///< points that lie here with all their planes
    std::vector<Split> split_;
    index_t first_plane_ = 0, last_plane_ = 0;  ///< of this rank
    FieldBuffer<T> series_;                     ///< of the runs of split points
    index_t slots_ = 0;
    std::vector<Volume<T>> volumes_;  ///< instead, over the model
    index_t steps_ = 0;
    int threads_ = 1;
};

extern template class Inlet<float>;
extern template class Inlet<double>;
extern template class Outlet<float>;
extern template class Outlet<double>;

}  // namespace lop::wave
