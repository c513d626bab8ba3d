/// Fused modelling and Born modelling: shots in turn, each through the engine.
#include "setup.hpp"
#include <lop/core/error.hpp>
#include <lop/core/log.hpp>
#include <lop/distributed/communication.hpp>
#include <lop/operators/wave/extended.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

namespace lop {
namespace {

/// The propagation's time axis: from 0 until the last sample of either geometry can be read.
template <Scalar T>
TimeAxis propagation_axis(const Propagator<T>& propagator, const Geometry& sources,
                          const Geometry& receivers) {
    const double dt = propagator.time_step(receivers.time().interval);
    double last = 0;
    for (const Geometry* geometry : {&sources, &receivers}) {
        const TimeAxis& time = geometry->time();
        last = std::max(last, time.last() + ResamplingKernel<T>::reach(dt, time.interval));
    }
    const double steps = std::ceil(last / dt - 1e-9) + 1;
    constexpr double most = 1e9;
    if (!(steps <= most))
        throw GeometryError{"a propagation of " + number_words(last, 4) + " s in steps of " +
                                number_words(dt, 4) + " s",
                            {.expected = "at most a thousand million steps",
                             .found = number_words(steps, 4),
                             .remedy = "a shorter record or a longer time step"}};
    return {static_cast<index_t>(steps), dt, 0};
}

/// Samples of a source that are too far apart drive another wavelet than the one they were taken from.
void check_sampling(double max_frequency, const TimeAxis& time) {
    const double nyquist = 0.5 / time.interval;
    constexpr double passed = 0.7;  // of the Nyquist frequency, by the resampling to the steps
    if (max_frequency <= passed * nyquist) return;
    const std::string found = "a wavelet of up to " + number_words(max_frequency, 3) +
                              " Hz in samples every " + number_words(1e3 * time.interval) + " ms";
    if (max_frequency <= nyquist) {
        logging::warning("sampling: " + found + " loses what lies above " +
                         number_words(passed * nyquist, 3) + " Hz");
        return;
    }
    throw GeometryError{
        "a source sampled too coarsely",
        {.expected = "a Nyquist frequency above that of the wavelet",
         .found = found + ", whose Nyquist frequency is " + number_words(nyquist, 3) + " Hz",
         .remedy = "an interval of at most " + number_words(1e3 * passed * 0.5 / max_frequency, 2) +
                   " ms, or a lower frequency"}};
}

/// Ranks that run a shot together must be those that share a copy of the medium.
template <Scalar T> void check_groups(const WaveMedium<T>& medium, const Geometry& shots) {
    const Partition& shares = shots.shares();
    const Partition& parameters = medium.parameters().partition();
    bool fits = parameters.is_replicated() ? shares.copies() == 1
                                           : shots.communicator() == medium.communicator();
    std::map<int, int> copy_of, part_of;
    for (int rank = 0; fits && !parameters.is_replicated() && rank < shares.ranks(); ++rank) {
        const int part = shares.part(rank, 0);
        const int copy = parameters.copy(rank);
        fits = copy_of.try_emplace(part, copy).first->second == copy &&
               part_of.try_emplace(copy, part).first->second == part;
    }
    if (!fits)
        throw GeometryError{
            "Pr * F * Ps.H(): ranks that share a shot and ranks that share a medium",
            {.expected = "the same groups of ranks",
             .found =
                 "shots " + shares.str(shares.ranks()) + ", and " + medium.parameters().describe(),
             .remedy = "the same process grid for geometries and medium.over(ranks)"}};
}

template <Scalar T> Communicator ranks_across(const WaveMedium<T>& medium) {
    const auto& parameters = medium.parameters();
    const Partition& partition = parameters.partition();
    if (partition.is_replicated()) return parameters.communicator();
    const Communicator& all = parameters.communicator();
    return all.split(partition.part(all.rank(), partition.axis()));
}

template <Scalar T> Partition shots_across(const WaveMedium<T>& medium, const Geometry& shots) {
    if (medium.parameters().partition().is_replicated()) return shots.shares();
    return Partition::given(wave::counts_of(*shots.shares().cuts(0)));
}

index_t shots_at_once(const PropagatorOptions& options) {
    if (options.shots_at_once < 1 || options.shots_at_once > wave::most_sets)
        throw ArgumentError{"PropagatorOptions::shots_at_once",
                            {.expected = "1 to " + std::to_string(wave::most_sets),
                             .found = std::to_string(options.shots_at_once)}};
    return options.shots_at_once;
}

template <Scalar T>
std::shared_ptr<const wave::ShotSetup<T>> make_setup(const Projection<T>& receivers,
                                                     const Propagator<T>& propagator,
                                                     const Projection<T>& sources) {
    const Grid& grid = propagator.medium().grid();
    const Geometry& driven = sources.points();
    const Geometry& recorded = receivers.points();
    if (driven.shot_count() != recorded.shot_count() || !(driven.shares() == recorded.shares()))
        throw GeometryError{
            "Pr * F * Ps.H(): sources and receivers have unlike shots",
            {.expected = std::to_string(driven.shot_count()) + " shots of receivers",
             .found = std::to_string(recorded.shot_count())}};
    if (driven.time().start < 0)
        throw GeometryError{"Pr * F * Ps.H(): a source that drives before time zero",
                            {.expected = "source samples from 0 s on, where the propagation begins",
                             .found = driven.time().str(),
                             .remedy = "shift the time axes of sources and receivers alike"}};
    check_sampling(propagator.options().max_frequency, driven.time());
    driven.check_inside(grid, "source");
    recorded.check_inside(grid, "receiver");
    check_groups(propagator.medium(), driven);
    const TimeAxis steps = propagation_axis(propagator, driven, recorded);
    auto engine = propagator.engine(steps.interval, propagator.medium().fastest());
    return std::make_shared<const wave::ShotSetup<T>>(wave::ShotSetup<T>{
        engine,
        wave::planes_within_reach(propagator.medium(), propagator.options().space_order),
        ranks_across(propagator.medium()),
        shots_across(propagator.medium(), driven),
        steps,
        {driven, sources.options(), wave::Side::source, *engine, grid, steps},
        {recorded, receivers.options(), wave::Side::receiver, *engine, grid, steps},
        std::make_shared<ScratchPool<wave::ShotWorkspace<T>>>(),
        std::make_shared<typename OrderedSum<T>::Pool>(),
        propagator.options().after_shot,
        shots_at_once(propagator.options())});
}

/// What drives a shot: its traces at its points; or one of them over the model, with weights for every shot, those that
/// this rank fills.
template <Scalar T>
wave::Input<T> driving(const wave::ShotSetup<T>& setup, index_t shot, wave::ShotWorkspace<T>& w,
                       const DistributedArray<T>& traces, const DistributedArray<T>* weights) {
    setup.sources.to_steps(shot, traces.data(), w.driven);
    wave::Input<T> input{&setup.sources.shot(shot), w.driven.data()};
    const index_t before = shot - setup.sources.geometry.first_shot();
    if (weights) input.weights = weights->data() + before * setup.engine->filled_size();
    return input;
}

template <Scalar T>
void record(const wave::ShotSetup<T>& s, const DistributedArray<T>& q,
            const DistributedArray<T>* weights, DistributedArray<T>& d) {
    for_each_batch<wave::ShotRun<T>>(
        s, 1,
        [&](index_t shot, wave::ShotWorkspace<T>& w) {
            return recording(s, shot, w, driving(s, shot, w, q, weights));
        },
        [&](auto runs) { s.engine->forward(runs, s.steps.samples); },
        [&](index_t shot, wave::ShotWorkspace<T>& w) {
            s.receivers.from_steps(shot, w.recorded, d.data());
        });
}

}  // namespace

// ---- modelling --------------------------------------------------------------------------------

template <Scalar T>
Modeling<T>::Modeling(const Projection<T>& receivers, const Propagator<T>& propagator,
                      const Projection<T>& sources)
    : Modeling{propagator, make_setup(receivers, propagator, sources)} {}

template <Scalar T>
Modeling<T>::Modeling(Propagator<T> propagator, std::shared_ptr<const wave::ShotSetup<T>> setup)
    : Operator<Modeling, DistributedSpace<T>>{setup->sources.geometry.template space<T>(),
                                              setup->receivers.geometry.template space<T>()},
      propagator_{std::move(propagator)},
      setup_{std::move(setup)} {}

template <Scalar T> const TimeAxis& Modeling<T>::steps() const { return setup_->steps; }

template <Scalar T> Modeling<T> Modeling<T>::at(const DistributedArray<T>& parameters) const {
    auto propagator = propagator_.with(medium().with(parameters));
    auto setup = std::make_shared<wave::ShotSetup<T>>(*setup_);
    setup->engine =
        propagator.engine(setup_->steps.interval, setup_->engine->problem().layer_velocity);
    return {std::move(propagator), std::move(setup)};
}

template <Scalar T>
void Modeling<T>::forward(const DistributedArray<T>& q, DistributedArray<T>& d) const {
    record<T>(*setup_, q, nullptr, d);
}

template <Scalar T>
void Modeling<T>::adjoint(const DistributedArray<T>& d, DistributedArray<T>& q) const {
    const auto& s = *setup_;
    for_each_batch<wave::ShotRun<T>>(
        s, 1,
        [&](index_t shot, wave::ShotWorkspace<T>& w) {
            s.receivers.to_steps(shot, d.data(), w.recorded);
            resize_for(w.driven, s.sources.shot(shot), s.steps.samples);
            return wave::ShotRun<T>{&w.fields,
                                    {&s.receivers.shot(shot), w.recorded.data()},
                                    {&s.sources.shot(shot), w.driven.data()}};
        },
        [&](auto runs) { s.engine->adjoint(runs, s.steps.samples); },
        [&](index_t shot, wave::ShotWorkspace<T>& w) {
            s.sources.from_steps(shot, w.driven, q.data());
        });
}

// ---- Born modelling ---------------------------------------------------------------------------

namespace {

template <Scalar T> wave::HistoryPlan plan_of(const wave::Engine<T>& engine, const History& history,
                                              index_t steps, index_t every) {
    if (history.reversal && history.frequencies.empty()) {
        if (history.storage != History::Storage::full || !history.folder.empty())
            throw ArgumentError{"a history that runs backwards, and in 16 bits or in a folder",
                                {.expected = "one of these"}};
        return engine.plan_reversal(steps, every, {history.memory});
    }
    if (history.frequencies.empty())
        return engine.plan(steps, every, {history.memory, !history.folder.empty(), history.disk},
                           history.storage);
    if (history.storage != History::Storage::full || !history.folder.empty() || history.reversal)
        throw ArgumentError{
            "a history at some frequencies, and in 16 bits, reversed or in a folder",
            {.expected = "one of these"}};
    return engine.plan_frequencies(steps, every, history.frequencies, {history.memory});
}

}  // namespace

template <Scalar T>
Jacobian<T>::Jacobian(const Modeling<T>& modeling, const DistributedArray<T>& q,
                      const History& history)
    : Operator<Jacobian, DistributedSpace<T>>{modeling.medium().space(), modeling.range()},
      setup_{modeling.setup()},
      q_{std::make_shared<const DistributedArray<T>>(q)},
      folder_{history.folder} {
    detail::check_domain(modeling, q);
    const index_t steps = modeling.steps().samples;
    const index_t every = modeling.propagator().comb(history, modeling.steps().interval);
    if (every >= steps)
        throw ArgumentError{
            "a history of every " + std::to_string(every) + "th step",
            {.expected = "fewer than the " + std::to_string(steps) + " steps of the propagation",
             .found = std::to_string(every)}};
    plan_ =
        std::make_shared<const wave::HistoryPlan>(plan_of(*setup_->engine, history, steps, every));
}

template <Scalar T>
Jacobian<T>::Jacobian(const ExtendedModeling<T>& modeling, const DistributedArray<T>& weights,
                      const History& history)
    : Jacobian{modeling.at_points(), modeling.sources().wavelets(), history} {
    detail::check_domain(modeling, weights);
    weights_ = std::make_shared<const DistributedArray<T>>(
        modeling.filled() ? *modeling.filled() * weights : weights);
}

template <Scalar T> index_t Jacobian<T>::every() const { return plan_->every; }

template <Scalar T> std::size_t Jacobian<T>::history_bytes() const {
    return plan_->bytes(setup_->engine->increment_bytes(plan_->storage),
                        setup_->engine->state_bytes());
}

template <Scalar T> std::string Jacobian<T>::history() const {
    return plan_->str(setup_->engine->increment_bytes(plan_->storage),
                      setup_->engine->state_bytes());
}

template <Scalar T>
void Jacobian<T>::forward(const DistributedArray<T>& dm, DistributedArray<T>& dd) const {
    const auto& s = *setup_;
    const wave::Extended<T> held{s.halo ? &*s.halo : nullptr, dm};
    const T* perturbation = (*held).data();
    for_each_batch<wave::ShotRun<T>>(
        s, 2,
        [&](index_t shot, wave::ShotWorkspace<T>& w) {
            return recording(s, shot, w, driving(s, shot, w, *q_, weights_.get()));
        },
        [&](auto runs) { s.engine->born(runs, perturbation, s.steps.samples, *plan_); },
        [&](index_t shot, wave::ShotWorkspace<T>& w) {
            s.receivers.from_steps(shot, w.recorded, dd.data());
        });
}

template <Scalar T>
void Jacobian<T>::adjoint(const DistributedArray<T>& dd, DistributedArray<T>& dm) const {
    const auto& s = *setup_;
    OrderedSum<T> image{s.across, s.shots, dm.size(), s.images};
    for_each_batch<wave::ImageRun<T>>(
        s, 2,
        [&](index_t shot, wave::ShotWorkspace<T>& w) {
            const auto input = driving(s, shot, w, *q_, weights_.get());
            s.receivers.to_steps(shot, dd.data(), w.recorded);
            w.image.assign(static_cast<std::size_t>(dm.size()), T{});
            return wave::ImageRun<T>{
                &w.fields, input, {&s.receivers.shot(shot), w.recorded.data()}, w.image.data()};
        },
        [&](auto runs) { s.engine->born_adjoint(runs, s.steps.samples, *plan_, folder_); },
        [&](index_t, wave::ShotWorkspace<T>& w) { image.add(w.image.data()); });
    image.finish(dm.data());
}

// ---- sources over the model -------------------------------------------------------------------

namespace {

template <Scalar T> Modeling<T> modeling_at_points(const Projection<T>& receivers,
                                                   const Propagator<T>& propagator,
                                                   const WaveletProjection<T>& sources) {
    const WaveMedium<T>& medium = propagator.medium();
    sources.check_grid(medium.grid());
    const Partition shares = wave::shares_of_grids(medium, sources.at_points().points(), 1);
    const int ranks = medium.communicator().size();
    if (!(sources.range().partition() == shares))
        throw SpaceError{"a source over a model that ranks share otherwise",
                         {.expected = "weights " + shares.str(ranks),
                          .found = sources.range().partition().str(ranks),
                          .remedy = "WaveletProjection{medium, shots, wavelets}"}};
    return {receivers, propagator, sources.at_points()};
}

}  // namespace

template <Scalar T>
ExtendedModeling<T>::ExtendedModeling(const Projection<T>& receivers,
                                      const Propagator<T>& propagator,
                                      const WaveletProjection<T>& sources)
    : ExtendedModeling{modeling_at_points(receivers, propagator, sources), sources, nullptr} {
    filled_ = wave::filled_planes(*at_points_.setup()->engine, sources_.range(), 1);
}

template <Scalar T>
ExtendedModeling<T>::ExtendedModeling(Modeling<T> at_points, WaveletProjection<T> sources,
                                      std::shared_ptr<const Halo<T>> filled)
    : Operator<ExtendedModeling, DistributedSpace<T>>{sources.range(), at_points.range()},
      at_points_{std::move(at_points)},
      sources_{std::move(sources)},
      filled_{std::move(filled)} {}

template <Scalar T>
ExtendedModeling<T> ExtendedModeling<T>::at(const DistributedArray<T>& parameters) const {
    return {at_points_.at(parameters), sources_, filled_};
}

template <Scalar T>
void ExtendedModeling<T>::forward(const DistributedArray<T>& weights,
                                  DistributedArray<T>& d) const {
    const wave::Extended<T> held{filled_.get(), weights};
    record(*at_points_.setup(), sources_.wavelets(), &*held, d);
}

template <Scalar T>
void ExtendedModeling<T>::adjoint(const DistributedArray<T>& d,
                                  DistributedArray<T>& weights) const {
    const auto& s = *at_points_.setup();
    for_each_shot(s, 1, [&](index_t shot, wave::ShotWorkspace<T>& w) {
        s.receivers.to_steps(shot, d.data(), w.recorded);
        s.sources.to_steps(shot, sources_.wavelets().data(), w.driven);
        T* here =
            weights.data() + (shot - s.sources.geometry.first_shot()) * s.engine->model_size();
        s.engine->adjoint(w.fields, {&s.receivers.shot(shot), w.recorded.data()},
                          {&s.sources.shot(shot), here, false, w.driven.data()}, s.steps.samples);
    });
}

template class Modeling<float>;
template class Modeling<double>;
template class Jacobian<float>;
template class Jacobian<double>;
template class ExtendedModeling<float>;
template class ExtendedModeling<double>;

}  // namespace lop
