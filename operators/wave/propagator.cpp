/// Propagators and projections as operators of their own, and the choice of a time step.
#include <lop/operators/wave/propagator.hpp>

#include "apertures.hpp"
#include "setup.hpp"
#include "stability.hpp"
#include <lop/core/error.hpp>
#include <lop/core/log.hpp>

#include <cmath>
#include <numbers>
#include <sstream>

namespace lop {
namespace {

std::array<double, 3> spacings(const Grid& grid) {
    std::array<double, 3> h{};
    for (int axis = 0; axis < grid.dimension(); ++axis)
        h[static_cast<std::size_t>(axis)] = grid.spacing(axis);
    return h;
}

template <Scalar T> wave::UniformMedium uniform(const WaveMedium<T>& medium, int order,
                                                bool slowest) {
    const auto& equation = medium.equation();
    const wave::SpeedSurvey& speeds = medium.speeds();
    return {equation.physics,
            equation.forward,
            slowest ? speeds.at_slowest : speeds.at_fastest,
            medium.settings(),
            order,
            spacings(medium.grid())};
}

/// "a spacing of 8 m, ": one that keeps the limit at the same share of the stability limit.
std::string finer_spacing(wave::UniformMedium medium, double v, double h,
                          const PropagatorOptions& options, double dt) {
    double share = 1;
    const auto spacing = medium.spacing;
    for (int round = 0; round < 200; ++round, share *= 0.95) {
        for (std::size_t axis = 0; axis < 3; ++axis) medium.spacing[axis] = share * spacing[axis];
        if (wave::dispersion_error(medium, v, options.max_frequency, dt * share) <=
            options.dispersion_limit)
            return "a spacing of " + number_words(0.98 * share * h, 3) + " m, ";
    }
    return {};
}

template <Scalar T> void check_dispersion(const Propagator<T>& propagator, double dt) {
    const PropagatorOptions& options = propagator.options();
    if (!(options.max_frequency > 0)) return;
    const Grid& grid = propagator.medium().grid();
    double h = 0;
    for (int axis = 0; axis < grid.dimension(); ++axis) h = std::max(h, grid.spacing(axis));
    const double v = propagator.medium().slowest();
    const auto medium = uniform(propagator.medium(), options.space_order, true);
    const double error = wave::dispersion_error(medium, v, options.max_frequency, dt);
    if (error <= 0.2 * options.dispersion_limit) return;
    std::ostringstream found;
    found << v / (options.max_frequency * h) << " points a wavelength at " << options.max_frequency
          << " Hz where the velocity is " << v << " m/s and the spacing " << h
          << " m: the phase velocity is wrong by ";
    if (std::isfinite(error)) found << 100 * error << " %";
    else found << "any amount";
    if (error <= options.dispersion_limit) {
        logging::warning("dispersion: " + found.str());
        return;
    }
    std::ostringstream expected;
    expected << "an error of at most " << 100 * options.dispersion_limit << " %";
    std::string remedy = finer_spacing(medium, v, h, options, dt) + "a lower frequency";
    const bool resolved = std::isfinite(error);  // otherwise no order helps
    if (resolved && options.space_order < 16)
        remedy += ", or a space order above " + std::to_string(options.space_order);
    if (v < 100) remedy += "; or is the unit of the velocities right?";
    throw StabilityError{"a grid too coarse for the source's frequencies",
                         {.expected = expected.str(), .found = found.str(), .remedy = remedy}};
}

[[noreturn]] void refuse_unbound(const char* what) {
    throw GeometryError{std::string{what} + " has no wavefields of its own",
                        {.expected = "shots, a time axis and a grid",
                         .found = "an operator that waits to be multiplied",
                         .remedy = "write Pr * F * Ps.H(), or call bound()"}};
}

}  // namespace

// ---- propagator -------------------------------------------------------------------------------

template <Scalar T>
Propagator<T>::Propagator(WaveMedium<T> medium, PropagatorOptions options)
    : medium_{std::move(medium)}, options_{std::move(options)} {
    wave::taylor_stencil(options_.space_order);  // refuses orders that do not exist
    const auto refuse_unless_sound = [](const char* what, double value) {
        if (!(std::isfinite(value) && value >= 0))
            throw ArgumentError{
                std::string{"the option "} + what + " of a propagator",
                {.expected = "a finite value, 0 or more", .found = number_words(value)}};
    };
    refuse_unless_sound("time_step", options_.time_step);
    refuse_unless_sound("max_frequency", options_.max_frequency);
    refuse_unless_sound("dispersion_limit", options_.dispersion_limit);
    if (!(options_.courant > 0 && options_.courant <= 1))
        throw ArgumentError{
            "a propagation at " + number_words(options_.courant) + " of the stability limit",
            {.expected = "a courant share above 0 and at most 1"}};
}

template <Scalar T> double Propagator<T>::stability_limit() const {
    return wave::stable_time_step(uniform(medium_, options_.space_order, false));
}

template <Scalar T> double Propagator<T>::time_step(double interval) const {
    if (options_.time_step > 0) return options_.time_step;
    const double longest = options_.courant * stability_limit();
    if (longest >= interval) return interval * std::floor(longest / interval * (1 + 1e-12));
    return interval / std::ceil(interval / longest * (1 - 1e-12));
}

template <Scalar T> index_t Propagator<T>::comb(const History& history, double dt) const {
    if (history.every < 0)
        throw ArgumentError{"a history of every " + std::to_string(history.every) + "th step",
                            {.expected = "1, 2, .. or 0, which derives it from max_frequency"}};
    if (history.every > 0) return history.every;
    if (!(options_.max_frequency > 0)) return 1;
    // Products of two fields reach the sum of their frequencies; a little more keeps their mean free of alias.
    constexpr double samples_per_period = 1.25;
    double highest = history.frequencies.empty() ? options_.max_frequency : 0;
    for (const double f : history.frequencies) highest = std::max(highest, f);
    const double rate =
        std::max(samples_per_period * (highest + options_.max_frequency), 2 * highest);
    return std::max<index_t>(1, static_cast<index_t>(std::floor(1 / (rate * dt))));
}

template <Scalar T>
std::shared_ptr<const wave::Engine<T>> Propagator<T>::engine(double dt,
                                                             double layer_velocity) const {
    const Grid& grid = medium_.grid();
    wave::Problem problem;
    problem.dimension = grid.dimension();
    for (int axis = 0; axis < grid.dimension(); ++axis)
        problem.extents[static_cast<std::size_t>(axis)] = grid.shape()[axis];
    problem.spacing = spacings(grid);
    problem.order = options_.space_order;
    problem.layer = options_.boundary;
    if (options_.sponge) {
        const Sponge& sponge = *options_.sponge;
        problem.is_sponge = true;
        problem.layer = {.cells = sponge.cells,
                         .reflection = sponge.reflection,
                         .inside = sponge.inside,
                         .widths = sponge.widths};
    }
    problem.layer_velocity = layer_velocity;
    problem.free_surface = options_.free_surface;
    problem.dt = dt;
    problem.settings = medium_.settings();
    const auto halo = wave::planes_within_reach(medium_, problem.order);
    const auto held = halo ? *halo * medium_.parameters() : medium_.parameters();
    auto made = std::make_shared<const wave::Engine<T>>(medium_.equation(), problem, held.data(),
                                                        medium_.domain());
    check_dispersion(*this, dt);  // after stability, which the engine refuses: that comes first
    return made;
}

template <Scalar T> Propagator<T> Propagator<T>::with(WaveMedium<T> medium) const {
    return Propagator{std::move(medium), options_};
}

template <Scalar T>
Propagator<T> Propagator<T>::bound(const Geometry& shots, const TimeAxis& steps) const {
    if (medium_.domain().is_cut())
        throw ArgumentError{"wavefields of a shot that ranks share",
                            {.expected = "a medium that every rank holds whole",
                             .remedy = "write Pr * F * Ps.H(), which stores no wavefield"}};
    Propagator other = *this;
    other.steps_ = steps;
    other.engine_ = engine(steps.interval);
    other.workspaces_ = std::make_shared<ScratchPool<wave::ShotWorkspace<T>>>();
    const auto padded = other.engine_->padded_extents();
    std::vector<index_t> extents{shots.shot_count(), steps.samples};
    for (int axis = 0; axis < medium_.grid().dimension(); ++axis)
        extents.push_back(padded[static_cast<std::size_t>(axis)]);
    other.wavefields_.emplace("wavefields", Shape{std::span<const index_t>{extents}},
                              shots.communicator(), shots.shares());
    return other;
}

template <Scalar T> const DistributedSpace<T>& Propagator<T>::domain() const {
    if (!wavefields_) refuse_unbound("F");
    return *wavefields_;
}

template <Scalar T> const wave::Engine<T>& Propagator<T>::bound_engine() const {
    if (!engine_) refuse_unbound("F");
    return *engine_;
}

namespace {

/// Wavefields of a port of one field, that of `physics`' first source or receiver.
template <Scalar T> wave::PlacedPoints everywhere(const wave::Engine<T>& engine, wave::Side side) {
    const wave::Port& port = wave::port_of(engine.physics(), side, {});
    if (port.parts.count > 1)
        throw ArgumentError{
            "wavefields of " + std::string{port.name},
            {.expected = "a wave equation whose first source and receiver are of one field",
             .remedy = "multiply the propagator with projections"}};
    return engine.everywhere(port);
}

}  // namespace

template <Scalar T>
void Propagator<T>::forward(const DistributedArray<T>& source, DistributedArray<T>& field) const {
    const index_t frame = steps_.samples * engine_->padded_size();
    domain().communicator().collectively([&] {
        auto workspace = wave::lease(workspaces_);
        const auto driven = everywhere(*engine_, wave::Side::source);
        const auto read = everywhere(*engine_, wave::Side::receiver);
        for (index_t shot = 0; shot < source.local().shape()[0]; ++shot)
            engine_->forward(workspace->fields, {&driven, source.data() + shot * frame, true},
                             {&read, field.data() + shot * frame, true}, steps_.samples);
    });
}

template <Scalar T>
void Propagator<T>::adjoint(const DistributedArray<T>& field, DistributedArray<T>& source) const {
    const index_t frame = steps_.samples * engine_->padded_size();
    domain().communicator().collectively([&] {
        auto workspace = wave::lease(workspaces_);
        const auto driven = everywhere(*engine_, wave::Side::source);
        const auto read = everywhere(*engine_, wave::Side::receiver);
        for (index_t shot = 0; shot < source.local().shape()[0]; ++shot)
            engine_->adjoint(workspace->fields, {&read, field.data() + shot * frame, true},
                             {&driven, source.data() + shot * frame, true}, steps_.samples);
    });
}

// ---- projection -------------------------------------------------------------------------------

template <Scalar T>
Projection<T>::Projection(Geometry points, ProjectionOptions options)
    : points_{std::move(points)},
      options_{std::move(options)},
      traces_{points_.template space<T>()} {
    wave::check_apertures(options_.apertures, points_);
}

template <Scalar T> Projection<T> Projection<T>::bound(const Propagator<T>& propagator) const {
    points_.check_inside(propagator.medium().grid(), "point");
    Projection other = *this;
    other.propagator_ = std::make_shared<const Propagator<T>>(propagator);
    other.placed_ = std::make_shared<const wave::PlacedGeometry<T>>(
        points_, options_, wave::Side::receiver, propagator.bound_engine(),
        propagator.medium().grid(), propagator.steps());
    return other;
}

template <Scalar T> const DistributedSpace<T>& Projection<T>::domain() const {
    if (!propagator_) refuse_unbound("P");
    return propagator_->domain();
}

template <Scalar T>
void Projection<T>::forward(const DistributedArray<T>& field, DistributedArray<T>& traces) const {
    const TimeAxis& steps = propagator_->steps();
    const index_t size = propagator_->bound_engine().padded_size();
    std::vector<T> series;
    for (index_t shot = points_.first_shot(); shot < points_.last_shot(); ++shot) {
        const wave::PointSet& set = placed_->shot(shot).parts.front().points;
        const T* frames = field.data() + (shot - points_.first_shot()) * steps.samples * size;
        series.assign(static_cast<std::size_t>(set.size() * steps.samples), T{});
        for (index_t p = 0; p < set.size(); ++p)
            for (index_t n = 0; n < steps.samples; ++n)
                for (index_t e = set.begins[p]; e < set.begins[p + 1]; ++e)
                    series[p * steps.samples + n] +=
                        static_cast<T>(set.weights[e]) * frames[n * size + set.indices[e]];
        placed_->from_steps(shot, series, traces.data());
    }
}

template <Scalar T>
void Projection<T>::adjoint(const DistributedArray<T>& traces, DistributedArray<T>& field) const {
    const TimeAxis& steps = propagator_->steps();
    const index_t size = propagator_->bound_engine().padded_size();
    field.fill(T{});
    std::vector<T> series;
    for (index_t shot = points_.first_shot(); shot < points_.last_shot(); ++shot) {
        const wave::PointSet& set = placed_->shot(shot).parts.front().points;
        T* frames = field.data() + (shot - points_.first_shot()) * steps.samples * size;
        placed_->to_steps(shot, traces.data(), series);
        for (index_t p = 0; p < set.size(); ++p)
            for (index_t n = 0; n < steps.samples; ++n)
                for (index_t e = set.begins[p]; e < set.begins[p + 1]; ++e)
                    frames[n * size + set.indices[e]] +=
                        static_cast<T>(set.weights[e]) * series[p * steps.samples + n];
    }
}

template class Propagator<float>;
template class Propagator<double>;
template class Projection<float>;
template class Projection<double>;

}  // namespace lop
