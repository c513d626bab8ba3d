/// Transforms of wavefields, shot by shot through the engine.
#include <lop/operators/wave/spectra.hpp>

#include "setup.hpp"
#include <lop/core/error.hpp>

namespace lop {
namespace {

constexpr int axis_x = 3;  // of [shots x frequencies x 2 x grid]

template <Scalar T> DistributedSpace<T> spectra_space(const Modeling<T>& modeling,
                                                      std::size_t frequencies) {
    const Geometry& shots = modeling.setup()->sources.geometry;
    const Grid& grid = modeling.medium().grid();
    std::vector<index_t> extents{shots.shot_count(), static_cast<index_t>(frequencies), 2};
    for (int axis = 0; axis < grid.dimension(); ++axis) extents.push_back(grid.shape()[axis]);
    return {"spectra", Shape{std::span<const index_t>{extents}}, shots.communicator(),
            wave::shares_of_grids(modeling.medium(), shots, axis_x)};
}

}  // namespace

template <Scalar T>
Spectra<T>::Spectra(const Modeling<T>& modeling, std::vector<double> frequencies, index_t every)
    : Operator<Spectra, DistributedSpace<T>>{modeling.domain(),
                                             spectra_space(modeling, frequencies.size())},
      setup_{modeling.setup()},
      frequencies_{std::move(frequencies)} {
    const wave::Engine<T>& engine = *setup_->engine;
    const index_t comb = modeling.propagator().comb({.every = every, .frequencies = frequencies_},
                                                    setup_->steps.interval);
    // One level more than steps.
    plan_ = std::make_shared<const wave::HistoryPlan>(
        engine.plan_frequencies(setup_->steps.samples + 1, comb, frequencies_));
    auto receiver = std::make_shared<wave::PlacedPoints>();
    for (const wave::Part& part : wave::port_of(engine.physics(), wave::Side::receiver, {}).parts) {
        if (part.derivative >= 0)
            throw ArgumentError{"spectra of a receiver of derivatives",
                                {.expected = "an equation whose first receiver reads fields"}};
        receiver->parts.push_back({part, {}});
    }
    receiver_ = std::move(receiver);
    filled_ = wave::filled_planes(engine, this->range(), axis_x);
}

template <Scalar T> index_t Spectra<T>::every() const { return plan_->every; }

template <Scalar T>
void Spectra<T>::forward(const DistributedArray<T>& q, DistributedArray<T>& u) const {
    const auto& s = *setup_;
    const index_t size = static_cast<index_t>(2 * frequencies_.size()) * s.engine->model_size();
    for_each_shot(s, 1, [&](index_t shot, wave::ShotWorkspace<T>& w) {
        s.sources.to_steps(shot, q.data(), w.driven);
        s.engine->transform(w.fields, {&s.sources.shot(shot), w.driven.data()}, *receiver_,
                            u.data() + (shot - s.sources.geometry.first_shot()) * size,
                            s.steps.samples, *plan_);
    });
}

template <Scalar T>
void Spectra<T>::adjoint(const DistributedArray<T>& u, DistributedArray<T>& q) const {
    const auto& s = *setup_;
    const wave::Extended<T> held{filled_.get(), u};
    const T* driving = (*held).data();
    const index_t size = static_cast<index_t>(2 * frequencies_.size()) * s.engine->filled_size();
    for_each_shot(s, 1, [&](index_t shot, wave::ShotWorkspace<T>& w) {
        resize_for(w.driven, s.sources.shot(shot), s.steps.samples);
        s.engine->transform_adjoint(
            w.fields, *receiver_, driving + (shot - s.sources.geometry.first_shot()) * size,
            {&s.sources.shot(shot), w.driven.data()}, s.steps.samples, *plan_);
        s.sources.from_steps(shot, w.driven, q.data());
    });
}

template class Spectra<float>;
template class Spectra<double>;

}  // namespace lop
