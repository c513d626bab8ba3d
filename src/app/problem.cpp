/// Sets up acquisition, data and operators from a job.
#include "problem.hpp"

#include "records.hpp"
#include <lop/core/error.hpp>
#include <lop/core/log.hpp>

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace lop::app {
namespace {

/// A point of a key: [x, z] lies at `middle` in y; an unset one at x = `edge` near the surface.
Point to_point(const std::vector<double>& values, const Grid& grid, double edge, double middle,
               const std::string& key) {
    const int depth = grid.dimension() - 1;
    if (values.empty()) return {edge, middle, std::min(grid.origin(depth) + 10, grid.last(depth))};
    if (values.size() == 2) return {values[0], middle, values[1]};
    if (values.size() == 3 && grid.dimension() == 3) return {values[0], values[1], values[2]};
    throw JobError{"the key " + key,
                   {.expected = grid.dimension() == 3 ? "a point [x, y, z] or [x, z]"
                                                      : "a point [x, z] in a model of two axes",
                    .found = counted(std::ssize(values), "coordinate")}};
}

/// The centre of the model along y.
double middle_of(const Grid& grid) {
    return grid.dimension() == 3 ? 0.5 * (grid.origin(1) + grid.last(1)) : 0;
}

Geometry moving_spread(const std::vector<Point>& sources, const std::vector<Point>& offsets,
                       const Grid& grid, const TimeAxis& time) {
    std::vector<std::vector<Point>> shots;
    for (const Point& source : sources) {
        auto& shot = shots.emplace_back();
        for (const Point& offset : offsets) {
            const Point place{source.x + offset.x, source.y + offset.y, offset.z};
            if (grid.contains(place)) shot.push_back(place);
        }
        if (shot.empty())
            throw GeometryError{
                fmt::format("receivers of the shot at x = {:g} m", source.x),
                {.expected = "at least one inside the model",
                 .found = "none of " + std::to_string(offsets.size()),
                 .remedy =
                     "correct receivers.first and receivers.last, which count from the source"}};
    }
    return Geometry{shots, time};
}

PropagatorOptions propagator_options(const Job& job, const Wavelet& wavelet) {
    const auto& p = job.propagation;
    if (p.space_order < 2 || p.space_order > 16)  // before it is narrowed to an int
        throw JobError{"propagation.space_order = " + std::to_string(p.space_order),
                       {.expected = "2, 4, .. 16"}};
    return {.space_order = static_cast<int>(p.space_order),
            .boundary = {.cells = p.layer_cells,
                         .reflection = p.layer_reflection,
                         .frequency =
                             p.layer_frequency > 0 ? p.layer_frequency : wavelet.peak_frequency},
            .free_surface = p.free_surface,
            .courant = p.courant,
            .time_step = p.time_step,
            .max_frequency = wavelet.max_frequency,
            .dispersion_limit = p.dispersion_limit};
}

/// The propagator checks it too, but in its own words and after the grid.
void check_time_step(double given, double limit) {
    if (given <= limit) return;
    throw StabilityError{
        "the key propagation.time_step",
        {.expected = fmt::format(
             "at most {:.4g} ms, the stability limit of this grid and its fastest point",
             1e3 * limit),
         .found = fmt::format("{:g} ms", 1e3 * given),
         .remedy = "leave the key out: the step is then derived from the limit"}};
}

Wavelet source_wavelet(const Job::Source& w) {
    return w.delay >= 0 ? ricker(w.frequency, w.delay) : ricker(w.frequency);
}

}  // namespace

Acquisition lay_out(const Job& job, const Grid& grid) {
    const TimeAxis time{job.time.samples, job.time.interval};
    const auto& s = job.sources;
    const auto& r = job.receivers;
    const double middle = middle_of(grid);
    const auto sources =
        line_of_points(to_point(s.first, grid, grid.origin(0), middle, "sources.first"),
                       to_point(s.last, grid, grid.last(0), middle, "sources.last"), s.count);
    // A moving spread counts x and y from the source, and by default reaches over the whole model.
    const bool moving = r.spread == "moving";
    const double width = grid.last(0) - grid.origin(0);
    const double first = moving ? -width : grid.origin(0);
    const double last = moving ? width : grid.last(0);
    const double y = moving ? 0 : middle;
    const auto receivers =
        line_of_points(to_point(r.first, grid, first, y, "receivers.first"),
                       to_point(r.last, grid, last, y, "receivers.last"), r.count);
    return {shots_at(sources, time), moving ? moving_spread(sources, receivers, grid, time)
                                            : fixed_spread(receivers, s.count, time)};
}

void refuse_silence() {
    throw JobError{"a job whose sources reach no receiver",
                   {.expected = "data",
                    .found = "zeros",
                    .remedy = "put sources and receivers below a free surface, keep the wavelet's "
                              "delay inside the record, and record longer"}};
}

std::string describe(const Acquisition& acquisition) {
    const Geometry& r = acquisition.receivers;
    return counted(r.shot_count(), "shot") + ", " + counted(r.trace_count(), "trace") + ", " +
           r.time().str();
}

template <Scalar T> Problem<T>::Problem(const Job& job_) : Problem{job_, read_medium(job_)} {}

template <Scalar T> Problem<T>::Problem(const Job& job_, const Model<double>& medium)
    : Problem{job_, medium.template as<T>(), read_background(job_, medium).template as<T>(),
              read_records<T>(job_)} {}

template <Scalar T> Problem<T>::Problem(const Job& job_, Model<T> model_, Model<T> background_,
                                        std::optional<ShotRecords<T>> read_)
    : job{job_},
      model{std::move(model_)},
      background{std::move(background_)},
      read{std::move(read_)},
      acquisition{read ? read->geometry() : lay_out(job, model.grid())},
      wavelet{source_wavelet(job.wavelet)},
      q{point_sources<T>(acquisition.sources, wavelet)} {}

template <Scalar T> Modeling<T> Problem<T>::modeling(const Model<T>& medium) const {
    const ProjectionOptions options{
        job.propagation.interpolation == "linear" ? Interpolation::linear : Interpolation::sinc};
    const Projection<T> Pr{acquisition.receivers, options};
    const Projection<T> Ps{acquisition.sources, options};
    auto choices = propagator_options(job, wavelet);
    choices.after_shot = [counter = tally](index_t propagations) { counter->add(propagations); };
    const Propagator<T> F{Acoustic<T>{medium}, choices};
    check_time_step(job.propagation.time_step, F.stability_limit());
    return Pr * F * Ps.H();
}

template <Scalar T> Jacobian<T> Problem<T>::jacobian(const Modeling<T>& M) const {
    if (!job.propagation.history_folder.empty() && job.propagation.history_memory == 0)
        throw JobError{"propagation.history_folder without propagation.history_memory",
                       {.expected = "the memory beyond which checkpoints are kept there"}};
    return lop::jacobian(
        M, q,
        {.every = job.propagation.history_every,
         .memory = static_cast<std::size_t>(
             std::ceil(1e6 * std::min(job.propagation.history_memory, 1e12))),
         .folder = job.propagation.history_folder,
         .storage = job.propagation.history_storage == "half" ? History::Storage::half
                                                              : History::Storage::full,
         .frequencies = job.propagation.history_frequencies,
         .reversal = job.propagation.history_reversal});
}

template <Scalar T> Diagonal<DistributedSpace<T>> Problem<T>::data_weights() const {
    const auto& w = job.preconditioning;
    if (w.data_mute)
        return DataMute<T>{
            acquisition,
            {.velocity = w.mute_velocity, .delay = w.mute_delay, .taper = w.mute_taper}};
    auto ones = acquisition.receivers.template space<T>().uninitialized();
    ones.fill(1);
    return Diagonal{std::move(ones), "Ml"};
}

template <Scalar T> Diagonal<DistributedSpace<T>> Problem<T>::image_weights() const {
    const auto& w = job.preconditioning;
    auto weights = DepthScaling<T>{model.grid(), {.power = w.depth_power}}.weights();
    if (w.top_mute)
        weights = cwise_product(
            TopMute<T>{model.grid(), job.model.water_depth, {.taper = w.top_taper}}.weights(),
            weights);
    return Diagonal{std::move(weights), "Mr"};
}

template <Scalar T> DistributedArray<T> Problem<T>::reflectivity() const {
    return model.slowness_squared() - background.slowness_squared();
}

template <Scalar T> bool Problem<T>::knows_reflectivity() const {
    return norm2(reflectivity()) > 0;
}

template <Scalar T> index_t Problem<T>::observed_cost() const {
    if (read) return 0;
    return shots() * (job.records.kind == "born" ? 3 : 1);
}

template <Scalar T> ShotRecords<T> Problem<T>::observed() const {
    if (read) return *read;
    const bool born = job.records.kind == "born";
    const auto M = modeling(born ? background : model);
    auto d = M * q;
    if (born) d += jacobian(M) * reflectivity();
    return {acquisition.sources, acquisition.receivers, std::move(d)};
}

template struct Problem<float>;
template struct Problem<double>;

}  // namespace lop::app
